"""People see where they are signed in and end what they do not know; a page asks how long it may stay."""

import re

import anyio
import pytest

from hub.domain.refusal import refusals_of
from hub.errors import Unavailable
from hub.web import live
from hub.web.problems import NO_RECORD
from hub.web.sessions import IDLE, LONGEST, NotSignedIn, Sessions
from tests.doors.test_guard_alone import ANN, BEN, ONE, OTHER


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def sessions():
    clock = Clock()
    ids = (f"id-{n}" for n in range(100))
    held = Sessions(clock, lambda: next(ids))
    held.clock = clock
    return held


def test_a_person_sees_their_own_sessions_in_every_role_and_nobody_elses(sessions):
    mine, other_role = sessions.start(ANN, "i", practitioner=ONE), sessions.start(BEN, "i", practitioner=ONE)
    sessions.start(ANN, "i", practitioner=OTHER)
    sessions.clock.now = 60.0
    session = sessions.of(mine)
    found = sessions.of_same(session, mine)

    assert [(ANN, 60.0, 0.0, True), (BEN, 60.0, 60.0, False)] == [one[1:] for one in found]
    assert not {mine, other_role} & {one.handle for one in found}
    sessions.clock.now = IDLE + 61
    assert [] == sessions.of_same(session, mine)


def test_a_demonstrations_people_are_told_apart_by_person_agency_and_issuer(sessions):
    mine = sessions.start(ANN, "i")
    for by, issuer in ((ANN, "another"), (BEN, "i"), (ANN, "i")):
        sessions.start(by, issuer)

    assert 2 == len(sessions.of_same(sessions.of(mine), mine))


def test_ones_own_session_is_ended_by_its_handle_and_no_other(sessions):
    mine, lost = sessions.start(ANN, "i", practitioner=ONE), sessions.start(ANN, "i", practitioner=ONE)
    theirs = sessions.start(BEN, "i", practitioner=OTHER)
    session, other = sessions.of(mine), sessions.of(theirs)
    (handle,) = (one.handle for one in sessions.of_same(session, mine) if not one.here)
    sessions.end_own(other, handle)
    assert sessions.of(lost)
    sessions.end_own(session, handle)
    sessions.end_own(session, "no such handle")

    with pytest.raises(NotSignedIn):
        sessions.of(lost)
    assert sessions.of(mine)


def test_how_long_is_left_is_told_and_not_lengthened_by_asking(sessions):
    mine = sessions.start(ANN, "i")
    sessions.clock.now = 100.0
    assert IDLE - 100 == sessions.left(mine) == sessions.left(mine)
    assert LONGEST - 100 == sessions.longest(mine)
    for _ in range(int(LONGEST // IDLE) + 1):
        sessions.clock.now += IDLE - 1
        if sessions.left(mine):
            sessions.of(mine)
    assert 0.0 == sessions.left(mine) == sessions.left("none")
    assert 0.0 == sessions.longest(mine) == sessions.longest("none")


def test_the_page_lists_and_ends_and_a_page_learns_that_its_session_is_over(served):
    here, lost = served.browser("school-lead"), served.browser("school-lead")
    served.browser("police-officer")
    page = here.get("/sessions")
    handles = [part.partition('"')[0] for part in page.text.split('name="session" value="')[1:]]
    assert page.text.count("School lead, schools") >= 2
    assert "Police officer" not in page.text
    assert re.search(r"before \d\d:\d\d, your session ends", page.text)
    assert "your session ends" not in served.browser().get("/sign-in").text
    assert here.get("/session/left").json()["left"] > 0 < lost.get("/session/left").json()["longest"]
    assert 200 == here.post("/session/go-on").status_code == lost.post("/session/go-on").status_code
    ended = here.post("/sessions/end-others", headers={"sec-fetch-site": "same-origin"})

    assert handles
    assert (303, "/sessions") == (ended.status_code, ended.headers["location"])
    assert {"left": 0, "longest": 0} == lost.get("/session/left").json()
    assert 303 == lost.post("/session/go-on").status_code
    assert "/sign-in" == lost.get("/sessions").headers["location"]
    assert 1 == here.get("/sessions").text.count("This one")
    assert "End it" not in here.get("/sessions").text


def test_what_somebody_saw_goes_from_the_screen_when_another_signs_in_at_the_same_browser(served):
    browser = served.browser("school-lead")
    of = re.search(r'data-of="(\w+)"', browser.get("/sessions").text)[1]
    typed = {"draft-form": "/children/find#0", "draft-page": "/children/find", "value": "zq00001qz"}
    assert browser.get("/session/left", headers={"hub-page-of": of}).json()["left"] > 0
    assert 303 == browser.post("/sign-in", data={"role": "police-officer"}).status_code
    left = browser.get("/session/left", headers={"hub-page-of": of}).json()
    kept = browser.post("/draft/keep", data=typed, headers={"hub-page-of": of})
    now = re.search(r'data-of="(\w+)"', browser.get("/sessions").text)[1]

    assert {"left": 0, "longest": 0} == left
    assert (204, 204) == (kept.status_code, browser.get("/draft/typed?form=/children/find%230").status_code)
    assert browser.get("/session/left", headers={"hub-page-of": now}).json()["left"] > 0
    assert of != now


def test_an_open_page_is_told_of_no_change_once_its_session_is_over(served, monkeypatch):
    class Kept(live.Seen):
        def changed(self):
            raise NotSignedIn  # the stream ends at once: what is asked about is whether it would go on

        def goes_on(self):
            return self._still()

    kept = []
    monkeypatch.setattr(live, "Seen", lambda *given: kept.append(Kept(*given)) or kept[-1])
    browser = served.browser("school-lead")
    browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
    assert 200 == browser.get(f"/children/{served.ann}/changes").status_code

    assert kept[0].goes_on()
    browser.post("/sign-out")
    assert not kept[0].goes_on()


def test_asking_whether_an_open_page_has_changed_lengthens_no_session(served, monkeypatch):
    monkeypatch.setattr(live, "IDLE", 0.0)
    browser, sessions = served.browser("school-lead"), served.app.state.sessions
    browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
    left = sessions.left(browser.cookies["hub-session"])
    asked = browser.get(f"/children/{served.ann}/changes")

    assert (200, "event: again") == (asked.status_code, asked.text.partition("\r\n")[0])
    assert sessions.left(browser.cookies["hub-session"]) < left
    assert 303 == served.browser().get(f"/children/{served.ann}/changes").status_code


async def told(place):
    class Nothing:
        def changed(self):
            return False

    return [said["event"] async for said in live.messages(Nothing(), IDLE, 0.0, place)]


def test_an_open_page_outlives_a_store_that_is_away_for_a_moment_and_is_told_what_changed():
    answers = [Unavailable("away"), True, Unavailable("away"), NotSignedIn()]

    class Away:
        def changed(self):
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    async def all_of():
        return [said["event"] async for said in live.messages(Away(), IDLE, 0.0)]

    assert ["changed", "end"] == anyio.run(all_of)


def test_of_too_many_open_pages_of_one_person_the_oldest_is_told_no_more():
    places = live.Places(2)
    first, another, *_ = mine = [places.take(who) for who in ("ann", "ben", "ann")]
    assert all(place.stands for place in mine)

    mine.append(places.take("ann"))
    assert [False, True, True, True] == [place.stands for place in mine]
    assert ["end"] == anyio.run(told, first)

    mine[2].leave()
    places.take("ann")
    assert [False, True, True, True] == [place.stands for place in mine]
    assert another.stands


def test_each_stream_takes_its_readers_place_and_leaves_it_when_it_is_over(served, monkeypatch):
    class Kept(live.Seen):
        def changed(self):
            taken.append({who: len(there) for who, there in places.items()})
            raise NotSignedIn

    taken, places = [], served.app.state.places._taken
    monkeypatch.setattr(live, "Seen", Kept)
    browser = served.browser("school-lead")
    browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
    browser.get(f"/children/{served.ann}/changes")

    assert [1] == [count for there in taken for count in there.values()]
    assert {} == places


def test_whatever_a_signed_in_caller_is_refused_as_a_whole_stands_with_who_once(served):
    records = served.hub.records

    def stands(place):
        return [(e.body.reader.role, e.body.question) for e in records.archive.stream(refusals_of(place))]

    before = {place: len(stands(place)) for place in (NO_RECORD, served.ann, served.ben)}
    desk = served.browser("school-lead").get("/audit/ledger")
    story = served.program("police-officer").post(
        f"/v1/children/{served.ann}/history", json={"purpose": "audit"}
    )
    look = served.program("school-lead").post(
        f"/v1/children/{served.ben}/chronology", json={"purpose": "section-17"}
    )
    new = {place: stands(place)[count:] for place, count in before.items()}

    assert (403, 403, 404) == (desk.status_code, story.status_code, look.status_code)
    assert [("school-lead", "/audit/ledger")] == new[NO_RECORD]
    assert [("police-officer", "/v1/children/{child}/history")] == new[served.ann]
    assert [("school-lead", "chronology")] == new[served.ben]


def test_what_cannot_be_recorded_as_refused_is_not_answered_as_refused(served, monkeypatch):
    lead = served.browser("school-lead")

    def away(*_):
        raise Unavailable("the store is away")

    monkeypatch.setattr(type(served.hub.share), "note", away)
    assert 503 == lead.get("/audit/ledger").status_code


def test_who_is_not_signed_in_and_who_was_let_in_leave_no_refusal(served):
    rows = served.hub.records.archive.rows
    lead = served.browser("school-lead")
    before = rows.max_notification_id()
    lead.get("/sessions")
    served.browser().get("/audit/ledger")

    assert before == rows.max_notification_id()


def test_why_somebody_looks_stands_in_their_next_session_and_is_said_anew_by_who_signs_in_after_them(served):
    browser, page = served.browser("school-lead"), f"/children/{served.ann}/chronology"

    def looks(role=None):
        if role:
            assert 303 == browser.post("/sign-in", data={"role": role}).status_code
        return browser.get(page).status_code, browser.get(page).headers.get("location", "").partition("?")[0]

    unsaid = looks()
    browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
    said = looks()

    assert (200, "") == said == looks("school-lead")
    assert unsaid == looks("social-worker") == looks("school-lead")
    assert (200, "") != unsaid


def test_a_session_that_was_left_for_another_is_over(served):
    browser = served.browser("school-lead")
    before = served.browser()
    before.cookies.update(browser.cookies)
    assert 200 == before.get("/sessions").status_code
    browser.post("/sign-in", data={"role": "police-officer"})

    assert "/sign-in" == before.get("/sessions").headers["location"]
    assert 200 == browser.get("/sessions").status_code


def test_whoever_does_not_know_a_session_of_theirs_ends_it_from_the_page_and_goes_on_in_this_one(served):
    def listed():
        return set(re.findall(r'name="session" value="(\w+)"', here.get("/sessions").text))

    here, stranger = served.browser("school-lead"), served.browser("police-officer")
    before = listed()
    lost = served.browser("school-lead")
    (handle,) = listed() - before
    not_theirs = stranger.post("/sessions/end", data={"session": handle})
    still = lost.get("/session/left").json()
    ended = here.post("/sessions/end", data={"session": handle})
    gone_on = here.post("/session/go-on").json()

    assert (303, "/sessions") == (ended.status_code, ended.headers["location"])
    assert (303, "/sessions") == (not_theirs.status_code, not_theirs.headers["location"])
    assert still["left"] > 0
    assert {"left": 0, "longest": 0} == lost.get("/session/left").json()
    assert gone_on["longest"] > gone_on["left"] > 0


def test_of_each_session_it_is_told_since_when_and_one_that_nobody_vouched_for_is_nobodys(sessions):
    sessions.clock.now = 100.0
    mine, of_a_demonstration = sessions.start(ANN, "i", practitioner=ONE), sessions.start(ANN, "i")
    sessions.clock.now = 130.0
    (own,) = sessions.of_same(sessions.of(mine), mine)

    assert (30.0, 0.0, True) == (own.began, own.seen, own.here)
    assert 1 == len(sessions.of_same(sessions.of(of_a_demonstration), of_a_demonstration))
