"""Whether a review took the part of a child out of a reader's view, and what of an entry is left out then."""

from datetime import timedelta

import msgspec
import pytest

from hub.domain.child import By, PartShown, entry_event
from hub.domain.chronology import chronology
from hub.domain.entry import Relation
from hub.domain.strand import HAS_HARMED, WAS_HARMED
from hub.sharing.part import REVIEWED, out_of_view, without_part
from hub.sharing.policy import Tier, load
from tests.domain.given import DAY, entry, given

POLICY = load()
WORKER = By("sw", "social-worker", "social-care")
FRONT_DOOR = By("mc", "mash-coordinator", "social-care")
UNTIL = DAY.date() + timedelta(days=10)
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


def test_of_an_entry_the_part_alone_is_left_out():
    said = msgspec.Raw(b'{"part":"has-sexually-harmed","for_child":"has-sexually-harmed","summary":"words"}')
    other = msgspec.Raw(b'{"part":"has-been-sexually-harmed"}')
    left = without_part({"police": said, "identity": other})

    assert {"summary": "words"} == msgspec.json.decode(left["police"])
    assert other is left["identity"]
