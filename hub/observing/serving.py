"""Serves a worker's figures and its health on a port of their own, to this machine unless told otherwise."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from hub.errors import Unavailable
from hub.observing.health import Health

HERE = "127.0.0.1"


class Measured(Protocol):
    """Whose figures are served."""

    @property
    def registry(self) -> CollectorRegistry:
        """The figures."""


@contextmanager
def served(measures: Measured, health: Health, port: int, host: str = HERE) -> Iterator[int]:
    """Serve /metrics, /health/live and /health/ready while the worker works; the port that was taken.

    Raises Unavailable where the port cannot be had.
    """

    class Watching(_Watching):
        of, how = measures, health

    try:
        server = ThreadingHTTPServer((host, port), Watching)
    except OSError:
        raise Unavailable(f"the port {port} for figures and health is taken, or not ours to take") from None
    thread = Thread(target=server.serve_forever, name="watching", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Watching(BaseHTTPRequestHandler):
    of: Measured
    how: Health
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
