"""One incident or two: proposed by the hub, said by a named coordinator, an event of the child, redrawn."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hub.domain.child import OneIncident, RecordJoinedInto, TwoIncidents, join, part
from hub.domain.entry import Envelope
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.intake.splitting import split
from hub.patterns.life import State, Why
from schemas.case_event import Withdrawal
from schemas.health import EmergencyAttendance, SexualHealthContact
from schemas.police import OffenceReported
from schemas.schools import SexualBehaviourIncident
from tests.casework.test_flag_work import draw
from tests.events import BEN, DAY
from tests.hubs import NOW, SCHOOL_LEAD, SOCIAL_WORKER
from tests.journeys.commands import hub as command
from tests.sharing.test_flags import COORDINATOR, KNOWN, said

REASON = "canary: the school saw the first break, the police the walk home."
SCHOOL = said(SexualBehaviourIncident, "i1", "schools", 0, part="has-sexually-harmed", hsb_class="abusive")
POLICE = said(OffenceReported, "o1", "police", 1, part="has-sexually-harmed", hsb_class="abusive")
POLICE_ON_BEN = OffenceReported(
    agency="police",
    system="s",
    source_event_id="o1",
    occurred_at=DAY + timedelta(days=1),
    part="has-sexually-harmed",
    **BEN,
)
HOSPITAL = said(EmergencyAttendance, "a1", "health", 1.5, injury=True)


def only(hub):
    draw(hub)
    return max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))


def flag(hub, child, code="P01"):
    draw(hub)
    return next((f for f in hub.drawn.flags(child) if f.pattern == code), None)


def families(proposal):
    return [piece.family for piece in proposal.entries]


@pytest.fixture
def near(desk):
    desk.publish(SCHOOL, POLICE, KNOWN)
    with desk.open(at=NOW) as hub:
        yield desk, hub, only(hub)


def test_two_entries_near_in_time_are_proposed_and_until_somebody_speaks_they_raise_no_flag(near):
    _, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open

    assert ["schools", "police"] == families(proposal)
    assert flag(hub, child) is None


def test_said_to_be_two_they_count_as_two_and_the_word_stands_in_the_record_with_its_reason_sealed(near):
    _, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    hub.incident_work.two(COORDINATOR, child, proposal.id, (), REASON)
    after = hub.share.incidents(COORDINATOR, child)
    ((_, act),) = hub.records.child(child).incidents

    assert State.RAISED == flag(hub, child).state
    assert (TwoIncidents, COORDINATOR.by) == (type(act), act.by)
    assert REASON.encode() not in act.reason.sealed
    assert () == after.open
    assert [("two-incidents", REASON, 1, 1)] == [
        (s.what, s.reason, len(s.entries), len(s.others)) for s in after.said
    ]


def test_said_to_be_one_they_count_as_one_and_are_asked_of_no_more(near):
    _, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    hub.incident_work.one(COORDINATOR, child, proposal.id)
    after = hub.share.incidents(COORDINATOR, child)

    assert [(OneIncident, None)] == [(type(a), a.reason) for _, a in hub.records.child(child).incidents]
    assert ["one-incident"] == [one.what for one in after.said]
    assert () == after.open
    assert flag(hub, child) is None


def test_what_comes_later_opens_it_anew_and_what_is_said_then_holds(near):
    desk, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    hub.incident_work.two(COORDINATOR, child, proposal.id, (), REASON)
    desk.publish(HOSPITAL)
    draw(hub)
    proposals = hub.share.incidents(COORDINATOR, child).open

    assert [["police", "health"], ["schools", "health"]] == sorted(map(families, proposals))
    with pytest.raises(UnknownChild, match="no longer"):
        hub.incident_work.one(COORDINATOR, child, proposal.id)


def test_an_entry_withdrawn_takes_the_word_with_it_and_withdraws_the_flag(near):
    desk, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    hub.incident_work.two(COORDINATOR, child, proposal.id, (), REASON)
    raised = flag(hub, child)
    desk.publish(said(Withdrawal, "w1", "schools", 50, type="schools.withdrawal.v1", withdraws="i1"))
    fallen = flag(hub, child)
    after = hub.share.incidents(COORDINATOR, child)

    assert State.RAISED == raised.state
    assert (State.WITHDRAWN, Why.CHANGED_AT_SOURCE) == (fallen.state, fallen.turns[-1].why)
    assert ((), ()) == (after.open, after.said)


def test_an_entry_corrected_is_another_entry_of_which_it_is_asked_anew(near):
    desk, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    hub.incident_work.one(COORDINATOR, child, proposal.id)
    corrected = SCHOOL.model_copy(
        update={"source_event_id": "i2", "corrects": "i1", "occurred_at": DAY + timedelta(days=0.5)}
    )
    desk.publish(corrected)
    draw(hub)
    (anew,) = hub.share.incidents(COORDINATOR, child).open

    assert anew.id != proposal.id
    assert ["schools", "police"] == families(anew)


def test_records_joined_are_asked_of_together_and_parted_the_word_is_of_no_entry_that_is_left(desk):
    desk.publish(SCHOOL, POLICE_ON_BEN, KNOWN)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        (other,) = (c for c in hub.records.children() if c != child)
        assert () == hub.share.incidents(COORDINATOR, child).open
        merge = Envelope("social-care", b"the same child")
        survivor, merged = hub.records.child(child), hub.records.child(other)
        hub.records.record(
            {
                child: (survivor.version, join(survivor, merged, None, COORDINATOR.by, merge)),
                other: (merged.version, [RecordJoinedInto(survivor=child, question=None, by=COORDINATOR.by)]),
            }
        )
        (proposal,) = hub.share.incidents(COORDINATOR, child).open
        hub.incident_work.two(COORDINATOR, child, proposal.id, (), REASON)
        together = flag(hub, child)
        survivor, merged = hub.records.child(child), hub.records.child(other)
        hub.records.record(
            {
                child: (survivor.version, part(survivor, other, COORDINATOR.by, merge)),
                other: (merged.version, part(merged, child, COORDINATOR.by, merge)),
            }
        )
        parted = flag(hub, child)
        after = hub.share.incidents(COORDINATOR, child)

    assert State.RAISED == together.state
    assert State.WITHDRAWN == parted.state
    assert ((), ()) == (after.open, after.said)


def test_entries_found_to_be_another_childs_are_asked_of_no_more(near):
    _, hub, child = near
    entry = next(e.entry.id for e in hub.records.child(child).entries.values() if e.entry.agency == "police")
    split(hub.records, child, (entry,), COORDINATOR.by, "it was her brother", uuid4)

    assert () == hub.share.incidents(COORDINATOR, child).open


def test_of_three_those_named_are_apart_and_the_rest_is_a_question_of_its_own(desk):
    desk.publish(SCHOOL, POLICE, HOSPITAL, KNOWN)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        (whole,) = hub.share.incidents(COORDINATOR, child).open
        school = whole.entries[0].entry
        for others in ((), (uuid4(),), tuple(UUID(p.entry) for p in whole.entries)):
            with pytest.raises(Refused):
                hub.incident_work.two(COORDINATOR, child, whole.id, others, REASON)
        hub.incident_work.two(COORDINATOR, child, whole.id, (UUID(school),), REASON)
        (rest,) = hub.share.incidents(COORDINATOR, child).open

    assert ["schools", "police", "health"] == families(whole)
    assert ["police", "health"] == families(rest)


def test_two_incidents_need_a_reason(near):
    _, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    with pytest.raises(Refused, match="a reason is needed"):
        hub.incident_work.two(COORDINATOR, child, proposal.id, (), "  ")

    assert [] == hub.records.child(child).incidents


@pytest.mark.parametrize("reader", [SCHOOL_LEAD, SOCIAL_WORKER])
def test_nobody_but_a_coordinator_sees_or_says_it_and_the_answer_is_one_whoever_the_child_is(near, reader):
    _, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open
    for asked, id_ in ((child, proposal.id), (uuid4(), uuid4())):
        for ask in (
            lambda asked=asked: hub.share.incidents(reader, asked),
            lambda asked=asked, id_=id_: hub.incident_work.one(reader, asked, id_),
            lambda asked=asked, id_=id_: hub.incident_work.two(reader, asked, id_, (), REASON),
        ):
            with pytest.raises(NotAllowed) as refused:
                ask()
            assert "Only the coordinator says what is one incident" == str(refused.value)


def test_an_entry_that_the_coordinator_may_not_know_is_in_no_proposal(desk):
    desk.publish(SCHOOL, KNOWN)
    with desk.open(at=NOW) as hub:
        before = hub.share.incidents(COORDINATOR, only(hub))
        desk.publish(said(SexualHealthContact, "s1", "health", 0.5, age=13))
        after = hub.share.incidents(COORDINATOR, only(hub))

    assert before == after
    assert () == after.open


def test_that_it_was_shown_is_recorded_and_is_drawn_again_the_same(near, monkeypatch, capsys):
    desk, hub, child = near
    hub.share.incidents(COORDINATOR, child)
    (told,) = (d for _, d in hub.records.child(child).disclosures if d.question == "incidents")
    version = next(
        e.originator_version
        for e in hub.records.history(child)
        if getattr(e.body, "question", "") == "incidents"
    )
    again = command(monkeypatch, capsys, "audit", "shown", f"{child}@{version}", data=desk.settings.data)

    assert COORDINATOR.by == told.reader
    assert 0 == again.code, again.err
    (digest,) = {line.rpartition(" ")[2] for line in again.out.splitlines() if line.startswith("digest")}
    assert told.digest.hex() == digest


def test_the_commands_list_confirm_and_separate(near, monkeypatch, capsys):
    desk, hub, child = near
    (proposal,) = hub.share.incidents(COORDINATOR, child).open

    def run(*arguments):
        return command(monkeypatch, capsys, *arguments, data=desk.settings.data)

    short, id_ = str(child)[:8], str(proposal.id)[:8]
    listed = run("incidents", "list", short)
    wrong = run("incidents", "confirm", short, "00000000")
    done = run("incidents", "separate", short, id_, "--reason", REASON)
    after, as_json = run("incidents", "list", short), run("incidents", "list", short, "--json")
    gone = run("incidents", "confirm", short, id_)
    story = run("history", short).out

    assert 0 == done.code, done.err
    assert f"two incidents: {proposal.id}" == done.out.strip()
    assert "one incident?" in listed.out
    assert "schools: sexual behaviour incident" in listed.out
    assert "two-incidents by demo-mash-coordinator" in after.out
    assert '"open": []' in as_json.out or '"open":[]' in as_json.out
    for refused in (wrong, gone):
        assert (1, "Not possible: nothing is proposed under this id, or no longer") == (
            refused.code,
            refused.err.strip(),
        )
    assert "two-incidents" in story
    assert "of 2 entries, by demo-mash-coordinator (mash-coordinator, social-care)" in story
    assert "canary" not in story
