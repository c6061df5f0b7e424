"""What projections have drawn, in a SQLite file."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from hub.errors import Conflict, Unavailable
from hub.store.views import Drawing, Row, View

MIGRATION = """
CREATE TABLE IF NOT EXISTS pointers (projection TEXT PRIMARY KEY, live INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS view_positions (
    projection TEXT, generation INTEGER, position INTEGER NOT NULL, PRIMARY KEY (projection, generation)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS view_rows (
    projection TEXT, generation INTEGER, stream BLOB, id BLOB, sealed BLOB NOT NULL,
    PRIMARY KEY (projection, generation, stream, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS wake (
    projection TEXT, generation INTEGER, stream BLOB, at TEXT NOT NULL,
    PRIMARY KEY (projection, generation, stream)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS wake_at ON wake (projection, generation, at);
CREATE TABLE IF NOT EXISTS parked (
    projection TEXT, generation INTEGER, stream BLOB, reason TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (projection, generation, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (
    projection TEXT, generation INTEGER, agency TEXT, at TEXT NOT NULL,
    PRIMARY KEY (projection, generation, agency)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ties (
    projection TEXT, generation INTEGER, tie TEXT, stream BLOB,
    PRIMARY KEY (projection, generation, tie, stream)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ties_of ON ties (projection, generation, stream);
"""


class SqliteViews:
    """Drawn rows in one SQLite file. They hold nothing that cannot be drawn again."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(
            database, isolation_level=None, timeout=30, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")

    def migrate(self) -> None:
        """Make the tables, once."""
        self._connection.executescript(MIGRATION)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
        except sqlite3.OperationalError as fault:
            raise Unavailable("the drawn views cannot be written now") from fault

    # ------------------------------------------------------------ reading

    def live(self, projection: str) -> View:
        """The generation that readers see."""
        row = self._connection.execute(
            "SELECT live FROM pointers WHERE projection=?", (projection,)
        ).fetchone()
        return View(projection, row[0] if row else 1)

    def position(self, view: View) -> int:
        """The position of the last event this view has drawn."""
        row = self._connection.execute(
            "SELECT position FROM view_positions WHERE projection=? AND generation=?", view
        ).fetchone()
        return row[0] if row else 0

    def rows(self, view: View, stream: UUID | None = None) -> list[Row]:
        """The drawn rows of a stream, or all of them."""
        query = "SELECT stream, id, sealed FROM view_rows WHERE projection=? AND generation=?"
        found = (
            self._connection.execute(query + " ORDER BY stream, id", view)
            if stream is None
            else self._connection.execute(query + " AND stream=? ORDER BY id", (*view, stream.bytes))
        )
        return [Row(UUID(bytes=s), UUID(bytes=i), sealed) for s, i, sealed in found]

    def due(self, view: View, now: datetime, limit: int) -> list[UUID]:
        """Streams whose time to look again has come."""
        found = self._connection.execute(
            "SELECT stream FROM wake WHERE projection=? AND generation=? AND at<=? ORDER BY at LIMIT ?",
            (*view, _text(now), limit),
        )
        return [UUID(bytes=row[0]) for row in found]

    def tied(self, view: View, ties: Iterable[str]) -> set[UUID]:
        """Streams that share any of these ties."""
        found: set[UUID] = set()
        for tie in ties:
            rows = self._connection.execute(
                "SELECT stream FROM ties WHERE projection=? AND generation=? AND tie=?", (*view, tie)
            )
            found.update(UUID(bytes=row[0]) for row in rows)
        return found

    def ties_of(self, view: View, streams: Sequence[UUID]) -> set[str]:
        """The ties any of these streams was last drawn with."""
        query = "SELECT tie FROM ties WHERE projection=? AND generation=? AND stream=?"
        return {
            tie for stream in streams for (tie,) in self._connection.execute(query, (*view, stream.bytes))
        }

    def heard(self, view: View) -> dict[str, datetime]:
        """When each agency's feed was last heard, as far as this view has drawn."""
        found = self._connection.execute(
            "SELECT agency, at FROM heard WHERE projection=? AND generation=?", view
        )
        return {agency: datetime.fromisoformat(at) for agency, at in found}

    def parked(self, view: View) -> list[tuple[UUID, str]]:
        """Streams that could not be drawn, and the kind of error."""
        found = self._connection.execute(
            "SELECT stream, reason FROM parked WHERE projection=? AND generation=?", view
        )
        return [(UUID(bytes=stream), reason) for stream, reason in found]

    # ------------------------------------------------------------ writing

    def draw(
        self,
        view: View,
        drawings: Iterable[Drawing],
        move: tuple[int, int],
        heard: dict[str, datetime],
        now: datetime,
    ) -> None:
        """Replace the rows of some streams and move the position, in one transaction.

        Raises Conflict where the position is not the one drawn from: another follower was here.
        """
        known, following = move
        with self._writing() as c:
            if self.position(view) != known:
                raise Conflict("another follower moved on")
            c.execute("INSERT OR REPLACE INTO view_positions VALUES (?,?,?)", (*view, following))
            for drawing in drawings:
                self._replace(c, view, drawing, now)
            c.executemany(
                "INSERT OR REPLACE INTO heard VALUES (?,?,?,?)",
                [(*view, agency, _text(at)) for agency, at in heard.items()],
            )

    def _replace(self, c: sqlite3.Connection, view: View, drawing: Drawing, now: datetime) -> None:
        stream = drawing.stream.bytes
        at = (*view, stream)
        c.execute("DELETE FROM parked WHERE projection=? AND generation=? AND stream=?", at)
        c.execute("DELETE FROM wake WHERE projection=? AND generation=? AND stream=?", at)
        if drawing.parked is not None:
            c.execute("INSERT INTO parked VALUES (?,?,?,?,?)", (*at, drawing.parked, _text(now)))
            return
        c.execute("DELETE FROM view_rows WHERE projection=? AND generation=? AND stream=?", at)
        c.execute("DELETE FROM ties WHERE projection=? AND generation=? AND stream=?", at)
        c.executemany(
            "INSERT INTO view_rows VALUES (?,?,?,?,?)", [(*at, r.id.bytes, r.sealed) for r in drawing.rows]
        )
        c.executemany(
            "INSERT OR IGNORE INTO ties VALUES (?,?,?,?)", [(*view, t, stream) for t in drawing.ties]
        )
        if drawing.wake_at is not None:
            c.execute("INSERT INTO wake VALUES (?,?,?,?)", (*at, _text(drawing.wake_at)))

    def flip(self, view: View) -> None:
        """Let readers see this generation; the others are dropped."""
        with self._writing() as c:
            c.execute("INSERT OR REPLACE INTO pointers VALUES (?,?)", view)
            self._drop(c, view, "<>")

    def drop(self, view: View) -> None:
        """Drop a generation that was not finished."""
        with self._writing() as c:
            self._drop(c, view, "=")

    def _drop(self, c: sqlite3.Connection, view: View, which: str) -> None:
        for table in ("view_positions", "view_rows", "wake", "parked", "heard", "ties"):
            c.execute(f"DELETE FROM {table} WHERE projection=? AND generation{which}?", view)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
