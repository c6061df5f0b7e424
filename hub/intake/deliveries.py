"""The port the hub reads the bus through. Positions are the reader's own, never the bus's."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from hub.errors import HubError
from schemas.topic_log import unpack_headers
from schemas.wire import Headers

GROUP = "safeguarding-hub"
"""The group in which intake workers divide the partitions between them."""


class DeliveriesLost(HubError):
    """The bus no longer holds, or never held, what the hub would read next. Nothing was skipped."""

    status, title, exit_code = 503, "Deliveries are missing on the bus", 4


def to_go_on(place: str, first: int, following: int) -> str:
    """What a person types once they answer for going on past what is lost of TOPIC/PARTITION."""
    return f"hub topics accept-loss {place} --from {first} --to {following}"


class Delivery(NamedTuple):
    """One message as it stands on the bus: sealed, at its place; its headers as the bus holds them."""

    topic: str
    partition: int
    offset: int
    key: bytes
    held: Headers | bytes
    value: bytes

    @property
    def headers(self) -> Headers:
        """Its headers, in the order they were sent."""
        return unpack_headers(self.held) if isinstance(self.held, bytes) else self.held


class Deliveries(Protocol):
    """What the hub relies on: offsets contiguous and in order within a partition, nothing lost.

    Not promised: that a message comes once only, an order between partitions, a full poll.
    """

    def partitions(self) -> list[tuple[str, int]]:
        """Every topic and partition this reader reads."""

    def seek(self, positions: Mapping[tuple[str, int], int]) -> None:
        """Read on from these offsets; a partition not named, from the earliest one held."""

    def ids(self) -> Mapping[str, str]:
        """Each topic's own id, which one that is made anew under its name has not; of a bus without, none."""

    def gained(self) -> bool:
        """Whether partitions came to this reader since it last sought, or a topic got another id.

        It gets none of these partitions until it seeks.
        """

    def poll(self, limit: int, timeout: float) -> list[Delivery]:
        """Up to `limit` deliveries, fair over partitions; waits at most `timeout` seconds for a first one.

        Raises Unavailable where the bus cannot be reached.
        """

    def taken(self, positions: Mapping[tuple[str, int], int]) -> None:
        """What the store has read up to, for the bus's own tools that show lag. Never read back."""

    def end_offsets(self) -> dict[tuple[str, int], int]:
        """The offset the next message will get, for every partition: what lag is counted against."""

    def hold(self, seconds: float) -> None:
        """Remain a reader for so long without reading, because nothing can be taken in; seek afterwards."""

    def close(self) -> None:
        """Let go of the bus."""
