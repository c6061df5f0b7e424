"""The port by which the hub writes to the bus: receipts, and nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hub.errors import Unavailable
from schemas.topic_log import TopicLog, TopicLogUnavailable
from schemas.wire import Message


class Sending(Protocol):
    """Puts messages on the bus in order; on return all of them are there to stay."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send a batch. Raises Unavailable; part of the batch may then be there, and comes again."""

    def close(self) -> None:
        """Let go of the bus."""


class EmbeddedSending:
    """Writes to the embedded topic log; a topic that is not there yet is made, with one partition."""

    def __init__(self, path: Path) -> None:
        """Open the log. Raises Unavailable."""
        try:
            self._log = TopicLog(path)
        except TopicLogUnavailable as fault:
            raise Unavailable(str(fault)) from None

    def send(self, messages: Sequence[Message]) -> None:
        """Append a batch, a transaction a topic. Raises Unavailable."""
        try:
            for topic in dict.fromkeys(m.topic for m in messages):
                self._log.create_topic(topic, 1)
                self._log.append(topic, [(m.key, m.headers, m.value) for m in messages if m.topic == topic])
        except TopicLogUnavailable as fault:
            raise Unavailable(str(fault)) from None

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()
