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
from hub.sharing.policy import Policy
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.forms import form
from hub.web.served import Window
from hub.web.sessions import DEMO_ISSUER
from hub.web.signed_in import COOKIE, ThePages, TheSessions, TheWindow

router = APIRouter()


class Practitioner(NamedTuple):
    """One of a demonstration's practitioners, and what their role may look for."""

    by: By
    purposes: tuple[str, ...]


class SignIn(BaseModel):
    """Which role to act in."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    role: str


class SignedIn(msgspec.Struct, frozen=True):
    """The session a program acts in: send `Authorization: Bearer` and this id."""

    session: str
    role: str
    agency: str
    purposes: tuple[str, ...]


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
    window: TheWindow, sessions: TheSessions, said: Annotated[Mapping[str, str], Depends(form)]
) -> Response:
    """Begin a session for a browser."""
    id_, _ = _begin(window, sessions, said.get("role", ""))
    response = RedirectResponse("/children/find", HTTPStatus.SEE_OTHER)
    response.set_cookie(COOKIE, id_, httponly=True, samesite="lax")
    return response


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
