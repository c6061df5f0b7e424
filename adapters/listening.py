"""An agency's door for its own systems: events posted by HTTP go the way of every file, through the spool.

The door seals and signs as the adapters do; it is run by whoever holds the agency's signing key.
"""

import asyncio
import io
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.case_events import format_of
from adapters.door import Report
from adapters.format import Sender
from adapters.publish import Station, publish_file
from adapters.spool import SpoolUnavailable
from adapters.station import open_station
from adapters.systems import Admitted, DoorSettings, PostingSystem
from schemas.system_access import TOKEN_LASTS, Assertions, NotAdmitted, Tokens
from schemas.tls import certificate_of, configured
from schemas.vocabulary import Agency

LARGEST = 4_000_000
"""Bytes of one request."""
TOKEN, EVENTS = "/v1/token", "/v1/events"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class TooLarge(Exception):
    """More was sent than one request may hold."""


class Door:
    """Answers an agency's systems. `work` is the one thread that `station` was opened in, and is used in."""

    def __init__(
        self,
        work: Executor,
        station: Station,
        agency: Agency,
        admitted: Admitted,
        address: str,
        wall: Callable[[], float],
        monotonic: Callable[[], float],
        new_secret: Callable[[], str],
    ) -> None:
        self._work, self._station, self._admitted = work, station, admitted
        self._format, self._clock = format_of(agency), station.clock
        self._assertions = Assertions(address.rstrip("/") + TOKEN, wall)
        self._tokens = Tokens(monotonic, new_secret)

    async def token(self, request: Request) -> Response:
        """Give a system a token: client credentials with `private_key_jwt` (RFC 7523, RFC 8705)."""
        try:
            form = dict(parse_qsl((await _body(request, 64 * 1024)).decode("ascii"), max_num_fields=20))
            name = self._assertions.believe(form, self._admitted.key_of)
            certificate = certificate_of(request.scope)
            self._bound(self._admitted.named(name), certificate)
        except (NotAdmitted, ValueError):
            return _problem(401, "Not a system that is admitted here")
        except TooLarge:
            return _problem(413, "Too much at once")
        given = self._tokens.give(name, 0, certificate)
        said = {"access_token": given, "token_type": "Bearer", "expires_in": int(TOKEN_LASTS)}
        return JSONResponse(said, headers=HEADERS)

    async def events(self, request: Request) -> Response:
        """Take events, one a line. 200: what was taken is on the bus; 202: it waits in the spool.

        What was refused is named by its line, never by its value, and does not hold up the rest; where
        nothing could be taken, 422.
        """
        try:
            system = self._holder(request)
            body = await _body(request, LARGEST)
        except NotAdmitted:
            return _problem(401, "Not a system that is admitted here")
        except TooLarge:
            return _problem(413, "Too much at once")
        try:
            now, running = self._clock(), asyncio.get_running_loop()
            report = await running.run_in_executor(self._work, self._publish, system, body, now)
        except SpoolUnavailable:
            return _problem(503, "The spool cannot be written now: nothing was taken, send it again")
        return JSONResponse(_told(report), _status(report), headers=HEADERS)

    async def live(self, _: Request) -> Response:
        """The process answers."""
        return JSONResponse({"status": "live"}, headers=HEADERS)

    def _holder(self, request: Request) -> PostingSystem:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAdmitted("no token")
        return self._admitted.named(self._tokens.holder(token, certificate_of(request.scope)).name)

    def _bound(self, system: PostingSystem, certificate: bytes | None) -> None:
        if system.certificate_sha256 and (certificate or b"").hex() != system.certificate_sha256:
            raise NotAdmitted("it did not come with its certificate")

    def _publish(self, system: PostingSystem, body: bytes, now: datetime) -> Report:
        sender = Sender(system.organisation, system.system, now)
        return publish_file(self._station, self._format, io.BytesIO(body), sender)


def listen(
    data: Path,
    agency: Agency,
    settings: DoorSettings,
    admitted: Admitted,
    clock: Callable[[], datetime],
    environment: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Answer until interrupted; where is told through `say`.

    Raises TlsUnusable, OSError where the port is taken, and what `open_station` raises.
    """
    with ExitStack() as held, ThreadPoolExecutor(1) as work:
        station = work.submit(held.enter_context, open_station(data, agency, clock, environment)).result()
        try:
            door = Door(
                work,
                station,
                agency,
                admitted,
                settings.address,
                time.time,
                time.monotonic,
                lambda: secrets.token_urlsafe(32),
            )
            config = configured(door_app(door), settings.tls_cert, settings.tls_key, settings.client_ca)
            with socket.create_server((settings.host, settings.port)) as listener:
                say(f"Listening on {settings.host} port {listener.getsockname()[1]} (Ctrl-C ends it)")
                with suppress(KeyboardInterrupt):
                    uvicorn.Server(config).run(sockets=[listener])
        finally:
            work.submit(held.close).result()


def door_app(door: Door) -> Starlette:
    """The door as an ASGI app."""
    return Starlette(
        routes=[
            Route(TOKEN, door.token, methods=["POST"]),
            Route(EVENTS, door.events, methods=["POST"]),
            Route("/health/live", door.live),
        ]
    )


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise TooLarge
    return bytes(body)


def _status(report: Report) -> int:
    if not report.events and report.refused:
        return 422
    return 202 if report.unavailable else 200


def _told(report: Report) -> Mapping[str, Any]:
    findings = [
        {"place": f.place, "code": f.code, "field": f.field, "refused": f.refused} for f in report.findings
    ]
    return {
        "taken": report.events,
        "refused": report.refused,
        "findings": findings,
        "waits": bool(report.unavailable),
    }


def _problem(status: int, title: str) -> Response:
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status},
        status,
        headers=HEADERS,
        media_type="application/problem+json",
    )
