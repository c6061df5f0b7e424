"""A store shaped like the hub's event table, for tests that tamper with it as its administrator could."""

import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit.checkpoint import sign
from hub.audit.ledger import Ledger, LedgerTables
from hub.audit.ledger_postgres import PostgresLedger
from hub.audit.ledger_sqlite import SqliteLedger
from hub.postgres.access import StoreAccess
from hub.postgres.database import Database
from hub.store.effects import StoredRow

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN = "hub.example/ledger"
INSERT = "INSERT INTO events (position, stream, version, topic, state) VALUES (?,?,?,?,?)"


class Archive:
    """The events table in a file, read as stored and written without any guard."""

    def __init__(self, file: Path) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        self.connection.execute("PRAGMA synchronous=OFF")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS events (position INTEGER PRIMARY KEY AUTOINCREMENT,"
            " stream BLOB, version INTEGER, topic TEXT, state BLOB)"
        )

    def rows_after(self, position, limit):
        found = self.connection.execute(
            "SELECT position, stream, version, topic, state FROM events WHERE position>?"
            " ORDER BY position LIMIT ?",
            (position, limit),
        )
        return [StoredRow(*row) for row in found]

    def record(self, *rows: StoredRow) -> None:
        self.connection.execute("BEGIN")
        self.connection.executemany(INSERT, rows)
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()


class Kept(NamedTuple):
    """A store, its ledger, and the checkpoints that were carried outside."""

    archive: Archive
    ledger: Ledger
    tables: LedgerTables
    notes: list[str]
    database: Database | None = None

    def close(self) -> None:
        self.archive.close()
        self.tables.close()
        if self.database is not None:
            self.database.close()


def row(position: int, *, size: int = 60, text: str = "honest") -> StoredRow:
    """An invented row; equal arguments give equal rows."""
    seed = sha256(f"{text} {position}".encode()).digest()
    return StoredRow(position, seed[:16], position % 7 + 1, f"hub.topic.{position % 3}", (seed * 9)[:size])


def opened(folder: Path, store: StoreAccess | None = None) -> Kept:
    """The store that lies in a folder, and its ledger, there or in a database; made where there are none."""
    archive = Archive(folder / "events.sqlite")
    database = Database(store) if store is not None else None
    tables = SqliteLedger(folder / "ledger.sqlite") if database is None else PostgresLedger(database)
    tables.migrate()
    return Kept(archive, Ledger(tables, archive), tables, [], database)


def note_at(ledger: Ledger, size: int) -> str:
    """A signed checkpoint of a ledger at a size."""
    return sign(ORIGIN, size, ledger.root(size), KEY, ORIGIN)


def follow_to_the_end(ledger: Ledger) -> None:
    """Take in all there is."""
    while ledger.follow():
        pass
