"""The page of who is let near a record by word: what each needs, who may say it, what others learn."""

from functools import partial
from uuid import uuid4

import pytest

from tests.web.test_gates_api import LATER, REASON, near
from tests.web.test_pages import text, tree

__all__ = ["near"]
LEAD = "information-governance-lead"
SAID = {"days": "3", "reason": REASON}
AGENCY = {**SAID, "what": "agency", "agency": "health", "strand": "has-been-sexually-harmed", "days": "366"}
MEETING = {
    **SAID,
    "what": "meeting",
    "person-1": "demo-named-doctor",
    "role-1": "named-doctor",
    "strand": "both",
}


def test_an_agency_a_meeting_and_a_name_are_let_near_listed_and_an_agencys_work_ended(near):
    lead, path = near.browser(LEAD), f"/access/let-in/{near.ann}"
    doctor = near.program("named-doctor")
    looks = partial(doctor.post, f"/v1/children/{near.ann}/chronology", json={"purpose": "section-47"})
    before = looks()
    other = {**SAID, "what": "other-child", "other": str(near.ben)}
    done = [lead.post(path, data=said) for said in (AGENCY, MEETING, other)]
    during = looks()
    page = lead.get(done[0].headers["location"])
    form, *others = tree(page).xpath("//form[contains(@action, '/end')]")
    refused = [lead.post(one.action, data={**one.fields, "reason": " "}) for one in others]
    early = [lead.post(one.action, data={**one.fields, "reason": "It came to nothing"}) for one in others]
    never = lead.post(others[1].action, data={"reason": "No other child is named"})
    empty = lead.post(form.action, data={"reason": " "})
    ended = lead.post(form.action, data={"reason": "The doctor left"})
    after = lead.get(ended.headers["location"])

    assert (404, 200) == (before.status_code, during.status_code)
    assert [303, 303, 303, 422, 303] == [answer.status_code for answer in (*done, empty, ended)]
    assert [422, 422, 303, 303, 404] == [answer.status_code for answer in (*refused, *early, never)]
    assert all("reason is needed" in text(answer) for answer in refused)
    assert not [one.action for one in others if str(near.ben) in one.action]
    assert "Nobody is let near by word" in text(after)
    assert "It holds from now on" in text(page)
    assert 3 == text(page).count(REASON)
    assert "Health works with the child The child as one who has been harmed" in text(page)
    assert "demo-named-doctor (named doctor, health)" in text(page)
    assert str(near.ben) in text(page)
    assert ["#end-health"] == tree(empty).xpath("//div[@class='govuk-error-summary__body']//a/@href")
    assert "Health works with the child" not in text(after)
    assert "let-in" == near.hub.records.child(near.ann).disclosures[-1][1].question


WRONG = (
    ({**AGENCY, "what": "", "days": "3"}, "what", "Choose who is let near"),
    ({**AGENCY, "agency": "x"}, "agency", "Choose the agency"),
    ({**AGENCY, "strand": ""}, "strand", "Say what of the child"),
    ({**AGENCY, "days": "367"}, "days", "from 1 to 366"),
    ({**AGENCY, "reason": " "}, "reason", "Enter your reason"),
    ({**MEETING, "person-1": ""}, "person-1", "Name the members"),
    ({**MEETING, "role-1": ""}, "what", "Choose the role of everybody you name"),
    ({**MEETING, "person-1": f"demo-{LEAD}", "role-1": LEAD}, "what", "Nobody lets themselves in"),
    ({**MEETING, "days": "29"}, "days", "from 1 to 28"),
    ({**SAID, "what": "other-child", "other": "Ben"}, "other", "Enter the id"),
    ({**SAID, "what": "other-child", "other": str(uuid4())}, "other", "There is no such record"),
)


def test_what_is_missing_or_refused_is_said_and_nothing_typed_is_lost(near):
    lead, path = near.browser(LEAD), f"/access/let-in/{near.ann}"
    for said, at, says in WRONG:
        answer = lead.post(path, data=said)
        (form,) = tree(answer).xpath(f"//form[@action='{path}']")
        kept = {name: (form.fields[name] or "").strip() for name in said if name in form.fields}

        assert 422 == answer.status_code, said
        assert [f"#{at}"] == tree(answer).xpath("//div[@class='govuk-error-summary__body']//a/@href")
        assert says in text(answer)
        assert "x" == said.get("agency") or kept == {name: said[name].strip() for name in kept}
    assert not near.hub.records.child(near.ann).access.let_in
    assert "Nobody is let near by word" in text(lead.get(path))


@pytest.mark.parametrize("role", ["social-worker", "school-lead", "operator"])
def test_who_keeps_no_access_is_told_so_alike_whether_or_not_there_is_a_record(near, role):
    browser = near.browser(role)
    for act in (browser.get, lambda path: browser.post(path, data=AGENCY)):
        answers = [act(f"/access/let-in/{child}") for child in (near.ann, uuid4())]
        assert [403, 403] == [answer.status_code for answer in answers]
        assert answers[0].text == answers[1].text


def test_no_such_record_is_said_of_none_and_the_auditor_looks_on(near):
    lead, auditor = near.browser(LEAD), near.browser("auditor")
    none = f"/access/let-in/{uuid4()}"

    assert [404, 404] == [lead.get(none).status_code, lead.post(none, data=AGENCY).status_code]
    assert not tree(auditor.get(f"/access/let-in/{near.ann}")).xpath("//main//form")


def test_it_is_done_by_who_has_just_shown_who_they_are(near):
    lead = near.browser(LEAD)
    near.time.now += LATER
    sent = lead.post(f"/access/let-in/{near.ann}", data=AGENCY)

    assert (303, "/sign-in/again") == (sent.status_code, sent.headers["location"])
    assert not near.hub.records.child(near.ann).access.let_in
