"""Remembers what the rules made of children lately, so that one more entry is all that is looked at."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from hub.confidentiality.keys import KeyRing
from hub.domain.child import Child, Kept
from hub.domain.chronology import Line, Standing
from hub.domain.entry import Relation
from hub.domain.knowledge import Known
from hub.domain.strand import key_owners
from hub.patterns.flags import Watch
from hub.patterns.rule import Pattern
from hub.patterns.settings import Settings
from hub.records.reading import Eyes, Opener, Parted, known_by, known_of, signal_openers, signals_of
from schemas.scope import SIGNALS

REMEMBERED = 50_000
"""So many entries are remembered of short records, and as many of long ones: an entry takes some 2 kB."""
A_CHILD = 15
"""What a child takes beside its entries, in entries."""
LONG = 500
"""Entries from which on a record is long: many short ones must not push out one that takes seconds."""


@dataclass(slots=True)
class _Drawn:
    """How far a record was drawn, and which of its agency's ids something said later is about."""

    told: int
    entries: int
    targets: frozenset[bytes]
    keys: frozenset[tuple[str, int]]
    closed: frozenset[UUID]
    """What was closed of it, to whomever: what is closed later is seen no longer."""


class _Apart(NamedTuple):
    """What was once the child's, how far it was told where it is now, and what is closed of it there."""

    record: UUID
    entry: UUID | None
    told: tuple[int, ...]
    closed: frozenset[UUID]
    since: datetime
    until: datetime


class _Held(NamedTuple):
    records: dict[UUID, _Drawn]
    apart: list[_Apart]
    watch: Watch


class _Lately:
    """What was held lately, up to so many entries in all; of one alone however many."""

    def __init__(self, most: int) -> None:
        self._most, self._entries = most, 0
        self._held: OrderedDict[UUID, tuple[_Held, int]] = OrderedDict()

    def pop(self, root: UUID) -> _Held | None:
        held, entries = self._held.pop(root, (None, 0))
        self._entries -= entries
        return held

    def put(self, root: UUID, held: _Held, entries: int) -> None:
        self._held[root] = held, entries
        self._entries += entries
        while self._entries > self._most and len(self._held) > 1:
            self._entries -= self._held.popitem(last=False)[1][1]


class Watches:
    """The rules' watch over each child, up to date with its records. It holds signals, in memory only."""

    def __init__(self, keys: KeyRing, settings: Settings, patterns: Iterable[Pattern], eyes: Eyes) -> None:
        self._keys, self._settings, self._patterns, self._eyes = keys, settings, tuple(patterns), eyes
        self._short, self._long = _Lately(REMEMBERED), _Lately(REMEMBERED)

    def of(self, records: tuple[Child, ...], parted: tuple[Parted, ...] | None = None) -> Watch:
        """The watch over the child these records are read as, and once were (`parted`; None: as it was told).

        Where new entries are all that came since, it is told of these; else it is begun anew.
        """
        root = records[0].id
        held = self._short.pop(root) or self._long.pop(root)
        apart = [_apart(one) for one in parted or ()]
        if (
            held is None
            or (parted is not None and held.apart != apart)
            or not self._kept_up(records, held.records, held.watch)
        ):
            watch = Watch([child.id for child in records], self._settings, self._patterns)
            watch.learn(known_of(records, self._keys, parted or (), self._eyes))
            held = _Held({child.id: self._drawn(child) for child in records}, apart, watch)
        entries = sum(drawn.entries for drawn in held.records.values())
        (self._long if entries >= LONG else self._short).put(root, held, A_CHILD + entries)
        return held.watch

    def _kept_up(self, records: tuple[Child, ...], drawn: dict[UUID, _Drawn], watch: Watch) -> bool:
        """Tell the watch what is new; False, and nothing told, where something else came."""
        if [child.id for child in records] != list(drawn):
            return False
        news: list[Known] = []
        for child in records:
            was = drawn[child.id]
            if self._generations(child) != was.keys or frozenset(child.access.closed) != was.closed:
                return False
            new = list(_new(child, was))
            if child.told != was.told + len(new) or not all(_plain(kept, was) for kept in new):
                return False
            if new:
                opener = signal_openers([child], self._keys)[child.id]
                news.extend(self._known(records, child, new, opener))
                drawn[child.id] = replace(was, told=child.told, entries=len(child.entries))
        watch.learn(news)
        return True

    def _drawn(self, child: Child) -> _Drawn:
        targets = frozenset(k.entry.target for k in child.entries.values() if k.entry.target is not None)
        closed = frozenset(child.access.closed)
        return _Drawn(child.told, len(child.entries), targets, self._generations(child), closed)

    def _known(
        self,
        records: tuple[Child, ...],
        child: Child,
        new: Iterable[Kept],
        opener: Opener[Mapping[str, Any]],
    ) -> list[Known]:
        seen = (kept for kept in new if self._eyes.sees(records, kept.entry))
        lines = [Line(child.id, kept.entry, kept.recorded_at, Standing.CURRENT, None, None) for kept in seen]
        return known_by(lines, lambda _, entry: self._eyes.signals(records, signals_of(opener, entry)))

    def _generations(self, child: Child) -> frozenset[tuple[str, int]]:
        """Which keys of signals there are: what an erased key had sealed is remembered no longer."""
        owners = key_owners(child.id) if child.stranded else (child.id,)
        return frozenset(
            (f"{owner}", generation)
            for owner in owners
            for _, generation in self._keys.for_opening_all(owner, (SIGNALS,))
        )


def _apart(one: Parted) -> _Apart:
    told = tuple(child.told for child in one.read_as)
    closed = frozenset(id_ for child in one.read_as for id_ in child.access.closed)
    return _Apart(one.record.id, one.entry, told, closed, one.since, one.until)


def _new(child: Child, was: _Drawn) -> Iterator[Kept]:
    return islice(reversed(child.entries.values()), max(0, len(child.entries) - was.entries))


def _plain(kept: Kept, was: _Drawn) -> bool:
    """A new entry that nothing said before is about."""
    return kept.entry.relation is Relation.NEW and kept.entry.source not in was.targets
