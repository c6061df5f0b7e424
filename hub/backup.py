"""Copies what a hub keeps, events, keys and secrets apart, and puts it back; what was erased stays erased."""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from hub.audit.ledger import Ledger
from hub.confidentiality import secret_file
from hub.confidentiality.child_keys import Tombstone, entomb, tombstones
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.engines import lay_down, open_engines
from hub.errors import HubError, Refused, Unavailable
from hub.postgres.access import StoreAccess
from hub.settings import Settings
from hub.store.views_sqlite import SqliteViews

MANIFEST, DESTROYED, DUMP = "manifest.json", "destroyed-keys.json", "postgres.dump"
KEY_FILE = "keys.json"
EVENTS, KEYS = ("hub", "hub_ledger"), ("hub_keys",)
"""Schemas of each half on PostgreSQL; views are not copied, since they can be drawn again."""


class BackupUnusable(HubError):
    """What was copied is not whole, or not of this kind. The text names the file."""

    title, exit_code = "This back-up cannot be used", 1


def back_up(
    settings: Settings, events_to: Path, keys_to: Path, now: datetime, secrets_to: Path | None = None
) -> dict[str, Any]:
    """Copy a hub, running or not, into two empty folders, or three; tells what the manifest says.

    What was signed is copied before the ledger and the ledger before the events, so that neither knows more
    than they hold; the keys after them, so that no event lacks its key; the secrets last, so that no key
    lacks what it is wrapped under. Secrets are the key file, and with it the key that signs the ledger; None:
    it is not copied. Whoever has all three copies has everything: each is for another keeper. Where it fails
    the folders are empty again. Raises Refused for a folder that is not empty or given twice, NotFounded,
    Unavailable.
    """
    halves = {"events": events_to, "keys": keys_to} | ({"secrets": secrets_to} if secrets_to else {})
    _emptied(halves.values())
    with _whole_or_nothing(halves.values()):
        return _copied(settings, halves, now)


def _copied(settings: Settings, halves: Mapping[str, Path], now: datetime) -> dict[str, Any]:
    events_to, keys_to, secrets_to = halves["events"], halves["keys"], halves.get("secrets")
    with open_engines(settings) as engines:
        _copy_signed(settings, events_to)
        ledger = Ledger(engines.ledger, engines.recorder)
        size = ledger.size()
        head = {
            "made_at": now.isoformat(),
            "engine": engines.name,
            "at_least_position": engines.recorder.max_notification_id() or 0,
            "at_least_ledger_rows": size,
            "ledger_root": ledger.root(size).hex(),
        }
        if settings.store is None:
            _copy(settings.ledger, events_to)
            _copy(settings.archive, events_to)
            _copy(settings.child_keys, keys_to)
        else:
            _dump(_owner(settings), EVENTS, events_to)
            _dump(_key_owner(settings), KEYS, keys_to)
        graves = tombstones(engines.child_keys)
        (events_to / DESTROYED).write_text(json.dumps([_said(grave) for grave in graves]))
        head["destroyed_keys"] = len(graves)
        engines.recorder.close()
    if secrets_to is not None:
        shutil.copy2(settings.key_file, secrets_to / KEY_FILE)
    for half, folder in halves.items():
        (folder / MANIFEST).write_text(json.dumps({**head, "half": half, "files": _hashes(folder)}, indent=1))
    return head


def _emptied(folders: Collection[Path]) -> None:
    """Make the folders, each another and empty. Raises Refused."""
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise Refused("events, keys and secrets go to different places, so that no copy holds two of them")
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise Refused(f"{folder} is not empty")


@contextmanager
def _whole_or_nothing(folders: Collection[Path]) -> Iterator[None]:
    """Empty the folders again where it fails: half a copy passes for none, and is in no other's way."""
    try:
        yield
    except BaseException:
        for folder in folders:
            for left in folder.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        raise


def _copy_signed(settings: Settings, to: Path) -> None:
    """Copy what was signed and handed out, and the public keys it is checked with."""
    for file in _said_openly(settings):
        if file.exists():
            shutil.copy2(file, to)
    for folder in _evidence(settings):
        if folder.exists():
            # What is just being laid down is laid down again.
            shutil.copytree(folder, to / folder.name, ignore=shutil.ignore_patterns("*.new"))


def restore(
    settings: Settings,
    events_from: Path,
    keys_from: Path,
    destroyed: Sequence[Path] = (),
    secrets_from: Path | None = None,
) -> dict[str, Any]:
    """Put a back-up into an empty place: a data folder without a hub, or a database newly migrated.

    Keys that any list of destroyed keys names are destroyed again, however old the copy of the keys: the list
    beside the events, and each of `destroyed`; before anything they could open is in place. Views are not
    there: 'hub follow' draws them. A key file is put back only where there is none: the one there may be
    newer. Raises BackupUnusable, Refused where there is a hub already, or part of one, Conflict (a database
    that holds one), Unavailable.
    """
    head = _checked(events_from, "events", settings)
    _checked(keys_from, "keys", settings)
    if secrets_from is not None:
        _checked(secrets_from, "secrets", settings)
        if settings.key_file.exists():
            raise Refused(f"{settings.key_file} is there already: keys are never written over")
    graves = [grave for file in (events_from / DESTROYED, *destroyed) for grave in _graves(file)]
    _vacant(settings)  # before a key file is put back: it would stand in the way of the next attempt
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if secrets_from is not None:
        secret_file.create(settings.key_file, secret_file.read(secrets_from / KEY_FILE))
    if settings.store is None:
        _restore_files(settings, events_from, keys_from, graves)
    else:
        _load(_key_owner(settings), keys_from)
        with open_engines(settings) as engines:
            entomb(engines.child_keys, graves)  # before there is an event that an erased key could open
            engines.recorder.close()
        _load(_owner(settings), events_from)
    for file in _said_openly(settings):
        if (events_from / file.name).exists():
            shutil.copy2(events_from / file.name, file)
    for folder in _evidence(settings):
        if (events_from / folder.name).exists():
            shutil.copytree(events_from / folder.name, folder, dirs_exist_ok=True)
    return head


def _said_openly(settings: Settings) -> tuple[Path, ...]:
    """Public keys: the agencies', what they seal to, and what checkpoints and receipts are checked with."""
    return settings.agency_keys, settings.hub_public_key, settings.ledger_public_key


def _evidence(settings: Settings) -> tuple[Path, ...]:
    """What was signed and handed out: no word of anybody is in it."""
    return settings.checkpoints, settings.receipts


def _vacant(settings: Settings) -> None:
    """Raises Refused or Conflict where there is a hub already, or part of one; SchemaDiffers, Unavailable."""
    if settings.store is not None:
        lay_down(settings)  # on PostgreSQL it makes nothing: it looks
        return
    there = (settings.archive, settings.child_keys, settings.ledger, settings.views, *_evidence(settings))
    if found := next((file for file in there if file.exists()), None):
        raise Refused(f"{settings.data} holds a hub already, or part of one: {found.name}")


def _restore_files(
    settings: Settings, events_from: Path, keys_from: Path, graves: Sequence[Tombstone]
) -> None:
    """Make every file ready beside its place, and put the events there last: until then there is no hub."""
    with TemporaryDirectory(dir=settings.data, prefix="restoring-") as beside:
        ready = Path(beside)
        for file, folder in ((settings.child_keys, keys_from), (settings.ledger, events_from)):
            _put_back(folder / file.name, ready / file.name)
        _put_back(events_from / settings.archive.name, ready / settings.archive.name)
        with closing(SqliteChildKeys(ready / settings.child_keys.name)) as keys:
            entomb(keys, graves)
        with closing(SqliteViews(settings.views)) as views:
            views.migrate()
        for file in (settings.child_keys, settings.ledger, settings.archive):
            (ready / file.name).replace(file)


# ------------------------------------------------------------ files


def _copy(file: Path, folder: Path) -> None:
    """Copy a SQLite file that may be in use: as it was at one moment."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(folder / file.name)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    (folder / file.name).chmod(0o600)


def _put_back(copy: Path, file: Path) -> None:
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)
    return {str(file.relative_to(folder)): _hash(file) for file in files}


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _checked(folder: Path, half: str, settings: Settings) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        files: Mapping[str, str] = manifest["files"]
        kind = manifest["half"], manifest["engine"]
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupUnusable(f"{folder / MANIFEST} is missing, or no manifest of a back-up") from None
    if kind != (half, "SQLite" if settings.store is None else "PostgreSQL"):
        raise BackupUnusable(f"{folder} holds the {kind[0]} of a hub on {kind[1]}")
    for name, expected in files.items():
        if not (folder / name).is_file() or _hash(folder / name) != expected:
            raise BackupUnusable(f"{folder / name} is missing, or not as it was copied")
    return manifest


def _said(grave: Tombstone) -> list[str | int]:
    return [grave.child.hex, grave.scope, grave.generation, grave.destroyed_at]


def _graves(file: Path) -> Iterable[Tombstone]:
    try:
        return [Tombstone(UUID(child), scope, n, at) for child, scope, n, at in json.loads(file.read_text())]
    except (OSError, ValueError, TypeError):
        raise BackupUnusable(f"{file} is missing, or no list of destroyed keys") from None


# ------------------------------------------------------------ PostgreSQL's own programs


def _owner(settings: Settings) -> StoreAccess:
    return settings.owners()[0]


def _key_owner(settings: Settings) -> StoreAccess:
    """Who may read all of the schema of keys: in another database, or in the same."""
    return settings.owners()[1] if settings.keys is not None else settings.owners()[0]


def _dump(owner: StoreAccess, schemas: Sequence[str], folder: Path) -> None:
    chosen = [f"--schema={schema}" for schema in schemas]
    _run(owner, "pg_dump", "--format=custom", "--data-only", "--exclude-table=hub.migrations", *chosen,
         f"--file={folder / DUMP}", "--dbname")  # fmt: skip
    (folder / DUMP).chmod(0o600)


def _load(owner: StoreAccess, folder: Path) -> None:
    _run(owner, "pg_restore", "--data-only", "--single-transaction", "--exit-on-error",
         str(folder / DUMP), "--dbname")  # fmt: skip


def _run(owner: StoreAccess, program: str, *arguments: str) -> None:
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda p: int(p.parts[-3]))
    found = str(packaged[-1]) if packaged else shutil.which(program)
    if found is None:
        raise Unavailable(f"no program {program}: install PostgreSQL's client programs")
    try:
        secret = {"PGPASSWORD": str(owner.parameters().get("password", ""))} if owner.password_file else {}
    except OSError:
        raise Unavailable("the file with the database's password cannot be read") from None
    done = subprocess.run(  # noqa: S603 — our own arguments, no shell
        [found, *arguments, owner.address], env={**os.environ, **secret}, capture_output=True, check=False
    )
    if done.returncode:
        raise Unavailable(f"{program} ended with {done.returncode}: see the database's log")
