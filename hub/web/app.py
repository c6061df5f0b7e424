"""The window: one FastAPI app over one hub, put together here and nowhere else."""

import secrets
import time
from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request, Response

from hub.errors import Unavailable
from hub.web import acts, api, demo_sign_in, documents, health, pages, problems
from hub.web.asking import Question, asks, check_declared
from hub.web.guard import Guard
from hub.web.opened import Opened
from hub.web.rendering import Pages
from hub.web.served import Served, Window
from hub.web.sessions import Sessions
from hub.web.ways import ways_of

ID_BYTES = 32

own = APIRouter(include_in_schema=False)


def create_app(
    hub: Served,
    monotonic: Callable[[], float] = time.monotonic,
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(ID_BYTES),
) -> FastAPI:
    """The pages and the API over an open hub.

    Raises Unavailable for a hub of live data: the only sign-in there is yet is a demonstration's (issue 4).
    """
    if not hub.demo:
        raise Unavailable("there is no sign-in for live data yet, so pages and API are not served")
    app = FastAPI(
        title="Safeguarding hub",
        version="1",
        description="What agencies said of a child, as one reader may see it. Every look is on record.",
        openapi_url=None,  # served below, with the structs that are really sent
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.window = Window(hub)
    app.state.sessions = Sessions(monotonic, new_id)
    app.state.pages = Pages(demo=hub.demo, ways=lambda by: ways_of(hub.policy, by))
    app.state.opened = Opened(monotonic)
    problems.handle(app)
    pages.handle(app)
    for part in (own, health.router, demo_sign_in.router, api.router, acts.router, pages.router):
        app.include_router(part)
    check_declared(app.routes)
    app.add_middleware(Guard, pages=app.state.pages, loopback_only=hub.demo)
    return app


@own.get("/v1/openapi.json")
@asks(Question.NOTHING)
def openapi(request: Request) -> Response:
    """What the API is, for programs."""
    return documents.json(
        documents.describe(request.app, (*api.STRUCTS, *acts.STRUCTS, demo_sign_in.SignedIn))
    )
