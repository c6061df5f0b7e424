"""Serves a worker's figures and its health on a port of their own: over TLS, or to this machine only."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from hub.errors import Unavailable
from hub.observing.health import Health
from schemas.tls import TlsUnusable, is_loopback, of_a_door

HERE = "127.0.0.1"
PATIENCE = 10.0
"""Seconds that who asks may be silent, the TLS handshake included."""


class Measured(Protocol):
    """Whose figures are served."""

    @property
    def registry(self) -> CollectorRegistry:
        """The figures."""


class Secured(Protocol):
    """What they are served with. `hub.settings.Settings` is one."""

    @property
    def metrics_cert(self) -> Path | None:
        """The certificate."""

    @property
    def metrics_key(self) -> Path | None:
        """Its private key."""


@contextmanager
def served(
    measures: Measured, health: Health, secured: Secured, port: int, host: str = HERE
) -> Iterator[int]:
    """Serve /metrics, /health/live and /health/ready while the worker works; the port that was taken.

    Other machines are served over TLS only (OWASP ASVS 12.3.3). Raises Unavailable where there is no
    certificate for them, where it cannot be used, or where the port cannot be had.
    """
    try:
        tls = of_a_door(secured.metrics_cert, secured.metrics_key) if secured.metrics_cert else None
    except TlsUnusable as error:
        raise Unavailable(f"figures and health: {error}") from None
    if tls is None and not is_loopback(host):
        raise Unavailable(
            "figures and health go to other machines over TLS only: set HUB_METRICS_CERT and HUB_METRICS_KEY"
        )

    class Watching(_Watching):
        of, how = measures, health

    try:
        server = _Server((host, port), Watching)
    except OSError:
        raise Unavailable(f"the port {port} for figures and health is taken, or not ours to take") from None
    if tls is not None:  # shaken hands in the asker's own thread: who is slow keeps nobody waiting
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, name="watching", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Who speaks no TLS, or goes away in the middle, is nothing to write down; a fault of ours is."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Watching(BaseHTTPRequestHandler):
    of: Measured
    how: Health
    timeout = PATIENCE
    server_version, sys_version = "hub", ""

    def do_GET(self) -> None:
        """Answer one of three questions."""
        match self.path.partition("?")[0]:
            case "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.of.registry))
            case "/health/live":
                self._json(200, {"live": True})
            case "/health/ready":
                fails = self.how.failing()
                self._json(
                    503 if fails else 200, {"ready": not fails, **({"failing": fails} if fails else {})}
                )
            case _:
                self._json(404, {"error": "there are /metrics, /health/live and /health/ready"})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
        """Who scrapes when is nothing to keep."""

    def _json(self, status: int, said: dict[str, object]) -> None:
        self._answer(status, "application/json", json.dumps(said).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
