"""The procedure pack: a partnership's lengths, contacts, invitees and local names, versioned and dated."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.domain.calendar import LONDON, add_working_days, england_and_wales
from hub.errors import HubError
from schemas.vocabulary import Agency

PACKS = Path(__file__).parent / "packs"
SHIPPED = PACKS / "darlington-2025-02.toml"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PackRefused(HubError):
    """A pack cannot be used; the text names the file, the line and the key."""

    status, title, exit_code = 500, "The procedure pack cannot be used", 2


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Clock(_Model):
    """A length: elapsed hours, or working days, or the end of the same day. Exactly one is set.

    `mark`: D follows from the guidance, P our proposal, S a source, M from memory. Elapsed hours are absolute
    time, whatever the clocks do in between. It counts as due soon `soon-hours` before its end, or, where that
    is given, `amber-hours` after its start ("immediately" has no end to count back from).
    """

    hours: Annotated[int | None, Field(ge=1)] = None
    working_days: Annotated[int | None, Field(alias="working-days", ge=1)] = None
    same_day: Annotated[bool | None, Field(alias="same-day")] = None
    soon_hours: Annotated[int, Field(alias="soon-hours", ge=0)] = 24
    amber_hours: Annotated[int | None, Field(alias="amber-hours", ge=0)] = None
    mark: Literal["D", "P", "S", "M"]
    basis: str

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(x is not None for x in (self.hours, self.working_days, self.same_day)) != 1:
            raise ValueError("give exactly one of hours, working-days, same-day")
        return self

    def soon(self, start: datetime) -> datetime:
        """From when it counts as due soon."""
        if self.amber_hours is not None:
            return min(start.astimezone(UTC) + timedelta(hours=self.amber_hours), self.ends(start))
        return self.ends(start) - timedelta(hours=self.soon_hours)

    def ends(self, start: datetime) -> datetime:
        """When it runs out, in UTC: a sum in London's time would stretch or shrink as the clocks change."""
        if self.hours is not None:
            return start.astimezone(UTC) + timedelta(hours=self.hours)
        if self.working_days is not None:
            return add_working_days(start, self.working_days)
        local = start.astimezone(LONDON)
        return local.replace(hour=23, minute=59, second=59, microsecond=0).astimezone(UTC)


class Hours(_Model):
    """When a contact answers, by day of the week; a day left out: not at all."""

    mon: tuple[time, time] | None = None
    tue: tuple[time, time] | None = None
    wed: tuple[time, time] | None = None
    thu: tuple[time, time] | None = None
    fri: tuple[time, time] | None = None
    sat: tuple[time, time] | None = None
    sun: tuple[time, time] | None = None

    def open_at(self, moment: datetime) -> bool:
        """True in the hours of a working day, in London."""
        local = moment.astimezone(LONDON)
        hours: tuple[time, time] | None = getattr(self, DAYS[local.weekday()])
        return (
            hours is not None
            and england_and_wales().is_working_day(local.date())
            and hours[0] <= local.time() < hours[1]
        )

    def turns(self, moment: datetime) -> datetime:
        """When they next begin or end, in London's time; within ten days there is always a working day."""
        today = moment.astimezone(LONDON).date()
        ends = (
            datetime.combine(day, at, LONDON).astimezone(UTC)
            for day in (today + timedelta(days=n) for n in range(11))
            if england_and_wales().is_working_day(day)
            for at in getattr(self, DAYS[day.weekday()]) or ()
        )
        return next((at for at in ends if at > moment), moment + timedelta(days=10))


class Contact(_Model):
    """A team under its local name, and how it is reached; without hours: always."""

    name: str
    telephone: str
    hours: Hours | None = None


class Guidance(_Model):
    """A document the pack refers to, and when it applied."""

    title: str
    from_: Annotated[date, Field(alias="from")]
    until: date | None = None
    superseded_by: Annotated[str | None, Field(alias="superseded-by")] = None


class Instrument(Guidance):
    """A tool that trained people use; the hub records its result and never reproduces it (R26, Q9)."""

    version: str | None = None


class Item(_Model):
    """One thing on a checklist: the row that asks it, in words, and its line in the guidance."""

    row: Annotated[str, Field(pattern=r"^R\d+$")]
    text: Annotated[str, Field(min_length=1)]
    line: Annotated[str, Field(pattern=r"^L\d+(-\d+)?$")]


class Checklist(_Model):
    """What to go through at one stage; ticked by what was recorded, never by hand."""

    name: str
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Pack(_Model):
    """One partnership's procedures in one version."""

    name: str
    partnership: str
    effective: date
    emergency: str
    front_door: Annotated[Contact, Field(alias="front-door")]
    out_of_hours: Annotated[Contact, Field(alias="out-of-hours")]
    names: Mapping[str, str]
    clocks: Mapping[str, Clock]
    invitees: Mapping[str, tuple[Agency, ...]]
    guidance: tuple[Guidance, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    same_incident_hours: Annotated[int, Field(alias="same-incident-hours", ge=0)] = 48
    """Behaviour so near in time is taken as one incident, unless one agency says it was two [P]."""
    same_account_days: Annotated[int, Field(alias="same-account-days", ge=0)] = 28
    """So long an account without an incident's reference is taken to be of the latest incident [P]."""

    def clock(self, name: str) -> Clock:
        """A clock by name. The shipped obligations' clocks must all be there."""
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


def load(path: Path = SHIPPED) -> Pack:
    """Read a pack. Raises PackRefused, naming the line and the key."""
    problems = check(path)
    if problems:
        raise PackRefused(problems[0])
    return Pack.model_validate(tomllib.loads(path.read_text()))


def check(path: Path) -> list[str]:
    """Say everything that is wrong with a pack, each with its line and key."""
    try:
        text = path.read_text()
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return [f"{path.name}: {error}"]
    try:
        pack = Pack.model_validate(table)
    except ValidationError as error:
        return [
            f"{path.name}: line {_line(text, e['loc'])}: {'.'.join(map(str, e['loc']))}: {e['msg']}"
            for e in error.errors(include_input=False, include_url=False)
        ]
    shipped = tomllib.loads(SHIPPED.read_text())["clocks"]
    line = _line(text, ("clocks",))
    missing = sorted(set(shipped) - set(pack.clocks))
    return [f"{path.name}: line {line}: clocks.{name}: is missing" for name in missing]


def pack_at(moment: datetime, folder: Path = PACKS) -> Pack:
    """The pack that applied at a moment: the latest that had come into effect, else the first there is."""
    packs = sorted((load(file) for file in folder.glob("*.toml")), key=lambda p: p.effective)
    day = moment.astimezone(LONDON).date()
    return next((p for p in reversed(packs) if p.effective <= day), packs[0])


def _line(text: str, place: tuple[str | int, ...]) -> int:
    """The line of the last part of a place that can be found, table by table."""
    found, lines = 1, text.splitlines()
    for part in place:
        for number, line in enumerate(lines[found - 1 :], found):
            head = line.strip().strip("[]").split("=")[0].strip()
            if str(part) in head.split("."):
                found = number
                break
    return found
