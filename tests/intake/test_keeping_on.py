"""An intake worker goes on by itself when what it needs is back, and stops between two batches when asked."""

from functools import partial
from uuid import uuid4

import pytest

from hub.compose import fetcher_of
from hub.confidentiality import bus_sessions
from hub.confidentiality.bus_sessions import SessionOpener
from hub.errors import Unavailable
from hub.intake.ahead import ReadAhead
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.fetching import Fetching
from hub.intake.ingest import Intake, IntakeStopped
from hub.intake.keeping_on import keep_on
from hub.intake.opening import Reader
from tests.events import missing


class Interrupted(EmbeddedDeliveries):
    """The embedded bus, that cannot be read at some polls, and keeps what it was asked."""

    def __init__(self, path, faults):
        super().__init__(path)
        self.faults, self.held, self.sought = list(faults), [], 0

    def poll(self, limit, timeout):
        fault = self.faults.pop(0) if self.faults else None
        found = super().poll(limit, timeout * 0)
        if fault is not None:
            raise fault
        return found

    def seek(self, positions):
        self.sought += 1
        super().seek(positions)

    def hold(self, seconds):
        self.held.append(seconds)


@pytest.fixture
def run(desk):
    def running(faults, looks=10):
        deliveries = Interrupted(desk.settings.topic_log, faults)
        said = []
        left = iter(range(looks))
        with desk.open() as hub:
            agencies = bus_sessions.load_agency_keys(desk.settings.agency_keys)
            reader = Reader(SessionOpener(hub.key_file.bus_keys(), agencies), hub.records.hashes)
            fetching = Fetching(partial(fetcher_of, desk.settings), cores=1)
            worker = Intake(deliveries, hub.records, ReadAhead(lambda: reader, cores=1), fetching, uuid4)
            try:
                tally = keep_on(
                    worker,
                    lambda: next(left, None) is None,
                    lambda _: None,
                    lambda why, seconds: said.append((why, seconds)),
                )
            finally:
                deliveries.close()
        return tally, said, deliveries

    return running


def test_a_batch_read_while_something_was_down_is_read_again_and_recorded_once(desk, run):
    desk.publish(missing("m1"), missing("m2", 1))

    tally, said, deliveries = run([Unavailable("the store is away")])

    assert (2, 0) == (tally.recorded, tally.resent)
    assert [("the store is away", 1.0)] == said
    assert 2 == deliveries.sought


def test_it_waits_twice_as_long_each_time_up_to_half_a_minute_and_begins_anew_once_it_worked(run):
    away = Unavailable("away")

    _, said, deliveries = run([*[away] * 7, None, away], looks=200)

    assert [1, 2, 4, 8, 16, 30, 30, 1] == [seconds for _, seconds in said]
    assert 1.0 >= max(deliveries.held)
    assert sum(seconds for _, seconds in said) == sum(deliveries.held)


def test_asked_to_stop_it_waits_no_longer(desk, run):
    desk.publish(missing("m1"))

    tally, said, deliveries = run([Unavailable("away")], looks=2)

    assert (0, 1) == (tally.recorded, len(said))
    assert len(deliveries.held) <= 1


def test_what_a_person_must_look_at_is_not_waited_for(desk, run):
    with pytest.raises(IntakeStopped):
        run([IntakeStopped("all is bad")])
