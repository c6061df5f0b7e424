"""What the tests of keys share: a key file and a table in a folder of their own, and a clock that is told."""

from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

from hub.confidentiality import key_file
from hub.confidentiality.child_keys import ChildKeys
from hub.confidentiality.child_keys_postgres import PostgresChildKeys
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.confidentiality.keys import KeyRing
from hub.postgres.access import StoreAccess
from hub.postgres.database import Database

SCOPES = ("police", "health", "spine")
AT = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Site:
    """One hub's keys on disk. Each ring it gives is a process of its own: own connection, file read anew."""

    def __init__(self, folder: Path, store: StoreAccess | None = None) -> None:
        self.folder, self.clock, self.store = folder, Clock(), store
        self.keys_json, self.table = folder / "keys.json", folder / "child-keys.sqlite"
        key_file.create(self.keys_json, SCOPES, demo=True)
        self.held = ExitStack()
        if store is None:
            self.child_keys().migrate()

    def child_keys(self, **options) -> ChildKeys:
        if self.store is None:
            return self.held.enter_context(closing(SqliteChildKeys(self.table, **options)))
        return PostgresChildKeys(self.held.enter_context(closing(Database(self.store, connections=1))))

    def ring(self, cached: int = 10_000, together=(), **options) -> KeyRing:
        store, table = key_file.load(self.keys_json), self.child_keys(**options)
        return KeyRing(table, store, self.clock, cached=cached, now=lambda: AT, together=together)

    def bytes_on_disk(self) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("child-keys.sqlite*")))

    def close(self) -> None:
        self.held.close()
