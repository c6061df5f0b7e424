"""How long a thing may take, and when a team answers: elapsed hours, working days, school days, as the pack says."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.domain.calendar import LONDON, SchoolDays, add_working_days, england_and_wales
from hub.protocol.rows import Mark, Model

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LENGTHS = ("hours", "working_days", "school_days", "days", "months", "same_day")
DECEMBER = 12


class Term(Model):
    """One stretch of school days, its first and its last, by the local authority's list."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        return self


class Schools(Model):
    """When schools are open: working days within a term, but not on days set aside for staff.

    Beyond the terms that are known every working day counts, so that nothing is due later than it should be.
    """

    terms: tuple[Term, ...] = ()
    staff_days: Annotated[tuple[date, ...], Field(alias="staff-days")] = ()
    mark: Mark = "M"
    basis: str = ""
    """Whose list it is, and how it is known."""

    @property
    def days(self) -> SchoolDays:
        """The calendar these make."""
        terms = tuple((term.first, term.last) for term in self.terms)
        return SchoolDays(england_and_wales(), terms, frozenset(self.staff_days))

    def add(self, moment: datetime, days: int) -> datetime:
        """The same time of day in London, so many school days later, in UTC; the day itself does not count."""
        return self.days.add(moment, days)


NO_SCHOOLS = Schools()


class Clock(Model):
    """A length in one unit. Elapsed hours are absolute time, whatever the clocks do in between.

    It counts as due soon `soon-hours` before its end, or, where that is given, `amber-hours` after its start
    ("immediately" has no end to count back from). `basis` says where the length comes from.
    """

    hours: Annotated[int | None, Field(ge=1)] = None
    working_days: Annotated[int | None, Field(alias="working-days", ge=1)] = None
    school_days: Annotated[int | None, Field(alias="school-days", ge=1)] = None
    days: Annotated[int | None, Field(ge=1)] = None
    months: Annotated[int | None, Field(ge=1)] = None
    same_day: Annotated[Literal[True] | None, Field(alias="same-day")] = None
    soon_hours: Annotated[int, Field(alias="soon-hours", ge=0)] = 24
    amber_hours: Annotated[int | None, Field(alias="amber-hours", ge=0)] = None
    mark: Mark
    basis: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(getattr(self, unit) is not None for unit in LENGTHS) != 1:
            raise ValueError(f"give exactly one of {', '.join(unit.replace('_', '-') for unit in LENGTHS)}")
        return self

    def soon(self, start: datetime, schools: Schools = NO_SCHOOLS) -> datetime:
        """From when it counts as due soon."""
        if self.amber_hours is not None:
            return min(start.astimezone(UTC) + timedelta(hours=self.amber_hours), self.ends(start, schools))
        return self.ends(start, schools) - timedelta(hours=self.soon_hours)

    def ends(self, start: datetime, schools: Schools = NO_SCHOOLS) -> datetime:
        """When it runs out, in UTC: a sum in London's time would stretch or shrink as the clocks change."""
        if self.hours is not None:
            return start.astimezone(UTC) + timedelta(hours=self.hours)
        if self.working_days is not None:
            return add_working_days(start, self.working_days)
        if self.school_days is not None:
            return schools.add(start, self.school_days)
        local = start.astimezone(LONDON)
        if self.days is not None:
            return (local + timedelta(days=self.days)).astimezone(UTC)
        if self.months is not None:
            return datetime.combine(_months_on(local.date(), self.months), local.timetz()).astimezone(UTC)
        return local.replace(hour=23, minute=59, second=59, microsecond=0).astimezone(UTC)


class Hours(Model):
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
        return next((at for at in self._ends(today) if at > moment), moment + timedelta(days=10))

    def _ends(self, today: date) -> Iterable[datetime]:
        for day in (today + timedelta(days=n) for n in range(11)):
            if england_and_wales().is_working_day(day):
                for at in getattr(self, DAYS[day.weekday()]) or ():
                    yield datetime.combine(day, at, LONDON).astimezone(UTC)


class Contact(Model):
    """A team under its local name, and how it is reached; without hours: always."""

    name: str
    telephone: str
    hours: Hours | None = None


def _months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, DECEMBER)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")  # pragma: no cover
