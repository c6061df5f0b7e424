"""Pages of access: broken glass, its review, requests; nothing typed is lost, what is refused looks alike."""

from uuid import uuid4

import pytest

from hub.domain.access import Closing
from hub.telling.matter import Matter, decided
from hub.telling.settings import Kind, Smtp, TellingSettings, To
from tests.hubs import NOW, POLICE_OFFICER
from tests.sharing.test_access import LEAD
from tests.web.test_gates_api import LATER, REASON, near  # noqa: F401 — a fixture
from tests.web.test_pages import spaced, text, tree

SMTP = Smtp(host="127.0.0.1", port=25, security="none", sender="hub@example.invalid")
TO = To(email=("ig@example.invalid",))
ANN = {
    "purpose": "section-47",
    "system": "nhs-number",
    "value": "944 930 5552",
    "strand": "both",
    "reason": REASON,
}


def broken(near, **said):  # noqa: F811
    browser = near.browser("social-worker")
    return browser, browser.post("/access/break-glass", data={**ANN, **said})


def waiting(near, role="caldicott-guardian"):  # noqa: F811
    """The first that waits on the desk of a role, and the browser it stands in."""
    browser = near.browser(role)
    links = tree(browser.get("/access")).xpath("//a[starts-with(@href, '/access/waiting/')]/@href")
    return browser, links


def test_who_found_no_record_breaks_the_glass_without_typing_again_and_is_let_in(near):  # noqa: F811
    browser = near.browser("social-worker")
    nobody = browser.post("/children/find", data={k: v for k, v in ANN.items() if k != "reason"})
    (form,) = tree(nobody).xpath("//form[@action='/access/break-glass/begin']")
    begun = browser.post(form.action, data=dict(form.fields))
    (filled,) = tree(begun).xpath("//form[@action='/access/break-glass']")
    opened = browser.post(filled.action, data={**filled.fields, "strand": "both", "reason": REASON})
    shown = browser.get(opened.headers["location"])

    assert (404, 303, 200) == (nobody.status_code, opened.status_code, shown.status_code)
    assert "944 930 5552" == filled.fields["value"]
    assert "You look under broken glass until" in text(shown)
    assert "Open until" in text(browser.get("/access"))


MISSING = (
    ({"reason": ""}, "reason", "Enter your reason"),
    ({"reason": "urgent"}, "reason", "Write the reason in at least 20 characters"),
    ({"purpose": ""}, "purpose", "Say why you are looking"),
    ({"strand": ""}, "strand", "Say what of the child you must see"),
    ({"value": ""}, "value", "Enter a number, or a name and date of birth"),
)


@pytest.mark.parametrize("path", ["/access/break-glass", "/access/ask"])
def test_what_is_missing_is_said_and_nothing_typed_is_lost(near, path):  # noqa: F811
    browser = near.browser("social-worker")
    for said, at, says in MISSING[:: 2 if path == "/access/ask" else 1]:
        answer = browser.post(path, data={**ANN, **said})
        (form,) = tree(answer).xpath(f"//form[@action='{path}']")
        kept = {name: (form.fields[name] or "").strip() for name in ("value", "reason")}

        assert 422 == answer.status_code
        assert [f"#{at}"] == tree(answer).xpath("//div[@class='govuk-error-summary__body']//a/@href")
        assert says in text(answer)
        assert {name: {**ANN, **said}[name] for name in kept} == kept


def test_a_sealed_record_and_none_are_the_same_page(near):  # noqa: F811
    near.hub.gates.close(LEAD, near.ann, Closing.SEALED, "An order", named=(POLICE_OFFICER.by,))
    _, sealed = broken(near)
    _, nobody = broken(near, value="9990000000")

    assert 404 == sealed.status_code
    assert nobody.text.replace("9990000000", "944 930 5552") == sealed.text
    assert "No record of this child" in text(sealed)
    assert REASON in sealed.text


def test_a_review_shows_the_reason_and_what_was_seen_and_closes_what_was_not_justified(near):  # noqa: F811
    worker, opened = broken(near)
    worker.get(opened.headers["location"])
    guardian, (link,) = waiting(near)
    page = guardian.get(link)
    again = guardian.post(f"{link}/review", data={"reason": "There was no danger."})
    done = guardian.post(f"{link}/review", data={"justified": "no", "reason": "There was no danger."})
    after = worker.get(opened.headers["location"])

    assert REASON in text(page)
    assert "Chronology" in text(page)
    assert 422 == again.status_code
    assert "Choose whether it should have been broken" in text(again)
    assert "There was no danger." in again.text
    assert (303, 404) == (done.status_code, after.status_code)
    assert [] == waiting(near)[1]
    assert "Not justified" in text(guardian.get("/access?settled=yes"))


def test_a_review_is_given_to_a_named_person_and_then_theirs(near):  # noqa: F811
    broken(near)
    guardian, (link,) = waiting(near)
    whom = {"person": "demo-information-governance-lead", "role": "information-governance-lead"}
    empty = guardian.post(f"{link}/give", data={"role": whom["role"]})
    given = guardian.post(f"{link}/give", data=whom)
    refused = guardian.post(f"{link}/review", data={"justified": "yes", "reason": "Mine"})
    theirs = near.browser(whom["role"]).post(f"{link}/review", data={"justified": "yes", "reason": "Ours"})

    assert (422, 303, 422, 303) == tuple(a.status_code for a in (empty, given, refused, theirs))
    assert "The review was given to another named person" in text(refused)


def test_requests_for_a_record_and_for_none_look_alike_until_one_is_granted(near):  # noqa: F811
    worker = near.browser("social-worker")
    values = "9449305552", "9990000000"
    taken = [worker.post("/access/ask", data={**ANN, "value": value}) for value in values]
    before = [spaced(row) for row in tree(worker.get("/access")).cssselect("tbody tr")]
    lead, (link,) = waiting(near, "mash-coordinator")
    wrong = lead.post(f"{link}/answer", data={"grant": "yes", "days": "99", "reason": "Needed"})
    done = lead.post(f"{link}/answer", data={"grant": "yes", "days": "7", "reason": "Needed"})
    after = text(worker.get("/access"))

    assert {303} == {answer.status_code for answer in taken}
    assert [True, True] == ["Waits You see what came of it by" in row for row in before]
    assert 422 == wrong.status_code
    assert "Enter a number of days from 1 to 28" in text(wrong)
    assert 303 == done.status_code
    assert "Open until" in after


def test_nobody_reads_of_what_waits_but_who_settles_it_and_it_is_not_there_for_others(near):  # noqa: F811
    broken(near)
    _, (link,) = waiting(near)
    nothing = f"/access/waiting/{uuid4()}"
    school = [near.browser("school-lead").get(at) for at in (link, nothing)]
    auditor = [near.browser("auditor").get(at) for at in (link, nothing)]

    assert [403, 403] == [answer.status_code for answer in school]
    assert [200, 404] == [answer.status_code for answer in auditor]
    assert "Your review" not in text(auditor[0])


def test_the_glass_is_broken_by_who_has_just_signed_in_and_what_was_written_waits_meanwhile(near):  # noqa: F811
    browser = near.browser("social-worker")
    near.time.now += LATER
    sent = browser.post("/access/break-glass", data=ANN)
    back = browser.post("/sign-in", data={"role": "social-worker"})
    (form, *_) = tree(browser.get(back.headers["location"])).xpath("//form[@action='/access/break-glass']")
    opened = browser.post(form.action, data=dict(form.fields))

    assert (303, "/sign-in/again") == (sent.status_code, sent.headers["location"])
    assert REASON == form.fields["reason"]
    assert "/chronology" in opened.headers["location"]


def test_a_record_is_closed_listed_and_lifted_and_nothing_typed_is_lost(near):  # noqa: F811
    lead, path = near.browser("information-governance-lead"), f"/access/closed/{near.ann}"
    said = {"what": "sealed", "person-1": "po", "role-1": "police-officer", "reason": "An order of the court"}
    wrong = lead.post(path, data={**said, "role-1": ""})
    done = lead.post(path, data=said)
    stands = lead.get(done.headers["location"])
    (form,) = tree(stands).xpath("//form[contains(@action, '/lift')]")
    sealed = broken(near)[1]
    empty = lead.post(form.action, data={"reason": ""})
    lifted = lead.post(form.action, data={"reason": "The order ended"})

    assert (422, 303, 404, 422, 303) == tuple(
        answer.status_code for answer in (wrong, done, sealed, empty, lifted)
    )
    assert "Choose the role of everybody you name" in text(wrong)
    assert "An order of the court" in text(stands)
    assert "An order of the court" in wrong.text
    assert "Nothing of it is closed" in text(lead.get(path))
    assert 303 == broken(near)[1].status_code


@pytest.mark.parametrize("what", ["barred", "not-shared", "address-shielded", ""])
def test_what_a_closing_needs_is_asked_for(near, what):  # noqa: F811
    lead = near.browser("mash-coordinator")
    path = f"/access/closed/{near.ann}"
    answer = lead.post(path, data={"what": what, "reason": "A reason"})

    assert (303 if what == "address-shielded" else 422) == answer.status_code
    assert 404 == lead.get(f"/access/closed/{uuid4()}").status_code
    assert 403 == near.browser("school-lead").get(path).status_code


def test_a_message_leads_to_what_waits(near):  # noqa: F811
    settings = TellingSettings(address="https://hub.example.invalid", smtp=SMTP, to={"ig": TO})
    item = uuid4()
    leads = {
        Kind.GLASS_BROKEN: f"/access/waiting/{item}",
        Kind.ACCESS_GRANTED: "/access",
        Kind.BAR_MET: f"/access/closed/{near.ann}",
    }
    found = {}
    for kind in leads:
        told = decided(Matter(kind, item, "1", near.ann, ("ig",), NOW), settings)
        near.hub.records.record(told)
        found[kind] = near.browser("caldicott-guardian").get(f"/told/{next(iter(told))}").headers["location"]

    assert leads == found
