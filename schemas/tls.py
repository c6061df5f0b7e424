"""TLS at a door: the server's certificate, and which certificate a client's connection was made with."""

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import uvicorn

from schemas.bounds import Bounds
from schemas.connections import Door

AT_ONCE = 100
"""Connections taken in before one of them is counted: asyncio takes as many at once as it lets wait."""


class TlsUnusable(Exception):
    """The certificate, its key or the authority cannot be used; the text names no secret."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address by this name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def of_a_door(cert: Path, key: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate and key (PEM). Raises TlsUnusable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key, password=lambda: "")  # nobody is at a terminal to be asked for one
    except OSError as error:  # ssl's own errors are of this kind too
        raise TlsUnusable(_unusable(error)) from None
    return context


def configured(
    app: Any, cert: Path | None, key: Path | None, client_ca: Path | None, bounds: Bounds | None = None
) -> uvicorn.Config:
    """How a door is served: no line for each request, TLS 1.2 or newer where there is a certificate.

    With `client_ca` clients may come with certificates of that authority; whether they must is decided by
    what they were admitted with. Raises TlsUnusable.
    """
    context = None
    if cert is not None:
        context = of_a_door(cert, key)
        if client_ca is not None:
            try:
                context.load_verify_locations(client_ca)
            except OSError as error:
                raise TlsUnusable(_unusable(error)) from None
            context.verify_mode = ssl.CERT_OPTIONAL
    config = uvicorn.Config(
        app,
        http=cast("Any", Door(bounds or Bounds(), context).connection),
        ws="none",
        backlog=AT_ONCE,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    config.load()
    return config


def certificate_of(scope: Any) -> bytes | None:
    """The SHA-256 of the certificate a request came with; None: it came with none."""
    return cast("bytes | None", scope.get("state", {}).get("certificate"))


def _unusable(error: OSError) -> str:
    why = "not a certificate and its key" if isinstance(error, ssl.SSLError) else error.strerror
    return f"TLS cannot be served: {why}"
