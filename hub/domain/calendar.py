"""Working days in England and Wales: the bank holidays are data, shipped with a library, never fetched."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Monday to Friday without bank holidays, counted on London's wall clock.

    `known_until` is the last bank holiday in the data: after it, only weekends are left out.
    """

    holidays: frozenset[date]

    @property
    def known_until(self) -> date:
        """The last day for which bank holidays are known."""
        return max(self.holidays, default=date.min)

    def is_working_day(self, day: date) -> bool:
        """True on a weekday that is not a bank holiday."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """The same time of day, so many working days later; earlier where `days` is negative.

        The day itself does not count: one working day after a Friday, or the Saturday that follows it, is
        the Monday. The answer is in UTC; the time of day is London's, across a change of the clocks too.
        Raises ValueError for a time without a zone.
        """
        local = _in_london(moment)
        day = self.shift(local.date(), days)
        return datetime.combine(day, local.timetz()).astimezone(UTC)

    def shift(self, day: date, days: int) -> date:
        """The date so many working days after the day; before it where `days` is negative."""
        step = timedelta(days=1 if days > 0 else -1)
        for _ in range(abs(days)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def end_of_working_day(self, moment: datetime, hour: int) -> datetime:
        """When the working day that the moment falls in ends; out of hours, the next one. In UTC.

        Raises ValueError for a time without a zone.
        """
        local = _in_london(moment)
        day = local.date()
        if not self.is_working_day(day) or local.hour >= hour:
            day = self.shift(day, 1)
        return datetime.combine(day, time(hour, tzinfo=LONDON)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """When schools are open: working days within a term, but not on days set aside for staff.

    `terms` are the first and last days of stretches of school days, by the local authority's list. Beyond
    those that are known every working day counts, so that nothing is due later than it should be.
    """

    working: WorkingDays
    terms: tuple[tuple[date, date], ...] = ()
    staff_days: frozenset[date] = frozenset()

    def open_on(self, day: date) -> bool:
        """True on a school day."""
        if not self.working.is_working_day(day) or day in self.staff_days:
            return False
        first = min((first for first, _ in self.terms), default=date.max)
        last = max((last for _, last in self.terms), default=date.min)
        return not first <= day <= last or any(first <= day <= last for first, last in self.terms)

    def add(self, moment: datetime, days: int) -> datetime:
        """The same time of day in London, so many school days later, in UTC; the day itself does not count.

        Raises ValueError for a time without a zone.
        """
        local = _in_london(moment)
        day = local.date()
        for _ in range(days):
            day += timedelta(days=1)
            while not self.open_on(day):
                day += timedelta(days=1)
        return datetime.combine(day, local.timetz()).astimezone(UTC)


@cache
def england_and_wales() -> WorkingDays:
    """The calendar of England and Wales, from the library's own copy of GOV.UK's list."""
    from govuk_bank_holidays.bank_holidays import BankHolidays  # noqa: PLC0415 — it loads a client of HTTP

    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return WorkingDays(frozenset(holiday["date"] for holiday in known))


def add_working_days(moment: datetime, days: int) -> datetime:
    """The same time of day in London, so many working days later, in England and Wales."""
    return england_and_wales().add_working_days(moment, days)


def start_of_day(day: date) -> datetime:
    """Midnight in London at the start of the day, in UTC."""
    return datetime.combine(day, time(tzinfo=LONDON)).astimezone(UTC)


def _in_london(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(LONDON)
