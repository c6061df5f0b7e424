"""Working days: weekends, bank holidays, changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.calendar import LONDON, england_and_wales, start_of_day

CALENDAR = england_and_wales()


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-03-02T09:30", 1, "2026-03-03T09:30"),
        ("2026-03-06T16:00", 1, "2026-03-09T16:00"),  # over a weekend
        ("2026-03-07T11:00", 1, "2026-03-09T11:00"),  # told on a Saturday
        ("2026-04-02T10:00", 1, "2026-04-07T10:00"),  # Good Friday to Easter Monday
        ("2026-12-24T10:00", 2, "2026-12-30T10:00"),  # Boxing Day falls on a Saturday, so Monday is off
        ("2026-03-27T09:00", 1, "2026-03-30T09:00"),  # the clocks go forward on the Sunday between
        ("2026-10-23T09:00", 1, "2026-10-26T09:00"),  # and back
        ("2026-03-09T09:00", -1, "2026-03-06T09:00"),
        ("2026-03-08T09:00", -2, "2026-03-05T09:00"),
        ("2026-03-07T09:00", 0, "2026-03-07T09:00"),
    ],
)
def test_the_same_time_of_day_so_many_working_days_away(start, days, expected):
    moment = datetime.fromisoformat(start).replace(tzinfo=LONDON)

    found = CALENDAR.add_working_days(moment, days)

    assert datetime.fromisoformat(expected) == found.astimezone(LONDON).replace(tzinfo=None)


@given(st.integers(0, 2900), st.integers(0, 1439), st.integers(1, 60))
def test_every_answer_is_a_working_day_and_the_days_between_are_as_many(day, minute, days):
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    later = CALENDAR.add_working_days(moment, days)
    start = moment.astimezone(LONDON).date()
    end = later.astimezone(LONDON).date()
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]

    assert days == sum(CALENDAR.is_working_day(day) for day in between)
    assert CALENDAR.is_working_day(end)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02T09:30", "2026-03-02T17:00"),
        ("2026-03-02T17:00", "2026-03-03T17:00"),
        ("2026-03-06T22:00", "2026-03-09T17:00"),
        ("2026-03-08T08:00", "2026-03-09T17:00"),
    ],
)
def test_a_working_day_ends_and_out_of_hours_the_next_one_does(moment, expected):
    found = CALENDAR.end_of_working_day(datetime.fromisoformat(moment).replace(tzinfo=LONDON), 17)

    assert datetime.fromisoformat(expected) == found.astimezone(LONDON).replace(tzinfo=None)


def test_a_summer_day_starts_at_london_midnight():
    assert datetime(2026, 6, 30, 23, tzinfo=UTC) == start_of_day(date(2026, 7, 1))


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add_working_days(datetime.fromisoformat("2026-03-02T09:00"), 1)


def test_bank_holidays_are_known_past_the_end_of_next_year():
    assert date(2027, 12, 25) < CALENDAR.known_until
