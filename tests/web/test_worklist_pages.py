"""Pages of first accounts, worklists and calendars: what comes of them, and what is never told."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub import follow as follow_module
from hub.casework.recording import Who
from hub.intake.questions import questions
from hub.web.app import create_app
from tests.casework.acting import COORDINATOR, MONDAY, REFERRED, child_of, follow, incident
from tests.events import ANN
from tests.hubs import Desk, take_all
from tests.web.conftest import Asking, Served
from tests.web.test_pages import spaced, text, tree

ACCOUNT = {
    "words": "He said: “it was me”.",
    "told_at-day": "4",
    "told_at-month": "11",
    "told_at-year": "2026",
    "told_at-time": "9:05",
    "received_by": "class teacher",
    "provenance": "told-by-child",
    "part": "has-sexually-harmed",
}
NOBODY = {"who-system": "upn", "who-value": "Z999000000001"}


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A child with an overdue strategy meeting, allocated to the demonstration's social worker."""
    desk = Desk(tmp_path_factory.mktemp("worked") / "data")
    desk.publish(incident("i1", other=None))
    with desk.open(at=MONDAY) as hub:
        take_all(hub)
        ann = Who.model_validate({"identifiers": ANN["identifiers"]})
        hub.recorder.record_first(COORDINATOR.by, ann, "receive-referral", REFERRED)
        worker = {"worker": "demo-social-worker"}
        hub.recorder.record(COORDINATOR, child_of(hub), "allocate-worker", worker)
    with desk.open(at=MONDAY + timedelta(days=5)) as hub:
        follow(hub)
        served = Served.__new__(Served)
        served.hub, served.app, served.ann = hub, create_app(hub), child_of(hub)
        yield served


def said(**more):
    return {**ACCOUNT, "act": f"first-{uuid4()}", **more}


def shown(page):
    return [spaced(row) for row in tree(page).cssselect("table.worklist tbody tr")]


# ------------------------------------------------------------ first accounts


def test_r133_what_is_first_heard_of_a_child_nobody_knew_is_recorded_and_asks_for_the_front_door(worked):
    before = set(worked.hub.records.children())
    browser = worked.browser("school-lead")
    answer = browser.post("/first/record-account", data=said(**NOBODY))
    (child,) = set(worked.hub.records.children()) - before
    follow(worked.hub)
    asked = {item.obligation for item in worked.hub.drawn.worklist(child)}

    assert (303, "/first?recorded=record-account") == (answer.status_code, answer.headers["location"])
    assert "R37" in asked
    thanks = text(browser.get(answer.headers["location"]))
    assert "it is on the record" in thanks
    assert "Ring " in thanks
    assert str(child) not in thanks


def test_r133_of_a_child_with_no_number_the_name_is_enough_and_one_who_looks_alike_is_asked_about(worked):
    who = {"who-given": "Ann", "who-family": "Marsh", "who-born": "2012-04-05"}
    act = said(**who)
    browser = worked.browser("school-lead")
    answers = [browser.post("/first/record-account", data=act).status_code for _ in range(2)]

    assert [303, 303] == answers
    assert ["look-alike-without-shared-identifier"] == [q.opened.kind for q in questions(worked.hub.records)]


def test_a_child_the_hub_knows_and_one_it_does_not_are_answered_alike(worked):
    browser = worked.browser("school-lead")
    known = {"who-system": "nhs-number", "who-value": ANN["identifiers"][0]["value"]}
    answers = [
        browser.post("/first/record-account", data=said(**who))
        for who in (known, {**NOBODY, "who-value": "Z999000000002"})
    ]

    assert [(303, "/first?recorded=record-account")] * 2 == [
        (a.status_code, a.headers["location"]) for a in answers
    ]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ({}, "#who-value"),
        ({**NOBODY, "who-organisation": "§§"}, "#who-organisation"),
        ({**NOBODY, "who-born": "soon"}, "#who-born"),
        ({**NOBODY, "words": ""}, "#words"),
        ({**NOBODY, "at-day": "31", "at-month": "2", "at-year": "2026"}, "#at-day"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(worked, more, at):
    form = said(**{"who-given": "Bo", **more})
    page = worked.browser("school-lead").post("/first/record-account", data=form)
    root = tree(page)
    came_back = dict(root.cssselect("main form")[0].form_values())

    assert 422 == page.status_code
    assert at in [link.get("href") for link in root.cssselect(".govuk-error-summary a")]
    assert root.cssselect(at)
    for name, value in form.items():
        if value and name != "who-system":
            assert value == came_back[name].removeprefix("\n"), name


def test_only_an_act_that_can_be_the_first_is_offered_and_only_to_who_may_record_it(worked):
    school = worked.browser("school-lead")

    assert 403 == school.get("/first/hold-strategy-meeting").status_code
    assert 403 == school.get("/first/open-police-enquiry").status_code
    assert 404 == school.get("/first/no-such-act").status_code
    assert 200 == worked.browser("police-officer").get("/first/open-police-enquiry").status_code
    offered = [a.get("href") for a in tree(school.get("/first")).cssselect("main li a")]
    assert [f"/first/{c.name}" for c in worked.hub.recorder.acts.first("school-lead")] == sorted(
        offered, key=offered.index
    )
    assert "Your role records nothing" in text(worked.browser("auditor").get("/first"))


# ------------------------------------------------------------ worklists


def test_a_persons_worklist_says_what_is_overdue_of_whom_and_opens_the_child(worked):
    browser = worked.browser("social-worker")
    before = len(worked.disclosures(worked.ann))
    page = browser.post("/worklist", data={"purpose": "section-47", "whose": "me"})
    first = shown(page)[0]

    assert "Ann Marsh" in first
    assert "Overdue" in first
    assert any("Strategy meeting within 72 hours. hold the strategy meeting" in row for row in shown(page))
    assert {"due", "find"} == {d.question for d in worked.disclosures(worked.ann)[before:]}
    assert str(worked.ann) not in str(page.url)
    assert 200 == browser.get(f"/children/{worked.ann}/protocol").status_code


@pytest.mark.parametrize(
    ("whose", "waits"),
    [
        ({"whose": "agency", "agency": "police"}, {"Police"}),
        ({"whose": "team", "team": "Children's Social Care"}, {"Children's Social Care Social care"}),
        ({"whose": "person", "person": "nobody-of-this-name"}, set()),
    ],
)
def test_an_agencys_a_teams_and_a_colleagues_worklist(worked, whose, waits):
    page = worked.browser("social-worker").post("/worklist", data={"purpose": "section-47", **whose})
    waiting = {spaced(row.cssselect("td")[2]) for row in tree(page).cssselect("table.worklist tbody tr")}

    assert 200 == page.status_code
    assert waits == waiting


def test_a_worklist_shows_no_child_to_one_who_does_not_work_with_them(worked):
    page = worked.browser("health-practitioner").post(
        "/worklist", data={"purpose": "section-47", "whose": "agency", "agency": "social-care"}
    )

    assert [] == shown(page)
    assert "Nothing waits, of the children you work with" in text(page)


def test_a_list_that_may_not_be_all_says_so_until_it_is(worked, monkeypatch):
    asked = {"purpose": "section-47", "whose": "me"}
    browser = worked.browser("social-worker")
    browser.post("/worklist", data=asked)
    flags = f"/children/{worked.ann}/flags"
    whole = [text(browser.post("/worklist", data=asked)), text(browser.get(flags))]
    monkeypatch.setattr(follow_module, "SOON", timedelta(days=-9))
    cut = [text(browser.post("/worklist", data=asked)), text(browser.get(flags))]

    assert [False, False] == ["This may not be all" in page for page in whole]
    assert [True, True] == ["This may not be all" in page for page in cut]


def test_a_program_is_told_where_a_list_may_not_be_all(worked, monkeypatch):
    program = worked.program("social-worker")
    asked = ("/v1/worklist", f"/v1/children/{worked.ann}/due", f"/v1/children/{worked.ann}/flags")
    whole = [program.post(path, json={"purpose": "section-47"}).json() for path in asked]
    monkeypatch.setattr(follow_module, "SOON", timedelta(days=-9))
    cut = [program.post(path, json={"purpose": "section-47"}).json() for path in asked]

    assert [{"data"}] * 3 == [set(answer) for answer in whole]
    assert [True] * 3 == [answer["late"] for answer in cut]


def test_a_worklist_without_its_purpose_or_its_colleague_is_asked_again(worked):
    browser = worked.browser("social-worker")
    page = browser.post("/worklist", data={"whose": "person"})
    links = [a.get("href") for a in tree(page).cssselect(".govuk-error-summary a")]

    assert (422, ["#person", "#purpose"]) == (page.status_code, links)


# ------------------------------------------------------------ calendars


def test_a_calendars_address_is_shown_once_answers_without_signing_in_and_is_closed(worked):
    browser = worked.browser("social-worker")
    given = browser.post("/calendar", data={"purpose": "section-47"})
    address = tree(given).cssselect(".govuk-panel-plain .id")[0].text_content()
    path = address.removeprefix(browser.base)

    assert path.startswith("/v1/calendar/")
    feed = Asking(worked.app).get(path)
    assert "Overdue: Strategy meeting" in feed.text.replace("\r\n ", "")
    assert not [word for word in ("Ann", "Marsh", "9449305552", str(worked.ann)) if word in feed.text]
    again = browser.get("/calendar")
    assert address not in again.text
    assert "You have a calendar open" in text(again)
    closing = browser.post("/calendar/close")
    assert "answers no more" in text(browser.get(closing.headers["location"]))
    assert 404 == Asking(worked.app).get(path).status_code
    assert "No calendar of yours is open" in text(browser.get("/calendar"))


def test_a_calendar_is_not_opened_without_a_purpose(worked):
    page = worked.browser("social-worker").post("/calendar", data={"purpose": ""})

    assert 422 == page.status_code
    assert "Say why you are looking" in text(page)
