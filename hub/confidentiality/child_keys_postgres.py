"""The table of wrapped data keys on PostgreSQL, in a schema, or a database, of its own."""

from collections.abc import Sequence
from uuid import UUID

from hub.confidentiality.child_keys import Change
from hub.postgres.database import Database


class PostgresChildKeys:
    """Reads and writes rows of wrapped keys. The database is its opener's to close."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Nothing to let go of."""

    def of(self, children: Sequence[UUID]) -> dict[UUID, bytes]:
        """The rows of these children, of those that have one."""
        query = "SELECT child, keys FROM hub_keys.children WHERE child = ANY(%s)"
        return dict(self._database.rows(query, (list(children),)))

    def page(self, after: UUID | None, limit: int) -> list[tuple[UUID, bytes]]:
        """The next rows after a child, in the order of children."""
        from_ = "child > %s" if after else "child >= %s"  # the hub's own is the first there can be
        query = f"SELECT child, keys FROM hub_keys.children WHERE {from_} ORDER BY child LIMIT %s"
        return [(child, keys) for child, keys in self._database.rows(query, (after or UUID(int=0), limit))]

    def change(self, changes: Sequence[Change]) -> int:
        """Put rows in the place of what was read; one that was changed meanwhile stays as it is."""
        ordered = sorted(changes, key=lambda c: c.child)  # so that two who change the same do not cross
        new = [c for c in ordered if c.before is None]
        other = [c for c in ordered if c.before is not None]
        done = 0
        with self._database.transaction() as c:
            if new:
                c.execute(
                    "INSERT INTO hub_keys.children (child, keys, destroyed)"
                    " SELECT * FROM unnest(%s::uuid[], %s::bytea[], %s::int[]) ON CONFLICT DO NOTHING",
                    ([n.child for n in new], [n.after for n in new], [n.destroyed for n in new]),
                )
                done += c.rowcount
            if other:
                c.execute(
                    "UPDATE hub_keys.children AS k SET keys=anew.after, destroyed=anew.destroyed"
                    " FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[], %s::int[])"
                    " AS anew (child, before, after, destroyed)"
                    " WHERE k.child=anew.child AND k.keys=anew.before",
                    (
                        [o.child for o in other],
                        [o.before for o in other],
                        [o.after for o in other],
                        [o.destroyed for o in other],
                    ),
                )
                done += c.rowcount
        return done

    def scrub(self) -> None:
        """Nothing that can be done at once: see below.

        Not promised: that the file and the write-ahead log hold no trace. The old row is overwritten by the
        next vacuum, and goes from the log as it is recycled: rotating the key-encryption key is the guarantee
        (docs/security.md).
        """

    def destroyed(self) -> int:
        """How many keys were ever destroyed, by any process."""
        query = "SELECT coalesce(sum(destroyed), 0) FROM hub_keys.children WHERE destroyed > 0"
        return int(self._database.rows(query)[0][0])

    def bereft(self) -> list[tuple[UUID, bytes]]:
        """Every row in which a key was destroyed."""
        query = "SELECT child, keys FROM hub_keys.children WHERE destroyed > 0"
        return [(child, keys) for child, keys in self._database.rows(query)]
