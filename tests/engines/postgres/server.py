"""Starts a real PostgreSQL from the system's programs, on loopback, in a folder; ended for sure at last."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import psycopg

OWNER = "hub_owner"
UP = 60.0
"""Seconds a server may take to come up: one on an idle machine, many on a busy one, or after a kill."""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # nobody asks through one, and the path of a folder may be too long for it
    "fsync": "on",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
    "password_encryption": "scram-sha-256",
}


class NoServer(Exception):
    """No PostgreSQL can be had here; the text says what is missing."""


@dataclass
class Server:
    """A running server. What it wrote is kept when it is killed, until `stop`."""

    folder: Path
    port: int
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def address(self, database: str = "postgres", user: str = OWNER) -> str:
        """The address of a database, for a user."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self, wait: float = UP) -> None:
        """Start it, or start it again after a kill; returns when it answers. Raises NoServer."""
        until = time.monotonic() + wait
        while True:  # the kernel may still hold what a killed server shared: then it is tried again
            self._run()
            if self._answers(until):
                return
            if time.monotonic() > until:
                raise NoServer(f"the server did not come up: {self._said()}")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it and remove all it wrote."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self) -> None:
        settings = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [_program("postgres"), "-D", str(self.folder / "data")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_as_postgres(dying=True), *command, "-p", str(self.port), *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _answers(self, until: float) -> bool:
        assert self.process is not None
        while self.process.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(self.address(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-1000:]


def start_server(folder: Path | None = None, settings: Mapping[str, str] = MappingProxyType({})) -> Server:
    """Make a server in a folder and start it; `settings`: more than tests need. Raises NoServer."""
    folder = Path(tempfile.mkdtemp(prefix="hub-postgres-")) if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    made = subprocess.run(
        [
            *_as_postgres(),
            _program("initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            OWNER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise NoServer(f"initdb failed: {made.stderr.decode(errors='replace')[-500:]}")
    server = Server(folder, _free_port(), {**SETTINGS, **settings})
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server


def _program(name: str) -> str:
    """The newest that Debian's packages hold, else the one on the path. Raises NoServer."""
    packaged = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    found = str(packaged[-1]) if packaged else shutil.which(name)
    if found is None:
        raise NoServer(f"no program {name}: install PostgreSQL, or name a server with HUB_TEST_POSTGRES")
    return found


def _as_postgres(*, dying: bool = False) -> list[str]:
    """PostgreSQL does not run as root; `dying`: it ends with the process that started it."""
    if shutil.which("setpriv") is None:
        raise NoServer("no program setpriv (util-linux)")
    ending = ["--pdeathsig", "SIGKILL"] if dying else []
    if os.geteuid() != 0:
        return ["setpriv", *ending, "--"] if ending else []
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise NoServer("PostgreSQL does not run as root, and there is no user postgres") from None
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *ending, "--"]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
