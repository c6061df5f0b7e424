"""The API of access: who may break, review, ask, answer, close and lift; what is refused looks alike."""

from uuid import uuid4

import pytest

from hub.web import gates, letting_in
from hub.web.app import create_app
from hub.web.demo_sign_in import practitioners
from tests.events import ANN, BEN, concern, missing
from tests.hubs import NOW, take_all
from tests.web.conftest import NHS, Served

REASON = "A child at the door, hurt, and nobody to ask at this hour"
LATER = 301.0


class Time:
    """A clock that only goes forward, when it is told to."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def near(desk):
    """A hub with Ann, of whom only the police know, its app, and a clock of its sessions."""
    desk.publish(missing(), missing("b1", who=BEN), concern("c1", 1, who=BEN))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        served = object.__new__(Served)
        served.time = Time()
        served.hub, served.app = hub, create_app(hub, monotonic=served.time)
        served.ann, served.ben = sorted(
            hub.records.children(), key=lambda c: len(hub.records.child(c).entries)
        )
        yield served


def ask(near, role, path, **body):
    return near.program(role).post(f"/v1/{path}", json=body)


def guardian_of(near):
    """The guardian of the demonstration, as a program names them."""
    by = practitioners(near.hub.policy)["caldicott-guardian"].by
    return {"person": by.person, "role": by.role, "agency": by.agency}


def breaking(near, **more):
    which = more or {"child": str(near.ann)}
    return ask(
        near,
        "social-worker",
        "access/break-glass",
        purpose="section-47",
        reason=REASON,
        strand="both",
        **which,
    )


def test_the_glass_is_broken_by_id_number_or_name_and_reviewed_by_a_second_person(near):
    named = {**ANN["name"], "born": ANN["date_of_birth"]}
    ways = [{"child": str(near.ann)}, {"identifier": NHS}, {"named": named}]
    opened = [breaking(near, **way).json()["data"] for way in ways]
    chronology = ask(near, "social-worker", f"children/{near.ann}/chronology", purpose="section-47")
    (waits,) = ask(near, "caldicott-guardian", "access/reviews").json()["data"]
    path = f"access/{waits['item']}"
    brief = ask(near, "caldicott-guardian", f"{path}/brief", purpose="audit").json()["data"]
    given = near.program("caldicott-guardian").post(f"/v1/{path}/give", json=guardian_of(near))
    (theirs,) = ask(near, "caldicott-guardian", "access/reviews").json()["data"]
    reviewed = ask(near, "caldicott-guardian", f"{path}/review", justified=False, reason="No danger")
    left = ask(near, "auditor", "access/reviews").json()["data"]
    (done,) = ask(near, "auditor", "access/reviews", settled=True).json()["data"]
    after = ask(near, "social-worker", f"children/{near.ann}/chronology", purpose="section-47")

    assert {(str(near.ann), waits["item"])} == {(o["child"], o["glass"]) for o in opened}
    assert (200, 200, 404) == (chronology.status_code, reviewed.status_code, after.status_code)
    assert (REASON, "chronology") == (brief["reason"], brief["seen"][0]["question"])
    assert "not-justified" == done["outcome"]
    assert [{"data": {"item": waits["item"]}}] * 2 == [given.json(), reviewed.json()]
    assert (None, "caldicott-guardian", []) == (waits.get("reviewer"), theirs["reviewer"][1], left)


def test_a_sealed_record_and_none_are_answered_alike_and_no_word_of_the_reason_comes_back(near):
    named = [{"person": "po", "role": "police-officer", "agency": "police"}]
    path = f"children/{near.ann}/restrictions"
    lead = "information-governance-lead"
    closed = ask(near, lead, f"{path}/close", what="sealed", named=named, reason="An order")
    answers = [breaking(near), breaking(near, child=str(uuid4())), breaking(near, identifier=NHS)]
    kept = ask(near, lead, f"{path}/close", what="not-shared", agency="schools", reason="Her brother")
    stands, other = ask(near, lead, path, purpose="audit").json()["data"]
    lifted = ask(near, lead, f"{path}/{stands['restriction']}/lift", reason="It ended")

    assert [stands["restriction"], other["restriction"]] == [a.json()["data"]["item"] for a in (closed, kept)]
    assert ("schools", {"data": {"item": stands["restriction"]}}) == (other["agency"], lifted.json())
    assert (201, 200) == (closed.status_code, lifted.status_code)
    assert {(404, answers[0].content)} == {(a.status_code, a.content) for a in answers}
    assert REASON not in answers[0].text
    assert "An order" == stands["reason"]
    assert 200 == breaking(near).status_code


def test_requests_for_a_record_and_for_none_are_answered_alike_and_a_grant_opens(near):
    body = {"purpose": "section-47", "strand": "both", "reason": REASON}
    near_ann, nobody = (
        ask(near, "social-worker", "access/ask", **body, child=str(child)) for child in (near.ann, uuid4())
    )
    (waits,) = ask(near, "mash-coordinator", "access/requests").json()["data"]
    refused = ask(near, "mash-coordinator", f"access/{waits['item']}/answer", days=400, reason="Long")
    granted = ask(near, "mash-coordinator", f"access/{waits['item']}/answer", days=7, reason="Needed")
    mine = ask(near, "social-worker", "access/mine").json()["data"]

    assert near_ann.json()["data"].keys() == nobody.json()["data"].keys()
    assert near_ann.json()["data"]["answer_by"][:16] == nobody.json()["data"]["answer_by"][:16]
    assert (422, 200) == (refused.status_code, granted.status_code)
    assert {"data": {"item": waits["item"]}} == granted.json()
    assert ["waits", "open"] == [one["state"] for one in mine]


PO = {"person": "po", "role": "police-officer", "agency": "police"}
GRAVE = (
    ("access/break-glass", {"purpose": "section-47", "strand": "both", "reason": REASON, "identifier": NHS}),
    ("access/{id}/review", {"justified": True, "reason": REASON}),
    ("access/{id}/give", {"person": "x", "role": "caldicott-guardian", "agency": "health"}),
    ("access/{id}/answer", {"days": 3, "reason": REASON}),
    ("access/{id}/tell", {"outcome": "shared", "words": "Ring me", "reason": REASON}),
    ("children/{id}/restrictions/close", {"what": "address-shielded", "reason": REASON}),
    ("children/{id}/restrictions/{id}/lift", {"reason": REASON}),
    ("children/{id}/let-in/agencies", {"agency": "health", "strand": "both", "days": 3, "reason": REASON}),
    ("children/{id}/let-in/agencies/health/end", {"reason": REASON}),
    ("children/{id}/let-in/meetings", {"members": [PO], "strand": "both", "days": 3, "reason": REASON}),
    ("children/{id}/let-in/meetings/{id}/end", {"reason": REASON}),
    ("children/{id}/let-in/other-child/end", {"other": str(uuid4()), "reason": REASON}),
    ("children/{id}/let-in/other-child", {"other": str(uuid4()), "days": 3, "reason": REASON}),
)


def test_the_gravest_acts_are_for_a_person_who_has_just_signed_in(near):
    program = near.program("social-worker")
    near.time.now += LATER
    answers = [program.post(f"/v1/{path.format(id=uuid4())}", json=body) for path, body in GRAVE]

    assert {401} == {answer.status_code for answer in answers}
    assert {'Bearer error="insufficient_user_authentication"'} == {
        answer.headers["www-authenticate"] for answer in answers
    }


MANY = ("/mine", "/reviews", "/requests", "/restrictions", "/let-in")
MADE = ("/close", "/agencies", "/meetings", "/other-child")


def test_each_route_is_described_by_whether_it_answers_one_or_many_and_makes_something():
    for route in (*gates.router.routes, *gates.of_child.routes, *letting_in.router.routes):
        data = route.responses[200]["content"]["application/json"]["schema"]["properties"]["data"]

        assert (data.get("type") == "array") is route.path.endswith(MANY), route.path
        assert (201 in route.responses) is route.path.endswith(MADE), route.path
        assert ["access"] == route.tags
    with pytest.raises(AttributeError):
        gates.AccessDone(uuid4()).item = uuid4()


@pytest.mark.parametrize("which", [{}, {"child": str(uuid4()), "identifier": NHS}])
def test_a_child_is_said_in_one_way(near, which):
    body = {"purpose": "section-47", "strand": "both", "reason": "canary-words of a reason", **which}
    answer = ask(near, "social-worker", "access/break-glass", **body)

    assert 422 == answer.status_code
    assert "by one of child, identifier and named" in answer.text
    assert "canary" not in answer.text
