"""On which line of a pack's file a thing stands, so that who wrote it is told where to look."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
Place = tuple[str | int, ...]
HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r'^\s*(?:"([^"]+)"|([A-Za-z0-9_.-]+))\s*=\s*(.*)$')
ELEMENT = re.compile(r'^\s*[{"\[]')


def lines_of(text: str) -> dict[Place, int]:
    """The line of every table, key, and list element that stands on a line of its own.

    The text is known to be TOML. Inside a list that goes on over lines each element counts that begins one.
    """
    return dict(_lines(text.splitlines()))


def nearest(known: Mapping[Place, T], place: Sequence[str | int]) -> T | None:
    """What is known of a place, or of the nearest that holds it."""
    within = (tuple(place[:length]) for length in range(len(place), 0, -1))
    return next((known[one] for one in within if one in known), None)


def _lines(text: Sequence[str]) -> Iterator[tuple[Place, int]]:
    table: Place = ()
    counts: dict[Place, int] = {}
    inside: Place | None = None
    element = depth = 0
    for number, line in enumerate(text, 1):
        if inside is not None:
            if ELEMENT.match(line) and depth == 1:
                yield (*inside, element), number
                element += 1
            depth += _opens(line)
            inside = inside if depth > 0 else None
        elif header := HEADER.match(line):
            table = _table(header, counts)
            yield table, number
        elif key := KEY.match(line):
            place = (*table, *(key[1] or key[2]).split("."))
            yield place, number
            depth, element = _opens(key[3]), 0
            inside = place if depth > 0 else None


def _table(header: re.Match[str], counts: dict[Place, int]) -> Place:
    """The place of a table; one of a list of tables is the next of its list."""
    place: Place = ()
    *outer, last = header[2].split(".")
    for name in outer:
        place = (*place, name)
        if place in counts:
            place = (*place, counts[place])
    place = (*place, last)
    if header[1] == "[[":
        counts[place] = counts.get(place, -1) + 1
        place = (*place, counts[place])
    return place


def _opens(line: str) -> int:
    """How many lists and tables a line leaves open; what stands in quotes or a remark does not count."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line).split("#")[0]
    return bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
