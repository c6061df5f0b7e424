"""A hub with two children in it, its app, and a browser and a program that ask it over ASGI."""

import atexit
import json
from datetime import UTC, datetime, timedelta
from functools import cache

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from jinja2 import Environment

from hub.domain.child import By, allocate
from hub.web.app import create_app
from schemas.health import SexualHealthContact
from schemas.police import Intelligence
from tests.events import ANN, BEN, DAY, attendance, concern, missing, taken_back
from tests.hubs import Desk, take_all

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = AT + timedelta(seconds=30)
"""After all that `Folder` recorded: opening a hub sets its clock."""
HOST = "http://127.0.0.1:8000"
CANARIES = {
    "police": "canary-police-summary",
    "health": "canary-health-summary",
    "education": "canary-school-summary",
    "whereabouts": "canary street",
    "police-intelligence": "canary-intelligence",
    "health-confidential": "canary-clinic",
}
EVENTS = (
    missing("m1", 0, summary=CANARIES["police"], address=CANARIES["whereabouts"], significance="significant"),
    missing("m2", 3, ongoing=True, summary="still missing <script>alert(1)</script>"),
    missing("m3", 4, summary="entered for the wrong child"),
    taken_back("w3", 5, "m3"),
    attendance("a1", 6, summary=CANARIES["health"], significance="routine"),
    concern("c1", 7, summary=CANARIES["education"]),
    Intelligence(
        agency="police",
        system="niche",
        source_event_id="i1",
        summary=CANARIES["police-intelligence"],
        occurred_at=DAY + timedelta(days=8),
        **ANN,
    ),
    SexualHealthContact(
        agency="health",
        system="clinic",
        source_event_id="s1",
        summary=CANARIES["health-confidential"],
        occurred_at=DAY + timedelta(days=9),
        **{**ANN, "identifiers": (*ANN["identifiers"], {"system": "hospital:clinic", "value": "HIDDEN1"})},
    ),
    missing("m9", 2, who=BEN, summary="only the police know Ben"),
)
# Else another loop is looked for on disk at each request: a tenth of what asking costs.
httpx._transports.asgi.is_running_trio = lambda: False


def _compiled_once():
    """Else each hub of a test compiles every page anew: what a template says does not depend on the hub."""
    compile_, kept = Environment.compile, {}

    def compiled(self, source, name=None, filename=None, **how):
        if how or not isinstance(source, str):
            return compile_(self, source, name, filename, **how)
        known = type(self), name, filename, source
        if known not in kept:
            kept[known] = compile_(self, source, name, filename)
        return kept[known]

    Environment.compile = compiled


_compiled_once()
NHS = {"system": "nhs-number", "value": "944 930 5552"}


@cache
def _loop():
    """One event loop for all that a worker asks: one for each request, with its threads, costs as much."""
    running = start_blocking_portal()
    atexit.register(running.__exit__, None, None, None)
    return running.__enter__()


class Asking:
    """Asks an app over ASGI as one client does, keeping its cookies."""

    base = HOST

    def __init__(self, app, **headers):
        self.app, self.headers = app, headers
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=self.base)

    @property
    def cookies(self):
        return self._client.cookies

    def __call__(self, method, path, **how):
        async def ask():
            headers = {**self.headers, **how.pop("headers", {})}
            return await self._client.request(method, path, headers=headers, **how)

        return _loop().call(ask)

    def get(self, path, **how):
        return self("GET", path, **how)

    def post(self, path, **how):
        return self("POST", path, **how)


WORKER = By("demo-social-worker", "social-worker", "social-care")


def allocated(hub, child):
    """Let the demonstration's social worker work with a child."""
    hub.records.act(child, lambda record: allocate(record, WORKER, None, WORKER))


class Folder:
    """A hub's folder with two children in it."""

    def __init__(self, folder):
        self.desk = Desk(folder)
        self.desk.publish(*EVENTS)
        with self.desk.open(at=AT) as hub:
            tally = take_all(hub)
            allocated(hub, max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries)))
        assert len(EVENTS) == tally.recorded


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return Folder(tmp_path_factory.mktemp("web") / "data")


class Served:
    """The open hub, its app and the two children."""

    def __init__(self, hub):
        self.hub, self.app = hub, create_app(hub)
        by_entries = sorted(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        self.ben, self.ann = by_entries[0], by_entries[-1]

    def disclosures(self, child):
        found = [e.body for e in self.hub.records.history(child)]
        return [b for b in found if type(b).__name__ == "Disclosed"]

    def browser(self, role=None):
        browser = Asking(self.app, **{"sec-fetch-site": "same-origin"})
        if role:
            answer = browser.post("/sign-in", data={"role": role})
            assert 303 == answer.status_code
        return browser

    def program(self, role):
        session = Asking(self.app).post("/v1/demo/sign-in", json={"role": role}).json()["data"]["session"]
        return Asking(self.app, authorization=f"Bearer {session}")


@pytest.fixture(scope="module")
def served(folder, tmp_path_factory):
    """Each file's own copy: what its tests record, no other file's tests read."""
    with folder.desk.copied(tmp_path_factory.mktemp("served") / "data").open(at=LATER) as hub:
        yield Served(hub)


def lines_of(answer):
    return json.loads(answer.content)["data"]["lines"]
