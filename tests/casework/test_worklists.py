"""Worklists: what waits for a person, a team, an agency; and a calendar that says nothing of a child."""

from datetime import timedelta

import icalendar
import pytest

from hub.casework.calendars import NoCalendar
from hub.casework.recording import Who
from hub.casework.worklists import Whose
from hub.domain.child import By
from hub.errors import NotAllowed, Unavailable
from hub.sharing.look import Reader
from schemas.vocabulary import Agency
from tests.casework.acting import (
    COORDINATOR,
    HARMED,
    MONDAY,
    NURSE,
    REFERRED,
    SCHOOL,
    WORKER,
    child_of,
    follow,
    incident,
)
from tests.events import ANN, BEN
from tests.hubs import Desk, take_all

DUTY = Reader(By("sw-2", "social-worker", "social-care"), "section-47")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("lists") / "data")
    desk.publish(incident("i1"), incident("i2", who=BEN, part=HARMED, other=ANN))
    with desk.open(at=MONDAY + timedelta(hours=1)) as hub:
        take_all(hub)
        for who, part in ((ANN, "has-sexually-harmed"), (BEN, HARMED)):
            named = Who.model_validate({"identifiers": who["identifiers"]})
            hub.recorder.record_first(COORDINATOR.by, named, "receive-referral", {**REFERRED, "part": part})
        hub.recorder.record(COORDINATOR, child_of(hub), "allocate-worker", {"worker": "sw-1"})
        hub.recorder.record(COORDINATOR, child_of(hub, BEN), "allocate-worker", {"worker": "sw-2"})
    return desk


@pytest.fixture
def hub(desk):
    with desk.open(at=MONDAY + timedelta(days=4)) as hub:
        follow(hub)
        yield hub


def test_a_persons_list_is_of_their_own_children(hub):
    mine = hub.worklists.of(WORKER, Whose(person="sw-1"))
    theirs = hub.worklists.of(DUTY, Whose(person="sw-2"))

    assert {child_of(hub)} == {w.child for w in mine}
    assert {child_of(hub, BEN)} == {w.child for w in theirs}
    assert () == hub.worklists.of(WORKER, Whose(person="sw-9"))


def test_what_is_overdue_stands_first_and_what_is_done_not_at_all(hub):
    found = hub.worklists.of(WORKER, Whose(person="sw-1"))
    states = [w.item.state for w in found]

    assert "overdue" == states[0]
    assert states == sorted(states, key=["overdue", "due-soon", "open", "cannot-tell", "prompt"].index)
    assert not {"met", "superseded"} & set(states)
    assert ("R42", "arrange the strategy meeting") in {(w.item.obligation, w.item.asks) for w in found}


def test_an_agencys_list_is_what_waits_for_it(hub):
    police = hub.worklists.of(COORDINATOR, Whose(agency=Agency.POLICE))

    assert police
    assert {"police"} == {w.agency for w in police}
    assert {"Police"} == {w.item.of for w in police}
    for_care = hub.worklists.of(COORDINATOR, Whose(agency=Agency.SOCIAL_CARE))
    assert {"R42"} <= {w.item.obligation for w in for_care}


def test_a_teams_list_is_what_waits_for_it_by_the_name_the_pack_gives_it(hub):
    care = hub.worklists.of(COORDINATOR, Whose(team="Children's Social Care"))

    assert {"Children's Social Care"} == {w.item.of for w in care}
    assert () == hub.worklists.of(COORDINATOR, Whose(team="no such team"))


def test_who_was_told_is_asked_at_the_agency_whose_entry_set_it_going(hub):
    school = hub.worklists.of(SCHOOL, Whose(agency=Agency.SCHOOLS))

    assert {"schools"} == {w.agency for w in school}


def test_a_list_shows_no_child_its_reader_has_nothing_to_do_with(hub):
    assert () == hub.worklists.of(NURSE, Whose(agency=Agency.SOCIAL_CARE))
    with pytest.raises(NotAllowed):
        hub.worklists.of(Reader(WORKER.by, "audit"), Whose(person="sw-1"))


def test_that_a_list_was_shown_is_recorded_on_each_child_it_shows(hub):
    ann, ben = child_of(hub), child_of(hub, BEN)
    before = {child: len(hub.records.child(child).disclosures) for child in (ann, ben)}

    hub.worklists.of(WORKER, Whose(person="sw-1"))

    assert [1, 0] == [len(hub.records.child(c).disclosures) - before[c] for c in (ann, ben)]


def test_a_calendar_holds_titles_and_times_and_nothing_of_a_child(hub):
    token = hub.calendars.open(WORKER)
    before = len(hub.records.child(child_of(hub)).disclosures)

    said = hub.calendars.feed(token)

    calendar = icalendar.Calendar.from_ical(said)
    titles = {str(event["summary"]) for event in calendar.walk("VEVENT")}
    due = {w.item.due_at for w in hub.worklists.of(WORKER, Whose(person="sw-1")) if w.item.due_at}
    assert "Overdue: Strategy meeting within 72 hours" in titles
    started = {event["dtstart"].dt for event in calendar.walk("VEVENT")}
    assert {at.replace(microsecond=0) for at in due} == started
    text = said.decode().replace("\r\n ", "")
    ann = child_of(hub)
    for word in ("Marsh", "Ann", "9449305552", str(ann), ann.hex, ann.hex[:8], "sexually", "sw-1"):
        assert word not in text
    assert before + 1 == len(hub.records.child(ann).disclosures)


def test_the_same_thing_keeps_its_place_in_a_calendar(hub):
    token = hub.calendars.open(WORKER)
    uids = [
        [str(e["uid"]) for e in icalendar.Calendar.from_ical(hub.calendars.feed(token)).walk("VEVENT")]
        for _ in "ab"
    ]

    assert uids[0] == uids[1]
    assert len(uids[0]) == len(set(uids[0]))


def test_an_address_is_replaced_by_a_new_one_and_closed_for_good(hub):
    first, second = hub.calendars.open(DUTY), hub.calendars.open(DUTY)

    with pytest.raises(NoCalendar):
        hub.calendars.feed(first)
    assert hub.calendars.feed(second)
    assert hub.calendars.close(DUTY.by, DUTY.by)
    assert not hub.calendars.close(DUTY.by, DUTY.by)
    with pytest.raises(NoCalendar):
        hub.calendars.feed(second)


@pytest.mark.parametrize("wrong", ["", "-", "x-y", "0" * 32 + "-secret", "{child}-secret", "{real}"])
def test_no_address_is_guessed_and_what_is_no_calendar_answers_alike(hub, wrong):
    stream, _, secret = hub.calendars.open(WORKER).partition("-")
    token = wrong.format(child=child_of(hub).hex, real=f"{stream}-{secret[:-1]}")

    assert 43 == len(secret)
    with pytest.raises(NoCalendar):
        hub.calendars.feed(token)


@pytest.mark.parametrize(("together", "transactions"), [(128, 1), (1, 2)])
def test_a_list_of_several_children_is_recorded_some_at_a_time(hub, monkeypatch, together, transactions):
    everybody = {child_of(hub), child_of(hub, BEN)}
    before = {child: len(hub.records.child(child).disclosures) for child in everybody}
    archive, recorded = hub.records.archive, []
    record = archive.record
    monkeypatch.setattr("hub.records.records.TOGETHER", together)
    monkeypatch.setattr(archive, "record", lambda *what: recorded.append(what) or record(*what))

    listed = hub.worklists.of(COORDINATOR, Whose(agency=Agency.SOCIAL_CARE))

    assert everybody == {waiting.child for waiting in listed}
    assert transactions == len(recorded)
    assert [1, 1] == [len(hub.records.child(child).disclosures) - before[child] for child in everybody]


def test_a_list_of_which_not_all_can_be_recorded_is_not_shown(hub, monkeypatch):
    archive, recorded = hub.records.archive, []
    record = archive.record

    def once(*what):
        if recorded:
            raise Unavailable("the archive cannot be written now")
        recorded.append(what)
        record(*what)

    monkeypatch.setattr("hub.records.records.TOGETHER", 1)
    monkeypatch.setattr(archive, "record", once)

    with pytest.raises(Unavailable):
        hub.worklists.of(COORDINATOR, Whose(agency=Agency.SOCIAL_CARE))
