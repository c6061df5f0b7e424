"""Writes a file that others read: whole or not at all, and on the disk before anybody is told of it."""

import os
from pathlib import Path


def write_whole(file: Path, body: bytes) -> None:
    """Put these bytes in the file's place; killed in the middle, what was there still is. Raises OSError."""
    beside = file.with_suffix(".new")
    with beside.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
