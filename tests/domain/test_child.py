"""The child: what may follow what."""

import pytest

from hub.domain.access import AccessClosed, Closing
from hub.domain.child import (
    AllocationEnded,
    By,
    EntriesSplitOff,
    EntryCorrected,
    EntryRecorded,
    EntryWithdrawn,
    EpisodeCompleted,
    FlagAcknowledged,
    FlagDecision,
    FlagReviewed,
    KeysDestroyed,
    PractitionerAllocated,
    ProcessingRestricted,
    RecordJoined,
    RecordJoinedInto,
    RecordParted,
    Registered,
    Resealed,
    RestrictionGround,
    RestrictionLifted,
    acknowledge_flag,
    allocate,
    end_allocation,
    entry_event,
    evolve,
    join,
    lift_restriction,
    part,
    restrict,
    review_flag,
    split_off,
    take,
)
from hub.domain.entry import Envelope, Relation
from hub.domain.sealed_again import envelopes_in
from hub.errors import Refused
from tests.domain.given import CHILD, DAY, OTHER, REASON, entry, given, said

WORKER = By("p1", "social-worker", "social-care")
MANAGER = By("m1", "social-worker", "social-care")


def test_the_first_entry_registers_the_child_and_is_recorded():
    events = take(given(), entry())

    assert [Registered(because="first-event"), EntryRecorded(entry=entry())] == events


def test_a_resent_event_changes_nothing():
    child = given(Registered(because="first-event"), said())

    assert [] == take(child, entry())


def test_the_same_source_with_other_content_is_refused_and_not_silently_dropped():
    child = given(Registered(because="first-event"), said())

    with pytest.raises(Refused, match="conflicting-resend"):
        take(child, entry(digest=b"said otherwise"))


@pytest.mark.parametrize(
    ("relation", "kind"),
    [
        (Relation.NEW, EntryRecorded),
        (Relation.CORRECTS, EntryCorrected),
        (Relation.COMPLETES, EpisodeCompleted),
        (Relation.WITHDRAWS, EntryWithdrawn),
    ],
)
def test_what_an_entry_is_to_an_earlier_one_names_its_event(relation, kind):
    assert kind is type(entry_event(entry(relation=relation, of="earlier")))


def test_two_records_are_joined_once_and_can_be_parted():
    other = given(Registered(because="first-event"))
    other.id = OTHER
    joined = join(given(), other, None, MANAGER, REASON)
    child = given(*joined)

    assert [RecordJoined(other=OTHER, question=None, by=MANAGER, reason=REASON)] == joined
    assert {OTHER} == child.joined
    assert [RecordParted(other=OTHER, by=MANAGER, reason=REASON)] == part(child, OTHER, MANAGER, REASON)
    assert set() == given(*joined, *part(child, OTHER, MANAGER, REASON)).joined


def test_a_record_that_was_joined_into_another_is_not_joined_again():
    other = given(RecordJoinedInto(survivor=CHILD, question=None, by=MANAGER))
    other.id = OTHER

    with pytest.raises(Refused, match="already-joined"):
        join(given(), other, None, MANAGER, REASON)


def test_records_that_are_not_joined_cannot_be_parted():
    with pytest.raises(Refused, match="not-joined"):
        part(given(), OTHER, MANAGER, REASON)


def test_only_an_entry_that_stands_here_is_split_off_and_only_once():
    child = given(Registered(because="first-event"), said("a"), said("b"))
    gone = split_off(child, (entry("a").id,), OTHER, MANAGER, REASON)

    assert [EntriesSplitOff(entries=(entry("a").id,), to=OTHER, by=MANAGER, reason=REASON)] == gone
    with pytest.raises(Refused):
        split_off(child, (entry("c").id,), OTHER, MANAGER, REASON)
    with pytest.raises(Refused):
        split_off(given(said("a"), *gone), (entry("a").id,), OTHER, MANAGER, REASON)


def test_an_allocation_stands_until_it_is_ended_and_is_said_once():
    allocated = allocate(given(), WORKER, None, MANAGER)
    child = given(*allocated)

    assert [PractitionerAllocated(practitioner=WORKER, until=None, by=MANAGER)] == allocated
    assert [] == allocate(child, WORKER, None, MANAGER)
    assert [AllocationEnded(practitioner=WORKER, by=MANAGER)] == end_allocation(child, WORKER, MANAGER)
    assert {} == given(*allocated, *end_allocation(child, WORKER, MANAGER)).allocations
    assert {WORKER: DAY.replace(minute=1)} == given(
        *allocated, *end_allocation(child, WORKER, MANAGER)
    ).worked


def test_an_allocation_that_never_was_cannot_end():
    with pytest.raises(Refused, match="not-allocated"):
        end_allocation(given(), WORKER, MANAGER)


def test_a_flag_is_acknowledged_once_by_a_person_and_reviewed_as_often_as_needed():
    acknowledged = acknowledge_flag(given(), OTHER, WORKER)
    child = given(*acknowledged)

    assert [FlagAcknowledged(flag=OTHER, by=WORKER)] == acknowledged
    assert [] == acknowledge_flag(child, OTHER, WORKER)
    assert [FlagAcknowledged(flag=OTHER, by=MANAGER)] == acknowledge_flag(child, OTHER, MANAGER)
    assert [
        FlagReviewed(flag=OTHER, decision=FlagDecision.ACTED_ON, evidence=(), by=WORKER, reason=REASON)
    ] == review_flag(OTHER, FlagDecision.ACTED_ON, (), WORKER, REASON)


def test_a_restriction_stands_until_a_second_person_lifts_it_and_leaves_with_the_entry():
    said = ProcessingRestricted(entry("a").id, RestrictionGround.UNLAWFUL, DAY, WORKER, REASON)
    recorded = (Registered(because="first-event"), entry_event(entry("a")), said)
    child = given(*recorded)
    copied = child.copy()
    lifted = RestrictionLifted(said.entry, MANAGER, REASON, REASON)

    assert [said] == restrict(given(*recorded[:2]), said)
    assert [] == restrict(child, said)
    assert [lifted] == lift_restriction(child, lifted)
    for fault in (
        lambda: restrict(given(), said),
        lambda: restrict(given(*recorded, *split_off(child, (said.entry,), OTHER, MANAGER, REASON)), said),
        lambda: lift_restriction(child, RestrictionLifted(said.entry, WORKER, REASON, REASON)),
        lambda: lift_restriction(given(), lifted),
    ):
        with pytest.raises(Refused):
            fault()
    evolve(copied, lifted, DAY)
    assert ({said.entry}, {}) == (child.restrictions.keys(), copied.restrictions)
    assert ({}, {said.entry: (said, DAY, lifted)}) == (child.lifted, copied.lifted)
    gone = KeysDestroyed(OTHER, None, "art. 17", WORKER, MANAGER)
    erased = given(*recorded, lifted, said, gone)
    assert ({}, {}) == (erased.restrictions, erased.lifted)
    assert child.told == given(*recorded[:2]).told


def test_what_is_sealed_again_stands_in_the_place_of_what_was_wherever_it_stood_and_nothing_else_changes():
    one, other, why = (Envelope("police", mark * 29 + b" words") for mark in (b"a", b"b", b"c"))
    newer = Envelope("police", b"n" * 29 + b" words")
    closed = AccessClosed(restriction=OTHER, what=Closing.NOT_SHARED, by=WORKER, reason=why)
    said_ = (
        Registered(because="first-event", known_as=one),
        EntryRecorded(entry=entry("a", envelopes=(one, other))),
        FlagReviewed(flag=OTHER, decision=FlagDecision.ACTED_ON, evidence=(), by=WORKER, reason=why),
        closed,
    )
    child = given(*said_)
    copied = child.copy()
    again = tuple((was.mark, newer.sealed) for was in (one, why))
    evolve(child, Resealed(scopes=("police",), envelopes=again, reason="lost", by=MANAGER), DAY)
    ((_, reviewed),) = child.flags[OTHER]

    assert (newer, newer) == (child.known_as, reviewed.reason)
    assert [(newer, other)] == [kept.entry.envelopes for kept in child.entries.values()]
    assert [newer] == [each.closed.reason for each in child.access.closed.values()]
    assert (5, 2) == (child.version, child.told)
    assert given(*said_) == copied  # whoever reads an older copy goes on reading it
    assert [why] == list(envelopes_in(closed))
