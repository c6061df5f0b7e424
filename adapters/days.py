"""Days and times as records write them, put on the London calendar, or refused as impossible."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapters.record import BadRecord
from schemas.vocabulary import Precision

LONDON = ZoneInfo("Europe/London")
EARLIEST = date(1990, 1, 1)
"""Nothing about someone who is a child today happened before this."""
UNBORN = timedelta(days=300)
"""A child is known to agencies at most this long before birth."""

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Moment(NamedTuple):
    """A time and how exactly it is known."""

    at: datetime
    precision: Precision


def iso_day(text: str, field: str) -> date:
    """The day `text` (YYYY-MM-DD) names. Raises BadRecord `not-a-date`."""
    if not _ISO_DAY.fullmatch(text):
        raise BadRecord("not-a-date", field)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRecord("not-a-date", field) from None


def stands_at(day: date) -> datetime:
    """A day-precision time stands at 00:00 London of that day."""
    return datetime.combine(day, time(), LONDON)


def plausible(day: date, field: str, *, until: date, born: date | None = None) -> date:
    """`day`, if it can be true of a child: raises BadRecord `future-date` after `until`, `implausible-date`
    before 1990, `before-birth` 300 days or more before the child was born.
    """  # noqa: D205 — one sentence
    if day > until:
        raise BadRecord("future-date", field)
    if day < EARLIEST:
        raise BadRecord("implausible-date", field)
    if born is not None and day <= born - UNBORN:
        raise BadRecord("before-birth", field)
    return day


def moment(text: str, forms: Iterable[str], field: str) -> Moment:
    """The time `text` names in the first of `forms` (strptime) that fits; a form without hours gives a day.

    Raises BadRecord `not-a-date`.
    """
    for form in forms:
        try:
            read = datetime.strptime(text, form)  # noqa: DTZ007 — London is said below
        except ValueError:
            continue
        precision = Precision.MINUTE if "%H" in form or "%I" in form else Precision.DAY
        return Moment(read.replace(tzinfo=read.tzinfo or LONDON), precision)
    raise BadRecord("not-a-date", field)
