"""The bus under stress, with real processes; each event is recorded once, in the order its agency sent it."""

from collections import Counter, defaultdict
from signal import SIGTERM

import pytest
from kafka.admin import KafkaAdminClient

from schemas.bus_access import BusAccess
from tests.engines.kafka.cluster import start_cluster
from tests.engines.kafka.fixtures import create_topics
from tests.events import missing
from tests.hubs import Desk
from tests.journeys.workers import ROOT, Worker, entries, environment, publish, until, workers
from tests.warm import Started

SAMPLES = {
    "police.missing-and-incidents": "police/missing_persons.sample.ndjson",
    "health.hl7-adt": "health/hl7_adt.sample.hl7",
    "youth-justice.cases": "youth_justice/cases.sample.ndjson",
}


def story(name, children=12, each=5):
    return [
        missing(f"{name}-{c}-{n}", n, who={"identifiers": ({"system": "upn", "value": f"UPN{c}"},)})
        for n in range(each)
        for c in range(children)
    ]


@pytest.fixture
def desk(tmp_path, kafka_access):
    return Desk(tmp_path / "data", kafka_access.model_copy(update={"session": 1.0}))


def in_order(desk):
    """What each agency said of each child, as it was recorded: between agencies there is no order."""
    with desk.open() as hub:
        told = defaultdict(list)
        for child in hub.records.children():
            for id_, kept in hub.records.child(child).entries.items():
                told[child, kept.entry.agency].append(id_)
        return sorted(told.values())


@pytest.mark.slow
@pytest.mark.waits
def test_workers_that_join_and_leave_all_the_time_lose_and_double_nothing(desk):
    said = []
    with workers(desk, 1) as running:
        for turn in range(8):
            said += (some := story(f"t{turn}"))
            desk.publish(*some)
            running.append(Worker(desk))
            if turn % 2:
                running.pop(0).kill()
            elif turn:
                code, _, complaint = running.pop(0).stop()
                assert code in (0, -SIGTERM)  # it may have been asked before it was up
                assert "Traceback" not in complaint
        until(lambda: len(entries(desk)) == len(said), "all recorded")

    assert {event.event_id: 1 for event in said} == dict(Counter(entries(desk)))


@pytest.mark.slow
@pytest.mark.waits
def test_two_processes_that_both_read_every_partition_record_each_event_once(desk):
    said = [event for name in "abcdef" for event in story(name)]
    desk.publish(*said)
    command = ("hub", "--data", str(desk.settings.data), "intake", "--once")
    both = [Started(*command, environment=environment(desk)) for _ in range(2)]
    complaints = [process.communicate(timeout=90)[1] for process in both]

    assert {event.event_id: 1 for event in said} == dict(Counter(entries(desk)))
    assert not any("Traceback" in complaint for complaint in complaints)


@pytest.mark.slow
@pytest.mark.waits
def test_while_the_broker_is_away_agencies_publish_into_the_spool_and_all_arrives_once_and_in_order(tmp_path):
    known = Desk(tmp_path / "known")
    for format_, file in SAMPLES.items():
        publish(known, format_, str(ROOT / "adapters" / file), "--organisation", "Testshire")
    known.take_in(missing("first"))
    assert len(entries(known)) > 30
    cluster = start_cluster()
    try:
        access = BusAccess(address=f"kafka://{cluster.address()}", session=1.0, patience=2.0)
        with KafkaAdminClient(bootstrap_servers=cluster.address()) as admin:
            create_topics(admin, access)
        desk = Desk(tmp_path / "data", access)
        with workers(desk, 1) as (worker,):
            desk.publish(missing("first"))
            until(lambda: len(entries(desk)) == 1, "the first event recorded")
            cluster.kill(1)
            away = [
                publish(desk, format_, str(ROOT / "adapters" / file), "--organisation", "Testshire")
                for format_, file in SAMPLES.items()
            ]
            cluster.restart(1)
            sent = [publish(desk, "--flush", format_.partition(".")[0]) for format_ in SAMPLES]
            until(lambda: len(entries(desk)) == len(entries(known)), "all that the agencies said recorded")
            code, _, told = worker.stop()
    finally:
        cluster.stop()

    for format_, one in zip(SAMPLES, away, strict=True):
        assert (4, 1) == (one.returncode, len(one.stderr.splitlines()))
        assert f"waits in the spool: --flush {format_.partition('.')[0]}" in one.stderr
    assert [(0, "")] * len(SAMPLES) == [(one.returncode, one.stderr) for one in sent]
    assert 0 == code
    assert "trying again in 1 s" in told
    assert "Traceback" not in told
    assert in_order(known) == in_order(desk)
