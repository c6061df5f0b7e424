"""Reads a school's safeguarding log as the common products export it (CSV), by a map of its columns.

No product publishes its export's form and every school's report differs, so the map is the school's own
(`Sender.settings`); without one, the bundled map whose headings the file has. UTF-8, else Windows-1252, row
by row. Rows above the headings and rows of instructions are named and passed over.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.csv_records import CsvRow, CsvRows
from adapters.format import Finding, Format, Sender, Untranslatable
from adapters.record import once
from adapters.schools.log_map import LogMap, bundled_maps, read_map, squeezed
from adapters.schools.log_row import LogRow
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency

HEADER_WITHIN = 20
"""Rows that may stand above the headings: titles, who exported it, when."""
_INSTRUCTION = re.compile(r"(required|optional|mandatory|format)\b", re.IGNORECASE)


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Every entry of the log, and findings by line.

    Raises Untranslatable where there is no map that fits (`header-not-found`), the map itself is wrong
    (`bad-column-map`, with its line), or the file is not text (`encoding-not-accepted`).
    """
    yield from once(_translate(file, sender))


def _translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    maps = (read_map(sender.settings),) if sender.settings else bundled_maps()
    rows = CsvRows(file, maps[0].delimiter)
    source = iter(rows)
    above, headings, chosen = _headings(source, maps)
    rows.width, rows.delimiter = len(headings), chosen.delimiter
    at = _places(headings, chosen)
    if above:
        yield Finding(f"line {above}", "rows-above-headings", refused=False)
    for name, heading in chosen.columns.all.items():
        if name not in at:
            yield Finding("headings", "missing-column", heading, refused=False)
    fallback = False
    for row in source:
        if row.fallback and not fallback:
            fallback = True
            yield Finding(f"line {row.line}", "read-as-windows-1252", refused=False)
        yield from _row(row, LogRow(row, chosen, at, sender), len(headings))


def _headings(source: Iterator[CsvRow], maps: tuple[LogMap, ...]) -> tuple[int, tuple[str, ...], LogMap]:
    """The line of the first row above the headings (0: none), the headings, and the map they are of."""
    above = 0
    for number, row in enumerate(source):
        if number >= HEADER_WITHIN:
            break
        headings = tuple(map(squeezed, row.cells or ()))
        for one in maps:
            if {squeezed(heading) for heading in one.columns.needed.values()} <= set(headings):
                return above, headings, one
        above = above or row.line
    raise Untranslatable(Finding("headings", "header-not-found"))


def _places(headings: tuple[str, ...], chosen: LogMap) -> dict[str, int]:
    """Where each column of the map stands. Raises Untranslatable where a heading stands twice."""
    at: dict[str, int] = {}
    for name, heading in chosen.columns.all.items():
        times = headings.count(squeezed(heading))
        if times > 1:
            raise Untranslatable(Finding("headings", "repeated-column", heading))
        if times:
            at[name] = headings.index(squeezed(heading))
    return at


def _row(row: CsvRow, read: LogRow, width: int) -> Iterator[CaseEvent | Finding]:
    if row.cells is None:
        yield Finding(read.place, row.code or "not-csv")
    elif _is_instruction(row.cells, read.cell("logged") or ""):
        yield Finding(read.place, "instruction-row", refused=False)
    elif len(row.cells) != width:
        yield Finding(read.place, "wrong-number-of-cells")
    else:
        yield from read.events()


def _is_instruction(cells: tuple[str, ...], logged: str) -> bool:
    """A row that tells how to fill the others in: it asks for things and has no day in it."""
    return any(map(_INSTRUCTION.match, cells[:2])) and not any(map(str.isdigit, logged))


FORMAT = Format(
    name="schools.safeguarding-log",
    agency=Agency.SCHOOLS,
    kind="message",
    about="A school's safeguarding log as its product exports it (CSV), by a map of its columns",
    sample=Path(__file__).with_name("safeguarding_log.sample.csv"),
    translate=translate,
)
