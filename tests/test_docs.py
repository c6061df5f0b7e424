"""What the documents promise exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = [
    (page, name)
    for page in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]
    for name in re.findall(r"`(tests/[\w/.-]+(?:::\w+)?)`", page.read_text())
]


def test_tests_are_named_in_the_documents():
    assert len(NAMED) > 40


def missing(name):
    file, _, test = name.partition("::")
    return not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text())


def test_every_test_named_in_a_document_exists():
    assert [f"{page.name}: {name}" for page, name in NAMED if missing(name)] == []


def test_every_link_between_documents_leads_somewhere():
    for page in [*ROOT.glob("docs/**/*.md"), ROOT / "README.md"]:
        for link in re.findall(r"\]\(([\w./-]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
