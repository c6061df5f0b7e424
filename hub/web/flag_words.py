"""The plain lines of a flag under headings: its evidence, who alone saw what, what answers it, the rule."""

from collections.abc import Iterable
from typing import NamedTuple

EVIDENCE = "What it stands on"
ALONE = "What each agency alone would have seen"
PROTECTS = "What protects"
ANSWER = "What would answer it"
RULE = "The rule, its source and its numbers"
WITHHELD = "What is not yours to read"
ORDER = (EVIDENCE, ALONE, PROTECTS, ANSWER, RULE, WITHHELD)
_STANDING = 3
"""The first lines say the rule's name, what a flag is, and its question: they stand on its card already."""
_BEGINS = {
    "Severity ": RULE,
    "What protects: ": PROTECTS,
    "It would be answered by: ": ANSWER,
    "Source: ": RULE,
    "Part of what stands behind this": WITHHELD,
}
_HOLDS = {" alone: ": ALONE, " holds an entry that belongs here; ring ": WITHHELD}


class Part(NamedTuple):
    """One heading and its lines."""

    heading: str
    lines: tuple[str, ...]


def parts(lines: Iterable[str]) -> list[Part]:
    """The lines of `hub.patterns.explain` under headings. None is lost: what is not known is evidence.

    From the source on, everything is of the rule, but for what is withheld.
    """
    found: dict[str, list[str]] = {heading: [] for heading in ORDER}
    of_rule = False
    for line in list(lines)[_STANDING:]:
        heading = _heading(line)
        found[heading or (RULE if of_rule else EVIDENCE)].append(line)
        of_rule = of_rule or line.startswith("Source: ")
    return [Part(heading, tuple(found[heading])) for heading in ORDER if found[heading]]


def _heading(line: str) -> str | None:
    begins = next((heading for words, heading in _BEGINS.items() if line.startswith(words)), None)
    return begins or next((heading for words, heading in _HOLDS.items() if words in line), None)
