"""Keeps one broker for all workers of a test run: it ends when the last of them does, however it ends."""

import fcntl
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.engines.kafka.cluster import UP, start_cluster
from tests.engines.kafka.jars import NoBroker, jars

ROOT = Path(__file__).parents[3]
KEEPERS: list[subprocess.Popen[bytes]] = []


@contextmanager
def borrowed(folder: Path) -> Iterator[dict[str, str]]:
    """The run's broker, started by whoever asks first: `PLAIN`, `SIGNED`, `TLS` addresses, and its `folder`.

    Raises NoBroker.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (folder / "address").exists():
                _start(folder)
        pairs = [line.split("=", 1) for line in (folder / "address").read_text().splitlines()]
        yield dict(pairs) | {"folder": str(folder / "broker")}


def _start(folder: Path) -> None:
    if (folder / "failed").exists():
        raise NoBroker((folder / "failed").read_text())
    try:
        jars()
    except NoBroker as missing:
        (folder / "failed").write_text(str(missing))
        raise
    log = (folder / "keeper.log").open("ab")
    with log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.kafka.keeper", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    until = time.monotonic() + UP + 30
    while not (folder / "address").exists():
        if keeper.poll() is not None or time.monotonic() > until:
            said = (folder / "keeper.log").read_text(errors="replace")[-1000:]
            (folder / "failed").write_text(f"the broker did not start: {said}")
            raise NoBroker(f"the broker did not start: {said}")
        time.sleep(0.05)
    KEEPERS.append(keeper)  # it outlives its starter: nobody waits for it


def main(folder: Path) -> None:
    """Start the broker, say where it is, and wait until nobody uses it any more."""
    cluster = start_cluster(folder=folder / "broker")
    try:
        said = "".join(f"{name}={cluster.address(name)}\n" for name in ("PLAIN", "SIGNED", "TLS"))
        (folder / "address.new").write_text(said)
        (folder / "address.new").rename(folder / "address")
        with (folder / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)  # granted when the last borrower is gone
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
