"""Reads the embedded topic log as the hub reads Kafka."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hub.errors import Unavailable
from hub.intake.deliveries import Delivery
from schemas.topic_log import READ_BYTES, TopicLog, TopicLogUnavailable
from schemas.wire import RECEIPT_TOPICS

At = tuple[str, int]


def _to_the_hub(topic: str) -> bool:
    """Every topic but the hub's own receipts: what comes on a topic of nobody is held, not unseen."""
    return topic not in RECEIPT_TOPICS


class EmbeddedDeliveries:
    """One reader of the log, of all topics that `reads` accepts; readers do not know of each other.

    To be used by one thread at a time. Raises Unavailable where the log cannot be reached.
    """

    def __init__(self, path: Path, reads: Callable[[str], bool] = _to_the_hub) -> None:
        with _unavailable():
            self._log = TopicLog(path)
        self._reads = reads
        self._next: dict[At, int] = {}
        self._turn = 0

    def partitions(self) -> list[At]:
        """Every topic and partition this reader reads."""
        return list(self.end_offsets())

    def seek(self, positions: Mapping[At, int]) -> None:
        """Read on from these offsets; a partition not named, from the earliest one held."""
        self._next = dict(positions)

    def ids(self) -> Mapping[str, str]:
        """None: the log is one file, and a topic of it is never made anew."""
        return {}

    def gained(self) -> bool:
        """Whether partitions came to this reader: it has all of them from the start."""
        return False

    def poll(self, limit: int, timeout: float) -> list[Delivery]:
        """Up to `limit` deliveries; waits at most `timeout` seconds for a first one."""
        with _unavailable():
            seen = self._log.data_version()
            found = self._read(limit)
            if not found and timeout > 0 and self._log.wait(seen, timeout):
                found = self._read(limit)
        return found

    def taken(self, positions: Mapping[At, int]) -> None:
        """The log has no tools that would ask."""

    def end_offsets(self) -> dict[At, int]:
        """The offset the next message will get, for every partition."""
        with _unavailable():
            return self._mine(self._log.end_offsets())

    def hold(self, seconds: float) -> None:
        """Wait; there is no group to remain in."""
        time.sleep(seconds)

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()

    # ------------------------------------------------------------

    def _mine(self, offsets: dict[At, int]) -> dict[At, int]:
        return {at: offset for at, offset in offsets.items() if self._reads(at[0])}

    def _waiting(self) -> dict[At, int]:
        """The next offset of every partition that has more to read."""
        first = self._mine(self._log.earliest_offsets())
        ends = self._log.end_offsets()
        following = {at: max(self._next.get(at, 0), earliest) for at, earliest in first.items()}
        return {at: offset for at, offset in following.items() if offset < ends[at]}

    def _read(self, limit: int) -> list[Delivery]:
        """An equal share for each partition with something to read; what one leaves, the others may take."""
        waiting = list(self._waiting().items())
        start = self._turn % len(waiting) if waiting else 0
        self._turn += 1
        found: list[Delivery] = []
        turns = waiting[start:] + waiting[:start]
        for behind, (at, offset) in enumerate(turns):
            share = -(-(limit - len(found)) // (len(turns) - behind))
            if share == 0:
                break
            topic, partition = at
            records = self._log.read(topic, partition, offset, share, READ_BYTES // len(turns))
            found.extend(Delivery(topic, *record) for record in records)
            self._next[at] = offset + len(records)
        return found


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except TopicLogUnavailable as error:
        raise Unavailable(f"the bus cannot be read: {error}") from error
