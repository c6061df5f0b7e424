"""The hub's real event table, on either engine, opened as its administrator opens it: no trigger holds."""

import sqlite3
from collections.abc import Sequence
from uuid import UUID

import psycopg

from hub.settings import Settings
from hub.store.effects import StoredRow

_ALL = "SELECT position, originator_id, originator_version, topic, state FROM {} ORDER BY position"
_COLUMNS = "(position, originator_id, originator_version, topic, state)"


class SqliteTables:
    """The SQLite file, with its triggers dropped."""

    def __init__(self, settings: Settings) -> None:
        self._file = sqlite3.connect(settings.archive, isolation_level=None, timeout=30)
        self._file.text_factory = lambda raw: raw.decode(errors="surrogateescape")
        self._file.execute("PRAGMA synchronous=OFF")
        for (name,) in self._file.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            self._file.execute(f"DROP TRIGGER {name}")

    def rows(self) -> list[StoredRow]:
        return [StoredRow(*row) for row in self._file.execute(_ALL.format("events"))]

    def write(self, rows: Sequence[StoredRow]) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        self._file.execute("DELETE FROM events")
        self._file.executemany(f"INSERT INTO events {_COLUMNS} VALUES (?,?,?,?,?)", rows)
        self._file.execute("COMMIT")

    def close(self) -> None:
        self._file.close()


class PostgresTables:
    """The PostgreSQL table, as a superuser for whom triggers are silent."""

    def __init__(self, settings: Settings) -> None:
        assert settings.store is not None
        self._owner = psycopg.connect(settings.store.address, autocommit=True)
        self._owner.execute("SET session_replication_role = replica")
        self._owner.execute("SET synchronous_commit = off")

    def rows(self) -> list[StoredRow]:
        found = self._owner.execute(_ALL.format("hub.events")).fetchall()
        return [StoredRow(position, stream.bytes, *rest) for position, stream, *rest in found]

    def write(self, rows: Sequence[StoredRow]) -> None:
        copy = f"COPY hub.events {_COLUMNS} FROM STDIN"
        with self._owner.transaction(), self._owner.cursor() as cursor:
            cursor.execute("DELETE FROM hub.events")
            with cursor.copy(copy) as into:
                for row in rows:
                    into.write_row(row._replace(stream=UUID(bytes=row.stream)))

    def close(self) -> None:
        self._owner.close()


def tables_of(settings: Settings) -> SqliteTables | PostgresTables:
    """The administrator's hand on the store that the settings name."""
    return SqliteTables(settings) if settings.store is None else PostgresTables(settings)
