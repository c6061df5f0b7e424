"""A clock that jumps by hours, both ways: nothing is lost, order is by what happened, views catch up."""

from datetime import timedelta

from tests.events import attendance, missing
from tests.hubs import NOW, only_child


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
