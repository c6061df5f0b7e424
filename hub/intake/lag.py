"""How far intake is behind: what waits in each partition, and since when."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from hub.intake.deliveries import Deliveries, Delivery
from schemas import wire

At = tuple[str, int]


class Waiting(NamedTuple):
    """What waits in one partition: how many deliveries, and when the oldest was published if it says."""

    events: int
    since: datetime | None


def behind(ends: Mapping[At, int], positions: Mapping[At, int]) -> dict[At, int]:
    """How many deliveries lie between a hub's positions and the end of each partition."""
    return {at: max(0, end - positions.get(at, 0)) for at, end in ends.items()}


def waiting(deliveries: Deliveries, positions: Mapping[At, int]) -> dict[At, Waiting]:
    """What waits in every partition that a hub at these positions has not read to its end.

    Looks at the first delivery of each, moving the reader: seek before reading on. Raises Unavailable.
    """
    counts = behind(deliveries.end_offsets(), positions)
    oldest: dict[At, Delivery] = {}
    if any(counts.values()):
        deliveries.seek(positions)
        for delivery in deliveries.poll(len(counts), 0.0):
            oldest.setdefault((delivery.topic, delivery.partition), delivery)
    return {at: Waiting(count, _published(oldest.get(at))) for at, count in sorted(counts.items()) if count}


def _published(delivery: Delivery | None) -> datetime | None:
    if delivery is None:
        return None
    try:
        said = datetime.fromisoformat(wire.first_headers(delivery.headers)[wire.TIME].decode())
    except (KeyError, ValueError):
        return None
    return said if said.tzinfo else None
