"""The key hierarchy: a key-encryption key for each scope, a data key for each child, scope and generation."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice, pairwise
from math import inf
from typing import NamedTuple, Protocol
from uuid import UUID

from hub.confidentiality import child_keys
from hub.confidentiality.child_keys import (
    Change,
    ChildKey,
    ChildKeys,
    IsWrapped,
    Wrapped,
    context_of,
    contexts_of,
    tail_of,
    whose_of,
)
from hub.confidentiality.remembered import Remembered
from hub.confidentiality.sealing import SECRET, CannotUnseal, DataKey
from hub.errors import Conflict

__all__ = ["DataKey", "KeyRing", "KeyStore", "Rewrapped", "Wrapped"]

CACHED, SECONDS = 20_000, 300.0
"""Keys kept in memory (0.4 kB each, 2 kB once used again) and for how long: a batch of strangers needs some
5,000, and two batches are begun while one is recorded."""
YEAR = 365 * 86_400
"""Seconds after which a key seals no more, and its next generation does; it still opens what it sealed."""
Elsewhere = Callable[[Mapping[UUID, Collection[str]]], Mapping[UUID, Mapping[str, DataKey]]]
"""Fetches keys as `KeyRing.for_sealing_many` does, in another process; those it could."""
ATTEMPTS = 10
"""How often rows are read again when others change them at the same time."""
LOOK = 1.0
"""Seconds between two looks whether another process destroyed keys, or a scope was withdrawn."""
PAGE = 1000
AT_ONCE = 200
"""Children whose keys are unwrapped together: those of a thousand do not stay in a processor's cache, and a
key service takes no more at once."""


class ScopeWithdrawn(Conflict):
    """Whoever holds a scope's key lets it seal and open nothing. A Conflict: whoever asked looks again."""

    title = "A scope is withdrawn"

    def __init__(self, scope: str) -> None:
        super().__init__(f"the holder of scope {scope} has withdrawn it")
        self.scope = scope


class KeyStore(Protocol):
    """Who holds the key-encryption keys: a key file, or a key service that may refuse.

    Everything is bound to a scope and a context; what was wrapped in another is void.
    """

    def scopes(self) -> Mapping[str, int]:
        """Every scope with its newest version."""

    def withdrawn(self) -> Collection[str]:
        """Scopes whose holder lets nothing be sealed or opened, as far as is known here."""

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap under the scope's newest key. Raises Unavailable, ScopeWithdrawn."""

    def unwrap(self, scope: str, context: bytes, wrapped: IsWrapped) -> bytes:
        """Unwrap. Raises CannotUnseal."""

    def wrap_many(self, items: Sequence[tuple[str, bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (scope, context, secret), in one call a scope. Raises Unavailable, ScopeWithdrawn."""

    def unwrap_many(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[bytes | None]:
        """Unwrap each (scope, context, wrapped), in one call a scope; None for each that does not open."""

    def rewrap(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[Wrapped | None]:
        """Wrap each anew under its scope's newest key; None for each that does not open."""

    def rotate(self, scope: str) -> int:
        """Make a newer key for the scope and tell its version; the older ones still unwrap."""

    def destroy_version(self, scope: str, version: int) -> None:
        """Destroy an older key of a scope, and all before it. Raises Refused for the newest, or none."""


class Rewrapped(NamedTuple):
    """What a rotation did, and how many rows no key opens (altered, or their key withdrawn)."""

    done: int
    unreadable: int

    def plus(self, other: "Rewrapped") -> "Rewrapped":
        """Both together."""
        return Rewrapped(self.done + other.done, self.unreadable + other.unreadable)


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
        together: Collection[str] = (),
    ) -> None:
        """Keep keys in a table, wrapped by who holds their scopes.

        `together`: scopes whose keys are made for a child at one go, when the first of them is needed.
        """
        self._together = frozenset(together)
        self._keys, self._store, self._monotonic, self._random = keys, store, monotonic, random
        self._now = now
        self._remembered = Remembered(cached, SECONDS)
        self._look_at = float("-inf")
        self._gone: tuple[int, Collection[str]] = (0, frozenset())
        self.hits = self.misses = 0
        """How often a key was in memory, and how often it had to be fetched or made."""

    @property
    def cached(self) -> int:
        """How many keys are in memory."""
        return len(self._remembered)

    def for_sealing(self, child: UUID, scope: str) -> DataKey:
        """The child's newest key for the scope, made where there is none."""
        held = self._remembered.newest(child, (scope,), self._moment())
        return (held or self.for_sealing_many({child: (scope,)})[child])[scope]

    def for_sealing_many(
        self, scopes: Mapping[UUID, Collection[str]], elsewhere: Elsewhere = lambda _: {}
    ) -> dict[UUID, Mapping[str, DataKey]]:
        """The newest keys of many children, of at least these scopes; new ones are made at one go.

        What is not remembered is fetched `elsewhere` where that can be.
        """
        now, since = self._moment(), self._remembered.cleared
        found: dict[UUID, Mapping[str, DataKey]] = {}
        missing: dict[UUID, Collection[str]] = {}
        for child, wanted in scopes.items():
            held = self._remembered.newest(child, wanted, now)
            if held is None:
                missing[child] = wanted
                self.misses += len(wanted)
            else:
                found[child] = held
                self.hits += len(wanted)
        if missing:
            fetched = {**elsewhere(missing)}
            if len(fetched) < len(missing):
                left = {child: wanted for child, wanted in missing.items() if child not in fetched}
                fetched.update(self._newest_or_new(left))
            self._remembered.keep_newest(fetched, now, since)
            found.update(fetched)
        return found

    def newest_secrets(self, asked: Sequence[tuple[UUID, Sequence[str]]]) -> list[list[tuple[int, bytes]]]:
        """Of each child generation and secret of the newest key of each scope, in order; empty: it lacks one.

        For thousands who are asked about once: no key is made, and none remembered. Raises ScopeWithdrawn,
        CannotUnseal.
        """
        self._moment()
        rows, found = self._keys.of([child for child, _ in asked]), list[list[tuple[int, bytes]]]()
        for at in range(0, len(asked), AT_ONCE):
            found += self._secrets(asked[at : at + AT_ONCE], rows)
        return found

    def remembers(self, child: UUID) -> bool:
        """Whether any key of the child is in memory."""
        return child in self._remembered

    def for_drawing(self, child: UUID, scope: str) -> DataKey:
        """The child's newest key for the scope, whatever its age: views are drawn by who may change no key.

        Made where there is none.
        """
        held = self._remembered.newest(child, (scope,), self._moment())
        if held is not None:
            return held[scope]
        newest = child_keys.newest(self._of(child)).get(scope)
        if newest is None or newest.destroyed_at:
            return self.for_sealing(child, scope)
        return self.for_opening(child, scope, newest.generation)

    def for_opening(self, child: UUID, scope: str, generation: int, *, remember: bool = True) -> DataKey:
        """An existing key. `remember=False` keeps none that was not in memory.

        Raises CannotUnseal: `key-destroyed`, `key-missing` where there never was one (or the table
        is older than the store), `wrong-key-or-place` where no key-encryption key opens it.
        """
        now, since = self._moment(), self._remembered.cleared
        held = self._remembered.of(child, scope, generation, now)
        if held is not None:
            self.hits += 1
            return held
        self.misses += 1
        own = [kept for kept in self._of(child) if kept.scope == scope]
        for kept in own:
            if kept.generation == generation:
                if kept.destroyed_at:
                    raise CannotUnseal("key-destroyed")
                context = context_of(child, scope, generation)
                secret = self._store.unwrap(scope, context, kept)
                key = DataKey(generation, secret)
                if remember:
                    self._remembered.keep(child, scope, key, now, since)
                return key
        # What was erased, in a table older than the erasure's last words: these are gone with the rest.
        raise CannotUnseal("key-destroyed" if own and own[-1].destroyed_at else "key-missing")

    def for_opening_all(
        self, child: UUID, scopes: Iterable[str], *, remember: bool = True
    ) -> dict[tuple[str, int], DataKey]:
        """All existing keys of a child in some scopes, by scope and generation.

        A key that cannot be had (its scope withdrawn, its row altered) is left out: the rest still
        opens. `remember=False` keeps none, for a look that must leave nothing behind.
        """
        wanted, now, since = frozenset(scopes), self._moment(), self._remembered.cleared
        found: dict[tuple[str, int], DataKey] = {}
        asked: list[ChildKey] = []
        for kept in self._of(child):
            if kept.scope in wanted and not kept.destroyed_at:
                held = self._remembered.of(child, kept.scope, kept.generation, now)
                if held is None:
                    asked.append(kept)
                else:
                    found[kept.scope, kept.generation] = held
        for kept, secret in zip(asked, self._store.unwrap_many(_wrapped_of([(child, asked)])), strict=True):
            if secret is not None:
                key = found[kept.scope, kept.generation] = DataKey(kept.generation, secret)
                if remember:
                    self._remembered.keep(child, kept.scope, key, now, since)
        return found

    def for_opening_many(self, children: Collection[UUID], scope: str) -> dict[UUID, list[DataKey | None]]:
        """Each child's keys for a scope, in one look; None in the place of one that is destroyed.

        Nothing is remembered. Raises ScopeWithdrawn; CannotUnseal where one that lives does not open.
        """
        self._moment()
        rows = self._keys.of(tuple(children)) if children else {}
        own = [(child, k) for child in children for k in child_keys.read(rows.get(child)) if k.scope == scope]
        living = [(child, [key]) for child, key in own if not key.destroyed_at]
        secrets_ = iter(self._store.unwrap_many(_wrapped_of(living)))
        found: dict[UUID, list[DataKey | None]] = {child: [] for child in children}
        for child, key in own:
            secret = None if key.destroyed_at else next(secrets_)
            if secret is None and not key.destroyed_at:
                raise self._lost(scope)
            found[child].append(None if secret is None else DataKey(key.generation, secret))
        return found

    def renew(self, child: UUID, scope: str) -> DataKey:
        """Begin a new generation, on suspicion; what older ones sealed still opens."""
        self._newest_or_new({child: (scope,)}, anew=True)
        self._remembered.forget(child, (scope,))
        return self.for_sealing(child, scope)

    def rotate_kek(self, scope: str) -> Rewrapped:
        """Make a newer key-encryption key for a scope and wrap every live data key under it."""
        self._store.rotate(scope)
        return self.rewrap(scope)

    def rewrap(self, *scopes: str, told: Callable[[int], None] = lambda _: None) -> Rewrapped:
        """Wrap what is still under older key-encryption keys; finishes a rotation that was cut off.

        While others take in: a row they change meanwhile is read again. `told` hears of each page.
        """
        all_ = self._store.scopes()
        newest = {scope: all_[scope] for scope in scopes}
        total, last = Rewrapped(0, 0), None
        while page := self._keys.page(last, PAGE):
            total = total.plus(self._rewrap_page(newest, dict(page)))
            last = page[-1][0]
            told(len(page))
        return total

    def oldest(self, scope: str) -> int | None:
        """The oldest key-encryption key that a live key of the scope is under; None: there is no key."""
        found, last = None, None
        while page := self._keys.page(last, PAGE):
            versions = [
                key.version
                for _, row in page
                for key in child_keys.read(row)
                if key.scope == scope and not key.destroyed_at
            ]
            found = min(versions + ([found] if found is not None else []), default=None)
            last = page[-1][0]
        return found

    @property
    def withdrawn(self) -> frozenset[str]:
        """Scopes in which nothing can be sealed or opened now."""
        return frozenset(self._store.withdrawn())

    def standing(self, child: UUID) -> list[ChildKey]:
        """Every key a child ever had, live and destroyed; no secret is in it that can be read."""
        return self._of(child)

    def settled(self, child: UUID, scope: str) -> bool:
        """Whether by now every process seals with the child's newest key for the scope, and none with older.

        One that had an older key in memory may go on with it for SECONDS.
        """
        newest = child_keys.newest(self._of(child)).get(scope)
        return newest is None or newest.made_at + SECONDS < int(self._now().timestamp())

    def destroy(self, child: UUID, scopes: Collection[str] | None = None) -> int:
        """Destroy a child's keys, all or of some scopes: what they sealed is unreadable from now on.

        Tells how many. Other processes forget them within a second. Raises Unavailable where they are
        destroyed but traces could not be removed at once: destroy again.
        """
        return self._destroy([child], scopes)

    def destroy_all(self, owners: Collection[UUID], scopes: Collection[str] | None = None) -> None:
        """Destroy the keys of several in one transaction: nothing breaks off amid them. As `destroy`."""
        self._destroy(owners, scopes)

    def destroy_older(self, child: UUID, scope: str, last: int) -> int:
        """Destroy a child's keys for a scope up to a generation, which is not the newest; as `destroy`."""
        newest = child_keys.newest(self._of(child)).get(scope)
        if newest is None or last >= newest.generation:
            raise Conflict("the newest key of a child for a scope is destroyed by an erasure alone")
        return self._destroy([child], (scope,), last)

    # ------------------------------------------------------------

    def _destroy(self, owners: Collection[UUID], scopes: Collection[str] | None, last: float = inf) -> int:
        at = int(self._now().timestamp())
        try:
            for _ in range(ATTEMPTS):
                gone, changes = 0, []
                for owner, row in self._keys.of(tuple(owners)).items():
                    keys = child_keys.read(row)
                    named = [key for key in keys if scopes is None or key.scope in scopes]
                    going = [key for key in named if key.generation <= last and not key.destroyed_at]
                    if going:
                        left = [k.destroyed(at) if k in going else k for k in keys]
                        changes.append(child_keys.change(owner, row, left))
                        gone += len(going)
                if not changes or self._changed(changes):
                    self._keys.scrub()
                    return gone
            raise Conflict("the child's keys are being changed by others; try again")
        finally:
            for owner in owners:
                self._remembered.forget(owner, scopes)

    def _moment(self) -> float:
        now = self._monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK
            gone = self._keys.destroyed(), frozenset(self._store.withdrawn())
            if gone != self._gone:
                self._gone = gone
                self._remembered.clear()
            self._remembered.expire(now)
        return now

    def _of(self, child: UUID) -> list[ChildKey]:
        return child_keys.read(self._keys.of([child]).get(child))

    def _changed(self, changes: Sequence[Change]) -> bool:
        """Whether all of these rows now stand as they shall; false where others were first with any."""
        try:
            return self._keys.change(changes) == len(changes)
        except Conflict:
            return False

    def _newest_or_new(
        self, scopes: Mapping[UUID, Collection[str]], *, anew: bool = False
    ) -> dict[UUID, dict[str, DataKey]]:
        """Read rows, add the keys they lack, put them back; from the start where others were first.

        `anew`: the next generation of each, whatever there is.
        """
        for _ in range(ATTEMPTS):
            rows = self._keys.of(tuple(scopes))
            found, lacking = self._standing(scopes, rows, anew=anew)
            made = self._made(lacking, rows) if lacking else {}
            if made is not None:
                for child, keys in made.items():
                    found[child].update(keys)
                return found
        raise Conflict("keys are being made by others; try again")

    def _standing(
        self, scopes: Mapping[UUID, Collection[str]], rows: Mapping[UUID, bytes], *, anew: bool
    ) -> tuple[dict[UUID, dict[str, DataKey]], list[tuple[UUID, str, int]]]:
        """The keys that seal now, and what is lacking: child, scope and generation."""
        found: dict[UUID, dict[str, DataKey]] = {}
        lacking: list[tuple[UUID, str, int]] = []
        children = iter(scopes.items())
        while some := list(islice(children, AT_ONCE)):
            there, lack = self._sorted(some, rows, anew=anew)
            found.update(self._opened(there))
            lacking += lack
        return found, lacking

    def _sorted(
        self, some: Iterable[tuple[UUID, Collection[str]]], rows: Mapping[UUID, bytes], *, anew: bool
    ) -> tuple[list[tuple[UUID, list[ChildKey]]], list[tuple[UUID, str, int]]]:
        """The same of some children, the keys still wrapped."""
        due, together = self._now().timestamp() - YEAR, self._together - self.withdrawn
        there: list[tuple[UUID, list[ChildKey]]] = []
        lacking: list[tuple[UUID, str, int]] = []
        for child, wanted in some:
            newest = child_keys.newest(child_keys.read(rows.get(child)))
            sealing: list[ChildKey] = []
            there.append((child, sealing))
            for scope in wanted:
                key = newest.get(scope)
                if key is not None and key.made_at >= due and not (key.destroyed_at or anew):
                    sealing.append(key)
                else:
                    lacking.append((child, scope, key.generation + 1 if key is not None else 1))
            if len(sealing) < len(wanted) and not newest.keys() >= self._together.intersection(wanted):
                lacking += [(child, scope, 1) for scope in together.difference(newest, wanted)]
        return there, lacking

    def _secrets(
        self, some: Sequence[tuple[UUID, Sequence[str]]], rows: Mapping[UUID, bytes]
    ) -> list[list[tuple[int, bytes]]]:
        due = self._now().timestamp() - YEAR
        wrapped: list[tuple[str, bytes, ChildKey]] = []
        ends: list[int] = []
        for child, wanted in some:
            newest = child_keys.newest(child_keys.read(rows.get(child)))
            whose, before = whose_of(child), len(wrapped)
            for scope in wanted:
                key = newest.get(scope)
                if key is None or key.made_at < due or key.destroyed_at:
                    del wrapped[before:]
                    break
                wrapped.append((scope, whose + tail_of(scope, key.generation), key))
            ends.append(len(wrapped))
        opened = self._store.unwrap_many(wrapped)
        secrets_: list[tuple[int, bytes]] = []
        for (scope, _, key), secret in zip(wrapped, opened, strict=True):
            if secret is None:
                raise self._lost(scope)
            secrets_.append((key.generation, secret))
        return [secrets_[at:end] for at, end in pairwise((0, *ends))]

    def _opened(self, keys: Sequence[tuple[UUID, Sequence[ChildKey]]]) -> dict[UUID, dict[str, DataKey]]:
        """Unwrap what children seal with. Raises ScopeWithdrawn, CannotUnseal."""
        secrets_ = iter(self._store.unwrap_many(_wrapped_of(keys)))
        found: dict[UUID, dict[str, DataKey]] = {}
        for child, theirs in keys:
            opened: dict[str, DataKey] = {}
            for key in theirs:
                secret = next(secrets_)
                if secret is None:
                    raise self._lost(key.scope)
                opened[key.scope] = DataKey(key.generation, secret)
            found[child] = opened
        return found

    def _lost(self, scope: str) -> ScopeWithdrawn | CannotUnseal:
        """Why a key of this scope that lives does not open."""
        withdrawn = scope in self._store.withdrawn()
        return ScopeWithdrawn(scope) if withdrawn else CannotUnseal("wrong-key-or-place")

    def _made(
        self, lacking: Sequence[tuple[UUID, str, int]], rows: Mapping[UUID, bytes]
    ) -> dict[UUID, dict[str, DataKey]] | None:
        """Make keys and add them to their children's rows; None where others were first with any row."""
        at = int(self._now().timestamp())
        random = self._random(SECRET * len(lacking))
        secrets_ = [random[n : n + SECRET] for n in range(0, len(random), SECRET)]
        items = [
            (scope, context_of(child, scope, generation), secret)
            for (child, scope, generation), secret in zip(lacking, secrets_, strict=True)
        ]
        new: dict[UUID, list[ChildKey]] = {}
        found: dict[UUID, dict[str, DataKey]] = {}
        for (child, scope, generation), secret, wrapped in zip(
            lacking, secrets_, self._store.wrap_many(items), strict=True
        ):
            new.setdefault(child, []).append(ChildKey(scope, generation, *wrapped, at))
            found.setdefault(child, {})[scope] = DataKey(generation, secret)
        changes = [
            child_keys.change(child, row := rows.get(child), child_keys.read(row) + keys)
            for child, keys in new.items()
        ]
        return found if self._changed(changes) else None

    def _rewrap_page(self, newest: Mapping[str, int], rows: Mapping[UUID, bytes]) -> Rewrapped:
        first = None
        for _ in range(ATTEMPTS):
            read = {child: child_keys.read(row) for child, row in rows.items()}
            old = [(c, k) for c, keys in read.items() for k in keys if _older(k, newest)]
            first = len(old) if first is None else first
            anew = self._store.rewrap(_wrapped_of([(child, (key,)) for child, key in old]))
            wrapped = {
                (child, key.scope, key.generation): key.wrapped_anew(w)
                for (child, key), w in zip(old, anew, strict=True)
                if w is not None
            }
            if self._changed(_with(wrapped, rows, read)):
                return Rewrapped(len(wrapped) + first - len(old), len(old) - len(wrapped))
            rows = self._keys.of(tuple(rows))
        raise Conflict("keys are being changed by others; try again")


def _wrapped_of(keys: Iterable[tuple[UUID, Sequence[ChildKey]]]) -> list[tuple[str, bytes, IsWrapped]]:
    """Children's keys as who holds their key-encryption keys is asked for them."""
    asked: list[tuple[str, bytes, IsWrapped]] = []
    for child, theirs in keys:
        asked += zip([key.scope for key in theirs], contexts_of(child, theirs), theirs, strict=True)
    return asked


def _older(key: ChildKey, newest: Mapping[str, int]) -> bool:
    return key.version < newest.get(key.scope, 0) and not key.destroyed_at


def _with(
    anew: Mapping[tuple[UUID, str, int], ChildKey],
    rows: Mapping[UUID, bytes],
    read: Mapping[UUID, Sequence[ChildKey]],
) -> list[Change]:
    """The rows in which some keys are wrapped anew."""
    return [
        child_keys.change(
            child, rows[child], [anew.get((child, k.scope, k.generation), k) for k in read[child]]
        )
        for child in dict.fromkeys(child for child, _, _ in anew)
    ]
