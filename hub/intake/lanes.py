"""What was read ahead, a lane a partition, handed out in equal shares: a busy one holds up no other."""

from collections import deque
from collections.abc import Hashable, Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

P = TypeVar("P", bound=Hashable)
R = TypeVar("R", bound="Record")

REST = 64
"""Bytes counted for what a record has besides its value and headers."""


class Record(Protocol):
    """A record as far as its size counts."""

    value: bytes | None
    serialized_header_size: int


class Handed(NamedTuple, Generic[P, R]):
    """A record and the partition it is of."""

    partition: P
    record: R


class Lanes(Generic[P, R]):
    """Records in order within each lane. `held`: their bytes, about."""

    def __init__(self) -> None:
        self._lanes: dict[P, deque[R]] = {}
        self._turn = 0
        self.held = 0

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def add(self, partition: P, records: Iterable[R]) -> None:
        """Put records behind those of their partition."""
        lane = self._lanes.setdefault(partition, deque())
        for record in records:
            lane.append(record)
            self.held += _size(record)
        if not lane:
            del self._lanes[partition]

    def share(self, limit: int) -> list[Handed[P, R]]:
        """Take up to `limit`, as much of each lane; what one leaves, the lanes behind it may take."""
        order = list(self._lanes)
        start = self._turn % len(order) if order else 0
        self._turn += 1
        found: list[Handed[P, R]] = []
        turns = order[start:] + order[:start]
        for behind, partition in enumerate(turns):
            share = -(-(limit - len(found)) // (len(turns) - behind))
            found.extend(self._take(partition, share))
        return found

    def drop(self, partition: P) -> None:
        """Let go of a lane."""
        self.held -= sum(_size(record) for record in self._lanes.pop(partition, ()))

    def clear(self) -> None:
        """Let go of all."""
        self._lanes.clear()
        self.held = 0

    def _take(self, partition: P, count: int) -> Iterable[Handed[P, R]]:
        lane = self._lanes[partition]
        for _ in range(min(count, len(lane))):
            record = lane.popleft()
            self.held -= _size(record)
            yield Handed(partition, record)
        if not lane:
            del self._lanes[partition]


def _size(record: Record) -> int:
    return len(record.value or b"") + max(0, record.serialized_header_size) + REST
