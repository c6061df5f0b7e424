"""The engines a soak can run on, each with what can be killed of it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import psycopg
from kafka.admin import KafkaAdminClient

from hub.postgres.access import StoreAccess
from hub.postgres.migrating import migrate
from schemas.bus_access import BusAccess
from schemas.wire import PARTITIONS, TOPICS
from tests.engines.kafka.cluster import Cluster, start_cluster
from tests.engines.postgres.server import Server, start_server


class Engine(Protocol):
    """A bus or a store of its own process or processes."""

    def begin(self) -> None:
        """Start it."""

    def environment(self) -> dict[str, str]:
        """The settings that choose it."""

    def victims(self) -> dict[str, Callable[[], None]]:
        """What can be killed now, by name; each comes back by itself or before the next is killed."""

    def mend(self) -> None:
        """Bring back all that was killed."""

    def end(self) -> None:
        """Stop it and remove what it wrote."""


class KafkaOfThree:
    """Three brokers, three replicas of each topic, two of them in step before a message counts as written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cluster: Cluster | None = None
        self._dead: int | None = None
        self._since = 0.0

    def begin(self) -> None:
        self._cluster = start_cluster(3, self._folder / "kafka")
        admin = KafkaAdminClient(bootstrap_servers=self._cluster.address())
        wanted = {
            "num_partitions": PARTITIONS,
            "replication_factor": 3,
            "configs": {"min.insync.replicas": "2"},
        }
        access = BusAccess(address=self.environment()["HUB_BUS"])
        admin.create_topics({access.on_bus(topic): wanted for topic in TOPICS}, wait_for_metadata=True)
        admin.close()

    def environment(self) -> dict[str, str]:
        return {"HUB_BUS": f"kafka://{self._cluster.address()}/soak"} if self._cluster else {}

    def victims(self) -> dict[str, Callable[[], None]]:
        assert self._cluster is not None
        if self._dead is not None:
            return {f"broker-{self._dead} (back)": self.mend} if time.monotonic() > self._since + 3 else {}
        return {f"broker-{node.id}": self._killer(node.id) for node in self._cluster.nodes}

    def _killer(self, node: int) -> Callable[[], None]:
        def kill() -> None:
            assert self._cluster is not None
            self._cluster.kill(node)
            self._dead, self._since = node, time.monotonic()

        return kill

    def mend(self) -> None:
        if self._dead is not None and self._cluster is not None:
            self._cluster.restart(self._dead)
            self._dead = None

    def end(self) -> None:
        if self._cluster is not None:
            self._cluster.stop()


class PostgresAlone:
    """One server, which is killed and comes back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: Server | None = None

    def begin(self) -> None:
        self._server = start_server(self._folder / "postgres")
        with psycopg.connect(self._server.address(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE hub")
        migrate(StoreAccess(address=self._server.address("hub")))

    def environment(self) -> dict[str, str]:
        return {"HUB_STORE": self._server.address("hub")} if self._server else {}

    def victims(self) -> dict[str, Callable[[], None]]:
        return {"postgres": self._kill}

    def _kill(self) -> None:
        assert self._server is not None
        self._server.kill()
        self._server.start()

    def mend(self) -> None:
        """Nothing: it came back."""

    def end(self) -> None:
        if self._server is not None:
            self._server.stop()
