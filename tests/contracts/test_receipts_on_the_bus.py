"""Receipts on the bus, embedded and Kafka: each agency its own, once however often it comes."""

import json
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from adapters.__main__ import app
from adapters.publish import BusUnavailable
from adapters.receipts_bus import EmbeddedReading, take
from adapters.receipts_kafka import KafkaReading
from adapters.seal import load_hub_key
from adapters.station import HUB_KEY, open_spool, sessions
from hub.audit.posting import ReceiptPost
from hub.compose import _sending, open_topics
from hub.disposal.rolling import roll
from hub.errors import Unavailable
from hub.intake.sending_kafka import KafkaSending
from hub.intake.topics import Wish, plan
from schemas import bus_key
from schemas.bus_access import BusAccess
from schemas.vocabulary import Agency
from schemas.wire import bus_key_message, receipt_message, receipts_topic_of
from tests.engines.kafka.certificates import Authority
from tests.events import attendance, missing
from tests.hubs import NOW, Desk, take_all


@pytest.fixture(params=["embedded", "kafka"])
def bus(request):
    """None: the embedded log."""
    return request.getfixturevalue("kafka_access") if request.param == "kafka" else None


@pytest.fixture
def desk(bus, tmp_path):
    return Desk(tmp_path / "data", bus)


def followed(desk, post_=None):
    """Take in what is there and give receipts; how many went to the bus."""
    with desk.open() as hub:
        take_all(hub)
        hub.ledger.catch_up()
        return (post_ or hub.post).send(hub.receipts.lay_down())


def taken(desk, agency=Agency.POLICE, key=None):
    """What the agency makes of its topic."""
    settings = desk.settings
    reading = (
        KafkaReading(settings.bus, agency) if settings.bus else EmbeddedReading(settings.topic_log, agency)
    )
    key = key or settings.ledger_public_key.read_text().strip()
    with closing(reading), closing(open_spool(settings.data, agency)) as spool:
        return take(spool, agency, reading, kept(desk, agency), key, known(desk, agency))


def known(desk, agency=Agency.POLICE):
    """The file of the key that an agency seals to: its own copy, not the hub's."""
    file = desk.settings.data / "agencies" / agency.value / HUB_KEY
    if not file.exists():
        file.write_bytes(desk.settings.hub_public_key.read_bytes())
    return file


def kept(desk, agency=Agency.POLICE):
    return desk.settings.data / "agencies" / agency.value / "receipts"


def files(folder):
    return {file.name: file.read_bytes() for file in folder.glob("*")}


def post_of(desk, sending):
    minutes = count()
    return ReceiptPost(desk.settings.receipts, sending, lambda: NOW + timedelta(minutes=next(minutes)))


def test_each_agency_takes_its_own_receipts_once_and_has_the_hubs_very_files(desk):
    desk.publish(missing("m1"), attendance("a1"))
    assert 2 == followed(desk)
    assert 0 == followed(desk)
    desk.publish(missing("m2"))
    assert 1 == followed(desk)
    first, again = taken(desk), taken(desk)

    assert (2, [], 0) == (first.receipts, first.invalid, first.lost)
    assert 0 == again.receipts
    assert files(desk.settings.receipts / "police") == files(kept(desk))
    assert 1 == taken(desk, Agency.HEALTH).receipts


def test_killed_before_it_was_marked_a_receipt_is_sent_again_and_kept_once(desk):
    desk.publish(missing("m1"), missing("m2"))
    followed(desk)
    (desk.settings.receipts / "sent.json").unlink()
    assert 1 == followed(desk)
    found = taken(desk)

    assert (2, 1) == (found.receipts, len(files(kept(desk))))
    with closing(open_spool(desk.settings.data, Agency.POLICE)) as spool:
        assert 2 == spool.read_to(receipts_topic_of(Agency.POLICE))


def test_what_the_bus_did_not_take_waits_in_its_folder_and_goes_with_the_next(desk):
    class Away:
        def send(self, _):
            raise Unavailable("the bus cannot be reached")

        def close(self):
            raise Unavailable("the bus cannot be reached")

    ways = [Away(), Away(), None]
    away = post_of(desk, lambda: ways.pop(0) or _sending(desk.settings))
    desk.publish(missing("m1"))
    for _ in range(2):
        with pytest.raises(Unavailable):
            followed(desk, away)
    assert 1 == away.waiting()
    assert 1 == followed(desk, away)
    away.close()

    assert (1, 0) == (taken(desk).receipts, away.waiting())


def test_what_was_sent_before_is_not_looked_through_again_with_each_new_one(desk, monkeypatch):
    begun = post_of(desk, lambda: _sending(desk.settings))
    desk.publish(missing("m1"))
    assert 1 == followed(desk, begun)
    desk.publish(missing("m2"), attendance("a2"))
    with desk.open() as hub:
        take_all(hub)
        hub.ledger.catch_up()
        laid = hub.receipts.lay_down()
        monkeypatch.setattr(Path, "glob", lambda *_: pytest.fail("the folder of all receipts was read"))

        assert (2, 0) == (begun.send(laid), begun.send([]))
    monkeypatch.undo()
    begun.close()
    assert 2 == taken(desk).receipts


def test_what_does_not_hold_or_is_anothers_is_named_by_its_place_and_not_kept(desk):
    desk.publish(missing("m1"), attendance("a1"))
    followed(desk)
    (theirs,) = (desk.settings.receipts / "health").glob("*.json")
    with closing(_sending(desk.settings)) as sending:
        sending.send(
            [receipt_message(Agency.POLICE, 7, r, NOW) for r in (theirs.read_bytes(), b"{}", b"\xff")]
        )
    found = taken(desk)
    topic = receipts_topic_of(Agency.POLICE)

    assert 1 == found.receipts == len(files(kept(desk)))
    assert [
        f"{topic}/1: it is another agency's",
        f"{topic}/2: not a receipt",
        f"{topic}/3: not a receipt",
    ] == found.invalid
    stranger = Desk(desk.settings.data.parent / "other", anew=True)
    assert 0 == taken(desk, key=stranger.settings.ledger_public_key.read_text().strip()).receipts


def test_another_receipt_of_the_same_place_is_kept_beside_never_over(desk):
    desk.publish(missing("m1"))
    followed(desk)
    (one,) = (desk.settings.receipts / "police").glob("*.json")
    taken(desk)
    with closing(_sending(desk.settings)) as sending:
        same = json.dumps(json.loads(one.read_text()), indent=1).encode()
        sending.send([receipt_message(Agency.POLICE, int(one.stem), same, NOW)])
    taken(desk)

    assert {one.read_bytes(), same} == set(files(kept(desk)).values())


def test_a_new_key_to_seal_to_is_announced_and_taken_over_once_it_is_the_hubs_own_and_newer(desk, tmp_path):
    def announced(hub):
        return hub.post.announce(hub.key_file.bus_public())

    desk.publish(missing("m1"), attendance("a1"))
    followed(desk)
    topic, first = receipts_topic_of(Agency.POLICE), known(desk).read_bytes()
    with desk.open() as hub:
        told = announced(hub), announced(hub)
        same = taken(desk).key
        at = hub.key_file.newest_bus_key()[1] + timedelta(days=7)
        rolled = roll(hub.records, hub.key_file, desk.settings.hub_public_key, at)
        told += announced(hub), announced(hub)
        found, again = taken(desk), taken(desk)
        back = at - timedelta(days=30)  # a clock that was set back
        last = roll(hub.records, hub.key_file, desk.settings.hub_public_key, back)
        told += (announced(hub),)
        after = taken(desk).key
    newer = known(desk).read_bytes()
    keys = desk.agencies[Agency.POLICE]
    desk.outgoing[Agency.POLICE] = sessions(keys, lambda: load_hub_key(known(desk)), lambda: NOW)()
    desk.publish(missing("m2"))
    late = desk.outgoing.pop(Agency.POLICE)
    with desk.open() as hub:
        opened = take_all(hub).recorded
    stranger = json.loads(Desk(tmp_path / "other", anew=True).settings.hub_public_key.read_text())
    forged = [stranger, json.loads(newer) | {"kid": "00"}, {"kid": "00"}, json.loads(first)]
    with desk.open() as hub:
        others = json.loads(newer) | {"hub": "demo:other", "since": int(at.timestamp()) + 1}
        signed = bus_key.BusKey(
            *(others[name] for name in ("hub", "kid", "since")),
            *(bytes.fromhex(others[name]) for name in ("mlkem768", "x25519")),
        )
        forged.append(bus_key.said(signed, hub.key_file.ledger_key()))
    with closing(_sending(desk.settings)) as sending:
        sending.send([bus_key_message(Agency.POLICE, "00", json.dumps(key).encode(), NOW) for key in forged])
    wrong = taken(desk)

    assert (2, 0, 2, 0, 2) == told
    assert last.kid == after
    assert ("", rolled.kid, "") == (same, found.key, again.key)
    assert (True, 1) == (last.kid.encode() in late.session.token, opened)
    assert [
        f"{topic}/4: the key is not signed by the ledger's key",
        f"{topic}/5: the key is not signed by the ledger's key",
        f"{topic}/6: not a key of a hub",
        f"{topic}/8: it is another hub's",
    ] == wrong.invalid
    assert ("", newer) == (wrong.key, known(desk).read_bytes())


def test_the_hub_takes_no_receipt_for_a_delivery(desk):
    desk.publish(missing("m1"))
    followed(desk)
    with desk.open() as hub:
        assert 0 == take_all(hub).read
        assert [] == hub.records.archive.rows.quarantined()


def test_the_commands_send_take_and_say(tmp_path, monkeypatch, capsys):
    from tests.journeys.commands import hub as typed

    desk = Desk(tmp_path / "data")
    desk.publish(missing("m1"))
    data = ["--data", str(desk.settings.data)]
    for command in ("intake", "follow"):
        assert 0 == typed(monkeypatch, capsys, command, "--once", data=desk.settings.data).code
    said = CliRunner().invoke(app, ["--receipts", "police", "--from-bus", "--json", *data])
    both = CliRunner().invoke(app, ["--receipts", "police", "--from-bus", "file.json", *data])

    assert (0, 1) == (said.exit_code, json.loads(said.output)["receipts"])
    assert (2, True) == (both.exit_code, "name no files" in both.output)


def test_on_a_real_broker_only_the_hub_writes_receipts_and_each_agency_reads_its_own(broker, kafka_admin):
    if "TLS" not in broker:
        pytest.skip("the broker named by HUB_TEST_KAFKA is known in clear only")
    namespace, authority = f"t{uuid4().hex[:12]}", Authority(Path(broker["folder"]))

    def signs_in(name):
        files_ = authority.certify(f"{namespace}-{name}")
        said = {"ca": authority.file, "cert": files_.certificate, "key": files_.key}
        return BusAccess(address=f"kafka://{broker['TLS']}/{namespace}", patience=5, **said)

    clear = BusAccess(address=f"kafka://{broker['PLAIN']}/{namespace}")
    names = ("hub", "police", "health")
    wish = Wish(clear, replicas=1, principals={name: f"User:CN={namespace}-{name}" for name in names})
    with open_topics(clear) as topics:
        topics.apply(plan(wish, topics.standing(wish)))
    receipt = receipt_message(Agency.POLICE, 1, b"{}", NOW)
    with closing(KafkaSending(signs_in("hub"))) as sending:
        sending.send([receipt])

    with closing(KafkaReading(signs_in("police"), Agency.POLICE)) as reading:
        assert [b"{}"] == [one.value for one in reading.read(reading.earliest(), 10)]
    for name in ("health", "police"):
        with closing(KafkaSending(signs_in(name))) as forging, pytest.raises(Unavailable):
            forging.send([receipt])
    with closing(KafkaReading(signs_in("health"), Agency.POLICE)) as prying, pytest.raises(BusUnavailable):
        prying.read(prying.earliest(), 10)
