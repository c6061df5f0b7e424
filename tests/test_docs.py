"""What the documents promise exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = [
    (page, name)
    for page in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    for name in re.findall(r"`(tests/[\w/.-]+(?:::\w+)?)`", page.read_text())
]


def test_tests_are_named_in_the_documents():
    assert len(NAMED) > 40


@pytest.mark.parametrize(("page", "name"), NAMED, ids=[f"{p.name}-{n}" for p, n in NAMED])
def test_every_test_named_in_a_document_exists(page, name):
    file, _, test = name.partition("::")

    assert (ROOT / file).exists()
    assert not test or f"def {test}(" in (ROOT / file).read_text()


def test_every_link_between_documents_leads_somewhere():
    for page in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]:
        for link in re.findall(r"\]\(([\w./-]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
