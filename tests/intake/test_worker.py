"""An intake worker on a bus that tells what it was asked: what is waited for, read again, set aside, told."""

import threading
import time
from contextlib import closing, contextmanager
from functools import partial
from uuid import uuid4

import pytest

from hub.compose import fetcher_of, open_intake, reader_of
from hub.disposal import peppers
from hub.errors import Conflict, Unavailable
from hub.intake.ahead import ReadAhead
from hub.intake.deliveries import DeliveriesLost
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.fetching import Fetching
from hub.intake.ingest import Intake, IntakeStopped, Limit
from hub.intake.work import Tally
from hub.sharing.policy import load
from schemas import wire
from schemas.tracing import NoTracing
from schemas.vocabulary import Agency
from tests.events import attendance, concern, missing
from tests.hubs import Desk, take_all

POLICE, HEALTH, SCHOOLS = map(wire.topic_of, (Agency.POLICE, Agency.HEALTH, Agency.SCHOOLS))


class Asked(EmbeddedDeliveries):
    """The embedded bus, that keeps what it was asked, and can do what Kafka can."""

    def __init__(self, path):
        super().__init__(path)
        self.waited, self.told, self.sought = [], {}, 0
        self.of_topics, self.more, self.away = {}, False, False

    def seek(self, positions):
        self.sought, self.more = self.sought + 1, False
        super().seek(positions)

    def ids(self):
        return self.of_topics

    def gained(self):
        return self.more

    def poll(self, limit, timeout):
        self.waited.append(timeout)
        found = super().poll(limit, 0.0)
        if self.away:
            self.away = False
            raise Unavailable("the bus went away after it had moved on")
        return found

    def taken(self, positions):
        self.told |= positions


class Threads(ReadAhead):
    """Reads in this process, as if another did, so that batches are begun beforehand."""

    beside = True


class Told(NoTracing):
    def __init__(self):
        self.spans = []

    def went_on(self, name, traceparents, began):
        self.spans.append((name, list(traceparents), began))


@pytest.fixture
def desk(tmp_path):
    """One store is enough: what is asked here is how a worker reads, not where it is kept."""
    return Desk(tmp_path / "data")


@pytest.fixture
def bus(desk):
    with closing(Asked(desk.settings.topic_log)) as bus:
        yield bus


@contextmanager
def at_work(desk, bus, ahead=ReadAhead, **more):
    """An intake worker on this bus."""
    reading = ahead(partial(reader_of, desk.settings, load().texts), cores=1)
    fetching = Fetching(partial(fetcher_of, desk.settings), cores=1)
    with desk.open() as hub, closing(Intake(bus, hub.records, reading, fetching, uuid4, **more)) as intake:
        yield intake


def rest(intake, limit=2):
    """Take in what is left."""
    total = Tally()
    while (tally := intake.step(limit)).read:
        total += tally
    return total


def spoilt(desk, *events):
    return [message._replace(value=b"rubbish") for message in desk.messages(*events)]


def episodes(count, first=0):
    return [missing(f"m{n}", day=n) for n in range(first, first + count)]


def test_who_does_not_say_how_long_waits_for_nothing_and_what_is_begun_beforehand_is_never_waited_for(
    desk, bus
):
    with at_work(desk, bus, Threads) as intake:
        intake.step()
        desk.publish(*episodes(6))
        intake.step(2, 0.25)

        assert [0.0, 0.25, 0.0, 0.0] == bus.waited  # two batches are begun while one is recorded
        assert 4 == rest(intake).recorded
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hub-")]


def test_what_was_begun_beforehand_is_dropped_where_the_worker_seeks_and_read_once_more(desk, bus):
    desk.publish(*episodes(6))
    with at_work(desk, bus, Threads) as intake:
        intake.step(2)
        intake.seek()
        left = rest(intake)

    assert (4, 4, 0) == (left.read, left.recorded, left.resent)


def test_what_was_begun_after_the_bus_went_away_is_sought_before_it_is_read(desk, bus):
    desk.publish(*episodes(6))
    with at_work(desk, bus, Threads) as intake:
        bus.away = False
        intake.step(2)
        bus.away = True
        count = intake.step(2).recorded + rest(intake).recorded

    assert not bus.away
    assert 4 == count


def test_partitions_that_came_to_a_worker_are_read_from_where_the_store_says(desk, bus):
    with at_work(desk, bus) as intake:
        before = bus.sought
        intake.step()
        assert before == bus.sought
        bus.more = True
        intake.step()

        assert before + 1 == bus.sought


def test_a_topic_that_was_made_anew_is_not_read_on_from_where_the_older_one_was(desk, bus):
    bus.of_topics = {POLICE: "the first"}
    desk.publish(missing())
    with at_work(desk, bus) as intake:
        intake.step()
        bus.of_topics = {POLICE: "another"}
        with pytest.raises(DeliveriesLost, match="was made anew"):
            intake.seek()


def test_the_bus_is_told_what_the_store_has_read_up_to(desk, bus):
    desk.publish(*episodes(3), attendance())
    with at_work(desk, bus) as intake:
        intake.step()

    assert {POLICE: 3, HEALTH: 1} == {topic: at for (topic, _), at in bus.told.items()}


@pytest.mark.parametrize(("good", "bad", "aside"), [(1, 2, set()), (2, 2, set()), (1, 3, {POLICE})])
def test_a_topic_is_set_aside_over_the_share_of_at_least_so_many(desk, bus, good, bad, aside):
    desk.publish(*episodes(good))
    desk.send(*spoilt(desk, *episodes(bad, first=10)))
    with at_work(desk, bus, limit=Limit(share=0.5, window=10, least=4)) as intake:
        tally = intake.step()

        assert (aside, 0 if aside else good + bad) == (intake.aside, tally.read)


def test_one_agency_alone_that_sends_rubbish_is_set_aside_and_waited_for_no_more(desk, bus):
    desk.send(*spoilt(desk, *episodes(4)))
    with at_work(desk, bus, limit=Limit(least=4)) as intake:
        assert (0, {POLICE}) == (intake.step(10, 0.5).read, intake.aside)
        assert [0.5, 0.5, 0.0] == bus.waited  # read again without it, and what is left of it passed over
        desk.publish(attendance())

        assert 1 == intake.step(2).recorded


def test_two_agencies_are_set_aside_where_a_third_is_heard_and_intake_stops_where_nobody_else_is(desk, bus):
    rubbish = spoilt(desk, *episodes(4), *(attendance(f"a{n}", day=n) for n in range(4)))
    desk.send(*rubbish, *desk.messages(concern()))
    with at_work(desk, bus, limit=Limit(least=4)) as intake:
        assert 1 == rest(intake, 20).recorded
        assert {POLICE, HEALTH} == intake.aside
    with desk.open() as hub:
        assert {SCHOOLS} == {topic for topic, _ in hub.records.archive.rows.positions()}
    with at_work(desk, bus, limit=Limit(least=4)) as intake, pytest.raises(IntakeStopped) as stopped:
        intake.step()

    assert (503, 4) == (stopped.value.status, stopped.value.exit_code)
    assert "8 of the last 8 deliveries were refused" in str(stopped.value)


def test_where_others_always_write_first_nothing_is_lost_and_the_next_step_reads_it_again(
    desk, bus, monkeypatch
):
    desk.publish(missing())
    with at_work(desk, bus) as intake:
        with monkeypatch.context() as busy:
            busy.setattr(intake._records, "record", lambda *_, **__: others_first())
            with pytest.raises(Conflict, match="the store is being written by others"):
                intake.step()

        assert 1 == intake.step().recorded


def others_first():
    raise Conflict("another came first")


def test_what_waits_is_told_with_since_when_and_is_read_all_the_same(desk, bus):
    desk.publish(*episodes(2))
    with at_work(desk, bus) as intake:
        ((at, waits),) = intake.waiting().items()

        assert (POLICE, 2) == (at[0], waits.events)
        assert waits.since is not None
        assert 2 == intake.step().recorded


def test_what_senders_say_their_messages_are_part_of_is_told_once_they_are_taken(desk, bus):
    tracing, began = Told(), time.time_ns()
    one, other, bare = desk.messages(*episodes(3))
    one = one._replace(headers=(*one.headers, (wire.TRACEPARENT, b"00-ab-cd-01")))
    other = other._replace(headers=(*other.headers, (wire.TRACEPARENT, b"00-\xff")))
    desk.send(one, other, bare)
    with at_work(desk, bus, tracing=tracing) as intake:
        intake.step()

    ((name, said, since),) = tracing.spans
    assert ("intake", ["00-ab-cd-01", "00-\ufffd"]) == (name, said)
    assert began <= since <= time.time_ns()


def test_a_batch_that_was_read_before_the_peppers_were_turned_is_read_anew(desk, bus):
    desk.publish(missing())
    with at_work(desk, bus) as intake, desk.open() as hub:
        intake._begin(bus.poll(10, 0.0))
        peppers._begin(hub.records, hub.key_file, hub.records.peppers.standing())

        assert 1 == intake.step().recorded


@pytest.mark.parametrize(
    ("event", "reason"),
    [(missing(summary="Something else."), "conflicting-resend"), (attendance("m1"), "unknown-agency-key")],
)
def test_what_is_still_refused_when_it_is_tried_again_stays_held_with_the_same_reason(desk, event, reason):
    desk.take_in(missing())
    if reason == "unknown-agency-key":
        desk.settings.agency_keys.write_text("[]")
    desk.take_in(event)
    with desk.open() as hub, open_intake(hub) as intake:
        (held,) = hub.records.archive.rows.quarantined()

        assert reason == held.held.reason == intake.retry(held, "ada").reason
        assert [held] == hub.records.archive.rows.quarantined()


def test_what_is_taken_when_it_is_tried_again_is_held_no_more_and_it_is_known_by_whom(desk):
    known = desk.settings.agency_keys.read_text()
    desk.settings.agency_keys.write_text("[]")
    desk.take_in(missing())
    desk.settings.agency_keys.write_text(known)
    with desk.open() as hub, open_intake(hub) as intake:
        (held,) = hub.records.archive.rows.quarantined()
        assert None is intake.retry(held, "ada")
        (ended,) = hub.records.archive.rows.quarantined(None)

        assert ("retried", "ada") == (ended.state, ended.ended_by)
        assert 0 == take_all(hub).read
