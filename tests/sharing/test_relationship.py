"""Who works with a child, and what is closed to whom: each rule by itself, on both sides of its bounds."""

from datetime import timedelta
from uuid import UUID

import pytest

from hub.domain.access import (
    AccessAnswered,
    AccessAsked,
    AccessClosed,
    AgencyInvolved,
    Closing,
    GlassBroken,
    GlassReviewed,
    MeetingConvened,
    OtherChildAgreed,
    opened,
)
from hub.domain.child import AllocationEnded, By, EntriesSplitOff, PractitionerAllocated, entry_event
from hub.domain.entry import Relation
from hub.domain.strand import HAS_HARMED, WAS_HARMED
from hub.errors import UnknownChild
from hub.sharing.policy import load
from hub.sharing.relationship import (
    OWN_ACTS,
    Barred,
    address_shut,
    agreed,
    allocated,
    apart,
    bar_of,
    barred,
    beside_own_acts,
    how_related,
    related,
    shut_entries,
)
from tests.domain.given import CHILD, DAY, OTHER, REASON, entry, given

POLICY = load()
RULE = POLICY.relationship
WORKER = By("sw", "social-worker", "social-care")
SAME_NAME = By("sw", "police-officer", "police")
COLLEAGUE = By("sw2", "social-worker", "social-care")
OFFICER = By("po", "police-officer", "police")
LEAD = By("ig", "information-governance-lead", "social-care")
ONE, TWO = UUID(int=1), UUID(int=2)
SECOND, GRACE = timedelta(seconds=1), timedelta(days=RULE.grace_days)
LATER = DAY + timedelta(days=3)


def tie(*events, reader=WORKER, now=LATER):
    return how_related([given(*events)], reader, now, POLICY)


def closed(what, *named, entries=(), agency="", restriction=ONE):
    return AccessClosed(restriction, what, LEAD, REASON, tuple(named), agency, entries, "relative")


# ---------------------------------------------------------------- working with a child


def test_who_is_allocated_works_with_the_child_and_nobody_else_does():
    child = given(PractitionerAllocated(WORKER, None, LEAD))

    assert allocated([given(), child], WORKER, LATER, RULE)
    assert not any(allocated([child], who, LATER, RULE) for who in (SAME_NAME, COLLEAGUE, OFFICER))
    assert "allocated" == how_related([given(), child], WORKER, LATER, POLICY)
    assert ("", False) == (
        how_related([child], OFFICER, LATER, POLICY),
        related([child], OFFICER, LATER, POLICY),
    )
    assert related(iter([child]), WORKER, LATER, POLICY)


@pytest.mark.parametrize(("after", "works"), [(-SECOND, True), (timedelta(0), True), (SECOND, False)])
def test_an_allocation_lasts_to_the_end_of_its_days_of_grace(after, works):
    ends = given(PractitionerAllocated(WORKER, LATER, LEAD))
    ended = given(PractitionerAllocated(WORKER, None, LEAD), AllocationEnded(WORKER, LEAD))

    assert works == allocated([ends], WORKER, LATER + GRACE + after, RULE)
    assert works == allocated([ended], WORKER, DAY + timedelta(minutes=1) + GRACE + after, RULE)


@pytest.mark.parametrize(("after", "works"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_an_allocation_begins_when_it_says(after, works):
    child = given(PractitionerAllocated(WORKER, None, LEAD, since=LATER))

    assert works == allocated([child], WORKER, LATER + after, RULE)


@pytest.mark.parametrize(("after", "holds"), [(-SECOND, True), (timedelta(0), True), (SECOND, False)])
def test_who_is_in_a_meeting_or_was_granted_access_is_let_in_until_then(after, holds):
    meeting = MeetingConvened((COLLEAGUE, WORKER), LATER, LEAD)
    asked = AccessAsked(ONE, WORKER, "section-47", LATER, REASON)
    granted = AccessAnswered(ONE, LATER, LEAD, REASON)
    way_in = "let-in" if holds else ""

    assert way_in == tie(meeting, now=LATER + after)
    assert way_in == tie(asked, granted, now=LATER + after)
    assert ["", "", ""] == [
        tie(meeting, reader=SAME_NAME),
        tie(asked, granted, reader=COLLEAGUE),
        tie(asked, granted, reader=By("sw", "school-lead", "social-care")),
    ]


def test_a_request_that_waits_or_was_refused_lets_nobody_in():
    asked = AccessAsked(ONE, WORKER, "section-47", LATER, REASON)

    assert ["", ""] == [tie(asked), tie(asked, AccessAnswered(ONE, None, LEAD, REASON))]


def test_an_agency_that_is_involved_works_with_the_child_until_the_end_of_its_grace():
    for_now, forever = AgencyInvolved("social-care", LATER, LEAD), AgencyInvolved("social-care", None, LEAD)

    assert ["agency-involved", ""] == [
        tie(for_now, now=LATER + GRACE + after) for after in (timedelta(0), SECOND)
    ]
    assert ["agency-involved", ""] == [tie(forever), tie(forever, reader=OFFICER)]


@pytest.mark.parametrize("long_ago", ["occurred", "recorded"])
def test_an_agency_with_an_entry_works_with_the_child_for_so_many_months(long_ago):
    months = timedelta(days=RULE.agency_months * 30.44)
    child = given(entry_event(entry(day=-99 if long_ago == "recorded" else 5)))
    begins = DAY if long_ago == "recorded" else DAY + timedelta(days=5)

    assert ["agency-entry", ""] == [
        how_related([child], OFFICER, begins + months + after, POLICY) for after in (timedelta(0), SECOND)
    ]
    assert "" == how_related([child], WORKER, begins, POLICY)


def test_what_somebody_recorded_themself_lets_them_near_that_alone_but_who_takes_what_comes_in():
    own, colleagues = (
        entry_event(entry("a", agency="social-care"), WORKER),
        entry_event(entry("b", agency="social-care"), COLLEAGUE),
    )
    child, before = (
        given(own),
        POLICY.model_copy(update={"relationship": RULE.model_copy(update={"own_acts": True})}),
    )
    coordinator = By("sw", "mash-coordinator", "social-care")

    assert [OWN_ACTS, "agency-entry", "agency-entry"] == [
        tie(own),
        tie(own, colleagues),
        tie(own, reader=COLLEAGUE),
    ]
    assert not related([child], WORKER, LATER, POLICY)
    assert ["agency-entry", "agency-entry"] == [
        tie(own, reader=coordinator),
        how_related([child], WORKER, LATER, before),
    ]
    assert frozenset([colleagues.entry.id]) == beside_own_acts([given(own, colleagues)], WORKER)


def test_an_entry_that_does_not_exist_for_the_reader_ties_them_to_nobody():
    recorded = entry_event(entry("a"))
    a = recorded.entry.id

    assert "agency-entry" == tie(recorded, reader=OFFICER)
    assert [""] * 6 == [
        tie(recorded, closed(Closing.SEALED, WORKER, entries=(a,)), reader=OFFICER),
        tie(recorded, closed(Closing.NOT_SHARED, agency="police", entries=(a,)), reader=OFFICER),
        tie(recorded, EntriesSplitOff((a,), OTHER, LEAD, REASON), reader=OFFICER),
        tie(recorded, reader=By("po", "no-such-role", "police")),
        tie(entry_event(entry("w", relation=Relation.WITHDRAWS, of="a")), reader=OFFICER),
        tie(entry_event(entry("r", type_="police.restricted.v1")), reader=OFFICER),
    ]


@pytest.mark.parametrize(("tier", "ties"), [("reads", "agency-entry"), ("knows", ""), ("nothing", "")])
def test_a_restricted_entry_exists_for_who_reads_it_alone_and_another_for_who_knows_of_it_too(tier, ties):
    policy = POLICY.model_copy(update={"roles": {"police-officer": _role(tier, "police-intelligence")}})
    child = given(entry_event(entry("r", type_="police.restricted.v1")))
    knows = POLICY.model_copy(update={"roles": {"police-officer": _role("knows", "police")}})

    assert ties == how_related([child], OFFICER, LATER, policy)
    assert "agency-entry" == how_related([given(entry_event(entry("a")))], OFFICER, LATER, knows)


def _role(tier, scope):
    role = POLICY.roles["police-officer"]
    without = {name: getattr(role, name) - {scope} for name in ("reads", "knows", "nothing")}
    return role.model_copy(update={**without, tier: without[tier] | {scope}})


# ---------------------------------------------------------------- what is closed


def test_a_record_barred_to_a_person_is_barred_to_that_person_alone():
    child = given(
        closed(Closing.SEALED, LEAD, entries=(TWO,), restriction=TWO), closed(Closing.BARRED, WORKER)
    )
    bar = bar_of([given(), child], WORKER, ())

    assert (CHILD, ONE) == (bar.record, bar.restriction)
    assert isinstance(bar, Barred)
    assert str(UnknownChild()) == str(bar)  # it does not say which record, nor that there is one
    assert [None, None] == [bar_of([child], who, ()) for who in (SAME_NAME, COLLEAGUE)]
    assert ONE == bar_of([child], COLLEAGUE, {WORKER.person}).restriction  # who has both accounts
    assert [True, False, False] == [barred([given(), child], who) for who in (WORKER, SAME_NAME, COLLEAGUE)]
    assert bar_of([given(closed(Closing.SEALED, WORKER))], WORKER, ()) is None


def test_a_sealed_record_is_closed_to_all_but_the_named_and_one_not_shared_to_that_agency():
    sealed, kept_back = (
        given(closed(Closing.SEALED, WORKER)),
        given(closed(Closing.NOT_SHARED, agency="police")),
    )

    assert [False, True, True] == [barred([sealed], who) for who in (WORKER, SAME_NAME, COLLEAGUE)]
    assert [False, True, False] == [barred([kept_back], who) for who in (WORKER, SAME_NAME, COLLEAGUE)]


def test_closed_entries_close_no_record_and_are_gone_for_whom_they_are_closed_to():
    child = given(
        closed(Closing.SEALED, WORKER, entries=(ONE,), restriction=ONE),
        closed(Closing.NOT_SHARED, agency="social-care", entries=(TWO,), restriction=TWO),
    )

    assert [False, False] == [barred([child], who) for who in (WORKER, OFFICER)]
    assert [{TWO}, {ONE, TWO}, {ONE}] == [shut_entries([child], who) for who in (WORKER, COLLEAGUE, OFFICER)]


def test_a_shielded_address_is_shut_for_all_but_the_named_and_shuts_nothing_else():
    child = given(closed(Closing.ADDRESS, WORKER))

    assert [False, True, True] == [
        address_shut([given(), child], who) for who in (WORKER, SAME_NAME, COLLEAGUE)
    ]
    assert not address_shut([given(closed(Closing.SEALED, LEAD))], WORKER)
    assert (False, frozenset()) == (barred([child], OFFICER), shut_entries([child], OFFICER))


# ---------------------------------------------------------------- strands


def strands(*events, reader=WORKER):
    """The strands of which this reader sees nothing, of a child with an entry of each and one of neither."""
    entries = [
        entry("harmed", agency="schools", type_="schools.attendance-period.v1", strand=HAS_HARMED),
        entry("was", agency="schools", type_="schools.attendance-period.v1", strand=WAS_HARMED),
        entry("neither", agency="schools", type_="schools.attendance-period.v1"),
    ]
    child = given(*(entry_event(each) for each in entries), *events)
    gone = apart([given(), child], reader, LATER, POLICY)
    return {each.strand for each in entries if each.id in gone}


def test_who_is_allocated_to_one_strand_sees_the_other_not_and_to_the_child_sees_both():
    on_one = PractitionerAllocated(WORKER, None, LEAD, strand=HAS_HARMED)
    on_other = PractitionerAllocated(WORKER, None, LEAD, strand=WAS_HARMED)

    assert {WAS_HARMED} == strands(on_one)
    assert {HAS_HARMED} == strands(on_other)
    assert set() == strands(on_one, on_other)
    assert set() == strands(PractitionerAllocated(WORKER, None, LEAD))


def test_others_work_on_the_strands_in_which_their_agency_holds_entries_or_else_with_the_child():
    theirs = entry_event(entry("p", strand=HAS_HARMED))

    assert {WAS_HARMED} == strands(theirs, reader=OFFICER)
    assert {WAS_HARMED} == strands(theirs, entry_event(entry("q")), reader=OFFICER)
    assert set() == strands(reader=OFFICER)
    assert set() == strands(entry_event(entry("q")), reader=OFFICER)


def test_an_agencys_work_on_a_strand_opens_it_to_the_end_of_its_grace_and_no_longer():
    theirs = entry_event(entry("p", strand=HAS_HARMED))

    def worked(until):
        return AgencyInvolved("police", until, LEAD, strands=(WAS_HARMED,))

    assert set() == strands(theirs, worked(LATER - GRACE), reader=OFFICER)
    assert {WAS_HARMED} == strands(theirs, worked(LATER - GRACE - SECOND), reader=OFFICER)


def test_a_strand_is_opened_by_ones_own_meeting_or_grant_and_by_nobody_elses():
    theirs = entry_event(entry("p", strand=HAS_HARMED))

    def asked(by):
        granted = AccessAnswered(ONE, LATER, LEAD, REASON)
        return AccessAsked(ONE, by, "section-47", LATER, REASON, strands=(WAS_HARMED,)), granted

    def meeting(by):
        return (MeetingConvened((by,), LATER, LEAD, strands=(WAS_HARMED,)),)

    for opens in (asked, meeting):
        assert set() == strands(theirs, *opens(OFFICER), reader=OFFICER)
        assert {WAS_HARMED} == strands(theirs, *opens(COLLEAGUE), reader=OFFICER)


def test_a_role_that_covers_both_strands_sees_both_and_a_child_without_strands_has_none_apart():
    theirs = PractitionerAllocated(WORKER, None, LEAD, strand=HAS_HARMED)
    covers = POLICY.roles["social-worker"].model_copy(update={"both_strands": True})
    policy = POLICY.model_copy(update={"roles": {**POLICY.roles, "social-worker": covers}})
    child = given(entry_event(entry("a", strand=WAS_HARMED)), theirs)

    assert {entry("a").id} == apart([child], WORKER, LATER, POLICY)
    assert frozenset() == apart([child], WORKER, LATER, policy)
    assert frozenset() == apart([given(entry_event(entry("a")), theirs)], WORKER, LATER, POLICY)


# ---------------------------------------------------------------- glass, and what was agreed


def test_broken_glass_opens_for_who_broke_it_for_its_purpose_until_its_end():
    broken = GlassBroken(ONE, WORKER, "section-47", LATER, LATER, "caldicott-guardian", REASON)
    child = given(broken)
    reviewed = given(broken, GlassReviewed(ONE, False, LEAD, REASON))

    def looks(child, reader, purpose, now):
        return opened(child.access.glass.values(), reader, purpose, now)

    assert broken == looks(child, WORKER, "section-47", LATER - SECOND).broken
    assert [None] * 4 == [
        looks(child, WORKER, "section-47", LATER),
        looks(child, WORKER, "section-17", LATER - SECOND),
        looks(child, COLLEAGUE, "section-47", LATER - SECOND),
        looks(reviewed, WORKER, "section-47", LATER - SECOND),
    ]


def test_what_was_agreed_of_another_child_holds_until_its_end():
    child = given(OtherChildAgreed(OTHER, LATER, LEAD, REASON))

    assert [True, True, False] == [
        agreed([given(), child], [OTHER, ONE], LATER + after) for after in (-SECOND, timedelta(0), SECOND)
    ]
    assert not agreed([child], [CHILD], LATER)
