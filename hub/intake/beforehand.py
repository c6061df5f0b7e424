"""Reads batches, and fetches what recording them will ask for, while the one before them is recorded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from hub.domain.identifier import IdentifierState
from hub.intake.ahead import Found, ReadAhead
from hub.intake.deliveries import Delivery
from hub.intake.fetching import Fetching
from hub.intake.opening import Read
from hub.records import Records
from hub.records.entries import Bodies, scopes_by_owner
from hub.store.effects import Taken

BATCHES = 2
"""Batches begun while one is recorded: what the first will ask for is fetched while the second is read."""


class Fetched(NamedTuple):
    """A batch as it was read, and what of it had been taken before when that was asked (None: it was not)."""

    read: list[Read]
    taken: Mapping[bytes, Taken] | None = None


class Beforehand:
    """Begins batches, in order. Where a process reads beside, two threads wait for it and for the store.

    Identifiers and keys that are fetched are only remembered, by those who would have asked for them. What
    was taken before is handed on: that never changes, and what is taken since is seen when it is recorded.
    Nothing is decided here. Once the threads are there, no other touches the reader.
    """

    def __init__(self, ahead: ReadAhead, records: Records, fetching: Fetching) -> None:
        self._ahead, self._records, self._fetching = ahead, records, fetching
        self._reads = ThreadPoolExecutor(1, "hub-reads")
        self._fetches = ThreadPoolExecutor(1, "hub-fetches")
        self._threads = False

    @property
    def batches(self) -> int:
        """How many batches to begin while one is recorded; none where there is nobody to read them."""
        return BATCHES if self._threads else 0

    def begin(self, batch: Sequence[Delivery]) -> Callable[[], Fetched]:
        """Begin a batch; asked once, it gives what the batch turned out to be."""
        self._threads = self._threads or self._ahead.beside
        if not self._threads:
            reading = self._ahead.begin(batch)
            return lambda: Fetched(reading()())  # read when it is asked
        read = self._reads.submit(self._read, batch)
        return self._fetches.submit(self._fetched, read).result

    def renew(self) -> None:
        """Have what reads made anew, behind what was begun."""
        if self._threads:
            self._reads.submit(self._ahead.renew).result()
        else:
            self._ahead.renew()

    def close(self) -> None:
        """Let what was begun go."""
        for threads in (self._reads, self._fetches):
            threads.shutdown(cancel_futures=True)

    def _read(self, batch: Sequence[Delivery]) -> Found:
        """Have a batch read; the other thread decodes it, so that the next one is handed over at once."""
        return self._ahead.begin(batch)()

    def _fetched(self, reading: Future[Found]) -> Fetched:
        read = reading.result()()
        events = [found for found in read if isinstance(found, Bodies)]
        with suppress(Exception):  # what cannot be had now is asked for again, and said, by who records
            return Fetched(read, _fetch(self._records, self._fetching, events))
        return Fetched(read)


def _fetch(records: Records, fetching: Fetching, events: Sequence[Bodies]) -> Mapping[bytes, Taken]:
    """Look up whose identifiers are named, and have the keys of children who are known and not remembered.

    Tells what of these events was taken before.
    """
    known = records.identities.look_up(_named(events), fetching.identifiers)
    placed = []
    for event in events:
        child = _child(event, known)
        if child is not None and not records.keys.remembers(child):
            placed.append((event, child))
    records.keys.for_sealing_many(scopes_by_owner(placed), fetching.keys)
    return records.archive.rows.taken([event.entry.source for event in events])


def _named(events: Iterable[Bodies]) -> list[UUID]:
    streams: list[UUID] = []
    for event in events:
        for whose in event.whose.values():
            streams += whose.streams
        for other in event.linked:
            for theirs in other.streams.values():
                streams += theirs
    return streams


def _child(event: Bodies, known: Mapping[UUID, IdentifierState]) -> UUID | None:
    """Whose record the event will be in, so far as one identifier says: keys are fetched by it, no more."""
    for whose in event.whose.values():
        for stream in whose.streams:
            state = known.get(stream)
            if state is not None:
                return state.child
    return None
