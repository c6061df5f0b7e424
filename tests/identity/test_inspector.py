"""An inspectorate signs in as a role of its own: counts, no child, and no longer than an inspection takes."""

from datetime import timedelta

import pytest

from hub.errors import Refused
from hub.identity.systems import Systems
from hub.sharing.policy import load
from tests.events import missing
from tests.hubs import NOW
from tests.identity.conftest import ADMIN, live  # noqa: F401 — a fixture
from tests.web.conftest import Served, take_all
from tests.web.test_pages import text, tree

DAYS = load().roles["inspector"].most_days
DESKS = (
    *("/children/find", "/worklist", "/calendar", "/first", "/access", "/identity", "/quarantine"),
    *("/audit", "/subject-access", "/prosecution"),
)


@pytest.fixture
def served(desk):
    desk.publish(missing())
    with desk.open(at=NOW) as hub:
        take_all(hub)
        yield Served(hub)


def test_an_inspector_is_let_in_for_the_days_of_an_inspection_and_never_without_an_end(live):  # noqa: F811
    now = live.hub.clock()
    for until in (None, now + timedelta(days=DAYS, hours=1)):
        with pytest.raises(Refused, match=f"for at most {DAYS} days at a time: say until when"):
            live.grant("social-care", "inspector", "ina@example.invalid", until=until)
    known = live.grant("social-care", "inspector", "ina@example.invalid", until=now + timedelta(days=DAYS))
    live.grant("social-care", "auditor", "ari@example.invalid")

    assert ["inspector"] == [grant.role for grant in known.roles(now)]
    assert [] == known.roles(now + timedelta(days=DAYS))


def test_a_system_is_admitted_as_an_inspector_no_longer_either(live):  # noqa: F811
    systems, now = Systems(live.hub.records, live.hub.policy), live.hub.clock()
    admitted = ("inspectorate", "inspector", "{}", b"")
    for until in (None, now + timedelta(days=DAYS, hours=1)):
        with pytest.raises(Refused, match=f"for at most {DAYS} days at a time: say until when"):
            systems.admit(*admitted, until, ADMIN, "inspects")
    system = systems.admit(*admitted, now + timedelta(days=DAYS), ADMIN, "inspects")

    assert system.standing(now) is not None


def test_an_inspector_signs_in_sees_the_counts_and_has_no_other_way(live, social_care):  # noqa: F811
    social_care.who = "ina@example.invalid"
    live.grant("social-care", "inspector", social_care.who, until=live.hub.clock() + timedelta(days=DAYS))
    browser = live.browser()
    browser.sign_in("social-care")
    page = browser.get("/partnership")
    ways = [link.text_content().strip() for link in tree(page).cssselect("nav a[href^='/']")]
    (person,) = live.people.everyone()
    live.people.depart(person.id, ADMIN, "the inspection is over")

    assert 200 == page.status_code
    assert "Partnership's desk" in ways
    assert not {"Find a child", "Access", "Auditor's desk", "Subject access", "Worklist"} & set(ways)
    assert 303 == browser.get("/partnership").status_code


def test_no_page_and_no_answer_of_the_api_shows_an_inspector_a_child(served):
    browser, program = served.browser("inspector"), served.program("inspector")
    pages = {path: browser.get(path) for path in DESKS}
    of_ann = [browser.get(f"/children/{served.ann}/{page}") for page in ("chronology", "flags", "protocol")]
    api = [
        program.post(f"/v1/children/{served.ann}/chronology", json={"purpose": "audit"}),
        program.post("/v1/access/reviews", json={}),
        program.post("/v1/access/break-glass", json={"purpose": "audit", "child": str(served.ann)}),
        program.post(f"/v1/children/{served.ann}/history", json={"purpose": "audit"}),
    ]

    assert not [a for a in (*of_ann, *api) if a.status_code == 200]
    assert not [a for a in (*pages.values(), *of_ann, *api) if "Marsh" in a.text or str(served.ann) in a.text]
    assert 200 == browser.get("/partnership").status_code
    assert 200 == program.get("/v1/partnership").status_code
    assert "Counts from 1 to 4 are not shown" in text(browser.get("/partnership"))
