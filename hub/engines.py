"""The engines the settings name, open: where events, keys, drawn views and the ledger are kept."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.audit.ledger import LedgerTables
from hub.audit.ledger_sqlite import SqliteLedger
from hub.confidentiality.child_keys import ChildKeys
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.errors import Conflict, HubError, Unavailable
from hub.settings import Settings
from hub.store.archive import Recorder
from hub.store.sqlite import Datastore, SqliteRecorder
from hub.store.views import Views
from hub.store.views_sqlite import SqliteViews

SQLITE = b"SQLite format 3\0"
"""What every file of SQLite's begins with."""


class NotFounded(HubError):
    """There is no hub here yet."""

    status, title, exit_code = 503, "No hub here yet", 4


@dataclass(frozen=True)
class Engines:
    """What the hub keeps things in. The recorder closes with the archive that stands on it."""

    name: str
    recorder: Recorder
    child_keys: ChildKeys
    views: Views
    ledger: LedgerTables


@contextmanager
def open_engines(settings: Settings) -> Iterator[Engines]:
    """Open what `lay_down`, or 'hub migrate', has made.

    Raises NotFounded where there is no hub, SchemaDiffers where the tables are another hub's, Unavailable.
    """
    with ExitStack() as held:
        if settings.store is not None:
            yield _postgres(settings, held)
            return
        if not settings.archive.exists():
            raise NotFounded(f"{settings.data} holds no hub; run 'hub keys init' or 'make demo' first")
        yield _sqlite(settings, held)


def lay_down(settings: Settings) -> None:
    """Make the tables of a new hub; on PostgreSQL 'hub migrate' did, and they must be empty.

    Raises Conflict where there is a hub already, SchemaDiffers, Unavailable.
    """
    with ExitStack() as held:
        if settings.store is not None:
            engines = _postgres(settings, held)
            if engines.recorder.max_notification_id():
                raise Conflict(f"the database {settings.store.database} holds a hub already")
            return
        recorder = SqliteRecorder(Datastore(str(settings.archive)))
        recorder.create_table()
        recorder.close()
        for tables in (
            SqliteChildKeys(settings.child_keys),
            SqliteViews(settings.views),
            SqliteLedger(settings.ledger),
        ):
            tables.migrate()
            tables.close()


def _sqlite(settings: Settings, held: ExitStack) -> Engines:
    for file in (settings.archive, settings.child_keys, settings.ledger):
        _look_at(file, "put it back from a back-up (hub restore)")
    drawn = settings.views.exists()
    if drawn:
        _look_at(settings.views, "move it away: 'hub follow' draws it anew")
    views, ledger = SqliteViews(settings.views), SqliteLedger(settings.ledger)
    child_keys = SqliteChildKeys(settings.child_keys)
    for tables in (child_keys, views, ledger):
        held.callback(tables.close)
    if not drawn:
        views.migrate()  # never backed up, since it can be drawn again: then its loss may stop nobody
    return Engines("SQLite", SqliteRecorder(Datastore(str(settings.archive))), child_keys, views, ledger)


def _look_at(file: Path, remedy: str) -> None:
    """Say which file cannot be used, before it is opened: opening makes what is missing, and names nothing.

    Raises Unavailable where it is missing, may not be read and written, or is no database.
    """
    if not file.exists():
        raise Unavailable(f"{file} is missing: {remedy}")
    try:
        with file.open("r+b") as opened:
            begins = opened.read(len(SQLITE))
    except OSError as error:
        raise Unavailable(f"{file}: {error.strerror}; the hub reads and writes it") from None
    if begins != SQLITE:
        raise Unavailable(f"{file} is not a database: {remedy}")
    if not os.access(file.parent, os.W_OK):
        raise Unavailable(f"{file.parent} may not be written to: the hub keeps its log there")


def _postgres(settings: Settings, held: ExitStack) -> Engines:
    try:
        from hub.audit.ledger_postgres import PostgresLedger  # noqa: PLC0415 — a hub runs without the extra
        from hub.confidentiality.child_keys_postgres import PostgresChildKeys  # noqa: PLC0415 — likewise
        from hub.postgres.database import Database  # noqa: PLC0415 — likewise
        from hub.postgres.migrating import check  # noqa: PLC0415 — likewise
        from hub.store.postgres import PostgresRecorder  # noqa: PLC0415 — likewise
        from hub.store.views_postgres import PostgresViews  # noqa: PLC0415 — likewise
    except ImportError:
        raise Unavailable(
            "a store on PostgreSQL needs the extra: pip install 'safeguarding-hub[postgres]'"
        ) from None
    assert settings.store is not None  # noqa: S101 — for the type checker
    database = keys = Database(settings.store)
    held.callback(database.close)
    check(database)
    if settings.keys is not None:
        keys = Database(settings.keys)
        held.callback(keys.close)
        check(keys)
    return Engines(
        "PostgreSQL",
        PostgresRecorder(database),
        PostgresChildKeys(keys),
        PostgresViews(database),
        PostgresLedger(database),
    )
