"""Reads FHIR's times, which the library gives as a day, a time, or text where a day is not known."""

from datetime import date, datetime
from typing import Any

from adapters.days import Moment, stands_at
from adapters.record import BadRecord
from adapters.times import happened, iso_moment
from schemas.vocabulary import Precision


def moment_of(value: Any, field: str) -> Moment:
    """A FHIR date, dateTime or instant with its precision. Raises BadRecord: `no-date`, `not-a-date`."""
    if value is None:
        raise BadRecord("no-date", field)
    if isinstance(value, datetime):
        return Moment(value, Precision.MINUTE)
    if isinstance(value, date):
        return Moment(stands_at(value), Precision.DAY)
    return iso_moment(str(value), field)


def happened_at(values: list[tuple[str, Any]], read_at: datetime) -> Moment:
    """The first of the named values that is said. Raises BadRecord as `moment_of` and `happened` do."""
    name, value = next(((n, v) for n, v in values if v is not None), values[0])
    return happened(moment_of(value, name), read_at, name)
