"""Subject access by page and program: who prepares and approves, what is handed out, who is refused."""

import json
from uuid import uuid4

import pytest

from hub.domain.access import Closing, Interest
from hub.domain.child import By
from schemas.police import Intelligence
from tests.events import ANN, BEN, DAY, attendance, missing
from tests.hubs import NOW, take_all
from tests.sharing.test_access import LEAD
from tests.web.conftest import Served
from tests.web.test_pages import text, tree

IG, GUARDIAN = "information-governance-lead", "caldicott-guardian"
ASKS = {
    "reference": "URN 12/34",
    "asked-by": "A. Counsel, for a court",
    "basis": "court-order",
    "strand": "both",
}
WORDS, SECRET = "She came home late, and told nobody.", "canary-intelligence"
SECRETLY = Intelligence(
    agency="police", system="s", source_event_id="i1", occurred_at=DAY, summary=SECRET, **ANN
)


@pytest.fixture
def asked(desk):
    """A hub with Ann, of whom the police told something, some of it in confidence, and the hospital."""
    desk.publish(missing(summary=WORDS), attendance(day=1), SECRETLY, missing("b1", who=BEN))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        yield Served(hub)


def said(served, **more):
    return {"record": str(served.ann), "asker": "child", "asked-on": "2026-11-01", **more}


def prepared(served, **more):
    """The browser of who prepared an export, and its address."""
    lead = served.browser(IG)
    answer = lead.post("/subject-access", data=said(served, **more))
    return lead, answer.headers["location"].partition("?")[0]


def test_what_one_prepares_another_approves_and_it_is_handed_out_as_it_was_prepared(asked):
    lead, path = prepared(asked)
    draft = lead.get(path)
    early = lead.post(f"{path}/download", data={"file": "record.json"})
    own = lead.post(f"{path}/settle", data={"act": "approve"})
    guardian = asked.browser(GUARDIAN)
    read = guardian.get(path)
    approved = guardian.post(f"{path}/settle", data={"act": "approve"})
    page = guardian.get(approved.headers["location"])
    as_json, as_text = (lead.post(f"{path}/download", data={"file": f"record.{x}"}) for x in ("json", "txt"))
    questions = [d.question for d in asked.disclosures(asked.ann)]

    assert WORDS in text(draft)
    assert SECRET not in draft.text + as_json.text + as_text.text
    assert "crime: would prejudice its prevention or detection" in text(draft).partition("no trace")[2]
    assert "intelligence" not in as_json.text + as_text.text
    assert "neither confirmed nor denied" in text(draft)
    assert "neither confirmed nor denied" in " ".join(as_text.text.split())
    assert (422, 422, 303) == (early.status_code, own.status_code, approved.status_code)
    assert "a second person approves" in text(own).lower()
    assert (
        text(draft).partition("entries, in the order")[2][:80]
        == text(read).partition("entries, in the order")[2][:80]
    )
    assert "Police: 2 entries. Ring the police safeguarding unit." in text(draft)
    assert "Not answered yet: Police, Health." in text(read)
    assert ", before an answer of police, health" in text(page)
    assert "Police: 2 entries. No answer is recorded." in text(page)
    assert "What was handed out" in text(page)
    assert WORDS in [each["says"].get("summary") for each in json.loads(as_json.content)["entries"]]
    assert "WHAT THE SAFEGUARDING HUB HOLDS ABOUT YOU" in as_text.text
    assert "you may complain to the safeguarding partnership" in as_text.text
    assert 'attachment; filename="record.txt"' == as_text.headers["content-disposition"]
    assert {"subject-access-draft": 5, "subject-access": 4} == {q: questions.count(q) for q in set(questions)}


def test_it_is_prepared_again_without_an_entry_for_a_ground_and_the_first_is_not_handed_out(asked):
    lead, path = prepared(asked)
    (box,) = tree(lead.get(path)).xpath(f"//li[contains(., '{WORDS}')]//input[@name='hold']")
    nothing = lead.post(f"{path}/again", data={"reason": "Read"})
    no_ground = lead.post(f"{path}/again", data={"hold": box.get("value"), "reason": "It names her aunt"})
    how = {"hold": box.get("value"), "ground": "serious-harm", "reason": "It would tell who told us"}
    again = lead.post(f"{path}/again", data=how)
    second = again.headers["location"].partition("?")[0]
    page = lead.get(second)
    back = lead.post(f"{second}/again", data={"give": box.get("value"), "reason": "She knows already"})
    listed = text(lead.get("/subject-access"))

    assert (422, 422, 303, 303) == tuple(a.status_code for a in (nothing, no_ground, again, back))
    assert "Choose the ground" in text(no_ground)
    assert "It names her aunt" in no_ground.text
    assert WORDS not in text(page)
    assert "serious harm to the child or another person" in text(page)
    assert 404 == lead.get(path).status_code
    assert WORDS in text(lead.get(back.headers["location"]))
    assert "It would tell who told us" in listed


def test_what_may_be_confirmed_is_said_to_be_there_without_its_words_and_that_is_taken_back(asked):
    lead, path = prepared(asked)
    (box,) = tree(lead.get(path)).xpath("//input[@name='confirm']")
    why = {"reason": "The police say that it may be"}
    again = lead.post(f"{path}/again", data={"confirm": box.get("value"), **why})
    page = lead.get(again.headers["location"])
    (deny,) = tree(page).xpath("//input[@name='deny']")
    second = again.headers["location"].partition("?")[0]
    back = lead.get(lead.post(f"{second}/again", data={"deny": deny.get("value"), **why}).headers["location"])

    assert "Left out: police intelligence" in text(page)
    assert "Of these it has no trace" not in text(page)
    assert SECRET not in page.text
    assert "Of these it has no trace" in text(back)
    assert "Left out: police intelligence" not in text(back)


def test_what_an_agency_answers_of_its_words_stands_beside_them_and_beside_the_next_draft(asked):
    lead, path = prepared(asked)
    said_ = {"agency": "health", "answer": "leave-more-out", "said-by": "named nurse"}
    wrong = {at: lead.post(f"{path}/answered", data={**said_, at: ""}) for at in said_}
    strange = lead.post(f"{path}/answered", data={**said_, "agency": "housing"})
    told = lead.get(lead.post(f"{path}/answered", data=said_).headers["location"])
    _, second = prepared(asked)
    _, another = prepared(asked, **{"asked-on": "2026-11-02"})

    for at, answer in wrong.items():
        assert [f"#{at}"] == tree(answer).xpath("//div[@class='govuk-error-summary__body']//a/@href")
    assert "Nothing of this record is of that agency" in text(strange)
    left_out = (
        "Health: 1 entry. Ring the named nurse for safeguarding children. More of it is to be left out."
    )
    for page in (told, lead.get(second)):
        assert f"{left_out} Said by named nurse, recorded" in text(page)
        assert "Ring the police safeguarding unit. Not answered yet." in text(page)
    assert left_out not in text(lead.get(another))


@pytest.mark.parametrize(("kind", "of"), [("subject-access", {}), ("prosecution", ASKS)])
def test_what_can_no_longer_be_drawn_has_a_page_that_tells_nothing_of_it_and_is_settled_there(
    asked, kind, of
):
    lead, guardian = asked.browser(IG), asked.browser(GUARDIAN)

    def made():
        answer = lead.post(f"/{kind}", data=said(asked, **of))
        return answer.headers["location"].partition("?")[0]

    handed, path, other = made(), made(), made()
    guardian.post(f"{handed}/settle", data={"act": "approve"})
    entries = asked.hub.records.child(asked.ann).entries
    missed = [id_ for id_, kept in entries.items() if kept.entry.type == "police.missing-episode.v1"]
    asked.hub.gates.close(LEAD, asked.ann, Closing.SEALED, "Words", named=[LEAD], entries=missed)
    pages = [lead.get(at) for at in (handed, path)]
    approve = guardian.post(f"{path}/settle", data={"act": "approve"})
    silent = guardian.post(f"{path}/settle", data={"act": "refuse"})
    no_reason = lead.post(f"{other}/again", data={"anew": "yes"})
    again = lead.post(f"{other}/again", data={"anew": "yes", "reason": "It was narrowed"})
    refused = guardian.post(f"{path}/settle", data={"act": "refuse", "reason": "Narrowed"})

    for page in (*pages, approve, silent, no_reason):
        assert "can no longer be drawn" in text(page)
        assert WORDS not in page.text
        assert "missing" not in page.text
        assert "seal" not in page.text.replace("unsealed", "").lower()
    assert [200, 200, 422, 422, 422] == [p.status_code for p in (*pages, approve, silent, no_reason)]
    assert ["#reason", "#why-again"] == [
        tree(p).xpath("//div[@class='govuk-error-summary__body']//a/@href")[0] for p in (silent, no_reason)
    ]
    assert [0, 2] == [len(tree(page).xpath("//main//form")) for page in pages]
    assert (303, 303) == (again.status_code, refused.status_code)
    assert WORDS not in lead.get(again.headers["location"]).text
    assert 404 == lead.get(path).status_code
    assert 404 == lead.get(other).status_code


WRONG = (
    ({"record": "Ann"}, "record"),
    ({"asker": ""}, "asker"),
    ({"asked-on": "yesterday"}, "asked-on"),
)


def test_what_is_missing_is_said_and_what_is_not_handed_out_says_why(asked):
    lead, path = prepared(asked)
    for more, at in WRONG:
        answer = lead.post("/subject-access", data=said(asked, **more))
        assert 422 == answer.status_code
        assert [f"#{at}"] == tree(answer).xpath("//div[@class='govuk-error-summary__body']//a/@href")
    silent = lead.post(f"{path}/settle", data={"act": "refuse"})
    neither = lead.post(f"{path}/settle", data={"act": "perhaps"})
    refused = lead.post(f"{path}/settle", data={"act": "refuse", "reason": "Asked for by somebody else"})

    assert (422, 422, 303) == (silent.status_code, neither.status_code, refused.status_code)
    assert "Asked for by somebody else" in text(lead.get("/subject-access"))
    assert 404 == lead.post("/subject-access", data=said(asked, record=str(uuid4()))).status_code


def test_a_program_prepares_reads_approves_and_refuses_alike(asked):
    lead, guardian = asked.program(IG), asked.program(GUARDIAN)
    body = {"child": str(asked.ann), "asker": "parent", "askedOn": "2026-11-01"}
    entry = next(iter(asked.hub.records.child(asked.ann).entries))
    made = lead.post(
        "/v1/subject-access/prepare", json={**body, "held": [{"entry": str(entry), "ground": "crime"}]}
    )
    path = f"/v1/subject-access/{made.json()['data']['request']}"
    said_ = {"agency": "police", "answer": "may-be-handed-out", "saidBy": "data protection officer"}
    answered = lead.post(f"{path}/answered", json=said_)
    read, approved = lead.post(f"{path}/read"), guardian.post(f"{path}/approve")
    other = lead.post("/v1/subject-access/prepare", json=body).json()["data"]["request"]
    refused = lead.post(f"/v1/subject-access/{other}/refuse", json={"reason": "Withdrawn"})
    listed = guardian.post("/v1/subject-access").json()["data"]

    assert (201, 200, 200, 200) == tuple(a.status_code for a in (made, read, approved, refused))
    assert {"police": "may-be-handed-out"} == answered.json()["data"]["answers"]
    assert read.content == approved.content
    assert ("waits", 1, "2026-12-01") == tuple(made.json()["data"][x] for x in ("state", "held", "due"))
    assert ["refused", "approved"] == [each["state"] for each in listed]


@pytest.mark.parametrize("role", ["social-worker", "mash-coordinator", "auditor"])
def test_who_does_not_answer_for_information_governance_is_refused_alike_whatever_there_is(asked, role):
    _, path = prepared(asked)
    browser, program = asked.browser(role), asked.program(role)
    for there, none in ((path, f"/subject-access/{uuid4()}"),):
        answers = [browser.get(at) for at in (there, none)]
        acts = [browser.post(f"{at}/settle", data={"act": "approve"}) for at in (there, none)]
        reads = [program.post(f"/v1{at}/read") for at in (there, none)]
        for pair in (answers, acts, reads):
            assert [403, 403] == [answer.status_code for answer in pair]
            assert pair[0].content == pair[1].content
    children = [
        browser.post("/subject-access", data=said(asked, record=str(c))) for c in (asked.ann, uuid4())
    ]

    assert [403, 403, 403] == [a.status_code for a in (browser.get("/subject-access"), *children)]
    assert children[0].text == children[1].text


def test_a_record_that_is_barred_to_a_keeper_is_none_to_them(asked):
    lead, path = prepared(asked)
    barred = By(f"demo-{IG}", IG, "social-care")
    asked.hub.gates.close(
        LEAD, asked.ann, Closing.BARRED, "His niece", named=[barred], interest=Interest.RELATIVE
    )
    none = f"/subject-access/{uuid4()}"
    pairs = [
        [lead.get(at) for at in (path, none)],
        [lead.post(f"{at}/settle", data={"act": "refuse", "reason": "x"}) for at in (path, none)],
        [lead.post("/subject-access", data=said(asked, record=str(c))) for c in (asked.ann, uuid4())],
    ]

    for pair in pairs:
        assert [404, 404] == [answer.status_code for answer in pair]
        assert pair[0].text == pair[1].text
    assert str(asked.ann) not in lead.get("/subject-access").text
    assert 200 == asked.browser(GUARDIAN).get(path).status_code
