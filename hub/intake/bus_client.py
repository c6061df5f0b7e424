"""What every Kafka client of the hub is made with, and how its faults read."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.net.compat import KafkaNetClient
from kafka.net.sasl.oauth import AbstractTokenProvider
from kafka.net.selector import NetworkSelector

from hub.errors import Unavailable
from schemas.bus_access import BusAccess, BusMisdescribed

logging.getLogger("kafka").addHandler(logging.NullHandler())  # what matters of it is said in one line


@contextmanager
def connecting(access: BusAccess) -> Iterator[dict[str, Any]]:
    """Address, sign-in and patience, to make a client with. Holds secrets: hand it on and forget it.

    Where the client cannot be made, nothing of it stays open. Raises Unavailable.
    """
    made: list[KafkaNetClient] = []

    def connection(**config: Any) -> KafkaNetClient:
        made.append(KafkaNetClient(net=_Loop(**config), **config))
        return made[-1]

    patience = int(access.patience * 1000)
    with explained():
        config = access.client_config() | {
            "bootstrap_timeout_ms": patience,
            "request_timeout_ms": patience,
            "kafka_client": connection,
        }
        tokens = access.token_source(time.monotonic)
        if tokens is not None:
            config["sasl_oauth_token_provider"] = _Tokens(tokens)
        try:
            yield config
        except BaseException:
            for client in made:
                client.close()
            raise


@contextmanager
def explained() -> Iterator[None]:
    """Turn the client's faults into Unavailable, in one line: the kind of fault and nothing it was about."""
    try:
        yield
    except BusMisdescribed as error:
        raise Unavailable(str(error)) from None
    except KafkaTimeoutError:
        raise Unavailable("the bus does not answer in time, or refuses the sign-in") from None
    except (KafkaError, OSError) as error:
        raise Unavailable(f"the bus cannot be used ({type(error).__name__})") from None


class _Loop(NetworkSelector):  # type: ignore[misc]
    """kafka-python 3.0.12 keeps a timeout in a circle with all frames that waited for it.

    What a worker had at hand as it polled, a batch of a thousand deliveries, would stay until the collector
    comes by, which is seldom (`hub.compose.settle`).
    """

    def run(self, coro: Any, *args: Any) -> Any:
        """Run to its end. Raises what it raises, a timeout as one that nobody else holds."""
        try:
            return super().run(coro, *args)
        except KafkaTimeoutError as kept:
            kept.__traceback__ = None
            raise KafkaTimeoutError(*kept.args) from None


class _Tokens(AbstractTokenProvider):  # type: ignore[misc]
    def __init__(self, source: Callable[[], str]) -> None:
        super().__init__()
        self._source = source

    def token(self) -> str:
        """A token that is valid now."""
        return self._source()
