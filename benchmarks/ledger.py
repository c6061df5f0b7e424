"""What the ledger costs an event, and how fast a store is verified, beside the same hashes and inserts."""

import os
import sqlite3
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit.checkpoint import sign
from hub.audit.ledger import BATCH, Ledger
from hub.audit.ledger_sqlite import SqliteLedger
from hub.audit.verify import verify
from hub.store.effects import StoredRow

ROWS, STATE, ORIGIN = 50_000, 800, "bench.example/ledger"
SELECT = (
    "SELECT position, stream, version, topic, state FROM events WHERE position>? ORDER BY position LIMIT ?"
)


class Events:
    """The events table of a file, as the ledger reads it."""

    def __init__(self, file: Path) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        self.connection.execute(
            "CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT,"
            " stream BLOB, version INTEGER, topic TEXT, state BLOB)"
        )

    def rows_after(self, position: int, limit: int) -> Sequence[StoredRow]:
        return [StoredRow(*row) for row in self.connection.execute(SELECT, (position, limit))]

    def fill(self, rows: int) -> None:
        self.connection.execute("BEGIN")
        self.connection.executemany(
            "INSERT INTO events (stream, version, topic, state) VALUES (?,?,?,?)",
            ((os.urandom(16), 1, "hub.child", os.urandom(STATE)) for _ in range(rows)),
        )
        self.connection.execute("COMMIT")


def seconds(act: Callable[[], object]) -> float:
    """How long one act takes."""
    before = perf_counter()
    act()
    return perf_counter() - before


def floor_of_following(events: Events, file: Path) -> None:
    """The same reads, two hashes and two inserted rows an event, in the same batches, with no tree."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE leaves (leaf INTEGER PRIMARY KEY, position INTEGER UNIQUE, hash BLOB)")
    connection.execute(
        "CREATE TABLE nodes (level INTEGER, place INTEGER, hash BLOB, PRIMARY KEY (level, place))"
    )
    position = 0
    while rows := events.connection.execute(SELECT, (position, BATCH)).fetchall():
        position = rows[-1][0]
        hashes = [sha256(row[4]).digest() for row in rows]
        nodes = [sha256(one + one).digest() for one in hashes]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO leaves VALUES (?,?,?)",
            [(row[0], row[0], h) for row, h in zip(rows, hashes, strict=True)],
        )
        connection.executemany(
            "INSERT INTO nodes VALUES (1,?,?)", [(row[0], h) for row, h in zip(rows, nodes, strict=True)]
        )
        connection.execute("COMMIT")
    connection.close()


def floor_of_verifying(events: Events) -> None:
    """The same reads and two hashes a row."""
    position = 0
    while rows := events.connection.execute(SELECT, (position, BATCH)).fetchall():
        position = rows[-1][0]
        for row in rows:
            one = sha256(row[4]).digest()
            sha256(one + one).digest()


def main() -> None:
    """Print a line for each act."""
    key = Ed25519PrivateKey.generate()
    with TemporaryDirectory() as folder:
        events, tables = Events(Path(folder) / "events.sqlite"), SqliteLedger(Path(folder) / "ledger.sqlite")
        tables.migrate()
        events.fill(ROWS)
        ledger = Ledger(tables, events)
        floor = seconds(lambda: floor_of_following(events, Path(folder) / "floor.sqlite"))
        followed = seconds(lambda: [None for _ in iter(ledger.follow, 0)])
        print(f"time ledger-follow {followed / ROWS * 1e6:.2f} us floor {floor / ROWS * 1e6:.2f} us")
        print(f"ratio ledger-follow {followed / floor:.1f} target report")
        notes = [sign(ORIGIN, size, ledger.root(size), key, ORIGIN) for size in range(BATCH, ROWS + 1, BATCH)]
        floor = seconds(lambda: floor_of_verifying(events))
        verdicts = []
        verified = seconds(lambda: verdicts.append(verify(events, ledger, notes, key.public_key())))
        if not (verdicts[0].holds and verdicts[0].covered == ROWS):
            raise SystemExit("the store that was just followed does not verify")
        print(f"rate ledger-verify {ROWS / verified:,.0f} rows/s floor {ROWS / floor:,.0f} rows/s")
        print(f"ratio ledger-verify {verified / floor:.1f} target report")
        proofs = seconds(lambda: [ledger.inclusion(position) for position in range(1, ROWS, 50)])
        print(f"time ledger-inclusion-proof {proofs / (ROWS / 50) * 1e6:.0f} us")
        tables.close()
        events.connection.close()


if __name__ == "__main__":
    main()
