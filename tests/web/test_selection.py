"""Which days a line may have been true on, and what a selection therefore holds."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from hub.sharing.view import Gap, ShownEntry
from hub.web.selection import Selection, days_of

SUMMER = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight on 1 July in London


def entry(at=SUMMER, precision="minute", **more):
    spine = {"open": msgspec.Raw(b"{}"), "fields": {}}
    return ShownEntry(UUID(int=1), "police", "police.arrest.v1", at, precision, at, **spine, **more)


@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        (entry(), "2026-07-01", "2026-07-01"),
        (Gap(SUMMER, "police", "them"), "2026-07-01", "2026-07-01"),
        (entry(precision="month"), "2026-07-01", "2026-07-31"),
        (entry(datetime(2024, 2, 1, tzinfo=UTC), "month"), "2024-02-01", "2024-02-29"),
        (entry(datetime(2025, 12, 1, tzinfo=UTC), "month"), "2025-12-01", "2025-12-31"),
        (entry(precision="year"), "2026-07-01", "2026-12-31"),
        (entry(ended_at=datetime(2026, 8, 9, 22, 59, tzinfo=UTC)), "2026-07-01", "2026-08-09"),
        (entry(ended_at=datetime(2026, 8, 9, 23, 1, tzinfo=UTC)), "2026-07-01", "2026-08-10"),
        (entry(ongoing=True), "2026-07-01", "9999-12-31"),
    ],
)
def test_a_line_is_true_on_days_of_london_as_far_as_its_time_is_known(line, first, last):
    assert (date.fromisoformat(first), date.fromisoformat(last)) == days_of(line)


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        (None, None, True),
        ("2026-07-31", None, True),
        ("2026-08-01", None, False),
        (None, "2026-07-01", True),
        (None, "2026-06-30", False),
    ],
)
def test_both_days_of_a_period_are_included(since, until, held):
    line = entry(precision="month")
    days = [None if day is None else date.fromisoformat(day) for day in (since, until)]

    assert held == (Selection(None, *days).of([line]) == [line])
