"""The key hierarchy: a key-encryption key for each scope, a data key for each child, scope and generation."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from hub.confidentiality.child_keys import ChildKeys, KeyRow, Pair, Wrapped
from hub.confidentiality.remembered import Remembered
from hub.confidentiality.sealing import SECRET, CannotUnseal, DataKey
from hub.errors import Conflict

__all__ = ["DataKey", "KeyRing", "KeyStore", "Rewrapped", "Wrapped"]

CACHED, SECONDS = 30_000, 300.0
"""Keys kept in memory (about 2 kB each) and for how long: a batch of strangers needs some 6,000."""
LOOK = 1.0
"""Seconds between two looks whether another process destroyed keys."""
PAGE = 1000


class KeyStore(Protocol):
    """Who holds the key-encryption keys: a key file, or a key service that may refuse.

    Everything is bound to a scope and a context; what was wrapped in another is void.
    """

    def scopes(self) -> Mapping[str, int]:
        """Every scope with its newest version."""

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap under the scope's newest key. Raises Unavailable or NotAllowed where the store refuses."""

    def unwrap(self, scope: str, context: bytes, wrapped: Wrapped) -> bytes:
        """Unwrap. Raises CannotUnseal."""

    def wrap_many(self, items: Sequence[tuple[str, bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (scope, context, secret) in one call."""

    def unwrap_many(self, items: Sequence[tuple[str, bytes, Wrapped]]) -> list[bytes | None]:
        """Unwrap each (scope, context, wrapped) in one call; None for each that does not open."""

    def rewrap(self, items: Sequence[tuple[str, bytes, Wrapped]]) -> list[Wrapped | None]:
        """Wrap each anew under its scope's newest key; None for each that does not open."""

    def rotate(self, scope: str) -> int:
        """Make a newer key for the scope and tell its version; the older ones still unwrap."""


class Rewrapped(NamedTuple):
    """What a rotation did, and how many rows no key opens (altered, or their key withdrawn)."""

    done: int
    unreadable: int


class KeyRing:
    """Hands out data keys: makes them for sealing, never for opening; remembers some for a while."""

    def __init__(
        self,
        keys: ChildKeys,
        store: KeyStore,
        monotonic: Callable[[], float],
        random: Callable[[int], bytes] = secrets.token_bytes,
        cached: int = CACHED,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys, self._store, self._monotonic, self._random = keys, store, monotonic, random
        self._now = now
        self._remembered = Remembered(cached, SECONDS)
        self._look_at, self._destroyed = float("-inf"), 0
        self.hits = self.misses = 0
        """How often a key was in memory, and how often it had to be fetched or made."""

    @property
    def cached(self) -> int:
        """How many keys are in memory."""
        return len(self._remembered)

    def for_sealing(self, child: UUID, scope: str) -> DataKey:
        """The child's newest key for the scope, made where there is none."""
        held = self._remembered.newest(child, scope, self._moment())
        return held or self.for_sealing_many([(child, scope)])[child, scope]

    def for_sealing_many(self, pairs: Iterable[Pair]) -> dict[Pair, DataKey]:
        """The newest keys of many children and scopes; all new ones are made in one transaction."""
        now = self._moment()
        found: dict[Pair, DataKey] = {}
        missing: list[Pair] = []
        for pair in dict.fromkeys(pairs):
            held = self._remembered.newest(*pair, now)
            if held is None:
                missing.append(pair)
            else:
                found[pair] = held
        self.hits += len(found)
        self.misses += len(missing)
        if missing:
            made = self._newest_or_new(missing)
            self._remembered.keep_all_newest(made, now)
            found.update(made)
        return found

    def for_opening(self, child: UUID, scope: str, generation: int) -> DataKey:
        """An existing key.

        Raises CannotUnseal: `key-destroyed`, `key-missing` where there never was one (or the table
        is older than the store), `wrong-key-or-place` where no key-encryption key opens it.
        """
        now = self._moment()
        held = self._remembered.of(child, scope, generation, now)
        if held is not None:
            self.hits += 1
            return held
        self.misses += 1
        for row in self._keys.of(child):
            if (row.scope, row.generation) == (scope, generation):
                if row.wrapped is None:
                    raise CannotUnseal("key-destroyed")
                key = DataKey(generation, self._store.unwrap(scope, row.context, row.wrapped))
                self._remembered.keep(child, scope, key, now)
                return key
        raise CannotUnseal("key-missing")

    def for_opening_all(
        self, child: UUID, scopes: Iterable[str], *, remember: bool = True
    ) -> dict[tuple[str, int], DataKey]:
        """All existing keys of a child in some scopes, by scope and generation.

        A key that cannot be had (its scope withdrawn, its row altered) is left out: the rest still
        opens. `remember=False` keeps none, for a look that must leave nothing behind.
        """
        wanted, now = frozenset(scopes), self._moment()
        found: dict[tuple[str, int], DataKey] = {}
        asked: list[tuple[KeyRow, Wrapped]] = []
        for row in self._keys.of(child):
            if row.scope in wanted and row.wrapped is not None:
                held = self._remembered.of(child, row.scope, row.generation, now)
                if held is None:
                    asked.append((row, row.wrapped))
                else:
                    found[row.scope, row.generation] = held
        for row, key in self._unwrapped(asked):
            found[row.scope, row.generation] = key
            if remember:
                self._remembered.keep(child, row.scope, key, now)
        return found

    def renew(self, child: UUID, scope: str) -> DataKey:
        """Begin a new generation, yearly or on suspicion; what older ones sealed still opens."""
        row = self._keys.newest([(child, scope)]).get((child, scope))
        self._make([KeyRow(child, scope, row.generation + 1 if row else 1, None)])
        self._remembered.forget(child, (scope,))
        return self.for_sealing(child, scope)

    def rotate_kek(self, scope: str) -> Rewrapped:
        """Make a newer key-encryption key for a scope and wrap every live data key under it."""
        self._store.rotate(scope)
        return self.rewrap(scope)

    def rewrap(self, scope: str) -> Rewrapped:
        """Wrap what is still under an older key-encryption key; finishes a rotation that was cut off."""
        newest = self._store.scopes()[scope]
        done, unreadable, last = 0, 0, None
        while page := self._keys.wrapped_before(scope, newest, last, PAGE):
            items = [(scope, row.context, row.wrapped) for row in page if row.wrapped is not None]
            anew = self._store.rewrap(items)
            done += self._keys.rewrap((row, w) for row, w in zip(page, anew, strict=True) if w is not None)
            unreadable += anew.count(None)
            last = page[-1]
        return Rewrapped(done, unreadable)

    def destroy(self, child: UUID, scopes: Sequence[str] | None = None) -> int:
        """Destroy a child's keys, all or of some scopes: what they sealed is unreadable from now on.

        Other processes forget them within a second. Raises Unavailable as `ChildKeys.destroy` does.
        """
        try:
            return self._keys.destroy(child, scopes, self._now())
        finally:
            self._remembered.forget(child, scopes)

    # ------------------------------------------------------------

    def _moment(self) -> float:
        now = self._monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK
            destroyed = self._keys.destroyed()
            if destroyed != self._destroyed:
                self._destroyed = destroyed
                self._remembered.clear()
            self._remembered.expire(now)
        return now

    def _newest_or_new(self, pairs: Sequence[Pair]) -> dict[Pair, DataKey]:
        rows = self._keys.newest(pairs)
        new = [_next(pair, rows.get(pair)) for pair in pairs if not _live(rows.get(pair))]
        own = self._make(new)
        if new:
            rows.update(self._keys.newest([(row.child, row.scope) for row in new]))
        found: dict[Pair, DataKey] = {}
        asked: list[tuple[KeyRow, Wrapped]] = []
        for pair, row in rows.items():
            if row.wrapped is None:
                raise Conflict(f"a key of scope {row.scope} was destroyed just now")
            secret = own.get(row)
            if secret is None:
                asked.append((row, row.wrapped))
            else:
                found[pair] = DataKey(row.generation, secret)
        found.update(((row.child, row.scope), key) for row, key in self._unwrapped(asked))
        if len(found) < len(rows):
            raise CannotUnseal("wrong-key-or-place")
        return found

    def _make(self, rows: Sequence[KeyRow]) -> dict[KeyRow, bytes]:
        """Make keys for rows that have none; tells which secret stands where nobody came before us."""
        if not rows:
            return {}
        made = [self._random(SECRET) for _ in rows]
        items = [(row.scope, row.context, secret) for row, secret in zip(rows, made, strict=True)]
        wrapped = self._store.wrap_many(items)
        self._keys.add(zip(rows, wrapped, strict=True), self._now())
        return {row._replace(wrapped=w): s for row, w, s in zip(rows, wrapped, made, strict=True)}

    def _unwrapped(self, asked: Sequence[tuple[KeyRow, Wrapped]]) -> Iterable[tuple[KeyRow, DataKey]]:
        secrets_ = self._store.unwrap_many([(row.scope, row.context, wrapped) for row, wrapped in asked])
        for (row, _), secret in zip(asked, secrets_, strict=True):
            if secret is not None:
                yield row, DataKey(row.generation, secret)


def _live(row: KeyRow | None) -> bool:
    return row is not None and row.wrapped is not None


def _next(pair: Pair, row: KeyRow | None) -> KeyRow:
    return KeyRow(*pair, row.generation + 1 if row else 1, None)
