"""What education answers about a child in a custodian's records, version 1.

Two records: the education details (attendance, suspensions, exclusions and moves a year, support) and the
personal details. A year's counts have no dates: each happened at some time in that academic year. Null is
"not said"; support without a date is said as of the day it was asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO

from adapters.custodian_record import Answer, Reading, answers, asked_on, left_out, open_record
from adapters.days import LONDON, Moment, stands_at
from adapters.fields import Fields
from adapters.format import Finding, Format, Sender
from adapters.identifiers import as_code, local_identifier
from adapters.record import BadRecord, say
from adapters.schools.custodian_person import AIDS, PERSONAL, PERSONAL_USED, personal
from schemas.case_event import CaseEvent, LinkedPlace
from schemas.schools import AttendanceSummary, Exclusion, Move, MoveKind, SendSupport, Suspension
from schemas.vocabulary import Agency, PlaceKind, Precision

USED = frozenset({"educationSettingName", "educationActiveStatusesAndPlans", "yearlyEducationAttendances"})
KNOWN = USED | {"educationSettingAddress", "educationSettingTelephone"}
UNUSED_IN_A_YEAR = ("unauthorisedAbsencePercentage", "schoolsAverageAttendance")
MOST_A_YEAR = 20
"""More suspensions, exclusions or moves in one year than this are a slip of the keyboard."""
YEAR_BEGINS = (9, 1)
FIRST_YEAR = 1990


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """What either record holds, and what was left out.

    Raises Untranslatable as `open_record` does.
    """
    reading = Reading(open_record(file, sender), sender)
    fields = reading.record.fields.keys()
    if PERSONAL & fields and not KNOWN & fields:
        yield from personal(reading)
        yield from left_out(reading.record, PERSONAL_USED | AIDS.keys(), PERSONAL)
        return
    yield from reading.each("educationActiveStatusesAndPlans", _support)
    yield from _years(reading)
    yield from left_out(reading.record, USED, KNOWN)


@dataclass(frozen=True, slots=True)
class _Year:
    """One academic year of a record's attendance list."""

    place: str
    fields: Fields
    begins: int

    def count(self, name: str) -> int:
        """How often it happened in the year. Raises BadRecord `not-a-number`, `implausible-count`."""
        said = self.fields.number(name) or 0.0
        if not said.is_integer():
            raise BadRecord("not-a-number", name)
        if not 0 <= said <= MOST_A_YEAR:
            raise BadRecord("implausible-count", name)
        return int(said)

    @property
    def moment(self) -> Moment:
        """The year, standing at its first day."""
        return Moment(stands_at(date(self.begins, *YEAR_BEGINS)), Precision.YEAR)


def _years(reading: Reading) -> Iterator[CaseEvent | Finding]:
    """The years, oldest first, so that each attendance can say how it changed since the last."""
    years: list[_Year] = []
    for answer in answers(reading.record, "yearlyEducationAttendances"):
        if isinstance(answer, Finding):
            yield answer
            continue
        try:
            years.append(_year(answer, reading.sender))
        except BadRecord as bad:
            yield bad.at(answer.place)
    years.sort(key=lambda year: year.begins)
    before: _Year | None = None
    for year in years:
        if before is not None and before.begins == year.begins:
            yield Finding(year.place, "repeated-key", "academicTermYearStart")
            continue
        yield say(year.place, partial(_attendance, reading, year, before))
        for name, make in _COUNTS.items():
            yield from _counted(reading, year, name, make)
        for name in UNUSED_IN_A_YEAR:
            if year.fields.of.get(name) is not None:
                yield Finding(f"{year.place}/{name}", "unused-field", name, refused=False)
        before = year


def _year(answer: Answer, sender: Sender) -> _Year:
    fields = Fields(answer.item, answer.place)
    begins = fields.number("academicTermYearStart")
    if begins is None:
        raise BadRecord("no-date", "academicTermYearStart")
    if not begins.is_integer() or begins < FIRST_YEAR:
        raise BadRecord("implausible-date", "academicTermYearStart")
    if begins > sender.read_at.astimezone(LONDON).year:
        raise BadRecord("future-date", "academicTermYearStart")
    return _Year(answer.place, fields, int(begins))


def _attendance(reading: Reading, year: _Year, before: _Year | None) -> CaseEvent:
    percent = year.fields.number("attendancePercentage")
    if percent is None:
        raise BadRecord("not-said", "attendancePercentage")
    return AttendanceSummary(
        agency=Agency.SCHOOLS,
        percent=percent,
        change=_change(percent, before, year),
        places=_setting(reading),
        **reading.spine(year.place, year.moment, "attendance in the year from"),
    )


def _change(percent: float, before: _Year | None, year: _Year) -> float | None:
    """Percentage points since the year before, where that year's attendance is said."""
    if before is None or before.begins != year.begins - 1:
        return None
    try:
        earlier = before.fields.number("attendancePercentage")
    except BadRecord:
        return None
    return None if earlier is None else round(percent - earlier, 1)


def _counted(
    reading: Reading, year: _Year, name: str, make: type[CaseEvent]
) -> Iterator[CaseEvent | Finding]:
    """One event for each time it happened; none of them has a date of its own."""
    try:
        count = year.count(name)
    except BadRecord as bad:
        yield bad.at(year.place)
        return
    fields = {"kind": MoveKind.NEW_SCHOOL} if make is Move else {}
    for _ in range(count):
        said = reading.spine(year.place, year.moment, f"{name} in the year from")
        yield say(year.place, partial(make, agency=Agency.SCHOOLS, **fields, **said))


_COUNTS: dict[str, type[CaseEvent]] = {
    "suspensions": Suspension,
    "exclusions": Exclusion,
    "schoolMovesNonTransitional": Move,
}


def _setting(reading: Reading) -> tuple[LinkedPlace, ...]:
    """The school, by its name: the record has no number of it."""
    name = reading.record.fields.get("educationSettingName")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 100:  # noqa: PLR2004 — as an identifier
        return ()
    reference = local_identifier("school-name", reading.sender.organisation, name, "educationSettingName")
    return (LinkedPlace(PlaceKind.SCHOOL, reference, name.strip()),)


def _support(reading: Reading, answer: Answer) -> CaseEvent:
    status, plan = answer.text("status"), answer.text("plan")
    if not (status or plan):
        raise BadRecord("not-said", "status")
    when = asked_on(reading.sender)
    return SendSupport(
        agency=Agency.SCHOOLS,
        need=as_code(status),
        provision=plan or status,
        places=_setting(reading),
        **reading.spine(answer.place, when, f"{as_code(status) or 'support'}, asked on"),
    )


FORMAT = Format(
    name="schools.custodian",
    agency=Agency.SCHOOLS,
    kind="answer",
    about="Education and personal details records, version 1, as a custodian answers them (JSON)",
    sample=Path(__file__).with_name("custodian.sample.json"),
    translate=translate,
)
