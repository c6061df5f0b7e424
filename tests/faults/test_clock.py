"""A clock that jumps, both ways: nothing is lost, order is by what happened, views catch up."""

import os
import shutil
import subprocess
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.events import ANN, attendance, harmed, harming, missing
from tests.hubs import NOW, only_child
from tests.journeys.workers import Worker, entries, until
from tests.warm import afresh


def test_a_clock_that_jumps_loses_nothing_and_changes_no_order(desk):
    jumps = (0, -5, 7, -20, 1)
    for number, hours in enumerate(jumps):
        desk.take_in(missing(f"m{number}", 10 - number), at=NOW + timedelta(hours=hours))
        with desk.open(at=NOW + timedelta(hours=hours)) as hub:
            for follower in hub.followers:
                follower.catch_up()
    with desk.open(at=NOW + timedelta(hours=8)) as hub:
        lines = hub.records.lines(only_child(hub))
        drawn = [follower.rows() for follower in hub.followers]
        for follower in hub.followers:
            follower.rebuild()
        again = [follower.rows() for follower in hub.followers]

    assert len(jumps) == len(lines)
    assert [line.entry.occurred_at for line in lines] == sorted(line.entry.occurred_at for line in lines)
    assert [sorted(of) for of in drawn] == [sorted(of) for of in again]


def test_a_resend_after_the_clock_went_back_is_a_resend(desk):
    desk.take_in(missing("m1"), attendance("a1"), at=NOW)
    tally = desk.take_in(missing("m1"), attendance("a1"), at=NOW - timedelta(days=2))

    assert (0, 2) == (tally.recorded, tally.resent)


DAY = 86400
JUMPS = (0, 3 * DAY, -2 * DAY, 400 * DAY, -400 * DAY, 0)
"""Seconds a clock is put ahead."""


class FalseClock:
    """A process's clock, put elsewhere while it runs, as a bad time server would."""

    def __init__(self, library, file):
        self._file = file
        self.environment = {"LD_PRELOAD": str(library), "FALSE_CLOCK": str(file)}

    def put(self, ahead):
        """Set it so many seconds ahead, in one stroke."""
        following = self._file.with_suffix(".next")
        following.write_text(str(ahead))
        following.replace(self._file)


@pytest.fixture(scope="session")
def false_clocks(tmp_path_factory):
    """The library that tells a process another time."""
    compiler = shutil.which("cc")
    if compiler is None:
        if os.environ.get("HUB_TEST_REQUIRE_ALL"):
            pytest.fail("no C compiler for the false clock")
        pytest.skip("no C compiler for the false clock")
    library = tmp_path_factory.mktemp("clock") / "false_clock.so"
    source = Path(__file__).with_name("false_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    return library


@pytest.fixture
def clock(false_clocks, tmp_path):
    return FalseClock(false_clocks, tmp_path / "clock")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("any_desk", "any_store"), [("embedded", "sqlite"), ("kafka", "postgres")], indirect=True
)
def test_workers_whose_clock_is_moved_while_they_work_record_each_event_once_and_draw_it(any_desk, clock):
    said = []
    clock.put(JUMPS[0])
    intake, follow = (
        Worker(any_desk, command, afresh, **clock.environment) for command in ("intake", "follow")
    )
    try:
        for turn, jump in enumerate(JUMPS):
            clock.put(jump)
            said += (
                some := [
                    of(f"{of.__name__}{turn}-{n}", n, who=child(n))
                    for n in range(4)
                    for of in (harming, harmed)
                ]
            )
            any_desk.publish(*some)
            until(partial(all_recorded, any_desk, len(said)), f"all recorded with the clock {jump} s ahead")
        code, tally, complaint = intake.stop()
        ended = follow.stop()
    finally:
        intake.kill()
        follow.kill()
    with any_desk.open() as hub:
        recorded_at = [event.at for event in history(hub)]
        for follower in hub.followers:
            follower.catch_up()
        drawn = [sorted(follower.rows()) for follower in hub.followers]
        for follower in hub.followers:
            follower.rebuild()
        again = [sorted(follower.rows()) for follower in hub.followers]

    assert {event.event_id: 1 for event in said} == dict(Counter(entries(any_desk)))
    assert (0, "") == (code, complaint)
    assert (0, "") == (ended[0], ended[2])
    assert len(said) == tally["recorded"]
    assert max(recorded_at) - min(recorded_at) > timedelta(days=700)
    assert all(drawn[:2])  # nothing is restricted: nobody answers for it
    assert drawn == again


def child(number):
    return {**ANN, "identifiers": ({"system": "nhs-number", "value": f"999{number:07d}"},)}


def all_recorded(desk, count):
    return len(entries(desk)) == count


def history(hub):
    return [event for id_ in hub.records.children() for event in hub.records.history(id_)]
