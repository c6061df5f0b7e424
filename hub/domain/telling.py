"""A telling: one recipient is told of one matter, once. A stream of its own, so that no replay can send."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

IN_HAND = timedelta(minutes=5)
"""How long a worker may have a telling in hand; then it counts as fallen, and another may try."""
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
"""Until the first and, doubling, the later attempts after the receiver could not be reached."""


class TellingEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of a telling."""


class TellingDecided(TellingEvent, frozen=True, tag="decided"):
    """Somebody is to be told: of what (`kind`, `subject` in this `version`), on which record, who and how.

    `recipient` is a name in the settings, never an address. `due` is by when they are asked to look.
    """

    kind: str
    subject: UUID
    version: str
    child: UUID
    recipient: str
    due: datetime | None
    urgent: bool


class TellingTried(TellingEvent, frozen=True, tag="tried"):
    """A worker took it in hand; recorded before anything is sent, so that two workers never send at once."""


class TellingDelayed(TellingEvent, frozen=True, tag="delayed"):
    """The receiver did not take it; why, from a closed list. It is tried again."""

    why: str


class TellingDone(TellingEvent, frozen=True, tag="done"):
    """The receiver's server took it over."""


class TellingLapsed(TellingEvent, frozen=True, tag="lapsed"):
    """As it was to be sent it was so no more, and it was not. It is decided anew if it is so again."""


AnyTellingEvent = TellingDecided | TellingTried | TellingDelayed | TellingDone | TellingLapsed


@dataclass(slots=True)
class Telling:
    """A telling as it stands."""

    id: UUID
    version: int = 0
    decided: TellingDecided | None = None
    decided_at: datetime | None = None
    tries: int = 0
    again_at: datetime | None = None
    """Before this it is not tried (again)."""
    why: str = ""
    done_at: datetime | None = None
    lapsed: bool = False

    @property
    def over(self) -> bool:
        """True where nobody is to be told any more, or not until it is decided anew."""
        return self.lapsed or self.done_at is not None

    def waits(self, now: datetime) -> bool:
        """True where it is to be tried now."""
        return self.decided is not None and not self.over and (self.again_at or now) <= now


def evolve_telling(telling: Telling, event: Any, at: datetime) -> None:
    """Change the state by one event."""
    telling.version += 1
    match event:
        case TellingDecided():
            telling.decided, telling.decided_at, telling.lapsed = event, at, False
        case TellingTried():
            telling.tries += 1
            telling.again_at = at + IN_HAND
        case TellingDelayed():
            telling.why = event.why
            telling.again_at = at + min(FIRST * 2 ** min(telling.tries - 1, 10), LONGEST)
        case TellingDone():
            telling.done_at, telling.why = at, ""
        case TellingLapsed():
            telling.lapsed = True
