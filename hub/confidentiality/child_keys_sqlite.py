"""The table of wrapped data keys in a SQLite file of its own: backed up and erased apart from the events."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from uuid import UUID

from hub.confidentiality.child_keys import Change
from hub.errors import Unavailable

MIGRATION = """
CREATE TABLE IF NOT EXISTS children (
    child BLOB NOT NULL UNIQUE, keys BLOB NOT NULL, destroyed INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS bereft ON children (destroyed) WHERE destroyed > 0;
"""
ASKED_AT_ONCE = 900
"""Children in one query: below SQLite's oldest limit of variables (999)."""


class SqliteChildKeys:
    """Reads and writes rows of wrapped keys. One connection, one thread at a time."""

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

    def of(self, children: Sequence[UUID]) -> dict[UUID, bytes]:
        """The rows of these children, of those that have one."""
        found: dict[UUID, bytes] = {}
        for start in range(0, len(children), ASKED_AT_ONCE):
            asked = {child.bytes: child for child in children[start : start + ASKED_AT_ONCE]}
            places = ",".join("?" * len(asked))
            rows = self._rows(f"SELECT child, keys FROM children WHERE child IN ({places})", tuple(asked))  # noqa: S608 — no value in it
            found.update((asked[child], keys) for child, keys in rows)
        return found

    def page(self, after: UUID | None, limit: int) -> list[tuple[UUID, bytes]]:
        """The next rows after a child, in the order of children."""
        from_ = after.bytes if after else b""
        query = "SELECT child, keys FROM children WHERE child>? ORDER BY child LIMIT ?"
        return [(UUID(bytes=child), keys) for child, keys in self._rows(query, (from_, limit))]

    def change(self, changes: Sequence[Change]) -> int:
        """Put rows in the place of what was read; one that was changed meanwhile stays as it is."""
        new = [(c.child.bytes, c.after, c.destroyed) for c in changes if c.before is None]
        other = [(c.after, c.destroyed, c.child.bytes, c.before) for c in changes if c.before is not None]
        done = 0
        with self._writing() as connection:
            if new:
                insert = "INSERT OR IGNORE INTO children (child, keys, destroyed) VALUES (?,?,?)"
                done += connection.executemany(insert, new).rowcount
            if other:
                update = "UPDATE children SET keys=?, destroyed=? WHERE child=? AND keys=?"
                done += connection.executemany(update, other).rowcount
        return done

    def scrub(self) -> None:
        """Empty the log, where overwritten rows still stand; the file itself overwrites what it drops.

        Raises Unavailable where a reader held on to the log.
        """
        with self._lock:
            self._seen = -1
            busy = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise Unavailable("the keys are destroyed, but their log is in use and could not be emptied")

    def destroyed(self) -> int:
        """How many keys were ever destroyed, by any process; counted again when the file has changed."""
        with self._lock:
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._seen:
                count = "SELECT coalesce(sum(destroyed), 0) FROM children WHERE destroyed > 0"
                self._destroyed = self._connection.execute(count).fetchone()[0]
                self._seen = version
            return self._destroyed

    def bereft(self) -> list[tuple[UUID, bytes]]:
        """Every row in which a key was destroyed."""
        rows = self._rows("SELECT child, keys FROM children WHERE destroyed > 0", ())
        return [(UUID(bytes=child), keys) for child, keys in rows]

    def _rows(self, query: str, values: Sequence[bytes | int]) -> list[tuple[bytes, bytes]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                self._seen = -1
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
        except sqlite3.OperationalError as fault:
            raise Unavailable("the table of keys cannot be written now") from fault
