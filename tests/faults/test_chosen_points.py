"""Work killed at each point that matters: what readers see stays whole, and in the end nothing is missing."""

import pytest

from hub.compose import open_intake
from tests.events import ANN, harmed, harming
from tests.faults.dying import DRAWING, FLIPPING, KEEPING, RECORDING, ended_at
from tests.hubs import take_all
from tests.journeys.workers import entries

CHILDREN = 3


def name(point):
    return f"{point.when}-{point.write}-{point.turn}"


def child(number):
    return {**ANN, "identifiers": ({"system": "nhs-number", "value": f"999{number:07d}"},)}


def events():
    """What two agencies say of each child: flags and work follow from the two together."""
    return [
        of(f"{of.__name__}{n}", 40 * (of is harmed), who=child(n))
        for n in range(CHILDREN)
        for of in (harming, harmed)
    ]


def follow(hub):
    """As `hub follow --once` does."""
    for follower in hub.followers:
        follower.catch_up()
    hub.ledger.catch_up()


def rebuild(hub):
    for follower in hub.followers:
        follower.rebuild()


def seen(desk):
    with desk.open() as hub:
        return [follower.rows() for follower in hub.followers]


def is_whole(desk):
    """Followed to its end, views are what a rebuild draws, and the ledger is what is stored."""
    with desk.open() as hub:
        follow(hub)
        drawn = [follower.rows() for follower in hub.followers]
        rebuild(hub)
        complete = all(len(rows) == CHILDREN for rows in drawn[:2])
        return complete and drawn == [f.rows() for f in hub.followers] and hub.ledger.verify().holds


@pytest.mark.parametrize("point", [*DRAWING, *KEEPING], ids=name)
def test_a_follower_killed_at_a_chosen_point_goes_on_from_there(desk, point):
    desk.take_in(*events())

    assert ended_at(point, desk, follow)
    assert is_whole(desk)


@pytest.mark.parametrize("point", [DRAWING[1], *FLIPPING], ids=name)
def test_a_rebuild_killed_at_a_chosen_point_leaves_readers_a_whole_view(desk, point):
    desk.take_in(*events())
    with desk.open() as hub:
        follow(hub)
    before = seen(desk)

    assert ended_at(point, desk, rebuild)
    assert before == seen(desk)
    assert is_whole(desk)


@pytest.mark.parametrize("point", RECORDING, ids=name)
def test_intake_killed_at_a_chosen_point_records_each_event_once(desk, point):
    said = events()
    desk.publish(*said)

    assert ended_at(point, desk, taken_in_two)
    with desk.open() as hub:
        take_all(hub)
    assert sorted(event.event_id for event in said) == sorted(entries(desk))
    assert is_whole(desk)


def taken_in_two(hub):
    with open_intake(hub) as intake:
        while intake.step(CHILDREN).read:
            pass
