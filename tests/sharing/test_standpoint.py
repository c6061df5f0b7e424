"""What was worked out for readers who stand alike is kept for one policy, one London day, and so many."""

from datetime import UTC, datetime

import pytest

from hub.sharing import standpoint as module
from hub.sharing.standpoint import Stand, standpoint
from tests.sharing.situations import POLICY

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LATE = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)
MORROW = datetime(2026, 7, 1, 23, tzinfo=UTC)
"""In London it is an hour later."""
WORKER = Stand("social-worker", "section-47", related=True, address_shut=False, glass=False)


@pytest.fixture(autouse=True)
def none_kept(monkeypatch):
    monkeypatch.setattr(module, "_found", {})


def test_it_is_kept_for_the_day_and_begun_anew_on_the_next():
    first = standpoint(POLICY, WORKER, NOON)

    assert first is standpoint(POLICY, WORKER, LATE)
    assert first is not standpoint(POLICY, WORKER, MORROW)
    assert "2026-07-02" == str(standpoint(POLICY, WORKER, MORROW).day)


def test_another_policy_of_the_same_text_or_another_stand_has_its_own():
    first = standpoint(POLICY, WORKER, NOON)
    again = POLICY.model_copy()

    assert again is standpoint(again, WORKER, NOON).policy
    assert first is not standpoint(POLICY, WORKER._replace(glass=True), NOON)


def test_an_answer_is_worked_out_once():
    stand = standpoint(POLICY, WORKER, NOON)

    assert stand.decision("police", "police") is stand.decision("police", "police")
    assert (
        stand.tier("police.missing-episode.v1", "police")
        is stand.tiers["police.missing-episode.v1", "police"]
    )


def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(module, "REMEMBERED", 2)
    stands = [WORKER._replace(purpose=purpose) for purpose in ("section-47", "section-17", "screening")]
    first, second, third = (standpoint(POLICY, stand, NOON) for stand in stands)

    assert third is standpoint(POLICY, stands[2], NOON)
    assert first is not standpoint(POLICY, stands[0], NOON)
    assert second is not standpoint(POLICY, stands[1], NOON)
    assert module.__dict__["_found"].keys() == {stands[1]}
