"""Pages around a session, whoever vouched for it: it has ended, and what was written when it did."""

from http import HTTPStatus
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from hub.domain.child import By
from hub.web.asking import Question, asks
from hub.web.forms import Fields
from hub.web.keeping import KEEP, as_typed
from hub.web.opened import Opened, sitting
from hub.web.signed_in import (
    TheDrafts,
    ThePages,
    TheVouching,
    ViewerSession,
    drafts_of,
    page_is_of,
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
    """What they were about to send when their session had ended, and what they were writing."""
    id_ = request.cookies.get(vouching.cookie, "")
    draft, typed = drafts.look(id_, session.by), drafts.all_typed(id_, session.by)
    if draft is None and not typed:
        return RedirectResponse(START, HTTPStatus.SEE_OTHER)
    return pages.page("draft.html", by=session.by, draft=draft, typed=typed)


@router.post("/draft/discard")
@asks(Question.NOTHING)
def discard(request: Request, drafts: TheDrafts, vouching: TheVouching, session: ViewerSession) -> Response:
    """Forget it."""
    del session
    drafts.drop(request.cookies.get(vouching.cookie, ""))
    return RedirectResponse(START, HTTPStatus.SEE_OTHER)


@router.post(KEEP)
@asks(Question.NOTHING)
def keep(
    request: Request, drafts: TheDrafts, vouching: TheVouching, session: ViewerSession, said: Fields
) -> Response:
    """Keep a form as it is being written. Asked by the pages' script while somebody types.

    Not from a page of somebody else, who was signed in at this browser before.
    """
    if page_is_of(request, session.by):
        drafts.type(request.cookies.get(vouching.cookie, ""), session.by, as_typed(said))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/draft/typed")
@asks(Question.NOTHING)
def typed(
    request: Request, drafts: TheDrafts, vouching: TheVouching, session: ViewerSession, form: str = ""
) -> Response:
    """What was typed into a form before, for the script to put back; no content where nothing was."""
    found = drafts.typed(request.cookies.get(vouching.cookie, ""), session.by, form)
    if found is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return JSONResponse(found.fields)


@router.post("/draft/forget")
@asks(Question.NOTHING)
def forget(
    request: Request, drafts: TheDrafts, vouching: TheVouching, session: ViewerSession, said: Fields
) -> Response:
    """Forget what was typed into the forms of one address: they begin anew."""
    del session
    drafts.done(request.cookies.get(vouching.cookie, ""), as_typed(said).path)
    return Response(status_code=HTTPStatus.NO_CONTENT)
