"""What a viewer may not know makes no difference to a byte of what they get (security.md 3.6).

2,000 pairs of histories; `make non-interference` (`HUB_PAIRS=20000`) draws ten times as many.
"""

import os
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.domain.access import Closing
from hub.domain.child import (
    By,
    FlagDecision,
    FlagDisagreed,
    FlagOwned,
    FlagReviewed,
    OneIncident,
    ProcessingRestricted,
    RestrictionGround,
    TwoIncidents,
)
from hub.domain.strand import HAS_HARMED, WAS_HARMED, WHOLE
from hub.patterns.catalogue import CATALOGUE
from hub.sharing import look, relationship
from hub.sharing.front_door import FrontDoor
from hub.sharing.policy import load
from hub.sharing.share import Share
from tests.hubs import NOW, Desk
from tests.properties.held import CHILD, Told, World
from tests.properties.pairs import (
    ALL_TEXTS,
    HARMING_ELSEWHERE,
    LESS,
    SEALED,
    STORY_TEXTS,
    beside_a_child_known_less,
    beside_a_closed_child,
    drawn_pairs,
    extras,
    of_drawn,
    of_story,
    readers,
    told_apart,
)

PAIRS = int(os.environ.get("HUB_PAIRS", "2000"))
OF_STORIES = 1000
"""About so many of them are the stories of the rules, for every role: these are always asked."""
CORES = 4
QUICK = ("chronology", "flags", "incidents")
READERS = readers(load())
ROLES = list({reader.by.role: reader for reader in READERS}.values())
COORDINATING = [reader for reader in READERS if load().roles[reader.by.role].coordinates]
OF_OTHERS = [text for text in (*ALL_TEXTS, HARMING_ELSEWHERE) if "@" in text.replace("=@", "")]
"""The stories in which something stands on another child's record."""
COORDINATOR = By("a coordinator", "mash-coordinator", "social-care")
DEEP = settings(
    max_examples=max(20, (PAIRS - OF_STORIES) // CORES),
    deadline=None,
    derandomize=PAIRS == 2000,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Desk(tmp_path_factory.mktemp("pairs") / "data").open(at=NOW) as hub:
        yield World(hub)


def test_every_pattern_has_a_story_to_be_told():
    assert {rule.code for rule in CATALOGUE} == STORY_TEXTS.keys()


@pytest.mark.parametrize("reader", ROLES, ids=lambda reader: reader.by.role)
def test_of_every_patterns_story_a_role_gets_the_same_without_what_it_may_not_know(world, reader):
    pairs = 0
    for code, texts in STORY_TEXTS.items():
        for shielded, strand in ((False, WHOLE), (True, WHOLE), (False, HAS_HARMED), (False, WAS_HARMED)):
            pair = of_story(world, texts[0], reader, shielded=shielded, strand=strand)
            if pair is not None:
                pairs += 1
                assert {} == told_apart(world, pair, QUICK), (code, shielded, strand)

    assert pairs >= len(STORY_TEXTS) // 3


@pytest.mark.slow
@pytest.mark.parametrize("part", range(CORES))
def test_two_histories_that_differ_in_what_a_viewer_may_not_know_give_the_same_bytes(world, part):
    asked = 0

    @DEEP
    @given(drawn_pairs(READERS[part::CORES]))
    def property_(drawn):
        nonlocal asked
        pair = of_drawn(world, drawn)
        asked += pair.with_secret != pair.without
        assert {} == told_apart(world, pair, QUICK)

    property_()

    assert asked > DEEP.max_examples // 2


@settings(parent=DEEP, max_examples=max(30, PAIRS // 50))
@given(drawn_pairs(READERS))
def test_no_question_of_any_tells_the_two_apart(world, drawn):
    """Due dates, pathway, worklists, calendars, exports, what was known before, whether a page changed."""
    assert {} == told_apart(world, of_drawn(world, drawn))


@settings(parent=DEEP, max_examples=max(60, PAIRS // 40))
@given(st.sampled_from(ALL_TEXTS), st.sampled_from([r for r in READERS if r.by.role != COORDINATOR.role]))
def test_what_others_did_about_a_flag_that_a_viewer_does_not_see_is_not_told(world, text, reader):
    pair = of_story(world, text, reader)
    if pair is None:
        return
    acts = tuple(
        Told(flag.raised_at + timedelta(minutes=later), CHILD, act)
        for flag in world.raised(pair.with_secret, pair.now, pair.feeds)
        for later, act in enumerate(
            (
                FlagOwned(flag=flag.id, owner=COORDINATOR, by=COORDINATOR),
                FlagReviewed(
                    flag=flag.id,
                    decision=FlagDecision.ACTED_ON,
                    evidence=tuple(UUID(piece.entry) for piece in flag.firing.evidence),
                    by=COORDINATOR,
                    reason=SEALED,
                ),
                FlagDisagreed(flag=flag.id, by=COORDINATOR, reason=SEALED),
            ),
            1,
        )
    )
    theirs = world.answers(pair.without, pair.now, pair.feeds, reader, QUICK)["flags"]
    unseen = tuple(one for one in acts if str(one.body.flag).encode() not in theirs)

    assert {} == told_apart(world, pair._replace(with_secret=pair.with_secret + unseen), QUICK)


@settings(parent=DEEP, max_examples=max(60, PAIRS // 40))
@given(st.sampled_from(ALL_TEXTS), st.sampled_from(READERS), st.sampled_from(("one", "two", "restricted")))
def test_what_was_said_of_an_entry_that_a_viewer_may_not_know_changes_nothing(world, text, reader, what):
    pair = of_story(world, text, reader)
    if pair is None:
        return
    entries = [(told.at, told.body.entry.id) for told in pair.with_secret if hasattr(told.body, "entry")]
    there = {told.body.entry.id for told in pair.without if hasattr(told.body, "entry")}
    secret = [(at, entry) for at, entry in entries if entry not in there]
    for at, entry in secret:
        others = tuple(e for _, e in entries if e != entry)
        act = (
            ProcessingRestricted(entry, RestrictionGround.ACCURACY, at, COORDINATOR, SEALED)
            if what == "restricted"
            else OneIncident(entries=(entry, *others[:1]), by=COORDINATOR)
            if what == "one" or not others
            else TwoIncidents(entries=(entry,), others=others, by=COORDINATOR, reason=SEALED)
        )
        said = Told(max(at, *(when for when, _ in entries)), CHILD, act)
        assert {} == told_apart(world, pair._replace(with_secret=(*pair.with_secret, said)), QUICK)


COORDINATORS = [reader for reader in ROLES if load().roles[reader.by.role].coordinates]


@pytest.mark.parametrize("what", [Closing.BARRED, Closing.SEALED, Closing.NOT_SHARED])
@pytest.mark.parametrize("code", sorted(STORY_TEXTS))
def test_of_another_child_whose_record_is_closed_to_a_coordinator_no_flag_tells(world, code, what):
    for reader in COORDINATORS:
        for text in STORY_TEXTS[code]:
            pair = beside_a_closed_child(world, text, reader, what)

            assert {} == (told_apart(world, pair, (*QUICK, "beside")) if pair else {}), text


def _less_told_apart(world, how, asked):
    """By what a coordinator tells apart what they may not know of another child, purpose by purpose."""
    found, pairs = {}, 0
    for reader in COORDINATING:
        knows_less = reader.purpose in LESS_FOR.get(how, (reader.purpose,))
        for text in OF_OTHERS if knows_less else ():
            pair = beside_a_child_known_less(world, text, reader, how)
            if pair is not None:
                pairs += 1
                found |= {(reader.purpose, text, name): 1 for name in told_apart(world, pair, asked)}
    return found, pairs


LESS_FOR = {
    "restricted": ("practice-review",),
    "reviewed": ("section-17",),
    "closed": ("section-17",),
    "long-closed": ("section-17",),
}
"""For which of a coordinator's purposes what is so is known less; for any where it is not said."""


@pytest.mark.slow
@pytest.mark.parametrize("how", LESS)
def test_of_another_child_of_whom_a_coordinator_may_know_less_nothing_tells(world, how):
    found, pairs = _less_told_apart(world, how, ("flags", "beside", "due", "worklist", "calendar"))

    assert ({}, True) == (found, pairs > 20)


@settings(parent=DEEP, max_examples=max(100, PAIRS // 10))
@given(
    st.sampled_from(OF_OTHERS),
    st.sampled_from(COORDINATING),
    st.sampled_from(LESS),
    st.lists(extras, max_size=4),
    st.integers(0, 255),
)
def test_nor_does_what_is_hidden_of_another_child_entry_by_entry(world, text, reader, how, more, hidden):
    if reader.purpose in LESS_FOR.get(how, (reader.purpose,)):
        pair = beside_a_child_known_less(
            world, text, reader, how, more, lambda at: bool(hidden >> at % 8 & 1)
        )
        assert {} == told_apart(world, pair, ("flags", "beside"))


@pytest.mark.slow
@pytest.mark.parametrize("how", LESS_FOR)
def test_the_property_notices_where_flags_count_all_that_the_front_door_sees_of_another(
    world, monkeypatch, how
):
    monkeypatch.setattr(Share, "less", lambda *_: {})

    assert _less_told_apart(world, how, ("flags",))[0]


def blind(monkeypatch, what):
    """The hub as it was before it was mended."""
    match what:
        case "the front door sees restricted entries":
            monkeypatch.setattr(FrontDoor, "sees", lambda *_: True)
        case "an agency works with a child by an entry its people may not know of":
            monkeypatch.setattr(relationship, "_exists", lambda *_: True)
        case "places tell a shielded address":
            monkeypatch.setattr(look, "_strike_places", lambda _: None)


@pytest.mark.parametrize(
    "what",
    [
        "the front door sees restricted entries",
        "an agency works with a child by an entry its people may not know of",
        "places tell a shielded address",
    ],
)
def test_the_property_notices(world, monkeypatch, what):
    blind(monkeypatch, what)
    found = {}
    for reader in ROLES:
        for code in ("P04", "P32"):
            for strand in (WHOLE, None):
                pair = of_story(world, STORY_TEXTS[code][0], reader, shielded=True, strand=strand)
                found |= told_apart(world, pair, QUICK) if pair else {}

    assert found
