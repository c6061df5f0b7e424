"""One entry's page and routes: marked as disputed, answered by its agency; what is not yours is no entry."""

from uuid import uuid4

import pytest

from tests.casework.acting import follow
from tests.events import BEN, attendance, missing
from tests.hubs import NOW, take_all
from tests.sharing.test_access import contact
from tests.web.conftest import Served, allocated
from tests.web.test_pages import look, opened, text, tree

WHY = "Her mother says that she was at her aunt's that night <b>"
ANSWER = "The log was read again: it stands"


@pytest.fixture
def known(desk):
    """A hub with Ann, of whom police and health said something, and the police's entry."""
    desk.publish(missing(summary="Came home late"), attendance(day=2), contact(), missing("b1", who=BEN))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        served = Served(hub)
        allocated(hub, served.ann)
        kept = hub.records.child(served.ann).entries.values()
        served.entry = next(k.entry.id for k in kept if k.entry.agency == "police")
        served.page = f"/children/{served.ann}/entries/{served.entry}"
        yield served


def leads_to(answer):
    return tree(answer).xpath("//table//a[contains(@href, '/entries/')]/@href")


def test_an_entry_is_disputed_and_wears_its_mark_until_its_agency_answers(known):
    worker, officer = opened(known), opened(known, "police-officer")
    before = look(known)
    page = worker.get(known.page)
    marked = worker.post(known.page, data={"act": "dispute", "reason": WHY})
    told = worker.get(marked.headers["location"])
    chronology = look(known)
    asked = officer.get(known.page)
    follow(known.hub)
    waiting = {"whose": "agency", "agency": "police", "purpose": "section-47"}
    list_ = officer.post("/worklist", data=waiting)
    due = officer.get(f"/children/{known.ann}/protocol")
    settled = officer.post(known.page, data={"act": "settle", "reason": ANSWER})
    after = officer.get(settled.headers["location"])

    assert [] == leads_to(before)
    assert known.page in leads_to(look(known, detail="everything"))
    assert "Came home late" in text(page)
    assert (303, 303) == (marked.status_code, settled.status_code)
    assert "until the agency whose entry it is answers" in text(told)
    assert "It is for police to answer" in text(told)
    assert [known.page] == leads_to(chronology)
    assert WHY in text(chronology)
    assert "It is for your agency to say" in text(asked)
    for page_ in (list_, due):
        assert [known.page] == leads_to(page_)
        assert "Correction asked for" in text(page_)
    assert "Nothing that you may read has opened a pathway" not in text(due)
    assert "the mark is gone" in text(after)
    assert "Disputed since" not in text(after)
    assert "chronology" == known.disclosures(known.ann)[-1].question
    assert not leads_to(officer.get(f"/children/{known.ann}/protocol"))


def test_a_program_marks_and_answers_alike(known):
    path = f"/v1{known.page}"
    asked = {"purpose": "section-47", "reason": WHY}
    worker, officer = known.program("social-worker"), known.program("police-officer")
    marked = worker.post(f"{path}/dispute", json=asked)
    not_theirs = worker.post(f"{path}/settle", json=asked)
    settled = officer.post(f"{path}/settle", json={**asked, "reason": ANSWER})
    again = officer.post(f"{path}/settle", json=asked)

    answers = (marked, not_theirs, settled, again)
    assert [200, 403, 200, 422] == [answer.status_code for answer in answers]
    assert {"data": {"entry": str(known.entry)}} == marked.json() == settled.json()
    assert all("mother" not in answer.text for answer in answers)


def test_what_is_refused_is_said_and_nothing_typed_is_lost(known):
    officer = opened(known, "police-officer")
    empty = officer.post(known.page, data={"act": "dispute", "reason": " "})
    nothing = officer.post(known.page, data={"reason": WHY})
    officer.post(known.page, data={"act": "dispute", "reason": WHY})
    own = officer.post(known.page, data={"act": "settle", "reason": ANSWER})

    assert [422, 422, 422] == [answer.status_code for answer in (empty, nothing, own)]
    assert all(
        ["#reason"] == tree(a).xpath("//ul//a[starts-with(@href, '#reason')]/@href") for a in (empty, own)
    )
    assert WHY == tree(nothing).get_element_by_id("reason").text_content().strip()
    assert ANSWER == tree(own).get_element_by_id("reason").text_content().strip()
    assert "a second person does" in text(own)


def test_an_entry_that_is_not_yours_is_the_same_page_as_none(known):
    bens = next(iter(known.hub.records.child(known.ben).entries))
    worker = opened(known)
    for entry in (bens, uuid4()):
        path = f"/children/{known.ann}/entries/{entry}"
        answers = [worker.get(path), worker.post(path, data={"act": "dispute", "reason": WHY})]
        assert [404, 404] == [answer.status_code for answer in answers]
        assert 1 == len({answer.text for answer in answers})
    paths = {child: f"/children/{child}/entries/{known.entry}" for child in (known.ann, uuid4())}
    strange = [opened(known, "school-lead", child, "section-17").get(path) for child, path in paths.items()]

    assert [404, 404] == [answer.status_code for answer in strange]
    assert strange[0].text == strange[1].text
    assert {} == known.hub.records.child(known.ann).disputed


SEAL = {"what": "sealed", "person-1": "demo-police-officer", "role-1": "police-officer", "reason": "An order"}
KEEP_BACK = {"what": "not-shared", "agency": "health", "reason": "He would be sent home to it"}


def shown(known, role, purpose="section-47"):
    """Which agencies' entries a role is shown of Ann."""
    asked = {"purpose": purpose}
    answer = known.program(role).post(f"/v1/children/{known.ann}/chronology", json=asked)
    return {line["agency"] for line in answer.json()["data"]["lines"] if line["line"] == "entry"}


def test_one_entry_is_sealed_or_not_shared_and_the_rest_of_the_record_stays_open(known):
    coordinator = opened(known, "mash-coordinator", purpose="screening")
    entries = known.hub.records.child(known.ann).entries
    attended = next(id_ for id_, kept in entries.items() if kept.entry.agency == "health")
    kept_back = f"/children/{known.ann}/entries/{attended}"
    before = shown(known, "named-doctor")
    not_shared = coordinator.post(f"{kept_back}/close", data=KEEP_BACK)
    after = known.program("named-doctor").post(
        f"/v1/children/{known.ann}/chronology", json={"purpose": "section-47"}
    )
    sealed = coordinator.post(f"{known.page}/close", data=SEAL)
    listed = coordinator.get(sealed.headers["location"])

    assert "health" in before
    assert 404 == after.status_code or "health" not in after.text
    assert (303, 303, 404) == (
        not_shared.status_code,
        sealed.status_code,
        coordinator.get(known.page).status_code,
    )
    assert str(known.entry) in text(listed)
    assert "Health, 1 entry" in text(listed)
    assert {"police"} <= shown(known, "police-officer")
    assert "police" not in shown(known, "social-worker")


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({**SEAL, "what": ""}, "what"),
        ({**SEAL, "what": "barred"}, "what"),
        ({**SEAL, "person-1": ""}, "what"),
        ({**SEAL, "role-1": ""}, "what"),
        ({**KEEP_BACK, "agency": ""}, "what"),
        ({**SEAL, "reason": " "}, "why-closed"),
    ],
)
def test_what_a_closing_needs_is_asked_for_and_nothing_typed_is_lost(known, said, at):
    answer = opened(known, "mash-coordinator", purpose="screening").post(f"{known.page}/close", data=said)
    (form,) = tree(answer).xpath("//form[contains(@action, '/close')]")

    assert 422 == answer.status_code
    assert [f"#{at}"] == tree(answer).xpath("//div[@class='govuk-error-summary__body']//a/@href")
    assert said.get("person-1", "") == form.fields["person-1"]
    assert said["reason"].strip() == form.fields["reason"].strip()
    assert not known.hub.records.child(known.ann).access.closed


def test_who_keeps_no_access_closes_nothing_and_is_offered_no_form(known):
    worker = opened(known)

    assert not tree(worker.get(known.page)).xpath("//form[contains(@action, '/close')]")
    assert 403 == worker.post(f"{known.page}/close", data=SEAL).status_code
    assert not known.hub.records.child(known.ann).access.closed


RESTRICT = {"act": "restrict", "ground": "objection-pending", "reason": WHY}
LIFT = {"act": "lift", "reason": ANSWER, "told": "Her mother, by letter"}


def test_an_entry_is_restricted_on_its_page_and_lifted_by_its_agency_and_nothing_typed_is_lost(known):
    worker, officer = opened(known), opened(known, "police-officer")
    lacking = worker.post(known.page, data={**RESTRICT, "ground": "hunting"})
    empty = worker.post(known.page, data={**RESTRICT, "reason": " "})
    restricted = worker.post(known.page, data=RESTRICT)
    told = worker.get(restricted.headers["location"])
    chronology = look(known)
    kept = worker.post(known.page, data={"act": "keep", "reason": WHY})
    ours = worker.get(kept.headers["location"])
    unsaid = officer.post(known.page, data={**LIFT, "told": " "})
    lifted = officer.post(known.page, data=LIFT)
    after = officer.get(lifted.headers["location"])

    places = [
        tree(a).xpath("//div[@class='govuk-error-summary__body']//a/@href") for a in (lacking, empty, unsaid)
    ]
    assert [["#ground"], ["#why-restricted"], ["#told"]] == places
    assert WHY == tree(lacking).get_element_by_id("why-restricted").text_content().strip()
    assert ANSWER == tree(unsaid).get_element_by_id("why-lifted").text_content().strip()
    assert "" == tree(lacking).get_element_by_id("reason").text_content().strip()
    assert [422, 422, 303, 422, 303] == [a.status_code for a in (lacking, empty, restricted, unsaid, lifted)]
    assert "It is for police to lift" in text(told)
    assert "That the restriction is still needed is on the record" in text(ours)
    assert "Is the restriction still needed?" in text(ours)
    assert "Came home late" in text(told)
    assert "Restricted since" in text(chronology)
    assert "objection pending" in text(chronology)
    assert [known.page] == leads_to(chronology)
    assert "Restricted since" not in text(after)
    assert "Told before: Her mother, by letter" in text(after)


def test_a_program_restricts_and_lifts_alike(known):
    path, asked = f"/v1{known.page}", {"purpose": "section-47", "reason": WHY}
    worker, officer = known.program("social-worker"), known.program("police-officer")
    answers = (
        worker.post(f"{path}/restrict", json={**asked, "ground": "unlawful"}),
        worker.post(f"{path}/restrict", json={**asked, "ground": "hunting"}),
        worker.post(f"{path}/keep-restriction", json=asked),
        officer.post(f"{path}/keep-restriction", json=asked),
        worker.post(f"{path}/lift-restriction", json={**asked, "told": "Her mother"}),
        officer.post(f"{path}/lift-restriction", json={**asked, "told": "Her mother"}),
    )

    assert [200, 422, 200, 403, 403, 200] == [answer.status_code for answer in answers]
    assert {} == known.hub.records.child(known.ann).restrictions
