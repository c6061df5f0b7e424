"""The window: one FastAPI app over one hub, put together here and nowhere else."""

import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request, Response

from hub.errors import Unavailable
from hub.identity import providers
from hub.identity.providers import of_one_kind, sound_address
from hub.web import (
    acts,
    api,
    audit,
    disputing,
    documents,
    flags,
    gates,
    health,
    incidents,
    letting_in,
    mash,
    own_sessions,
    pages,
    partnership,
    problems,
    restricting,
    session_pages,
    subject_access,
    system_tokens,
    violations,
    worklists,
)
from hub.web.allowance import PRACTITIONER, SHARED, Allowance
from hub.web.asking import Question, asks, check_declared
from hub.web.drafts import Drafts
from hub.web.guard import Guard
from hub.web.keeping import Keeping
from hub.web.live import Places
from hub.web.opened import Opened
from hub.web.rendering import Pages
from hub.web.served import Served, Window
from hub.web.sessions import Sessions
from hub.web.sign_in import LiveSignIn
from hub.web.vouching import Vouching
from hub.web.watching import UNWATCHED, Watching
from hub.web.ways import ways_of
from hub.web.whence import Whence
from schemas import catalogue

ID_BYTES = 32

own = APIRouter(include_in_schema=False)


def create_app(
    hub: Served,
    monotonic: Callable[[], float] = time.monotonic,
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(ID_BYTES),
    watching: Watching = UNWATCHED,
    unknown_after: float = 0.0,
) -> FastAPI:
    """The pages and the API over an open hub: a demonstration's sign-in, or a live one's, never both.

    `unknown_after`: seconds before which no answer says that there is no such record.

    Raises WrongKind where sign-in and store are not of one kind; Unavailable where a live hub has no public
    address; ProvidersInvalid.
    """
    catalogue.build()  # requests are answered by several threads
    app = FastAPI(
        title="Safeguarding hub",
        version="1",
        description="What agencies said of a child, as one reader may see it. Every look is on record.",
        openapi_url=None,  # served below, with the structs that are really sent
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    window = app.state.window = Window(hub)
    app.state.sessions = Sessions(monotonic, new_id)
    app.state.drafts = Drafts(monotonic)

    def policy_document(purpose: str) -> object:
        return window.policy.document(purpose)  # of the policy in force when it is asked

    app.state.pages = Pages(
        demo=hub.demo,
        ways=lambda by: ways_of(window.policy, hub.recorder.acts, by),
        clock=hub.clock,
        policy_document=policy_document,
    )
    app.state.opened = Opened(monotonic)
    app.state.places = Places()
    app.state.whence = Whence(hub.settings.proxy_header)
    app.state.allowance = Allowance(monotonic, watching, SHARED if hub.demo else PRACTITIONER)
    vouching = _demonstration(hub) if hub.demo else _live(hub, window, watching, monotonic, new_id)
    app.state.vouching = vouching
    app.state.new_id = new_id
    problems.handle(app)
    pages.handle(app)
    parts = (
        own,
        health.router,
        vouching.router,
        session_pages.router,
        own_sessions.router,
        violations.router,
        api.router,
        audit.router,
        subject_access.router,
        acts.router,
        worklists.router,
        partnership.router,
        flags.router,
        flags.links,
        incidents.router,
        disputing.router,
        restricting.router,
        gates.router,
        gates.of_child,
        letting_in.router,
        mash.router,
        pages.router,
    )
    for part in parts if hub.demo else (*parts, system_tokens.router):
        # Each part's routes are whole: `include_router` would analyse all of them anew for every app, and
        # ask part by part, then route by route, at every request.
        app.router.routes.extend(part.routes)
    check_declared(app.routes)
    app.add_middleware(Keeping, drafts=app.state.drafts, cookie=vouching.cookie)
    app.add_middleware(
        Guard,
        pages=app.state.pages,
        hosts=_hosts(hub),
        over_tls=_over_tls(hub),
        watching=watching,
        unknown_after=unknown_after,
    )
    return app


def _demonstration(hub: Served) -> Vouching:
    from hub.web.demo_sign_in import DemoSignIn  # noqa: PLC0415 — no live process ever loads it

    if hub.settings.identity_providers.exists():
        of_one_kind(providers.load(hub.settings.identity_providers), demo=True)
    return DemoSignIn()


def _live(
    hub: Served,
    window: Window,
    watching: Watching,
    monotonic: Callable[[], float],
    new_secret: Callable[[], str],
) -> Vouching:
    public = hub.settings.public_url
    if public is None or not sound_address(public):
        raise Unavailable("set public_url to the https address that people know this hub by")
    if not hub.settings.identity_providers.exists():
        raise Unavailable(f"nobody can sign in: {hub.settings.identity_providers.name} names no providers")
    trusted = providers.load(hub.settings.identity_providers)
    of_one_kind(trusted, demo=False)
    return LiveSignIn(window, trusted, public.rstrip("/"), watching, monotonic, new_secret)


def _hosts(hub: Served) -> frozenset[str]:
    """What a live hub is called, besides this machine's own names."""
    public = None if hub.demo else urlsplit(hub.settings.public_url or "").hostname
    return frozenset({public} if public else ())


def _over_tls(hub: Served) -> bool:
    return not hub.demo and (hub.settings.public_url or "").startswith("https:")


@own.get("/v1/openapi.json")
@asks(Question.NOTHING)
def openapi(request: Request) -> Response:
    """What the API is, for programs."""
    doing = (*acts.STRUCTS, *worklists.STRUCTS, *flags.STRUCTS, *incidents.STRUCTS, *gates.STRUCTS)
    ours = (
        *api.STRUCTS,
        *doing,
        *disputing.STRUCTS,
        *letting_in.STRUCTS,
        *mash.STRUCTS,
        *partnership.STRUCTS,
        *audit.STRUCTS,
        *subject_access.STRUCTS,
    )
    structs = (*ours, *request.app.state.vouching.structs)
    return documents.json(documents.describe(request.app, structs))
