"""The embedded twin of Kafka for both of its sides: topics, partitions, offsets and order in one SQLite file.

Not a general broker: what the hub does not use it does not have. What it promises is
`tests/contracts/test_bus.py`, which runs unchanged on Kafka. It holds sealed bytes only.
"""

import os
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from schemas.wire import PARTITIONS, Headers

BUSY = 30.0
"""Seconds a writer waits for another."""
POLL = 0.02
"""Seconds between two looks at `PRAGMA data_version`; a look costs microseconds."""
READ_BYTES = 32 * 1024 * 1024
"""One read hands out about this much at most: a thousand records of a megabyte must not fill the memory."""
PAGE = 16384
"""Bytes of a page of a new file: several records in each, where SQLite's own 4 KB have room for one or two.

A file keeps the pages it was made with.
"""

_LANE = 1 << 40
"""A record's id is its lane times this, plus its offset: one tree holds all, and a lane is read in a run."""

_COUNT = struct.Struct("<H")

_MIGRATION = (
    """CREATE TABLE IF NOT EXISTS lanes (
        lane INTEGER PRIMARY KEY, topic TEXT NOT NULL, part INTEGER NOT NULL,
        first INTEGER NOT NULL DEFAULT 0, next INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, part))""",
    "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, key BLOB, headers BLOB, value BLOB)",
)


class TopicLogUnavailable(Exception):
    """The file is missing, locked for too long, or no topic log. The text names the file only."""


class UnknownTopic(Exception):
    """No such topic, or no such partition of it, in this log."""


class Record(NamedTuple):
    """One record as it stands in the log; its headers are unpacked by whoever asks for them."""

    partition: int
    offset: int
    key: bytes
    packed: bytes
    value: bytes

    @property
    def headers(self) -> Headers:
        """Its headers, in the order they were sent."""
        return unpack_headers(self.packed)


Keyed = tuple[bytes, Headers, bytes]
"""A record to append: key, headers, value."""


def migrate(path: Path) -> None:
    """Make the file and its tables, readable by its owner only; done twice, nothing changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size={PAGE}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _MIGRATION:
            connection.execute(statement)
        connection.execute("COMMIT")


def partition_of(key: bytes, partitions: int) -> int:
    """The partition a key always goes to."""
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big") % partitions


class TopicLog:
    """One connection to the log. It may move to another thread, but never be in two at once: open another."""

    def __init__(self, path: Path) -> None:
        """Open a log that `migrate` has made. Raises TopicLogUnavailable where there is none."""
        self._path = path
        if not path.is_file():
            raise TopicLogUnavailable(f"no topic log at {path}")
        with self._explained():
            self._connection = sqlite3.connect(
                path, timeout=BUSY, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("SELECT lane FROM lanes LIMIT 1")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def create_topic(self, topic: str, partitions: int = PARTITIONS) -> None:
        """Make a topic; one that is there stays as it is, with the partitions it has."""
        with self._transaction():
            if topic not in self.topics():
                rows = [(topic, part) for part in range(partitions)]
                self._connection.executemany("INSERT INTO lanes (topic, part) VALUES (?, ?)", rows)

    def topics(self) -> dict[str, int]:
        """Every topic and how many partitions it has."""
        with self._explained():
            return dict(self._connection.execute("SELECT topic, count(*) FROM lanes GROUP BY topic"))

    def append(self, topic: str, batch: Iterable[Keyed]) -> list[tuple[int, int]]:
        """Append all of a batch or nothing; on return it is on disk.

        Answers partition and offset of each record. Raises UnknownTopic, TopicLogUnavailable.
        """
        with self._transaction():
            lanes = self._lanes(topic)
            places: list[tuple[int, int]] = []
            rows: list[tuple[int, bytes, bytes, bytes]] = []
            for key, headers, value in batch:
                part = partition_of(key, len(lanes))
                lane, offset = lanes[part]
                lanes[part] = (lane, offset + 1)
                places.append((part, offset))
                rows.append((lane * _LANE + offset, key, pack_headers(headers), value))
            self._connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
            ends = [(following, lane) for lane, following in lanes.values()]
            self._connection.executemany("UPDATE lanes SET next = ? WHERE lane = ?", ends)
        return places

    def read(
        self, topic: str, partition: int, offset: int, limit: int, max_bytes: int = READ_BYTES
    ) -> list[Record]:
        """Up to `limit` records from `offset` on, in order; fewer where they are big, but at least one."""
        found: list[Record] = []
        size = 0
        with self._explained():
            lane = self._lane(topic, partition) * _LANE
            rows = self._connection.execute(
                "SELECT id, key, headers, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (lane + offset, lane + _LANE, limit),
            )
            for id_, key, headers, value in rows:
                found.append(Record(partition, id_ - lane, key, headers, value))
                size += len(value)
                if size >= max_bytes:
                    break
        return found

    def earliest_offsets(self) -> dict[tuple[str, int], int]:
        """The first offset still held, for every partition of every topic."""
        return self._offsets("first")

    def end_offsets(self) -> dict[tuple[str, int], int]:
        """The offset the next record will get, for every partition of every topic."""
        return self._offsets("next")

    def drop_before(self, topic: str, positions: Mapping[int, int]) -> None:
        """Let go of records before the given offset of each partition: retention is days, not for ever."""
        with self._transaction():
            lanes = self._lanes(topic)
            for part, offset in positions.items():
                lane, following = lanes[part]
                self._drop(lane, min(offset, following))

    def data_version(self) -> int:
        """A number that changes when somebody else has written."""
        with self._explained():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def wait(self, since: int, timeout: float) -> bool:
        """Sleep until somebody has written after `since` (a `data_version`) or the time is up."""
        until = time.monotonic() + timeout
        while self.data_version() == since:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(POLL, left))
        return True

    # ------------------------------------------------------------

    def _lane(self, topic: str, partition: int) -> int:
        """One lane alone: a poll reads a little of each of many."""
        found = self._connection.execute(
            "SELECT lane FROM lanes WHERE topic = ? AND part = ?", (topic, partition)
        ).fetchone()
        if found is None:
            raise UnknownTopic("no such topic, or no such partition of it, in this log")
        lane: int = found[0]
        return lane

    def _lanes(self, topic: str) -> dict[int, tuple[int, int]]:
        rows = self._connection.execute("SELECT part, lane, next FROM lanes WHERE topic = ?", (topic,))
        lanes = {part: (lane, following) for part, lane, following in rows}
        if not lanes:
            raise UnknownTopic("no such topic in this log")
        return lanes

    def _offsets(self, column: str) -> dict[tuple[str, int], int]:
        with self._explained():
            rows = self._connection.execute("SELECT topic, part, first, next FROM lanes ORDER BY topic, part")
            return {(t, p): (first if column == "first" else following) for t, p, first, following in rows}

    def _drop(self, lane: int, offset: int) -> None:
        until = lane * _LANE + offset
        self._connection.execute("DELETE FROM records WHERE id >= ? AND id < ?", (lane * _LANE, until))
        self._connection.execute("UPDATE lanes SET first = max(first, ?) WHERE lane = ?", (offset, lane))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise TopicLogUnavailable(f"{self._path}: {_reason(error)}") from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


def _reason(error: sqlite3.Error) -> str:
    said = str(error)
    if "locked" in said:
        return "busy for too long"
    if any(word in said for word in ("full", "disk I/O", "unable to open")):
        return "no room on the disk, or it cannot be written"
    return "not a usable topic log"


def pack_headers(headers: Headers) -> bytes:
    """Headers as bytes: how many parts, the length of each, then names and values in turn."""
    parts = [part for name, value in headers for part in (name.encode(), value)]
    return struct.pack(f"<H{len(parts)}I", len(parts), *map(len, parts)) + b"".join(parts)


def unpack_headers(packed: bytes) -> Headers:
    """What `pack_headers` made bytes of."""
    (count,) = _COUNT.unpack_from(packed)
    start = 2 + 4 * count
    try:
        parts = _layout(packed[:start]).unpack_from(packed, start)
    except struct.error:  # cut short: no message, and refused as such by who reads it
        parts = _as_far_as_they_go(packed, count, start)
    return tuple(zip(_names(parts[::2]), parts[1::2], strict=True))


@lru_cache(maxsize=1024)  # a sender's headers are of the same lengths on most messages
def _layout(lengths: bytes) -> struct.Struct:
    """How parts of these lengths lie end to end: all of them are had in one call."""
    count = len(lengths) // 4
    return struct.Struct("".join([f"{length}s" for length in struct.unpack_from(f"<{count}I", lengths, 2)]))


def _as_far_as_they_go(packed: bytes, count: int, start: int) -> tuple[bytes, ...]:
    parts: list[bytes] = []
    for length in struct.unpack_from(f"<{count}I", packed, 2):
        parts.append(packed[start : start + length])
        start += length
    return tuple(parts)


@lru_cache(maxsize=256)  # a sender's headers bear the same names on every message
def _names(raw: tuple[bytes, ...]) -> tuple[str, ...]:
    return tuple(map(bytes.decode, raw))
