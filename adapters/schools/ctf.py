"""Reads the Common Transfer File (CTF): what one school sends another about pupils who move.

It carries school history, attendance, special educational needs and whether a pupil is in care; it carries
no concerns. An Admissions Transfer File, or any other root, is refused as a whole.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

from lxml.etree import _Element as Element

from adapters.days import LONDON
from adapters.format import Finding, Format, Sender, Untranslatable
from adapters.record import BadRecord, once
from adapters.schools.ctf_pupil import known_pupil
from adapters.schools.ctf_says import School, attendance, in_care, moves, school_of, support
from adapters.xml_records import XmlRecord, child_text, only, xml_records
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency

PATHS = {"CTfile/Header": "Header", "CTfile/CTFpupilData/Pupil": "Pupil"}


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Every move, year of attendance and kind of support in every pupil's record, and findings.

    Raises Untranslatable where the file is no CTF, is hostile (`doctype-refused`) or breaks off.
    """
    yield from once(_translate(file, sender))


def _translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    schools: tuple[School, School] | None = None
    until = sender.read_at.astimezone(LONDON).date()
    for record in xml_records(file, "CTfile", PATHS):
        if record.element is None:
            yield Finding(record.path, "record-too-large")
        elif record.tag == "Header":
            schools = _schools(record.element)
        elif schools is None:
            raise Untranslatable(Finding(record.path, "no-header", "Header"))
        else:
            yield from _pupil(record, record.element, schools, until, sender)
    if schools is None:
        raise Untranslatable(Finding("/CTfile", "no-header", "Header"))


def _schools(header: Element) -> tuple[School, School]:
    """Who sends the file, and to whom."""
    if child_text(header, "DocumentName") != "Common Transfer File":
        raise Untranslatable(Finding("/CTfile/Header", "not-a-ctf", "DocumentName"))
    source = only(header, "SourceSchool")
    if source is None:
        raise Untranslatable(Finding("/CTfile/Header", "no-source-school", "SourceSchool"))
    dest = only(header, "DestSchool")
    return school_of(source), school_of(dest) if dest is not None else School()


def _pupil(
    record: XmlRecord, element: Element, schools: tuple[School, School], until: date, sender: Sender
) -> Iterator[CaseEvent | Finding]:
    findings: list[Finding] = []
    try:
        pupil = known_pupil(record, element, schools[0].key, until, sender, findings)
    except BadRecord as bad:
        yield from findings
        yield bad.at(record.path)
        return
    yield from findings
    said = 0
    for part in (
        moves(pupil, record.path, element, schools),
        attendance(pupil, record.path, element),
        support(pupil, record.path, element),
        in_care(record.path, element),
    ):
        for what in part:
            said += 1
            yield what
    if not said:
        yield Finding(record.path, "nothing-to-say")


FORMAT = Format(
    name="schools.ctf",
    agency=Agency.SCHOOLS,
    kind="snapshot",
    about="Common Transfer File: what a school sends the next about a pupil who moves (XML)",
    sample=Path(__file__).with_name("ctf.sample.xml"),
    translate=translate,
)
