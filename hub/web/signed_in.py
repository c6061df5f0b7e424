"""Who asks: by the cookie of a page or the bearer token of a program, never one in place of the other."""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from hub.domain.child import By
from hub.web.rendering import Pages
from hub.web.served import Window
from hub.web.sessions import DEMO_ISSUER, NotSignedIn, Sessions

COOKIE = "hub-session"
"""A demonstration speaks plain HTTP on this machine, where a cookie can be neither `Secure` nor `__Host-`;
it is HttpOnly and SameSite=Lax. In earnest it is both (security.md 5.1), and has another name."""

_bearer = HTTPBearer(auto_error=False, description="The session id that POST /v1/demo/sign-in gives.")


def window_of(request: Request) -> Window:
    """The hub that this app shows."""
    return cast("Window", request.app.state.window)


def sessions_of(request: Request) -> Sessions:
    """Who is signed in to this app."""
    return cast("Sessions", request.app.state.sessions)


def pages_of(request: Request) -> Pages:
    """The pages of this app."""
    return cast("Pages", request.app.state.pages)


TheWindow = Annotated[Window, Depends(window_of)]
TheSessions = Annotated[Sessions, Depends(sessions_of)]
ThePages = Annotated[Pages, Depends(pages_of)]


def by_bearer(
    sessions: TheSessions,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> By:
    """Who the program asks for. Raises NotSignedIn."""
    if credentials is None:
        raise NotSignedIn
    return sessions.of(credentials.credentials, DEMO_ISSUER)


def by_cookie(request: Request, sessions: TheSessions) -> By:
    """Who looks at the page. Raises NotSignedIn."""
    return sessions.of(request.cookies.get(COOKIE, ""), DEMO_ISSUER)


Caller = Annotated[By, Depends(by_bearer)]
Viewer = Annotated[By, Depends(by_cookie)]
