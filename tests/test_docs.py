"""What the documents promise exists."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

import adapters.__main__
import hub.__main__

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


PROGRAMS = {"hub": get_command(hub.__main__.app), "hub-publish": get_command(adapters.__main__.app)}
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]


def typed(text):
    """The commands of a page: in a block, or between backquotes; without what is said after a hash."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`((?:hub|hub-publish) [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    for line in lines:
        said = re.search(r"(?:^|\s)(hub|hub-publish)\s+([^#;|]*)", line.split("  #")[0])
        if said and not re.search(r"\b(pip|docker|user|server_name|name|client_id)\b", line[: said.start(1)]):
            yield said[1], re.sub(r'"[^"]*"', "TEXT", said[2]).replace("[-", "-").split()


def wrong(program, words):
    """What of this there is not: a command, or an option of it."""
    command = PROGRAMS[program]
    for word in words:
        here = getattr(command, "commands", {})
        if word in here:
            command = here[word]
        elif word.startswith("--"):
            options = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
            if word.split("=")[0].rstrip("]") not in options | {"--help", "--data"}:
                yield word
        elif here and re.fullmatch(r"[a-z][a-z-]*", word) and words[words.index(word) - 1] != "--data":
            yield word
            return


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_a_document_can_be_typed(page):
    commands = list(typed(page.read_text()))

    assert commands or page.name not in {"README.md", "operating.md"}
    assert [] == [f"{name} {' '.join(words)}: {no}" for name, words in commands for no in wrong(name, words)]
