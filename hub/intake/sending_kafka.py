"""Writes to Kafka for the hub: idempotent, acknowledged by all replicas, in order."""

from collections.abc import Sequence

from kafka import KafkaProducer

from hub.intake.bus_client import connecting, explained
from schemas.bus_access import BusAccess
from schemas.wire import LARGEST, Message


class KafkaSending:
    """A `Sending` on Kafka."""

    def __init__(self, access: BusAccess) -> None:
        """Reach the bus. Raises Unavailable."""
        self._access = access
        patience = int(access.patience * 1000)
        with connecting(access) as config:
            self._producer = KafkaProducer(
                **config,
                client_id="hub-receipts",
                acks="all",
                enable_idempotence=True,
                compression_type=None if access.compression == "none" else access.compression,
                max_request_size=LARGEST,
                allow_auto_create_topics=False,
                max_block_ms=patience,
                delivery_timeout_ms=patience * 3,
                metrics_enabled=False,
            )

    def send(self, messages: Sequence[Message]) -> None:
        """Send a batch; on return every message of it is acknowledged. Raises Unavailable."""
        with explained():
            sent = [
                self._producer.send(
                    self._access.on_bus(m.topic), key=m.key, value=m.value, headers=list(m.headers)
                )
                for m in messages
            ]
            self._producer.flush(self._access.patience * 3 + 1)
            for future in sent:
                future.get(timeout=0)

    def close(self) -> None:
        """Let go of the bus."""
        with explained():
            self._producer.close(timeout=self._access.patience)
