"""Writes to Kafka for the hub: idempotent, acknowledged by all replicas, in order."""

from collections.abc import Sequence

from kafka import KafkaProducer

from hub.intake.bus_client import connecting, explained
from schemas.bus_access import BusAccess
from schemas.bus_sending import producer_config, send_all
from schemas.wire import Message


class KafkaSending:
    """A `Sending` on Kafka."""

    def __init__(self, access: BusAccess) -> None:
        """Reach the bus. Raises Unavailable."""
        self._access = access
        with connecting(access) as config:
            self._producer = KafkaProducer(**config, **producer_config(access), client_id="hub-receipts")

    def send(self, messages: Sequence[Message]) -> None:
        """Send a batch; on return every message of it is acknowledged. Raises Unavailable."""
        with explained():
            send_all(self._producer, self._access, messages)

    def close(self) -> None:
        """Let go of the bus."""
        with explained():
            self._producer.close(timeout=self._access.patience)
