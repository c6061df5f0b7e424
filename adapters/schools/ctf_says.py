"""What a pupil's record in the Common Transfer File says: moves, attendance, support, care."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from lxml.etree import _Element as Element

from adapters.days import EARLIEST, iso_day, stands_at
from adapters.format import Finding
from adapters.identifiers import as_code
from adapters.known_child import KnownChild, On
from adapters.record import BadRecord, say
from adapters.xml_records import child_text, children, only
from schemas.case_event import CaseEvent, Identifier, LinkedPlace
from schemas.schools import AttendanceSummary, Move, MoveKind, SendSupport
from schemas.vocabulary import PlaceKind, Precision

Taken = Iterator[CaseEvent | Finding]
NO_SUPPORT = "N"
"""SEN provision: no special educational need (common basic data set)."""
MAX_SCHOOLS, MAX_LABEL = 50, 200
MAX_SESSIONS = 1_000


@dataclass(frozen=True, slots=True)
class School:
    """A school by the authority's number and its own; letters stand where a number is not known."""

    lea: str | None = None
    estab: str | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """The seven digits that name the school."""
        return f"{self.lea or 'XXX'}{self.estab or 'XXXX'}"

    @property
    def known(self) -> bool:
        """Whether it is a school with numbers: `XXX` is unknown, `MMM` outside the maintained sector."""
        return bool(self.lea and self.estab and self.lea.isdigit() and self.estab.isdigit())

    @property
    def words(self) -> str:
        """How it is written for a reader."""
        return f"{self.name} ({self.key})" if self.name else self.key


def school_of(element: Element) -> School:
    """The school an element names; a number or a name that is no such thing is left out."""
    lea, estab, name = (child_text(element, tag) for tag in ("LEA", "Estab", "SchoolName"))
    short = name[:MAX_LABEL] if name else None
    return School(lea if lea and len(lea) == 3 else None, estab if estab and len(estab) == 4 else None, short)  # noqa: PLR2004


def _on(element: Element, tag: str) -> On:
    """How the day under `tag` is read."""

    def read(field: str) -> date | None:
        text = child_text(element, field)
        return None if text is None else iso_day(text, field)

    return read, tag


def moves(pupil: KnownChild, path: str, element: Element, schools: tuple[School, School]) -> Taken:
    """A move for every school that the pupil left, to the next one in the history or the file's own."""
    history = only(element, "SchoolHistory")
    stays = list(children(history, f"{path}/SchoolHistory[1]", "School")) if history is not None else []
    if len(stays) > MAX_SCHOOLS:
        yield Finding(path, "implausible-count", "SchoolHistory")
        return
    for number, (place, stay) in enumerate(stays):
        if child_text(stay, "LeavingDate") is None:
            continue
        left = school_of(stay)
        following = school_of(stays[number + 1][1]) if number + 1 < len(stays) else None
        joined = following or (schools[1] if left.key == schools[0].key else School())
        reason = child_text(stay, "LeavingReason")
        key = (
            "move",
            left.key,
            child_text(stay, "EntryDate") or "no entry",
            child_text(stay, "LeavingDate") or "",
        )
        yield pupil.event(
            Move,
            place,
            key,
            _on(stay, "LeavingDate"),
            kind=MoveKind.NEW_SCHOOL if joined.known else MoveKind.OFF_ROLL,
            new_area=left.lea != joined.lea if left.known and joined.known else None,
            reason=f"Leaving reason {reason}" if reason else None,
            from_school=left.words,
            to_school=joined.words if joined.known else None,
            places=tuple(_place(school) for school in (left, joined) if school.known),
        )


def _place(school: School) -> LinkedPlace:
    return LinkedPlace(PlaceKind.SCHOOL, Identifier("school", school.key), school.name)


def attendance(pupil: KnownChild, path: str, element: Element) -> Taken:
    """The share of possible sessions attended, a year and school."""
    part = only(element, "Attendance")
    for place, year in children(part, f"{path}/Attendance[1]", "YearData") if part is not None else ():
        yield say(place, _year(pupil, place, year))


def _year(pupil: KnownChild, place: str, year: Element) -> Callable[[], CaseEvent]:
    def make() -> CaseEvent:
        possible, attended = _sessions(year, "SessionsPossible"), _sessions(year, "SessionsAttended")
        if possible == 0:
            raise BadRecord("not-said", "SessionsPossible")
        if attended > possible:
            raise BadRecord("implausible-count", "SessionsAttended")
        school, named = school_of(year), child_text(year, "Year") or ""
        exact = child_text(year, "AttendanceStartDate") is not None
        at = (
            pupil.day(*_on(year, "AttendanceStartDate"))
            if exact
            else stands_at(_first_day(named, pupil.until))
        )
        said = pupil.said(place, at)
        if not exact:
            said["precision"] = Precision.YEAR
        return AttendanceSummary(
            source_event_id=pupil.id_of("attendance", named or str(at.date()), school.key),
            occurred_at=at,
            percent=round(100 * attended / possible, 1),
            places=(_place(school),) if school.known else (),
            **said,
        )

    return make


def _sessions(year: Element, tag: str) -> int:
    text = child_text(year, tag)
    if text is None:
        raise BadRecord("not-said", tag)
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MAX_SESSIONS):  # noqa: PLR2004
        raise BadRecord("not-a-number", tag)
    return int(text)


def _first_day(year: str, until: date) -> date:
    """A year named without a day stands at its first of January: senders name school years by either end."""
    if not (year.isascii() and year.isdigit() and len(year) == 4 and int(year) >= EARLIEST.year):  # noqa: PLR2004
        raise BadRecord("not-a-date", "Year")
    if int(year) > until.year:
        raise BadRecord("future-date", "Year")
    return date(int(year), 1, 1)


def support(pupil: KnownChild, path: str, element: Element) -> Taken:
    """Support from its start; the next entry of the history, whatever it says, ends it."""
    history = only(element, "SENhistory")
    if history is None:
        return
    need = _need(history)
    entries = sorted(
        children(history, f"{path}/SENhistory[1]", "SEN"),
        key=lambda entry: child_text(entry[1], "StartDate") or "",
    )
    for number, (place, entry) in enumerate(entries):
        code = as_code(child_text(entry, "SENprovision"))
        start = _on(entry, "StartDate")
        key = ("support", child_text(entry, "StartDate") or "")
        if code is None:
            yield Finding(place, "unknown-code", "SENprovision")
            continue
        if code == NO_SUPPORT:
            continue
        last = number + 1 == len(entries)
        said = {"need": need if last else None, "provision": f"SEN provision {code}"}
        yield pupil.event(SendSupport, place, key, start, ongoing=True, **said)
        if not last:
            yield pupil.ending(
                SendSupport, place, key, (start, _on(entries[number + 1][1], "StartDate")), **said
            )


def _need(history: Element) -> str | None:
    """The first-ranked need."""
    for _, needs in children(history, "", "SENneeds"):
        for _, need in children(needs, "", "SENneed"):
            if child_text(need, "SENtypeRank") in (None, "1"):
                return as_code(child_text(need, "SENtype"))
    return None


def in_care(path: str, element: Element) -> Taken:
    """That a pupil is in care is for the authority to say; the school's word is named, not sent."""
    part = only(element, "LookedAfter")
    if part is not None and (child_text(part, "InCare") or "").lower() in ("true", "1"):
        yield Finding(f"{path}/LookedAfter[1]", "no-event-type", "InCare")
