"""Brings a database's tables to what this hub needs: each step once, in order, and written down."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from hub.errors import HubError
from hub.postgres.access import StoreAccess
from hub.postgres.database import Database, Row, connect, faults

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7355607
"""Whoever migrates holds it: two who migrate at once do it one after the other."""


class SchemaDiffers(HubError):
    """The database's tables are not the ones this hub was written for. The text says what to do."""

    status, title, exit_code = 503, "The database is not ready for this hub", 4


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: what it is called, and what it does in SQL."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What it was, when it was done: a step is never edited afterwards."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Every step, in order. A new one is a file with the next number in `migrations/`."""
    files = sorted(FOLDER.glob("*.sql"))
    return [Migration(int(file.stem[:4]), file.stem[5:], file.read_text()) for file in files]


def migrate(owner: StoreAccess, *, dry: bool = False) -> list[Migration]:
    """Do every step that was not done, as the owner of the database; `dry` only tells them.

    Raises SchemaDiffers where a step was edited after it was done, or the database is newer than this hub.
    """
    with connect(owner) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        there = connection.execute("SELECT to_regclass('hub.migrations')").fetchone() != (None,)
        done = connection.execute("SELECT number, sha256 FROM hub.migrations").fetchall() if there else []
        missing = _missing(done)
        if not dry:
            for step in missing:
                _do(connection, step)
    return missing


def check(database: Database) -> None:
    """See that the database is as this hub needs it. Raises SchemaDiffers, Unavailable."""
    (there,) = database.rows("SELECT to_regclass('hub.migrations') IS NOT NULL")[0]
    done = database.rows("SELECT number, sha256 FROM hub.migrations ORDER BY number") if there else []
    if _missing(done):
        raise SchemaDiffers("the database lacks tables this hub needs; run 'hub migrate' first")


def _missing(done: Sequence[Row]) -> list[Migration]:
    known = migrations()
    were: dict[int, str] = dict(done)
    if max(were, default=0) > known[-1].number:
        raise SchemaDiffers("the database was migrated by a newer hub; upgrade this one")
    if edited := [step.name for step in known if were.get(step.number, step.sha256) != step.sha256]:
        raise SchemaDiffers(f"not as it was when it was done: migration {', '.join(edited)}")
    return [step for step in known if step.number not in were]


def _do(connection: psycopg.Connection[Row], step: Migration) -> None:
    with faults(), connection.transaction():
        connection.execute(step.sql.encode())
        said = "INSERT INTO hub.migrations (number, name, sha256) VALUES (%s, %s, %s)"
        connection.execute(said, (step.number, step.name, step.sha256))
