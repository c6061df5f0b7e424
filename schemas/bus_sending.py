"""How messages are put on Kafka, by an agency or by the hub: idempotent, acknowledged by all, in order."""

from collections.abc import Sequence
from typing import Any

from schemas.bus_access import BusAccess
from schemas.wire import LARGEST, Message

DELIVER = 3
"""Times the bus's patience: how long a batch may take to be acknowledged, its repetitions included."""
IN_FLIGHT = 5
"""Requests to one broker under way at once: the most that keeps the order of an idempotent producer."""
BATCH_BYTES = 256 * 1024


def producer_config(access: BusAccess) -> dict[str, Any]:
    """What a producer is made with, beside address, sign-in and the client's own patience."""
    patience = int(access.patience * 1000)
    return {
        "acks": "all",
        "enable_idempotence": True,
        "max_in_flight_requests_per_connection": IN_FLIGHT,
        "compression_type": None if access.compression == "none" else access.compression,
        "batch_size": BATCH_BYTES,
        "max_request_size": LARGEST,
        "allow_auto_create_topics": False,
        "max_block_ms": patience,
        "delivery_timeout_ms": patience * DELIVER,
        "metrics_enabled": False,
    }


def send_all(producer: Any, access: BusAccess, messages: Sequence[Message]) -> None:
    """Send with a `kafka.KafkaProducer`; on return every message is acknowledged. Raises its KafkaError."""
    sent = [
        producer.send(access.on_bus(m.topic), key=m.key, value=m.value, headers=list(m.headers))
        for m in messages
    ]
    producer.flush(access.patience * DELIVER + 1)
    for future in sent:
        future.get(timeout=0)
