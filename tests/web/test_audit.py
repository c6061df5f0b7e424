"""The auditor's desk and its API: what is told, to whom, and that it is on record first."""

import re

import pytest

from hub.domain.child import Disclosed
from tests.web.conftest import CANARIES
from tests.web.test_pages import opened, text, tree

ASKED = {"purpose": "audit"}
SPAN = {"since": "2026-11-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}


@pytest.fixture(scope="module")
def seen(served):
    """Ann's chronology was looked at by her social worker."""
    opened(served).get(f"/children/{served.ann}/chronology")
    return served


def last(served, child, question="chronology"):
    found = [e for e in served.hub.records.history(child) if isinstance(e.body, Disclosed)]
    return [e.originator_version for e in found if e.body.question == question][-1]


def desk(served, path, **said):
    return served.browser("auditor").post(f"/audit/{path}", data=said)


def test_a_story_is_told_step_by_step_with_the_record_as_it_stood(seen):
    first = desk(seen, "story", child=seen.ann, step="2")
    whole = desk(seen, "story", child=seen.ann)
    entries = [len(tree(page).cssselect("table")[0].cssselect("tbody tr")) for page in (first, whole)]

    assert "Told up to step 2 of" in text(first)
    assert 1 == entries[0] < entries[1]
    assert "2" == tree(first).cssselect("input[type=range]")[0].get("value")
    assert "no such word" not in whole.text


@pytest.mark.parametrize("step", ["0", "99999999999", "-1", "x", "9" * 400])
def test_a_step_that_is_none_tells_the_story_none_the_less(seen, step):
    assert 200 == desk(seen, "story", child=seen.ann, step=step).status_code


def test_a_day_tells_the_story_to_its_end(seen):
    early = desk(seen, "story", child=seen.ann, until="2001-01-01")

    assert "Told up to step 1 of" in text(early)


def test_the_page_as_it_was_shown_is_the_same_and_covered(seen):
    page = desk(seen, "shown", disclosure=f"{seen.ann}@{last(seen, seen.ann)}")

    assert "byte for byte" in text(page)
    assert "police.missing-episode.v1" in text(page)
    assert not [word for word in CANARIES.values() if word in page.text]


def test_who_saw_and_what_somebody_saw_lead_to_what_was_shown(seen):
    who = desk(seen, "who-saw", child=seen.ann)
    saw = desk(seen, "seen-by", person="demo-social-worker", since="2026-11-01", until="2026-12-31")
    number = f"{seen.ann}@{last(seen, seen.ann)}"

    assert number in {field.get("value") for field in tree(who).cssselect("input[name=disclosure]")}
    assert number in {field.get("value") for field in tree(saw).cssselect("input[name=disclosure]")}
    assert "Allocated" in text(who)


def test_the_ledger_is_shown_with_its_checkpoint_and_a_proof_of_one_event(seen):
    browser = seen.browser("auditor")
    seen.hub.ledger.catch_up()
    page = browser.get("/audit/ledger")
    note = browser.get("/audit/ledger/checkpoint")
    proof = browser.post("/audit/ledger/proof", data={"disclosure": f"{seen.ann}@2"})

    assert note.text in tree(page).cssselect("pre")[0].text_content()
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\nindex ")
    assert note.text in proof.text
    assert "attachment" in proof.headers["content-disposition"]


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        ("story", {"child": "nobody"}, 404),
        ("who-saw", {"child": "00000000-0000-4000-8000-000000000000"}, 404),
        ("shown", {"disclosure": "nothing"}, 422),
        ("shown", {"disclosure": "00000000-0000-4000-8000-000000000000@1"}, 422),
        ("seen-by", {"since": "2026-11-01"}, 422),
        ("seen-by", {"person": "p", "since": "yesterday"}, 422),
        ("ledger/proof", {"disclosure": "00000000-0000-4000-8000-000000000000@1"}, 422),
    ],
)
def test_what_is_asked_amiss_is_answered_and_not_echoed(seen, path, said, status):
    answer = desk(seen, path, **said)

    assert status == answer.status_code
    assert "yesterday" not in answer.text


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("children/{ann}/who-saw", ASKED),
        ("children/{ann}/shown", {**ASKED, "version": 2}),
        ("audit/seen-by", {**ASKED, **SPAN, "person": "demo-social-worker"}),
        ("audit/unusual", {**ASKED, **SPAN}),
    ],
)
def test_programs_are_told_only_where_they_ask_as_an_auditor(seen, path, asked):
    address = f"/v1/{path.format(ann=seen.ann)}"
    refused = seen.program("social-worker").post(address, json=asked)

    assert 403 == refused.status_code
    assert seen.program("auditor").post(address, json=asked).status_code in (200, 422)


def test_a_program_is_told_what_the_page_is(seen):
    address, asked = f"/v1/children/{seen.ann}/shown", {**ASKED, "version": last(seen, seen.ann)}
    told = seen.program("auditor").post(address, json=asked).json()["data"]
    looks = seen.program("auditor").post(f"/v1/children/{seen.ann}/who-saw", json=ASKED).json()["data"]

    assert "same" == told["verdict"]
    assert re.fullmatch("[0-9a-f]{64}", told["digest"])
    assert told["digest"] == told["drawn_digest"]
    assert "chronology" in {look["question"] for look in looks}


def test_nobody_else_comes_to_the_desk(seen):
    worker = seen.browser("social-worker")
    answers = [
        worker.post("/audit/who-saw", data={"child": seen.ann}),
        worker.post("/audit/unusual", data={"person": ""}),
        worker.get("/audit/ledger"),
        worker.get("/audit/ledger/checkpoint"),
        worker.post("/audit/ledger/proof", data={"disclosure": f"{seen.ann}@2"}),
    ]

    assert {403} == {answer.status_code for answer in answers}
