"""A person's calendar address: opened, opened anew, closed. What is kept of its secret is a digest."""

from dataclasses import dataclass
from typing import Any

import msgspec

from hub.domain.child import By


class CalendarEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of a person's calendar address."""


class CalendarOpened(CalendarEvent, frozen=True, tag="opened"):
    """An address was given to this person, for looks with this purpose; the one before no longer answers.

    `grant`: the event that gave them the role they act in; None: of before that was said.
    """

    by: By
    purpose: str
    digest: bytes
    grant: int | None = None


class CalendarClosed(CalendarEvent, frozen=True, tag="closed"):
    """The address no longer answers."""

    by: By


AnyCalendarEvent = CalendarOpened | CalendarClosed


@dataclass(slots=True)
class CalendarAddress:
    """The address as it stands: whose it is, or None where none answers."""

    version: int = 0
    opened: CalendarOpened | None = None


def evolve_calendar(address: CalendarAddress, event: Any) -> None:
    """Change the state by one event."""
    address.version += 1
    address.opened = event if isinstance(event, CalendarOpened) else None
