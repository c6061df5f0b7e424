"""A ledger in a SQLite file of its own, beside the event store: inserted into, never changed."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.audit.ledger import START, Kept, Leaf, NotInLedger, Tip
from hub.audit.merkle import Node
from hub.errors import Conflict, Unavailable

MIGRATION = (
    """CREATE TABLE IF NOT EXISTS ledger (
        leaf INTEGER PRIMARY KEY, position INTEGER NOT NULL UNIQUE, hash BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS nodes (
        level INTEGER, "index" INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, "index")) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS checkpoints (
        size INTEGER, root BLOB NOT NULL, note TEXT, made_at TEXT NOT NULL,
        PRIMARY KEY (size, note)) WITHOUT ROWID""",
)
REFUSE = (
    "CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb} ON {table}"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is inserted into, never changed'); END"
)


class SqliteLedger:
    """The tables of a ledger in one file; `migrate` makes them, once."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, timeout=30, check_same_thread=False)
        with _unavailable():
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")

    def migrate(self) -> None:
        """Make the tables, and the triggers that refuse any change."""
        refusals = [
            REFUSE.format(table=table, verb=verb)
            for table in ("ledger", "nodes", "checkpoints")
            for verb in ("update", "delete")
        ]
        with self._writing() as c:
            for statement in (*MIGRATION, *refusals):
                c.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def tip(self) -> Tip:
        """How far the ledger is."""
        found = self._all("SELECT leaf + 1, position FROM ledger ORDER BY leaf DESC LIMIT 1")
        return Tip(*found[0]) if found else Tip(0, START)

    def append(self, after: Tip, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        """Add leaves and nodes in one transaction. Raises Conflict where the tip is another."""
        with self._writing() as c:
            if self.tip() != after:
                raise Conflict("another follower wrote the ledger")
            try:
                c.executemany("INSERT INTO ledger VALUES (?,?,?)", leaves)
                c.executemany("INSERT INTO nodes VALUES (?,?,?)", nodes)
            except sqlite3.IntegrityError:
                raise Conflict("the ledger already holds one of these rows") from None

    def leaves(self, first: int, limit: int) -> list[Leaf]:
        """Leaves in order, from one on."""
        found = self._all("SELECT * FROM ledger WHERE leaf>=? ORDER BY leaf LIMIT ?", first, limit)
        return [Leaf(*row) for row in found]

    def leaf_at(self, position: int) -> int | None:
        """The leaf of a row."""
        found = self._all("SELECT leaf FROM ledger WHERE position=?", position)
        return found[0][0] if found else None

    def node(self, level: int, place: int) -> bytes:
        """One complete node; level 0 are leaves. Raises NotInLedger."""
        if level:
            found = self._all('SELECT hash FROM nodes WHERE level=? AND "index"=?', level, place)
        else:
            found = self._all("SELECT hash FROM ledger WHERE leaf=?", place)
        if not found:
            raise NotInLedger(f"the ledger has no node {place} of level {level}")
        return bytes(found[0][0])

    def completed(self, first: int, end: int) -> dict[tuple[int, int], bytes]:
        """The inner nodes that leaves from `first` up to before `end` completed."""
        return {
            (level, place): hash_
            for level in range(1, end.bit_length())
            for place, hash_ in self._all(
                'SELECT "index", hash FROM nodes WHERE level=? AND "index">=? AND "index"<?',
                level,
                first >> level,
                end >> level,
            )
        }

    def keep(self, checkpoint: Kept) -> None:
        """Keep a checkpoint; the same again changes nothing."""
        row = (*checkpoint[:3], checkpoint.made_at.astimezone(UTC).isoformat())
        with self._writing() as c:
            c.execute("INSERT INTO checkpoints VALUES (?,?,?,?) ON CONFLICT DO NOTHING", row)

    def checkpoints(self) -> list[Kept]:
        """Every checkpoint kept, smallest first."""
        found = self._all("SELECT size, root, note, made_at FROM checkpoints ORDER BY size, made_at")
        return [Kept(size, root, note, datetime.fromisoformat(at)) for size, root, note, at in found]

    def _all(self, query: str, *values: int) -> list[tuple[Any, ...]]:
        with _unavailable():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with _unavailable():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"the ledger cannot be read or written: {error}") from error
