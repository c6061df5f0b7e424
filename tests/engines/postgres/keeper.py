"""Keeps one PostgreSQL for all workers of a test run: it ends when the last of them does, however it ends."""

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from hub.postgres.access import StoreAccess
from hub.postgres.migrating import migrate
from tests.engines.postgres.server import UP, NoServer, start_server

ROOT = Path(__file__).parents[3]
TEMPLATE = "hub_template"
"""A migrated, empty database: each test's own is a copy of it."""
UNSYNCED = {"fsync": "off", "full_page_writes": "off"}
"""The run's server lives no longer than the run: what would outlive a power cut need not be waited for."""
KEEPERS: list[subprocess.Popen[bytes]] = []


@contextmanager
def borrowed(folder: Path) -> Iterator[str]:
    """The run's server, started by whoever asks first: its address. Raises NoServer."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if (folder / "failed").exists():
                raise NoServer((folder / "failed").read_text())
            if not (folder / "address").exists():
                _start(folder)
        yield (folder / "address").read_text()


def template(address: str) -> None:
    """Make the database that tests copy."""
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
    migrate(StoreAccess(address=address.rpartition("/")[0] + f"/{TEMPLATE}"))


def _start(folder: Path) -> None:
    log = (folder / "keeper.log").open("ab")
    with log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.postgres.keeper", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    until = time.monotonic() + UP + 30
    while not (folder / "address").exists():
        if keeper.poll() is not None or time.monotonic() > until:
            said = (folder / "keeper.log").read_text(errors="replace").strip().splitlines()[-1:]
            (folder / "failed").write_text(f"the server did not start: {' '.join(said)}")
            raise NoServer((folder / "failed").read_text())
        time.sleep(0.05)
    KEEPERS.append(keeper)  # it outlives its starter: nobody waits for it


def main(folder: Path) -> None:
    """Start the server, say where it is, and wait until nobody uses it any more."""
    server = start_server(folder / "server", UNSYNCED)
    try:
        template(server.address())
        (folder / "address.new").write_text(server.address())
        (folder / "address.new").rename(folder / "address")
        with (folder / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)  # granted when the last borrower is gone
    finally:
        server.stop()
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
