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
            c.execute(
                "INSERT INTO hub_views.view_positions VALUES (%s,%s,%s)"
                " ON CONFLICT (projection, generation) DO UPDATE SET position=excluded.position",
                (*view, following),
            )
            _clear(c, view, drawn)
            _fill(c, view, drawn, now)
            _hear(c, view, heard)

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
    every = [drawing.stream for drawing in drawn]
    whole = [drawing.stream for drawing in drawn if drawing.parked is None]
    for table, streams in (("parked", every), ("wake", every), ("view_rows", whole), ("ties", whole)):
        c.execute(f"DELETE FROM hub_views.{table} {_OF_VIEW} AND stream = ANY(%s)".encode(), (*view, streams))


def _fill(c: Cursor[Values], view: View, drawn: list[Drawing], now: datetime) -> None:
    whole = [drawing for drawing in drawn if drawing.parked is None]
    rows = [row for drawing in whole for row in drawing.rows]
    c.execute(
        "INSERT INTO hub_views.view_rows SELECT %s, %s, * FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[])",
        (*view, [row.stream for row in rows], [row.id for row in rows], [row.sealed for row in rows]),
    )
    ties = [(tie, drawing.stream) for drawing in whole for tie in drawing.ties]
    c.execute(
        "INSERT INTO hub_views.ties SELECT %s, %s, * FROM unnest(%s::text[], %s::uuid[])"
        " ON CONFLICT DO NOTHING",
        (*view, [tie for tie, _ in ties], [stream for _, stream in ties]),
    )
    wakes = [(drawing.stream, drawing.wake_at) for drawing in whole if drawing.wake_at is not None]
    c.execute(
        "INSERT INTO hub_views.wake SELECT %s, %s, * FROM unnest(%s::uuid[], %s::timestamptz[])",
        (*view, [stream for stream, _ in wakes], [at for _, at in wakes]),
    )
    parked = [(drawing.stream, drawing.parked) for drawing in drawn if drawing.parked is not None]
    c.execute(
        "INSERT INTO hub_views.parked SELECT %s, %s, *, %s FROM unnest(%s::uuid[], %s::text[])",
        (*view, now, [stream for stream, _ in parked], [reason for _, reason in parked]),
    )


def _hear(c: Cursor[Values], view: View, heard: dict[str, datetime]) -> None:
    c.execute(
        "INSERT INTO hub_views.heard SELECT %s, %s, * FROM unnest(%s::text[], %s::timestamptz[])"
        " ON CONFLICT (projection, generation, agency) DO UPDATE SET at=excluded.at",
        (*view, list(heard), list(heard.values())),
    )
