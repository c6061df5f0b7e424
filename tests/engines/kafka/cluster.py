"""Starts a real Apache Kafka from its jars: one node or three, on loopback, killed for sure at the end.

`start_cluster(nodes=3)` is usable outside pytest too: the nodes die with the process that started them.
Each node listens three ways: in clear (whoever comes that way may do everything), with sign-in (SCRAM,
OAUTHBEARER), and with TLS and a client certificate; the last two only may what access rules allow.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.engines.kafka.certificates import Authority
from tests.engines.kafka.jars import NoBroker, jars

HEAP = "-Xmx256m"
FAST = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xms64m")
QUIET = ("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dkafka.logs.dir=.")
UP = 60.0
"""Seconds a node may take to come up: two seconds on an idle machine, many on a busy one."""

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1

COMMON = """\
process.roles=broker,controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAIN
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,SIGNED:SASL_PLAINTEXT,TLS:SSL
sasl.enabled.mechanisms=SCRAM-SHA-512,OAUTHBEARER
listener.name.signed.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.signed.oauthbearer.sasl.jaas.config=\
org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required \
unsecuredLoginStringClaim_sub="broker";
ssl.client.auth=required
ssl.keystore.type=PEM
ssl.truststore.type=PEM
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.enable=false
log.index.size.max.bytes=65536
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
controlled.shutdown.enable=false
unclean.leader.election.enable=false
"""


@dataclass
class Node:
    """One broker, controller as well, and where it keeps what it has."""

    id: int
    folder: Path
    ports: Mapping[str, int]
    process: subprocess.Popen[bytes] | None = None


@dataclass
class Cluster:
    """Running nodes. Numbers count from 1. What a node wrote is kept when it is killed, until `stop`."""

    folder: Path
    nodes: list[Node]
    authority: Authority
    _own: ExitStack = field(default_factory=ExitStack)

    def address(self, listener: str = "PLAIN") -> str:
        """`host:port,…` of every node on one of PLAIN, SIGNED, TLS."""
        return ",".join(f"127.0.0.1:{node.ports[listener]}" for node in self.nodes)

    def kill(self, node: int) -> None:
        """End a node at once, as a power cut would."""
        process = self.nodes[node - 1].process
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def restart(self, node: int, wait: float = UP) -> None:
        """Start a node that was killed, with all it wrote; returns when it listens."""
        self.start(self.nodes[node - 1])
        self._wait(self.nodes[node - 1], wait)

    def stop(self) -> None:
        """Kill every node and remove all they wrote."""
        for node in self.nodes:
            self.kill(node.id)
        self._own.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, node: Node, badly_formatted: int = 0) -> None:
        """Start a node's process, once its folder is formatted. Raises NoBroker where that failed."""
        if badly_formatted:
            raise NoBroker(f"node {node.id} could not be formatted: {_tail(node)}")
        log = (node.folder / "log").open("ab")
        with log:
            node.process = subprocess.Popen(
                _java("kafka.Kafka", str(node.folder / "server.properties")),
                cwd=node.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 — one call into the kernel, no locks
            )

    def _wait(self, node: Node, seconds: float) -> None:
        until = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", node.ports["PLAIN"]), timeout=1).close()
            except OSError:
                ended = node.process is None or node.process.poll() is not None
                if ended or time.monotonic() > until:
                    raise NoBroker(f"node {node.id} did not come up: {_tail(node)}") from None
                time.sleep(0.05)
            else:
                return


def start_cluster(
    nodes: int = 1, folder: Path | None = None, settings: Mapping[str, str] | None = None
) -> Cluster:
    """Format and start so many nodes; returns when all listen. Raises NoBroker.

    `settings`: broker settings besides, or instead of, those above.
    """
    jars()
    folder = Path(tempfile.mkdtemp(prefix="hub-kafka-")) if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    authority = Authority(folder)
    made = _nodes(nodes, folder)
    voters = ",".join(f"{n.id}@127.0.0.1:{n.ports['CONTROLLER']}" for n in made)
    copies = min(3, nodes)
    id_ = "aGVhci10aGUtY2hpbGRyZQ"
    cluster = Cluster(folder, made, authority)
    try:
        for node in made:
            _write(node, voters, copies, authority, settings or {})
        formats = [_format(node, id_) for node in made]
        for node, process in zip(made, formats, strict=True):
            cluster.start(node, process.wait())
        for node in made:
            cluster._wait(node, UP)
    except BaseException:
        cluster.stop()
        raise
    return cluster


# ------------------------------------------------------------


def _nodes(count: int, folder: Path) -> list[Node]:
    listeners = ("PLAIN", "SIGNED", "TLS", "CONTROLLER")
    with ExitStack() as held:
        taken = []
        for _ in range(count * len(listeners)):
            taken.append(held.enter_context(socket.socket()))
            taken[-1].bind(("127.0.0.1", 0))
        ports = [s.getsockname()[1] for s in taken]
    made = []
    for n in range(count):
        own = dict(zip(listeners, ports[n * 4 : n * 4 + 4], strict=True))
        made.append(Node(n + 1, folder / f"node-{n + 1}", own))
    return made


def _write(node: Node, voters: str, copies: int, authority: Authority, settings: Mapping[str, str]) -> None:
    node.folder.mkdir()
    listeners = ",".join(f"{name}://127.0.0.1:{port}" for name, port in node.ports.items())
    public = ",".join(f"{n}://127.0.0.1:{p}" for n, p in node.ports.items() if n != "CONTROLLER")
    own = {
        "node.id": str(node.id),
        "listeners": listeners,
        "advertised.listeners": public,
        "controller.quorum.voters": voters,
        "log.dirs": str(node.folder / "data"),
        "ssl.keystore.location": str(authority.certify(f"broker-{node.id}").both),
        "ssl.truststore.location": str(authority.file),
        "offsets.topic.replication.factor": str(copies),
        "transaction.state.log.replication.factor": str(copies),
        "share.coordinator.state.topic.replication.factor": str(copies),
        **settings,
    }
    text = COMMON + "".join(f"{name}={value}\n" for name, value in own.items())
    (node.folder / "server.properties").write_text(text)


def _format(node: Node, id_: str) -> subprocess.Popen[bytes]:
    config = str(node.folder / "server.properties")
    with (node.folder / "log").open("ab") as log:
        return subprocess.Popen(
            _java("kafka.tools.StorageTool", "format", "-t", id_, "-c", config),
            cwd=node.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 — likewise
        )


def _tail(node: Node) -> str:
    return (node.folder / "log").read_text(errors="replace")[-2000:]


def _java(*command: str) -> list[str]:
    return ["java", HEAP, *FAST, *QUIET, "-cp", f"{jars()}/*", *command]


def _die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    running = start_cluster(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    print(running.address(), os.getpid(), flush=True)  # noqa: T201
    try:
        signal.pause()
    finally:
        running.stop()
