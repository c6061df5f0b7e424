"""Serves the pages and the API, where that is allowed."""

import asyncio
import hashlib
import socket
import ssl
import sys
from contextlib import suppress

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub.errors import Unavailable, WrongKind
from hub.web.app import create_app
from hub.web.guard import is_loopback
from hub.web.served import Served
from hub.web.watching import UNWATCHED, Watching


def serve(hub: Served, watching: Watching = UNWATCHED) -> None:
    """Serve until interrupted; the address is told on standard error.

    Raises Unavailable where nobody could sign in to live data, or where the port is taken; WrongKind where a
    demonstration would be reachable from another machine (security.md 5.4).
    """
    app = create_app(hub, watching=watching)
    settings = configured(hub, app)
    with listening(hub) as listener:
        sys.stderr.write(f"Serving on {address(listener, over_tls=settings.is_ssl)} (Ctrl-C ends it)\n")
        sys.stderr.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def configured(hub: Served, app: object) -> uvicorn.Config:
    """How uvicorn serves: no line for each request, TLS where there is a certificate. Raises Unavailable.

    `X-Forwarded-…` is believed of nobody: who asks is known by their session and certificate alone.
    """
    tls: dict[str, object] = {}
    settings = hub.settings
    if settings.tls_cert is not None:
        tls = {"ssl_certfile": settings.tls_cert, "ssl_keyfile": settings.tls_key}
        tls |= {"ssl_context_factory": lambda config, default: _context(config, default())}
    if settings.tls_client_ca is not None:
        tls |= {"ssl_ca_certs": str(settings.tls_client_ca), "ssl_cert_reqs": ssl.CERT_OPTIONAL}
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=_WithCertificate,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        **tls,  # type: ignore[arg-type]
    )
    try:
        config.load()
    except OSError as error:
        raise Unavailable(
            f"the TLS certificate or key cannot be used: {error.strerror or 'not a pair'}"
        ) from None
    return config


def _context(_: uvicorn.Config, context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _WithCertificate(H11Protocol):
    """Tells the app which certificate the client's connection was made with: its SHA-256 in `state`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the certificate once a connection."""
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        certificate = connection.getpeercert(binary_form=True) if connection is not None else None
        if certificate:
            self.app_state = {**self.app_state, "certificate": hashlib.sha256(certificate).digest()}


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
