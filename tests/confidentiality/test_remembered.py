"""What keeps data keys in memory: by child, scope and generation, so many, so long, and not after erasure."""

from uuid import UUID

import pytest

from hub.confidentiality.remembered import Remembered
from hub.confidentiality.sealing import DataKey

ANN, BEN, CAL = (UUID(int=n) for n in (1, 2, 3))
BOTH = ("police", "health")


def key(generation=1):
    return DataKey(generation, bytes([generation]) * 64)


@pytest.fixture
def kept():
    """For 10 seconds, five keys: Ann's for sealing in two scopes and one older; Ben's older one."""
    kept = Remembered(at_most=5, seconds=10)
    kept.keep_newest({ANN: {"police": key(2), "health": key(1)}}, now=100, since=0)
    kept.keep(ANN, "police", key(1), now=101, since=0)
    kept.keep(BEN, "police", key(7), now=102, since=0)
    return kept


def test_a_key_is_found_by_child_scope_and_generation_and_by_no_other(kept):
    found = [
        (child.int, scope, n)
        for child in (ANN, BEN, CAL)
        for scope in BOTH
        for n in range(9)
        if (there := kept.of(child, scope, n, now=105)) and n == there.generation
    ]

    assert [(1, "police", 1), (1, "police", 2), (1, "health", 1), (2, "police", 7)] == found
    assert (4, "Remembered(4)") == (len(kept), repr(kept))


def test_keys_that_seal_are_given_together_or_not_at_all(kept):
    assert {"police": 2, "health": 1} == {s: k.generation for s, k in kept.newest(ANN, BOTH, 105).items()}
    assert kept.newest(ANN, ("police",), 105)
    assert kept.newest(ANN, ("police", "spine"), 105) is None
    assert kept.newest(BEN, ("police",), 105) is None
    assert kept.newest(CAL, (), 105) is None


def test_a_key_is_kept_so_long_and_one_that_joins_others_no_longer_than_they(kept):
    for now, there in ((109.9, True), (110, False), (111, False)):
        assert there == (kept.of(ANN, "police", 2, now) is not None)
        assert there == (kept.of(ANN, "police", 1, now) is not None)
        assert there == (kept.newest(ANN, BOTH, now) is not None)
        assert kept.of(BEN, "police", 7, now)


@pytest.mark.parametrize(("now", "left"), [(109.9, 4), (110, 1), (111.9, 1), (112, 0)])
def test_what_was_kept_long_enough_is_dropped(kept, now, left):
    kept.expire(now)

    assert left == len(kept)


def test_the_same_key_again_takes_no_more_room_and_begins_anew_once_its_time_is_over(kept):
    kept.keep(ANN, "police", key(1), now=105, since=0)
    kept.keep_newest({ANN: {"police": key(2)}}, now=105, since=0)
    assert 4 == len(kept)
    assert kept.of(ANN, "police", 1, now=110) is None

    kept.keep(ANN, "police", key(1), now=110, since=0)
    assert 2 == len(kept)
    assert kept.of(ANN, "police", 1, now=119)
    assert kept.of(ANN, "health", 1, now=119) is None


def test_a_newer_key_takes_the_place_of_the_one_that_sealed_and_whoever_seals_keeps_theirs(kept):
    before = kept.newest(ANN, BOTH, now=105)
    kept.keep_newest({ANN: {"police": key(3)}}, now=105, since=0)

    assert (2, 3) == (before["police"].generation, kept.newest(ANN, BOTH, now=105)["police"].generation)
    assert kept.of(ANN, "police", 2, now=105) is None
    assert 4 == len(kept)


def test_where_there_are_too_many_the_oldest_child_goes_with_all_its_keys(kept):
    kept.keep(BEN, "police", key(8), now=103, since=0)
    assert 5 == len(kept)

    kept.keep_newest({CAL: {"police": key(1)}}, now=103, since=0)
    assert 3 == len(kept)
    assert kept.newest(ANN, BOTH, now=103) is None
    assert kept.of(BEN, "police", 8, now=103)
    assert kept.newest(CAL, ("police",), now=103)

    kept.keep(CAL, "police", key(4), now=103, since=0)
    kept.keep(CAL, "police", key(5), now=103, since=0)
    kept.keep(CAL, "police", key(6), now=103, since=0)
    assert (4, None) == (len(kept), kept.of(BEN, "police", 8, now=103))


def test_what_was_fetched_before_all_was_dropped_is_not_kept(kept):
    since = kept.cleared
    kept.clear()
    kept.keep(BEN, "police", key(7), now=105, since=since)
    kept.keep_newest({ANN: {"police": key(2)}}, now=105, since=since)
    assert (0, False, False) == (len(kept), ANN in kept, BEN in kept)

    kept.keep(BEN, "police", key(7), now=105, since=kept.cleared)
    kept.keep_newest({ANN: {"police": key(2)}}, now=105, since=kept.cleared)
    assert (2, True, True) == (len(kept), ANN in kept, BEN in kept)


def test_what_is_erased_is_forgotten_in_its_scopes_only(kept):
    kept.forget(CAL, None)
    kept.forget(ANN, ("police",))

    assert 2 == len(kept)
    assert [None, None] == [kept.of(ANN, "police", n, now=105) for n in (1, 2)]
    assert kept.of(ANN, "health", 1, now=105)
    kept.forget(ANN, None)
    assert 1 == len(kept)
    assert kept.of(ANN, "health", 1, now=105) is None
    kept.clear()
    assert 0 == len(kept)
    assert kept.of(BEN, "police", 7, now=105) is None
