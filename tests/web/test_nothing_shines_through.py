"""The same over the real app: what is restricted changes no byte, header or status of any answer."""

import pytest

from hub.domain.child import By, allocate
from schemas.health import SexualHealthContact
from schemas.police import Intelligence
from tests.events import ANN, DAY, attendance, concern, missing
from tests.hubs import take_all
from tests.sharing.test_flags import HARMED, HARMING, KNOWN
from tests.web.conftest import AT, NHS, Served

NOBODYS = {"system": "hospital:clinic", "value": "HIDDEN1"}
SECRETS = tuple(
    cls(agency=agency, system="s", source_event_id=name, occurred_at=DAY, summary="a secret", **more)
    for cls, agency, name, more in (
        (Intelligence, "police", "i1", ANN),
        (SexualHealthContact, "health", "s1", {**ANN, "identifiers": (*ANN["identifiers"], NOBODYS)}),
    )
)
ROLES = {
    "social-worker": "section-47",
    "mash-coordinator": "screening",
    "police-officer": "section-47",
    "school-lead": "section-17",
    "health-practitioner": "section-47",
}
PAGES = (
    "chronology",
    "chronology?order=oldest&detail=everything",
    "flags",
    "incidents",
    "protocol",
    "pack",
    "pack/print",
    "ask-the-mash",
)


@pytest.fixture
def told(desk):
    """A hub whose clock stands still, with a child each role's own agency knows."""
    desk.publish(HARMING, HARMED, KNOWN, missing("m1", 1), attendance("a1", 2), concern("c1", 3))
    with desk.open(at=AT) as hub:
        draw(hub)
        hub.records.clock = lambda: AT
        served = Served(hub)
        for role in ROLES:
            by = By(f"demo-{role}", role, hub.policy.roles[role].agency.value)
            hub.records.act(served.ann, lambda child, by=by: allocate(child, by, None, by))
        yield desk, served


def draw(hub):
    take_all(hub)
    for follower in hub.followers:
        follower.catch_up()


def answers(served, role, purpose):
    """Status, headers and bytes of every question a program and a browser may put."""
    program, browser, child = served.program(role), served.browser(role), served.ann
    asked = {"purpose": purpose}
    browser.post(f"/children/{child}/open", data=asked)
    first = program.post(f"/v1/children/{child}/chronology", json={**asked, "limit": 2})
    cursor = first.json().get("page", {}).get("next")
    found = [
        first,
        program.post(f"/v1/children/{child}/chronology", json={**asked, "limit": 2, "cursor": cursor}),
        program.post(f"/v1/children/{child}/flags", json=asked),
        program.post(f"/v1/children/{child}/due", json=asked),
        program.post(f"/v1/children/{child}/incidents", json=asked),
        program.post(f"/v1/children/{child}/beside-flags", json=asked),
        program.post(f"/v1/children/{child}/history", json=asked),
        program.post("/v1/children/search", json={**asked, "identifier": NHS}),
        program.post("/v1/children/search", json={**asked, "identifier": NOBODYS}),
        program.post("/v1/worklist", json={**asked, "agency": served.hub.policy.roles[role].agency.value}),
        *(browser.get(f"/children/{child}/{page}") for page in PAGES),
    ]
    return [(a.url.path, a.status_code, {**a.headers, "set-cookie": ""}, a.content) for a in found]


def test_what_is_restricted_changes_no_byte_header_or_status_of_any_answer(told):
    desk, served = told
    before = {role: answers(served, role, purpose) for role, purpose in ROLES.items()}
    desk.publish(*SECRETS)
    draw(served.hub)
    after = {role: answers(served, role, purpose) for role, purpose in ROLES.items()}

    assert sum(status == 200 for _, status, *_ in before["social-worker"]) >= 10
    for role in ROLES:
        for was, now in zip(before[role], after[role], strict=True):
            assert was == now, (role, was[0])
