"""The procedure pack: all of a partnership's procedures that are data, in one version with its date."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.protocol.clock import Clock, Contact, Schools
from hub.protocol.rows import Ask, Line, Mark, Model, Row, RowId, Words
from schemas.vocabulary import Agency


class Guidance(Model):
    """A document the pack refers to, and when it applied. `mark` and `basis` say how its dates are known."""

    title: Words
    from_: Annotated[date, Field(alias="from")]
    until: date | None = None
    superseded_by: Annotated[str | None, Field(alias="superseded-by")] = None
    address: str | None = None
    mark: Mark = "M"
    basis: str = ""


class Instrument(Guidance):
    """A tool that trained people use; the hub records its result and never reproduces it (R26, Q9)."""

    code: Annotated[str | None, Field(pattern=r"^[a-z0-9-]+$")] = None
    version: str | None = None
    trained: str | None = None
    """What its users must have been trained in."""


class Item(Model):
    """One thing on a checklist: the row that asks it, in words, and its line in the guidance."""

    row: RowId
    text: Words
    line: Line


class Checklist(Model):
    """What to go through at one stage; ticked by what was recorded, never by hand."""

    name: Words
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Section(Model):
    """A heading of the guidance, and the line it stands on."""

    title: Words
    line: Annotated[int, Field(ge=1)]


class Code(Model):
    """A code under the guidance's words; `as` names the hub's own code where the partnership adds one."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    words: Words
    as_: Annotated[str | None, Field(alias="as")] = None


class Vocabulary(Model):
    """A list of codes as the guidance has it. `of` names the hub's list that it is written in."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    of: str
    line: Line
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]


class Pack(Model):
    """One partnership's procedures in one version. `effective`: from when what starts is measured by it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    partnership: Words
    source: Words = "practice guidance"
    effective: date
    emergency: Words
    front_door: Annotated[Contact, Field(alias="front-door")]
    out_of_hours: Annotated[Contact, Field(alias="out-of-hours")]
    contacts: Mapping[str, Contact] = {}
    names: Mapping[str, str] = {}
    clocks: Mapping[str, Clock] = {}
    schools: Schools = Schools()
    invitees: Mapping[str, tuple[Agency, ...]] = {}
    sections: tuple[Section, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    rows: tuple[Row, ...] = ()
    same_incident_hours: Annotated[int, Field(alias="same-incident-hours", ge=0)] = 48
    """Behaviour so near in time is taken as one incident, unless one agency says it was two [P]."""
    same_account_days: Annotated[int, Field(alias="same-account-days", ge=0)] = 28
    """So long an account without an incident's reference is taken to be of the latest incident [P]."""
    same_arrival_days: Annotated[int, Field(alias="same-arrival-days", ge=1)] = 90
    """So long another word of a move or a release is taken to be of the same one (R122) [P]."""

    feed_silent_hours: Annotated[int, Field(alias="feed-silent-hours", ge=1)] = 24
    """An agency whose feed was not heard for so long is called silent [P]."""

    @model_validator(mode="after")
    def _rows_once(self) -> Self:
        twice = [id_ for id_, count in Counter(row.id for row in self.rows).items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]} stands twice among the rows")
        return self

    @property
    def asked(self) -> tuple[tuple[Row, Ask], ...]:
        """Everything the rows ask, in the guidance's order."""
        return tuple((row, ask) for row in self.rows for ask in row.asks)

    def row(self, id_: str) -> Row:
        """A row by its number. Raises KeyError where there is none."""
        found = next((row for row in self.rows if row.id == id_), None)
        if found is None:
            raise KeyError(id_)
        return found

    def section_of(self, row: Row) -> str:
        """The heading of the guidance that a row stands under; empty where the pack names no headings."""
        line = int(row.line.split("-")[0].split(",")[0][1:])
        return next((s.title for s in reversed(self.sections) if s.line <= line), "")

    def clock(self, name: str) -> Clock:
        """A clock by name: each that the rows name is there."""
        return self.clocks[name]

    def contact_for(self, moment: datetime) -> Contact:
        """Whom to ring now: the front door in its hours, else the out-of-hours team (R38; L81)."""
        hours = self.front_door.hours
        return self.front_door if hours is None or hours.open_at(moment) else self.out_of_hours

    def contact_turns(self, moment: datetime) -> datetime | None:
        """When another contact answers than now; None where the front door always does."""
        hours = self.front_door.hours
        return None if hours is None else hours.turns(moment)

    def in_force(self, day: date) -> tuple[Guidance, ...]:
        """The documents and instruments that apply on a day (Q9)."""
        listed = (*self.guidance, *self.instruments)
        return tuple(g for g in listed if g.from_ <= day and (g.until is None or day <= g.until))

    def called(self, role: str) -> str:
        """A generic role under its local name."""
        return self.names.get(role, role)
