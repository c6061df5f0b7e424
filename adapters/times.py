"""Reads the times of messages, cut off where the sender's knowledge ends, and refuses what cannot be right.

Whole days in records are read by `adapters.days`; the codes of what is refused are the same.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from adapters.days import EARLIEST, LONDON, UNBORN, Moment
from adapters.record import BadRecord
from schemas.vocabulary import Precision

CLOCK_SKEW = timedelta(days=1)
"""How far after reading a happening may stand: another system's clock, never another year."""
LONGEST_LIFE = timedelta(days=120 * 366)

_ISO = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)
_HL7 = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?", re.ASCII
)
_PRECISIONS = (Precision.YEAR, Precision.MONTH, Precision.DAY, Precision.HOUR)


def iso_moment(text: str, field: str) -> Moment:
    """An ISO 8601 date or time, cut off anywhere from the year on. Raises BadRecord `not-a-date`."""
    return _moment(_ISO.fullmatch(text.strip()), field)


def hl7_moment(text: str, field: str) -> Moment:
    """An HL7 v2 time stamp, `YYYY[MM[DD[HH[MM[SS]]]]][+ZZZZ]`. Raises BadRecord `not-a-date`."""
    return _moment(_HL7.fullmatch(text.strip()), field)


def happened(moment: Moment, read_at: datetime, field: str) -> Moment:
    """The moment, where something about a child read at `read_at` can have happened then.

    Raises BadRecord `future-date`, `implausible-date`.
    """
    if moment.at > read_at + CLOCK_SKEW:
        raise BadRecord("future-date", field)
    if moment.at.date() < EARLIEST:
        raise BadRecord("implausible-date", field)
    return moment


def birth_date(moment: Moment, read_at: datetime, field: str) -> date:
    """A date of birth, or of an expected birth.

    Raises BadRecord `not-a-date` where it is no whole day, `implausible-date` where it is nobody's.
    """
    if moment.precision in (Precision.YEAR, Precision.MONTH):
        raise BadRecord("not-a-date", field)
    born = moment.at.astimezone(LONDON).date()
    if not -UNBORN <= read_at.date() - born <= LONGEST_LIFE:
        raise BadRecord("implausible-date", field)
    return born


def _moment(match: re.Match[str] | None, field: str) -> Moment:
    if match is None:
        raise BadRecord("not-a-date", field)
    known = [int(part) for part in match.groups()[:6] if part is not None]
    precision = _PRECISIONS[len(known) - 1] if len(known) <= len(_PRECISIONS) else Precision.MINUTE
    year, month, day, hour, minute, second = (*known, *(0, 1, 1, 0, 0, 0)[len(known) :])
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=_zone(match[7]))
        at.astimezone(UTC)  # the first and last days of the calendar have no UTC
    except (ValueError, OverflowError):
        raise BadRecord("not-a-date", field) from None
    return Moment(at, precision)


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return LONDON
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
