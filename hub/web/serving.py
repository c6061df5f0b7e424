"""Serves the pages and the API, where that is allowed."""

import socket
import sys
from contextlib import suppress

import uvicorn

from hub.errors import Unavailable, WrongKind
from hub.web.app import create_app
from hub.web.served import Served
from hub.web.watching import UNWATCHED, Watching
from schemas.tls import TlsUnusable, configured, is_loopback

UNKNOWN_AFTER = 0.15
"""Seconds: what a record of some 2,000 entries takes to read that nobody looked at lately (decision 62)."""


def serve(hub: Served, watching: Watching = UNWATCHED) -> None:
    """Serve until interrupted; the address is told on standard error.

    Raises Unavailable where nobody could sign in to live data, or where the port is taken; WrongKind where a
    demonstration would be reachable from another machine (security.md 5.4).
    """
    app = create_app(hub, watching=watching, unknown_after=UNKNOWN_AFTER)
    how = hub.settings
    try:
        settings = configured(app, how.tls_cert, how.tls_key, how.tls_client_ca, how.bounds)
    except TlsUnusable as error:
        raise Unavailable(str(error)) from None
    with listening(hub) as listener:
        sys.stderr.write(
            f"Serving on {address(listener, over_tls=how.tls_cert is not None)} (Ctrl-C ends it)\n"
        )
        sys.stderr.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def listening(hub: Served) -> socket.socket:
    """Listen where the settings say. Raises as `serve` does."""
    host, port = hub.settings.host, hub.settings.port
    if hub.demo and not is_loopback(host):
        raise WrongKind("a demonstration is served on this machine only: set host to 127.0.0.1")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise Unavailable(f"cannot listen on {host} port {port}: {error.strerror}") from None


def address(listener: socket.socket, *, over_tls: bool = False) -> str:
    """Where to point a browser."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if over_tls else "http"
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"
