"""Questions of identity, and what could not be taken, on their pages: the acts of the command line."""

import json
from uuid import uuid4

import pytest

from hub.audit import prosecution
from hub.audit.desk import shown_at, stood_at
from hub.audit.explaining import disclosures_of
from hub.audit.prosecution import Asked
from hub.casework.identity import may_be_twins
from hub.domain.access import Closing, Interest
from hub.domain.child import By, allocate
from hub.domain.question import Answer
from hub.domain.strand import Opens
from hub.errors import UnknownChild
from hub.intake.questions import questions
from hub.sharing.look import Reader
from hub.web.app import create_app
from tests.audit.test_replaying import AUDITOR, hall
from tests.events import ANN, attendance, concern, missing
from tests.hubs import Desk, take_all
from tests.web.conftest import AT, Served
from tests.web.test_pages import spaced, text, tree


def who(number, **more):
    return {**ANN, "identifiers": ({"system": "upn", "value": number},), **more}


COORDINATOR = By("demo-mash-coordinator", "mash-coordinator", "social-care")
LEAD = By("ig", "information-governance-lead", "social-care")
TWIN = {"name": {"family": "Marsh", "given": "Amy"}}


@pytest.fixture
def alike(tmp_path):
    """Two records that look alike, one of which holds an entry of a third child."""
    desk = Desk(tmp_path / "data")
    desk.publish(
        missing(who=who("A1")), concern(who=who("B2"), summary="at school"), attendance(who=who("B2"))
    )
    with desk.open(at=AT) as hub:
        take_all(hub)
        served = Served(hub)
        (asked,) = questions(hub.records)
        for record in (asked.opened.provisional, *asked.opened.candidates):
            hub.records.act(record, lambda child: allocate(child, COORDINATOR, None, COORDINATOR))
        served.asked, served.path = asked, f"/identity/{asked.id}"
        served.candidate = asked.opened.candidates[0]
        yield served


def act(served, role="mash-coordinator", **said):
    return served.browser(role).post(served.path, data=said)


def facts(page):
    return [spaced(row) for row in tree(page).cssselect("table.accounts tbody tr")]


def standing(served):
    (asked,) = questions(served.hub.records, every=True)
    return asked.answered.answer if asked.answered else None


def test_a_question_shows_what_the_records_share_and_in_what_they_differ(alike):
    coordinator = alike.browser("mash-coordinator")
    listed, page = text(coordinator.get("/identity")), coordinator.get(alike.path)

    assert "Look alike without shared identifier: 2 records" in listed
    assert "Ann" not in listed
    assert "Last name The same Marsh Marsh" in facts(page)
    assert "Date of birth The same Thu 05 Apr 2012 Thu 05 Apr 2012" in facts(page)
    assert "Unique pupil number (UPN) They differ" in " ".join(facts(page))
    assert [("chronology", "screening")] == [
        (d.question, d.purpose) for d in alike.disclosures(alike.candidate)
    ]


def test_one_born_on_one_day_with_one_last_name_and_another_first_name_may_be_a_twin():
    assert may_be_twins([who("A1"), who("B2", **TWIN)])
    assert not may_be_twins([who("A1"), who("B2")])
    assert not may_be_twins([who("A1"), {**who("B2", **TWIN), "date_of_birth": "2013-04-05"}])


def test_they_are_said_to_be_one_child_and_it_is_undone(alike):
    done = act(alike, act="same", child=str(alike.candidate), reason="The school confirmed the number.")
    page = alike.browser("mash-coordinator").get(done.headers["location"])
    one, then = standing(alike), alike.hub.clock()
    here, hub = alike.asked.opened.provisional, alike.hub
    court = Asked("URN 1", "court-order", "A. Counsel", Opens.BOTH)
    prosecution.prepare(hub.records, hub.policy, LEAD, here, court, {}, uuid4, prosecution.load())
    undone = act(alike, act="different", reason="It was her cousin.")

    assert (303, 303) == (done.status_code, undone.status_code)
    assert "They are read as one child from now on" in text(page)
    assert (Answer.SAME, Answer.DIFFERENT) == (one, standing(alike))
    assert "demo-mash-coordinator" in text(alike.browser("mash-coordinator").get("/identity"))
    assert 1 == len(prosecution.ASKED.listed(hub.records, LEAD))
    another = By("another", LEAD.role, LEAD.agency)
    joint = next(d for d in disclosures_of(hub.records, alike.candidate) if d.disclosed.stood_on.beside)
    assert shown_at(hall(hub), AUDITOR, alike.candidate, joint.version).covered
    assert stood_at(hall(hub), AUDITOR, alike.candidate, then, joint.version)
    barred = ((LEAD, alike.candidate, COORDINATOR), (another, here, LEAD), (another, here, AUDITOR.by))
    for by, child, other in barred:
        bar = {"named": [other], "interest": Interest.RELATIVE}
        hub.gates.close(by, child, Closing.BARRED, "His niece", **bar)
    barred = act(alike, act="same", child=str(alike.candidate), reason="I know her.")
    assert (422, Answer.DIFFERENT) == (barred.status_code, standing(alike))
    assert [] == prosecution.ASKED.listed(hub.records, LEAD)  # it was drawn from this record too
    with pytest.raises(UnknownChild):
        shown_at(hall(hub), AUDITOR, alike.candidate, joint.version)
    with pytest.raises(UnknownChild):
        stood_at(hall(hub), AUDITOR, alike.candidate, then, joint.version)
    share, held = alike.hub.share, {*alike.hub.records.child(here).entries}
    for known_at in (None, then):  # nor is it read by asking for the time when they were taken for one
        assert held == {
            line.id for line in share.chronology(Reader(COORDINATOR, "screening"), here, known_at).lines
        }


def test_an_answer_without_a_reason_is_asked_again_and_nothing_is_lost(alike):
    page = act(alike, act="same", child=str(alike.candidate), reason=" ")
    root = tree(page)

    assert 422 == page.status_code
    assert "#reason" == root.cssselect(".govuk-error-summary a")[0].get("href")
    assert root.get_element_by_id("child-1").get("checked") is not None
    assert standing(alike) is None


def test_entries_are_moved_to_a_record_of_their_own_with_the_reason(alike):
    record, entry = next(
        (record, id_)
        for record in (alike.asked.opened.provisional, alike.candidate)
        for id_, kept in alike.hub.records.child(record).entries.items()
        if kept.entry.agency == "health"
    )
    said = {"act": "move", "from": str(record), "entry": str(entry), "to": "new"}
    unsaid, then = act(alike, **said), alike.hub.clock()
    moved = act(alike, **said, **{"move-reason": "Another girl of this name."})

    assert (422, 303) == (unsaid.status_code, moved.status_code)
    assert tree(unsaid).cssselect(f'input[value="{entry}"]')[0].get("checked") is not None
    assert 3 == len(alike.hub.records.children())
    assert entry not in {line.entry.id for line in alike.hub.records.lines(record)}
    past = alike.hub.share.chronology(Reader(COORDINATOR, "screening"), record, then)
    assert entry not in {line.id for line in past.lines}


def test_only_entries_this_person_reads_on_records_of_this_question_are_moved(alike):
    record, other = str(alike.asked.opened.provisional), str(alike.candidate)
    entry = next(iter(alike.hub.records.child(alike.candidate).entries))
    said = {"act": "move", "to": "new", "move-reason": "x"}
    foreign = act(alike, **said, **{"from": record, "entry": str(entry)})
    blind = act(alike, "operator", **said, **{"from": other, "entry": str(entry)})
    elsewhere = act(alike, **{**said, "from": other, "entry": str(entry), "to": str(alike.asked.id)})

    assert (422, 422, 422) == (foreign.status_code, blind.status_code, elsewhere.status_code)


def test_whoever_reads_no_record_sees_none_there_and_others_are_refused(alike):
    operator = alike.browser("operator").get(alike.path)
    refused = [alike.browser("social-worker").get(path) for path in ("/identity", alike.path, "/quarantine")]

    assert "Nothing of these records is yours to read" in text(operator)
    assert "Marsh" not in operator.text
    assert [403, 403, 403] == [page.status_code for page in refused]
    assert 403 == act(alike, "social-worker", act="different", reason="x").status_code


class Window(Served):
    """An open hub without children, and its app."""

    def __init__(self, hub):
        self.hub, self.app = hub, create_app(hub)


@pytest.fixture
def held(tmp_path):
    """A hub with one delivery held, whose sender's key is not known."""
    desk = Desk(tmp_path / "data")
    desk.publish(missing(who=who("A1"), summary="canary-held"))
    known = desk.settings.agency_keys.read_text()
    desk.settings.agency_keys.write_text(json.dumps({}))
    with desk.open(at=AT) as hub:
        take_all(hub)
        served = Window(hub)
        (one,) = hub.records.archive.rows.quarantined()
        served.one, served.known = one, lambda: desk.settings.agency_keys.write_text(known)
        yield served


def state(held):
    return held.hub.records.archive.rows.quarantined(None, held.one.id)[0]


def test_what_is_held_is_shown_with_its_reason_and_never_with_what_it_says(held):
    operator = held.browser("operator")
    listed, page = operator.get("/quarantine"), operator.get(f"/quarantine/{held.one.id}")

    assert held.one.held.topic in text(listed)
    assert "What it says is sealed, and shown to nobody" in text(page)
    assert "canary" not in listed.text + page.text


def test_it_is_tried_again_and_taken_once_its_key_is_known(held):
    operator, path = held.browser("operator"), f"/quarantine/{held.one.id}"
    early = operator.post(path, data={"act": "retry"})
    held.known()
    taken = operator.post(path, data={"act": "retry"})

    assert (422, 303) == (early.status_code, taken.status_code)
    assert "It still cannot be taken" in text(early)
    assert ("retried", "demo-operator") == (state(held).state, state(held).ended_by)
    assert "It was taken" in text(operator.get(taken.headers["location"]))
    assert 1 == len(held.hub.records.children())


def test_it_is_given_up_with_a_reason_by_those_who_look_after_it_only(held):
    operator, path = held.browser("operator"), f"/quarantine/{held.one.id}"
    unsaid = operator.post(path, data={"act": "discard", "reason": ""})
    foreign = held.browser("mash-coordinator").post(path, data={"act": "discard", "reason": "x"})
    before = state(held).state
    done = operator.post(path, data={"act": "discard", "reason": "sent anew"})

    assert (422, 403, "held", 303) == (unsaid.status_code, foreign.status_code, before, done.status_code)
    assert ("discarded", "demo-operator: sent anew", b"") == (
        state(held).state,
        state(held).ended_by,
        state(held).held.sealed or b"",
    )
    assert 422 == operator.get("/quarantine/999").status_code
