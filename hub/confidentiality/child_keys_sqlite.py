"""The table of wrapped data keys in a SQLite file of its own: backed up and erased apart from the events."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any
from uuid import UUID

from hub.confidentiality.child_keys import KeyRow, Pair, Tombstone, Wrapped
from hub.errors import Unavailable

MIGRATION = """
CREATE TABLE IF NOT EXISTS child_keys (
    child BLOB NOT NULL, scope TEXT NOT NULL, generation INTEGER NOT NULL,
    kek_version INTEGER NOT NULL, wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL, destroyed_at INTEGER,
    PRIMARY KEY (child, scope, generation)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS destroyed_keys ON child_keys (destroyed_at) WHERE destroyed_at IS NOT NULL;
"""
ASKED_AT_ONCE = 400
"""Pairs in one query; twice as many variables are below SQLite's oldest limit (999)."""
_COLUMNS = "child_keys.child, child_keys.scope, generation, kek_version, wrapped, destroyed_at"


class SqliteChildKeys:
    """Reads and writes wrapped keys. One connection, one thread at a time."""

    def __init__(self, database: Path, *, busy_seconds: float = 30) -> None:
        self._lock = RLock()
        self._connection = sqlite3.connect(
            database, isolation_level=None, timeout=busy_seconds, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._seen, self._destroyed = -1, 0

    def migrate(self) -> None:
        """Make the table where there is none."""
        with self._lock:
            self._connection.executescript(MIGRATION)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def of(self, child: UUID) -> list[KeyRow]:
        """All of a child's keys, live and destroyed."""
        return self._rows(f"SELECT {_COLUMNS} FROM child_keys WHERE child=?", (child.bytes,))  # noqa: S608 — our constant

    def newest(self, pairs: Sequence[Pair]) -> dict[Pair, KeyRow]:
        """The newest key, live or destroyed, of each child and scope that ever had one."""
        found: dict[Pair, KeyRow] = {}
        for start in range(0, len(pairs), ASKED_AT_ONCE):
            asked = pairs[start : start + ASKED_AT_ONCE]
            rows = self._rows(
                f"WITH asked(child, scope) AS (VALUES {','.join(['(?,?)'] * len(asked))})"  # noqa: S608 — no value in it
                f" SELECT {_COLUMNS} FROM asked CROSS JOIN child_keys"
                " ON child_keys.child=asked.child AND child_keys.scope=asked.scope ORDER BY generation",
                [value for child, scope in asked for value in (child.bytes, scope)],
            )
            found.update(((row.child, row.scope), row) for row in rows)
        return found

    def add(self, rows: Iterable[tuple[KeyRow, Wrapped]], at: datetime) -> None:
        """Keep new keys; where another process made the same one first, theirs stands."""
        values = [
            (
                row.child.bytes,
                row.scope,
                row.generation,
                wrapped.version,
                wrapped.wrapped,
                int(at.timestamp()),
            )
            for row, wrapped in rows
        ]
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO child_keys"
                " (child, scope, generation, kek_version, wrapped, created_at) VALUES (?,?,?,?,?,?)",
                values,
            )

    def wrapped_before(self, scope: str, version: int, after: KeyRow | None, limit: int) -> list[KeyRow]:
        """Live keys of a scope still under an older key-encryption key, a page at a time."""
        child, generation = (after.child.bytes, after.generation) if after else (b"", 0)
        return self._rows(
            f"SELECT {_COLUMNS} FROM child_keys WHERE child>=? AND (child, generation)>(?,?)"  # noqa: S608 — our constant
            " AND scope=? AND kek_version<? AND destroyed_at IS NULL ORDER BY child, generation LIMIT ?",
            (child, child, generation, scope, version, limit),
        )

    def rewrap(self, rows: Iterable[tuple[KeyRow, Wrapped]]) -> int:
        """Put new wrappings in the place of old ones and tell how many.

        A key destroyed meanwhile stays destroyed.
        """
        statement = (
            "UPDATE child_keys SET kek_version=?, wrapped=?"
            " WHERE child=? AND scope=? AND generation=? AND destroyed_at IS NULL"
        )
        values = [(w.version, w.wrapped, row.child.bytes, row.scope, row.generation) for row, w in rows]
        with self._writing() as connection:
            return sum(connection.execute(statement, each).rowcount for each in values)

    def destroy(self, child: UUID, scopes: Sequence[str] | None, at: datetime) -> int:
        """Take a child's keys out of the table, its file and its log, and tell how many.

        What stays is the number of each key and when it was destroyed, so that no later key bears the
        same number. Raises Unavailable where a reader held on to the log: destroy again.
        """
        chosen = tuple(scopes) if scopes is not None else sorted({row.scope for row in self.of(child)})
        statement = (
            "UPDATE child_keys SET wrapped=x'', destroyed_at=?"
            " WHERE child=? AND scope=? AND destroyed_at IS NULL"
        )
        with self._writing() as connection:
            gone = sum(
                connection.execute(statement, (int(at.timestamp()), child.bytes, scope)).rowcount
                for scope in chosen
            )
        with self._lock:
            self._seen = -1
            busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise Unavailable("the keys are destroyed, but their log is in use and could not be emptied")
        return gone

    def destroyed(self) -> int:
        """How many keys were ever destroyed, by any process: when it grows, remembered keys are void."""
        with self._lock:
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._seen:
                count = "SELECT count(*) FROM child_keys WHERE destroyed_at IS NOT NULL"
                self._destroyed = self._connection.execute(count).fetchone()[0]
                self._seen = version
            return self._destroyed

    def tombstones(self) -> list[Tombstone]:
        """Every key that was ever destroyed."""
        query = "SELECT child, scope, generation, destroyed_at FROM child_keys WHERE destroyed_at IS NOT NULL"
        with self._lock:
            found = self._connection.execute(query).fetchall()
        return [Tombstone(UUID(bytes=child), *rest) for child, *rest in found]

    def entomb(self, graves: Iterable[Tombstone]) -> None:
        """Destroy these keys, also where an older copy of the table still had them, or never knew them."""
        with self._writing() as connection:
            connection.executemany(
                "INSERT INTO child_keys VALUES (?,?,?,0,x'',?,?) ON CONFLICT (child, scope, generation)"
                " DO UPDATE SET wrapped=x'', destroyed_at=excluded.destroyed_at",
                [(g.child.bytes, g.scope, g.generation, g.destroyed_at, g.destroyed_at) for g in graves],
            )
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, statement: str, values: Sequence[Any]) -> list[KeyRow]:
        with self._lock:
            rows = self._connection.execute(statement, values).fetchall()
        return [
            KeyRow(UUID(bytes=child), scope, generation, Wrapped(version, wrapped) if at is None else None)
            for child, scope, generation, version, wrapped, at in rows
        ]

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
        except sqlite3.OperationalError as fault:
            raise Unavailable("the table of keys cannot be written now") from fault
