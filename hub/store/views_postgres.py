"""What projections have drawn, on PostgreSQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from psycopg import Cursor

from hub.errors import Conflict
from hub.postgres.database import Database
from hub.postgres.database import Row as Values
from hub.store.views import Drawing, Row, View

_OF_VIEW = "WHERE projection=%s AND generation=%s"
_HERE = "WHERE projection=%(projection)s AND generation=%(generation)s"
_SELECT = "SELECT %(projection)s, %(generation)s, *"
_CLEAR = f"""
WITH parked AS (DELETE FROM hub_views.parked {_HERE} AND stream = ANY(%(every)s::uuid[])),
    woken AS (DELETE FROM hub_views.wake {_HERE} AND stream = ANY(%(every)s::uuid[])),
    drawn AS (DELETE FROM hub_views.view_rows {_HERE} AND stream = ANY(%(whole)s::uuid[]))
DELETE FROM hub_views.ties {_HERE} AND stream = ANY(%(whole)s::uuid[])
""".encode()
_FILL = f"""
WITH moved AS (INSERT INTO hub_views.view_positions VALUES (%(projection)s, %(generation)s, %(following)s)
        ON CONFLICT (projection, generation) DO UPDATE SET position=excluded.position),
    drawn AS (INSERT INTO hub_views.view_rows {_SELECT}
        FROM unnest(%(streams)s::uuid[], %(ids)s::uuid[], %(bodies)s::bytea[])),
    tied AS (INSERT INTO hub_views.ties {_SELECT}
        FROM unnest(%(ties)s::text[], %(tied)s::uuid[]) ON CONFLICT DO NOTHING),
    woken AS (INSERT INTO hub_views.wake {_SELECT}
        FROM unnest(%(sleepers)s::uuid[], %(wake_at)s::timestamptz[])),
    parked AS (INSERT INTO hub_views.parked {_SELECT}, %(now)s
        FROM unnest(%(parked)s::uuid[], %(reasons)s::text[]))
INSERT INTO hub_views.heard {_SELECT}
    FROM unnest(%(agencies)s::text[], %(heard_at)s::timestamptz[])
    ON CONFLICT (projection, generation, agency) DO UPDATE SET at=excluded.at
""".encode()
_TABLES = ("view_positions", "view_rows", "wake", "parked", "heard", "ties")


class PostgresViews:
    """Drawn rows in the schema hub_views. The database is its opener's to close."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Nothing to let go of."""

    # ------------------------------------------------------------ reading

    def live(self, projection: str) -> View:
        """The generation that readers see."""
        found = self._database.rows("SELECT live FROM hub_views.pointers WHERE projection=%s", (projection,))
        return View(projection, found[0][0] if found else 1)

    def position(self, view: View) -> int:
        """The position of the last event this view has drawn."""
        found = self._database.rows(f"SELECT position FROM hub_views.view_positions {_OF_VIEW}", view)
        return found[0][0] if found else 0

    def rows(self, view: View, stream: UUID | None = None) -> list[Row]:
        """The drawn rows of a stream, or all of them."""
        query = f"SELECT stream, id, sealed FROM hub_views.view_rows {_OF_VIEW}"
        found = (
            self._database.rows(query + " ORDER BY stream, id", view)
            if stream is None
            else self._database.rows(query + " AND stream=%s ORDER BY id", (*view, stream))
        )
        return [Row(*row) for row in found]

    def due(self, view: View, now: datetime, limit: int) -> list[UUID]:
        """Streams whose time to look again has come."""
        query = f"SELECT stream FROM hub_views.wake {_OF_VIEW} AND at<=%s ORDER BY at LIMIT %s"
        return [stream for (stream,) in self._database.rows(query, (*view, now, limit))]

    def tied(self, view: View, ties: Iterable[str]) -> set[UUID]:
        """Streams that share any of these ties."""
        asked = list(ties)
        if not asked:
            return set()
        query = f"SELECT DISTINCT stream FROM hub_views.ties {_OF_VIEW} AND tie = ANY(%s)"
        return {stream for (stream,) in self._database.rows(query, (*view, asked))}

    def ties_of(self, view: View, streams: Sequence[UUID]) -> set[str]:
        """The ties any of these streams was last drawn with."""
        if not streams:
            return set()
        query = f"SELECT DISTINCT tie FROM hub_views.ties {_OF_VIEW} AND stream = ANY(%s)"
        return {tie for (tie,) in self._database.rows(query, (*view, list(streams)))}

    def heard(self, view: View) -> dict[str, datetime]:
        """When each agency's feed was last heard, as far as this view has drawn."""
        found = self._database.rows(f"SELECT agency, at FROM hub_views.heard {_OF_VIEW}", view)
        return dict(found)

    def parked(self, view: View) -> list[tuple[UUID, str]]:
        """Streams that could not be drawn, and the kind of error."""
        found = self._database.rows(f"SELECT stream, reason FROM hub_views.parked {_OF_VIEW}", view)
        return [(stream, reason) for stream, reason in found]

    # ------------------------------------------------------------ writing

    def draw(
        self,
        view: View,
        drawings: Iterable[Drawing],
        move: tuple[int, int],
        heard: dict[str, datetime],
        now: datetime,
    ) -> None:
        """Replace the rows of some streams and move the position, in one transaction.

        Raises Conflict where the position is not the one drawn from: another follower was here.
        """
        known, following = move
        drawn = list(drawings)
        with self._database.transaction() as c:
            _one_follower(c, view)
            found = c.execute(f"SELECT position FROM hub_views.view_positions {_OF_VIEW}", view).fetchone()
            if (found[0] if found else 0) != known:
                raise Conflict("another follower moved on")
            if drawn:
                _clear(c, view, drawn)
            _fill(c, view, following, drawn, heard, now)

    def flip(self, view: View) -> None:
        """Let readers see this generation; the others are dropped."""
        with self._database.transaction() as c:
            c.execute(
                "INSERT INTO hub_views.pointers VALUES (%s,%s)"
                " ON CONFLICT (projection) DO UPDATE SET live=excluded.live",
                view,
            )
            for table in _TABLES:
                c.execute(
                    f"DELETE FROM hub_views.{table} WHERE projection=%s AND generation<>%s".encode(), view
                )

    def drop(self, view: View) -> None:
        """Drop a generation that was not finished."""
        with self._database.transaction() as c:
            for table in _TABLES:
                c.execute(f"DELETE FROM hub_views.{table} {_OF_VIEW}".encode(), view)


def _one_follower(c: Cursor[Values], view: View) -> None:
    """Two followers of one view draw one after the other; the second then finds that the position moved."""
    c.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", view)


def _clear(c: Cursor[Values], view: View, drawn: list[Drawing]) -> None:
    """Take away what stood of these streams; of one that is parked now, what was drawn still stands."""
    whole = [drawing.stream for drawing in drawn if drawing.parked is None]
    c.execute(_CLEAR, {**view._asdict(), "every": [drawing.stream for drawing in drawn], "whole": whole})


def _fill(
    c: Cursor[Values],
    view: View,
    following: int,
    drawn: list[Drawing],
    heard: dict[str, datetime],
    now: datetime,
) -> None:
    """Move the position, and put down what was drawn up to it, in one statement: each is waited for."""
    whole = [drawing for drawing in drawn if drawing.parked is None]
    rows = [row for drawing in whole for row in drawing.rows]
    ties = [(tie, drawing.stream) for drawing in whole for tie in drawing.ties]
    wakes = [(drawing.stream, drawing.wake_at) for drawing in whole if drawing.wake_at is not None]
    parked = [(drawing.stream, drawing.parked) for drawing in drawn if drawing.parked is not None]
    said = {
        "following": following,
        "streams": [row.stream for row in rows],
        "ids": [row.id for row in rows],
        "bodies": [row.sealed for row in rows],
        "ties": [tie for tie, _ in ties],
        "tied": [stream for _, stream in ties],
        "sleepers": [stream for stream, _ in wakes],
        "wake_at": [at for _, at in wakes],
        "parked": [stream for stream, _ in parked],
        "reasons": [reason for _, reason in parked],
        "agencies": list(heard),
        "heard_at": list(heard.values()),
        "now": now,
    }
    c.execute(_FILL, {**view._asdict(), **said})
