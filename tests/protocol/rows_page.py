"""Writes docs/protocol-rows.md from the shipped pack: each row, its line, what the hub does, its tests (`make rows`)."""

import re
from collections.abc import Iterator
from pathlib import Path

from hub.patterns.catalogue import CATALOGUE
from hub.protocol.clock import LENGTHS, Clock
from hub.protocol.pack import Pack
from hub.protocol.packs import load
from hub.protocol.rows import Row
from tests.protocol.asked import ROWS as ASKED
from tests.protocol.asked import named

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "protocol-rows.md"
ROWS = [f"R{n}" for n in range(1, 135)]
QUIRKS = [f"Q{n}" for n in range(1, 13)]
CLOCKS = [f"C{n}" for n in range(1, 21)]
HEAD = """# The protocol's rows

Every obligation of the {source} ({partnership}; `L85` is its line 85), what the hub does about it, and the test that
fails without it. Written from the procedure pack `{name}` by `make rows`; a test checks that it is current.

*clock*: due by a time · *checklist*: asked until it is recorded · *invariant*: must hold, or a reason is asked for ·
*prompt*: a question to a person · *access*: kept from somebody · *vocabulary*: codes in the guidance's words · *text*:
what is said and how. Nothing here stops anybody: where people depart from the guidance, the hub asks why.
"""


def named_tests() -> dict[str, list[str]]:
    """The tests of the protocol's room by the row, quirk or clock they are named after."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "tests/protocol").glob("test_*.py")):
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE):
            for letter, number in re.findall(r"_([rqc])(\d{1,3})(?=_)", name):
                found.setdefault(f"{letter.upper()}{int(number)}", []).append(f"{file.stem}::{name}")
    for row in ASKED:
        found.setdefault(row, []).append(f"test_asked[{named(row)}…]")
    kept = (ROOT / "tests/protocol/test_kept.py").read_text()
    for row in re.findall(r'^    "(R\d+)": "', kept, re.MULTILINE):
        found.setdefault(row, []).append(f"test_kept::test_a_row_names_what_keeps_it[{named(row)}]")
    for clock in re.findall(r'id="(c\d+)"', kept):
        found.setdefault(clock.upper(), []).append(f"test_kept[{clock}]")
    return found


def page(pack: Pack) -> str:
    """The page as it should be."""
    tests = named_tests()
    head = HEAD.format(source=pack.source, partnership=pack.partnership, name=pack.name)
    return "\n".join([head, *_rows(pack, tests), *_cannot(pack), *_clocks(pack, tests), *_quirks(tests), ""])


def _rows(pack: Pack, tests: dict[str, list[str]]) -> Iterator[str]:
    section = None
    for row in sorted(pack.rows, key=lambda r: int(r.id[1:])):
        if pack.section_of(row) != section:
            section = pack.section_of(row)
            yield f"\n## {section}\n\n| row | line | asks | what the hub does | tests |\n|---|---|---|---|---|"
        yield f"| {row.id} | {row.line} | {row.title} | {_does(row, pack)} | {_named(tests.get(row.id, []))} |"
    missing = [id_ for id_ in ROWS if id_ not in {row.id for row in pack.rows}]
    if missing:
        yield f"\nNot there yet, {len(missing)} rows: {', '.join(missing)}."


def _does(row: Row, pack: Pack) -> str:
    clocks = {ask.within: ask.mark for ask in row.asks if ask.within}
    said = [
        f"**{row.kind.value}**",
        *(f"{length(pack.clocks[name])} [{pack.clocks[name].mark}]" for name in clocks),
    ]
    there = {rule.code for rule in CATALOGUE}
    said += (
        [f"patterns {', '.join(r if r in there else f'{r} (not built yet)' for r in row.rules)}"]
        if row.rules
        else []
    )
    said += [f"codes: {', '.join(row.vocabularies)}"] if row.vocabularies else []
    said += [one for one in (row.access, row.text) if one]
    return "; ".join(said)


def length(clock: Clock) -> str:
    """A clock's length in words."""
    unit = next(unit for unit in LENGTHS if getattr(clock, unit) is not None)
    return "the same day" if unit == "same_day" else f"{getattr(clock, unit)} {unit.replace('_', ' ')}"


def _cannot(pack: Pack) -> Iterator[str]:
    yield "\n## What the hub cannot do, and why\n"
    for row in pack.rows:
        if row.cannot:
            yield f"- **{row.id}** ({row.line}): {row.cannot}"


def _clocks(pack: Pack, tests: dict[str, list[str]]) -> Iterator[str]:
    yield "\n## The clocks\n\nMarks: D the guidance, P our proposal, S a source, M from memory: to be checked.\n"
    yield "| clock | in the pack | length | basis | rows | tests |\n|---|---|---|---|---|---|"
    for id_ in CLOCKS:
        named = {n: c for n, c in pack.clocks.items() if c.basis.partition(";")[0] == id_}
        rows = {
            name: [row.id for row in pack.rows if any(a.within == name for a in row.asks)] for name in named
        }
        for name, clock in named.items():
            basis = f"{clock.basis.partition('; ')[2] or clock.basis} [{clock.mark}]"
            used = ", ".join(rows[name]) or "none"
            yield f"| {id_} | `{name}` | {length(clock)} | {basis} | {used} | {_named(tests.get(id_, []))} |"
        if not named:
            yield f"| {id_} | | set by people | | | {_named(tests.get(id_, []))} |"


def _quirks(tests: dict[str, list[str]]) -> Iterator[str]:
    yield "\n## The guidance's quirks\n\n| quirk | tests |\n|---|---|"
    for id_ in QUIRKS:
        yield f"| {id_} | {_named(tests.get(id_, []))} |"


def _named(tests: list[str]) -> str:
    return ", ".join(f"`{t}`" for t in tests)


if __name__ == "__main__":
    PAGE.write_text(page(load()))
