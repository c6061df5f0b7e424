"""One entry's page and routes: marked as disputed, answered by its agency; what is not yours is no entry."""

from uuid import uuid4

import pytest

from tests.events import BEN, attendance, missing
from tests.hubs import NOW, take_all
from tests.web.conftest import Served, allocated
from tests.web.test_pages import look, opened, text, tree

WHY = "Her mother says that she was at her aunt's that night <b>"
ANSWER = "The log was read again: it stands"


@pytest.fixture
def known(desk):
    """A hub with Ann, of whom police and health said something, and the police's entry."""
    desk.publish(missing(summary="Came home late"), attendance(day=2), missing("b1", who=BEN))
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
    assert "the mark is gone" in text(after)
    assert "Disputed since" not in text(after)
    assert "chronology" == known.disclosures(known.ann)[-1].question


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
