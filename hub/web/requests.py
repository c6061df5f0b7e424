"""What may be asked, as it is sent: checked strictly, unknown fields refused."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hub.domain.child import By
from hub.domain.strand import Strand
from hub.web.selection import Selection
from hub.web.themes import Theme
from schemas.case_event import Identifier, PersonName
from schemas.vocabulary import Agency, Significance

Purpose = Annotated[
    str,
    Field(max_length=60, description="Why you look: one of the purposes of your role, named in the policy."),
]


def _text(value: Any) -> Any:
    """Times are written out: a bare number would be taken for seconds since 1970."""
    if isinstance(value, (int, float)):
        raise ValueError("write the time out, as 2026-11-03T09:00:00Z or 2026-11-03")  # noqa: TRY004 — pydantic's way
    return value


FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""No record is older, and no time zone carries a moment between them out of the calendar."""

Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_text),
    Field(ge=datetime.combine(FIRST, time.min, UTC), le=datetime.combine(LAST, time.min, UTC)),
]
Day = Annotated[date, BeforeValidator(_text), Field(ge=FIRST, le=LAST)]


class Asked(BaseModel):
    """What every question is: frozen, without unknown fields, silent about what was sent."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_by_name=True, validate_by_alias=True
    )


Reason = Annotated[str, Field(min_length=1, max_length=4000, description="Why, in your own words.")]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Person(Asked):
    """A named person in a role of an agency."""

    person: Name
    role: Name
    agency: Name

    @property
    def by(self) -> By:
        """The same, as records name them."""
        return By(self.person, self.role, self.agency)


class ByPurpose(Asked):
    """A question that needs no more than its purpose."""

    purpose: Purpose


class Search(Asked):
    """Which child is this, by an identifier an agency holds."""

    purpose: Purpose
    identifier: Identifier


class SearchNamed(Asked):
    """Which child is this, by full name and date of birth."""

    given: Annotated[str, Field(max_length=200)]
    family: Annotated[str, Field(max_length=200)]
    born: Day

    @property
    def name(self) -> PersonName:
        """The name as agencies hold one."""
        return PersonName(self.family, self.given)


class KnownOn(Asked):
    """A day whose end is the moment asked about, as a page's form says it."""

    known_on: Annotated[Day, Field(alias="knownAt")]


class AskedChronology(Asked):
    """A child's chronology, or the part of it that is wanted."""

    purpose: Purpose
    known_at: Annotated[
        Moment | None,
        Field(
            alias="knownAt", description="As the hub knew it at this moment; nothing recorded later is shown."
        ),
    ] = None
    agency: Annotated[Agency | None, Field(description="Only what this agency said.")] = None
    since: Annotated[Day | None, Field(alias="from", description="From this day on, in London.")] = None
    until: Annotated[
        Day | None, Field(alias="to", description="Up to and including this day, in London.")
    ] = None
    significance: Annotated[
        Significance | None,
        Field(description="As the sender sees it. Withheld entries have none you may know, and stay."),
    ] = None
    theme: Annotated[
        Theme | None,
        Field(description="What the entry is about. Withheld entries say nothing of it, and stay."),
    ] = None
    strand: Annotated[
        Strand | None,
        Field(
            description="The child as one who has harmed, or has been harmed: what is of that strand, and "
            "what is of neither. Withheld entries say nothing of it, and stay."
        ),
    ] = None
    limit: Annotated[int, Field(ge=1, le=1000, description="Lines a page.")] = 100
    cursor: Annotated[
        str | None,
        Field(max_length=300, description="`page.next` of the page before, with the same question."),
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("'from' is later than 'to'")
        return self

    @property
    def selection(self) -> Selection:
        """Which lines are wanted."""
        return Selection(self.agency, self.since, self.until, self.significance, self.theme, self.strand)
