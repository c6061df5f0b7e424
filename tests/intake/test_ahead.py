"""A batch is read in a process of its own while another is recorded; all is taken once."""

import os
import time
from contextlib import closing
from functools import partial
from signal import SIGKILL
from threading import current_thread
from uuid import uuid4

import pytest

from hub.compose import fetcher_of, open_intake, reader_of
from hub.confidentiality.agency_keys import load_agency_keys, remove_agency_key
from hub.errors import Unavailable
from hub.intake import ahead, beforehand
from hub.intake.ahead import ReadAhead
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.fetching import Fetching
from hub.intake.ingest import Intake
from hub.intake.opening import Heartbeat, Refusal
from hub.records.entries import Bodies
from hub.sharing.policy import load
from schemas.vocabulary import Agency
from tests.events import BEN, attendance, missing
from tests.hubs import Desk, only_child

BATCH = 5


@pytest.fixture(autouse=True)
def worth(monkeypatch):
    """Batches so small are worth a process here."""
    monkeypatch.setattr(ahead, "WORTH", BATCH)


@pytest.fixture
def desk(tmp_path):
    """One store is enough: what is asked here is who read, not where it is kept."""
    return Desk(tmp_path / "data")


def alone(settings):
    """Fetches nothing in another process."""
    return Fetching(partial(fetcher_of, settings), cores=1)


@pytest.fixture
def reading(desk):
    """Reads ahead with a real process."""
    one = ReadAhead(partial(reader_of, desk.settings, load().texts), cores=2)
    yield one
    one.close()


class Failing(EmbeddedDeliveries):
    """The embedded bus, which goes away at one poll after it has moved on."""

    fails = False

    def poll(self, limit, timeout):
        found = super().poll(limit, timeout)
        if self.fails:
            self.fails = False
            raise Unavailable("the bus is away")
        return found


@pytest.fixture
def worker(desk, reading):
    """An intake worker whose reading process is there already."""
    deliveries = Failing(desk.settings.topic_log)
    with (
        desk.open() as hub,
        closing(Intake(deliveries, hub.records, reading, alone(desk.settings), uuid4)) as intake,
    ):
        yield intake
    deliveries.close()


class Threads(ReadAhead):
    """Reads in this process, as if another did: what threads do is asked here, and starts none."""

    beside = True


@pytest.fixture
def threaded(desk):
    """An intake worker whose threads are there from the first batch on."""
    reading, deliveries = (
        Threads(partial(reader_of, desk.settings, load().texts), cores=1),
        Failing(desk.settings.topic_log),
    )
    with (
        desk.open() as hub,
        closing(Intake(deliveries, hub.records, reading, alone(desk.settings), uuid4)) as intake,
    ):
        yield intake
    deliveries.close()


def episodes(first, count):
    return [missing(f"m{n}", day=n % 28 + 1) for n in range(first, first + count)]


def started(reading, batch):
    """Begin batches until a process reads them."""
    for _ in range(2):
        reading.begin(batch)()()
    until = time.monotonic() + 60
    while not reading.beside:
        assert time.monotonic() < until, "the process did not start"
        time.sleep(0.02)


def run(worker, reading):
    """Take in batches until the process is there, and answer how many events that were."""
    count = 0
    for _ in range(2):
        count += worker.step(BATCH).recorded
    until = time.monotonic() + 60
    while not reading.beside:
        assert time.monotonic() < until, "the process did not start"
        time.sleep(0.02)
    return count


def recorded(desk):
    with desk.open() as hub:
        return len(hub.records.child(only_child(hub)).entries)


def test_what_is_read_beside_is_what_is_read_here(desk, reading):
    ben = {"relation": "sibling", "identifiers": BEN["identifiers"]}
    desk.publish(*episodes(0, BATCH), attendance("a1", children=[ben], first_teller=BEN["identifiers"][0]))
    desk.heartbeat(Agency.POLICE)
    batch = EmbeddedDeliveries(desk.settings.topic_log).poll(10, 0)
    odd = [batch[0]._replace(value=b"damaged"), batch[0]._replace(topic="nobody's")]
    started(reading, batch)

    there = reading.begin([*batch, *odd])()()

    assert reading.here([*batch, *odd]) == there
    assert {Bodies, Refusal, Heartbeat} == {type(found) for found in there}


def test_every_event_is_recorded_once_whichever_process_read_it(desk, worker, reading):
    desk.publish(*episodes(0, 6 * BATCH + 2))

    count = run(worker, reading)
    while taken := worker.step(BATCH).recorded:
        count += taken

    assert 6 * BATCH + 2 == count == recorded(desk)


def kill(one):
    """Kill the process that reads, or fetches, beside."""
    os.kill(one._process._process.pid, SIGKILL)
    one._process._process.wait()


def test_a_reading_process_that_is_killed_loses_nothing(desk, worker, reading):
    desk.publish(*episodes(0, 6 * BATCH))
    count = run(worker, reading)
    count += worker.step(BATCH).recorded
    kill(reading)
    while taken := worker.step(BATCH).recorded:
        count += taken

    assert 6 * BATCH == count == recorded(desk)


def test_what_was_read_ahead_is_dropped_when_the_worker_seeks(desk, worker, reading):
    desk.publish(*episodes(0, 5 * BATCH))
    count = run(worker, reading)
    worker.seek()
    while taken := worker.step(BATCH).recorded:
        worker.seek()
        count += taken

    assert 5 * BATCH == count == recorded(desk)


def test_a_bus_that_goes_away_while_reading_ahead_leaves_no_gap(desk, worker, reading):
    desk.publish(*episodes(0, 6 * BATCH))
    count = run(worker, reading) + worker.step(BATCH).recorded
    worker._deliveries.fails = True
    while taken := worker.step(BATCH).recorded:
        count += taken

    assert not worker._deliveries.fails
    assert 6 * BATCH == count == recorded(desk)


def test_what_a_batch_asks_of_the_store_is_fetched_before_its_turn(desk, threaded, monkeypatch):
    desk.take_in(missing("first"))
    threaded.seek()
    desk.publish(*episodes(0, 3 * BATCH))
    records, asked = threaded._records, []
    rows = records.archive.rows
    for port, name in ((rows, "select_many"), (rows, "taken"), (records.keys._keys, "of")):
        ask = getattr(port, name)
        monkeypatch.setattr(port, name, lambda ids, ask=ask: asked.append(current_thread().name) or ask(ids))
    count = 0
    while taken := threaded.step(BATCH).recorded:
        count += taken

    assert 3 * BATCH == count
    assert {"hub-fetches_0"} == set(asked)


def test_what_was_taken_since_it_was_asked_is_seen_when_it_is_recorded(desk, threaded, monkeypatch):
    told = episodes(0, 2 * BATCH)
    changed = told[-1].model_copy(update={"summary": "other words"})
    desk.publish(*told, *told[BATCH:-1], changed)
    monkeypatch.setattr(beforehand, "_fetch", lambda *_: {})  # all was asked before any of it was taken
    with desk.open() as hub:
        tallies = [threaded.step(BATCH) for _ in range(3)]
        held = [each.held.reason for each in hub.records.archive.rows.quarantined()]

    assert [BATCH, BATCH, 0] == [each.recorded for each in tallies]
    assert [0, 0, BATCH - 1] == [each.resent for each in tallies]
    assert ["conflicting-resend"] == held
    assert 2 * BATCH == recorded(desk)


def test_what_could_not_be_fetched_is_asked_for_by_who_records(desk, threaded, monkeypatch):
    desk.publish(*episodes(0, 3 * BATCH))
    asked = []
    monkeypatch.setattr(beforehand, "_fetch", lambda *_: asked.append(1) or 1 / 0)
    while threaded.step(BATCH).recorded:
        pass

    assert [1] * 3 == asked
    assert 3 * BATCH == recorded(desk)


def test_who_an_identifier_belonged_to_is_not_remembered_once_all_was_forgotten(desk):
    desk.take_in(missing("m1"))
    with desk.open() as hub:
        stream = hub.records.hashes.stream(missing("m1").identifiers[0])
        rows, identities = hub.records.archive.rows, hub.records.identities
        ask = rows.select_many
        rows.select_many = lambda ids: (identities.forget(), ask(ids))[1]
        found = identities.look_up([stream])

    assert [stream] == list(found)
    assert not identities._known


def test_a_held_delivery_is_retried_while_a_batch_is_being_read_ahead(desk, worker, reading):
    desk.publish(*episodes(0, 2 * BATCH))
    with desk.open() as hub:
        (spoilt,) = [m._replace(value=b"damaged") for m in desk.messages(missing("spoilt"))]
    desk.send(spoilt)
    desk.publish(*episodes(2 * BATCH, 3 * BATCH))
    count = run(worker, reading)
    with desk.open() as hub:
        count += worker.step(BATCH).recorded
        while not (held := hub.records.archive.rows.quarantined()):
            count += worker.step(BATCH).recorded
        refusal = worker.retry(held[0], "ada")
    while taken := worker.step(BATCH).recorded:
        count += taken

    assert "damaged" == refusal.reason
    assert 5 * BATCH == count == recorded(desk)


def test_on_one_core_no_process_is_started(desk):
    desk.publish(*episodes(0, BATCH))
    batch = EmbeddedDeliveries(desk.settings.topic_log).poll(10, 0)
    reading = ReadAhead(partial(reader_of, desk.settings, load().texts), cores=1)
    for _ in range(5):
        assert BATCH == len(reading.begin(batch)()())

    assert not reading._process.started


def test_an_agency_key_that_was_removed_counts_from_the_next_batch_on(desk):
    desk.publish(*episodes(0, 1))
    with desk.open() as hub, open_intake(hub) as worker:
        first = worker.step()
        for agency, key in load_agency_keys(desk.settings.agency_keys):
            remove_agency_key(desk.settings.agency_keys, agency, key)
        desk.publish(*episodes(1, 1))
        second = worker.step()

    assert (1, {}) == (first.recorded, first.reasons)
    assert (0, {"unknown-agency-key": 1}) == (second.recorded, second.reasons)
