"""The records of children: every write of the hub passes here, and every read begins here."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import DataKey
from hub.domain.child import Child, ChildEvent
from hub.domain.chronology import Line, chronology
from hub.domain.timeline import Facts
from hub.errors import Conflict, UnknownChild
from hub.records.clock import Clock
from hub.records.identities import Identities
from hub.records.peppers import PeppersKept
from hub.records.reading import Parted, as_sealed_now, facts_of, fold
from hub.records.whose import Hashes
from hub.store.archive import Archive
from hub.store.effects import Effects
from hub.store.mapper import CHILD, Appended, StreamEvent

ATTEMPTS = 10
REMEMBERED = 256
"""Records kept in memory; a long one is about 2 MB, all sealed."""
TOGETHER = REMEMBERED // 2
"""Records read at once for a list, so that those of before are not all forgotten for them."""

Decision = Callable[[Child], Sequence[Any]]
"""What a person's command makes of a record: the events that follow, or Refused."""


class Records:
    """Children, identifiers and questions, over one archive and one key ring."""

    def __init__(
        self,
        archive: Archive,
        keys: KeyRing,
        index: BlindIndex,
        clock: Clock,
        again: Callable[[], BlindIndex] | None = None,
    ) -> None:
        """`again`: the index as it is on disk now, for processes that live through a turn of the peppers."""
        self.archive, self.keys, self.index, self.clock = archive, keys, index, clock
        self.identities, self.peppers = Identities(archive), PeppersKept(archive)
        self.hashes = Hashes(index, peppers=self.peppers, again=again)
        self._read: OrderedDict[UUID, Child] = OrderedDict()
        self._lines: OrderedDict[tuple[tuple[UUID, int], ...], tuple[Line, ...]] = OrderedDict()

    # ------------------------------------------------------------ reading

    def child(self, id_: UUID, known_at: datetime | None = None) -> Child:
        """One record as it stands, or as known at a moment. Raises UnknownChild where there is none.

        Records read lately are remembered, sealed as they are, and only what came since is read.
        """
        now = known_at is None
        child = self._standing(id_) if now else fold(Child(id_), as_sealed_now(self._events(id_)), known_at)
        if not child.version:
            raise UnknownChild
        return child

    def _events(self, id_: UUID, after: int | None = None) -> list[StreamEvent]:
        """Read a child's stream. Raises UnknownChild for the hub's own, an identifier's or a question's."""
        return _of_a_child(self.archive.stream(id_, after=after))

    def _standing(self, id_: UUID) -> Child:
        child = self._read.pop(id_, None) or Child(id_)
        return self._kept(child, self._events(id_, after=child.version))

    def _kept(self, child: Child, since: Sequence[StreamEvent]) -> Child:
        """Remember a record with what came since."""
        if since:
            child = fold(child.copy(), since)
        if child.version:
            self._read[child.id] = child
            if len(self._read) > REMEMBERED:
                self._read.popitem(last=False)
        return child

    def preload(self, ids: Sequence[UUID]) -> None:
        """Read records that will be asked for one by one, all at once; no more than are remembered."""
        strangers = [id_ for id_ in ids if id_ not in self._read][:REMEMBERED]
        for id_, events in self.archive.streams(strangers).items():
            if isinstance(events[0].body, ChildEvent):
                self._kept(Child(id_), events)

    def some_at_once(self, ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
        """These ids, some at a time, with their records read together: for who asks of them one by one."""
        for at in range(0, len(ids), TOGETHER):
            some = ids[at : at + TOGETHER]
            self.preload(some)
            yield some

    def person(self, id_: UUID, known_at: datetime | None = None) -> tuple[Child, ...]:
        """All records that are read as this one child; the first is the one the others were joined into."""
        child = self.child(id_, known_at)
        while child.joined_into is not None:
            child = self.child(child.joined_into, known_at)
        found = {child.id: child}
        waiting = sorted(child.joined)
        while waiting:
            other = self.child(waiting.pop(), known_at)
            if other.id not in found:
                found[other.id] = other
                waiting.extend(sorted(other.joined))
        return tuple(found.values())

    def persons(self, ids: Sequence[UUID]) -> dict[UUID, tuple[Child, ...]]:
        """`person` of each as it stands, of some that are read at once: one question to the store for all.

        Raises UnknownChild.
        """
        held: dict[UUID, Child] = {id_: self._read.pop(id_, Child(id_)) for id_ in ids}
        since = self.archive.streams_since({id_: child.version for id_, child in held.items()})
        found: dict[UUID, tuple[Child, ...]] = {}
        for id_, was in held.items():
            child = self._kept(was, _of_a_child(since.get(id_, ())))
            if not child.version:
                raise UnknownChild
            joined = child.joined or child.joined_into is not None
            found[id_] = self.person(id_) if joined else (child,)
        return found

    def parted(self, records: Sequence[Child]) -> tuple[Parted, ...]:
        """The records that were once read with these and no longer are."""
        here = {child.id for child in records}
        return tuple(
            Parted(self.child(other), since, until, self.person(other))
            for child in records
            for other, (since, until) in child.parted.items()
            if other not in here
        )

    def once_theirs(self, records: Sequence[Child]) -> tuple[Parted, ...]:
        """What was once read with these: records that were parted, and each entry that was moved away."""
        return (
            *self.parted(records),
            *(
                self._moved(child.split_off[entry], entry, child.entries[entry].recorded_at, until)
                for child in records
                for entry, until in child.split_off_at.items()
            ),
        )

    def _moved(self, to: UUID, entry: UUID, since: datetime, until: datetime) -> Parted:
        there = self.child(to)
        while entry in there.split_off:  # moved on
            there = self.child(there.split_off[entry])
        return Parted(there, since, until, self.person(there.id), entry)

    def children(self) -> list[UUID]:
        """Every record there is, oldest first, those joined into another included."""
        return self.archive.rows.streams_of(CHILD)

    def lines(self, id_: UUID) -> tuple[Line, ...]:
        """The sealed chronology of a child."""
        return self.lines_of(self.person(id_))

    def lines_of(self, records: tuple[Child, ...]) -> tuple[Line, ...]:
        """The sealed chronology of records as they stand; what did not change is put in order once."""
        at = tuple((child.id, child.told) for child in records)
        found = self._lines.pop(at, None) or chronology(records)
        self._lines[at] = found
        if len(self._lines) > REMEMBERED:
            self._lines.popitem(last=False)
        return found

    def facts(self, id_: UUID, known_at: datetime | None = None) -> Facts:
        """What rules may see of a child. Only patterns and protocol may ask: it opens signals."""
        return facts_of(self.person(id_, known_at), self.keys)

    def history(self, id_: UUID) -> list[StreamEvent]:
        """Everything that happened to one record, in the order it was recorded."""
        return list(self.archive.stream(id_))

    def forget(self) -> None:
        """Drop the records that are remembered: the next to be asked for are read whole."""
        self._read.clear()
        self._lines.clear()

    # ------------------------------------------------------------ writing

    def act(
        self,
        id_: UUID,
        decide: Decision,
        beside: Mapping[UUID, tuple[int, Iterable[Any]]] = MappingProxyType({}),
        appended: Mapping[UUID, Sequence[Any]] = MappingProxyType({}),
        as_one: AbstractSet[UUID] = frozenset(),
    ) -> Child:
        """Load a record, decide, record what follows; again where another writer came first.

        `beside` and `appended` are recorded in the same transaction, as by `record`, where anything follows.
        `as_one`: the records that were read as this child when it was asked for; where they are no more, it
        may have been asked of another of them. Raises Conflict then; Refused where the decision does;
        UnknownChild where there is no record.
        """
        for _ in range(ATTEMPTS):
            child = self.child(id_)
            if as_one and as_one != {one.id for one in self.person(id_)}:
                raise Conflict("which records are this child's was answered just now; look again")
            bodies = decide(child)
            try:
                if bodies:
                    self.record({id_: (child.version, bodies), **beside}, appended=appended)
            except Conflict:
                continue
            return self.child(id_) if bodies else child
        raise Conflict("the record is being written by others; try again")

    def append(self, id_: UUID, bodies: Sequence[Any]) -> None:
        """Record what stands whatever else the record holds by now: that something was shown."""
        self.record({}, appended={id_: bodies})

    def record(
        self,
        bodies: Mapping[UUID, tuple[int, Iterable[Any]]],
        effects: Effects | None = None,
        appended: Mapping[UUID, Sequence[Any]] | None = None,
        spines: Mapping[UUID, DataKey] | None = None,
    ) -> None:
        """Append events to streams, with effects, all or nothing.

        `bodies` at the versions they were decided on (raises Conflict where a stream has moved on);
        `appended` wherever their streams stand; `spines` are keys of these that are at hand.
        """
        now = self.clock()
        events = [
            StreamEvent(stream, version, now, body)
            for stream, (known, following) in bodies.items()
            for version, body in enumerate(following, known + 1)
        ]
        if events or appended or effects is not None:
            more = Appended(self.archive.sealing, now, appended, spines or {}) if appended else None
            self.archive.record(events, effects, more)


def _of_a_child(events: Iterable[StreamEvent]) -> list[StreamEvent]:
    """These events. Raises UnknownChild where they are the hub's own, an identifier's or a question's."""
    found = list(events)
    if found and not isinstance(found[0].body, ChildEvent):
        raise UnknownChild
    return found
