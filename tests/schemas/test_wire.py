"""The envelope on the bus: a CloudEvent that any SDK reads, of which nobody but the hub reads a word."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka
from cloudevents.core.formats.json import JSONFormat
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas import wire
from schemas.case_event import CaseEvent, Identifier, Withdrawal
from schemas.catalogue import EVENT_TYPES, parse_event
from schemas.police import Intelligence, MissingEpisode
from schemas.sealing import message_aad
from schemas.vocabulary import Agency
from schemas.vouching import taken_apart
from schemas.wire import (
    Outgoing,
    agency_of,
    encode,
    event_message,
    first_headers,
    heartbeat_message,
    heartbeat_type,
    keyed_hash,
    partition_key,
    sealed_attributes,
    topic_of,
)

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SECRET = b"s" * 32
KEY = b"k" * 32


class OneKey:
    """A seal session with a key the test knows."""

    token = b"\x00token\xff"

    def __init__(self) -> None:
        self._sealed = 0

    def seal(self, aad: bytes, plaintext: bytes) -> bytes:
        self._sealed += 1
        nonce = self._sealed.to_bytes(12, "big")
        return nonce + AESGCM(KEY).encrypt(nonce, plaintext, aad)

    def vouch(self, at: int, size: int, root: bytes) -> bytes:
        return b"signed %d %d " % (at, size) + root


def unseal(message: wire.Message) -> bytes:
    aad = message_aad(message.topic, message.key, sealed_attributes(first_headers(message.headers)))
    body = AESGCM(KEY).decrypt(message.value[:12], message.value[12:], aad)
    return taken_apart(body)[1] if body else body


def episode(source_event_id="MP-1", child="999-000-0001", **said) -> MissingEpisode:
    return MissingEpisode(
        agency=Agency.POLICE,
        system="niche rms",
        source_event_id=source_event_id,
        identifiers=(Identifier("police:durham", child), Identifier("nhs-number", "9990000001")),
        occurred_at=NOW,
        **said,
    )


def outgoing() -> Outgoing:
    return Outgoing(OneKey(), SECRET)


def test_the_cloudevents_sdk_reads_our_message_as_a_valid_cloudevent():
    message = event_message(episode(), outgoing(), NOW)

    read = from_kafka(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())

    assert "1.0" == read.get_specversion()
    assert "police.missing-episode.v1" == read.get_type()
    assert "/police/niche%20rms" == read.get_source()
    assert NOW == read.get_time()
    assert "application/octet-stream" == read.get_datacontenttype()
    assert message.key.decode() == read.get_extension("partitionkey")
    assert message.value == read.get_data()


def test_the_sdk_reads_a_heartbeat_too():
    message = heartbeat_message(Agency.SCHOOLS, "sims", outgoing(), NOW)

    read = from_kafka(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())

    assert heartbeat_type("schools") == read.get_type()
    assert b"" == unseal(message)


def test_what_is_sealed_is_the_event_and_reads_back_the_same():
    event = episode(summary="Left after tea", name=None, date_of_birth=NOW.date().replace(year=2012))

    assert event == parse_event(unseal(event_message(event, outgoing(), NOW)))


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.__name__)
def test_the_type_is_always_said_though_it_is_a_default(kind):
    type_ = kind.model_fields["type"].annotation.__args__[0]
    event = kind.model_construct(type=type_, system="x")

    assert encode(event).startswith(f'{{"type":"{type_}"'.encode())
    assert 1 == encode(event).count(b'"type"')


def test_a_restricted_type_never_shows_on_the_bus():
    told = Intelligence.model_construct(
        type="police.intelligence.v1",
        agency=Agency.POLICE,
        system="niche",
        source_event_id="I-1",
        identifiers=(Identifier("police:durham", "1"),),
        occurred_at=NOW,
    )

    message = event_message(told, outgoing(), NOW)

    assert b"police.restricted.v1" == first_headers(message.headers)[wire.TYPE]
    assert b"intelligence" not in b"".join(value for _, value in message.headers) + message.value


def test_nothing_of_the_event_shows_outside_its_seal():
    event = episode(source_event_id="CANARY-ID", child="CANARY-CHILD", summary="CANARY-TEXT")

    message = event_message(event, outgoing(), NOW)
    shown = message.key + message.value + b"".join(value for _, value in message.headers)

    assert b"CANARY" not in shown
    assert str(event.event_id).encode() not in shown


def test_one_child_has_one_key_and_others_have_others():
    keys = {partition_key(SECRET, episode(f"MP-{n}")) for n in range(5)}
    others = {partition_key(SECRET, episode(child=f"{n}")) for n in range(5)}

    assert 1 == len(keys)
    assert 5 == len(others)
    assert keys.isdisjoint(others)
    assert partition_key(SECRET, episode()) != partition_key(b"t" * 32, episode())


def test_the_same_event_sent_again_has_the_same_id_but_its_own_time():
    first = first_headers(event_message(episode(), outgoing(), NOW).headers)
    again = first_headers(event_message(episode(), outgoing(), NOW + timedelta(hours=1)).headers)

    assert first[wire.ID] == again[wire.ID]
    assert first[wire.TIME] != again[wire.TIME]


def test_times_are_said_in_utc():
    moment = NOW.astimezone(timezone(timedelta(hours=1)))
    headers = first_headers(event_message(episode(), outgoing(), moment).headers)

    assert b"2026-03-01T09:30:00Z" == headers[wire.TIME]


def test_changing_a_sealed_header_breaks_the_seal_and_tracing_does_not():
    message = event_message(episode(), outgoing(), NOW, traceparent="00-aa-bb-01")
    retraced = message._replace(headers=(*message.headers[:-1], (wire.TRACEPARENT, b"00-cc-dd-01")))
    retyped = message._replace(headers=((wire.TYPE, b"police.restricted.v1"), *message.headers))

    assert unseal(message) == unseal(retraced)
    with pytest.raises(Exception, match=r"^$"):
        unseal(retyped)


def test_of_a_header_sent_twice_the_first_counts():
    assert {"a": b"1", "b": b"2"} == first_headers([("a", b"1"), ("b", b"2"), ("a", b"3")])


def test_a_token_that_is_not_base64_is_as_if_it_were_not_sent():
    assert {} == first_headers([(wire.SESSION_TOKEN, b"\xff not base64")])
    assert (
        OneKey.token == first_headers(event_message(episode(), outgoing(), NOW).headers)[wire.SESSION_TOKEN]
    )


@pytest.mark.parametrize("agency", Agency)
def test_a_topic_belongs_to_one_agency(agency):
    assert agency is agency_of(topic_of(agency))


@pytest.mark.parametrize(
    "topic",
    ["", "safeguarding", "safeguarding..v1", "safeguarding.police.v2", "x.police.v1", "safeguarding.fire.v1"],
)
def test_a_topic_of_nobody_is_refused(topic):
    with pytest.raises(ValueError, match="not a topic"):
        agency_of(topic)


def test_parts_of_a_keyed_hash_cannot_run_together():
    assert keyed_hash(SECRET, "p", "ab", "c") != keyed_hash(SECRET, "p", "a", "bc")
    with pytest.raises(ValueError, match="32"):
        keyed_hash(b"short", "p")


def test_the_secret_is_in_no_repr():
    assert "ssss" not in repr(outgoing())


def test_a_withdrawal_says_its_type_once():
    gone = Withdrawal(
        type="police.withdrawal.v1",
        agency=Agency.POLICE,
        system="niche",
        source_event_id="W-1",
        withdraws="MP-1",
        identifiers=(Identifier("police:durham", "1"),),
        occurred_at=NOW,
    )

    read: CaseEvent = parse_event(encode(gone))

    assert gone == read
