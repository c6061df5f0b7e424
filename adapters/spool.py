"""Keeps what an agency's adapters took until the bus has it; all it keeps came sealed or hashed.

Promised: what `complete` returned for is on disk and will reach the bus at least once, in order; a file that
breaks off leaves nothing to send. Not promised: once only. A crash between sending and marking sends again,
and the hub records it once.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.format import Finding
from adapters.snapshots import Known
from schemas.topic_log import pack_headers, unpack_headers
from schemas.wire import Message, keyed_hash

BUSY = 30.0
"""Seconds one publisher waits for another of the same agency."""

_MIGRATION = (
    """CREATE TABLE IF NOT EXISTS files (
        reading INTEGER PRIMARY KEY AUTOINCREMENT, sha256 TEXT NOT NULL, format TEXT NOT NULL,
        at TEXT NOT NULL, accepted INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE IF NOT EXISTS outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT, reading INTEGER NOT NULL, topic TEXT NOT NULL,
        key BLOB NOT NULL, headers BLOB NOT NULL, value BLOB NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS said (
        leaf BLOB PRIMARY KEY, reading INTEGER NOT NULL, proved INTEGER) WITHOUT ROWID""",
    "CREATE TABLE IF NOT EXISTS receipts (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS refusals (
        sha256 TEXT NOT NULL, format TEXT NOT NULL, place TEXT NOT NULL, code TEXT NOT NULL,
        field TEXT NOT NULL, refused INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (sha256, format, place, code, field)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS readings (
        source TEXT NOT NULL, key BLOB NOT NULL, child BLOB NOT NULL, digest BLOB NOT NULL,
        version INTEGER NOT NULL, edition TEXT NOT NULL, withdrawn INTEGER NOT NULL, said_as BLOB NOT NULL,
        PRIMARY KEY (source, key)) WITHOUT ROWID""",
)


class SpoolUnavailable(Exception):
    """The spool is missing, in use by another publisher for too long, or no spool. Names the file only."""


class Spooled(NamedTuple):
    """A message that still has to be sent."""

    id: int
    message: Message


class Refused(NamedTuple):
    """A finding as it was kept: where, what, when; never a value."""

    sha256: str
    format: str
    finding: Finding
    at: str


def migrate(path: Path) -> None:
    """Make the spool and its tables, readable by its owner only; done twice, nothing changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for file in (path, _turn_of(path)):
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        file.chmod(0o600)
    with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in _MIGRATION:
            connection.execute(statement)
        connection.execute("COMMIT")


class Spool:
    """One agency's spool. `secret` is the agency's own: it hides the keys that readings must remember."""

    def __init__(
        self,
        path: Path,
        secret: bytes,
        busy: float = BUSY,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Open a spool that `migrate` has made. Raises SpoolUnavailable where there is none."""
        self._path, self._random = path, random
        self._aead = AESGCM(keyed_hash(secret, "said-as"))
        if not path.is_file():
            raise SpoolUnavailable(f"no spool at {path}")
        with self._explained():
            self._connection = sqlite3.connect(path, timeout=busy, isolation_level=None)
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("SELECT id FROM outbox LIMIT 1")
            self._turn = sqlite3.connect(_turn_of(path), timeout=busy, isolation_level=None)

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()
        self._turn.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One publisher of an agency at a time: order and snapshots depend on it. A crash ends the turn.

        Raises SpoolUnavailable after waiting too long.
        """
        with self._explained():
            self._turn.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            self._turn.execute("ROLLBACK")

    # ------------------------------------------------------------ taking in, within a turn

    def begin(self, sha256: str, format_: str, at: datetime) -> int:
        """Start taking in a file. What a crash left half taken in was never accepted, and is dropped."""
        with self._transaction() as write:
            for table in ("outbox", "said"):
                write(f"DELETE FROM {table} WHERE reading IN (SELECT reading FROM files WHERE accepted = 0)")  # noqa: S608 — one of two
            write("DELETE FROM files WHERE accepted = 0")
            row = (sha256, format_, at.isoformat())
            return int(write("INSERT INTO files (sha256, format, at) VALUES (?, ?, ?)", row).lastrowid or 0)

    def accept(
        self,
        reading: int,
        messages: Sequence[Message],
        findings: Sequence[Finding],
        leaves: Sequence[bytes] = (),
    ) -> None:
        """Put a batch on disk; nothing of it is sent before the whole file is `complete`.

        `leaves`: of the statements in it. One said before is remembered as it was.
        """
        with self._transaction() as write:
            self._connection.executemany(
                "INSERT INTO outbox (reading, topic, key, headers, value) VALUES (?, ?, ?, ?, ?)",
                ((reading, m.topic, m.key, pack_headers(m.headers), m.value) for m in messages),
            )
            said = [(leaf, reading) for leaf in leaves]
            self._connection.executemany("INSERT OR IGNORE INTO said (leaf, reading) VALUES (?, ?)", said)
            file = write("SELECT sha256, format, at FROM files WHERE reading = ?", (reading,)).fetchone()
            self._connection.executemany(
                "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((*file[:2], f.place, f.code, f.field or "", f.refused, file[2]) for f in findings),
            )

    def complete(self, reading: int, source: str = "", known: Iterable[Known] = ()) -> None:
        """The file is taken: its messages may go, and its records are remembered, in one transaction."""
        with self._transaction() as write:
            self._connection.executemany(
                "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        source,
                        k.key,
                        k.child,
                        k.digest,
                        k.version,
                        k.edition,
                        k.withdrawn,
                        self._hide(source, k),
                    )
                    for k in known
                ),
            )
            write("UPDATE files SET accepted = 1 WHERE reading = ?", (reading,))

    def abandon(self, reading: int) -> None:
        """The file cannot be read to its end: nothing of it will be sent; what was wrong with it is kept."""
        with self._transaction() as write:
            write("DELETE FROM outbox WHERE reading = ?", (reading,))
            write("DELETE FROM said WHERE reading = ?", (reading,))
            write("DELETE FROM files WHERE reading = ?", (reading,))

    # ------------------------------------------------------------ sending, within a turn

    def pending(self, limit: int) -> list[Spooled]:
        """The next messages to send, in order."""
        with self._explained():
            rows = self._connection.execute(
                "SELECT id, topic, key, headers, value FROM outbox JOIN files USING (reading)"
                " WHERE accepted = 1 ORDER BY id LIMIT ?",
                (limit,),
            ).fetchall()
        return [Spooled(id_, Message(t, key, unpack_headers(h), value)) for id_, t, key, h, value in rows]

    def mark_sent(self, sent: Sequence[Spooled]) -> None:
        """The bus has these: they need not be kept."""
        with self._transaction():
            self._connection.executemany("DELETE FROM outbox WHERE id = ?", ((s.id,) for s in sent))

    # ------------------------------------------------------------ receipts

    def proved(self, leaves: Sequence[bytes], position: int) -> int:
        """These statements are proved to stand at a position of the hub's ledger; tells how many newly so."""
        marks = [(position, leaf) for leaf in leaves]
        with self._transaction():
            changed = "UPDATE said SET proved = ? WHERE leaf = ? AND proved IS NULL"
            return self._connection.executemany(changed, marks).rowcount

    def read_to(self, topic: str) -> int:
        """The offset to read a topic of receipts from."""
        with self._explained():
            row = self._connection.execute("SELECT next FROM receipts WHERE topic = ?", (topic,)).fetchone()
        return int(row[0]) if row else 0

    def has_read(self, topic: str, following: int) -> None:
        """A topic of receipts is read as far as before this offset, and what holds of it is kept."""
        with self._transaction() as write:
            write("INSERT OR REPLACE INTO receipts VALUES (?, ?)", (topic, following))

    def unproved(self) -> tuple[int, str]:
        """How many events no receipt proves yet, and when the oldest of them was taken in (empty: none)."""
        question = (
            "SELECT count(*), coalesce(min(at), '') FROM said JOIN files USING (reading)"
            " WHERE accepted = 1 AND proved IS NULL"
        )
        with self._explained():
            count, since = self._connection.execute(question).fetchone()
        return int(count), str(since)

    # ------------------------------------------------------------ reading

    def waiting(self) -> int:
        """How many messages still have to be sent."""
        question = "SELECT count(*) FROM outbox JOIN files USING (reading) WHERE accepted = 1"
        with self._explained():
            return int(self._connection.execute(question).fetchone()[0])

    def readings(self, source: str) -> dict[bytes, Known]:
        """What a source last said, by natural key."""
        columns = "key, child, digest, version, edition, withdrawn, said_as"
        with self._explained():
            rows = self._connection.execute(f"SELECT {columns} FROM readings WHERE source = ?", (source,))  # noqa: S608
            return {row[0]: self._known(source, *row) for row in rows}

    def refusals(self) -> list[Refused]:
        """Everything that was refused or taken with a warning, the newest last."""
        with self._explained():
            rows = self._connection.execute("SELECT * FROM refusals ORDER BY at, sha256, place").fetchall()
        return [
            Refused(sha, format_, Finding(place, code, field or None, bool(refused)), at)
            for sha, format_, place, code, field, refused, at in rows
        ]

    # ------------------------------------------------------------

    def _known(
        self,
        source: str,
        key: bytes,
        child: bytes,
        digest: bytes,
        version: int,
        edition: str,
        withdrawn: int,
        hidden: bytes,
    ) -> Known:
        said_as = self._show(source, key, hidden)
        return Known(key, child, digest, version, edition, bool(withdrawn), said_as)

    def _hide(self, source: str, known: Known) -> bytes:
        nonce = self._random(12)
        return nonce + self._aead.encrypt(nonce, known.said_as.encode(), source.encode() + known.key)

    def _show(self, source: str, key: bytes, hidden: bytes) -> str:
        return self._aead.decrypt(hidden[:12], hidden[12:], source.encode() + key).decode()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise SpoolUnavailable(f"{self._path}: {_reason(error)}") from error

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


def _turn_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-turn")


def _reason(error: sqlite3.Error) -> str:
    said = str(error)
    if "locked" in said:
        return "in use by another publisher"
    if any(word in said for word in ("full", "disk I/O", "unable to open")):
        return "no room on the disk, or it cannot be written"
    return "not a usable spool"
