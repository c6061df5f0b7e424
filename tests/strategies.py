"""Invented case events of every type, for properties: `case_events()`, or of some types only."""

import string
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from nhs_number.validate import calculate_checksum
from pydantic import AwareDatetime

from schemas.case_event import (
    AGENCY_SCOPE,
    CODE_PATTERN,
    PROTOCOL,
    CaseEvent,
    Characteristics,
    Identifier,
    LinkedChild,
    LinkedPerson,
    LinkedPlace,
    PersonName,
    SourceRecord,
    types_of,
)
from schemas.catalogue import EVENT_TYPES
from schemas.identifiers import UPN_LETTERS
from schemas.vocabulary import LinkRelation, PlaceKind

FAMILY = ("Ashgrove", "Brindlewick", "Coldmere", "Dunsopp", "Elverthorpe", "O'Farrow", "Łukasik", "van Oost")
GIVEN = ("Iris", "Jem", "Kit", "Lowri", "Mo", "Nell", "Osian", "Zoë-Mae")
WORDS = ("after school", "seen by staff", "near the river", "told a friend", "at the bus stop", "no injury")
FIRST, LAST = datetime(2019, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)


def nhs_numbers() -> st.SearchStrategy[str]:
    """Numbers of the 999 test range with a right check digit."""
    nine = st.integers(0, 999_999).map(lambda n: f"999{n:06d}")
    with_check = nine.map(lambda digits: (digits, calculate_checksum(digits)))
    return with_check.filter(lambda made: made[1] != 10).map(lambda made: f"{made[0]}{made[1]}")


def upns() -> st.SearchStrategy[str]:
    """Unique pupil numbers with a right check letter, of the invented authority 999."""
    return st.integers(0, 999_999_999).map(lambda n: _upn(f"999{n:09d}"))


def _upn(digits: str) -> str:
    total = sum(weight * int(digit) for weight, digit in enumerate(digits, start=2))
    return UPN_LETTERS[total % 23] + digits


def identifiers() -> st.SearchStrategy[Identifier]:
    """Of a child, national or local."""
    local = st.sampled_from(("social-care:durham", "police:durham", "hospital:rxp", "school:114001"))
    return st.one_of(
        st.builds(Identifier, st.just("nhs-number"), nhs_numbers()),
        st.builds(Identifier, st.just("upn"), upns()),
        st.builds(Identifier, local, st.integers(1, 99_999).map("INV-{}".format)),
    )


def references() -> st.SearchStrategy[Identifier]:
    """Opaque references to incidents, people, places, meetings."""
    return st.builds(Identifier, st.just("hub"), st.uuids().map(str))


def texts() -> st.SearchStrategy[str]:
    """Free text: invented words, or any letters at all."""
    return st.one_of(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("; ".join),
        st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
    )


def codes() -> st.SearchStrategy[str]:
    """Short coded values."""
    word = st.text(string.ascii_letters + string.digits + "-._:/", min_size=1, max_size=8)
    return st.lists(word, min_size=1, max_size=3).map(" ".join)


def moments() -> st.SearchStrategy[datetime]:
    """Moments to the minute."""
    return st.integers(0, int((LAST - FIRST).total_seconds() // 60)).map(
        lambda m: FIRST + timedelta(minutes=m)
    )


_BUILT: Mapping[type, st.SearchStrategy[Any]] = {
    Identifier: references(),
    PersonName: st.builds(PersonName, st.sampled_from(FAMILY), st.sampled_from(GIVEN)),
    Characteristics: st.builds(
        Characteristics, st.sampled_from(("1", "2", "X", None)), st.none(), st.booleans()
    ),
    LinkedChild: st.builds(
        LinkedChild, st.sampled_from(LinkRelation), st.lists(identifiers(), min_size=1, max_size=2).map(tuple)
    ),
    LinkedPerson: st.builds(
        LinkedPerson,
        st.sampled_from(LinkRelation),
        st.none() | references(),
        st.none() | st.sampled_from(FAMILY),
    ),
    LinkedPlace: st.builds(
        LinkedPlace, st.sampled_from(PlaceKind), references(), st.none() | st.just("Riverside Youth Club")
    ),
    SourceRecord: st.builds(
        SourceRecord,
        st.text("0123456789abcdef", min_size=64, max_size=64),
        st.integers(1, 999).map("line {}".format),
    ),
    bool: st.booleans(),
    date: st.dates(date(2005, 1, 1), date(2030, 12, 31)),
    datetime: moments(),
    AwareDatetime: moments(),
}


def values(annotation: Any, marks: Sequence[object] = ()) -> st.SearchStrategy[Any]:
    """Values of a field, from its annotation."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(inner[0], [*inner[1:], *marks])
    if origin in (Union, UnionType):
        return st.one_of(*(values(a, marks) for a in inner if a is not NoneType))
    if origin is tuple:
        bounds = list(_limits(marks))
        least = next((m.min_length for m in bounds if isinstance(m, MinLen)), 0)
        most = next((m.max_length for m in bounds if isinstance(m, MaxLen)), 3)
        return st.lists(values(inner[0]), min_size=least, max_size=min(3, most)).map(tuple)
    if origin is Literal:
        return st.sampled_from(inner)
    return _BUILT[annotation] if annotation in _BUILT else _single(annotation, list(_limits(marks)))


def _limits(marks: Sequence[object]) -> Any:
    for mark in marks:
        yield mark
        yield from getattr(mark, "metadata", ())


def _single(annotation: type, limits: list[Any]) -> st.SearchStrategy[Any]:
    if issubclass(annotation, StrEnum):
        return st.sampled_from(annotation)
    low = next((m.ge for m in limits if isinstance(m, Ge)), 0)
    high = next((m.le for m in limits if isinstance(m, Le)), 50)
    if annotation is int:
        return st.integers(low, high)
    if annotation is float:
        return st.floats(low, high, allow_nan=False)
    if any(getattr(m, "pattern", None) == CODE_PATTERN for m in limits):
        return codes()
    longest = next((m.max_length for m in limits if isinstance(m, MaxLen)), 40)
    shortest = next((m.min_length for m in limits if isinstance(m, MinLen)), 0)
    return texts().map(lambda t: t[:longest]).filter(lambda t: len(t) >= shortest)


_CONTROLLED = {"type", "agency", "occurred_at", "ended_at", "ongoing", "date_of_birth", "age", "identifiers"}


def _other_fields(cls: type[CaseEvent]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {n: f for n, f in cls.model_fields.items() if n not in _CONTROLLED}
    drawn = {n: values(f.annotation, f.metadata) for n, f in fields.items()}
    return st.fixed_dictionaries(
        {n: drawn[n] for n, f in fields.items() if f.is_required()},
        optional={n: drawn[n] for n, f in fields.items() if not f.is_required()},
    )


_OTHER_FIELDS = {cls: _other_fields(cls) for cls in EVENT_TYPES}
# Made once: Hypothesis checks each strategy it has not met, which costs as much as drawing from it.
_MOMENTS = moments()
_DAYS_OLD = st.none() | st.integers(0, 6_500)
_YEARS_OLD = st.none() | st.integers(-1, 25)
_MINUTES_LONG = st.none() | st.integers(0, 500_000)
_IDENTIFIERS = st.lists(identifiers(), min_size=1, max_size=3).map(tuple)
_ONGOING = st.booleans()


@st.composite
def case_events(draw: st.DrawFn, types: Sequence[type[CaseEvent]] = EVENT_TYPES) -> CaseEvent:
    """A valid event of one of the types, about an invented child."""
    cls = draw(st.sampled_from(tuple(types)))
    type_ = draw(st.sampled_from(types_of(cls)))
    family = type_.partition(".")[0]
    agency = family if family != PROTOCOL else draw(_agencies(cls))
    at, days, minutes = draw(_MOMENTS), draw(_DAYS_OLD), draw(_MINUTES_LONG)
    born = None if days is None else (at - timedelta(days=days)).date()
    ended = None if minutes is None else at + timedelta(minutes=minutes)
    said = {
        **draw(_OTHER_FIELDS[cls]),
        "identifiers": draw(_IDENTIFIERS),
        "date_of_birth": born,
        "age": draw(_YEARS_OLD) if born is None else None,
        "occurred_at": at,
        "ended_at": ended,
        "ongoing": draw(_ONGOING) if ended is None else False,
    }
    return cls(type=type_, agency=agency, **said)


def _agencies(cls: type[CaseEvent]) -> st.SearchStrategy[Any]:
    said = get_args(cls.model_fields["agency"].annotation)
    return st.sampled_from(said or tuple(AGENCY_SCOPE))
