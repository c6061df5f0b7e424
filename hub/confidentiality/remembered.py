"""Data keys kept in memory for a while: a bounded number, for a bounded time, gone at once on erasure."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from uuid import UUID

from hub.confidentiality.sealing import DataKey

NEWEST = 0
"""Stands where a generation would for the key that seals now; generations count from 1."""


class Remembered:
    """At most so many keys, each for so many seconds of the caller's clock. The oldest go first."""

    def __init__(self, at_most: int, seconds: float) -> None:
        self._at_most, self._seconds = at_most, seconds
        self._keys: OrderedDict[tuple[int, str, int], tuple[float, DataKey]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"Remembered({len(self)})"

    def of(self, child: UUID, scope: str, generation: int, now: float) -> DataKey | None:
        """The key of one generation, if it is still kept."""
        held = self._keys.get((child.int, scope, generation))
        if held is not None and held[0] > now:
            return held[1]
        newest = self.newest(child, scope, now)
        return newest if newest is not None and newest.generation == generation else None

    def newest(self, child: UUID, scope: str, now: float) -> DataKey | None:
        """The key that seals now, if it is still kept."""
        held = self._keys.get((child.int, scope, NEWEST))
        return held[1] if held is not None and held[0] > now else None

    def keep(self, child: UUID, scope: str, key: DataKey, now: float) -> None:
        """Keep a key for opening."""
        self._put((child.int, scope, key.generation), key, now)

    def keep_all_newest(self, keys: Mapping[tuple[UUID, str], DataKey], now: float) -> None:
        """Keep keys for sealing, and for opening what they sealed."""
        until = now + self._seconds
        with self._lock:
            for (child, scope), key in keys.items():
                at = (child.int, scope, NEWEST)
                self._keys.pop(at, None)
                self._keys[at] = (until, key)
            while len(self._keys) > self._at_most:
                self._keys.popitem(last=False)

    def forget(self, child: UUID, scopes: Sequence[str] | None) -> None:
        """Drop a child's keys, all or of some scopes."""
        with self._lock:
            gone = [at for at in self._keys if at[0] == child.int and (scopes is None or at[1] in scopes)]
            for at in gone:
                del self._keys[at]

    def clear(self) -> None:
        """Drop every key."""
        with self._lock:
            self._keys.clear()

    def expire(self, now: float) -> None:
        """Drop what has been kept long enough; all are kept equally long, so the oldest stand in front."""
        with self._lock:
            while self._keys and next(iter(self._keys.values()))[0] <= now:
                self._keys.popitem(last=False)

    def _put(self, at: tuple[int, str, int], key: DataKey, now: float) -> None:
        with self._lock:
            self._keys.pop(at, None)
            self._keys[at] = (now + self._seconds, key)
            while len(self._keys) > self._at_most:
                self._keys.popitem(last=False)
