"""Two strands of one child: keys, workers and chronology of each apart, joined by nothing but a reference."""

from datetime import timedelta

import msgspec
import pytest

from hub.audit.history import history_of
from hub.confidentiality.sealing import CannotUnseal, unseal
from hub.domain.access import MeetingConvened
from hub.domain.child import By, PractitionerAllocated, allocate, end_allocation
from hub.domain.entry import Entry
from hub.domain.strand import HAS_HARMED, WAS_HARMED, WHOLE, Opens, key_owner, key_owners
from hub.intake.splitting import split
from hub.records.reading import facts_of
from hub.sharing.look import Look, Reader
from hub.sharing.policy import Tier
from hub.sharing.view import ShownEntry
from schemas.police import OffenceReported
from tests.casework.test_flag_work import draw
from tests.events import attendance, missing
from tests.hubs import NOW, SOCIAL_WORKER, only_child
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, OFFICER, said

MANAGER = By("tm", "mash-coordinator", "social-care")
ONE = Reader(By("w1", "social-worker", "social-care"), "section-47")
OTHER = Reader(By("w2", "social-worker", "social-care"), "section-47")
BOTH = {HAS_HARMED, WAS_HARMED}


@pytest.fixture
def both(desk):
    """A child who is both; one worker for each strand."""
    desk.publish(HARMING, HARMED, KNOWN, attendance("a1", 3))
    with desk.open(at=NOW) as hub:
        draw(hub)
        child = only_child(hub)
        assign(hub, child, ONE, HAS_HARMED)
        assign(hub, child, OTHER, WAS_HARMED)
        yield hub, child


def assign(hub, child, reader, strand):
    hub.records.act(child, lambda c: allocate(c, reader.by, None, MANAGER, strand=strand))


def strands(hub, child, reader):
    return {line.strand for line in hub.share.chronology(reader, child).lines if isinstance(line, ShownEntry)}


def test_who_works_on_one_strand_sees_nothing_of_the_other(both):
    hub, child = both
    one, other = (hub.share.chronology(reader, child) for reader in (ONE, OTHER))
    flags = [
        {flag.pattern for flag in hub.share.flags(reader, child)} for reader in (ONE, OTHER, COORDINATOR)
    ]

    assert {WHOLE, HAS_HARMED} == {line.strand for line in one.lines}
    assert {WHOLE, WAS_HARMED} == {line.strand for line in other.lines}
    assert b"has-been-sexually-harmed" not in msgspec.json.encode(one)
    assert b"has-sexually-harmed" not in msgspec.json.encode(other)
    assert ["P03" in found for found in flags] == [False, False, True]
    assert (HAS_HARMED,) == hub.share.pathway(ONE, child).strands
    assert (WAS_HARMED,) == hub.share.pathway(OTHER, child).strands


def test_a_worker_of_both_strands_or_of_the_child_and_the_coordinator_see_both(both):
    hub, child = both
    assign(hub, child, ONE, WAS_HARMED)
    whole = Reader(By("w3", "social-worker", "social-care"), "section-47")
    assign(hub, child, whole, WHOLE)

    assert strands(hub, child, ONE) == strands(hub, child, whole) == {WHOLE, *BOTH}
    assert {WHOLE, *BOTH} == strands(hub, child, COORDINATOR)


def test_work_on_one_strand_ends_while_it_goes_on_on_the_other(both):
    hub, child = both
    assign(hub, child, ONE, WAS_HARMED)
    hub.records.act(child, lambda c: end_allocation(c, ONE.by, MANAGER, HAS_HARMED))

    assert {WHOLE, WAS_HARMED} == strands(hub, child, ONE)


OPENED = [
    (Opens.HAS_HARMED, {WHOLE, HAS_HARMED}),
    (Opens.WAS_HARMED, {WHOLE, WAS_HARMED}),
    (Opens.BOTH, {WHOLE, *BOTH}),
    (Opens.NEITHER, {WHOLE}),
]
"""What somebody whose agency holds nothing of the child names, and what is open to them."""
STRANGER = Reader(By("w9", "social-worker", "social-care"), "section-47")
YOUTH_JUSTICE = Reader(By("y1", "youth-justice-worker", "youth-justice"), "section-47")
REASON = "A child at the door, hurt, and nobody to ask at this hour"


def strands_known(hub, child, reader):
    """The strands of which a reader gets anything, a gap or a line."""
    look = Look(hub.records, hub.policy, reader, child, None)
    kept = hub.records.child(child).entries.values()
    return {k.entry.strand for k in kept if look.sight(str(k.entry.id))[0] is not Tier.NOTHING}


@pytest.fixture
def police_alone(desk):
    """A child who is both, of whom the police alone said something."""
    harming = said(OffenceReported, "o2", "police", 1, part=HAS_HARMED, category="rape")
    desk.publish(harming, HARMED, missing())
    with desk.open(at=NOW) as hub:
        draw(hub)
        yield hub, only_child(hub)


@pytest.mark.parametrize(("opens", "seen"), OPENED)
def test_broken_glass_opens_the_strand_it_names_and_nothing_of_the_other(police_alone, opens, seen):
    hub, child = police_alone
    breaking = hub.gates.break_glass(STRANGER, child, REASON, opens)
    guardian = Reader(By("cg", "caldicott-guardian", "health"), "audit")

    assert seen - {WHOLE} == strands_known(hub, child, STRANGER) - {WHOLE}
    assert opens is hub.gates.desk.brief(guardian, breaking.glass).waiting.opens
    assert f"strand {opens}" in next(h.detail for h in history_of(hub.records, child) if "glass" in h.what)


@pytest.mark.parametrize(("opens", "seen"), OPENED)
def test_a_grant_opens_the_strand_that_was_asked_for_and_nothing_of_the_other(police_alone, opens, seen):
    hub, child = police_alone
    request = hub.gates.ask(STRANGER, child, REASON, opens).request
    hub.gates.answer(MANAGER, request, "needed", 3)

    assert seen - {WHOLE} == strands_known(hub, child, STRANGER) - {WHOLE}


def test_glass_broken_for_the_other_strand_too_is_another_breaking_and_the_newest_counts(police_alone):
    hub, child = police_alone
    first = hub.gates.break_glass(STRANGER, child, REASON, Opens.HAS_HARMED)
    again = hub.gates.break_glass(STRANGER, child, REASON, Opens.HAS_HARMED)
    other = hub.gates.break_glass(STRANGER, child, REASON, Opens.WAS_HARMED)
    hub.share.chronology(STRANGER, child)

    assert first.glass == again.glass != other.glass
    assert {WAS_HARMED} == strands_known(hub, child, STRANGER) - {WHOLE}
    assert other.glass == hub.records.child(child).disclosures[-1][1].glass


def test_asked_for_another_strand_it_is_another_request(police_alone):
    hub, child = police_alone
    asked = [hub.gates.ask(STRANGER, child, REASON, opens).request for opens in (*Opens, *Opens)]

    assert len(Opens) == len({*asked})


def test_a_meeting_of_one_strand_lets_its_members_see_that_one_and_adds_to_what_they_work_on(both):
    hub, child = both
    later = NOW + timedelta(days=3)
    for member, named in ((YOUTH_JUSTICE.by, HAS_HARMED), (OFFICER.by, HAS_HARMED)):
        hub.records.append(child, [MeetingConvened((member,), later, MANAGER, (named,))])

    assert {HAS_HARMED} == strands_known(hub, child, YOUTH_JUSTICE) - {WHOLE}
    assert BOTH == strands_known(hub, child, OFFICER) - {WHOLE}
    assert {HAS_HARMED} == strands_known(hub, child, ONE) - {WHOLE}


def test_what_was_opened_before_a_strand_was_named_is_open_as_it_was(police_alone):
    hub, child = police_alone
    hub.records.append(child, [MeetingConvened((STRANGER.by,), NOW + timedelta(days=3), MANAGER)])

    assert BOTH == strands_known(hub, child, STRANGER) - {WHOLE}


def test_an_agency_works_on_the_strand_it_holds_entries_of_and_with_the_child_where_it_holds_none(both):
    hub, child = both

    assert {WAS_HARMED} == strands(hub, child, OFFICER)
    assert {WHOLE, *BOTH} == strands(hub, child, SOCIAL_WORKER)


def test_each_strand_is_sealed_under_keys_of_its_own(both):
    hub, child = both
    (kept,) = (k for k in hub.records.child(child).entries.values() if k.entry.strand == HAS_HARMED)
    entry, keys = kept.entry, hub.keys
    owner, other = key_owner(child, HAS_HARMED), key_owner(child, WAS_HARMED)

    assert len({*key_owners(child)}) == 3
    for scope, sealed in entry.envelopes:
        key = next(iter(keys.for_opening_all(owner, (scope,)).values()))
        assert unseal(key, owner, entry.id, scope, entry.type, sealed)
        for wrong in (child, other):
            for key in keys.for_opening_all(wrong, (scope,)).values():
                with pytest.raises(CannotUnseal):
                    unseal(key, wrong, entry.id, scope, entry.type, sealed)


def test_one_strands_keys_gone_the_other_still_opens(both):
    hub, child = both
    hub.keys.destroy(key_owner(child, WAS_HARMED))
    lines = hub.share.chronology(COORDINATOR, child).lines

    assert [WAS_HARMED] == [line.strand for line in lines if line.erased or not line.fields]
    assert len(facts_of(hub.records.person(child), hub.keys)) == 3


def test_an_entry_split_off_to_another_child_is_sealed_under_that_childs_strand(both):
    hub, child = both
    (wrong,) = (k.entry.id for k in hub.records.child(child).entries.values() if k.entry.strand == WAS_HARMED)
    other = split(
        hub.records, child, [wrong], MANAGER, "another child of that name", lambda: key_owner(child, "x")
    )
    (moved,) = hub.share.chronology(OFFICER, other).lines

    assert (WAS_HARMED, True) == (moved.strand, "police" in moved.fields)
    assert {WHOLE, HAS_HARMED} == strands(hub, child, COORDINATOR)


def test_entries_and_allocations_of_before_there_were_strands_are_read_as_they_were(both):
    hub, child = both
    entry = next(iter(hub.records.child(child).entries.values())).entry
    of_before = msgspec.json.encode(msgspec.to_builtins(entry)[:-1])
    allocated = msgspec.json.encode(["allocated", ONE.by, None, MANAGER])

    assert (entry.id, WHOLE) == (msgspec.json.decode(of_before, type=Entry).id, _entry(of_before).strand)
    assert WHOLE == msgspec.json.decode(allocated, type=PractitionerAllocated).strand


def seen(hub, child, reader):
    share = hub.share
    return share.as_seen(reader, child), share.flags(reader, child), share.pathway(reader, child).strands


def _entry(stored):
    return msgspec.json.decode(stored, type=Entry)


def test_what_comes_of_the_other_strand_makes_no_difference_to_a_worker_of_this_one(desk, both):
    hub, child = both
    before = [
        hub.share.as_seen(ONE, child),
        hub.share.flags(ONE, child),
        hub.share.pathway(ONE, child).strands,
    ]
    desk.publish(said(OffenceReported, "o9", "police", 60, part=WAS_HARMED, category="rape"))
    draw(hub)
    after = [
        hub.share.as_seen(ONE, child),
        hub.share.flags(ONE, child),
        hub.share.pathway(ONE, child).strands,
    ]

    assert before == after
    assert 2 == sum(line.strand == WAS_HARMED for line in hub.share.chronology(OTHER, child).lines)
