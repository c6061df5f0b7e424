"""Reads an agency's receipts from Kafka, as the agency itself."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from adapters.bus_kafka import provider, refuse_without_packages, said_of
from adapters.publish import BusUnavailable
from adapters.receipts_bus import Arrived
from schemas.bus_access import BusAccess, BusMisdescribed
from schemas.vocabulary import Agency
from schemas.wire import LARGEST, receipts_topic_of


class KafkaReading:
    """A `Reading` on Kafka, in no group: where the agency stands, its own spool says."""

    def __init__(self, access: BusAccess, agency: Agency) -> None:
        """Reach the bus. Raises BusUnavailable, BusMisdescribed."""
        refuse_without_packages()
        from kafka import KafkaConsumer, TopicPartition  # noqa: PLC0415 — adapters run without the extra

        self._patience = int(access.patience * 1000)
        self._at = TopicPartition(access.on_bus(receipts_topic_of(agency)), 0)
        with _explained():
            self._consumer = KafkaConsumer(**access.client_config(), **self._config(access))
            self._consumer.assign([self._at])

    def earliest(self) -> int:
        """The first offset held."""
        with _explained():
            return int(self._consumer.beginning_offsets([self._at])[self._at])

    def read(self, offset: int, limit: int) -> Sequence[Arrived]:
        """What stands from an offset on, to the end there is now."""
        with _explained():
            if offset >= self._consumer.end_offsets([self._at])[self._at]:
                return ()
            self._consumer.seek(self._at, offset)
            got = self._consumer.poll(timeout_ms=self._patience, max_records=limit)
        found: Sequence[Arrived] = got.get(self._at, ())
        if not found:
            raise BusUnavailable("the bus does not hand out the receipts in time")
        return found

    def close(self) -> None:
        """Let go of the bus."""
        self._consumer.close()

    def _config(self, access: BusAccess) -> dict[str, Any]:
        tokens = access.token_source(time.monotonic)
        signs = {} if tokens is None else {"sasl_oauth_token_provider": provider(tokens)}
        return signs | {
            "client_id": "hub-publish-receipts",
            "auto_offset_reset": "none",  # what is not there is said, never skipped
            "enable_auto_commit": False,
            "bootstrap_timeout_ms": self._patience,
            "request_timeout_ms": self._patience,
            "max_partition_fetch_bytes": LARGEST,
            "metrics_enabled": False,
        }


@contextmanager
def _explained() -> Iterator[None]:
    from kafka.errors import KafkaError  # noqa: PLC0415 — likewise

    try:
        yield
    except (KafkaError, BusMisdescribed, OSError) as error:
        raise BusUnavailable(said_of(error)) from None
