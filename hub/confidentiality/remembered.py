"""Data keys kept in memory for a while: a bounded number, for a bounded time, gone at once on erasure."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock
from uuid import UUID

from hub.confidentiality.sealing import DataKey

_NONE: Mapping[str, DataKey] = {}


class _Kept:
    """The keys of one child: those that seal now, by scope, and older ones that were opened, by number."""

    __slots__ = ("newest", "older", "until")

    def __init__(self, until: float) -> None:
        self.until = until
        self.newest: Mapping[str, DataKey] = _NONE
        self.older: dict[tuple[str, int], DataKey] | None = (
            None  # a stranger's: it would cost as much as a key
        )

    def __len__(self) -> int:
        return len(self.newest) + len(self.older or ())


class Remembered:
    """At most so many keys, each for so many seconds of the caller's clock. The oldest go first."""

    def __init__(self, at_most: int, seconds: float) -> None:
        self._at_most, self._seconds = at_most, seconds
        self._children: OrderedDict[int, _Kept] = OrderedDict()
        self._count = 0
        self.cleared = 0
        """How often every key was dropped: who fetches a key asks before, and hands it in with it."""
        self._lock = Lock()

    def __len__(self) -> int:
        return self._count

    def __contains__(self, child: UUID) -> bool:
        return child.int in self._children

    def __repr__(self) -> str:
        return f"Remembered({len(self)})"

    def of(self, child: UUID, scope: str, generation: int, now: float) -> DataKey | None:
        """The key of one generation, if it is still kept."""
        kept = self._children.get(child.int)
        if kept is None or kept.until <= now:
            return None
        key = kept.newest.get(scope)
        if key is not None and key.generation == generation:
            return key
        return kept.older.get((scope, generation)) if kept.older else None

    def newest(self, child: UUID, scopes: Collection[str], now: float) -> Mapping[str, DataKey] | None:
        """The keys that seal now, at least those of all these scopes; None where one is not kept."""
        kept = self._children.get(child.int)
        if kept is None or kept.until <= now:
            return None
        keys = kept.newest
        for scope in scopes:
            if scope not in keys:
                return None
        return keys

    def keep(self, child: UUID, scope: str, key: DataKey, now: float, since: int) -> None:
        """Keep a key for opening, unless all were dropped `since`: another thread may know it is gone."""
        with self._lock:
            if since != self.cleared:
                return
            kept = self._of(child, now)
            older = kept.older = {} if kept.older is None else kept.older
            self._count += (scope, key.generation) not in older
            older[scope, key.generation] = key
            self._shrink()

    def keep_newest(self, children: Mapping[UUID, Mapping[str, DataKey]], now: float, since: int) -> None:
        """Keep keys for sealing, and for opening what they sealed; unless all were dropped `since`."""
        with self._lock:
            if since != self.cleared:
                return
            for child, keys in children.items():
                kept = self._of(child, now)
                # never changed, since whoever seals may hold it
                before, kept.newest = len(kept.newest), {**kept.newest, **keys} if kept.newest else keys
                self._count += len(kept.newest) - before
            self._shrink()

    def forget(self, child: UUID, scopes: Collection[str] | None) -> None:
        """Drop a child's keys, all or of some scopes."""
        with self._lock:
            kept = self._children.get(child.int)
            if kept is None:
                return
            self._count -= len(kept)
            if scopes is None:
                del self._children[child.int]
                return
            kept.newest = {scope: key for scope, key in kept.newest.items() if scope not in scopes}
            kept.older = {at: key for at, key in (kept.older or {}).items() if at[0] not in scopes}
            self._count += len(kept)

    def clear(self) -> None:
        """Drop every key."""
        with self._lock:
            self._children.clear()
            self._count = 0
            self.cleared += 1

    def expire(self, now: float) -> None:
        """Drop what has been kept long enough; the oldest stand in front."""
        with self._lock:
            while self._children and next(iter(self._children.values())).until <= now:
                self._count -= len(self._children.popitem(last=False)[1])

    def _of(self, child: UUID, now: float) -> _Kept:
        """The child's place: a key that joins others is kept no longer than they are."""
        kept = self._children.get(child.int)
        if kept is None or kept.until <= now:
            if kept is not None:
                self._count -= len(self._children.pop(child.int))
            kept = self._children[child.int] = _Kept(now + self._seconds)
        return kept

    def _shrink(self) -> None:
        while self._count > self._at_most:
            self._count -= len(self._children.popitem(last=False)[1])
