"""Sign-in for a demonstration: anyone may be any of its practitioners. A store of live data refuses it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, NamedTuple

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from hub.domain.child import By
from hub.errors import Refused, WrongKind
from hub.identity.providers import DEMO_ISSUER
from hub.sharing.policy import Policy
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.forms import form
from hub.web.served import Window
from hub.web.session_pages import begin_browsing
from hub.web.sessions import Session, Sessions
from hub.web.signed_in import ThePages, TheSessions, TheWindow
from hub.web.vouching import standing

router = APIRouter()
COOKIE = "hub-session"
"""A demonstration speaks plain HTTP on this machine, where a cookie can be neither `Secure` nor `__Host-`;
it is HttpOnly and SameSite=Lax. In earnest it is both (security.md 5.1), and has another name."""


class SignedIn(msgspec.Struct, frozen=True):
    """The session a program acts in: send `Authorization: Bearer` and this id."""

    session: str
    role: str
    agency: str
    purposes: tuple[str, ...]


class DemoSignIn:
    """Anyone may be any of the demonstration's practitioners. A `Vouching`."""

    cookie, secure, router = COOKIE, False, router
    structs: tuple[type, ...] = (SignedIn,)

    def still(self, session: Session) -> bool:
        """Whether the demonstration vouched for this session: it does so until the end."""
        return session.issuer == DEMO_ISSUER

    def program(self, token: str, certificate: bytes | None, sessions: Sessions) -> By:
        """Who holds the session that POST /v1/demo/sign-in gave. Raises NotSignedIn."""
        del certificate
        return standing(token, sessions, self.still).by


class Practitioner(NamedTuple):
    """One of a demonstration's practitioners, and what their role may look for."""

    by: By
    purposes: tuple[str, ...]


class SignIn(BaseModel):
    """Which role to act in."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    role: str


def only_a_demonstration(window: Window) -> None:
    """Raise WrongKind where the store was founded for live data: what the data are decides, not a setting."""
    if not window.demo:
        raise WrongKind("this hub holds live data; the demonstration's sign-in is not for it")


def practitioners(policy: Policy) -> dict[str, Practitioner]:
    """One practitioner for each role of the policy, by role."""
    return {
        name: Practitioner(By(f"demo-{name}", name, role.agency.value), tuple(sorted(role.purposes)))
        for name, role in policy.roles.items()
    }


@router.get("/sign-in", include_in_schema=False)
@asks(Question.NOTHING)
def choose(window: TheWindow, pages: ThePages) -> Response:
    """The demonstration's practitioners, to choose from."""
    only_a_demonstration(window)
    return pages.page("sign_in.html", practitioners=practitioners(window.policy).values())


@router.post("/sign-in", include_in_schema=False)
@asks(Question.NOTHING)
def sign_in(
    request: Request,
    window: TheWindow,
    sessions: TheSessions,
    said: Annotated[Mapping[str, str], Depends(form)],
) -> Response:
    """Begin a session for a browser."""
    id_, chosen = _begin(window, sessions, said.get("role", ""))
    return begin_browsing(request, id_, chosen.by)


@router.get("/sign-in/again", include_in_schema=False)
@asks(Question.NOTHING)
def again() -> Response:
    """Lead somebody who must show again who they are to where they choose who to be."""
    return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)


@router.post("/sign-out", include_in_schema=False)
@asks(Question.NOTHING)
def sign_out(request: Request, sessions: TheSessions) -> Response:
    """End the session."""
    sessions.end(request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


@router.post("/v1/demo/sign-in", tags=["sign-in"], responses=documents.answers(SignedIn))
@asks(Question.NOTHING)
def sign_in_program(window: TheWindow, sessions: TheSessions, said: SignIn) -> Response:
    """Begin a session for a program, in a demonstration only."""
    id_, chosen = _begin(window, sessions, said.role)
    signed_in = SignedIn(id_, chosen.by.role, chosen.by.agency, chosen.purposes)
    return documents.json({"data": signed_in})


def _begin(window: Window, sessions: TheSessions, role: str) -> tuple[str, Practitioner]:
    only_a_demonstration(window)
    chosen = practitioners(window.policy).get(role)
    if chosen is None:
        raise Refused("there is no such role in the policy")
    return sessions.start(chosen.by, DEMO_ISSUER), chosen
