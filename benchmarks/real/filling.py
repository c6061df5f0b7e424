"""Many children at once: those that are drawn are real, the others are rows of the same kinds and sizes.

Registering a million children takes a core 18 minutes, and events are only ever drawn of some thousands of
them. What lies around those is sealed, so that only its place and its length tell on what finding and writing
cost: it may be random bytes. Tables are laid out as intake does it: batch by batch, what began, then entries.
"""

import os
import random
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

import psycopg

from hub.postgres.access import StoreAccess
from hub.store.copying import event_rows, taken_rows
from hub.store.effects import Taken
from hub.store.mapper import CHILD, NewRow

BATCH = 1000
"""Children of one batch: their beginnings lie together, then their entries."""
FULL = 70
"""Per cent: how full random insertion leaves an index's pages, and so how they are built here."""
_EVENTS = "originator_id, originator_version, topic, state"
_UNIQUE = (
    (
        "hub.events",
        "events_originator_id_originator_version_key",
        "UNIQUE (originator_id, originator_version)",
    ),
    ("hub.taken", "taken_pkey", "PRIMARY KEY (source)"),
    ("hub_keys.children", "children_pkey", "PRIMARY KEY (child)"),
)
WARM = (
    "hub.events",
    "hub.taken",
    "hub_keys.children",
    "hub.events_originator_id_originator_version_key",
    "hub.taken_pkey",
    "hub_keys.children_pkey",
)
"""What the server holds in memory where it grew, least asked for first: filling goes past its memory."""
_KEYS_HEAD, _KEYS_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack(">h", -1)


class Family(NamedTuple):
    """One child's rows: what began with the first event, the entry, what was taken, and the wrapped keys."""

    begun: list[NewRow]
    entry: NewRow
    taken: Taken
    keys: bytes


def surround(access: StoreAccess, size: int, seed: int) -> None:
    """Put the children there are (one event each) at random among others, until there are so many.

    For a database of a measurement's own, whose owner signs in: its triggers are passed by.
    """
    chance = random.Random(seed)
    with psycopg.connect(access.address) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        other, real = _read(connection)
        places = set(chance.sample(range(size), len(real)))
        chance.shuffle(real)
        for table, name, _ in _UNIQUE:
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            connection.execute(f"TRUNCATE {table}")
        _copy(connection, event_rows(other[0]), f"hub.events ({_EVENTS})")
        _copy(connection, _keys_rows(other[1]), "hub_keys.children (child, keys, destroyed)")
        left, likes = iter(real), real[:100]
        for first in range(0, size, BATCH):
            _put(
                connection,
                [
                    next(left) if at in places else _like(likes[at % len(likes)])
                    for at in range(first, min(first + BATCH, size))
                ],
            )
        connection.commit()
        connection.autocommit = True
        connection.execute("CHECKPOINT")  # what is built now is in the log whole, as where it grew
        for table, name, unique in _UNIQUE:
            built = f"{unique} WITH (fillfactor = {FULL})"
            connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {built}")
        for table, _, _ in _UNIQUE:  # as the server's own vacuum does along the way
            connection.execute(f"VACUUM ANALYZE {table}")
        connection.execute("CREATE EXTENSION pg_prewarm")
        for relation in WARM:
            connection.execute("SELECT pg_prewarm(%s::regclass)", (relation,))


def _read(
    connection: psycopg.Connection,
) -> tuple[tuple[list[NewRow], list[tuple[bytes, bytes]]], list[Family]]:
    """What is of no one child (rows, keys), and each child's rows together."""
    begun: list[list[NewRow]] = []
    entries: dict[bytes, NewRow] = {}
    rest: list[NewRow] = []
    for stream, version, topic, state in _ask(
        connection, f"SELECT {_EVENTS} FROM hub.events ORDER BY position"
    ):
        row = (stream.bytes, version, topic, state)
        if topic == CHILD and version == 1:
            begun.append([row])
        elif topic == CHILD:
            entries[stream.bytes] = row
        elif topic in {"identifier", "question"}:
            begun[-1].append(row)  # intake writes what begins with a child behind it
        else:
            rest.append(row)
    taken = {
        row[2].bytes: Taken(*row)
        for row in _ask(connection, "SELECT source, digest, child, entry FROM hub.taken")
    }
    keys = {
        child.bytes: kept for child, kept in _ask(connection, "SELECT child, keys FROM hub_keys.children")
    }
    real = []
    for rows in begun:
        child = rows[0][0]
        real.append(Family(rows, entries[child], taken[child], keys.pop(child)))
    return (rest, list(keys.items())), real


def _ask(connection: psycopg.Connection, query: str) -> Iterator[tuple]:
    with connection.cursor(binary=True) as c:
        yield from c.execute(query)


def _like(one: Family) -> Family:
    """Another child's rows, as many and as long, of random bytes."""
    child = _uuid()
    begun = [
        (child if topic == CHILD else _uuid(), 1, topic, os.urandom(len(state)))
        for _, _, topic, state in one.begun
    ]
    entry = (child, 2, CHILD, os.urandom(len(one.entry[3])))
    taken = Taken(os.urandom(32), os.urandom(32), UUID(bytes=child), UUID(bytes=_uuid()))
    return Family(begun, entry, taken, os.urandom(len(one.keys)))


def _uuid() -> bytes:
    return os.urandom(16)


def _put(connection: psycopg.Connection, families: list[Family]) -> None:
    rows = [row for family in families for row in family.begun] + [family.entry for family in families]
    _copy(connection, event_rows(rows), f"hub.events ({_EVENTS})")
    _copy(connection, taken_rows([f.taken for f in families]), "hub.taken (source, digest, child, entry)")
    keys = [(family.begun[0][0], family.keys) for family in families]
    _copy(connection, _keys_rows(keys), "hub_keys.children (child, keys, destroyed)")


def _keys_rows(keys: Iterable[tuple[bytes, bytes]]) -> bytes:
    parts = [_KEYS_HEAD]
    for child, kept in keys:
        parts += (struct.pack(">hi16si", 3, 16, child, len(kept)), kept, struct.pack(">ii", 4, 0))
    return b"".join((*parts, _KEYS_END))


def _copy(connection: psycopg.Connection, rows: bytes, where: str) -> None:
    with connection.cursor() as c, c.copy(f"COPY {where} FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(rows)
