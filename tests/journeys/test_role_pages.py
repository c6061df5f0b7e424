"""Each role's pages of one child, and its desk, as text that was read and approved."""

import pytest

from hub.demonstration.play import child_of
from hub.web.app import create_app
from tests.journeys.pages import menu, page_text
from tests.web.conftest import Asking

pytestmark = pytest.mark.slow
CHILD = "kai"
OTHERWISE = {"health-practitioner": "isla", "named-doctor": "isla"}
"""A child whom the role works with; the others have nothing to do with any, and their pages say so."""
OF_A_CHILD = ("chronology", "flags", "protocol")
DESKS = {
    "auditor": ("/audit", "/partnership"),
    "information-governance-lead": ("/partnership",),
    "inspector": ("/partnership", "/children/find"),
    "operator": ("/children/find",),
    "caldicott-guardian": ("/children/find",),
}
READS = (
    "social-worker",
    "mash-coordinator",
    "police-officer",
    "intelligence-officer",
    "health-practitioner",
    "named-doctor",
    "school-lead",
    "youth-justice-worker",
    "early-help-worker",
    "housing-officer",
    "probation-officer",
)


@pytest.fixture(scope="module")
def app(hub):
    return create_app(hub)


def signed_in(app, role):
    browser = Asking(app, **{"sec-fetch-site": "same-origin"})
    assert 303 == browser.post("/sign-in", data={"role": role}).status_code
    return browser


def purpose_of(hub, role):
    purposes = hub.policy.roles[role].purposes
    return next(p for p in ("section-47", "section-17", "screening", "direct-care") if p in purposes)


def as_read(told, hub, role, answers):
    parts = [
        f"{role.replace('-', ' ')}: what its pages say",
        f"Menu: {', '.join(menu(answers[0][1].content))}",
    ]
    for path, answer in answers:
        parts += ["", f"======== {path} ({answer.status_code})", page_text(answer.content)]
    return told.without_ids(hub, "\n".join(parts)) + "\n"


@pytest.mark.parametrize("role", READS)
def test_a_roles_pages_of_a_child_read_as_they_were_approved(told, hub, app, golden, role):
    browser, child = signed_in(app, role), child_of(hub, told.story, OTHERWISE.get(role, CHILD))
    browser.post(f"/children/{child}/open", data={"purpose": purpose_of(hub, role)})
    answers = [(page, browser.get(f"/children/{child}/{page}")) for page in OF_A_CHILD]

    golden(f"pages/{role}.txt", as_read(told, hub, role, answers))


@pytest.mark.parametrize("role", DESKS)
def test_the_desk_of_a_role_without_records_reads_as_it_was_approved(told, hub, app, golden, role):
    browser = signed_in(app, role)

    golden(f"pages/{role}.txt", as_read(told, hub, role, [(path, browser.get(path)) for path in DESKS[role]]))


def test_every_role_of_the_policy_has_its_golden_pages(hub):
    assert set(hub.policy.roles) == {*READS, *DESKS}
