"""What a Kafka group gave and took: noted by the client's own thread, acted on by the reader's."""

import threading
from typing import Any

from kafka import ConsumerRebalanceListener, TopicPartition


class ChangingHands(ConsumerRebalanceListener):  # type: ignore[misc]
    """Partitions as they come and go. One that came is read only after the store was asked where to begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._consumer: Any = None
        self.gained: set[TopicPartition] = set()
        self._gone: set[TopicPartition] = set()

    def of(self, consumer: Any) -> None:
        """Whose partitions they are."""
        self._consumer = consumer

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Give what is new a place, so that the group's own is never asked for, and keep it unread."""
        with self._lock:
            for tp in assigned:
                self._consumer.seek(tp, 0)
                self._consumer.pause(tp)
            self.gained |= set(assigned)
            self._gone -= set(assigned)

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Others read these now; what is in hand of them the store would refuse."""
        with self._lock:
            self.gained -= set(revoked)
            self._gone |= set(revoked)

    def on_partitions_lost(self, lost: Any) -> None:
        """Likewise."""
        self.on_partitions_revoked(lost)

    def take(self) -> list[TopicPartition]:
        """All that is assigned now; nothing is new any more."""
        with self._lock:
            self.gained = set()
            return sorted(self._consumer.assignment())

    def gone(self) -> set[TopicPartition]:
        """What was taken away since last asked."""
        with self._lock:
            gone, self._gone = self._gone, set()
            return gone
