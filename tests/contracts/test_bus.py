"""What the hub and the agencies rely on from any bus; an engine is one more parameter of the fixture."""

import gc
import random
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.bus_kafka import KafkaProducing
from adapters.publish import EmbeddedProducer, Producer
from hub.errors import Unavailable
from hub.intake.deliveries import Deliveries, Delivery
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.deliveries_kafka import KafkaDeliveries
from schemas import topic_log
from schemas.topic_log import TopicLog
from schemas.wire import PARTITIONS, Message

TOPIC, OTHER = "safeguarding.police.v1", "safeguarding.health.v1"
ANY = {TOPIC, OTHER}.__contains__
HEADERS = (("ce_id", b"1"), ("ce_id", b"twice"), ("content-type", b"\x00\xff"), ("empty", b""))


@dataclass(frozen=True)
class Bus:
    """One engine, seen from both sides: every call opens another producer or reader of the same bus."""

    producer: Callable[[], Producer]
    reader: Callable[..., Deliveries]


@pytest.fixture(params=["embedded", "kafka"])
def bus(request, tmp_path) -> Iterator[Bus]:
    with ExitStack() as opened:

        def kept(thing):
            opened.callback(thing.close)
            return thing

        if request.param == "embedded":
            path = tmp_path / "bus.sqlite"
            topic_log.migrate(path)
            first = kept(TopicLog(path))
            for topic in (TOPIC, OTHER):
                first.create_topic(topic)
            yield Bus(
                lambda: EmbeddedProducer(kept(TopicLog(path))),
                lambda reads=ANY: kept(EmbeddedDeliveries(path, reads)),
            )
        else:
            access = request.getfixturevalue("kafka_access")
            yield Bus(
                lambda: kept(KafkaProducing(access)),
                lambda reads=ANY: kept(KafkaDeliveries(access, reads=reads)),
            )


def message(n: int, child: int = 0, topic: str = TOPIC, size: int = 0) -> Message:
    return Message(topic, f"child-{child}".encode(), HEADERS, f"{n}".encode().ljust(size, b"."))


def everything(reader: Deliveries, limit: int = 100) -> list[Delivery]:
    found: list[Delivery] = []
    while batch := reader.poll(limit, 0.0):
        found.extend(batch)
    return found


def by_partition(found: list[Delivery]) -> dict[tuple[str, int], list[Delivery]]:
    lanes: dict[tuple[str, int], list[Delivery]] = {}
    for delivery in found:
        lanes.setdefault((delivery.topic, delivery.partition), []).append(delivery)
    return lanes


def test_what_is_sent_is_read_byte_for_byte(bus):
    sent = message(7)
    bus.producer().send([sent])

    (read,) = everything(bus.reader())

    assert sent == Message(read.topic, read.key, read.headers, read.value)


def test_order_holds_within_a_partition_over_batches_and_producers(bus):
    for start in range(0, 60, 10):
        bus.producer().send([message(n, child=n % 5) for n in range(start, start + 10)])

    lanes = by_partition(everything(bus.reader(), limit=7))

    assert all([int(d.value) for d in lane] == sorted(int(d.value) for d in lane) for lane in lanes.values())
    assert list(range(60)) == sorted(int(d.value) for lane in lanes.values() for d in lane)


def test_one_key_is_always_in_one_partition_and_keys_spread(bus):
    for _ in range(3):
        bus.producer().send([message(n, child=n) for n in range(50)])

    read = everything(bus.reader())
    places = {key: {d.partition for d in read if d.key == key} for key in {d.key for d in read}}

    assert {1} == {len(partitions) for partitions in places.values()}
    assert set(range(PARTITIONS)) == {d.partition for d in read}


def test_offsets_are_contiguous_from_zero_in_every_partition(bus):
    for start in range(0, 100, 25):
        bus.producer().send([message(n, child=n) for n in range(start, start + 25)])

    reader = bus.reader()
    lanes = by_partition(everything(reader))

    assert all(list(range(len(lane))) == [d.offset for d in lane] for lane in lanes.values())
    assert {at: len(lane) for at, lane in lanes.items()} == {
        at: end for at, end in reader.end_offsets().items() if end
    }


def test_every_partition_of_every_topic_is_named_before_anything_is_sent(bus):
    expected = {(topic, n) for topic in (TOPIC, OTHER) for n in range(PARTITIONS)}

    reader = bus.reader()

    assert expected == set(reader.partitions())
    assert dict.fromkeys(expected, 0) == reader.end_offsets()


def test_a_reader_goes_on_where_it_is_told_and_else_from_the_start(bus):
    bus.producer().send([message(n, child=n % 9) for n in range(90)])
    reader = bus.reader()
    lanes = by_partition(everything(reader))
    at = next(iter(lanes))

    reader.seek({at: 3})
    again = by_partition(everything(reader))

    assert lanes[at][3:] == again[at]
    assert {k: v for k, v in lanes.items() if k != at} == {k: v for k, v in again.items() if k != at}


def test_a_reader_at_the_end_gets_what_comes_after(bus):
    bus.producer().send([message(1)])
    reader = bus.reader()
    reader.seek(reader.end_offsets())

    before = everything(reader)
    bus.producer().send([message(2)])

    assert [] == before
    assert [b"2"] == [d.value for d in everything(reader)]


def test_readers_do_not_know_of_each_other(bus):
    bus.producer().send([message(n) for n in range(10)])
    one, two = bus.reader(), bus.reader()

    first = one.poll(4, 0.0)

    assert 4 == len(first)
    assert [f"{n}".encode() for n in range(10)] == [d.value for d in everything(two)]
    assert [f"{n}".encode() for n in range(4, 10)] == [d.value for d in everything(one)]


def test_a_batch_sent_again_after_a_crash_is_there_twice_in_order(bus):
    batch = [message(n) for n in range(5)]
    bus.producer().send(batch)
    bus.producer().send(batch)

    read = everything(bus.reader())

    assert [*range(5), *range(5)] == [int(d.value) for d in read]
    assert list(range(10)) == [d.offset for d in read]


def test_an_empty_bus_gives_nothing_and_waits_no_longer_than_asked(bus):
    reader = bus.reader()
    started = time.monotonic()

    found = reader.poll(10, 0.2)
    waited = time.monotonic() - started

    assert [] == found
    assert 0.15 <= waited < 5


def test_a_waiting_reader_wakes_when_something_comes(bus):
    reader = bus.reader()
    sender = threading.Timer(0.1, bus.producer().send, args=[[message(1)]])
    started = time.monotonic()
    sender.start()

    found = reader.poll(10, 30.0)
    waited = time.monotonic() - started
    sender.join()

    assert [b"1"] == [d.value for d in found]
    assert waited < 20


def test_a_megabyte_goes_through_whole(bus):
    sealed = random.Random(7).randbytes(1_000_000)  # hardly shrinks, as what agencies send
    big = [message(n)._replace(value=sealed[n:]) for n in range(3)]
    bus.producer().send(big)

    assert [m.value for m in big] == [d.value for d in everything(bus.reader())]


def test_a_busy_partition_does_not_hold_up_the_others(bus):
    quiet = [message(n, child=n, topic=OTHER) for n in range(40)]
    bus.producer().send([message(n) for n in range(2000)] + quiet)
    reader = bus.reader()

    first = [d for _ in range(3) for d in reader.poll(100, 0.0)]
    heard = {(d.topic, d.partition) for d in first}

    assert {(OTHER, n) for n in range(PARTITIONS)} < heard
    assert any(topic == TOPIC for topic, _ in heard)


def test_a_poll_gives_no_more_than_asked_and_nothing_is_skipped(bus):
    bus.producer().send([message(n, child=n) for n in range(50)])
    reader = bus.reader()

    sizes, read = [], []
    while batch := reader.poll(3, 0.0):
        sizes.append(len(batch))
        read += batch

    assert max(sizes) <= 3
    assert set(range(50)) == {int(d.value) for d in read}


def test_sending_nothing_is_nothing(bus):
    bus.producer().send([])

    assert [] == everything(bus.reader())


def test_a_reader_may_keep_to_some_topics(bus):
    bus.producer().send([message(1), message(2, topic=OTHER)])
    reader = bus.reader(OTHER.__eq__)

    assert {OTHER} == {topic for topic, _ in reader.partitions()}
    assert [b"2"] == [d.value for d in reader.poll(10, 0.0)]


# What only the embedded log promises


def log_at(path: Path) -> TopicLog:
    topic_log.migrate(path)
    topic_log.migrate(path)
    log = TopicLog(path)
    log.create_topic(TOPIC, 1)
    log.create_topic(TOPIC, 6)
    return log


def test_a_topic_made_twice_stays_as_it_was_and_its_file_is_its_owners_only(tmp_path):
    log = log_at(tmp_path / "bus.sqlite")

    assert {TOPIC: 1} == log.topics()
    assert 0o600 == (tmp_path / "bus.sqlite").stat().st_mode & 0o777
    log.close()


def test_append_tells_where_each_record_went(tmp_path):
    log = log_at(tmp_path / "bus.sqlite")

    first = log.append(TOPIC, [(b"a", HEADERS, b"1"), (b"b", HEADERS, b"2")])
    second = log.append(TOPIC, [(b"a", HEADERS, b"3")])

    assert [(0, 0), (0, 1)] == first
    assert [(0, 2)] == second
    log.close()


def test_a_batch_that_cannot_be_written_whole_is_not_written_at_all(tmp_path):
    log = log_at(tmp_path / "bus.sqlite")

    with pytest.raises(AttributeError):
        log.append(TOPIC, [(b"a", HEADERS, b"1"), (b"a", (("no", None), (None, b"")), b"2")])

    assert {(TOPIC, 0): 0} == log.end_offsets()
    assert [(0, 0)] == log.append(TOPIC, [(b"a", HEADERS, b"1")])
    log.close()


def test_what_is_dropped_is_gone_and_offsets_go_on(tmp_path):
    log = log_at(tmp_path / "bus.sqlite")
    log.append(TOPIC, [(b"a", HEADERS, b"%d" % n) for n in range(10)])

    log.drop_before(TOPIC, {0: 4})
    reader = EmbeddedDeliveries(tmp_path / "bus.sqlite")
    read = reader.poll(100, 0.0)

    assert {(TOPIC, 0): 4} == log.earliest_offsets()
    assert list(range(4, 10)) == [d.offset for d in read]
    assert [(0, 10)] == log.append(TOPIC, [(b"a", HEADERS, b"next")])
    reader.close()
    log.close()


def test_big_records_are_handed_out_a_few_at_a_time(tmp_path):
    log = log_at(tmp_path / "bus.sqlite")
    log.append(TOPIC, [(b"a", (), b"x" * 1000)] * 10)

    assert 3 == len(log.read(TOPIC, 0, 0, 10, max_bytes=2500))
    assert 1 == len(log.read(TOPIC, 0, 9, 10, max_bytes=1))
    log.close()


def test_a_topic_nobody_made_is_refused(tmp_path):
    log = log_at(tmp_path / "bus.sqlite")

    with pytest.raises(topic_log.UnknownTopic):
        log.append("safeguarding.nobody.v1", [(b"a", (), b"")])
    for topic, partition in (("safeguarding.nobody.v1", 0), (TOPIC, PARTITIONS)):
        with pytest.raises(topic_log.UnknownTopic):
            log.read(topic, partition, 0, 1)
    log.close()


def test_a_log_made_with_smaller_pages_keeps_them_and_is_read_and_written_on(tmp_path):
    with closing(sqlite3.connect(tmp_path / "old")) as connection:
        connection.execute("PRAGMA page_size=4096")
        connection.execute("CREATE TABLE of_before (x)")
    pages = []
    for name in ("old", "new"):
        log = log_at(tmp_path / name)
        log.append(TOPIC, [(b"a", HEADERS, b"x" * 5000)] * 10)
        assert [b"x" * 5000] * 10 == [record.value for record in log.read(TOPIC, 0, 0, 10)]
        log.close()
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            pages += connection.execute("PRAGMA page_size").fetchone()

    assert [4096, topic_log.PAGE] == pages


def test_a_log_that_is_not_there_is_said_to_be_unavailable(tmp_path):
    (tmp_path / "text").write_text("not a database, and long enough to be read as one" * 99)

    for name in ("missing", "text"):
        with pytest.raises(Unavailable, match=name):
            EmbeddedDeliveries(tmp_path / name)


def test_a_poll_holds_on_to_nothing_that_was_at_hand_around_it(bus):
    producer, reader = bus.producer(), bus.reader()
    producer.send([message(n) for n in range(9)])
    seen = []

    def poll() -> list[Delivery]:
        at_hand = threading.Event()
        seen.append(weakref.ref(at_hand))
        return reader.poll(1, 0.0)

    gc.disable()  # it would let go of circles, and of a worker's only seldom
    try:
        found = [delivery for _ in range(9) for delivery in poll()]
        left = [one for one in seen if one() is not None]
    finally:
        gc.enable()

    assert 9 == len(found)
    assert [] == left
