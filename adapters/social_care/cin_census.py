"""Reads the yearly Children in Need census as XML (layouts of 2021, 2022 and 2024): everything, restated.

Dates only, so every time has the precision of a day. What cannot have happened (after the census day, before
1990, long before the child was born) is refused by name and never put on a chronology. Where the layout is
broken and the record still readable, it is read, with a finding.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO

from lxml.etree import _Element

from adapters.days import LONDON, iso_day
from adapters.format import Finding, Format, Sender, Untranslatable
from adapters.identifiers import slug
from adapters.record import BadRecord, once
from adapters.social_care.cin_census_child import known_child
from adapters.social_care.cin_census_says import UnusedFields, details
from adapters.xml_records import XmlRecord, child_text, children, only, xml_records
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency

PATHS = {"Message/Header": "Header", "Message/Children/Child": "Child"}


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Every dated thing in every child's record, and findings.

    Raises Untranslatable where the file is no CIN census, is hostile (`doctype-refused`), has no reference
    date before its first child, or breaks off.
    """
    yield from once(_translate(file, sender))


def _translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    census: _Census | None = None
    for record in xml_records(file, "Message", PATHS):
        if record.element is None:
            yield Finding(record.path, "record-too-large")
        elif record.tag == "Header":
            census = _Census(record.element, sender)
        elif census is None:
            raise Untranslatable(Finding(record.path, "no-header", "Header"))
        else:
            yield from census.child(record, record.element)
    if census is None:
        raise Untranslatable(Finding("/Message", "no-header", "Header"))


class _Census:
    """What one census file says once for all its children."""

    def __init__(self, header: _Element, sender: Sender) -> None:
        """Read the reference date and the authority. Raises Untranslatable where there is no such date."""
        self._sender = sender
        collection = only(header, "CollectionDetails")
        source = only(header, "Source")
        if collection is None or child_text(collection, "Collection") != "CIN":
            raise Untranslatable(Finding("/Message/Header", "not-a-cin-census", "Collection"))
        try:
            day = iso_day(child_text(collection, "ReferenceDate") or "", "ReferenceDate")
        except BadRecord as bad:
            raise Untranslatable(bad.at("/Message/Header/CollectionDetails")) from None
        self._until: date = min(day, sender.read_at.astimezone(LONDON).date())
        said = child_text(source, "LEA") if source is not None else None
        self._authority = slug(said or sender.organisation)
        self._children: set[str] = set()
        self._unused = UnusedFields()

    def child(self, record: XmlRecord, element: _Element) -> Iterator[CaseEvent | Finding]:
        """All that the census says of one child."""
        findings: list[Finding] = []
        try:
            child = known_child(record, element, self._authority, self._until, self._sender, findings)
        except BadRecord as bad:
            yield bad.at(record.path)
            return
        yield from findings
        if child.reference in self._children:
            yield Finding(record.path, "repeated-child", "LAchildID")
            return
        self._children.add(child.reference)
        referred: dict[str, int] = {}
        for place, episode in children(element, record.path, "CINdetails"):
            yield from details(child, place, episode, referred)
        yield from self._unused.of(record.path, element)


def edition(file: BinaryIO) -> str:
    """The census's reference date, which says what the file restates whole; "" where it gives none."""
    found = re.search(rb"<ReferenceDate>\s*(\d{4}-\d\d-\d\d)", file.read(65_536))
    return found[1].decode() if found else ""


FORMAT = Format(
    name="social-care.cin-census",
    agency=Agency.SOCIAL_CARE,
    kind="snapshot",
    about="DfE Children in Need census, the authority's yearly return as XML",
    sample=Path(__file__).with_name("cin_census.sample.xml"),
    translate=translate,
    edition=edition,
)
