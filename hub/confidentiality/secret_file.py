"""A JSON file that only its owner can read, written whole or not at all, and by one process at a time."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.errors import HubError

OTHERS, OTHERS_WRITE, STICKY = 0o077, 0o002, 0o1000


class KeyFileUnusable(HubError):
    """The key file is missing, not one, or open to others; the text names the file only."""

    status, title, exit_code = 503, "The key file cannot be used", 4


def read(path: Path) -> dict[str, Any]:
    """Read the file. Raises KeyFileUnusable, naming the file and never what is in it."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise KeyFileUnusable(f"{path} can be read by others: make it its owner's only (chmod 600)")
            if path.parent.stat().st_mode & (OTHERS_WRITE | STICKY) == OTHERS_WRITE:
                raise KeyFileUnusable(
                    f"{path.parent} can be written by others, who could put another file there: chmod o-w"
                )
            body = json.load(file)
    except FileNotFoundError:
        raise KeyFileUnusable(f"{path} is missing; run 'hub keys init' first") from None
    except OSError as error:
        raise KeyFileUnusable(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise KeyFileUnusable(f"{path} is not a key file")
    return body


def create(path: Path, body: Mapping[str, Any]) -> None:
    """Make the file. Raises KeyFileUnusable where there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = _written_beside(path, body)
    try:
        os.link(new, path)  # unlike a rename, it fails where there is one
    except FileExistsError:
        raise KeyFileUnusable(f"{path} exists; keys are never written over") from None
    finally:
        new.unlink()
    _sync_folder(path)


def replace(path: Path, body: Mapping[str, Any]) -> None:
    """Put a new body in the file's place: whoever reads meanwhile gets the old or the new, whole."""
    _written_beside(path, body).replace(path)
    _sync_folder(path)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Read, change and replace while no other process does."""
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def stamp(path: Path) -> tuple[int, int]:
    """What differs once another file stands in its place."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return 0, 0
    return there.st_ino, there.st_mtime_ns


def _written_beside(path: Path, body: Mapping[str, Any]) -> Path:
    handle, name = tempfile.mkstemp(prefix=".keys-", dir=path.parent)  # 0600 from its first moment
    with os.fdopen(handle, "w") as file:
        json.dump(body, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
