"""The API of acts: every command is described, each can be recorded, and a departure is asked why."""

import json
from datetime import timedelta

import pytest

from hub.protocol.commands import COMMANDS
from tests.casework.acting import MONDAY, REFERRED, child_of, follow, incident
from tests.events import ANN
from tests.hubs import Desk, take_all
from tests.web.conftest import Asking, Served


@pytest.fixture(scope="module")
def acted(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("acted") / "data")
    desk.publish(incident("i1", other=None))
    with desk.open(at=MONDAY) as hub:
        take_all(hub)
    with desk.open(at=MONDAY + timedelta(days=5)) as hub:
        follow(hub)
        served = Served.__new__(Served)
        served.hub = hub
        from hub.web.app import create_app

        served.app = create_app(hub)
        served.ann = child_of(hub)
        referral = {**REFERRED, "at": MONDAY.isoformat()}
        assert 201 == first(served, "receive-referral", referral).status_code
        yield served


def act(acted, role, command, says, purpose="section-47"):
    body = {"purpose": purpose, "says": says}
    return acted.program(role).post(f"/v1/children/{acted.ann}/acts/{command}", json=body)


def first(acted, command, says, who=ANN):
    body = {"who": {"identifiers": who["identifiers"]}, "says": says}
    return acted.program("social-worker").post(f"/v1/acts/{command}", json=body)


def test_every_command_describes_itself_and_says_whether_you_may(acted):
    told = acted.program("school-lead").get("/v1/commands").json()["data"]

    assert [c.name for c in COMMANDS] == [c["name"] for c in told]
    may = {c["name"]: c["may"] for c in told}
    assert (True, False) == (may["record-account"], may["decide-referral"])
    account = told[0]
    assert account["schema"]["properties"]["words"]["title"] == account["questions"][0]["title"]
    assert [q["kind"] for q in account["questions"][:2]] == ["words", "moment"]


def test_an_act_is_recorded_once(acted):
    says = {"by_role": "class teacher", "act": "w-1"}

    assert 201 == act(acted, "school-lead", "reassure-child", says, "section-17").status_code
    assert 200 == act(acted, "school-lead", "reassure-child", says, "section-17").status_code


def test_what_is_asked_why_is_said_with_its_row_and_taken_with_a_reason(acted):
    held = {"meeting": "M", "attended": ["youth-justice"], "separate_meeting": "needed"}

    asked = act(acted, "social-worker", "hold-strategy-meeting", held)
    assert (422, "Say why") == (asked.status_code, asked.json()["title"])
    assert [("body.says.reason", "reason-needed")] == [(e["at"], e["code"]) for e in asked.json()["errors"]]
    assert "R42" in asked.json()["errors"][0]["detail"]
    assert 201 == act(acted, "social-worker", "hold-strategy-meeting", {**held, "reason": "x"}).status_code


@pytest.mark.parametrize(
    ("role", "command", "says", "status"),
    [
        ("school-lead", "decide-referral", {}, 403),
        ("health-practitioner", "reassure-child", {"by_role": "nurse"}, 404),
        ("school-lead", "no-such-act", {}, 422),
        ("school-lead", "reassure-child", {"by_role": "x", "canary": "canary"}, 422),
        ("school-lead", "reassure-child", {"by_role": "\ud800"}, 422),
        ("school-lead", "reassure-child", {"at": "9999-12-31T23:59:59Z", "by_role": "x"}, 422),
        ("school-lead", "reassure-child", {"at": "0001-01-01T00:00:00+14:00", "by_role": "x"}, 422),
    ],
)
def test_what_cannot_be_recorded_is_told_without_what_was_sent(acted, role, command, says, status):
    purpose = "section-47"
    answer = acted.program(role).post(
        f"/v1/children/{acted.ann}/acts/{command}",
        content=json.dumps({"purpose": purpose, "says": says}).encode(),
        headers={"content-type": "application/json"},
    )

    assert status == answer.status_code
    assert "canary" not in answer.text


def test_a_worklist_is_your_own_where_nothing_is_said(acted):
    follow(acted.hub)
    asked = acted.program("social-worker").post("/v1/worklist", json={"purpose": "section-47"})
    care = {"purpose": "section-47", "agency": "social-care"}

    assert [] == asked.json()["data"]
    found = acted.program("social-worker").post("/v1/worklist", json=care).json()["data"]
    assert "R40" in {one["item"]["obligation"] for one in found}
    both = acted.program("social-worker").post("/v1/worklist", json={**care, "person": "x"})
    assert 422 == both.status_code


def test_a_calendar_is_given_read_without_signing_in_and_closed(acted):
    worker = acted.program("social-worker")
    path = worker.post("/v1/calendar", json={"purpose": "section-47"}).json()["data"]["path"]

    answer = Asking(acted.app).get(path)
    assert (200, "text/calendar; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert 204 == worker("DELETE", "/v1/calendar").status_code
    assert 404 == Asking(acted.app).get(path).status_code
