"""The archive's recorder on SQLite: events, what was taken, positions and quarantine in one transaction."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

from eventsourcing.persistence import Notification, OperationalError, StoredEvent
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from hub.store.effects import (
    Effects,
    EndedBefore,
    Held,
    PositionMoved,
    Quarantined,
    StoredRow,
    StreamMoved,
    Taken,
    TakenBefore,
)
from hub.store.mapper import Appended, row_of

T = TypeVar("T")

POLL = 0.02
"""Seconds between two looks at whether the store has changed (storage.md: p50 11 ms)."""

CHECKPOINT = 8000
"""Pages of log (32 MB) before they are carried into the file: many of a batch's are the last one's again."""

CACHE = -64000
"""Of the file in memory at most: 64 MB (SQLite counts kibibytes below nought)."""

MIGRATION = (
    """CREATE TABLE IF NOT EXISTS {events} (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        originator_id BLOB NOT NULL, originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL, state BLOB NOT NULL,
        UNIQUE (originator_id, originator_version))""",
    """CREATE INDEX IF NOT EXISTS {events}_first ON {events} (topic, position)
        WHERE originator_version = 1""",
    """CREATE TABLE IF NOT EXISTS taken (
        source BLOB PRIMARY KEY, digest BLOB NOT NULL, child BLOB NOT NULL, entry BLOB NOT NULL
        ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS positions (
        topic TEXT, part INTEGER, next INTEGER NOT NULL, PRIMARY KEY (topic, part)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS quarantine (
        id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, part INTEGER NOT NULL,
        place INTEGER NOT NULL, reason TEXT NOT NULL, fields TEXT NOT NULL, held_at TEXT NOT NULL,
        sealed BLOB, state TEXT NOT NULL DEFAULT 'held', ended_by TEXT, UNIQUE (topic, part, place))""",
)
REFUSE = (
    "CREATE TRIGGER IF NOT EXISTS {events}_{verb} BEFORE {VERB} ON {events}"
    " BEGIN SELECT RAISE(ABORT, 'events are inserted, never changed'); END"
)


class Immediate(SQLiteTransaction):
    """A writing transaction that takes its lock at the start: a deferred one fails at once when contended."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            raise OperationalError(fault) from fault
        return cursor


class DurablePool(SQLiteConnectionPool):
    """Connections that flush to disk on every commit."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        # A topic that was tampered with is read as it is, for the ledger to name, and not echoed in an error.
        connection._sqlite_conn.text_factory = lambda raw: raw.decode(errors="surrogateescape")  # noqa: SLF001
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA cache_size={CACHE}")
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT}")
        return connection


class Datastore(SQLiteDatastore):
    """The library's datastore with durable connections and immediate writing transactions."""

    def __init__(self, db_name: str, *, lock_timeout: int = 30) -> None:
        super().__init__(db_name, lock_timeout=lock_timeout)
        self.pool.close()
        self.pool = DurablePool(db_name=db_name, lock_timeout=lock_timeout)

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """One transaction; a writing one begins immediately."""
        if not commit:
            with super().transaction(commit=False) as cursor:
                yield cursor
            return
        with (
            self.get_connection(commit=True) as connection,
            Immediate(connection, commit=True) as cursor,
            cursor,
        ):
            yield cursor


class SqliteRecorder(SQLiteApplicationRecorder):
    """Stores events with the effects of the same intake, all or nothing."""

    def __init__(self, datastore: SQLiteDatastore, events_table_name: str = "events") -> None:
        super().__init__(datastore, events_table_name)
        columns = "originator_id, originator_version, topic, state"
        self.insert_events_statement = f"INSERT INTO {events_table_name} ({columns}) VALUES (?,?,?,?)"
        self.select_events_statement = f"SELECT {columns} FROM {events_table_name} WHERE originator_id=? "
        self.select_after = (
            f"SELECT position, {columns} FROM {events_table_name} WHERE position>? ORDER BY position LIMIT ?"
        )

    def close(self) -> None:
        """Close the file."""
        self.datastore.close()

    def construct_create_table_statements(self) -> list[str]:
        """Tables, and triggers that refuse any change of what was recorded."""
        name = self.events_table_name
        tables = [statement.format(events=name) for statement in MIGRATION]
        return tables + [
            REFUSE.format(events=name, verb=verb.lower(), VERB=verb) for verb in ("UPDATE", "DELETE")
        ]

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        effects: Effects | None = None,
        appended: Appended | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        if effects is not None:
            self._apply(c, effects)
        rows = [row_of(event) for event in stored_events]
        if appended is not None:
            rows += appended.rows(self._versions(c, appended.bodies))
        c.executemany(self.insert_events_statement, rows)
        if effects is not None or not rows:
            return None if effects is not None else []
        # Positions are consecutive within a transaction: one writer at a time, AUTOINCREMENT.
        c.execute(f"SELECT MAX(position) FROM {self.events_table_name}")
        last = c.fetchone()[0]
        return list(range(last - len(rows) + 1, last + 1))

    def _apply(self, c: SQLiteCursor, effects: Effects) -> None:
        if effects.unmoved:
            standing = self._versions(c, effects.unmoved)
            if any(standing.get(stream, 0) != at for stream, at in effects.unmoved.items()):
                raise StreamMoved
        for (topic, part), (expected, following) in effects.positions.items():
            c.execute("SELECT next FROM positions WHERE topic=? AND part=?", (topic, part))
            row = c.fetchone()
            if (row["next"] if row else None) != expected:
                raise PositionMoved(topic, part)
            c.execute(
                "INSERT INTO positions VALUES (?,?,?)"
                " ON CONFLICT (topic, part) DO UPDATE SET next=excluded.next",
                (topic, part, following),
            )
        try:
            c.executemany("INSERT INTO taken VALUES (?,?,?,?)", [_taken_row(t) for t in effects.taken])
        except sqlite3.IntegrityError as already:
            raise TakenBefore from already
        c.executemany(
            "INSERT INTO quarantine (topic, part, place, reason, fields, held_at, sealed)"
            " VALUES (?,?,?,?,?,?,?) ON CONFLICT (topic, part, place) DO NOTHING",
            [(h.topic, h.partition, h.offset, h.reason, h.fields, h.at, h.sealed) for h in effects.held],
        )
        for e in effects.ended:
            c.execute(
                "UPDATE quarantine SET state=?, ended_by=?,"
                " sealed=CASE WHEN ?='discarded' THEN NULL ELSE sealed END WHERE id=? AND state='held'",
                (e.state, e.by, e.state, e.id),
            )
            c.execute("SELECT changes()")
            if not c.fetchone()[0]:
                raise EndedBefore

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One stream's events in order of version."""
        rows = self.select_rows(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return [StoredEvent(originator_id, version, topic, state) for version, topic, state in rows]

    def select_rows(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[tuple[int, str, bytes]]:
        """One stream's (version, topic, state) without an object per event."""
        name = self.events_table_name
        statement = f"SELECT originator_version, topic, state FROM {name} WHERE originator_id=?"
        params: list[Any] = [_id(originator_id)]
        if gt is not None:
            statement += " AND originator_version>?"
            params.append(gt)
        if lte is not None:
            statement += " AND originator_version<=?"
            params.append(lte)
        statement += f" ORDER BY originator_version {'DESC' if desc else 'ASC'}"
        if limit is not None:
            statement += " LIMIT ?"
            params.append(limit)
        with self.datastore.transaction(commit=False) as c:
            c.row_factory = None  # type: ignore[attr-defined] # bare tuples: a Row would be made one after
            c.execute(statement, params)
            rows: list[tuple[int, str, bytes]] = c.fetchall()
            return rows

    def select_many(self, originator_ids: Sequence[UUID]) -> list[tuple[UUID, int, str, bytes]]:
        """All events of several short streams (identifiers), in one query a thousand."""
        found: list[tuple[UUID, int, str, bytes]] = []
        with self.datastore.transaction(commit=False) as c:
            for chunk in _chunks(originator_ids, 1000):
                c.execute(
                    "SELECT originator_id, originator_version, topic, state"
                    f" FROM {self.events_table_name}"
                    f" WHERE originator_id IN ({','.join('?' * len(chunk))}) ORDER BY originator_version",
                    [i.bytes for i in chunk],
                )
                found.extend((UUID(bytes=r[0]), r[1], r[2], r[3]) for r in c.fetchall())
        return found

    def select_since(self, versions: Mapping[UUID, int]) -> list[tuple[UUID, int, str, bytes]]:
        """What came after a version of several streams, as of one moment."""
        query = (
            f"SELECT originator_version, topic, state FROM {self.events_table_name}"
            " WHERE originator_id=? AND originator_version>? ORDER BY originator_version"
        )
        found: list[tuple[UUID, int, str, bytes]] = []
        with self.datastore.transaction(commit=False) as c:
            c.row_factory = None  # type: ignore[attr-defined] # as in select_rows
            for stream, after in versions.items():
                c.execute(query, (stream.bytes, after))
                found.extend((stream, *row) for row in c.fetchall())
        return found

    def streams_of(self, topic: str) -> list[UUID]:
        """Every stream under a topic, in the order of their first events."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                f"SELECT originator_id FROM {self.events_table_name}"
                " WHERE topic=? AND originator_version=1 ORDER BY position",
                (topic,),
            )
            return [UUID(bytes=row[0]) for row in c.fetchall()]

    def places_of(self, stream: UUID) -> list[tuple[int, int]]:
        """One stream's (version, position) in order."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                f"SELECT originator_version, position FROM {self.events_table_name}"
                " WHERE originator_id=? ORDER BY originator_version",
                (_id(stream),),
            )
            return [(version, position) for version, position in c.fetchall()]

    def _versions(self, c: SQLiteCursor, originator_ids: Iterable[UUID]) -> dict[UUID, int]:
        """The last version of each stream that exists."""
        found: dict[UUID, int] = {}
        query = (
            f"SELECT originator_version FROM {self.events_table_name} WHERE originator_id=?"
            " ORDER BY originator_version DESC LIMIT 1"
        )
        for stream in originator_ids:
            c.execute(query, (stream.bytes,))
            row = c.fetchone()
            if row is not None:
                found[stream] = row[0]
        return found

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events of all streams in the order they were recorded."""
        conditions, params = ["1"], list[Any]()
        if start is not None:
            conditions.append("position>=?" if inclusive_of_start else "position>?")
            params.append(start)
        if stop is not None:
            conditions.append("position<=?")
            params.append(stop)
        if topics:
            conditions.append(f"topic IN ({','.join('?' * len(topics))})")
            params.extend(topics)
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                f"SELECT position, originator_id, originator_version, topic, state"
                f" FROM {self.events_table_name} WHERE {' AND '.join(conditions)} ORDER BY position LIMIT ?",
                [*params, limit],
            )
            return [Notification(UUID(bytes=r[1]), r[2], r[3], r[4], r[0]) for r in c.fetchall()]

    def wait(self, seconds: float) -> None:
        """Wait until another process has written, or so long."""
        before, until = self._data_version(), time.monotonic() + seconds
        while time.monotonic() < until and self._data_version() == before:
            time.sleep(POLL)

    def _data_version(self) -> int:
        """A number that changes when another process has written; asks nothing of the disk."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("PRAGMA data_version")
            return int(c.fetchone()[0])

    def rows_after(self, position: int, limit: int) -> list[StoredRow]:
        """Stored rows as they are, for the ledger and for projections."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(self.select_after, (position, limit))
            return [StoredRow(*row) for row in c.fetchall()]

    def _max_notification_id(self, c: SQLiteCursor) -> int:
        c.execute(f"SELECT MAX(position) FROM {self.events_table_name}")
        last: int = c.fetchone()[0]
        return last

    # -------------------------------------------------------- what was taken, positions, quarantine

    def taken(self, sources: Sequence[bytes]) -> dict[bytes, Taken]:
        """What was taken before, of these source events."""
        found: dict[bytes, Taken] = {}
        with self.datastore.transaction(commit=False) as c:
            for chunk in _chunks(sources, 1000):
                c.execute(
                    f"SELECT * FROM taken WHERE source IN ({','.join('?' * len(chunk))})",
                    list(chunk),
                )
                for row in c.fetchall():
                    found[row[0]] = Taken(row[0], row[1], UUID(bytes=row[2]), UUID(bytes=row[3]))
        return found

    def positions(self) -> Mapping[tuple[str, int], int]:
        """The next offset to read of every topic partition read so far."""
        with self.datastore.transaction(commit=False) as c:
            c.execute("SELECT topic, part, next FROM positions")
            return {(r[0], r[1]): r[2] for r in c.fetchall()}

    def held(self) -> Mapping[str, int]:
        """How many deliveries are held, by reason."""
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                "SELECT reason, count(*) AS n FROM quarantine WHERE state='held' GROUP BY reason ORDER BY 1"
            )
            return {row["reason"]: row["n"] for row in c.fetchall()}

    def quarantined(self, state: str | None = "held", id_: int | None = None) -> list[Quarantined]:
        """What is held (or was), oldest first."""
        conditions, params = ["1"], list[Any]()
        if state is not None:
            conditions.append("state=?")
            params.append(state)
        if id_ is not None:
            conditions.append("id=?")
            params.append(id_)
        with self.datastore.transaction(commit=False) as c:
            c.execute(
                "SELECT id, topic, part, place, reason, fields, held_at, sealed, state, ended_by"
                f" FROM quarantine WHERE {' AND '.join(conditions)} ORDER BY id",
                params,
            )
            return [Quarantined(r[0], Held(*tuple(r)[1:8]), r[8], r[9]) for r in c.fetchall()]


def _id(originator_id: UUID | str) -> bytes | str:
    return originator_id.bytes if isinstance(originator_id, UUID) else originator_id


def _taken_row(taken: Taken) -> tuple[bytes, bytes, bytes, bytes]:
    return taken.source, taken.digest, taken.child.bytes, taken.entry.bytes


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
