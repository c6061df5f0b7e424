"""The case event: what any agency may say of a child, every field marked with who it is for."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from hashlib import sha1
from types import MappingProxyType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    Self,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
)
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from schemas.scope import HASHED, HOME, OPEN, SIGNAL, Mark, Scope
from schemas.vocabulary import (
    Agency,
    ChildPart,
    LinkRelation,
    Nature,
    PlaceKind,
    Precision,
    Provenance,
    SharingBasis,
    Significance,
)

_T = TypeVar("_T")

EVENT_IDS = UUID("6f0d9f5e-6b0e-5f0a-9c9a-2f3c7f6a1d10")
"""Namespace of event ids: the same agency and source id always make the same event id."""
_EVENT_IDS = EVENT_IDS.bytes

PROTOCOL = "protocol"
"""The family of types that people of any agency record in the hub itself."""

Text = Annotated[str, Field(max_length=20_000)]
CODE_PATTERN = r"^[\w.:/()&+-]+( [\w.:/()&+-]+){0,4}$"
Code = Annotated[str, Field(max_length=60, pattern=CODE_PATTERN)]
"""A short coded value: never free text."""


_FIRST_YEAR, _LAST_YEAR = 2, 9998
"""A moment in year 1 or 9999 cannot be said in every time zone: one such event would stop intake."""


@dataclass_transform(frozen_default=True)
def _frozen(cls: type[_T]) -> type[_T]:
    """A checked, frozen value; said as a transform so that type checkers see its fields."""
    config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    return cast("type[_T]", dataclass(frozen=True, slots=True, config=config)(cls))


@_frozen
class Identifier:
    """An identifier an agency holds: its system (`nhs-number`, `upn`, `police:durham`) and its value."""

    system: Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9][a-z0-9:._-]*$")]
    value: Annotated[str, Field(min_length=1, max_length=100)]


@_frozen
class PersonName:
    """A name as the agency holds it."""

    family: Annotated[str, Field(max_length=200)]
    given: Annotated[str, Field(max_length=200)] = ""


@_frozen
class Characteristics:
    """What equality monitoring counts and no rule ever reads (public sector equality duty)."""

    sex: Annotated[str | None, Field(max_length=40)] = None
    ethnicity: Annotated[str | None, Field(max_length=40)] = None
    send: bool | None = None
    disabled: bool | None = None


@_frozen
class LinkedChild:
    """Another child in the event, by reference only: never a copy of who they are."""

    relation: LinkRelation
    identifiers: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=20)]


@_frozen
class LinkedPerson:
    """An adult in the event. `reference` makes the same adult recognisable across records."""

    relation: LinkRelation
    reference: Identifier | None = None
    name: Annotated[str | None, Field(max_length=200)] = None


@_frozen
class LinkedPlace:
    """A place in the event; `reference` is an address key, school number, club or account name."""

    kind: PlaceKind
    reference: Identifier
    label: Annotated[str | None, Field(max_length=300)] = None


@_frozen
class SourceRecord:
    """Where it stood in what the agency sent, so that an auditor can go back."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    place: Annotated[str, Field(max_length=300)]


class FieldMarks(NamedTuple):
    """What one field wears."""

    scope: Scope | Mark
    signal: bool
    hashed: bool


AGENCY_SCOPE = {
    Agency.POLICE: Scope.POLICE,
    Agency.HEALTH: Scope.HEALTH,
    Agency.SCHOOLS: Scope.EDUCATION,
    Agency.SOCIAL_CARE: Scope.SOCIAL_CARE,
    Agency.YOUTH_JUSTICE: Scope.YOUTH_JUSTICE,
    Agency.EARLY_HELP: Scope.SOCIAL_CARE,
    Agency.HOUSING: Scope.SOCIAL_CARE,
    Agency.PROBATION: Scope.POLICE,
}
"""The scope an agency's own words are read in, where a type names no other."""


def event_id_of(agency: str, source_event_id: str) -> UUID:
    """The event id an agency's own id stands for."""
    # as uuid5 does it, without its detours: it stands in the way of every event
    named = sha1(_EVENT_IDS + f"{agency}/{source_event_id}".encode(), usedforsecurity=False)
    return UUID(bytes=named.digest()[:16], version=5)


def age_at(born: date, day: date) -> int:
    """Whole years on `day`; -1 before birth."""
    if day < born:
        return -1 if (born - day).days < 300 else -2  # noqa: PLR2004 — an unborn child is at most 300 days away
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@cache
def field_marks(cls: type[BaseModel]) -> Mapping[str, FieldMarks]:
    """The marks of every field of an event type; read from it once.

    Raises TypeError where a field wears no scope or more than one, or a signal is not a coded value.
    """
    return MappingProxyType(dict(_marks(cls)))


def _marks(cls: type[BaseModel]) -> Iterator[tuple[str, FieldMarks]]:
    for name, field in cls.model_fields.items():
        scopes = [m for m in field.metadata if isinstance(m, Scope) or m in (OPEN, HOME)]
        if len(scopes) != 1:
            raise TypeError(f"{cls.__name__}.{name} must wear exactly one scope, HOME or OPEN")
        signal, hashed = SIGNAL in field.metadata, HASHED in field.metadata
        if signal and not (_is_coded(field.annotation) or any(map(_is_code_pattern, field.metadata))):
            raise TypeError(f"{cls.__name__}.{name} is a signal but not a coded value")
        yield name, FieldMarks(scopes[0], signal, hashed)


def _is_code_pattern(mark: object) -> bool:
    return getattr(mark, "pattern", None) == CODE_PATTERN


def _is_coded(annotation: Any) -> bool:
    """Enums, literals, booleans, numbers, dates, codes, and tuples or options of them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return annotation == Code or _is_coded(get_args(annotation)[0])
    if origin is Literal:
        return True
    if origin in (Union, tuple, frozenset) or str(origin) == "<class 'types.UnionType'>":
        return all(a in (type(None), ...) or _is_coded(a) for a in get_args(annotation))
    if annotation is AwareDatetime:
        return True
    return isinstance(annotation, type) and issubclass(annotation, (StrEnum, bool, int, float, date))


class CaseEvent(BaseModel):
    """What every case event carries (events.md). A subclass is one event type and adds its own fields.

    Every field wears exactly one scope, HOME or OPEN; coded fields may also wear SIGNAL, references
    HASHED. A field without a mark, or a signal that is free text, cannot be defined (TypeError).
    Times: `occurred_at` is when it happened, with its `precision`; `learned_at` when the sender learned
    of it; `recorded_at` when the source system recorded it. An `ongoing` episode has no `ended_at` yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    home: ClassVar[Scope | None] = None
    """The scope this type is read in; None: the scope of the agency that says it."""
    restricted: ClassVar[bool] = False
    """To a reader without the home scope an entry of a restricted type does not exist."""
    withdrawal: ClassVar[bool] = False
    """An event of this type takes an earlier one back."""
    national: ClassVar[str | None] = None
    """Code in the national draft Safeguarding Standard, where it has one."""

    type: Annotated[str, OPEN]
    agency: Annotated[Agency, OPEN, SIGNAL]
    system: Annotated[str, Field(max_length=100), OPEN]
    source_event_id: Annotated[str, Field(min_length=1, max_length=300), HOME]
    corrects: Annotated[Annotated[str, Field(max_length=300)] | None, HOME] = None
    completes: Annotated[Annotated[str, Field(max_length=300)] | None, HOME] = None

    identifiers: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=20), Scope.IDENTITY]
    name: Annotated[PersonName | None, Scope.IDENTITY] = None
    date_of_birth: Annotated[date | None, Scope.IDENTITY] = None
    characteristics: Annotated[Characteristics | None, Scope.IDENTITY] = None
    age: Annotated[Annotated[int, Field(ge=-1, le=130)] | None, Scope.IDENTITY, SIGNAL] = None
    """Whole years at `occurred_at`; drawn from the date of birth where that is given. -1: unborn."""
    postcode: Annotated[Annotated[str, Field(max_length=12)] | None, Scope.WHEREABOUTS] = None
    address: Annotated[Annotated[str, Field(max_length=500)] | None, Scope.WHEREABOUTS] = None

    occurred_at: Annotated[AwareDatetime, OPEN]
    precision: Annotated[Precision, OPEN, SIGNAL] = Precision.MINUTE
    ended_at: Annotated[AwareDatetime | None, OPEN] = None
    ongoing: Annotated[bool, OPEN, SIGNAL] = False
    learned_at: Annotated[AwareDatetime | None, OPEN] = None
    recorded_at: Annotated[AwareDatetime | None, OPEN] = None

    incident: Annotated[Identifier | None, HOME, HASHED] = None
    part: Annotated[ChildPart, HOME, SIGNAL] = ChildPart.SUBJECT
    organisation: Annotated[Annotated[str, Field(max_length=200)] | None, HOME] = None
    recorder_role: Annotated[Annotated[str, Field(max_length=100)] | None, HOME] = None
    provenance: Annotated[Provenance, OPEN, SIGNAL] = Provenance.NOT_SAID
    first_teller: Annotated[Identifier | None, Scope.INFORMANT, HASHED] = None
    nature: Annotated[Nature, OPEN, SIGNAL] = Nature.FACT
    significance: Annotated[Significance, OPEN, SIGNAL] = Significance.NOTABLE
    basis: Annotated[SharingBasis, OPEN] = SharingBasis.SAFEGUARDING
    summary: Annotated[Text | None, HOME] = None

    children: Annotated[tuple[LinkedChild, ...], Field(max_length=50), Scope.OTHER_CHILD, HASHED] = ()
    people: Annotated[tuple[LinkedPerson, ...], Field(max_length=50), Scope.THIRD_PARTY, HASHED] = ()
    places: Annotated[tuple[LinkedPlace, ...], Field(max_length=50), Scope.THIRD_PARTY, HASHED] = ()
    source: Annotated[SourceRecord | None, OPEN] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        field_marks(cls)

    @model_validator(mode="after")
    def _times_and_age(self) -> Self:
        for at in (self.occurred_at, self.ended_at, self.learned_at, self.recorded_at):
            if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
                raise PydanticCustomError("time_out_of_range", "a time that no clock can show in every zone")
        family = self.type.partition(".")[0]
        if family not in (self.agency, PROTOCOL):
            raise PydanticCustomError("type_of_another_agency", "the type is not one of this agency")
        if self.ended_at is not None and self.ended_at < self.occurred_at:
            raise PydanticCustomError("ends_before_it_starts", "ended_at is before occurred_at")
        if self.ongoing and self.ended_at is not None:
            raise PydanticCustomError("ongoing_and_ended", "an ongoing episode has no ended_at")
        if self.date_of_birth is not None:
            years = age_at(self.date_of_birth, self.occurred_at.date())
            if not -1 <= years <= 130:  # noqa: PLR2004 — the bounds of `age`
                raise PydanticCustomError("impossible_age", "date_of_birth cannot be right for occurred_at")
            object.__setattr__(self, "age", years)
        return self

    @property
    def event_id(self) -> UUID:
        """The agency and its own id of the event make the id, so a resend is the same event."""
        return event_id_of(self.agency, self.source_event_id)

    @property
    def home_scope(self) -> Scope:
        """The scope HOME stands for in this event."""
        return self.home or AGENCY_SCOPE[self.agency]

    @property
    def public_type(self) -> str:
        """The type as the bus and the spine name it: a restricted type hides behind its agency."""
        return f"{self.agency.value}.restricted.v1" if self.restricted else self.type

    @property
    def target(self) -> str | None:
        """The sender's id of the earlier event this one corrects, completes or withdraws."""
        return self.completes or self.corrects


class WithdrawalReason(StrEnum):
    """Why an agency takes back what it said."""

    ENTERED_IN_ERROR = "entered-in-error"
    CANCELLED = "cancelled"
    WRONG_CHILD = "wrong-child"
    PURGED_AT_SOURCE = "purged-at-source"
    NOT_SAID = "not-said"


class Withdrawal(CaseEvent):
    """The agency takes back an earlier event; the entry stays, struck through, with why.

    `occurred_at` is when it was withdrawn. Any agency may say it.
    """

    type: Annotated[
        Literal[
            "police.withdrawal.v1",
            "health.withdrawal.v1",
            "schools.withdrawal.v1",
            "social-care.withdrawal.v1",
            "youth-justice.withdrawal.v1",
            "early-help.withdrawal.v1",
            "housing.withdrawal.v1",
            "probation.withdrawal.v1",
        ],
        OPEN,
    ]
    withdrawal: ClassVar[bool] = True

    withdraws: Annotated[str, Field(min_length=1, max_length=300), HOME]
    reason: Annotated[WithdrawalReason, OPEN] = WithdrawalReason.NOT_SAID

    @property
    def target(self) -> str | None:
        """The sender's id of the event taken back."""
        return self.withdraws


def types_of(cls: type[CaseEvent]) -> tuple[str, ...]:
    """The versioned type names a class may carry."""
    return tuple(get_args(cls.model_fields["type"].annotation))
