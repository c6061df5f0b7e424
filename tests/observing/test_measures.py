"""What is watched of a hub: every figure is there, and nothing of any child is in one."""

import json
import re
import socket
import ssl
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import generate_latest
from typer.testing import CliRunner

from hub.__main__ import app as main
from hub.commands.watching import Watch, watched
from hub.compose import open_intake
from hub.errors import Unavailable
from hub.intake.deliveries import DeliveriesLost
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.observing.health import SILENT, Health
from hub.observing.logs import EVENTS, allowed_only, logger, where
from hub.observing.measures import Measures
from hub.observing.serving import served
from hub.settings import Settings, SettingsInvalid, load
from schemas import wire
from tests.events import ANN, attendance, missing
from tests.hubs import take_all
from tests.identity.certificates import Authority

CANARIES = ("9449305552", "Marsh", "Ann", "Seen at the quay", "m1", "DL1 1AA")


def figures(measures):
    lines = generate_latest(measures.registry).decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_an_intake_counts_what_it_took(desk):
    desk.publish(missing("m1"), missing("m1"), attendance("a1"))
    desk.send(wire.Message("safeguarding.police.v1", b"k", (("ce_type", b"police.x.v1"),), b"?"))
    with desk.open() as hub, open_intake(hub) as worker:
        watch = Watch(hub.clock, None)
        watch.took(worker.step(), hub)
        found = figures(watch.measures)

    assert (4, 2, 1) == tuple(found[f"hub_intake_{name}_total"] for name in ("read", "recorded", "resent"))
    assert 1 == found['hub_intake_held_total{reason="not-a-cloudevent"}']
    assert 0 < found["hub_keys_cached"]


def test_the_whole_hub_is_seen_from_its_follower(desk):
    desk.take_in(missing("m1"), attendance("a1"))
    desk.publish(missing("m2"), missing("m3"))
    with desk.open() as hub:
        watch = Watch(hub.clock, None)
        watch.drew({}, hub)
        before = figures(watch.measures)
        for follower in hub.followers:
            follower.catch_up()
        hub.ledger.catch_up()
        take_all(hub)
        watch.measures.store(hub, hub.clock())
        watch.measures.bus({}, hub.clock())
        after = figures(watch.measures)

    lag = [value for name, value in before.items() if name.startswith("hub_intake_lag_events{")]
    assert 2 == sum(lag)
    assert 0 < before['hub_projection_lag_events{projection="flags"}']
    assert 0 <= before['hub_projection_lag_seconds{projection="flags"}']
    assert 0 < before["hub_ledger_lag_events"]
    assert 3 == after['hub_projection_lag_events{projection="flags"}']  # two events, and what was signed
    assert 1 == before["hub_bus_reachable"]
    assert 'hub_feed_heard_timestamp_seconds{agency="police"}' in after


@pytest.mark.parametrize("fault", [Unavailable("away"), DeliveriesLost("police/0: offsets 1 to 3")])
def test_whatever_is_wrong_with_the_bus_the_follower_goes_on_and_says_so(desk, monkeypatch, fault):
    def reads(*_):
        raise fault

    desk.take_in(missing("m1"))
    monkeypatch.setattr(EmbeddedDeliveries, "end_offsets", reads)
    with desk.open() as hub:
        watch = Watch(hub.clock, None)
        watch.drew({}, hub)
        found = figures(watch.measures)

    assert 0 == found["hub_bus_reachable"]
    assert 0 < found['hub_projection_lag_events{projection="flags"}']
    assert "" == watch.health.failing()


def test_a_follower_that_nobody_scrapes_asks_the_bus_nothing(desk, monkeypatch):
    asked = []
    monkeypatch.setattr(EmbeddedDeliveries, "end_offsets", lambda _: asked.append(1) or {})
    with desk.open() as hub:
        with watched("follow", hub, None) as unseen:
            unseen.drew({}, hub)
        without = len(asked)
        with watched("follow", hub, 0) as seen:
            seen.drew({}, hub)

    assert (0, True) == (without, len(asked) > 0)


def test_no_figure_holds_anything_of_a_child(desk):
    desk.take_in(missing("m1", summary="Seen at the quay", postcode="DL1 1AA"))
    with desk.open() as hub, open_intake(hub) as worker:
        watch = Watch(hub.clock, None)
        watch.took(worker.step(), hub)
        watch.measures.store(hub, hub.clock())
        text = generate_latest(watch.measures.registry).decode()
        children = [child.hex for child in hub.records.children()]

    assert [] == [said for said in (*CANARIES, *children) if said in text]
    assert set(re.findall(r"(\w+)=\"", text)) <= {"topic", "partition", "reason", "projection", "agency"}


PLAIN = Settings(data=Path("nowhere"))


def ask(port, path, tls=None):
    scheme = "https" if tls else "http"
    try:
        with urlopen(f"{scheme}://127.0.0.1:{port}{path}", timeout=60, context=tls) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        return refused.status, refused.read()


def test_figures_and_health_are_served_on_a_port_of_their_own():
    now = [0.0]
    health = Health(lambda: now[0])
    with served(Measures(), health, PLAIN, 0) as port:
        assert (503, b'{"ready": false, "failing": "has not begun"}') == ask(port, "/health/ready")
        health.did()
        assert 200 == ask(port, "/health/ready")[0]
        health.waits()
        assert b"waits for bus or store" in ask(port, "/health/ready")[1]
        health.did()
        now[0] = SILENT + 1
        assert b"has not finished a step" in ask(port, "/health/ready")[1]
        assert 200 == ask(port, "/health/live")[0]
        assert b"hub_intake_read_total 0.0" in ask(port, "/metrics")[1]
        assert 404 == ask(port, "/")[0]


def test_a_port_that_is_taken_is_said_in_one_line():
    health = Health(lambda: 0.0)
    with served(Measures(), health, PLAIN, 0) as port, pytest.raises(Unavailable, match=f"port {port}"):
        served(Measures(), health, PLAIN, port).__enter__()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def over_tls(authority):
    cert, key, _ = authority.issue("workers")
    health = Health(lambda: 0.0)
    health.did()
    secured = PLAIN.model_copy(update={"metrics_cert": cert, "metrics_key": key})
    with served(Measures(), health, secured, 0) as port:
        yield port


def test_with_a_certificate_figures_go_over_tls_and_who_says_nothing_keeps_nobody_waiting(
    authority, over_tls, capfd
):
    at = ("127.0.0.1", over_tls)
    with socket.create_connection(at), socket.create_connection(at) as plain:
        plain.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        figures = ask(over_tls, "/metrics", ssl.create_default_context(cafile=authority.file))[1]
        answered = plain.recv(1000)

    assert b"hub_intake_read_total 0.0" in figures
    assert b"hub_" not in answered
    assert "" == capfd.readouterr().err


def asks_of_health(*words):
    said = CliRunner().invoke(main, ["health", *map(str, words)])
    return said.exit_code, (said.output if said.exit_code == 0 else str(said.exception)).strip()


def test_health_is_asked_over_tls_and_only_the_named_authority_is_believed(authority, over_tls, tmp_path):
    url = f"https://localhost:{over_tls}/health/ready"
    another = Authority(tmp_path).file

    assert (0, "ready (200)") == asks_of_health(url, "--ca", authority.file)
    assert "certificate is not believed" in asks_of_health(url, "--ca", another)[1]
    assert "certificate is not believed" in asks_of_health(url)[1]
    assert "nothing answers there" in asks_of_health(url.replace("https", "http"))[1]
    assert "no file with an authority" in asks_of_health(url, "--ca", tmp_path / "none")[1]


def test_health_says_of_a_plain_port_that_it_speaks_no_tls():
    with served(Measures(), Health(lambda: 0.0), PLAIN, 0) as port:
        assert "does not speak TLS" in asks_of_health(f"https://127.0.0.1:{port}/health/ready")[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "worker-1"])
def test_other_machines_are_served_over_tls_or_not_at_all(host):
    with pytest.raises(Unavailable, match="over TLS only: set HUB_METRICS_CERT"):
        served(Measures(), Health(lambda: 0.0), PLAIN, 0, host).__enter__()


def test_a_certificate_and_anothers_key_are_refused_in_one_line(authority):
    cert, key = authority.issue("one")[0], authority.issue("another")[1]
    both = PLAIN.model_copy(update={"metrics_cert": cert, "metrics_key": key})
    with pytest.raises(Unavailable, match=r"^figures and health: TLS cannot be served: not a certificate"):
        served(Measures(), Health(lambda: 0.0), both, 0).__enter__()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"HUB_METRICS_CERT": "a"}, "metrics_cert is set, and no metrics_key"),
        ({"HUB_METRICS_KEY": "a"}, "metrics_key is set, and no metrics_cert"),
        ({"HUB_TLS_CERT": "a"}, "tls_cert is set, and no tls_key"),
        ({"HUB_TLS_KEY": "a"}, "tls_key is set, and no tls_cert"),
        ({"HUB_TLS_CLIENT_CA": "a"}, "tls_client_ca is set, and no tls_cert"),
    ],
)
def test_half_a_door_is_refused_and_not_served_plain(said, why, tmp_path):
    with pytest.raises(SettingsInvalid, match=f"^{why}$"):
        load(tmp_path, said)


def test_a_log_line_holds_what_is_listed_and_nothing_else(capsys):
    log = logger("intake")
    log.info("took", read=3, name="Marsh", summary="Seen at the quay", nhs_number="9449305552")
    log.info("Ann was seen", why="x")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())

    assert ("took", "intake", 3) == (first["event"], first["worker"], first["read"])
    assert "unlisted" == second["event"]
    assert not [said for said in CANARIES if said in json.dumps([first, second])]


def test_a_fault_is_told_by_its_frames_and_not_by_its_values():
    def fails(child):
        raise ValueError(child["name"])

    try:
        fails(ANN)
    except ValueError as fault:
        said = where(fault)

    assert "fails" in said
    assert not [word for word in CANARIES if word in said.replace("test_measures", "")]


def test_a_worker_says_what_it_does_as_json_lines(desk, capsys):
    desk.publish(missing("m1"))
    with desk.open() as hub, open_intake(hub) as worker:
        settings = hub.settings.model_copy(update={"log": "json"})
        object.__setattr__(hub, "settings", settings)
        with watched("intake", hub, None) as watch:
            watch.took(worker.step(), hub)
            watch.waits("the bus does not answer", 2.0)
        with pytest.raises(ZeroDivisionError), watched("follow", hub, None):
            raise ZeroDivisionError
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert ["started", "took", "waiting", "stopped", "started", "failed"] == [line["event"] for line in lines]
    assert "ZeroDivisionError" == lines[-1]["kind"]
    assert EVENTS >= {line["event"] for line in lines}


def test_an_event_without_a_name_is_unlisted():
    assert {"event": "unlisted"} == allowed_only(None, "info", {"anything": timedelta()})
