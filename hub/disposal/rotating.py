"""Rotates key-encryption keys, by hand or monthly by the running hub (security.md 2.3); each is recorded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid5

from hub.confidentiality.holder import HOUSE, Holder
from hub.confidentiality.keys import Rewrapped
from hub.domain.by import By
from hub.domain.feed import KeyRotated, KeyRotating
from hub.errors import Conflict, HubError
from hub.records import Records
from hub.store.mapper import HUB

ROTATIONS = uuid5(HUB, "rotations")
"""The stream of rotations. The keys themselves are with whoever holds them."""
LONGEST = timedelta(hours=1)
"""A rotation that is begun and not done for so long was broken off: whoever looks next goes on with it."""
LOOK = timedelta(minutes=10)
"""How often a worker that found nothing due looks again."""
PUT_OFF = timedelta(days=1)
"""How long a worker leaves a scope that it could not rotate."""


class Rotated(NamedTuple):
    """A scope's key that was rotated, how many data keys are wrapped anew, and how many do not open."""

    scope: str
    version: int
    keys: int
    unreadable: int


class NotRotated(NamedTuple):
    """A scope whose key could not be rotated, and the kind of error."""

    scope: str
    why: str


class _Rotation(NamedTuple):
    """The last rotation of a scope: to which version, since when, and whether it is done."""

    version: int
    at: datetime
    done: bool


def rotate(
    records: Records,
    held: Holder,
    scope: str,
    *,
    resume: bool = False,
    by: By | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Rotated:
    """Make a newer key for a scope, wrap every child's data key under it, and record that it was done.

    `resume`: no newer key, what was broken off is finished. No event is touched, and intake goes on. `by`:
    who had it done; None: the hub by itself. Raises Conflict where another process begins one just now,
    ScopeWithdrawn, Unavailable.
    """
    stream, known = _standing(records)
    if resume:
        last = known.get(scope)
        version = last.version if last is not None and not last.done else held.store.scopes()[scope]
    else:
        version = held.store.scopes()[scope] + 1
        records.record({ROTATIONS: (stream, [KeyRotating(scope=scope, version=version)])})
    return _carry_out(records, held, scope, version, by, told)


class Rotations:
    """What one worker does by itself: of several that find a key due one begins, and no two at once."""

    def __init__(self, records: Records, held: Holder, every: timedelta, founded: datetime) -> None:
        """Rotate what is older than `every`; keys that were never rotated are as old as the hub."""
        self._records, self._held, self._every, self._founded = records, held, every, founded
        self._look_at: datetime | None = None
        self._put_off: dict[str, datetime] = {}

    def step(self) -> Rotated | NotRotated | None:
        """Rotate one scope that is due, or go on with one that was broken off; None where there is none.

        What cannot be done now is told and put off: intake goes on whatever becomes of it.
        """
        now = self._records.clock()
        if self._look_at is not None and now < self._look_at:
            return None
        stream, known = _standing(self._records)
        shut = self._held.store.withdrawn()
        for scope, version in self._held.store.scopes().items():
            last = known.get(scope)
            since = last.at if last else self._founded
            term = LONGEST if last is not None and not last.done else self._every
            put_off = now < self._put_off.get(scope, now)
            if scope in shut or not version or put_off or now < since + term:
                continue
            wanted = last.version if last is not None and not last.done else version + 1
            return self._rotated(scope, wanted, stream, now)
        self._look_at = now + LOOK
        return None

    def _rotated(self, scope: str, version: int, stream: int, now: datetime) -> Rotated | NotRotated | None:
        begun = KeyRotating(scope=scope, version=version)
        try:
            self._records.record({ROTATIONS: (stream, [begun])})
        except Conflict:  # another worker was first
            return None
        try:
            return _carry_out(self._records, self._held, scope, version, None, lambda _: None)
        except HubError as error:  # withdrawn, not allowed, out of reach: gone on with later
            self._put_off[scope] = now + PUT_OFF
            return NotRotated(scope, type(error).__name__)


def last_rotated(records: Records) -> dict[str, datetime]:
    """When each scope's key was last rotated, where that was recorded."""
    return {scope: last.at for scope, last in _standing(records)[1].items() if last.done}


def _standing(records: Records) -> tuple[int, dict[str, _Rotation]]:
    """The stream's version, and the last rotation of each scope."""
    version, found = 0, dict[str, _Rotation]()
    for event in records.archive.stream(ROTATIONS):
        version, said = event.originator_version, event.body
        found[said.scope] = _Rotation(said.version, event.at, isinstance(said, KeyRotated))
    return version, found


def _carry_out(
    records: Records,
    held: Holder,
    scope: str,
    version: int,
    by: By | None,
    told: Callable[[int], None],
) -> Rotated:
    if held.store.scopes()[scope] < version:
        held.store.rotate(scope)
    if scope == HOUSE:  # no child's key is under it
        held.house.seal_anew()
        done = Rewrapped(0, 0)
    else:
        done = records.keys.rewrap(scope, told=told)
    rotated = Rotated(scope, held.store.scopes()[scope], *done)
    said = KeyRotated(
        scope=scope, version=rotated.version, keys=rotated.keys, unreadable=rotated.unreadable, by=by
    )
    records.record({}, appended={ROTATIONS: [said]})
    return rotated
