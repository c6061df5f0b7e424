"""Asked to stop, a follower ends at once however far behind it is, and nothing of its work is lost."""

import signal
import sqlite3
import time
from contextlib import closing
from datetime import timedelta

import pytest

from hub import follow
from hub.audit import keeping
from hub.audit.keeping import LedgerKeeper
from hub.commands.running import covering
from tests.events import ANN, missing
from tests.follow.test_follow import Counting, bodies, follower
from tests.hubs import NOW, Desk
from tests.journeys.workers import SOON, environment
from tests.warm import Started

CHILDREN = 4
CHILDREN_BEHIND = follow.DRAWN + 60
SECONDS = 5.0
"""Within so long of being asked it has ended, on a machine that others use too."""


def child(number):
    return {**ANN, "identifiers": ({"system": "nhs-number", "value": f"999{number:07d}"},)}


def told(children):
    return [missing(f"m{n}", n % 9, who=child(n)) for n in range(children)]


class Asked:
    """Asks to stop at the so-manieth time of being asked; notes what was done between two askings."""

    def __init__(self, at, projection):
        self.at, self.asked, self.projection, self.between = at, 0, projection, []
        self.last = projection.drawn

    def __call__(self):
        self.between.append(self.projection.drawn - self.last)
        self.last = self.projection.drawn
        self.asked += 1
        return self.asked > self.at


def test_it_is_asked_between_two_children_and_wherever_it_stops_nothing_is_lost(desk, monkeypatch):
    monkeypatch.setattr(follow, "BATCH", 4)
    monkeypatch.setattr(follow, "DRAWN", 2)
    desk.take_in(*told(CHILDREN))
    with desk.open() as hub:
        projection = Counting()
        whole = follower(hub, projection)
        whole.rebuild()
        expected, at, lags = bodies(whole), 0, []
        while True:
            projection.name = f"counting-{at}"  # a view of its own, drawn from nothing
            follows = follower(hub, projection)
            asks = Asked(at, projection)
            follows.catch_up(stopping=asks)
            lags.append(follows.lag())
            assert max(asks.between) <= 1
            if asks.asked <= at:
                break
            follows.catch_up()
            assert expected == bodies(follows)
            at += 1

    assert at > CHILDREN
    assert 0 == lags[-1] < lags[0]


def test_the_ledger_and_receipts_are_asked_too_and_go_on_from_there(desk):
    desk.take_in(*told(CHILDREN))
    with desk.open() as hub:
        assert 0 == hub.ledger.catch_up(stopping=lambda: True) == hub.ledger.ledger.size()
        hub.ledger.catch_up()
        assert [] == hub.receipts.lay_down(lambda: True)
        assert 1 == len(hub.receipts.lay_down())
        assert hub.ledger.verify().holds


def test_a_checkpoint_is_signed_within_a_minute_while_more_comes_and_while_views_are_drawn(desk, monkeypatch):
    desk.take_in(*told(CHILDREN))
    moments = iter(range(0, 10_000, 21))
    with desk.open() as hub:
        between = covering(hub, lambda: False, lambda: next(moments) - 2)
        before = hub.ledger.ledger.size()
        assert not between()
        covered = hub.ledger.ledger.size()
    desk.take_in(*(missing(f"l{n}", n, who=child(n)) for n in range(CHILDREN)))
    monkeypatch.setattr(keeping, "BATCH", 2)
    with desk.open() as hub:
        passing = LedgerKeeper(
            hub.ledger.ledger,
            hub.key_file.ledger_key(),
            desk.settings.checkpoints,
            lambda: NOW + timedelta(seconds=next(moments)),
        )
        taken = passing.catch_up()

    assert (0, True) == (before, covered > 0)
    assert taken // 2 < len([*desk.settings.checkpoints.glob("*.checkpoint")])


@pytest.mark.slow
def test_a_process_far_behind_ends_within_seconds_and_the_next_finishes_its_work(tmp_path):
    desk = Desk(tmp_path / "data")
    desk.take_in(*told(CHILDREN_BEHIND))
    process = Started("hub", "--data", str(desk.settings.data), "follow", environment=environment(desk))
    try:
        wait_for_the_first_batch(desk)
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        _, complained = process.communicate(timeout=SOON)
        took = time.monotonic() - asked
    finally:
        process.kill()
    with desk.open() as hub:
        behind = [follower.lag() for follower in hub.followers]
        covered = hub.ledger.ledger.size()
        for one in hub.followers:
            one.catch_up()
        hub.ledger.catch_up()
        left = [one.lag() for one in hub.followers]
        kept = [hub.views.ties_of(one.live, hub.records.children()) for one in hub.followers]
        hub.followers[0].rebuild()

        assert (0, "") == (process.returncode, complained)
        assert took < SECONDS
        assert 0 < behind[1] == behind[2]
        assert 0 == covered
        assert [0, 0, 0] == left
        assert CHILDREN_BEHIND <= len(kept[0])
        assert kept[0] == hub.views.ties_of(hub.followers[0].live, hub.records.children())
        assert hub.ledger.verify().holds


def wait_for_the_first_batch(desk):
    """Until the first projection has drawn its first batch: the rest of it waits, and all the others."""
    deadline = time.monotonic() + SOON
    with closing(sqlite3.connect(desk.settings.data / "views.sqlite")) as views:
        while not views.execute("SELECT count(*) FROM ties").fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.002)
