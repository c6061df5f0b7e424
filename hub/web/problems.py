"""What went wrong, as a person or a program is told: problem+json or a page, never with what was sent."""

import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from hub.errors import HubError, NotAllowed, UnknownChild
from hub.sharing.look import Reader
from hub.sharing.relationship import Barred
from hub.web.limits import TooMany
from hub.web.rendering import Pages
from hub.web.sessions import NotSignedIn, SessionEnded, StepUpNeeded
from hub.web.signed_in import child_of

MEDIA_TYPE = "application/problem+json"
PROGRAMS = ("/v1/", "/health/")
SAYS_OWN_WORDS = frozenset(
    {
        "enum",
        "greater_than_equal",
        "less_than_equal",
        "literal_error",
        "missing",
        "string_pattern_mismatch",
        "string_too_long",
        "string_too_short",
        "timezone_aware",
        "value_error",
    }
)
"""Codes of pydantic whose words come from our own models and never from what was sent."""
NO_RECORD = UUID(int=1)
"""In the place of a child where what was refused is about none."""

_log = logging.getLogger("hub.web")


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing wrong with a request: where, and a code; words where they are the hub's own."""

    at: str
    code: str
    detail: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[Fault, ...] = ()


def for_programs(path: str) -> bool:
    """Whether answers under this path are JSON."""
    return path.startswith(PROGRAMS)


def answer(pages: Pages, path: str, status: int, title: str, detail: str = "") -> Response:
    """The answer that tells a problem, as JSON or as a page."""
    return _answer(pages, path, Problem("about:blank", title, status, detail))


def handle(app: FastAPI) -> None:
    """Let an app tell its problems this way, instead of FastAPI's, which echoes what was sent."""
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(ValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http_error)


def log_unexpected(error: BaseException) -> None:
    """Log where an error arose and of which kind; its words might hold something of a child."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "no place"
    _log.error("%s at %s", type(error).__name__, place)


def _answer(pages: Pages, path: str, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    if for_programs(path):
        content = msgspec.json.encode(problem)
        return Response(content, problem.status, headers, MEDIA_TYPE)
    response = pages.page("problem.html", problem.status, problem=problem)
    response.headers.update(headers or {})
    return response


def _hub_error(request: Request, error: Any) -> Response:
    path, pages = request.url.path, request.app.state.pages
    error = _noted(request, error)
    if isinstance(error, NotSignedIn):
        return _not_signed_in(path, pages, error)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooMany) else None
    problem = Problem("about:blank", type(error).title, error.status, str(error))
    return _answer(pages, path, problem, headers)


def _noted(request: Request, error: HubError) -> HubError:
    """The error, once it is on record who was refused what; or why that could not be recorded.

    Looks are recorded where they are refused; here is what else a signed-in caller was refused as a whole.
    """
    by = getattr(request.state, "by", None)
    if by is None or error.noted or not isinstance(error, NotAllowed | UnknownChild):
        return error
    route = getattr(request.scope.get("route"), "path", "")
    try:
        with request.app.state.window.open() as hub:
            bar = error if isinstance(error, Barred) else None
            hub.share.note(Reader(by, ""), route, child_of(request) or NO_RECORD, bar)
    except HubError as away:
        return away
    return error


def _not_signed_in(path: str, pages: Pages, error: NotSignedIn) -> Response:
    """Lead a person to where they sign in; tell a program what it lacks (RFC 6750, RFC 9470)."""
    grave = isinstance(error, StepUpNeeded)
    if not for_programs(path):
        ended = "/session-ended" if isinstance(error, SessionEnded) else "/sign-in"
        return RedirectResponse("/sign-in/again" if grave else ended, HTTPStatus.SEE_OTHER)
    problem = Problem("about:blank", type(error).title, NotSignedIn.status, str(error))
    lacks = 'Bearer error="insufficient_user_authentication"' if grave else "Bearer"
    return _answer(pages, path, problem, {"WWW-Authenticate": lacks})


def _not_understood(request: Request, error: Any) -> Response:
    faults = [_fault(each) for each in _errors(error)]
    pages, path = request.app.state.pages, request.url.path
    if faults and all(fault.at.startswith("path") for fault in faults):  # no child can have such an id
        return answer(pages, path, UnknownChild.status, UnknownChild.title)
    problem = Problem("about:blank", "Not understood", HTTPStatus.UNPROCESSABLE_ENTITY, "", tuple(faults))
    return _answer(pages, path, problem)


def _errors(error: RequestValidationError | ValidationError) -> Sequence[Mapping[str, Any]]:
    if isinstance(error, ValidationError):
        return error.errors(include_url=False, include_context=False, include_input=False)
    found: Sequence[Mapping[str, Any]] = error.errors()
    return found


def _fault(found: Mapping[str, Any]) -> Fault:
    """Name place and code. The last part of an unknown field's place is what was sent, so it is left out."""
    code, place = found["type"], found["loc"]
    if code in ("extra_forbidden", "unexpected_keyword_argument"):
        place = place[:-1]
    if code == "json_invalid":
        place = place[:1]
    detail = found["msg"].removeprefix("Value error, ") if code in SAYS_OWN_WORDS else ""
    return Fault(".".join(map(str, place)), code, detail)


def _http_error(request: Request, error: Any) -> Response:
    title = {404: "Not found", 405: "Not done this way", 413: "Too much at once"}.get(
        error.status_code, HTTPStatus(error.status_code).phrase
    )
    problem = Problem("about:blank", title, error.status_code)
    return _answer(request.app.state.pages, request.url.path, problem, error.headers)
