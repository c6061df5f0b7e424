"""Who is let near by a named person's word: an agency, a meeting; and that the other child may be known."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from hub.audit.history import history_of
from hub.domain.access import Closing
from hub.domain.child import By, RecordJoined, allocate
from hub.domain.entry import Envelope
from hub.domain.strand import HAS_HARMED, WAS_HARMED, WHOLE, Opens
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.sharing.look import Reader
from schemas.vocabulary import LinkRelation
from tests.casework.test_flag_work import draw
from tests.events import BEN, attendance, missing
from tests.hubs import NOW, SOCIAL_WORKER, only_child
from tests.journeys.commands import hub as command
from tests.sharing.test_access import contact
from tests.sharing.test_flags import HARMED, HARMING, KNOWN
from tests.sharing.test_flags_across import CAL
from tests.sharing.test_strands import strands_known

WORKER = SOCIAL_WORKER.by
LEAD = By("ig", "information-governance-lead", "social-care")
COORDINATOR = By("tm", "mash-coordinator", "social-care")
DOCTOR = Reader(By("nd", "named-doctor", "health"), "section-47")
AUDITOR = Reader(LEAD, "audit")
WHY = "Agreed in the strategy meeting of this morning"


@pytest.fixture
def known(desk):
    """A child of whom the police alone hold something."""
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        yield hub, only_child(hub)


def seen(hub, child, reader):
    """Strands of what a reader is shown; empty where there is no such record to them."""
    try:
        return strands_known(hub, child, reader)
    except UnknownChild:
        return set()


def test_an_agency_that_is_said_to_work_with_the_child_sees_it_until_its_end_and_says_why(known, desk):
    hub, child = known
    before = seen(hub, child, SOCIAL_WORKER)
    hub.letting_in.involve(LEAD, child, "health", Opens.BOTH, 30, WHY)
    (near,) = hub.gates.desk.near(AUDITOR, child)
    told = [line.detail for line in history_of(hub.records, child) if line.what == "agency-involved"]

    assert set() == before == seen(hub, child, SOCIAL_WORKER)
    assert {WHOLE} == seen(hub, child, DOCTOR)
    assert ("agency", "health", Opens.BOTH, WHY) == (near.what, near.agency, near.opens, near.reason)
    assert "let-in" == hub.records.child(child).disclosures[-1][1].question
    assert ["health, strand both, until" in detail for detail in told] == [True]
    assert WHY not in "".join(told)


def test_an_agencys_work_ends_and_cannot_end_twice_nor_where_it_never_began(known):
    hub, child = known
    hub.letting_in.involve(LEAD, child, "health", Opens.BOTH, 30, WHY)
    hub.letting_in.end_involvement(LEAD, child, "health", WHY)

    assert () == hub.gates.desk.near(AUDITOR, child)
    for agency in ("health", "schools"):
        with pytest.raises(Refused, match="not recorded as working"):
            hub.letting_in.end_involvement(LEAD, child, agency, WHY)


def test_a_meetings_members_see_the_record_and_nobody_else_of_their_agency_until_it_is_over(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        hub.letting_in.convene(LEAD, child, [WORKER], Opens.NEITHER, 3, WHY)
        colleague = Reader(By("other", "social-worker", "social-care"), "section-47")

        assert ({WHOLE}, set()) == (seen(hub, child, SOCIAL_WORKER), seen(hub, child, colleague))
        (over,) = hub.gates.desk.near(AUDITOR, child)
    with desk.open(at=NOW + timedelta(days=4)) as hub:
        assert set() == seen(hub, child, SOCIAL_WORKER)
        assert () == hub.gates.desk.near(AUDITOR, child)
        with pytest.raises(Refused, match="no such meeting stands"):
            hub.letting_in.end_meeting(LEAD, child, over.meeting, WHY)


def test_a_meeting_is_ended_before_its_time_for_its_own_members_alone_once_and_with_a_reason(known):
    hub, child = known
    hub.letting_in.convene(LEAD, child, [WORKER], Opens.NEITHER, 3, WHY)
    hub.letting_in.convene(LEAD, child, [DOCTOR.by], Opens.NEITHER, 3, WHY)
    workers, doctors = hub.gates.desk.near(AUDITOR, child)
    end = hub.letting_in.end_meeting
    for by, meeting, why, refused in (
        (LEAD, workers.meeting, " ", Refused),
        (LEAD, uuid4(), WHY, Refused),
        (WORKER, workers.meeting, WHY, NotAllowed),
    ):
        with pytest.raises(refused):
            end(by, child, meeting, why)
    assert {WHOLE} == seen(hub, child, SOCIAL_WORKER)
    end(COORDINATOR, child, workers.meeting, WHY)
    with pytest.raises(Refused, match="no such meeting stands"):
        end(COORDINATOR, child, workers.meeting, WHY)
    told = [line.detail for line in history_of(hub.records, child) if line.what == "meeting-ended"]

    assert (set(), {WHOLE}) == (seen(hub, child, SOCIAL_WORKER), seen(hub, child, DOCTOR))
    assert (doctors,) == hub.gates.desk.near(AUDITOR, child)
    assert [f"{workers.meeting}, by tm (mash-coordinator, social-care)"] == told


@pytest.mark.parametrize(
    ("opens", "strands"),
    [
        (Opens.WAS_HARMED, {WHOLE, WAS_HARMED}),
        (Opens.NEITHER, {WHOLE}),
        (Opens.BOTH, {WHOLE, WAS_HARMED, HAS_HARMED}),
    ],
)
def test_an_agency_with_one_attendance_works_on_the_strand_that_is_said_of_it_and_no_more(
    desk, opens, strands
):
    desk.publish(HARMING, HARMED, KNOWN, attendance("a1", 3))
    with desk.open(at=NOW) as hub:
        draw(hub)
        child = only_child(hub)
        unsaid = seen(hub, child, DOCTOR)
        hub.letting_in.involve(LEAD, child, "health", opens, 30, WHY)

        assert {WHOLE, WAS_HARMED, HAS_HARMED} == unsaid
        assert strands == seen(hub, child, DOCTOR)


def test_who_works_with_both_children_is_told_the_other_while_it_is_agreed(desk):
    linked = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": BEN["identifiers"]},)
    desk.take_in(missing("b", who=BEN), at=NOW)
    desk.take_in(contact(), missing(day=1, children=linked), at=NOW)
    with desk.open(at=NOW) as hub:
        ben, ann = hub.records.children()
        hub.records.act(ben, lambda c: allocate(c, WORKER, None, WORKER))

        def fields():
            return hub.share.chronology(SOCIAL_WORKER, ann).lines[1].fields

        assert "other-child" not in fields()
        hub.letting_in.agree_other_child(COORDINATOR, ann, ben, 7, WHY)
        assert ben.hex.encode() in bytes(fields()["other-child"])
        (near,) = hub.gates.desk.near(AUDITOR, ann)
        assert (ben, WHY) == (near.other, near.reason)
        with pytest.raises(Refused, match="no such agreement stands"):
            hub.letting_in.end_agreement(LEAD, ben, ann, WHY)
        hub.letting_in.end_agreement(LEAD, ann, ben, WHY)
        assert "other-child" not in fields()
        assert () == hub.gates.desk.near(AUDITOR, ann)
        with pytest.raises(Refused, match="no such agreement stands"):
            hub.letting_in.end_agreement(LEAD, ann, ben, WHY)
        hub.letting_in.agree_other_child(COORDINATOR, ann, ben, 7, WHY)
        assert ben.hex.encode() in bytes(fields()["other-child"])
    with desk.open(at=NOW + timedelta(days=8)) as hub:
        with pytest.raises(Refused, match="no such agreement stands"):
            hub.letting_in.end_agreement(LEAD, ann, ben, WHY)
        assert "other-child" not in hub.share.chronology(SOCIAL_WORKER, ann).lines[1].fields


def refusals(act, child, other):
    own_meeting = (COORDINATOR, child, [COORDINATOR], Opens.BOTH, 3, WHY)
    nobody = (LEAD, child, [By("x", "social-worker", "police")], Opens.BOTH, 3, WHY)
    both = By("w", "mash-coordinator", "social-care")
    yield "nobody lets themselves in", lambda: act.convene(*own_meeting)
    yield "no such role", lambda: act.convene(*nobody)
    yield "who takes part", lambda: act.convene(LEAD, child, [], Opens.BOTH, 3, WHY)
    yield "1 to 28 days", lambda: act.convene(LEAD, child, [WORKER], Opens.BOTH, 29, WHY)
    yield (
        "nobody lets themselves in",
        lambda: act.involve(COORDINATOR, child, "social-care", Opens.BOTH, 3, WHY),
    )
    yield "1 to 366 days", lambda: act.involve(LEAD, child, "health", Opens.BOTH, 0, WHY)
    yield "no such agency", lambda: act.involve(LEAD, child, "nobody", Opens.BOTH, 3, WHY)
    yield "a reason is needed", lambda: act.involve(LEAD, child, "health", Opens.BOTH, 3, " ")
    yield "no such agency", lambda: act.end_involvement(LEAD, child, "nobody", WHY)
    yield "1 to 28 days", lambda: act.agree_other_child(LEAD, child, other, 29, WHY)
    yield "another child", lambda: act.agree_other_child(LEAD, child, child, 3, WHY)
    yield "for themselves", lambda: act.agree_other_child(both, child, other, 3, WHY)


def test_nobody_lets_themselves_in_and_what_is_not_said_whole_is_refused(desk):
    desk.take_in(missing(), missing("b1", who=BEN), at=NOW)
    with desk.open(at=NOW) as hub:
        child, other = hub.records.children()
        for each in (child, other):
            worker = By("w", "mash-coordinator", "social-care")
            hub.records.act(each, lambda c, by=worker: allocate(c, by, None, LEAD))
        before = [hub.records.child(each).version for each in (child, other)]
        for words, act in refusals(hub.letting_in, child, other):
            with pytest.raises(Refused, match=words):
                act()

        assert before == [hub.records.child(each).version for each in (child, other)]


def test_who_reads_nothing_by_it_or_works_with_one_of_two_lets_in_for_the_shortest_and_longest_time(desk):
    desk.take_in(missing(), missing("b1", who=BEN), at=NOW)
    with desk.open(at=NOW) as hub:
        child, other = hub.records.children()
        hub.records.act(child, lambda c: allocate(c, COORDINATOR, None, LEAD))
        hub.letting_in.involve(LEAD, child, LEAD.agency, Opens.BOTH, 366, WHY)
        hub.letting_in.involve(COORDINATOR, child, "health", Opens.BOTH, 1, WHY)
        hub.letting_in.convene(LEAD, child, [WORKER], Opens.BOTH, 28, WHY)
        hub.letting_in.agree_other_child(COORDINATOR, child, other, 28, WHY)

        assert [366, 1, 28, 28] == [(n.until - NOW).days for n in hub.gates.desk.near(AUDITOR, child)]


def test_what_stands_on_a_record_that_was_joined_is_ended_and_lifted_there(desk):
    desk.take_in(missing(), missing("b1", who=BEN), missing("c1", who=CAL), at=NOW)
    with desk.open(at=NOW) as hub:
        child, other, third = hub.records.children()
        hub.letting_in.involve(LEAD, other, "health", Opens.BOTH, 30, WHY)
        hub.letting_in.convene(LEAD, child, [WORKER], Opens.BOTH, 3, WHY)
        hub.letting_in.convene(LEAD, other, [DOCTOR.by], Opens.BOTH, 3, WHY)
        hub.letting_in.agree_other_child(LEAD, other, third, 3, WHY)
        (left,), (_, over, _) = (hub.gates.desk.near(AUDITOR, each) for each in (child, other))
        seal = hub.gates.close(LEAD, other, Closing.ADDRESS, WHY)
        joined = RecordJoined(other, None, LEAD, Envelope("social-care", b""))
        hub.records.append(child, [joined])
        hub.letting_in.end_involvement(LEAD, child, "health", WHY)
        hub.letting_in.end_meeting(LEAD, child, over.meeting, WHY)
        hub.letting_in.end_agreement(LEAD, child, third, WHY)
        hub.gates.reopen(LEAD, child, seal, WHY)

        assert (left,) == hub.gates.desk.near(AUDITOR, child)
        assert () == hub.gates.desk.restrictions(AUDITOR, child)


def test_only_who_answers_for_access_lets_in_and_no_record_is_answered_like_a_barred_one(known):
    hub, child = known
    for by in (WORKER, By("au", "auditor", "hub"), By("po", "police-officer", "police")):
        with pytest.raises(NotAllowed):
            hub.letting_in.convene(by, child, [WORKER], Opens.BOTH, 3, WHY)
    with pytest.raises(UnknownChild):
        hub.letting_in.involve(LEAD, uuid4(), "health", Opens.BOTH, 3, WHY)
    with pytest.raises(UnknownChild):
        hub.letting_in.agree_other_child(LEAD, child, uuid4(), 3, WHY)


def test_each_act_is_typed_listed_and_ended(desk, monkeypatch, capsys):
    desk.take_in(missing(), missing("b1", who=BEN), at=NOW)
    with desk.open(at=NOW) as hub:
        ann, ben = (str(each) for each in hub.records.children())

    def typed(*words):
        return command(monkeypatch, capsys, "access", *words, data=desk.settings.data)

    why = ("--reason", WHY)
    done = [
        typed("involve", ann, "--agency", "health", "--strand", WAS_HARMED, "--days", "30", *why),
        typed("convene", ann, "--member", "sw:social-worker", "--strand", "both", "--days", "3", *why),
        typed("agree-other-child", ann, "--other", ben, "--days", "7", *why),
    ]
    listed = json.loads(typed("let-in", ann, "--json").out)
    as_text = typed("let-in", ann).out
    ended = typed("end-involvement", ann, "--agency", "health", *why)
    unsaid = typed("convene", ann, "--member", "sw:social-worker", "--days", "3", *why)
    early = [
        typed("end-meeting", ann, "--meeting", listed[1]["meeting"], *why),
        typed("end-agreement", ann, "--other", ben, *why),
    ]

    assert [0, 0, 0, 0, 2, 0, 0] == [each.code for each in (*done, ended, unsaid, *early)]
    assert listed[1]["meeting"] in as_text
    assert ["agency", "meeting", "other-child"] == [one["what"] for one in listed]
    assert {WHY} == {one["reason"] for one in listed}
    assert ("health, strand" in as_text, ben in as_text) == (True, True)
    assert WHY not in "".join(each.out + each.err for each in (*done, ended, *early))
    assert [] == json.loads(typed("let-in", ann, "--json").out)
