"""What was done about a flag, and why: told to their agency, to coordinators, and while it stood."""

from contextlib import closing
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest

from hub.domain.child import (
    By,
    Child,
    FlagAcknowledged,
    FlagDecision,
    FlagOwned,
    FlagReleased,
    FlagRenewed,
    FlagReviewed,
    evolve,
)
from hub.errors import Refused
from hub.sharing.deeds import LONGEST, deeds, owners, sealed_reason
from hub.sharing.reasons import opened_reason
from tests.confidentiality.rings import AT, Site
from tests.sharing.situations import POLICY

ANN, FLAG, OTHER = UUID(int=1), UUID(int=7), UUID(int=8)
OFFICER = By("po", "police-officer", "police")
NURSE = By("hp", "health-practitioner", "health")
COORDINATOR = By("mc", "mash-coordinator", "social-care")


class Seen(NamedTuple):
    """As much of a look as deeds are told by."""

    people: tuple[Child, ...]
    read: frozenset[tuple[str, str]] = frozenset({("police", "police"), ("health", "health")})
    """Of which agency which scopes."""
    glass: object = None

    def reads_why(self, by, reason):
        """Whether this agency's words in this scope are read."""
        return (by.agency, reason.scope) in self.read


class Stood(NamedTuple):
    """A flag that stood from a moment on."""

    since: int
    id: UUID = FLAG

    def stood(self, at):
        return at >= hour(self.since)


def hour(number):
    return AT + timedelta(hours=number)


@pytest.fixture
def ring(tmp_path):
    with closing(Site(tmp_path)) as site:
        yield site.ring()


def child_with(*acts):
    child = Child(ANN)
    for number, act in enumerate(acts):
        evolve(child, act, hour(number))
    return child


def test_a_reason_is_sealed_in_the_scope_of_who_acts_and_opens_about_that_flag_alone(ring):
    envelope = sealed_reason(ring, ANN, FLAG, OFFICER, "seen at home")

    assert "police" == envelope.scope
    assert "seen at home" == opened_reason(ring, ANN, FLAG, envelope)
    assert "" == opened_reason(ring, ANN, OTHER, envelope)
    ring.destroy(ANN, ("police",))
    assert "" == opened_reason(ring, ANN, FLAG, envelope)


def test_a_reason_is_needed_and_has_at_most_so_many_characters(ring):
    assert 4_000 == LONGEST
    assert sealed_reason(ring, ANN, FLAG, OFFICER, "x" * LONGEST)
    for reason, says in ((" \n", "a reason is needed"), ("x" * (LONGEST + 1), "at most 4000 characters")):
        with pytest.raises(Refused, match=says):
            sealed_reason(ring, ANN, FLAG, OFFICER, reason)


def test_own_agency_and_coordinators_are_told_of_and_coordinators_are_told_of_all(ring):
    view = Seen((child_with(*[FlagAcknowledged(FLAG, by) for by in (OFFICER, NURSE, COORDINATOR)]),))

    def told(by):
        return [deed.by for deed in deeds(view, POLICY, by, ring)(Stood(0))]

    assert [OFFICER, COORDINATOR] == told(OFFICER)
    assert [NURSE, COORDINATOR] == told(NURSE)
    assert [OFFICER, NURSE, COORDINATOR] == told(COORDINATOR)
    assert [OFFICER, NURSE, COORDINATOR] == told(msgspec.structs.replace(COORDINATOR, agency="housing"))


def test_what_was_done_before_the_flag_stood_for_this_reader_or_about_another_is_not_told(ring):
    about = [
        FlagAcknowledged(FLAG, OFFICER),
        FlagAcknowledged(OTHER, OFFICER),
        FlagRenewed(FLAG, OFFICER, None),
    ]
    told = deeds(Seen((child_with(*about),)), POLICY, OFFICER, ring)(Stood(1))

    assert [("renewed", hour(2))] == [(deed.what, deed.at) for deed in told]


def test_on_several_records_they_are_told_in_the_order_they_were_done(ring):
    two = Child(UUID(int=2))
    evolve(two, FlagAcknowledged(FLAG, OFFICER), hour(-1))
    view = Seen((child_with(FlagRenewed(FLAG, OFFICER, None)), two))

    assert ["acknowledged", "renewed"] == [d.what for d in deeds(view, POLICY, OFFICER, ring)(Stood(-1))]


def test_each_act_is_told_with_its_detail_and_its_reason_to_who_reads_what_that_agency_writes(ring):
    reason = sealed_reason(ring, ANN, FLAG, OFFICER, "why")
    acts = (
        FlagReviewed(FLAG, FlagDecision.HELD_BY_PLAN, (), OFFICER, reason),
        FlagReleased(FLAG, ("school-lead", "auditor"), OFFICER, reason),
        FlagOwned(FLAG, NURSE, OFFICER),
        FlagRenewed(FLAG, OFFICER, reason),
    )
    child = child_with(*acts)

    def told(read):
        return [
            (d.what, d.detail, d.reason)
            for d in deeds(Seen((child,), frozenset(read)), POLICY, OFFICER, ring)(Stood(0))
        ]

    assert [
        ("reviewed", "known-and-held-by-a-plan", "why"),
        ("released", "school-lead, auditor", "why"),
        ("owned", "in the hands of health-practitioner, health", ""),
        ("renewed", "", "why"),
    ] == told({("police", "police")})
    assert ["", "", "", ""] == [said for _, _, said in told({("probation", "police")})]


def test_a_reason_read_under_the_glass_leaves_no_key_in_memory(tmp_path):
    with closing(Site(tmp_path)) as site:
        reason = sealed_reason(site.ring(), ANN, FLAG, OFFICER, "why")
        child, held = child_with(FlagRenewed(FLAG, OFFICER, reason)), []
        for glass in ("broken", None):
            ring = site.ring()
            (deed,) = deeds(Seen((child,), glass=glass), POLICY, OFFICER, ring)(Stood(0))
            held.append((deed.reason, ring.cached))

    assert [("why", 0), ("why", 1)] == held


def test_a_deed_is_not_changed_once_it_is_told_and_says_no_reason_where_there_is_none(ring):
    (deed,) = deeds(Seen((child_with(FlagAcknowledged(FLAG, OFFICER)),)), POLICY, OFFICER, ring)(Stood(0))

    assert {"at", "what", "by"} == set(msgspec.json.decode(msgspec.json.encode(deed)))
    with pytest.raises(AttributeError):
        deed.reason = "another"


def test_who_has_had_it_in_hand_is_told_the_present_one_last():
    two = Child(UUID(int=2))
    evolve(two, FlagOwned(FLAG, COORDINATOR, OFFICER), hour(-1))
    one = child_with(FlagOwned(FLAG, NURSE, OFFICER), FlagAcknowledged(FLAG, OFFICER))

    assert [COORDINATOR, NURSE] == owners((one, two), FLAG)
