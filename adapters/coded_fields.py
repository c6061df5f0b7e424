"""Reads the coded fields of a JSON object: a member of a closed list, a short code, a moment."""

from enum import StrEnum
from typing import TypeVar

from adapters.days import Moment
from adapters.fields import Fields
from adapters.format import Sender
from adapters.identifiers import as_code
from adapters.record import BadRecord
from adapters.times import happened, iso_moment

E = TypeVar("E", bound=StrEnum)


def member(fields: Fields, name: str, of: type[E]) -> E | None:
    """The member of a closed list; None where not said. Raises BadRecord: `not-text`, `unknown-code`."""
    text = fields.text(name)
    if text is None:
        return None
    try:
        return of(text)
    except ValueError:
        raise BadRecord("unknown-code", name) from None


def members(fields: Fields, name: str, of: type[E]) -> tuple[E, ...]:
    """The members of a closed list. Raises BadRecord: `not-a-list`, `not-text`, `unknown-code`."""
    try:
        return tuple(of(text) for text in fields.texts(name))
    except ValueError:
        raise BadRecord("unknown-code", name) from None


def code(fields: Fields, name: str) -> str | None:
    """A short coded value as sent; None where not said. Raises BadRecord: `not-text`, `not-a-code`."""
    text = fields.text(name)
    if text is not None and as_code(text) is None:
        raise BadRecord("not-a-code", name)
    return text


def time(fields: Fields, name: str) -> Moment | None:
    """An ISO date or time with its precision; None where not said. Raises BadRecord as `iso_moment` does."""
    text = fields.text(name)
    return None if text is None else iso_moment(text, name)


def past(fields: Fields, name: str, sender: Sender) -> Moment | None:
    """As `time`, of what has happened. Raises BadRecord as `happened` does."""
    moment = time(fields, name)
    return None if moment is None else happened(moment, sender.read_at, name)


def whole(fields: Fields, name: str) -> int | None:
    """A whole number, not below nought; None where not said. Raises BadRecord `not-a-number`."""
    number = fields.number(name)
    if number is not None and (number != int(number) or number < 0):
        raise BadRecord("not-a-number", name)
    return None if number is None else int(number)
