"""A follower or a rebuild that is killed: what readers see stays whole, and equals a rebuild in the end."""

import time

import pytest

from tests.events import ANN, harmed, harming
from tests.journeys.workers import environment
from tests.warm import Started

CHILDREN = 60


def child(number):
    return {**ANN, "identifiers": ({"system": "nhs-number", "value": f"999{number:07d}"},)}


@pytest.mark.slow
@pytest.mark.parametrize("command", [["follow", "--once"], ["rebuild", "flags"], ["rebuild", "worklist"]])
def test_a_kill_in_the_middle_leaves_what_readers_see_whole(desk, command):
    desk.take_in(*(harming(f"h{n}", n % 9, who=child(n)) for n in range(CHILDREN)))
    with desk.open() as hub:
        for follower in hub.followers:
            follower.catch_up()
        before = [follower.rows() for follower in hub.followers]
    if command[0] == "follow":
        desk.take_in(*(harmed(f"o{n}", 20 + n % 9, who=child(n)) for n in range(CHILDREN)))
    for tenths in (1, 2, 4):
        process = Started("hub", "--data", str(desk.settings.data), *command, environment=environment(desk))
        time.sleep(tenths / 10)  # somewhere in the middle: where, is not ours to say
        process.kill()
        process.wait()
        with desk.open() as hub:
            seen = [follower.rows() for follower in hub.followers]
            if command[0] == "rebuild":
                assert before == seen
    with desk.open() as hub:
        for follower in hub.followers:
            follower.catch_up()
        kept = [follower.rows() for follower in hub.followers]
        for follower in hub.followers:
            follower.rebuild()

        assert kept == [follower.rows() for follower in hub.followers]
        assert CHILDREN == len(kept[1])
        assert CHILDREN == len(hub.records.children())
