"""Where somebody is signed in: a list of their own sessions, and how they end one they do not know."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from hub.web.asking import Question, asks
from hub.web.forms import Fields
from hub.web.sessions import Sessions
from hub.web.signed_in import (
    FreshSession,
    ThePages,
    TheSessions,
    TheVouching,
    ViewerSession,
    page_is_of,
)
from hub.web.vouching import goes_on

router = APIRouter(include_in_schema=False)
OWN = "/sessions"


@router.get(OWN)
@asks(Question.NOTHING)
def own(
    request: Request, pages: ThePages, sessions: TheSessions, vouching: TheVouching, session: ViewerSession
) -> Response:
    """Every session of theirs that goes on, this one first."""
    found = sessions.of_same(session, request.cookies.get(vouching.cookie, ""))
    return pages.page("own_sessions.html", by=session.by, here=OWN, sessions=found)


@router.post("/sessions/end")
@asks(Question.NOTHING)
def end(sessions: TheSessions, session: FreshSession, said: Fields) -> Response:
    """End one of theirs. One that is not theirs, or is over, is as one there never was."""
    sessions.end_own(session, said.get("session", ""))
    return RedirectResponse(OWN, HTTPStatus.SEE_OTHER)


@router.post("/sessions/end-others")
@asks(Question.NOTHING)
def end_others(
    request: Request, sessions: TheSessions, vouching: TheVouching, session: FreshSession
) -> Response:
    """End every session of theirs but this one."""
    for other in sessions.of_same(session, request.cookies.get(vouching.cookie, "")):
        if not other.here:
            sessions.end_own(session, other.handle)
    return RedirectResponse(OWN, HTTPStatus.SEE_OTHER)


@router.get("/session/left")
@asks(Question.NOTHING)
def left(request: Request, sessions: TheSessions, vouching: TheVouching) -> Response:
    """How many seconds this session has left, for the page's script; asking does not lengthen it.

    `left`: were nothing done meanwhile; `longest`: whatever is done. Both 0: it is over, or there is none, or
    it is of somebody else than the page that asks: who sits at the browser now is not shown what another saw.
    """
    id_ = request.cookies.get(vouching.cookie, "")
    session = sessions.last_of(id_)
    theirs = session is not None and page_is_of(request, session.by)
    return _seconds(sessions, id_ if theirs and goes_on(id_, sessions, vouching.still) else "")


@router.post("/session/go-on")
@asks(Question.NOTHING)
def go_on(request: Request, sessions: TheSessions, vouching: TheVouching, session: ViewerSession) -> Response:
    """Lengthen this session as any use of it does: somebody said that they are still there (WCAG 2.2.1)."""
    del session
    return _seconds(sessions, request.cookies.get(vouching.cookie, ""))


def _seconds(sessions: Sessions, id_: str) -> Response:
    return JSONResponse({"left": sessions.left(id_), "longest": sessions.longest(id_)})
