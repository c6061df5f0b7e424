"""The hub's clock: the one place that asks the machine for the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.errors import Refused

Clock = Callable[[], datetime]
"""Gives an aware moment."""


def system_clock() -> datetime:
    """Tell the machine's time, in UTC."""
    return datetime.now(UTC)


def staged_clock(stands_at: datetime, since: datetime, clock: Clock = system_clock) -> Clock:
    """Make a clock that stood at `stands_at` when the machine's stood at `since`, and goes on from there.

    For a demonstration's data folder, whose story has a date of its own.
    """
    return lambda: stands_at + max(timedelta(0), clock() - since)


def parse_moment(text: str) -> datetime:
    """Read a moment as people write it (ISO 8601; London where no zone is said). Raises Refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("not a moment; write it as 2026-11-03T09:00 or 2026-11-03") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Europe/London"))
