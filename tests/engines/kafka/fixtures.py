"""What tests ask for to run on a real Kafka: one broker a run, a namespace of its own for each test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient

from schemas.bus_access import BusAccess
from schemas.wire import PARTITIONS, RECEIPT_TOPICS, TOPICS
from tests.engines.kafka.jars import NoBroker
from tests.engines.kafka.keeper import borrowed


@pytest.fixture(scope="session")
def broker(request) -> Iterator[dict[str, str]]:
    """A real broker: the one HUB_TEST_KAFKA names (host:port, in clear), or one of our own.

    Where none can be had the test is skipped; with HUB_TEST_REQUIRE_ALL it fails.
    """
    named = os.environ.get("HUB_TEST_KAFKA")
    if named:
        yield {"PLAIN": named}
        return
    run = getattr(request.config, "workerinput", {}).get("testrunuid") or uuid4().hex
    try:
        with borrowed(Path(tempfile.gettempdir()) / f"hub-kafka-{run}") as found:
            yield found
    except NoBroker as missing:
        if os.environ.get("HUB_TEST_REQUIRE_ALL"):
            pytest.fail(f"no Kafka: {missing}")
        pytest.skip(f"no Kafka: {missing}")


@pytest.fixture(scope="session")
def kafka_admin(broker) -> Iterator[KafkaAdminClient]:
    """An administrator of the run's broker."""
    admin = KafkaAdminClient(bootstrap_servers=broker["PLAIN"])
    yield admin
    admin.close()


@pytest.fixture
def kafka_access(broker, kafka_admin) -> BusAccess:
    """A namespace on the run's broker that no other test has, with every agency's topic."""
    access = BusAccess(address=f"kafka://{broker['PLAIN']}/t{uuid4().hex[:12]}")
    create_topics(kafka_admin, access)
    return access


def create_topics(admin: KafkaAdminClient, access: BusAccess, partitions: int = PARTITIONS) -> None:
    """Every agency's topic, with one replica."""
    wanted = {"num_partitions": partitions, "replication_factor": 1}
    made = {access.on_bus(topic): wanted for topic in TOPICS}
    made |= {access.on_bus(topic): {**wanted, "num_partitions": 1} for topic in RECEIPT_TOPICS}
    admin.create_topics(made, wait_for_metadata=True)
