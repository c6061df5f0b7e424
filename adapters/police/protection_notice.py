"""Reads public protection notices (PPN, Merlin, CCN) from a force's CSV export, by the force's column map."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from adapters.childhood import OF_AGE, of_a_child
from adapters.days import moment
from adapters.format import Finding, Format, Sender, Untranslatable
from adapters.identifiers import as_code, local_identifier, nhs_identifier
from adapters.police.column_map import ColumnMap, load_map
from adapters.record import BadRecord, say, source_id
from adapters.times import birth_date, happened
from schemas.case_event import CaseEvent, Identifier, PersonName, SourceRecord
from schemas.police import ProtectionNotice
from schemas.vocabulary import Agency

MAX_LINE = 200_000
MAX_BEFORE_HEADINGS = 20
"""How many rows of instructions may stand above the headings."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the headings: what stands under each column of the map; empty where nothing does."""

    line: int
    cells: dict[str, str]
    sha256: str

    def __getitem__(self, column: str) -> str:
        """The cell of one of the map's columns."""
        return self.cells.get(column, "")


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """One event a row. `sender.settings` names the force's column map; without it the shipped one is used.

    Raises Untranslatable: as `load_map` does; `empty-file`, `encoding-not-accepted`, `no-headings`.
    """
    force = load_map(sender.settings)
    for row in _rows(file, force):
        if isinstance(row, Finding):
            yield row
            continue
        yield from _warnings(row, force)
        yield say(f"line {row.line}", lambda row=row: _notice(row, force, sender))  # type: ignore[misc]


def _notice(row: Row, force: ColumnMap, sender: Sender) -> CaseEvent:
    when = happened(moment(row["occurred"], force.dates, "occurred"), sender.read_at, "occurred")
    identifiers = _identifiers(row, force)
    born = (
        birth_date(moment(row["born"], force.dates, "born"), sender.read_at, "born") if row["born"] else None
    )
    if born is not None:
        of_a_child(born, when.at, "born", under=OF_AGE)
    first = hashlib.sha256(f"{identifiers[0].system}/{identifiers[0].value}".encode()).hexdigest()[:16]
    said: dict[str, Any] = (
        {"name": PersonName(family=row["family"], given=row["given"])} if row["family"] else {}
    )
    part = force.parts.get(row["part"].casefold())
    if part is not None:
        said["part"] = part
    return ProtectionNotice(
        agency=Agency.POLICE,
        system=sender.system,
        source_event_id=source_id(force.force, "notice", row["reference"], first),
        organisation=sender.organisation,
        identifiers=identifiers,
        date_of_birth=born,
        postcode=row["postcode"] or None,
        address=row["address"] or None,
        occurred_at=when.at,
        precision=when.precision,
        incident=Identifier(f"police-notice:{force.force}", row["reference"]),
        recorder_role=row["role"] or None,
        concern_category=_category(row, force),
        rag=force.grades.get(row["grade"].casefold()),
        grade_as_sent=as_code(row["grade"]),
        summary=_summary(row, force),
        action_taken=row["action"] or None,
        child_words=row["child_words"] or None,
        reported_by=row["reported_by"] or None,
        source=SourceRecord(row.sha256, f"line {row.line}"),
        **said,
    )


def _identifiers(row: Row, force: ColumnMap) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    if row["nominal"]:
        found.append(local_identifier("police", force.force, row["nominal"], "nominal"))
    if row["nhs_number"] and _good_nhs_number(row):
        found.append(nhs_identifier(row["nhs_number"], "nhs_number"))
    if not found:
        raise BadRecord("no-identifier", "nominal")
    return tuple(found)


def _good_nhs_number(row: Row) -> bool:
    try:
        nhs_identifier(row["nhs_number"], "nhs_number")
    except BadRecord:
        return False
    return True


def _category(row: Row, force: ColumnMap) -> str | None:
    return force.categories.get(row["category"].casefold()) or as_code(row["category"])


def _summary(row: Row, force: ColumnMap) -> str | None:
    """The circumstances; before them the force's category where it is no code, so that no word is lost."""
    worded = row["category"] if _category(row, force) is None else ""
    return "; ".join(text for text in (worded, row["summary"]) if text) or None


def _warnings(row: Row, force: ColumnMap) -> Iterator[Finding]:
    """What of a row is taken in part only: an unknown word of the force stands as sent, or is left out."""
    place = f"line {row.line}"
    if any("\ufffd" in cell for cell in row.cells.values()):
        yield Finding(place, "undecodable-character", refused=False)
    if row["grade"] and row["grade"].casefold() not in force.grades:
        yield Finding(place, "unknown-grade", "grade", refused=False)
    if row["category"] and _category(row, force) is None:
        yield Finding(place, "unknown-category", "category", refused=False)
    if row["part"] and row["part"].casefold() not in force.parts:
        yield Finding(place, "unknown-part", "part", refused=False)
    if row["nhs_number"] and not _good_nhs_number(row):
        yield Finding(place, "invalid-nhs-number", "nhs_number", refused=False)


def _rows(file: BinaryIO, force: ColumnMap) -> Iterator[Row | Finding]:
    reader = csv.reader(_texts(file), delimiter=force.delimiter)
    places: dict[str, int] = {}
    width, before = 0, 0
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            break
        except csv.Error:
            yield Finding(f"line {reader.line_num}", "unreadable-row")
            continue
        if not any(cells):
            continue
        if places:
            yield _row(cells, places, width, reader.line_num)
            continue
        places, width, before = _headings(cells, force), len(cells), before + 1
        if places:
            yield from _columns_apart(cells, places, force, reader.line_num)
        elif before > MAX_BEFORE_HEADINGS:
            break
    if not places:
        raise Untranslatable(Finding("document", "no-headings" if before else "empty-file"))


def _headings(cells: list[str], force: ColumnMap) -> dict[str, int]:
    """Where each column of the map stands, if this row has the headings without which nothing can be said."""
    standing = {cell.casefold(): number for number, cell in reversed(list(enumerate(cells)))}
    named = {k: v for k, v in force.columns.model_dump().items() if v is not None}
    found = {
        name: standing[heading.casefold()]
        for name, heading in named.items()
        if heading.casefold() in standing
    }
    return found if {"reference", "occurred"} <= found.keys() else {}


def _columns_apart(
    cells: list[str], places: dict[str, int], force: ColumnMap, line: int
) -> Iterator[Finding]:
    """Columns the map names and the file has not; how many the file has and the map does not name."""
    named = {k for k, v in force.columns.model_dump().items() if v is not None}
    for missing in sorted(named - places.keys()):
        yield Finding(f"line {line}", "column-missing", missing, refused=False)
    unused = sum(1 for cell in cells if cell) - len(places)
    if unused > 0:
        yield Finding(f"line {line} ({unused} of them)", "unused-column", refused=False)


def _row(cells: list[str], places: dict[str, int], width: int, line: int) -> Row | Finding:
    """A row with too few or too many cells could say one column's words under another's heading."""
    if len(cells) != width:
        return Finding(f"line {line}", "wrong-number-of-cells")
    digest = hashlib.sha256("\x1f".join(cells).encode()).hexdigest()
    return Row(line, {name: cells[number] for name, number in places.items()}, digest)


def _texts(file: BinaryIO) -> Iterator[str]:
    """The lines as text: UTF-8, or cp1252 as older exports are; what is neither becomes U+FFFD."""
    first = True
    while raw := file.readline(MAX_LINE):
        if first and (b"\0" in raw or raw.startswith((b"\xff\xfe", b"\xfe\xff"))):
            raise Untranslatable(Finding("document", "encoding-not-accepted"))
        text = _text(raw.removeprefix(b"\xef\xbb\xbf") if first else raw)
        first = False
        yield text


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


FORMAT = Format(
    name="police.protection-notice",
    agency=Agency.POLICE,
    kind="message",
    about="Public protection notices of a force: CSV, read by the force's column map (TOML)",
    sample=Path(__file__).with_name("protection_notice.sample.csv"),
    translate=translate,
)
