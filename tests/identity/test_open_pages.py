"""A page that is open while its reader's role goes, or something of what it shows is closed."""

from datetime import UTC, datetime, timedelta
from queue import Queue
from uuid import UUID

import anyio
import pytest

from hub.audit import subject_access
from hub.audit.explaining import disclosures_of
from hub.domain.access import Closing, Interest
from hub.domain.child import By, allocate
from hub.sharing.policy import read
from hub.sharing.refusals import BarsMet
from hub.web import live as streams
from tests.events import attendance, missing
from tests.hubs import Desk, only_child, take_all
from tests.identity.conftest import ADMIN, PUBLIC, Live, adopt_without, providers_file
from tests.sharing.test_lapsed import without_the_police
from tests.web.conftest import _loop

AT = datetime.now(UTC) - timedelta(days=1)
GUARDIAN = By("cg", "caldicott-guardian", "health")
WAIT = 20
"""Seconds a message is waited for: what never comes fails the test."""


class Opened:
    """A chronology that a social worker has open, and what its stream says."""

    def __init__(self, desk, live, child):
        self.desk, self.live, self.child, self._said = desk, live, child, Queue()
        self._listening = None
        self.person = live.grant("social-care", "social-worker")
        self.by = self.person.by("social-worker")
        live.hub.records.act(child, lambda record: allocate(record, self.by, None, ADMIN))
        self.browser = live.browser()
        self.browser.sign_in("social-care")
        self.browser.post(f"/children/{child}/open", data={"purpose": "section-47"})

    def stream(self):
        """Ask for the stream as the page does."""
        page = self.browser.get(f"/children/{self.child}/chronology")
        assert 200 == page.status_code, page.text
        there = page.text.partition('data-changes="')[2].partition('"')[0]
        self._listening = _loop().start_task_soon(self._listen, *there.split("?"))
        assert 200 == self.next()
        self.desk.publish(missing("m2", occurred_at=AT))
        self.meanwhile(lambda _: take_all(self.live.hub))
        assert "changed" == self.next()  # so it has looked: what goes now goes while it is open

    async def _listen(self, path, query):
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        asked = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"hub.example"), (b"cookie", cookie.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("hub.example", 443),
        }

        async def receive():
            await anyio.sleep_forever()

        async def send(message):
            if message["type"] == "http.response.start":
                self._said.put(message["status"])
            for line in message.get("body", b"").decode().splitlines():
                if line.startswith("event: "):
                    self._said.put(line.removeprefix("event: "))

        await self.live.app(asked, receive, send)

    def next(self):
        return self._said.get(timeout=WAIT)

    def leave(self):
        if self._listening is not None:
            self._listening.cancel()

    def meanwhile(self, goes):
        """Let it go in a turn of its own, as everything does that this process is asked."""
        with self.live.app.state.window.open():
            goes(self)

    def seal(self, what, **more):
        self.live.hub.gates.close(GUARDIAN, self.child, what, "somebody must not know", **more)


@pytest.fixture
def opened(tmp_path, police, social_care, monkeypatch, at_once):
    desk = Desk(tmp_path / "live", live=True)
    desk.settings = desk.settings.model_copy(update={"public_url": PUBLIC})
    providers_file(desk.settings.data, police=police.issuer, social_care=social_care.issuer)
    desk.publish(missing(occurred_at=AT, postcode="AB1 2CD"), attendance(occurred_at=AT))
    monkeypatch.setattr(streams, "EVERY", 0.01)
    with desk.open() as hub:
        take_all(hub)
        opened = Opened(desk, Live(hub, police=police, social_care=social_care), only_child(hub))
        yield opened
        opened.leave()


def entry_of(opened, agency):
    record = opened.live.hub.records.child(opened.child)
    return next(kept.entry.id for kept in record.entries.values() if kept.entry.agency == agency)


def withdraw(opened):
    opened.live.people.withdraw(opened.person.id, "social-worker", ADMIN, "moved")


def leave(opened):
    opened.live.people.depart(opened.person.id, ADMIN, "left")


def anew(opened):
    withdraw(opened)
    opened.live.grant("social-care", "social-worker")


def dropped(opened):
    adopt_without(opened.live, "social-worker")


def bar(opened):
    opened.seal(Closing.BARRED, named=(opened.by,), interest=Interest.RELATIVE)


def seal(opened):
    opened.seal(Closing.SEALED, named=(GUARDIAN,))


@pytest.mark.parametrize("goes", [withdraw, leave, anew, dropped])
def test_where_a_role_goes_the_stream_ends_and_says_nothing_meanwhile(opened, goes):
    opened.stream()
    opened.meanwhile(goes)

    assert "end" == opened.next()


@pytest.mark.parametrize("goes", [bar, seal])
def test_where_the_whole_record_is_closed_the_page_is_told_so_that_it_goes_from_the_screen(opened, goes):
    opened.stream()
    opened.meanwhile(goes)

    assert ["gone", "end"] == [opened.next(), opened.next()]
    assert [] == BarsMet(opened.live.hub.records).until(None)  # nobody came against it: the page asks no more
    assert 404 == opened.browser.get(f"/children/{opened.child}/chronology").status_code


def shield(opened):
    opened.seal(Closing.ADDRESS)


def seal_an_entry(opened):
    opened.seal(Closing.SEALED, named=(GUARDIAN,), entries=(entry_of(opened, "police"),))


def agreement_ends(opened):
    policy, agreements = opened.live.hub.policy.texts
    less = without_the_police(agreements.decode()).encode()
    opened.live.hub.share.disclosures.adopt(read((policy, less)), ADMIN)


@pytest.mark.parametrize("goes", [shield, seal_an_entry, agreement_ends])
def test_an_open_page_is_told_that_something_it_shows_was_closed_or_is_not_shared_any_more(opened, goes):
    opened.stream()
    opened.meanwhile(goes)

    assert "changed" == opened.next()


KEEPER, SECOND = "information-governance-lead", "caldicott-guardian"
TYPED = {"draft-form": "/subject-access#0", "draft-page": "/subject-access", "record": "canary-typed"}


@pytest.fixture
def keeping(opened, social_care, police):
    """Who keeps exports has prepared one, which waits, and has a form half typed."""
    live, social_care.who = opened.live, "ina@example.invalid"
    person = live.grant("social-care", KEEPER, social_care.who)
    lead = live.browser()
    lead.sign_in("social-care")
    asked = {"record": str(opened.child), "asker": "child", "asked-on": "2026-11-01"}
    path = lead.post("/subject-access", data=asked).headers["location"].partition("?")[0]
    assert 204 == lead.post("/draft/keep", data=TYPED).status_code
    assert "canary-typed" in lead.get("/draft/typed?form=/subject-access%230").text
    return live, person, lead, path


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize("goes", ["withdrawn", "left", "dropped"])
def test_whose_role_goes_while_their_export_waits_reads_settles_and_fetches_nothing(keeping, goes, approved):
    live, person, lead, path = keeping
    request = UUID(path.rpartition("/")[2])
    second = By("cg", SECOND, "health")

    def approve():
        return subject_access.approve(
            live.hub.records, live.hub.policy, second, request, subject_access.load()
        )

    if approved:
        approve()
    if goes == "withdrawn":
        live.people.withdraw(person.id, KEEPER, ADMIN, "moved")
    elif goes == "left":
        live.people.depart(person.id, ADMIN, "left")
    else:
        adopt_without(live, KEEPER)
    shown = len(list(disclosures_of(live.hub.records, live.hub.records.children()[0])))
    answers = [
        lead.get(path),
        lead.post(f"{path}/download", data={"file": "record.json"}),
        lead.post(f"{path}/settle", data={"act": "refuse", "reason": "mine"}),
        lead.post(f"{path}/again", data={"reason": "mine"}),
        lead.get("/draft"),
        lead.get("/draft/typed?form=/subject-access%230"),
    ]

    assert [(303, "/sign-in")] * 6 == [(a.status_code, a.headers["location"]) for a in answers]
    assert shown == len(list(disclosures_of(live.hub.records, live.hub.records.children()[0])))
    assert approved or approve().entries  # another person may still say that it is handed out
    assert 403 == live.browser().sign_in("social-care").status_code
