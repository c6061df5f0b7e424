"""The key hierarchy: a key-encryption key for each scope, a data key for each child, scope and generation."""

import secrets
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import UUID

from hub.confidentiality.sealing import CannotUnseal, DataKey

MIGRATION = """
CREATE TABLE IF NOT EXISTS child_keys (
    child BLOB NOT NULL, scope TEXT NOT NULL, generation INTEGER NOT NULL,
    kek_version INTEGER NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (child, scope, generation)) WITHOUT ROWID;
"""
CACHED, SECONDS = 10_000, 300.0


class Wrapped(NamedTuple):
    """A data key under a key-encryption key."""

    version: int
    wrapped: bytes


class KeyStore(Protocol):
    """Who holds the key-encryption keys: a key file, or a key service that may refuse."""

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap under the scope's newest key. Raises Unavailable or NotAllowed where the store refuses."""

    def unwrap(self, scope: str, context: bytes, wrapped: Wrapped) -> bytes:
        """Unwrap what was wrapped in the same context. Raises CannotUnseal."""

    def version(self, scope: str) -> int:
        """Tell the scope's newest key version."""


class ChildKeys:
    """The table of wrapped data keys, in a file of its own: backed up apart from the events."""

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(
            database, isolation_level=None, timeout=30, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")

    def migrate(self) -> None:
        """Make the table, once."""
        self._connection.executescript(MIGRATION)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def find(self, child: UUID) -> list[tuple[str, int, Wrapped]]:
        """All of a child's keys: scope, generation, wrapped."""
        rows = self._connection.execute(
            "SELECT scope, generation, kek_version, wrapped FROM child_keys WHERE child=?", (child.bytes,)
        )
        return [
            (scope, generation, Wrapped(version, wrapped)) for scope, generation, version, wrapped in rows
        ]

    def newest(self, pairs: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[int, Wrapped]]:
        """The newest key of each child and scope that has one."""
        found: dict[tuple[UUID, str], tuple[int, Wrapped]] = {}
        for child, scope in pairs:
            row = self._connection.execute(
                "SELECT generation, kek_version, wrapped FROM child_keys WHERE child=? AND scope=?"
                " ORDER BY generation DESC LIMIT 1",
                (child.bytes, scope),
            ).fetchone()
            if row:
                found[child, scope] = row[0], Wrapped(row[1], row[2])
        return found

    def insert(self, rows: Iterable[tuple[UUID, str, int, Wrapped]]) -> None:
        """Keep new keys; where another process made the same one first, theirs stands."""
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO child_keys VALUES (?,?,?,?,?)",
                [(c.bytes, s, g, w.version, w.wrapped) for c, s, g, w in rows],
            )

    def all_of(self, scope: str) -> list[tuple[UUID, int, Wrapped]]:
        """Every key of a scope."""
        rows = self._connection.execute(
            "SELECT child, generation, kek_version, wrapped FROM child_keys WHERE scope=?", (scope,)
        )
        return [(UUID(bytes=child), generation, Wrapped(v, w)) for child, generation, v, w in rows]

    def replace(self, scope: str, rows: Iterable[tuple[UUID, int, Wrapped]]) -> None:
        """Put keys re-wrapped in the place of the old wrapping."""
        with self._writing() as connection:
            connection.executemany(
                "UPDATE child_keys SET kek_version=?, wrapped=? WHERE child=? AND scope=? AND generation=?",
                [(w.version, w.wrapped, c.bytes, scope, g) for c, g, w in rows],
            )

    def destroy(self, child: UUID, scopes: Sequence[str] | None) -> int:
        """Delete a child's keys, and their bytes from the file and its log. Tells how many."""
        with self._writing() as connection:
            if scopes is None:
                gone = connection.execute("DELETE FROM child_keys WHERE child=?", (child.bytes,)).rowcount
            else:
                gone = sum(
                    connection.execute(
                        "DELETE FROM child_keys WHERE child=? AND scope=?", (child.bytes, scope)
                    ).rowcount
                    for scope in scopes
                )
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone


class KeyRing:
    """Hands out data keys: makes them for sealing, never for opening; remembers some for a while."""

    def __init__(
        self,
        keys: ChildKeys,
        store: KeyStore,
        monotonic: Callable[[], float],
        random: Callable[[int], bytes] = secrets.token_bytes,
        cached: int = CACHED,
    ) -> None:
        self._keys, self._store, self._monotonic, self._random = keys, store, monotonic, random
        self._cached = cached
        self._sealing: OrderedDict[tuple[UUID, str], tuple[float, DataKey]] = OrderedDict()
        self._opening: OrderedDict[tuple[UUID, str, int], tuple[float, DataKey]] = OrderedDict()

    def for_sealing(self, child: UUID, scope: str) -> DataKey:
        """The child's newest key for the scope, made where there is none."""
        held = self._sealing.get((child, scope))
        if held is not None and held[0] > self._monotonic():
            return held[1]
        return self.for_sealing_many([(child, scope)])[child, scope]

    def for_sealing_many(self, pairs: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], DataKey]:
        """The newest keys of many children and scopes; all new ones are made in one transaction."""
        now = self._monotonic()
        found: dict[tuple[UUID, str], DataKey] = {}
        missing: list[tuple[UUID, str]] = []
        for pair in dict.fromkeys(pairs):
            held = self._sealing.get(pair)
            if held is not None and held[0] > now:
                found[pair] = held[1]
            else:
                missing.append(pair)
        if missing:
            for pair, key in self._newest_or_new(missing):
                found[pair] = key
                self._remember(self._sealing, pair, key, now)
        return found

    def for_opening(self, child: UUID, scope: str, generation: int) -> DataKey:
        """An existing key. Raises CannotUnseal where it was destroyed, or never was."""
        held = self._opening.get((child, scope, generation))
        if held is not None and held[0] > self._monotonic():
            return held[1]
        key = self.for_opening_all(child, (scope,)).get((scope, generation))
        if key is None:
            raise CannotUnseal("key-destroyed")
        return key

    def for_opening_all(self, child: UUID, scopes: Iterable[str]) -> dict[tuple[str, int], DataKey]:
        """All existing keys of a child in some scopes, by scope and generation."""
        wanted, now = frozenset(scopes), self._monotonic()
        found: dict[tuple[str, int], DataKey] = {}
        for scope, generation, wrapped in self._keys.find(child):
            if scope in wanted:
                at = (child, scope, generation)
                held = self._opening.get(at)
                if held is not None and held[0] > now:
                    found[scope, generation] = held[1]
                    continue
                secret = self._store.unwrap(scope, _context(*at), wrapped)
                key = found[scope, generation] = DataKey(generation, secret)
                self._remember(self._opening, at, key, now)
        return found

    def rewrap(self, scope: str) -> int:
        """Wrap every key of a scope anew under the scope's newest key-encryption key. Tells how many."""
        newest = self._store.version(scope)
        rows = [
            (child, generation, self._rewrapped(scope, child, generation, wrapped))
            for child, generation, wrapped in self._keys.all_of(scope)
            if wrapped.version != newest
        ]
        self._keys.replace(scope, rows)
        return len(rows)

    def destroy(self, child: UUID, scopes: Sequence[str] | None = None) -> int:
        """Destroy a child's keys, all or of some scopes: what they sealed is unreadable from now on."""
        for cache in (self._sealing, self._opening):
            for at in [at for at in cache if at[0] == child and (scopes is None or at[1] in scopes)]:
                del cache[at]  # type: ignore[arg-type]
        return self._keys.destroy(child, scopes)

    # ------------------------------------------------------------

    def _newest_or_new(self, pairs: Sequence[tuple[UUID, str]]) -> Iterator[tuple[tuple[UUID, str], DataKey]]:
        existing = self._keys.newest(pairs)
        new = [pair for pair in pairs if pair not in existing]
        if new:
            self._keys.insert((child, scope, 1, self._wrap_new(child, scope)) for child, scope in new)
            existing.update(self._keys.newest(new))
        for (child, scope), (generation, wrapped) in existing.items():
            secret = self._store.unwrap(scope, _context(child, scope, generation), wrapped)
            yield (child, scope), DataKey(generation, secret)

    def _wrap_new(self, child: UUID, scope: str) -> Wrapped:
        return self._store.wrap(scope, _context(child, scope, 1), self._random(64))

    def _rewrapped(self, scope: str, child: UUID, generation: int, wrapped: Wrapped) -> Wrapped:
        context = _context(child, scope, generation)
        return self._store.wrap(scope, context, self._store.unwrap(scope, context, wrapped))

    def _remember(self, cache: OrderedDict, at: object, key: DataKey, now: float) -> None:  # type: ignore[type-arg]
        cache[at] = (now + SECONDS, key)
        if len(cache) > self._cached:
            cache.popitem(last=False)


def _context(child: UUID, scope: str, generation: int) -> bytes:
    return b"hub/dek" + child.bytes + generation.to_bytes(4, "big") + scope.encode()
