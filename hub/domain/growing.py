"""A mapping that grows at its end and is copied at no cost: what a long record is kept in."""

from collections.abc import Iterable, Iterator, Mapping, ValuesView
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Growing(Mapping[K, V]):
    """Keys in the order they came. Copies share what they hold: the first to grow goes on with it.

    A copy never sees what is added to another, nor what another sets anew: adding is the cheap thing, all
    else takes a true copy. Readers in other threads may go on reading theirs meanwhile.
    """

    __slots__ = ("_count", "_shared")

    def __init__(self, said: Iterable[tuple[K, V]] = ()) -> None:
        """Begin with these."""
        self._shared: _Shared[K, V] = _Shared()
        self._count = 0
        for key, value in said:
            self[key] = value

    def copy(self) -> "Growing[K, V]":
        """Another of the same, at the cost of nothing."""
        copied = object.__new__(Growing)
        copied._shared, copied._count = self._shared, self._count
        return copied

    __copy__ = copy

    def __setitem__(self, key: K, value: V) -> None:
        """Add a key at the end; or set one anew where it stands."""
        shared, count = self._shared, self._count
        if shared.at.get(key, count) >= count and shared.grow(count, key, value):
            self._count = count + 1
            return
        said = {**self, key: value}
        self._shared, self._count = _Shared(), 0
        for one, its in said.items():
            self._shared.grow(self._count, one, its)
            self._count += 1

    def __getitem__(self, key: K) -> V:
        """The value of a key. Raises KeyError where there is none."""
        at = self._shared.at[key]
        if at >= self._count:
            raise KeyError(key)
        return self._shared.values[at]

    def __contains__(self, key: object) -> bool:
        """Whether there is such a key."""
        at = self._shared.at.get(key)  # type: ignore[arg-type]
        return at is not None and at < self._count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[K]:
        return islice(self._shared.keys, self._count)

    def values(self) -> "_Values[V]":
        """The values, in the order their keys came."""
        return _Values(self, self._shared.values)

    def __repr__(self) -> str:
        return f"Growing of {self._count}"


class _Shared(Generic[K, V]):
    """What copies hold together; it only ever grows."""

    __slots__ = ("at", "keys", "lock", "values")

    def __init__(self) -> None:
        self.at: dict[K, int] = {}
        self.keys: list[K] = []
        self.values: list[V] = []
        self.lock = Lock()

    def grow(self, count: int, key: K, value: V) -> bool:
        """Add for a copy that holds so many; False where another copy has grown further already."""
        with self.lock:
            if len(self.values) > count:
                return False
            self.at[key] = count
            self.keys.append(key)
            self.values.append(value)
            return True


class _Values(ValuesView[V]):
    """Values without looking each up by its key, from either end."""

    def __init__(self, of: Growing[K, V], values: list[V]) -> None:
        super().__init__(of)
        self._count, self._values = len(of), values

    def __iter__(self) -> Iterator[V]:
        return islice(self._values, self._count)

    def __reversed__(self) -> Iterator[V]:
        return (self._values[at] for at in range(self._count - 1, -1, -1))
