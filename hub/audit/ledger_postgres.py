"""A ledger in PostgreSQL, in a schema of its own beside the events: inserted into, never changed."""

from collections.abc import Sequence
from typing import Any

import psycopg

from hub.audit.ledger import START, Kept, Leaf, NotInLedger, Tip
from hub.audit.merkle import Node
from hub.errors import Conflict
from hub.postgres.database import Database

LOCK = 7355609
"""Whoever extends the ledger holds it."""
_TIP = "SELECT leaf + 1, position FROM hub_ledger.ledger ORDER BY leaf DESC LIMIT 1"


class PostgresLedger:
    """The tables of a ledger. The database is its opener's to close; 'hub migrate' made the tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def migrate(self) -> None:
        """Nothing to do: 'hub migrate' made the tables."""

    def close(self) -> None:
        """Nothing to let go of."""

    def tip(self) -> Tip:
        """How far the ledger is."""
        found = self._database.rows(_TIP)
        return Tip(*found[0]) if found else Tip(0, START)

    def append(self, after: Tip, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        """Add leaves and nodes in one transaction. Raises Conflict where the tip is another."""
        with self._database.transaction() as c:
            c.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
            found = c.execute(_TIP).fetchone()
            if (Tip(*found) if found else Tip(0, START)) != after:
                raise Conflict("another follower wrote the ledger")
            try:
                c.execute(
                    "INSERT INTO hub_ledger.ledger"
                    " SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])",
                    _columns(leaves),
                )
                c.execute(
                    "INSERT INTO hub_ledger.nodes SELECT * FROM unnest(%s::int[], %s::bigint[], %s::bytea[])",
                    _columns(nodes),
                )
            except psycopg.IntegrityError:
                raise Conflict("the ledger already holds one of these rows") from None

    def leaves(self, first: int, limit: int) -> list[Leaf]:
        """Leaves in order, from one on."""
        query = "SELECT leaf, position, hash FROM hub_ledger.ledger WHERE leaf>=%s ORDER BY leaf LIMIT %s"
        return [Leaf(*row) for row in self._database.rows(query, (first, limit))]

    def leaf_at(self, position: int) -> int | None:
        """The leaf of a row."""
        found = self._database.rows("SELECT leaf FROM hub_ledger.ledger WHERE position=%s", (position,))
        return found[0][0] if found else None

    def node(self, level: int, place: int) -> bytes:
        """One complete node; level 0 are leaves. Raises NotInLedger."""
        if level:
            query = "SELECT hash FROM hub_ledger.nodes WHERE level=%s AND place=%s"
            found = self._database.rows(query, (level, place))
        else:
            found = self._database.rows("SELECT hash FROM hub_ledger.ledger WHERE leaf=%s", (place,))
        if not found:
            raise NotInLedger(f"the ledger has no node {place} of level {level}")
        return bytes(found[0][0])

    def completed(self, first: int, end: int) -> dict[tuple[int, int], bytes]:
        """The inner nodes that leaves from `first` up to before `end` completed."""
        query = "SELECT place, hash FROM hub_ledger.nodes WHERE level=%s AND place>=%s AND place<%s"
        return {
            (level, place): hash_
            for level in range(1, end.bit_length())
            for place, hash_ in self._database.rows(query, (level, first >> level, end >> level))
        }

    def keep(self, checkpoint: Kept) -> None:
        """Keep a checkpoint; the same again changes nothing."""
        with self._database.transaction() as c:
            c.execute(
                "INSERT INTO hub_ledger.checkpoints VALUES (%s,%s,%s,%s) ON CONFLICT DO NOTHING", checkpoint
            )

    def checkpoints(self) -> list[Kept]:
        """Every checkpoint kept, smallest first."""
        query = "SELECT size, root, note, made_at FROM hub_ledger.checkpoints ORDER BY size, made_at"
        return [Kept(*row) for row in self._database.rows(query)]


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple([row[n] for row in rows] for n in range(3))
