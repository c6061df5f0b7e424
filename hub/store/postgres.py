"""The archive's recorder on PostgreSQL: events, what was taken, positions, quarantine in one transaction."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)
from psycopg import Cursor

from hub.postgres.database import Database, Row
from hub.store.copying import copy_events, copy_taken
from hub.store.effects import (
    Effects,
    EndedBefore,
    Held,
    PositionMoved,
    Quarantined,
    StoredRow,
    StreamMoved,
    Taken,
    TakenBefore,
)
from hub.store.listening import Listening
from hub.store.mapper import Appended, NewRow, row_of

WRITERS = 7355608
"""The writers' lock. The table's own trigger takes it too: nobody writes without it."""
_COLUMNS = "originator_id, originator_version, topic, state"


class PostgresRecorder(ApplicationRecorder):
    """Stores events with the effects of the same intake, all or nothing; one writer at a time.

    The lock is let go of after the commit is seen, so positions become visible in their order.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._listening = Listening(database.access)

    def close(self) -> None:
        """Stop listening. The database is its opener's to close."""
        self._listening.close()

    # ------------------------------------------------------------ writing

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        effects: Effects | None = None,
        appended: Appended | None = None,
        **_: Any,
    ) -> Sequence[int] | None:
        """Insert in one transaction. Raises IntegrityError (a version exists), PositionMoved, TakenBefore."""
        if not stored_events and effects is None and appended is None:
            return []
        with self.database.transaction() as c:
            c.execute("SELECT pg_advisory_xact_lock(%s)", (WRITERS,))
            if effects is not None:
                self._apply(c, effects)
            rows = [row_of(event) for event in stored_events]
            if appended is not None:
                rows += appended.rows(_versions(c, list(appended.bodies)))
            self._insert_events(c, rows)
            return _positions_of(c, len(rows)) if effects is None else None

    def _insert_events(self, c: Cursor[Row], rows: Sequence[NewRow]) -> None:
        if rows:
            try:
                copy_events(c, rows)
            except psycopg.IntegrityError as exists:
                raise IntegrityError("a version of a stream exists already") from exists
            c.execute("SELECT pg_notify('hub_events', '')")

    def _apply(self, c: Cursor[Row], effects: Effects) -> None:
        if effects.unmoved:
            standing = _versions(c, list(effects.unmoved))
            if any(standing.get(stream, 0) != at for stream, at in effects.unmoved.items()):
                raise StreamMoved
        _move(c, effects.positions)
        try:
            copy_taken(c, effects.taken)
        except psycopg.IntegrityError as already:
            raise TakenBefore from already
        c.executemany(
            "INSERT INTO hub.quarantine (topic, part, place, reason, fields, held_at, sealed)"
            " VALUES (%s,%s,%s,%s,%s,%s,%s) ON CONFLICT (topic, part, place) DO NOTHING",
            [(h.topic, h.partition, h.offset, h.reason, h.fields, h.at, h.sealed) for h in effects.held],
        )
        c.executemany(
            "UPDATE hub.quarantine SET state=%(state)s, ended_by=%(by)s,"
            " sealed=CASE WHEN %(state)s='discarded' THEN NULL ELSE sealed END"
            " WHERE id=%(id)s AND state='held'",
            [{"state": e.state, "by": e.by, "id": e.id} for e in effects.ended],
        )
        if effects.ended and c.rowcount != len(effects.ended):
            raise EndedBefore

    # ------------------------------------------------------------ reading events

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One stream's events in order of version."""
        rows = self.select_rows(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return [StoredEvent(originator_id, version, topic, state) for version, topic, state in rows]

    def select_rows(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[tuple[int, str, bytes]]:
        """One stream's (version, topic, state) without an object per event."""
        found = self.database.rows(
            "SELECT originator_version, topic, state FROM hub.events WHERE originator_id=%s"
            " AND originator_version > %s AND originator_version <= %s"
            f" ORDER BY originator_version {'DESC' if desc else 'ASC'} LIMIT %s",
            (originator_id, gt or 0, 2**62 if lte is None else lte, limit),
        )
        return [(version, topic, state) for version, topic, state in found]

    def select_many(self, originator_ids: Sequence[UUID]) -> list[tuple[UUID, int, str, bytes]]:
        """All events of several short streams (identifiers), in one query."""
        if not originator_ids:
            return []
        found = self.database.rows(
            f"SELECT {_COLUMNS} FROM hub.events WHERE originator_id = ANY(%s)", (list(originator_ids),)
        )
        return sorted(found, key=itemgetter(1))  # most are of version 1: sooner here than there

    def select_since(self, versions: Mapping[UUID, int]) -> list[tuple[UUID, int, str, bytes]]:
        """What came after a version of several streams, in one query."""
        if not versions:
            return []
        found = self.database.rows(
            f"SELECT {_COLUMNS} FROM unnest(%s::uuid[], %s::bigint[]) AS known (stream, version)"
            " JOIN hub.events ON originator_id = known.stream AND originator_version > known.version"
            " ORDER BY originator_version",
            (list(versions), list(versions.values())),
        )
        return [(stream, version, topic, state) for stream, version, topic, state in found]

    def streams_of(self, topic: str) -> list[UUID]:
        """Every stream under a topic, in the order of their first events."""
        query = (
            "SELECT originator_id FROM hub.events WHERE topic=%s AND originator_version=1 ORDER BY position"
        )
        return [stream for (stream,) in self.database.rows(query, (topic,))]

    def places_of(self, stream: UUID) -> list[tuple[int, int]]:
        """One stream's (version, position) in order."""
        query = "SELECT originator_version, position FROM hub.events WHERE originator_id=%s ORDER BY 1"
        return [(version, position) for version, position in self.database.rows(query, (stream,))]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events of all streams in the order they were recorded."""
        first = 0 if start is None else start if inclusive_of_start else start + 1
        found = self.database.rows(
            f"SELECT {_COLUMNS}, position FROM hub.events WHERE position >= %s AND position <= %s"
            " AND (%s OR topic = ANY(%s)) ORDER BY position LIMIT %s",
            (first, 2**62 if stop is None else stop, not topics, list(topics), limit),
        )
        return [Notification(*row) for row in found]

    def rows_after(self, position: int, limit: int) -> list[StoredRow]:
        """Stored rows as they are, for the ledger and for projections."""
        found = self.database.rows(
            f"SELECT position, {_COLUMNS} FROM hub.events WHERE position > %s ORDER BY position LIMIT %s",
            (position, limit),
        )
        return [
            StoredRow(at, stream.bytes, version, topic, state) for at, stream, version, topic, state in found
        ]

    def max_notification_id(self) -> int | None:
        """The last position; None: nothing is recorded."""
        found: int | None = self.database.rows("SELECT max(position) FROM hub.events")[0][0]
        return found

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Not offered: projections follow positions (hub/follow.py), which survives a lost connection."""
        raise NotImplementedError

    def wait(self, seconds: float) -> None:
        """Wait until somebody has recorded something, or so long."""
        self._listening.wait(seconds)

    # -------------------------------------------------------- what was taken, positions, quarantine

    def taken(self, sources: Sequence[bytes]) -> dict[bytes, Taken]:
        """What was taken before, of these source events."""
        query = "SELECT source, digest, child, entry FROM hub.taken WHERE source = ANY(%s)"
        return {row[0]: Taken(*row) for row in self.database.rows(query, (list(sources),))} if sources else {}

    def positions(self) -> Mapping[tuple[str, int], int]:
        """The next offset to read of every topic partition read so far."""
        found = self.database.rows("SELECT topic, part, next FROM hub.positions")
        return {(topic, part): following for topic, part, following in found}

    def held(self) -> Mapping[str, int]:
        """How many deliveries are held, by reason."""
        query = (
            "SELECT reason, count(*) FROM hub.quarantine WHERE state = 'held' GROUP BY reason ORDER BY reason"
        )
        return dict(self.database.rows(query))

    def quarantined(self, state: str | None = "held", id_: int | None = None) -> list[Quarantined]:
        """What is held (or was), oldest first."""
        found = self.database.rows(
            "SELECT id, state, ended_by, topic, part, place, reason, fields, held_at, sealed"
            " FROM hub.quarantine WHERE (%s::text IS NULL OR state = %s)"
            " AND (%s::bigint IS NULL OR id = %s) ORDER BY id",
            (state, state, id_, id_),
        )
        return [Quarantined(one, Held(*held), how, by) for one, how, by, *held in found]


def _move(c: Cursor[Row], moved: Mapping[tuple[str, int], tuple[int | None, int]]) -> None:
    """Move positions on, each from where the worker believed it to be. Raises PositionMoved."""
    if not moved:
        return
    topics, parts = [topic for topic, _ in moved], [part for _, part in moved]
    asked = "SELECT * FROM unnest(%s::text[], %s::int[]) AS asked (topic, part)"
    found = c.execute(
        f"SELECT topic, part, next FROM hub.positions NATURAL JOIN ({asked}) AS asked", (topics, parts)
    ).fetchall()
    standing = {(topic, part): following for topic, part, following in found}
    for at, (expected, _) in moved.items():
        if standing.get(at) != expected:
            raise PositionMoved(*at)
    c.execute(
        "INSERT INTO hub.positions SELECT * FROM unnest(%s::text[], %s::int[], %s::bigint[])"
        " ON CONFLICT (topic, part) DO UPDATE SET next=excluded.next",
        (topics, parts, [following for _, following in moved.values()]),
    )


def _versions(c: Cursor[Row], streams: list[UUID]) -> dict[UUID, int]:
    """The last version of each stream that exists."""
    found = c.execute(
        "SELECT asked.stream, last.version FROM unnest(%s::uuid[]) AS asked (stream) CROSS JOIN LATERAL ("
        "SELECT originator_version AS version FROM hub.events WHERE originator_id = asked.stream"
        " ORDER BY originator_version DESC LIMIT 1) AS last",
        (streams,),
    )
    return dict(found.fetchall())


def _positions_of(c: Cursor[Row], count: int) -> Sequence[int]:
    """The positions just given: nobody else writes meanwhile, so they follow each other."""
    (last,) = c.execute("SELECT max(position) FROM hub.events").fetchone() or (0,)
    return list(range(last - count + 1, last + 1))
