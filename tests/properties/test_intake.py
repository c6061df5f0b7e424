"""What must always hold of intake: order of arrival, resending, a kill at any point, as known at."""

import signal
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.events import attendance, concern, missing
from tests.hubs import NOW, POLICE_OFFICER, Desk, only_child, take_all
from tests.journeys.workers import environment
from tests.properties.crash import POINTS
from tests.warm import run

STORY = (
    missing("m1", 1, ongoing=True),
    missing("m1-found", 2, completes="m1", ended_at="2026-09-03T12:00:00Z"),
    attendance("a1", 3),
    concern("c1", 4),
    concern("c1-again", 4, corrects="c1", summary="It was another lesson."),
    missing("m2", 5),
)


def shown(hub):
    """Everything of the chronology but when the hub came to know it."""
    return [
        (x.entry.id, x.entry.occurred_at, x.standing, x.ongoing, x.ended_at, x.entry.open)
        for x in hub.records.lines(only_child(hub))
    ]


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(STORY), twice=st.lists(st.sampled_from(STORY), max_size=4))
def test_neither_order_of_arrival_nor_resending_changes_the_chronology(order, twice):
    with TemporaryDirectory() as folder:
        straight, shuffled = Desk(Path(folder) / "a"), Desk(Path(folder) / "b")
        straight.take_in(*STORY)
        for event in (*order, *twice):
            shuffled.take_in(event)
        with straight.open() as one, shuffled.open() as other:
            assert shown(one) == shown(other)


@pytest.mark.slow
@pytest.mark.parametrize("point", [p for p in POINTS if "Kafka" not in p])
def test_a_process_killed_anywhere_loses_and_doubles_nothing(desk, point):
    killed_and_gone_on(desk, point)


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["after poll", "inside the transaction, after its events", "after the transaction"]
)
def test_a_process_killed_anywhere_loses_and_doubles_nothing_on_any_engines(any_desk, point):
    killed_and_gone_on(any_desk, point)


def killed_and_gone_on(desk, point):
    events = [missing(f"m{n}", n) for n in range(20)]
    desk.publish(*events)

    killed = run("tests.properties.crash", str(desk.settings.data), point, environment=environment(desk))
    with desk.open() as hub:
        take_all(hub)

        assert -signal.SIGKILL == killed.returncode
        assert [e.event_id for e in events] == [x.entry.id for x in hub.records.lines(only_child(hub))]


def test_what_was_known_at_a_moment_is_what_was_shown_at_that_moment(desk):
    seen = []
    for number, event in enumerate(STORY):
        at = NOW + timedelta(days=number)
        desk.take_in(event, at=at)
        with desk.open(at=at + timedelta(hours=1)) as hub:
            seen.append((hub.clock(), hub.share.chronology(POLICE_OFFICER, only_child(hub)).lines))

    with desk.open(at=NOW + timedelta(days=30)) as hub:
        for moment, lines in seen:
            assert lines == hub.share.chronology(POLICE_OFFICER, only_child(hub), known_at=moment).lines
