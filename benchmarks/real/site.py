"""A real broker and a real PostgreSQL on this machine, a hub founded on them, messages ready to be read."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from kafka.admin import KafkaAdminClient

from adapters.bus_kafka import KafkaProducing
from benchmarks.grounds import Ground
from hub import compose
from hub.postgres.access import StoreAccess
from hub.settings import Settings
from schemas import wire
from schemas.bus_access import BusAccess
from schemas.wire import Message
from tests.engines.kafka.cluster import start_cluster
from tests.engines.kafka.fixtures import create_topics
from tests.engines.postgres.keeper import TEMPLATE, template
from tests.engines.postgres.server import start_server

MEMORY = {
    "shared_buffers": "4GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "lz4",
}
"""As docs/operating.md asks for and docker-compose.yml ships. The floors run on the same server."""


class Site:
    """One broker and one server; each `hub` of it has topics and a database of its own."""

    def __init__(self, held: ExitStack) -> None:
        self._folder = Path(held.enter_context(TemporaryDirectory(prefix="hub-bench-")))
        self._folder.chmod(0o755)
        self.cluster = start_cluster(1, self._folder / "kafka", {"log.retention.hours": "24"})
        held.callback(self.cluster.stop)
        self.server = start_server(self._folder / "postgres", MEMORY)
        held.callback(self.server.stop)
        template(self.server.address())
        self.admin = KafkaAdminClient(bootstrap_servers=self.cluster.address())
        held.callback(self.admin.close)

    def ground(self, seed: int = 1) -> "RealGround":
        """A hub newly founded on Kafka and PostgreSQL."""
        name = f"b{uuid4().hex[:10]}"
        with psycopg.connect(self.server.address(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        bus = BusAccess(address=f"kafka://{self.cluster.address()}/{name}")
        create_topics(self.admin, bus)
        store = StoreAccess(address=self.server.address(name))
        return RealGround(Settings(data=self._folder / name, bus=bus, store=store), seed)


class RealGround(Ground):
    """A founded hub with every agency enrolled, and invented children, on real engines."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.settings = settings
        compose.found(settings, demo=True)
        self._random = random.Random(seed)
        self.enrol()

    def send(
        self,
        numbers: Sequence[int],
        child_of: Callable[[int], int],
        told: Callable[[int], None] = lambda _: None,
    ) -> float:
        """Seal and publish events of these numbers, signed as a spool does; the seconds it took."""
        start = time.perf_counter()
        with closing(KafkaProducing(self.settings.bus)) as producing:
            for first in range(0, len(numbers), 5000):
                some = numbers[first : first + 5000]
                for batch in self.signed([self.event(number, child_of(number)) for number in some]):
                    producing.send(batch)
                told(len(some))
        return time.perf_counter() - start

    def message(self, number: int, child: int) -> Message:
        """One event, sealed."""
        event = self.event(number, child)
        return wire.event_message(event, self.outgoing[event.agency], datetime.now(UTC))


@contextmanager
def site() -> Iterator[Site]:
    """The engines, running until the measuring is over."""
    with ExitStack() as held:
        yield Site(held)
