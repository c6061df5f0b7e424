"""Puts an agency's messages on Kafka: idempotent, acknowledged by all replicas, in the spool's order."""

import logging
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from adapters.publish import BusUnavailable
from schemas.bus_access import BusAccess, BusMisdescribed
from schemas.bus_sending import producer_config, send_all
from schemas.wire import Message

NEEDED = {"kafka": "kafka-python", "crc32c": "crc32c", "lz4": "lz4"}

logging.getLogger("kafka").addHandler(logging.NullHandler())  # what matters of it is said in one line


def refuse_without_packages() -> None:
    """Raise BusMisdescribed where the extra `kafka` is not installed whole.

    Without crc32c the client counts checksums in Python, at a sixth of the speed (bus.md).
    """
    missing = [package for module, package in NEEDED.items() if find_spec(module) is None]
    if missing:
        raise BusMisdescribed(f"missing: {', '.join(missing)}; install safeguarding-hub[kafka]")


class KafkaProducing:
    """A `Producer` on Kafka. It connects when it first sends: a spool can be filled without a bus."""

    def __init__(self, access: BusAccess, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember where the bus is. Raises BusMisdescribed where a package is missing."""
        refuse_without_packages()
        self._access = access
        self._tokens = access.token_source(clock)
        self._producer: Any = None

    def send(self, messages: Sequence[Message]) -> None:
        """Send a batch; on return every message of it is acknowledged. Raises BusUnavailable.

        After a failure the connection is given up: a producer that lost a batch may not go on in order.
        """
        from kafka.errors import KafkaError  # noqa: PLC0415 — adapters run without the extra

        if not messages:
            return
        try:
            self._send(messages)
        except (KafkaError, BusMisdescribed, OSError) as error:
            self._give_up()
            raise BusUnavailable(said_of(error)) from None
        except BaseException:
            self._give_up()
            raise

    def close(self) -> None:
        """Let go of the bus."""
        self._give_up()

    def _send(self, messages: Sequence[Message]) -> None:
        if self._producer is None:
            self._producer = self._connected()
        send_all(self._producer, self._access, messages)

    def _connected(self) -> Any:
        """A producer; where it cannot be made, nothing of it stays open."""
        from kafka import KafkaProducer  # noqa: PLC0415 — likewise
        from kafka.net.compat import KafkaNetClient  # noqa: PLC0415 — likewise

        made: list[KafkaNetClient] = []

        def connection(**told: Any) -> KafkaNetClient:
            made.append(KafkaNetClient(**told))
            return made[-1]

        try:
            return KafkaProducer(**self._access.client_config(), **self._config(), kafka_client=connection)
        except BaseException:
            for client in made:
                client.close()
            raise

    def _config(self) -> dict[str, Any]:
        patience = int(self._access.patience * 1000)
        signs = {} if self._tokens is None else {"sasl_oauth_token_provider": provider(self._tokens)}
        own = {
            "client_id": "hub-publish",
            "bootstrap_timeout_ms": patience,
            "request_timeout_ms": patience,
            "reconnect_backoff_max_ms": 1000,
        }
        return signs | producer_config(self._access) | own

    def _give_up(self) -> None:
        from kafka.errors import KafkaError  # noqa: PLC0415 — likewise

        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            producer.close(timeout=1)
        except KafkaError:  # it still waits for an answer: its thread is told to end without one
            producer._sender.force_close()  # noqa: SLF001 — close() has no such way out


def provider(tokens: Callable[[], str]) -> Any:
    """What hands the client a token that is valid now."""
    from kafka.net.sasl.oauth import AbstractTokenProvider  # noqa: PLC0415 — likewise

    class Tokens(AbstractTokenProvider):  # type: ignore[misc]
        def token(self) -> str:
            return tokens()

    return Tokens()


def said_of(error: Exception) -> str:
    """One line: what kind of fault it is, in the client's word for it; never a header, a key or a secret."""
    from kafka.errors import KafkaTimeoutError  # noqa: PLC0415 — likewise

    if isinstance(error, BusMisdescribed):
        return str(error)
    if isinstance(error, KafkaTimeoutError):
        return "the bus does not answer in time, or refuses the sign-in"
    return f"the bus did not take it ({type(error).__name__})"
