"""Pages around a session, whoever vouched for it: it has ended, and what was written when it did."""

from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.domain.child import By
from hub.web.asking import Question, asks
from hub.web.opened import Opened, sitting
from hub.web.signed_in import (
    TheDrafts,
    ThePages,
    TheVouching,
    ViewerSession,
    drafts_of,
    sessions_of,
    vouching_of,
)

router = APIRouter(include_in_schema=False)
START = "/"
DRAFT = "/draft"


def begin_browsing(request: Request, id_: str, by: By) -> Response:
    """Give a browser its session, and lead it on: to what it was about to send, or to the start.

    The session it had before, if any, ends: no id outlives the sign-in that follows it.
    """
    vouching = vouching_of(request)
    before = request.cookies.get(vouching.cookie, "")
    kept = bool(before) and drafts_of(request).pass_on(before, id_, by)
    sessions = sessions_of(request)
    was = sessions.last_of(before)
    if was is not None and was.by == by:  # the same person, in the same role: what they said still stands
        cast("Opened", request.app.state.opened).carry(sitting(before), sitting(id_))
    sessions.end(before)
    response = RedirectResponse(DRAFT if kept else START, HTTPStatus.SEE_OTHER)
    response.set_cookie(vouching.cookie, id_, httponly=True, secure=vouching.secure, samesite="lax")
    return response


@router.get("/session-ended")
@asks(Question.NOTHING)
def ended(pages: ThePages) -> Response:
    """Say that the session has ended, and that nothing which was written is lost."""
    return pages.page("session_ended.html")


@router.get(DRAFT)
@asks(Question.NOTHING)
def offered(
    request: Request, pages: ThePages, drafts: TheDrafts, vouching: TheVouching, session: ViewerSession
) -> Response:
    """What they were about to send when their session had ended, to be sent now by themselves."""
    id_ = request.cookies.get(vouching.cookie, "")
    draft = drafts.look(id_, session.by)
    if draft is None:
        return RedirectResponse(START, HTTPStatus.SEE_OTHER)
    return pages.page("draft.html", by=session.by, draft=draft)


@router.post("/draft/discard")
@asks(Question.NOTHING)
def discard(request: Request, drafts: TheDrafts, vouching: TheVouching, session: ViewerSession) -> Response:
    """Forget it."""
    del session
    drafts.drop(request.cookies.get(vouching.cookie, ""))
    return RedirectResponse(START, HTTPStatus.SEE_OTHER)
