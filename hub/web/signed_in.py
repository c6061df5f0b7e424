"""Who asks: by the cookie of a page or the bearer token of a program, never one in place of the other."""

from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hub.domain.child import By
from hub.web.allowance import Allowance
from hub.web.drafts import Drafts
from hub.web.forms import form
from hub.web.keeping import KEEP, as_typed
from hub.web.rendering import Pages, owner
from hub.web.served import Window
from hub.web.sessions import NotSignedIn, Session, SessionEnded, Sessions, StepUpNeeded
from hub.web.vouching import Vouching, goes_on, standing
from hub.web.whence import Whence
from schemas.tls import certificate_of

PAGE_OF = "hub-page-of"
_bearer = HTTPBearer(
    auto_error=False,
    description="What POST /v1/token gives a system; in a demonstration, POST /v1/demo/sign-in.",
)


async def window_of(request: Request) -> Window:
    """The hub that this app shows."""
    return cast("Window", request.app.state.window)


def sessions_of(request: Request) -> Sessions:
    """Who is signed in to this app."""
    return cast("Sessions", request.app.state.sessions)


async def pages_of(request: Request) -> Pages:
    """The pages of this app."""
    return cast("Pages", request.app.state.pages)


def vouching_of(request: Request) -> Vouching:
    """Who vouches for this app's readers."""
    return cast("Vouching", request.app.state.vouching)


def drafts_of(request: Request) -> Drafts:
    """What people had written when their sessions had ended."""
    return cast("Drafts", request.app.state.drafts)


def allowance_of(request: Request) -> Allowance:
    """How much each caller may ask."""
    return cast("Allowance", request.app.state.allowance)


def address_of(request: Request) -> str:
    """From which address somebody asks, for the limits of those who are not signed in."""
    return cast("Whence", request.app.state.whence).of(request)


TheWindow = Annotated[Window, Depends(window_of)]
TheSessions = Annotated[Sessions, Depends(sessions_of)]
ThePages = Annotated[Pages, Depends(pages_of)]
TheVouching = Annotated[Vouching, Depends(vouching_of)]
TheDrafts = Annotated[Drafts, Depends(drafts_of)]
TheAllowance = Annotated[Allowance, Depends(allowance_of)]


def by_bearer(
    request: Request,
    sessions: TheSessions,
    vouching: TheVouching,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> By:
    """Who the program asks for. Raises NotSignedIn, TooMany."""
    if credentials is None:
        raise NotSignedIn
    by = request.state.by = vouching.program(credentials.credentials, certificate_of(request.scope), sessions)
    allowance_of(request).take(by, child_of(request))
    return by


async def session_of(request: Request) -> Session:
    """The session of whoever looks at the page.

    Raises NotSignedIn, TooMany. Where the session has ended, what they had written is kept for them first.
    """
    id_ = request.cookies.get(vouching_of(request).cookie, "")
    try:
        session = await run_in_threadpool(standing, id_, sessions_of(request), vouching_of(request).still)
    except SessionEnded as ended:
        await _keep_draft(request, id_, ended.session)
        raise
    request.state.by = session.by
    allowance_of(request).take(session.by, child_of(request))
    return session


async def standing_open_of(request: Request) -> By:
    """Who a page was made for that stands open, and asks by itself: asking does not lengthen their session.

    Raises NotSignedIn, TooMany.
    """
    vouching, sessions = vouching_of(request), sessions_of(request)
    id_ = request.cookies.get(vouching.cookie, "")
    session = sessions.last_of(id_)
    if session is None or not await run_in_threadpool(goes_on, id_, sessions, vouching.still):
        raise NotSignedIn
    request.state.by = session.by
    allowance_of(request).take(session.by, child_of(request))
    return session.by


async def anybody_of(request: Request) -> By | None:
    """Who looks at a page that everybody may read: None where nobody is signed in. Raises TooMany."""
    try:
        return (await session_of(request)).by
    except NotSignedIn:
        return None


async def fresh_session_of(request: Request) -> Session:
    """The same, of somebody who showed who they are within the last five minutes.

    For breaking the glass, export and erasure (security.md 5.1). Raises StepUpNeeded: what was written is
    kept, and offered once they have signed in again.
    """
    session = await session_of(request)
    if not sessions_of(request).is_fresh(session):
        await _keep_draft(request, request.cookies.get(vouching_of(request).cookie, ""), session)
        raise StepUpNeeded
    return session


def page_is_of(request: Request, by: By) -> bool:
    """Whether the page whose script asks was made for this person in this role; so where it does not say.

    A tab may stand open from before somebody else signed in at the same browser.
    """
    return (request.headers.get(PAGE_OF) or owner(by)) == owner(by)


async def _keep_draft(request: Request, id_: str, session: Session) -> None:
    if request.method != "POST":
        return
    if request.url.path == KEEP:
        drafts_of(request).type(id_, session.by, as_typed(await form(request)))
    else:
        drafts_of(request).keep(id_, session.by, request.url.path, await request.body())


def child_of(request: Request) -> UUID | None:
    """The child that an address names; None: none, or what no child can be."""
    try:
        return UUID(request.path_params.get("child", ""))
    except ValueError:
        return None


Anybody = Annotated[By | None, Depends(anybody_of)]
"""For pages that everybody may read, signed in or not."""
ViewerSession = Annotated[Session, Depends(session_of)]
FreshSession = Annotated[Session, Depends(fresh_session_of)]


async def by_cookie(session: ViewerSession) -> By:
    """Who looks at the page."""
    return session.by


async def fresh_by_cookie(session: FreshSession) -> By:
    """Who looks at the page, and has just shown who they are."""
    return session.by


Caller = Annotated[By, Depends(by_bearer)]


def fresh_by_bearer(
    by: Caller,
    sessions: TheSessions,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> By:
    """A person who has just shown who they are, at a program. Raises StepUpNeeded.

    A system's token is nobody's: acts that a named person answers for are not for systems.
    """
    session = sessions.last_of(credentials.credentials) if credentials else None
    if session is None or not sessions.is_fresh(session):
        raise StepUpNeeded("this is for a person who has just signed in")
    return by


FreshCaller = Annotated[By, Depends(fresh_by_bearer)]
"""The same at a program: for acts a named person answers for."""
Viewer = Annotated[By, Depends(by_cookie)]
StandingOpen = Annotated[By, Depends(standing_open_of)]
FreshViewer = Annotated[By, Depends(fresh_by_cookie)]
"""For routes of the gravest acts: breaking the glass, export, erasure."""
