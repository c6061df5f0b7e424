"""Working days in England: weekends and bank holidays as data, counted in London time."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")
SATURDAY = 5


@cache
def bank_holidays() -> frozenset[date]:
    """Bank holidays of England and Wales, as the library ships them: no network is asked."""
    held = BankHolidays(use_cached_holidays=True)
    return frozenset(h["date"] for h in held.get_holidays(division=BankHolidays.ENGLAND_AND_WALES))


def is_working_day(day: date, holidays: Container[date] | None = None) -> bool:
    """True on a weekday that is no bank holiday."""
    held = bank_holidays() if holidays is None else holidays
    return day.weekday() < SATURDAY and day not in held


def add_working_days(moment: datetime, days: int, holidays: Container[date] | None = None) -> datetime:
    """The same time of day in London so many working days later. The day it starts on does not count."""
    local = moment.astimezone(LONDON)
    day = local.date()
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day, holidays)
    return datetime.combine(day, local.timetz().replace(tzinfo=None), LONDON)


def end_of_working_day(moment: datetime, days: int, holidays: Container[date] | None = None) -> datetime:
    """The end, in London, of the day that is so many working days later: the whole of it counts."""
    local = add_working_days(moment, days, holidays).astimezone(LONDON)
    return local.replace(hour=23, minute=59, second=59, microsecond=0)
