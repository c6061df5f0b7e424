"""What of the drawn flags and worklists is to be told: looked through again wherever a row changed."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID, uuid5

from hub.confidentiality.sealing import CannotUnseal
from hub.follow import Follower
from hub.patterns.flags import Flag
from hub.patterns.life import WAITING
from hub.protocol.obligation import State
from hub.protocol.worklist import Item
from hub.store.views import Row
from hub.telling.matter import Matter
from hub.telling.settings import Kind

MatterOf = Callable[[UUID, UUID, bytes], Iterable[Matter]]
"""What is to be told of one drawn row (child, row, body), now or later."""
PROMPT = 1
"""The severity of a mere prompt on the page: nobody is told."""
NOW = 4
T = TypeVar("T")


def _always() -> bool:
    return True


class _Looked(NamedTuple):
    mark: bytes
    matters: tuple[Matter, ...]

    def due(self, now: datetime) -> bool:
        """Whether something of it is to be told by now."""
        return any(matter.at <= now for matter in self.matters)

    def waits(self, matter: Matter) -> bool:
        """Whether it is among what was still to be told, to whomever."""
        return any(matter[:4] == one[:4] for one in self.matters)


class DrawnMatters:
    """One projection's rows as matters. Only rows that were drawn anew are opened; the rest is remembered.

    What falls due of a row is looked at once more: whom it may be told to may have changed meanwhile.
    """

    def __init__(self, follower: Follower, matters: MatterOf, stands: Callable[[], bool] = _always) -> None:
        """`stands`: whether what was drawn may be told of; else nothing is until it was drawn anew."""
        self._follower, self._matters, self._stands = follower, matters, stands
        self._looked: dict[UUID, _Looked] = {}
        self._now = datetime.min.replace(tzinfo=UTC)

    def until(self, now: datetime) -> list[Matter]:
        """What is to be told by now of the rows as they stand; again and again, until `settled`.

        Whether it was told before is for the teller.
        """
        if not self._stands():
            self._looked = {}
            return []
        looked: dict[UUID, _Looked] = {}
        due: list[Matter] = []
        for row in self._follower.sealed():
            mark = hashlib.blake2b(row.sealed, digest_size=16).digest()
            found = self._looked.get(row.id)
            if found is None or found.mark != mark:
                found = _Looked(mark, self._of(row))
            elif found.due(now):
                found = _Looked(mark, tuple(filter(found.waits, self._of(row))))
            due += [matter for matter in found.matters if matter.at <= now]
            looked[row.id] = found
        self._looked, self._now = looked, now
        return due

    def of(self, child: UUID) -> list[Matter] | None:
        """What there is to tell of a child's rows as they stand, by whatever moment; None: not to be said."""
        if not self._stands():
            return None
        return [matter for row in self._follower.sealed(child) for matter in self._of(row)]

    def _of(self, row: Row) -> tuple[Matter, ...]:
        try:
            return tuple(self._matters(row.stream, row.id, self._follower.open(row)))
        except CannotUnseal:  # erased: there is nothing left to tell of
            return ()

    def settled(self) -> None:
        """What `until` told last has been recorded as to be told: it need not be said again."""
        for id_, found in self._looked.items():
            if found.matters:
                later = tuple(matter for matter in found.matters if matter.at > self._now)
                self._looked[id_] = found._replace(matters=later)


class Anew(Generic[T]):
    """What is to be told under the policy in force: looked through anew once another is."""

    def __init__(self, now: Callable[[], T | None], sources: Callable[[T], Sequence[DrawnMatters]]) -> None:
        """`now`: what is drawn under it, the same object as long as it is; None: nothing may be told of."""
        self._now, self._make = now, sources
        self._of: T | None = None
        self._sources: Sequence[DrawnMatters] = ()

    def until(self, now: datetime) -> list[Matter]:
        """What is to be told by now; again and again, until `settled`."""
        self._look()
        return [matter for source in self._sources for matter in source.until(now)]

    def of(self, child: UUID) -> list[Matter] | None:
        """What there is to tell of a child as it stands; None where it cannot be said now."""
        self._look()
        found = [source.of(child) for source in self._sources]
        if not found or None in found:
            return None
        return [matter for matters in found for matter in matters or ()]

    def settled(self) -> None:
        """What `until` told last has been recorded as to be told."""
        for source in self._sources:
            source.settled()

    def _look(self) -> None:
        found = self._now()
        if found is not self._of:
            self._of, self._sources = found, () if found is None else self._make(found)


def of_flag(child: UUID, flag: Flag, to: tuple[str, ...]) -> Iterator[Matter]:
    """A flag that waits is told to the first of these that the settings know; again when it is late (C20).

    Its version is the turn since which it waits: the same history, drawn again, is the same version. A
    prompt of severity 1 stands on the page and is told to nobody.
    """
    if flag.state not in WAITING or flag.severity <= PROMPT:
        return
    since = next(turn for turn in reversed(flag.turns) if turn.state in WAITING)
    version, urgent = f"{since.state}@{since.at.isoformat()}", flag.severity >= NOW
    due = flag.acknowledge_by
    yield Matter(Kind.FLAG_RAISED, flag.id, version, child, to, since.at, due, urgent)
    if due is not None:
        yield Matter(Kind.FLAG_WAITS, flag.id, version, child, to, due, due, urgent)


def in_hand(flag: Flag) -> tuple[str, ...]:
    """Who has a flag in hand, to be told before all others where they may be; empty: nobody."""
    return (flag.owner.person, flag.owner.role) if flag.owner else ()


def of_item(child: UUID, item: Item, notice: timedelta, people: tuple[str, ...] = ()) -> Iterator[Matter]:
    """A worklist item that nobody has met is told to those asked: before it is due, and when overdue.

    `people` are the workers it waits for, told rather than their whole team where the settings know them.
    What is due of one child, of the same people, at the same moment is told once: people are not told at
    each item.
    """
    if item.met_at is not None or item.due_at is None or item.state == State.SUPERSEDED:
        return
    to = (*people, item.of)
    subject = uuid5(child, "/".join(("due", *to)))
    version, due = item.due_at.isoformat(), item.due_at
    yield Matter(Kind.ITEM_DUE, subject, version, child, to, max(item.start, due - notice), due)
    yield Matter(Kind.ITEM_OVERDUE, subject, version, child, to, due, due)
