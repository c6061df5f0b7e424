"""The hub on a real Kafka, with processes that are killed, stopped and cut off."""

import json
from collections import Counter
from datetime import UTC, datetime
from socket import socket

import pytest
from kafka import KafkaProducer
from kafka.errors import CoordinatorNotAvailableError
from kafka.structs import TopicPartition

from adapters.publish import heartbeat
from adapters.station import open_station
from hub.compose import open_intake
from hub.domain.child import By
from hub.errors import HubError, Refused, Unavailable
from hub.intake.deliveries import GROUP, DeliveriesLost
from hub.intake.deliveries_kafka import KafkaDeliveries
from hub.intake.keeping_on import take_what_is_there
from hub.intake.losing import accept_loss
from hub.store.mapper import HUB
from schemas.bus_access import BusAccess
from schemas.vocabulary import Agency
from schemas.wire import PARTITIONS, TOPICS, topic_of
from tests.events import missing
from tests.hubs import Desk, take_all
from tests.journeys.commands import hub as run_hub
from tests.journeys.workers import entries, until, workers

OPERATOR = By("operator", "operator", "hub")
POLICE = topic_of(Agency.POLICE)


def who(n):
    return {"identifiers": ({"system": "upn", "value": f"UPN{n}"},), "name": None, "date_of_birth": None}


def story(batch, children=12, each=5):
    return [missing(f"{batch}-{c}-{n}", n, who=who(c)) for n in range(each) for c in range(children)]


@pytest.fixture
def desk(tmp_path, kafka_access):
    return Desk(tmp_path / "data", kafka_access.model_copy(update={"session": 1.0}))


def shares(admin, desk):
    """How many partitions each worker of a settled group has."""
    try:
        (group,) = admin.describe_groups([desk.settings.bus.on_bus(GROUP)]).values()
    except CoordinatorNotAvailableError:
        return []
    if group["group_state"] != "Stable":
        return []
    had = [member["member_assignment"]["assigned_partitions"] for member in group["members"]]
    return [sum(len(topic["partitions"]) for topic in topics) for topics in had]


@pytest.mark.slow
def test_workers_share_the_partitions_and_go_on_when_one_is_killed_or_asked_to_stop(desk, kafka_admin):
    first, second, third = story("a"), story("b"), story("c")
    with workers(desk, 3) as (killed, stopped, remaining):
        third_part = len(TOPICS) * PARTITIONS // 3
        until(lambda: shares(kafka_admin, desk) == [third_part] * 3, "three workers with a third each")
        desk.publish(*first)
        until(lambda: len(entries(desk)) == len(first), "the first events recorded")
        killed.kill()
        desk.publish(*second)
        until(lambda: len(entries(desk)) == len(first + second), "the second events recorded")
        ended = stopped.stop()
        desk.publish(*third)
        until(lambda: len(entries(desk)) == len(first + second + third), "the third events recorded")
        last = remaining.stop()

    recorded = Counter(entries(desk))
    assert {e.event_id: 1 for e in first + second + third} == dict(recorded)
    assert (0, 0) == (ended[0], last[0])
    assert len(third) <= last[1]["read"]
    assert ended[1]["read"] + last[1]["read"] <= len(first + second + third)


def test_what_retention_dropped_unread_is_said_and_never_skipped(desk, kafka_admin):
    desk.take_in(missing("m0"))
    desk.publish(*(missing(f"m{n}", n) for n in range(1, 10)))
    with desk.open() as hub:
        ((_, part),) = hub.records.archive.rows.positions()
        place = TopicPartition(desk.settings.bus.on_bus(POLICE), part)
        kafka_admin.delete_records({place: 4})

        with pytest.raises(
            DeliveriesLost, match=rf"{POLICE}/{part}: offsets 1 to 3 are no longer on the bus"
        ):
            take_all(hub)

        assert {(POLICE, part): 1} == dict(hub.records.archive.rows.positions())

        with pytest.raises(Refused, match="would read 1 next"):
            accept_loss(hub.records, (POLICE, part), 2, 4, OPERATOR, "Gone.")
        accept_loss(hub.records, (POLICE, part), 1, 4, OPERATOR, "The agency sends them again by hand.")
        told = [e.body for e in hub.records.archive.stream(HUB)]

        assert 6 == take_all(hub).recorded
        assert (1, 4, OPERATOR) == (told[-1].first, told[-1].following, told[-1].by)


class Mangled(str):
    """A header name as a hostile client sends it: no UTF-8. The client at hand would never."""

    __slots__ = ()

    def encode(self, *_):
        return b"\xff\xfe"


@pytest.mark.parametrize("compression", [None, "lz4"])
def test_a_record_no_client_can_parse_is_held_and_what_comes_after_it_is_taken(desk, broker, compression):
    before, after, other = desk.messages(missing("m1"), missing("m2", 1), missing("m3", 2, who=who(1)))
    with KafkaProducer(
        bootstrap_servers=broker["PLAIN"], compression_type=compression, linger_ms=200
    ) as producer:
        for message, headers in (
            (before, before.headers),
            (before, ((Mangled("x"), b"y"),)),
            (after, after.headers),
        ):
            producer.send(
                desk.settings.bus.on_bus(POLICE), key=message.key, value=message.value, headers=list(headers)
            )
    desk.send(other)

    with desk.open() as hub:
        tally = take_all(hub)
        (held,) = hub.records.archive.rows.quarantined()

    assert (3, 1, {"not-a-cloudevent": 1}) == (tally.recorded, tally.held, tally.reasons)
    assert 1 == held.held.offset


def made_anew(desk, kafka_admin):
    """Delete the topic of the police and make another of its name."""
    ours = [desk.settings.bus.on_bus(POLICE)]
    kafka_admin.delete_topics(ours)
    until(lambda: not set(ours) & set(kafka_admin.list_topics()), "the topic gone")
    kafka_admin.create_topics(
        {ours[0]: {"num_partitions": 6, "replication_factor": 1}}, wait_for_metadata=True
    )


def test_a_bus_that_was_put_back_to_before_is_said(desk, kafka_admin, monkeypatch):
    monkeypatch.setattr(KafkaDeliveries, "ids", lambda _: {})  # of brokers that tell no ids
    desk.take_in(*(missing(f"m{n}", n) for n in range(5)))
    made_anew(desk, kafka_admin)

    with (
        desk.open() as hub,
        pytest.raises(DeliveriesLost, match="the hub has read up to 5, the bus ends at 0"),
    ):
        take_all(hub)


@pytest.mark.parametrize("again", [0, 8])
def test_a_topic_made_anew_is_said_and_then_read_from_its_beginning(desk, kafka_admin, again):
    desk.take_in(*(missing(f"m{n}", n) for n in range(5)))
    made_anew(desk, kafka_admin)
    desk.publish(*(missing(f"m{n}", n) for n in range(3, 3 + again)))
    with desk.open() as hub:
        ((_, part),) = hub.records.archive.rows.positions()
        with pytest.raises(DeliveriesLost, match=f"{POLICE}/{part}: the topic was made anew .* read up to 5"):
            take_all(hub)
        assert {(POLICE, part): 5} == dict(hub.records.archive.rows.positions())

        accept_loss(hub.records, (POLICE, part), 5, 0, OPERATOR, "They sent again what was not read.")
        told = take_all(hub)
        after = take_all(hub)

    assert ((6, 2) if again else (0, 0)) == (told.recorded, told.resent)
    assert 0 == after.read


def test_a_worker_that_is_reading_says_it_too(desk, kafka_admin):
    desk.publish(*(missing(f"m{n}", n) for n in range(5)))
    with desk.open() as hub, open_intake(hub) as intake:
        until(lambda: intake.step(timeout=1.0).read == 0 and len(entries(desk)) == 5, "all five taken")
        made_anew(desk, kafka_admin)
        desk.publish(*(missing(f"m{n}", n) for n in range(5, 13)))
        said = []

        def stopped():
            try:
                intake.step(timeout=1.0)
            except HubError as error:
                said.append(error)
            return any("was made anew" in str(each) for each in said)

        until(stopped, "that the topic was made anew is said")


def test_status_says_that_the_bus_is_away_and_all_the_rest(desk, monkeypatch, capsys):
    desk.take_in(missing("m0"))
    with socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HUB_BUS", f"kafka://127.0.0.1:{nobody.getsockname()[1]}")
        monkeypatch.setenv("HUB_BUS_PATIENCE", "0.5")
        said = json.loads(run_hub(monkeypatch, capsys, "status", "--json", data=desk.settings.data).out)

    assert (1, "Not available now: the bus does not answer in time, or refuses the sign-in") == (
        said["records"],
        said["bus"],
    )


def test_the_folders_settings_name_the_bus_for_agencies_and_hub(desk, monkeypatch, capsys):
    (desk.settings.data / "settings.toml").write_text(f'bus = "{desk.settings.bus.address}"\n')
    with open_station(desk.settings.data, Agency.POLICE, lambda: datetime.now(UTC)) as station:
        sent = heartbeat(station, Agency.POLICE, "niche")

    taken = run_hub(monkeypatch, capsys, "intake", "--once", "--json", data=desk.settings.data)

    assert (1, 1) == (sent, json.loads(taken.out)["heartbeats"])


def test_a_hub_without_topics_is_told_how_to_make_them(tmp_path, broker):
    desk = Desk(tmp_path / "data", BusAccess(address=f"kafka://{broker['PLAIN']}/nobody"))

    with desk.open() as hub, pytest.raises(Unavailable, match="hub topics apply"), open_intake(hub):
        pass


def told_of(desk, kafka_admin):
    """How far the group says that it has read, by topic and partition as the hub knows them."""
    group, said = desk.settings.bus.on_bus(GROUP), {}
    for at, offset in kafka_admin.list_group_offsets([group])[group].items():
        said[at.topic, at.partition] = offset.offset
    return said


def on_bus(desk, positions):
    return {(desk.settings.bus.on_bus(topic), part): offset for (topic, part), offset in positions.items()}


def test_where_a_worker_is_is_told_again_though_what_it_said_first_was_not_heard(desk, kafka_admin):
    desk.publish(*story("a", 2, 3))
    with desk.open() as hub, open_intake(hub, shares=True) as worker:
        consumer = worker._deliveries._consumer
        commit, consumer.commit_async = (
            consumer.commit_async,
            lambda *_: setattr(consumer, "commit_async", commit),
        )
        until(lambda: worker.step(timeout=0.5).read, "all read")
        taken = on_bus(desk, hub.records.archive.rows.positions())

        assert consumer.commit_async is commit
        until(lambda: not worker.step(timeout=0.2).read and taken == told_of(desk, kafka_admin), "told")


def test_a_worker_of_a_group_reads_where_the_store_is_and_not_where_the_group_was(desk, kafka_admin):
    desk.publish(*story("a", 2, 3))
    with desk.open() as hub, open_intake(hub, shares=True) as worker:
        until(lambda: not worker.step(timeout=0.5).read and not sum(worker.lag().values()), "all read")
        taken = dict(hub.records.archive.rows.positions())
        told = on_bus(desk, taken)
        until(lambda: not worker.step(timeout=0.2).read and told == told_of(desk, kafka_admin), "told")

    other = Desk(desk.settings.data.parent / "other", desk.settings.bus)
    with other.open() as hub, open_intake(hub, shares=True) as worker:
        total = 0

        def read_all():
            nonlocal total
            total += worker.step(timeout=0.5).read
            return sum(worker.lag().values()) == 0

        until(read_all, "all read by another store in the same group")

        assert 6 == total
        assert taken == dict(hub.records.archive.rows.positions())
        assert 0 == take_what_is_there(worker, lambda _: None).read
