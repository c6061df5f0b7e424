"""Whether a review took the part of a child out of a reader's view, and what of an entry is left out then."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from hub.domain.child import By, PartShown, entry_event, evolve
from hub.domain.chronology import chronology
from hub.domain.entry import Relation
from hub.domain.knowledge import Known
from hub.domain.strand import HAS_HARMED, WAS_HARMED
from hub.domain.timeline import Fact
from hub.sharing.part import REVIEWED, known_without_part, out_of_view, without_part
from hub.sharing.policy import Tier, load
from schemas.schools import SexualBehaviourIncident
from tests.domain.given import DAY, entry, given

POLICY = load()
WORKER = By("sw", "social-worker", "social-care")
FRONT_DOOR = By("mc", "mash-coordinator", "social-care")
UNTIL = DAY.date() + timedelta(days=10)
SUSPENDED = {"part": "subject", "sexual_misconduct": True}
"""In other words: it is not said that the child has harmed."""
HARMED = entry_event(entry("harmed", strand=HAS_HARMED))


def gone(*events, by=WORKER, purpose="section-17", days=1, tier=Tier.READ, policy=POLICY):
    child = given(HARMED, *events)
    at = DAY + timedelta(days=days)
    return out_of_view(policy, by, purpose, [given(), child], lambda: chronology([child]), lambda _: tier, at)


def review(until=None):
    return PartShown(entry("review").id, until, WORKER)


@pytest.mark.parametrize(
    ("events", "days", "is_gone"),
    [
        ((), 1, False),
        ((review(),), 1, True),
        ((review(UNTIL),), 10, False),
        ((review(UNTIL),), 11, True),
        ((review(), review(UNTIL)), 1, False),
        ((review(UNTIL), review()), 1, True),
    ],
)
def test_the_last_review_says_until_when_it_is_shown(events, days, is_gone):
    assert is_gone == gone(*events, days=days)


@pytest.mark.parametrize(
    ("by", "purpose", "is_gone"),
    [
        (WORKER, "section-17", True),
        (WORKER, "screening", True),
        (WORKER, "section-47", False),
        (FRONT_DOOR, "section-17", True),
        (FRONT_DOOR, "screening", False),
    ],
)
def test_for_enquiries_and_at_the_front_door_it_is_said_on(by, purpose, is_gone):
    assert is_gone == gone(review(), by=by, purpose=purpose)
    assert not gone(review(), by=by, purpose=purpose, policy=POLICY.model_copy(update={"archive": None}))


@pytest.mark.parametrize(
    ("after", "tier", "is_gone"),
    [
        ([entry("new", strand=HAS_HARMED)], Tier.READ, False),
        ([entry("new", strand=HAS_HARMED)], Tier.KNOWS, True),
        ([entry("new", strand=WAS_HARMED)], Tier.READ, True),
        ([entry("new")], Tier.READ, True),
        ([entry("another review", strand=HAS_HARMED, type_=REVIEWED, agency="social-care")], Tier.READ, True),
        (
            [entry("new", strand=HAS_HARMED), entry("not", relation=Relation.WITHDRAWS, of="new")],
            Tier.READ,
            True,
        ),
    ],
)
def test_what_is_read_of_new_behaviour_brings_it_back(after, tier, is_gone):
    assert is_gone == gone(review(), *map(entry_event, after), tier=tier)


def test_what_was_recorded_in_the_moment_of_a_review_is_of_what_was_reviewed():
    child = given(HARMED)
    evolve(child, review(), DAY)
    lines, tiers = lambda: chronology([child]), lambda _: Tier.READ
    fact = Fact(UUID(int=1), SexualBehaviourIncident, "schools", DAY, DAY, signals=SUSPENDED)
    later = replace(fact, recorded_at=DAY + timedelta(seconds=1))
    in_words = replace(later, signals={"part": HAS_HARMED, "hsb_class": "inappropriate"})
    known = [Known(one, one.recorded_at) for one in (fact, later, in_words)]

    assert out_of_view(POLICY, WORKER, "section-17", [child], lines, tiers, DAY)
    assert [later] == [one.fact for one in known_without_part(known, [child])]


def test_of_an_entry_the_part_alone_is_left_out():
    said = msgspec.Raw(b'{"part":"has-sexually-harmed","for_child":"has-sexually-harmed","summary":"words"}')
    other = msgspec.Raw(b'{"part":"has-been-sexually-harmed"}')
    left = without_part({"police": said, "identity": other})

    assert {"summary": "words"} == msgspec.json.decode(left["police"])
    assert other is left["identity"]
