"""The API: each role is told what the policy lets it read; hidden, foreign and unknown look the same."""

from uuid import UUID, uuid4

import pytest

from hub.domain.access import Closing
from hub.domain.child import By
from hub.sharing.policy import Situation, Tier
from schemas.case_event import Identifier
from tests.events import missing
from tests.hubs import take_all
from tests.web.conftest import AT, CANARIES, LATER, NHS, Asking, Folder, Served, lines_of
from tests.web.test_app import ACCESS_ACTS, ACCESS_READS, ENTRY_ACTS, FLAG_ACTS

HOME = {"whereabouts": "police"}
"""Where a planted word stands in an entry read in another scope."""


def chronology(served, role, child=None, **asked):
    purpose = asked.pop("purpose", None) or min(served.hub.policy.roles[role].purposes)
    path = f"/v1/children/{child or served.ann}/chronology"
    return served.program(role).post(path, json={"purpose": purpose, **asked})


def reads(policy, role, purpose, scope, related):
    answers = [policy.answer(Situation(role, purpose, s, related)) for s in {scope, HOME.get(scope, scope)}]
    return all(a.tier is Tier.READ for a in answers)


RELATED, ALLOCATED = ("police", "health", "schools"), ("social-worker",)


def test_each_role_is_told_the_words_of_its_scopes_and_no_others(served):
    told = 0
    policy = served.hub.policy
    for role, row in policy.roles.items():
        for purpose in row.purposes:
            text = chronology(served, role, purpose=purpose).text
            for scope, word in CANARIES.items():
                expected = reads(
                    policy, role, purpose, scope, role in ALLOCATED or row.agency.value in RELATED
                )
                assert expected == (word in text), (role, purpose, scope)
                told += expected

    assert told > 10


def test_hidden_foreign_unknown_and_impossible_children_answer_with_the_same_bytes(served):
    asked = {"purpose": "section-17"}
    program = served.program("school-lead")
    hub, identifier = UUID(int=0), served.hub.records.hashes.stream(Identifier(**NHS))
    children = [served.ben, uuid4(), hub, identifier, "not-a-uuid", "0"]
    answers = [program.post(f"/v1/children/{c}/chronology", json=asked) for c in children]
    answers.append(chronology(served, "auditor"))  # there, but nothing of it is this role's

    assert {404} == {a.status_code for a in answers}
    assert 1 == len({a.content for a in answers})
    assert 1 == len({tuple(sorted(a.headers.items())) for a in answers})


@pytest.mark.parametrize(
    ("role", "identifier"),
    [
        ("school-lead", {"system": "nhs-number", "value": "9449304424"}),  # Ben: no school knows him
        ("school-lead", {"system": "nhs-number", "value": "9990000000"}),  # nobody
        ("school-lead", {"system": "hospital:clinic", "value": "HIDDEN1"}),  # Ann, from what is hidden
        ("health-practitioner", {"system": "hospital:clinic", "value": "HIDDEN1"}),
    ],
)
def test_a_child_is_found_only_by_what_the_reader_may_read(served, role, identifier):
    asked = {"purpose": "section-47", "identifier": identifier}
    answer = served.program(role).post("/v1/children/search", json=asked)

    assert 404 == answer.status_code
    assert {"type": "about:blank", "title": "No record of this child", "status": 404} == answer.json()


def test_a_child_is_found_by_the_number_however_it_is_spaced(served):
    asked = {"purpose": "section-47", "identifier": NHS}
    found = served.program("school-lead").post("/v1/children/search", json=asked).json()["data"]

    assert str(served.ann) == found["child"]
    assert {"family": "Marsh", "given": "Ann"} == found["who"]["name"]


def test_the_named_doctor_finds_the_child_by_the_clinics_own_number(served):
    asked = {"purpose": "section-47", "identifier": {"system": "hospital:clinic", "value": "HIDDEN1"}}

    assert 200 == served.program("named-doctor").post("/v1/children/search", json=asked).status_code


@pytest.mark.parametrize("known", [True, False])
def test_a_purpose_that_is_not_the_roles_is_refused_whether_or_not_the_child_exists(served, known):
    program = served.program("school-lead")
    child = served.ann if known else uuid4()
    value = NHS["value"] if known else "9990000000"
    answers = [
        program.post(f"/v1/children/{child}/chronology", json={"purpose": "screening"}),
        program.post(
            "/v1/children/search",
            json={"purpose": "screening", "identifier": {"system": "nhs-number", "value": value}},
        ),
    ]
    problem = {
        "type": "about:blank",
        "title": "Not permitted",
        "status": 403,
        "detail": "Your role may not look for this purpose",
    }

    assert [problem, problem] == [a.json() for a in answers]


def test_without_a_session_nothing_is_answered(served):
    path, asked = f"/v1/children/{served.ann}/chronology", {"purpose": "section-47"}
    for headers in ({}, {"authorization": "Bearer nothing"}, {"authorization": "Basic eDp5"}):
        answer = Asking(served.app, **headers).post(path, json=asked)

        assert 401 == answer.status_code
        assert "Bearer" == answer.headers["www-authenticate"]
        assert "application/problem+json" == answer.headers["content-type"]


def test_pages_put_together_are_the_whole_as_it_was_though_more_is_recorded_meanwhile(tmp_path):
    desk = Folder(tmp_path / "data").desk
    with desk.open(at=LATER) as hub:
        served = Served(hub)
        whole = lines_of(chronology(served, "police-officer"))
        first = chronology(served, "police-officer", limit=2)
        pages, following = [lines_of(first)], first.json()["page"]["next"]
        while following:
            desk.publish(missing(f"late{len(pages)}", -5))
            assert 1 == take_all(hub).recorded
            answer = chronology(served, "police-officer", limit=2, cursor=following)
            pages.append(lines_of(answer))
            following = answer.json()["page"]["next"]
        afterwards = lines_of(chronology(served, "police-officer"))

    assert whole == [line for page in pages for line in page]
    assert all(len(page) == 2 for page in pages[:-1])
    assert 2 == len(afterwards) - len(whole)
    assert "total" not in first.text


def test_where_something_is_closed_or_opened_between_two_pages_no_line_is_passed_over_unsaid(tmp_path):
    desk = Folder(tmp_path / "data").desk
    with desk.open(at=LATER) as hub:
        served = Served(hub)
        keeper = By("cg", "caldicott-guardian", "health")
        whole = lines_of(chronology(served, "police-officer"))
        first = chronology(served, "police-officer", limit=2).json()["page"]["next"]
        entry = UUID(whole[0]["id"])
        sealed = hub.gates.close(
            keeper, served.ann, Closing.SEALED, "of a colleague", named=(keeper,), entries=(entry,)
        )
        told = [chronology(served, "police-officer", limit=2, cursor=first)]
        less = chronology(served, "police-officer", limit=2).json()["page"]["next"]
        hub.gates.reopen(keeper, served.ann, sealed, "found not to be so")
        told.append(chronology(served, "police-officer", limit=2, cursor=less))
        goes_on = chronology(served, "police-officer", limit=2, cursor=first)

    assert [422, 422] == [answer.status_code for answer in told]
    assert all(answer.json()["detail"].startswith("the cursor is of before") for answer in told)
    assert whole[2:4] == lines_of(goes_on)


@pytest.mark.parametrize(
    ("cursor", "more"),
    [
        ("rubbish", {}),
        ("e30=", {}),
        (None, {"agency": "health"}),
        (None, {"limit": 2, "purpose": "screening"}),
    ],
)
def test_a_cursor_goes_on_with_its_own_question_only(served, cursor, more):
    given = chronology(served, "police-officer", limit=1, purpose="section-47").json()["page"]["next"]
    answer = chronology(served, "police-officer", cursor=cursor or given, **{"purpose": "section-47", **more})

    assert 422 == answer.status_code
    assert answer.json()["detail"].startswith("the cursor")


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"agency": "police"}, ["missing-episode"] * 3),
        ({"significance": "significant"}, ["missing-episode"]),
        ({"theme": "missing-and-exploitation"}, ["missing-episode"] * 3),
        ({"theme": "school"}, []),
        ({"from": "2026-09-05", "to": "2026-09-06"}, ["missing-episode"] * 2),
        ({"from": "2026-09-08"}, ["missing-episode"]),
        ({"to": "2026-08-31"}, []),
    ],
)
def test_filters_choose_lines_and_leave_what_is_withheld_to_be_asked_about(served, asked, kinds):
    lines = lines_of(chronology(served, "police-officer", **asked))
    entries = [line["type"].split(".")[1] for line in lines if line["line"] == "entry"]

    assert kinds == entries


def test_an_episode_still_going_on_counts_on_every_later_day(served):
    lines = lines_of(chronology(served, "police-officer", **{"from": "2026-11-01"}))

    assert [True] == [line.get("ongoing") for line in lines]


def test_what_is_withheld_is_named_with_whom_to_ring_and_stays_under_significance(served):
    lines = lines_of(chronology(served, "police-officer", significance="significant"))
    gaps = [(line["agency"], line["contact"]) for line in lines if line["line"] == "gap"]

    assert [
        ("health", "the named nurse for safeguarding children"),
        ("schools", "the school's designated safeguarding lead"),
    ] == gaps


def test_as_known_at_a_moment_before_the_hub_knew_the_child_there_is_no_record(served):
    answer = chronology(served, "police-officer", knownAt="2026-11-01T00:00:00Z")

    assert 404 == answer.status_code


def test_as_known_at_is_answered_and_recorded(served):
    moment = AT.replace(hour=23)
    answer = chronology(served, "police-officer", knownAt=moment.isoformat())

    assert moment == served.disclosures(served.ann)[-1].known_at
    assert moment.isoformat().replace("+00:00", "Z") == answer.json()["data"]["known_at"]


CANARY = "9449305552-Marsh"


@pytest.mark.parametrize(
    "content",
    [
        b'{"purpose": "' + CANARY.encode(),
        b'{"purpose": ["' + CANARY.encode() + b'"]}',
        b'{"purpose": "section-47", "' + CANARY.encode() + b'": 1}',
        b'{"purpose": "section-47", "from": "' + CANARY.encode() + b'"}',
        b'{"purpose": "section-47", "agency": "' + CANARY.encode() + b'"}',
        b'{"purpose": "section-47", "limit": "' + CANARY.encode() + b'"}',
        b'{"purpose": "section-47", "knownAt": "2026-01-01T00:00:00"}',
        b'{"purpose": "section-47", "knownAt": 1600000000}',
        b'{"purpose": "section-47", "from": "0001-01-01"}',
        b'{"purpose": "section-47", "from": "2026-02-01", "to": "2026-01-01"}',
        b'{"purpose": "section-47", "cursor": "' + CANARY.encode() * 40 + b'"}',
        CANARY.encode(),
        b"[]",
        b"",
        b"\xff\xfe",
    ],
)
def test_what_is_not_understood_is_told_by_place_and_code_never_by_value(served, content, caplog):
    program = served.program("social-worker")
    answer = program.post(
        f"/v1/children/{served.ann}/chronology",
        content=content,
        headers={"content-type": "application/json"},
    )
    faults = answer.json()["errors"]

    assert 422 == answer.status_code
    assert all(fault["at"].startswith("body") and fault["code"] for fault in faults)
    assert faults
    assert "Marsh" not in answer.text + caplog.text


@pytest.mark.parametrize(
    "identifier", [{"system": CANARY, "value": "1"}, {"system": "upn", "value": ""}, CANARY, {"a": CANARY}]
)
def test_an_identifier_that_is_none_is_not_repeated(served, identifier):
    answer = served.program("social-worker").post(
        "/v1/children/search", json={"purpose": "section-47", "identifier": identifier}
    )

    assert 422 == answer.status_code
    assert "Marsh" not in answer.text


def test_an_auditor_replays_the_story_without_its_content(served):
    chronology(served, "police-officer")
    story = served.program("auditor").post(f"/v1/children/{served.ann}/history", json={"purpose": "audit"})
    again = served.program("auditor").post(f"/v1/children/{served.ann}/history", json={"purpose": "audit"})
    told = [h["what"] for h in story.json()["data"]]

    assert "registered" == told[0]
    assert {"recorded", "withdrawn", "disclosed"} <= set(told)
    assert "canary" not in story.text
    assert "Marsh" not in story.text
    assert 1 == len(again.json()["data"]) - len(told)
    assert "history to demo-auditor" in again.json()["data"][-1]["detail"]


@pytest.mark.parametrize("role", ["social-worker", "police-officer", "caldicott-guardian", "operator"])
@pytest.mark.parametrize("purpose", ["audit", "section-47"])
def test_nobody_but_an_auditor_for_audit_replays_a_story(served, role, purpose):
    for child in (served.ann, uuid4()):
        answer = served.program(role).post(f"/v1/children/{child}/history", json={"purpose": purpose})

        assert 403 == answer.status_code


def test_openapi_describes_each_answer_by_what_is_really_sent(served):
    document = Asking(served.app).get("/v1/openapi.json").json()
    paths = document["paths"]
    named = references(document)

    assert named <= set(document["components"]["schemas"])
    assert {
        "/v1/children/search",
        "/v1/children/{child}/chronology",
        "/v1/children/{child}/flags",
        *(f"/v1/children/{{child}}/flags/{{flag}}/{act}" for act in FLAG_ACTS),
        "/v1/children/{child}/no-longer-true",
        "/v1/children/{child}/beside-flags",
        *(f"/v1/children/{{child}}/incidents{act}" for act in ("", "/{proposal}/one", "/{proposal}/two")),
        "/v1/children/{child}/due",
        "/v1/children/{child}/history",
        "/v1/children/{child}/who-saw",
        "/v1/children/{child}/shown",
        "/v1/audit/seen-by",
        "/v1/audit/unusual",
        "/v1/children/{child}/acts/{command}",
        "/v1/acts/{command}",
        "/v1/commands",
        *ACCESS_ACTS,
        *ACCESS_READS,
        *(f"/v1/children/{{child}}/entries/{{entry}}/{act}" for act in ENTRY_ACTS),
        *(f"/v1/subject-access{act}" for act in ("", "/prepare")),
        *(f"/v1/subject-access/{{request}}/{act}" for act in ("read", "answered", "approve", "refuse")),
        *(f"/v1/access/{act}" for act in ("questions", "{item}/tell", "{item}/told")),
        "/v1/children/{child}/ask-the-mash",
        "/v1/worklist",
        "/v1/partnership",
        "/v1/calendar",
        "/v1/calendar/{token}.ics",
        "/v1/demo/sign-in",
        "/health/live",
        "/health/ready",
    } == set(paths)
    assert ["200", "401", "403", "404", "413", "422", "429", "503"] == sorted(
        paths["/v1/children/{child}/chronology"]["post"]["responses"]
    )
    asked = {
        "knownAt",
        "from",
        "to",
        "agency",
        "significance",
        "theme",
        "strand",
        "limit",
        "cursor",
        "purpose",
    }
    assert asked == set(document["components"]["schemas"]["AskedChronology"]["properties"])
    assert "HTTPValidationError" not in document["components"]["schemas"]


def references(document):
    if isinstance(document, dict):
        own = {document["$ref"].rpartition("/")[2]} if isinstance(document.get("$ref"), str) else set()
        return own.union(*map(references, document.values()))
    if isinstance(document, list):
        return set().union(*map(references, document))
    return set()


def test_what_is_sent_keeps_to_the_document(served):
    from jsonschema_rs import Draft202012Validator

    document = Asking(served.app).get("/v1/openapi.json").json()
    responses = document["paths"]["/v1/children/{child}/chronology"]["post"]["responses"]
    schema = responses["200"]["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": document["components"]})

    for role in ("social-worker", "police-officer", "school-lead"):
        answer = chronology(served, role)
        if answer.status_code == 200:
            validator.validate(answer.json())
    with pytest.raises(Exception, match="required"):
        validator.validate({"data": {}})


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_pages_that_load_from_elsewhere_are_off(served, path):
    assert 404 == Asking(served.app).get(path).status_code
