"""The API of a flag's life: as the role may, refused alike where there is nothing to see."""

from uuid import uuid4

import pytest

from hub.telling.matter import Matter, decided
from hub.telling.settings import Kind, TellingSettings
from hub.web.app import create_app
from schemas.police import OffenceReported
from schemas.schools import SexualBehaviourIncident
from schemas.social_care import Contact
from tests.casework.test_flag_work import draw, flagged
from tests.hubs import NOW
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, said
from tests.web.conftest import Served, allocated

BODIES = {
    "acknowledge": {},
    "own": {},
    "review": {"decision": "acted-on", "reason": "A meeting is set."},
    "disagree": {"reason": "It does not reach the school."},
    "renew": {"reason": "It still matters."},
    "release": {"roles": ["school-lead"], "reason": "The school must know to ring."},
}


@pytest.fixture
def raised(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)
        yield hub, child, flag


def ask(app, role, child, flag, act, **more):
    purpose = "screening" if role == "mash-coordinator" else "section-17"
    path = f"/v1/children/{child}/flags/{flag}/{act}"
    return Served.program(app, role).post(path, json={"purpose": purpose, **BODIES[act], **more})


@pytest.fixture
def app(raised):
    hub, *_ = raised
    served = object.__new__(Served)
    served.hub, served.app = hub, create_app(hub)
    return served


@pytest.mark.parametrize("act", BODIES)
def test_the_coordinator_does_each_act_and_it_stands_in_the_record(app, raised, act):
    hub, child, flag = raised
    answer = ask(app, "mash-coordinator", child, flag.id, act)
    acts = [type(event).__struct_config__.tag for _, event in hub.records.child(child).flags[flag.id]]

    assert (200, {"data": {"flag": str(flag.id), "new": True}}) == (answer.status_code, answer.json())
    assert 1 == len(acts)


@pytest.mark.parametrize("act", BODIES)
def test_who_sees_no_flag_is_answered_alike_whether_there_is_one(app, raised, act):
    _, child, flag = raised
    asked = [(child, flag.id), (child, uuid4()), (uuid4(), flag.id)]
    answers = [ask(app, "school-lead", c, f, act) for c, f in asked]

    assert {404} == {answer.status_code for answer in answers}


def test_a_reason_is_needed_and_no_word_of_what_was_sent_comes_back(app, raised):
    _, child, flag = raised
    answer = ask(app, "mash-coordinator", child, flag.id, "review", reason="", decision="canary-word")

    assert 422 == answer.status_code
    assert "canary-word" not in answer.text


def test_who_had_been_shown_what_is_no_longer_true_is_told_to_auditors_only(app, raised):
    _, child, _ = raised
    path, asked = f"/v1/children/{child}/no-longer-true", {"purpose": "audit"}

    assert {"data": []} == app.program("auditor").post(path, json=asked).json()
    assert 403 == app.program("mash-coordinator").post(path, json={"purpose": "screening"}).status_code


def test_the_link_in_a_message_leads_to_the_question_why_and_shows_nothing(app, raised):
    hub, child, flag = raised
    whom = TellingSettings.model_validate(
        {
            "address": "https://hub.example.invalid",
            "to": {"x": {"webhook": {"url": "https://x.invalid/h", "secret_file": "s"}}},
        }
    )
    matter = Matter(Kind.FLAG_RAISED, flag.id, "1", child, ("x",), NOW)
    hub.records.record(decided(matter, whom))
    (id_,) = decided(matter, whom)
    browser = app.browser("mash-coordinator")
    followed = browser.get(f"/told/{id_}")

    assert (303, f"/children/{child}/why") == (followed.status_code, followed.headers["location"])
    assert 404 == browser.get(f"/told/{uuid4()}").status_code
    assert child.hex not in app.browser().get(f"/told/{id_}").text


def page(app, who, child, flag, **said):
    """The flags' page of a child, after something was done there."""
    browser = app.browser(who)
    browser.post(f"/children/{child}/open", data={"purpose": "screening"})
    done = browser.post(f"/children/{child}/flags/{flag}", data=said)
    return done, browser


def test_the_coordinator_gives_a_flag_into_somebodys_hands_on_the_page(app, raised):
    hub, child, flag = raised
    unnamed, _ = page(app, "mash-coordinator", child, flag.id, act="give", role="social-worker")
    foreign, _ = page(app, "social-worker", child, flag.id, act="give", role="police-officer", person="dan")
    done, _ = page(app, "mash-coordinator", child, flag.id, act="give", role="social-worker", person="dan")
    owner = hub.records.child(child).flags[flag.id][-1][1].owner

    assert (422, 403, 303) == (unnamed.status_code, foreign.status_code, done.status_code)
    assert f'id="person-{flag.id}-error"' in unnamed.text
    assert ("dan", "social-worker", "social-care") == (owner.person, owner.role, owner.agency)


def test_the_coordinator_releases_a_flags_words_on_the_page_and_the_role_then_reads_them(app, raised):
    hub, child, flag = raised
    said = {"act": "release", "roles": ["school-lead"]}
    none, _ = page(app, "mash-coordinator", child, flag.id, act="release")
    unsaid, _ = page(app, "mash-coordinator", child, flag.id, **said)
    done, _ = page(
        app, "mash-coordinator", child, flag.id, **said, **{"release-reason": "The school must know."}
    )
    released = hub.records.child(child).flags[flag.id][-1][1]

    assert (422, 422, 303) == (none.status_code, unsaid.status_code, done.status_code)
    assert f'id="release-reason-{flag.id}-error"' in unsaid.text
    assert 'value="school-lead" checked' in unsaid.text
    assert ("school-lead",) == released.roles


NEAR = tuple(
    said(kind, name, agency, day, part="has-sexually-harmed")
    for kind, name, agency, day in (
        (SexualBehaviourIncident, "i1", "schools", 0),
        (OffenceReported, "o1", "police", 1),
        (Contact, "k1", "social-care", 1.5),
    )
)


@pytest.fixture
def proposed(desk):
    desk.publish(*NEAR)
    with desk.open(at=NOW) as hub:
        draw(hub)
        served = object.__new__(Served)
        served.hub, served.app = hub, create_app(hub)
        (child,) = hub.records.children()
        yield served, hub, child


def of_incidents(app, child, *path, role="mash-coordinator", **more):
    purpose = "screening" if role == "mash-coordinator" else "section-17"
    where = "/".join([f"/v1/children/{child}/incidents", *path])
    return app.program(role).post(where, json={"purpose": purpose, **more})


def test_a_coordinator_says_by_the_api_what_is_one_incident_and_what_is_two(proposed):
    app, hub, child = proposed
    (whole,) = of_incidents(app, child).json()["data"]["open"]
    apart = [whole["entries"][0]["entry"]]
    two = of_incidents(app, child, whole["id"], "two", others=apart, reason="The walk home was later.")
    (rest,) = of_incidents(app, child).json()["data"]["open"]
    one = of_incidents(app, child, rest["id"], "one")
    after = of_incidents(app, child).json()["data"]

    assert (200, {"data": {"proposal": whole["id"]}}) == (two.status_code, two.json())
    assert (200, {"data": {"proposal": rest["id"]}}) == (one.status_code, one.json())
    assert [] == after["open"]
    assert ["two-incidents", "one-incident"] == [said["what"] for said in after["said"]]
    assert 2 == len(hub.records.child(child).incidents)


def test_what_is_proposed_is_for_coordinators_and_a_decided_proposal_is_not_found(proposed):
    app, _, child = proposed
    (whole,) = of_incidents(app, child).json()["data"]["open"]
    unnamed = of_incidents(app, child, whole["id"], "two", reason="They are three.")
    unsaid = of_incidents(app, child, whole["id"], "two", others=[whole["entries"][0]["entry"]])
    refused = {
        of_incidents(app, one, *path, role="school-lead").status_code
        for one in (child, uuid4())
        for path in ((), (whole["id"], "one"))
    }
    of_incidents(app, child, whole["id"], "one")

    assert (422, 422) == (unnamed.status_code, unsaid.status_code)
    assert {403} == refused
    assert 404 == of_incidents(app, child, whole["id"], "one").status_code


def test_a_coordinator_says_it_on_the_page_and_what_is_refused_comes_back_as_written(proposed):
    app, hub, child = proposed
    browser = app.browser("mash-coordinator")
    browser.post(f"/children/{child}/open", data={"purpose": "screening"})
    shown = browser.get(f"/children/{child}/incidents")
    (whole,) = hub.share.incidents(COORDINATOR, child).open
    at = f"/children/{child}/incidents/{whole.id}"
    chosen = {"act": "two", "others": [whole.entries[2].entry]}
    wrong = browser.post(at, data={**chosen, "others": ["nothing"], "reason": "canary-reason"})
    unsaid = browser.post(at, data=chosen)
    done = browser.post(at, data={**chosen, "reason": "canary-reason"})
    (rest,) = hub.share.incidents(COORDINATOR, child).open
    browser.post(f"/children/{child}/incidents/{rest.id}", data={"act": "one"})
    after = browser.get(f"/children/{child}/incidents?done=one")

    assert f'href="/children/{child}/incidents"' in browser.get(f"/children/{child}/flags").text
    assert 3 == shown.text.count('type="checkbox"')
    assert (422, 422, 303) == (wrong.status_code, unsaid.status_code, done.status_code)
    assert "canary-reason" in wrong.text
    assert f'value="{whole.entries[2].entry}" checked' in unsaid.text
    assert f'id="reason-{whole.id}-error"' in unsaid.text
    assert "That they tell of one incident is on the record" in after.text
    assert "Nothing is open" in after.text
    assert "canary-reason" in after.text


def test_nobody_else_is_shown_the_page_or_the_way_to_it(proposed):
    app, hub, child = proposed
    allocated(hub, child)
    browser = app.browser("social-worker")
    browser.post(f"/children/{child}/open", data={"purpose": "section-47"})

    assert 403 == browser.get(f"/children/{child}/incidents").status_code
    assert "/incidents" not in browser.get(f"/children/{child}/flags").text
