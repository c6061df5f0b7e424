"""Sign-in to a live hub: people by their own agency's OpenID provider, systems by their own keys."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from hub.domain.child import By
from hub.domain.practitioner import Grant, Practitioner
from hub.errors import NotAllowed, Refused, Unavailable
from hub.identity.oidc import Client
from hub.identity.practitioners import Practitioners
from hub.identity.providers import Provider
from hub.identity.systems import Systems
from hub.identity.tokens import NotBelieved, Proven
from hub.web.asking import Question, asks
from hub.web.forms import form
from hub.web.pending import Pending, Waiting
from hub.web.served import Window
from hub.web.session_pages import begin_browsing
from hub.web.sessions import Session, Sessions
from hub.web.signed_in import TheAllowance, ThePages, TheSessions, ViewerSession, address_of
from hub.web.system_tokens import SystemTokens, Token
from hub.web.watching import Watching

router = APIRouter(include_in_schema=False)
WAITING = "__Host-hub-signing-in"
BACK = "/sign-in/back"
_log = logging.getLogger("hub.web")


class LiveSignIn:
    """How people and systems sign in to live data. A `Vouching`.

    A provider says who somebody is; what they may do stands in the hub's own events and is looked up at
    every request, so that a role withdrawn, or a leaver, ends every session at once.
    """

    cookie, secure, router = "__Host-hub-session", True, router
    structs: tuple[type, ...] = (Token,)

    def __init__(
        self,
        window: Window,
        providers: Sequence[Provider],
        public_url: str,
        watching: Watching,
        monotonic: Callable[[], float],
        new_secret: Callable[[], str],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.window, self.watching, self.public_url, self.wall = window, watching, public_url, wall
        self.clients = {p.name: Client(p, new_secret, wall, monotonic) for p in providers}
        self.pending = Pending(monotonic, new_secret)
        with window.open() as hub:
            self._practitioners = Practitioners(hub.records, hub.policy)
            systems = Systems(hub.records, hub.policy)
        self.systems = SystemTokens(window, systems, public_url, wall, monotonic, new_secret)

    def still(self, session: Session) -> bool:
        """Whether the person may still act in the role, by the same grant, and the policy still has it."""
        client = self.clients.get(session.provider)
        if session.practitioner is None or client is None or client.provider.issuer != session.issuer:
            return False
        with self.window.open() as hub:
            found = self._practitioners.standing(session.practitioner)
            there = hub.policy.role_at(session.by.role, session.by.agency) is not None
            return there and found.may(session.by.role, session.grant, hub.clock())

    def program(self, token: str, certificate: bytes | None, sessions: Sessions) -> By:
        """Which system holds this token. Raises NotSignedIn. A person's session is no token."""
        del sessions
        return self.systems.holder(token, certificate)

    def client(self, name: str) -> Client:
        """A provider's. Raises Refused."""
        if name not in self.clients:
            raise Refused("there is no such provider")
        return self.clients[name]

    def roles(self, proven: Proven, provider: Provider) -> tuple[Practitioner, list[Grant]]:
        """Who it is, and the roles they may act in: of the provider's own agency, whatever was granted."""
        with self.window.open() as hub:
            found = self._practitioners.of(proven.issuer, proven.subject)
            table = hub.policy.roles
            return found, [
                grant
                for grant in found.roles(hub.clock())
                if grant.agency == provider.agency
                and grant.role in table
                and table[grant.role].agency == provider.agency
            ]

    def begin(self, proven: Proven, provider: Provider, role: str, sessions: Sessions) -> tuple[str, By]:
        """Begin a session in a role, and record that they signed in. Raises NotAllowed."""
        practitioner, grants = self.roles(proven, provider)
        chosen = next((grant for grant in grants if grant.role == role), None)
        if chosen is None:
            raise NotAllowed("You may not act in this role")
        with self.window.open():
            practitioner = self._practitioners.signed_in(practitioner.id, role, "browser")
        by = practitioner.by(role)
        ago = max(0.0, self.wall() - proven.authenticated_at)
        id_ = sessions.start(
            by,
            proven.issuer,
            ago=ago,
            practitioner=practitioner.id,
            grant=chosen.version,
            provider=provider.name,
        )
        self.watching.signed_in("done")
        return id_, by


def _live(request: Request) -> LiveSignIn:
    return cast("LiveSignIn", request.app.state.vouching)


def _stranger(request: Request, allowance: TheAllowance) -> None:
    allowance.take_stranger(address_of(request))


Live = Annotated[LiveSignIn, Depends(_live)]
Measured = Depends(_stranger)


@router.get("/sign-in", dependencies=[Measured])
@asks(Question.NOTHING)
def choose(live: Live, pages: ThePages) -> Response:
    """The providers, as links: a form could not lead elsewhere under the pages' own policy."""
    return pages.page("sign_in_live.html", providers=[c.provider for c in live.clients.values()])


@router.get("/sign-in/with/{provider}", dependencies=[Measured])
@asks(Question.NOTHING)
def begin(live: Live, provider: str) -> Response:
    """Send the browser to a provider."""
    return _leave(live, Waiting(live.client(provider).begin(live.public_url + BACK)))


@router.get("/sign-in/again")
@asks(Question.NOTHING)
def again(live: Live, session: ViewerSession) -> Response:
    """Send somebody who is signed in to their provider, to show again who they are (step-up)."""
    begun = live.client(session.provider).begin(live.public_url + BACK, max_age=0)
    return _leave(live, Waiting(begun, role=session.by.role))


@router.get(BACK, dependencies=[Measured])
@asks(Question.NOTHING)
def back(request: Request, live: Live, pages: ThePages, sessions: TheSessions) -> Response:
    """Take the browser back: who it is goes on to a session, to a choice of role, or to a refusal."""
    try:
        waiting = _begun_here(live, request)
        client = live.clients[waiting.begun.provider]
        proven = client.finish(waiting.begun, request.query_params)
    except (NotBelieved, Unavailable) as refused:
        _told(live, str(refused))
        raise
    _, grants = live.roles(proven, client.provider)
    if waiting.role:
        grants = [grant for grant in grants if grant.role == waiting.role]
    if not grants:
        _told(live, "no role")
        return _gone(pages.page("no_role.html", HTTPStatus.FORBIDDEN, subject=proven.subject))
    if len(grants) > 1:
        return _waits(
            live, RedirectResponse("/sign-in/role", HTTPStatus.SEE_OTHER), waiting._replace(proven=proven)
        )
    return _signed_in(request, live, sessions, proven, client.provider, grants[0].role)


@router.get("/sign-in/role")
@asks(Question.NOTHING)
def roles(request: Request, live: Live, pages: ThePages) -> Response:
    """The roles of somebody who has several, to choose one from."""
    waiting = live.pending.look(request.cookies.get(WAITING, ""))
    if waiting is None or waiting.proven is None:
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    _, grants = live.roles(waiting.proven, live.clients[waiting.begun.provider].provider)
    return pages.page("choose_role.html", roles=[grant.role for grant in grants])


@router.post("/sign-in/role")
@asks(Question.NOTHING)
def take_role(
    request: Request, live: Live, sessions: TheSessions, said: Annotated[Mapping[str, str], Depends(form)]
) -> Response:
    """Begin a session in the role that was chosen. Raises NotAllowed for one that is not theirs."""
    waiting = live.pending.take(request.cookies.get(WAITING, ""))
    if waiting is None or waiting.proven is None:
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    provider = live.clients[waiting.begun.provider].provider
    return _signed_in(request, live, sessions, waiting.proven, provider, said.get("role", ""))


@router.post("/sign-out")
@asks(Question.NOTHING)
def sign_out(request: Request, live: Live, sessions: TheSessions) -> Response:
    """End the session."""
    sessions.end(request.cookies.get(live.cookie, ""))
    response = RedirectResponse("/signed-out", HTTPStatus.SEE_OTHER)
    response.delete_cookie(live.cookie, httponly=True, secure=True, samesite="lax")
    return response


@router.get("/signed-out")
@asks(Question.NOTHING)
def signed_out(live: Live, pages: ThePages) -> Response:
    """Say that the session has ended, and where the providers' own are."""
    ends = [(client.provider.title, client.end_session_address()) for client in live.clients.values()]
    return pages.page("signed_out.html", providers=[(title, there) for title, there in ends if there])


def _begun_here(live: LiveSignIn, request: Request) -> Waiting:
    waiting = live.pending.take(request.cookies.get(WAITING, ""))
    if waiting is None or waiting.proven is not None:
        raise NotBelieved("this browser did not begin this sign-in")
    return waiting


def _signed_in(
    request: Request, live: LiveSignIn, sessions: Sessions, proven: Proven, provider: Provider, role: str
) -> Response:
    id_, by = live.begin(proven, provider, role, sessions)
    return _gone(begin_browsing(request, id_, by))


def _leave(live: LiveSignIn, waiting: Waiting) -> Response:
    return _waits(live, RedirectResponse(waiting.begun.url, HTTPStatus.SEE_OTHER), waiting)


def _waits(live: LiveSignIn, response: Response, waiting: Waiting) -> Response:
    id_ = live.pending.keep(waiting)
    response.set_cookie(WAITING, id_, max_age=600, httponly=True, secure=True, samesite="lax")
    return response


def _gone(response: Response) -> Response:
    response.delete_cookie(WAITING, httponly=True, secure=True, samesite="lax")
    return response


def _told(live: LiveSignIn, why: str) -> None:
    """A person's own words are not in it: `why` is from a closed list."""
    live.watching.signed_in("refused")
    _log.warning("sign-in refused: %s", why)
