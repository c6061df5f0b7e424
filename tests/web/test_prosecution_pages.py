"""What a prosecutor or a court asks for, on a page: who prepares and approves, what is handed out."""

import io
import json
import zipfile
from uuid import uuid4

import pytest

from hub.audit import prosecution, standalone
from hub.audit.keeping import LedgerKeeper
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.errors import Unavailable
from tests.events import BEN, attendance, missing
from tests.hubs import NOW, take_all
from tests.sharing.test_access import LEAD
from tests.web.conftest import Served
from tests.web.test_pages import text, tree
from tests.web.test_subject_access_pages import GUARDIAN, IG, SECRET, SECRETLY, WORDS

CHILDS, WHERE = "She says she waited at the bus stop.", "4 Canary Street"


@pytest.fixture
def asked(desk):
    """A hub with Ann, of whom the police told something, some of it in confidence, and the hospital."""
    told = missing(summary=WORDS, return_account=CHILDS, address=WHERE)
    desk.publish(told, attendance(day=1), SECRETLY, missing("b1", who=BEN))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        served = Served(hub)
        keys = {a.value: k.signing.public_key().public_bytes_raw().hex() for a, k in desk.agencies.items()}
        served.agencies = standalone.read_keys([f"{agency}={key}" for agency, key in keys.items()])
        yield served


LACKING = {"record": "Ann", "reference": " ", "asked-by": "", "basis": "x", "strand": "", "since": "x"}
WRONG = "//div[@class='govuk-error-summary__body']//a/@href"


def said(served, **more):
    asks = {"reference": "URN 12/34", "asked-by": "A. Counsel, for a court", "basis": "court-order"}
    return {"record": str(served.ann), **asks, "strand": "both", **more}


def prepared(served, **more):
    """The browser of who prepared it, and its address."""
    lead = served.browser(IG)
    answer = lead.post("/prosecution", data=said(served, **more))
    return lead, answer.headers["location"].partition("?")[0]


NONE = f"/prosecution/{uuid4()}"


def handed(answer):
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_what_one_prepares_another_approves_and_whoever_gets_it_checks_it(asked):
    lead, path = prepared(asked)
    draft = lead.get(path)
    early = lead.post(f"{path}/download")
    own = lead.post(f"{path}/settle", data={"act": "approve"})
    guardian = asked.browser(GUARDIAN)
    approved = guardian.post(f"{path}/settle", data={"act": "approve"})
    page, listed = guardian.get(approved.headers["location"]), lead.get("/prosecution")
    files = handed(guardian.post(f"{path}/download"))
    key = asked.hub.ledger.verifier_key()
    found = standalone.check_export(files["export.json"], files["proofs.json"].decode(), key, asked.agencies)
    questions = [d.question for d in asked.disclosures(asked.ann)]

    assert WORDS in text(draft)
    assert (404, 422, 303) == (early.status_code, own.status_code, approved.status_code)
    assert "a second person approves" in text(own).lower()
    assert SECRET not in draft.text + page.text + files["export.txt"].decode()
    assert CHILDS not in draft.text + files["export.txt"].decode()
    assert "the child's own words; not asked for by name" in text(draft)
    assert "What was handed out for URN 12/34" in text(page)
    assert "Handed out by demo-caldicott-guardian" in text(listed)
    assert {"export.json", "export.txt", "proofs.json", "verify_ledger.py", "how-to-check.txt"} == set(files)
    assert key in files["how-to-check.txt"].decode()
    assert found
    assert {"prosecution-draft": 4, "prosecution": 2} == {q: questions.count(q) for q in set(questions)}


def test_it_asks_by_name_for_days_and_agencies_and_is_prepared_again_without_an_entry_for_a_ground(asked):
    lead, path = prepared(asked, agency="police", since="2026-09-01", until="2026-09-01", also="account")
    draft = lead.get(path)
    (box,) = tree(draft).xpath("//input[@name='hold']/@value")
    lacking = lead.post(f"{path}/again", data={"hold": box, "reason": "Another's words"})
    nothing = lead.post(f"{path}/again", data={"reason": "x"})
    again = lead.post(f"{path}/again", data={"hold": box, "ground": "not-relevant", "reason": "Another's"})
    second = lead.get(again.headers["location"])
    listed = lead.get("/prosecution")
    made = again.headers["location"].partition("?")[0]
    back = lead.post(f"{made}/again", data={"give": box, "reason": "asked for"})
    answer = lead.post("/prosecution", data=said(asked, **LACKING))
    none = lead.post("/prosecution", data=said(asked, since="2030-01-01", agency="police"))

    assert 422 == answer.status_code == none.status_code
    assert [f"#{at}" for at in LACKING] == tree(answer).xpath(WRONG)
    assert "Nothing on this record is what the request asks for" in text(none)
    assert ["police"] == tree(none).xpath("//input[@name='agency'][@checked]/@value")
    assert "URN 12/34" in tree(none).get_element_by_id("reference").get("value")
    assert "1 entry, in the order they happened" in text(draft)
    assert CHILDS in text(draft)
    assert WHERE not in draft.text
    assert "Of which agencies Police" in text(draft)
    assert "from Tue 01 Sep 2026 to Tue 01 Sep 2026" in text(draft)
    assert ["#ground"] == tree(lacking).xpath(WRONG)
    assert ["#hold-1"] == tree(nothing).xpath(WRONG)
    assert "Left out: all of it. not what the request asks for" in text(second)
    assert WORDS not in second.text
    assert 404 == lead.get(path).status_code
    assert "Not handed out, by demo-information-governance-lead: Another's" in text(listed)
    assert WORDS in text(lead.get(back.headers["location"]))


def test_where_no_checkpoint_covers_it_yet_it_is_approved_and_waits(asked, monkeypatch):
    _, path = prepared(asked)
    guardian = asked.browser(GUARDIAN)

    def not_signed(*_):
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(LedgerKeeper, "latest_signed", not_signed)
        approved = guardian.post(f"{path}/settle", data={"act": "approve"})
        waits = guardian.get(approved.headers["location"])
        early = guardian.post(f"{path}/download")
    given = json.loads(handed(guardian.post(f"{path}/download"))["export.json"])

    assert "Its proofs wait for the next signed checkpoint" in text(waits)
    assert "Its proofs wait for the next signed checkpoint" in text(early)
    assert "URN 12/34" == given["reference"]


def test_it_is_none_to_a_keeper_from_whom_the_record_is_barred_and_refused_to_all_others_alike(asked):
    lead, path = prepared(asked)
    for browser in map(asked.browser, ("social-worker", "auditor")):
        for act in ("settle", "download", "again"):
            pair = [browser.post(f"{at}/{act}", data={"act": "approve"}) for at in (path, NONE)]
            assert [403, 403] == [answer.status_code for answer in pair]
            assert pair[0].content == pair[1].content
        answers = [browser.get(at) for at in (path, NONE, "/prosecution")]
        answers += [browser.post("/prosecution", data=said(asked))]
        assert {403} == {answer.status_code for answer in answers}
    barred = By(f"demo-{IG}", IG, "social-care")
    asked.hub.gates.close(
        LEAD, asked.ann, Closing.BARRED, "His niece", named=[barred], interest=Interest.RELATIVE
    )
    for pair in (
        [lead.get(at) for at in (path, NONE)],
        [lead.post(f"{at}/settle", data={"act": "refuse", "reason": "x"}) for at in (path, NONE)],
        [lead.post("/prosecution", data=said(asked, record=str(c))) for c in (asked.ann, uuid4())],
    ):
        assert [404, 404] == [answer.status_code for answer in pair]
        assert pair[0].text == pair[1].text
    assert str(asked.ann) not in lead.get("/prosecution").text
    assert prosecution.load().bases["court-order"] in text(asked.browser(GUARDIAN).get(path))
