"""What holds for every request, whatever the route: where it came from, its size, the headers back."""

import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from anyio import sleep
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import UnknownChild
from hub.web import problems
from hub.web.rendering import Pages
from hub.web.watching import UNWATCHED, Watching
from schemas.tls import is_loopback

LARGEST = 64 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE | {"POST", "PUT", "PATCH", "DELETE"}
HEADERS: Mapping[str, str] = {
    # One script and two sheets of the hub's own, nothing from elsewhere: less than security.md 5.3 allows.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /violations"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""On every answer. One that goes over TLS says so for two years, too; a demonstration speaks plain HTTP."""
TLS_ONLY = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
NO_ROUTE = "none"


def host_of(authority: str) -> str:
    """The host of a Host header, without its port; empty where it is none."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


class Guard:
    """Refuses what no route should have to think of, and puts the security headers on every answer."""

    def __init__(
        self,
        app: ASGIApp,
        pages: Pages,
        *,
        hosts: frozenset[str] = frozenset(),
        over_tls: bool = False,
        watching: Watching = UNWATCHED,
        monotonic: Callable[[], float] = time.monotonic,
        unknown_after: float = 0.0,
    ) -> None:
        """`unknown_after`: seconds from the question before which no answer says that there is nothing."""
        self._app, self._pages, self._hosts, self._watching = app, pages, hosts, watching
        self._unknown_after = unknown_after
        self._headers = {**HEADERS, **(TLS_ONLY if over_tls else {})}
        self._now = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._now()
        answering = _Answering(send, self._headers, lambda: self._early(began))
        await self._answer(scope, receive, answering)
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        method = scope["method"] if scope["method"] in METHODS else NO_ROUTE
        self._watching.answered(route, method, answering.status, self._now() - began)

    def _early(self, began: float) -> float:
        """Seconds until an answer may say that there is nothing."""
        return began + self._unknown_after - self._now() if self._unknown_after else 0.0

    async def _answer(self, scope: Scope, receive: Receive, answering: "_Answering") -> None:
        refused = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refused is not None:
            status, title, why = refused
            response = problems.answer(self._pages, scope["path"], status, title, why)
            await response(scope, receive, answering)
            return
        try:
            await self._app(scope, _Limited(receive), answering)
        except Exception as error:  # noqa: BLE001 — whatever it is, its words must not reach the log
            problems.log_unexpected(error)
            if not answering.status:
                response = problems.answer(self._pages, scope["path"], 500, "The hub could not do this")
                await response(scope, receive, answering)

    def _refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str, str] | None:
        # A name that is not this hub's and yet leads here is a page elsewhere trying to look in.
        host = host_of(headers.get("host", ""))
        if not is_loopback(host) and host not in self._hosts:
            return 421, "Not this host", ""
        if method not in SAFE and not _own(headers, for_programs=problems.for_programs(path)):
            return 403, "Not permitted", "The request did not come from the hub's own pages"
        if int_of(headers.get("content-length", "0")) > LARGEST:
            return 413, "Too much at once", ""
        return None


def _own(headers: Headers, *, for_programs: bool) -> bool:
    """Whether the request comes from the hub's own pages, or from no page at all where programs ask.

    Browsers say where a request comes from; what says nothing is no browser. The API takes no cookies, so
    such a caller carries its own authorisation. Pages do take cookies: for them, silence is a refusal.
    (Under `no-referrer` a browser without Sec-Fetch-Site sends `Origin: null`, and is refused too.)
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    if origin is None:
        return for_programs
    try:
        return urlsplit(origin).netloc == headers.get("host")
    except ValueError:  # no address at all
        return False


def int_of(text: str) -> int:
    """A length as a header says it; too large where it is none."""
    return (
        int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST)) else LARGEST + 1
    )


class _Answering:
    """Puts the headers on the answer as it passes, and knows its status once it has begun (before: 0).

    An answer that there is nothing is held until its time: how long a record took to read is not told by it.
    """

    def __init__(self, send: Send, headers: Mapping[str, str], early: Callable[[], float]) -> None:
        self._send, self._headers, self._early = send, headers, early
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            early = self._early() if self.status == UnknownChild.status else 0
            if early > 0:
                await sleep(early)
        await self._send(message)


class _Limited:
    """Reads no more of a body than any form or question needs, whatever its length was said to be."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > LARGEST:
            raise HTTPException(413)
        return message
