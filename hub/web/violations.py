"""What a browser refused to load or run on a page of the hub: logged by rule and page, without its words."""

import logging
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.routing import compile_path

from hub.errors import Refused
from hub.web.asking import Question, asks, routes_of
from hub.web.signed_in import address_of, allowance_of

PATH = "/violations"
"""Where `report-uri` in the policy points (hub/web/guard.py)."""
MOST = 20
"""Reports of one request that are heeded."""
DIRECTIVES = frozenset(
    [
        "default-src",
        "script-src",
        "script-src-elem",
        "script-src-attr",
        "style-src",
        "style-src-elem",
        "style-src-attr",
        "img-src",
        "connect-src",
        "font-src",
        "form-action",
        "base-uri",
        "frame-ancestors",
        "frame-src",
        "media-src",
        "object-src",
        "worker-src",
        "manifest-src",
    ]
)
KEYWORDS = frozenset({"inline", "eval", "wasm-eval", "data", "blob", "self"})
OTHER, ELSEWHERE = "another", "elsewhere"

router = APIRouter(include_in_schema=False)
_log = logging.getLogger("hub.web")


@router.post(PATH)
@asks(Question.NOTHING)
async def violated(request: Request) -> Response:
    """Take a browser's report: which rule, what kind of thing, on which page. Nothing else of it is kept.

    Nobody needs to be signed in: whatever a page was made to do may have ended the session. Raises TooMany,
    Refused.
    """
    allowance_of(request).take_report(address_of(request))
    reports = list(_reports(await request.body()))
    if not reports:
        raise Refused("this is no report of a browser")
    for said in reports[:MOST]:
        page = await run_in_threadpool(_page, request, str(said.get("document", "")))
        _log.warning("content-policy: %s refused %s on %s", *_of_closed_lists(said), page)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _reports(body: bytes) -> Iterator[dict[str, Any]]:
    """Reports in either form: that of `report-uri`, or the Reporting API's. What is neither is no report."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return
    if isinstance(said, dict) and isinstance(said.get("csp-report"), dict):
        found = said["csp-report"]
        directive = found.get("effective-directive") or found.get("violated-directive")
        yield {
            "directive": directive,
            "blocked": found.get("blocked-uri"),
            "document": found.get("document-uri"),
        }
        return
    for one in said if isinstance(said, list) else ():
        found = one.get("body") if isinstance(one, dict) and one.get("type") == "csp-violation" else None
        if isinstance(found, dict):
            yield {
                "directive": found.get("effectiveDirective"),
                "blocked": found.get("blockedURL"),
                "document": found.get("documentURL"),
            }


def _of_closed_lists(said: dict[str, Any]) -> tuple[str, str]:
    """The rule and what it refused, in our own words: what a report says may hold anything."""
    directive, blocked = (str(said.get(name) or "") for name in ("directive", "blocked"))
    rule = directive.partition(" ")[0]
    kind = blocked.partition(":")[0]
    return rule if rule in DIRECTIVES else OTHER, kind if kind in KEYWORDS else ELSEWHERE


def _page(request: Request, document: str) -> str:
    """The route of the page, as it stands in the code: its address would name a child."""
    try:
        path = urlsplit(document).path
    except ValueError:
        return OTHER
    return next((route for route in _gets(request) if compile_path(route)[0].match(path)), OTHER)


def _gets(request: Request) -> Iterable[str]:
    return (route.path for route in routes_of(request.app.routes) if "GET" in route.methods)
