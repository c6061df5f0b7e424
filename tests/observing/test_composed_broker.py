"""The broker's settings in docker-compose.yml, tried on a real Kafka: certificates, access rules, topics."""

import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import reduce

import pytest
from typer.testing import CliRunner

from adapters.bus_kafka import KafkaProducing
from adapters.publish import BusUnavailable
from hub.__main__ import app
from hub.errors import Unavailable
from schemas.bus_access import BusAccess
from schemas.wire import Message
from tests.engines.kafka.certificates import Authority
from tests.engines.kafka.cluster import _die_with_parent, _java, _nodes
from tests.observing.test_deployment import SERVICES


@contextmanager
def composed(folder, authority):
    """The container's broker as a process of this machine: its own settings, other ports and folders."""
    ports = _nodes(1, folder)[0].ports
    said = {k: str(v) for k, v in SERVICES["kafka"]["environment"].items()}
    moved = {
        "TLS://:9093": f"TLS://127.0.0.1:{ports['TLS']}",
        "TLS://kafka:9093": f"TLS://127.0.0.1:{ports['TLS']}",
        "127.0.0.1:19092": f"127.0.0.1:{ports['PLAIN']}",
        "127.0.0.1:9094": f"127.0.0.1:{ports['CONTROLLER']}",
        "/run/secrets/bus-broker": str(authority.certify("kafka").both),
        "/run/secrets/bus-ca": str(authority.file),
        "/var/lib/kafka/data": str(folder / "data"),
    }
    lines = []
    for name, value in said.items():
        if name.startswith("KAFKA_"):
            here = reduce(lambda said, move: said.replace(*move), moved.items(), value)
            lines.append(f"{name.removeprefix('KAFKA_').lower().replace('_', '.')}={here}\n")
    config = folder / "server.properties"
    config.write_text("".join(lines))
    made = ["format", "-t", said["CLUSTER_ID"], "-c", str(config)]
    subprocess.run(_java("kafka.tools.StorageTool", *made), cwd=folder, check=True, capture_output=True)
    with (folder / "log").open("wb") as log:
        broker = subprocess.Popen(
            _java("kafka.Kafka", str(config)),
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 — one call into the kernel, no locks
        )
    try:
        yield f"kafka+tls://127.0.0.1:{ports['TLS']}"
    finally:
        broker.kill()
        broker.wait()


def signed(authority, name):
    files = authority.certify(name)
    return {"HUB_BUS_CA": authority.file, "HUB_BUS_CERT": files.certificate, "HUB_BUS_KEY": files.key}


@pytest.mark.slow
@pytest.mark.usefixtures("broker")  # where the run has none, neither has this
def test_topics_are_made_by_the_administrator_and_an_agency_writes_to_its_own_alone(tmp_path):
    authority = Authority(tmp_path)
    command = SERVICES["topics"]["command"]
    with composed(tmp_path, authority) as address:
        env = {"HUB_BUS": address, **{k: str(v) for k, v in signed(authority, "admin").items()}}
        until = time.monotonic() + 180
        told = ["--data", str(tmp_path), *command]
        while isinstance((done := CliRunner().invoke(app, told, env=env)).exception, Unavailable):
            assert time.monotonic() < until
        assert done.exception is None
        said = {k.removeprefix("HUB_BUS_").lower(): v for k, v in signed(authority, "police").items()}
        head = (("ce_id", b"1"), ("ce_time", datetime.now(UTC).isoformat().encode()))
        while True:  # the broker takes new rules to heart a little after it has said yes to them
            producing = KafkaProducing(BusAccess(address=address, **said))
            try:
                producing.send([Message("safeguarding.police.v1", b"k", head, b"sealed")])
                break
            except BusUnavailable:
                producing.close()
                assert time.monotonic() < until
        with pytest.raises(BusUnavailable):
            producing.send([Message("safeguarding.health.v1", b"k", head, b"sealed")])
        producing.close()
