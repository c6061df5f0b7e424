"""Rows for PostgreSQL's binary COPY: the event library's own insert hangs on large batches (storage.md)."""

import struct
from collections.abc import Sequence
from uuid import UUID

from psycopg import Cursor

from hub.postgres.database import Row
from hub.store.effects import Taken
from hub.store.mapper import NewRow

FEW = 50
"""Below so many rows one statement is quicker than a COPY (measured: about 0.2 ms against 0.5)."""

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = struct.pack(">h", -1)
_EVENT = struct.Struct(">hi16siqi").pack
_TAKEN = struct.Struct(">hi32si32si16si16s").pack
_LENGTH = struct.Struct(">i").pack


def copy_events(c: Cursor[Row], events: Sequence[NewRow]) -> None:
    """Insert events in their order. Raises psycopg.IntegrityError where a version exists."""
    if len(events) < FEW:
        c.execute(
            "INSERT INTO hub.events (originator_id, originator_version, topic, state)"
            " SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::bytea[])",
            (
                [UUID(bytes=stream) for stream, _, _, _ in events],
                [version for _, version, _, _ in events],
                [topic for _, _, topic, _ in events],
                [state for _, _, _, state in events],
            ),
        )
        return
    columns = "originator_id, originator_version, topic, state"
    with c.copy(f"COPY hub.events ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(event_rows(events))


def copy_taken(c: Cursor[Row], taken: Sequence[Taken]) -> None:
    """Insert what was taken. Raises psycopg.IntegrityError where one was taken before."""
    if taken:
        with c.copy("COPY hub.taken (source, digest, child, entry) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(taken_rows(taken))


def event_rows(events: Sequence[NewRow]) -> bytes:
    """Events as COPY wants them: stream, version, topic, state."""
    parts = [_HEADER]
    for stream, version, topic, state in events:
        named = topic.encode()
        parts += (_EVENT(4, 16, stream, 8, version, len(named)), named, _LENGTH(len(state)), state)
    parts.append(_END)
    return b"".join(parts)


def taken_rows(taken: Sequence[Taken]) -> bytes:
    """What was taken, as COPY wants it: source, digest, child, entry."""
    rows = [_TAKEN(4, 32, t.source, 32, t.digest, 16, t.child.bytes, 16, t.entry.bytes) for t in taken]
    return b"".join((_HEADER, *rows, _END))
