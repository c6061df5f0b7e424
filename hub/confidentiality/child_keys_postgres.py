"""The table of wrapped data keys on PostgreSQL, in a schema, or a database, of its own."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from hub.confidentiality.child_keys import KeyRow, Pair, Tombstone, Wrapped
from hub.postgres.database import Database, Row

_COLUMNS = "child, scope, generation, kek_version, wrapped, destroyed_at"


class PostgresChildKeys:
    """Reads and writes wrapped keys. The database is its opener's to close."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Nothing to let go of."""

    def of(self, child: UUID) -> list[KeyRow]:
        """All of a child's keys, live and destroyed."""
        query = f"SELECT {_COLUMNS} FROM hub_keys.child_keys WHERE child=%s"
        return _rows(self._database.rows(query, (child,)))

    def newest(self, pairs: Sequence[Pair]) -> dict[Pair, KeyRow]:
        """The newest key, live or destroyed, of each child and scope that ever had one."""
        asked = set(
            pairs
        )  # all keys of the children come: a child has a few, and the index finds them together
        query = f"SELECT {_COLUMNS} FROM hub_keys.child_keys WHERE child = ANY(%s) ORDER BY generation"
        found = self._database.rows(query, (list({child for child, _ in pairs}),))
        return {(row[0], row[1]): _row(row) for row in found if (row[0], row[1]) in asked}

    def add(self, rows: Iterable[tuple[KeyRow, Wrapped]], at: datetime) -> None:
        """Keep new keys; where another process made the same one first, theirs stands."""
        kept = list(rows)
        with self._database.transaction() as c:
            c.execute(
                "INSERT INTO hub_keys.child_keys (child, scope, generation, kek_version, wrapped, created_at)"
                " SELECT *, %s FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[], %s::bytea[])"
                " ON CONFLICT DO NOTHING",
                (
                    int(at.timestamp()),
                    [row.child for row, _ in kept],
                    [row.scope for row, _ in kept],
                    [row.generation for row, _ in kept],
                    [wrapped.version for _, wrapped in kept],
                    [wrapped.wrapped for _, wrapped in kept],
                ),
            )

    def wrapped_before(self, scope: str, version: int, after: KeyRow | None, limit: int) -> list[KeyRow]:
        """Live keys of a scope still under an older key-encryption key, a page at a time."""
        child, generation = (after.child, after.generation) if after else (UUID(int=0), 0)
        found = self._database.rows(
            f"SELECT {_COLUMNS} FROM hub_keys.child_keys WHERE (child, generation) > (%s, %s)"
            " AND scope=%s AND kek_version < %s AND destroyed_at IS NULL ORDER BY child, generation LIMIT %s",
            (child, generation, scope, version, limit),
        )
        return _rows(found)

    def rewrap(self, rows: Iterable[tuple[KeyRow, Wrapped]]) -> int:
        """Put new wrappings in the place of old ones and tell how many."""
        kept = list(rows)
        with self._database.transaction() as c:
            c.execute(
                "UPDATE hub_keys.child_keys AS k SET kek_version=anew.version, wrapped=anew.wrapped"
                " FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::int[], %s::bytea[])"
                " AS anew (child, scope, generation, version, wrapped)"
                " WHERE k.child=anew.child AND k.scope=anew.scope AND k.generation=anew.generation"
                " AND k.destroyed_at IS NULL",
                (
                    [row.child for row, _ in kept],
                    [row.scope for row, _ in kept],
                    [row.generation for row, _ in kept],
                    [wrapped.version for _, wrapped in kept],
                    [wrapped.wrapped for _, wrapped in kept],
                ),
            )
            return c.rowcount

    def destroy(self, child: UUID, scopes: Sequence[str] | None, at: datetime) -> int:
        """Take a child's keys out of the table and tell how many.

        Not promised: that the file and the write-ahead log hold no trace. The wrapped key's old row is
        overwritten by the next vacuum, and goes from the log as it is recycled (docs/security.md).
        """
        with self._database.transaction() as c:
            c.execute(
                "UPDATE hub_keys.child_keys SET wrapped='', destroyed_at=%s"
                " WHERE child=%s AND destroyed_at IS NULL AND (%s OR scope = ANY(%s))",
                (int(at.timestamp()), child, scopes is None, list(scopes or ())),
            )
            return c.rowcount

    def destroyed(self) -> int:
        """How many keys were ever destroyed, by any process."""
        query = "SELECT count(*) FROM hub_keys.child_keys WHERE destroyed_at IS NOT NULL"
        return int(self._database.rows(query)[0][0])

    def tombstones(self) -> list[Tombstone]:
        """Every key that was ever destroyed."""
        found = self._database.rows(
            "SELECT child, scope, generation, destroyed_at FROM hub_keys.child_keys"
            " WHERE destroyed_at IS NOT NULL"
        )
        return [Tombstone(*row) for row in found]

    def entomb(self, graves: Iterable[Tombstone]) -> None:
        """Destroy these keys, also where an older copy of the table still had them, or never knew them."""
        kept = list(graves)
        with self._database.transaction() as c:
            c.execute(
                "INSERT INTO hub_keys.child_keys"
                " SELECT child, scope, generation, 0, '', at, at"
                " FROM unnest(%s::uuid[], %s::text[], %s::int[], %s::bigint[])"
                " AS graves (child, scope, generation, at) ON CONFLICT (child, scope, generation)"
                " DO UPDATE SET wrapped='', destroyed_at=excluded.destroyed_at",
                (
                    [g.child for g in kept],
                    [g.scope for g in kept],
                    [g.generation for g in kept],
                    [g.destroyed_at for g in kept],
                ),
            )


def _rows(found: Iterable[Row]) -> list[KeyRow]:
    return [_row(row) for row in found]


def _row(row: Row) -> KeyRow:
    child, scope, generation, version, wrapped, destroyed_at = row
    return KeyRow(child, scope, generation, Wrapped(version, wrapped) if destroyed_at is None else None)
