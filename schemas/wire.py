"""How a case event travels: topics, CloudEvents 1.0 in Kafka's binary mode, the partition key, the bytes."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import quote
from uuid import UUID

from schemas.case_event import CaseEvent
from schemas.sealing import message_aad
from schemas.vocabulary import Agency
from schemas.vouching import statement, tree, with_voucher

Headers = tuple[tuple[str, bytes], ...]
"""Kafka's headers: names may repeat; the first counts."""

SPECVERSION, ID, SOURCE, TYPE, TIME = "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"
PARTITION_KEY = "ce_partitionkey"
SESSION_TOKEN = "ce_sessiontoken"  # noqa: S105 — a header's name
CONTENT_TYPE = "content-type"
TRACEPARENT = "ce_traceparent"

PARTITIONS = 6
"""Partitions a topic starts with; more later, never fewer."""

LARGEST = 4 * 1024 * 1024
"""Bytes of the largest message a topic takes."""

SEALED = (SPECVERSION, ID, SOURCE, TYPE, TIME, PARTITION_KEY, CONTENT_TYPE)
"""What the seal covers. The token is outside, since it opens it, and so is the trace, which tools between
sender and hub rewrite; nothing else in a header is read by the hub."""


class Message(NamedTuple):
    """What an agency hands to the bus: nothing in it can be read without the hub's key."""

    topic: str
    key: bytes
    headers: Headers
    value: bytes


class Sealer(Protocol):
    """A seal session as this module uses it."""

    @property
    def token(self) -> bytes:
        """What opens the session for the hub; it travels with every message."""

    def seal(self, aad: bytes, plaintext: bytes) -> bytes:
        """Seal one message, bound to where and as what it travels."""

    def vouch(self, at: int, size: int, root: bytes) -> bytes:
        """Sign the root over so many statements, at a moment (seconds since 1970); see `pack_batch`."""


def topic_of(agency: Agency) -> str:
    """The one topic an agency may write to (security 5.2)."""
    return f"safeguarding.{agency.value}.v1"


_AGENCY_BY_TOPIC = {topic_of(agency): agency for agency in Agency}
TOPICS: tuple[str, ...] = tuple(_AGENCY_BY_TOPIC)
"""Every topic there is; the version is the envelope's, not that of the types in it."""


def receipts_topic_of(agency: Agency) -> str:
    """The topic of an agency's receipts: written by the hub, read by the agency alone."""
    return f"safeguarding.{agency.value}.receipts.v1"


RECEIPT_TOPICS: tuple[str, ...] = tuple(map(receipts_topic_of, Agency))
"""Every topic of receipts: one partition each, so that they come in the order of the ledger."""
RECEIPT = "hub.receipt.v1"
"""The type of a receipt's message."""


BUS_KEY = "hub.bus-key.v1"
"""The type of the message that says which key to seal to from now on; it comes on the topics of receipts."""


def bus_key_message(agency: Agency, kid: str, said: bytes, now: datetime) -> Message:
    """The hub's key on its way to an agency (`schemas.bus_key`): public, and it proves itself."""
    return _from_hub(agency, kid, BUS_KEY, said, now)


def receipt_message(agency: Agency, position: int, receipt: bytes, now: datetime) -> Message:
    """A receipt on its way: no word of anybody is in it, so it lies open, and proves itself.

    The same receipt has the same id each time it is sent.
    """
    return _from_hub(agency, f"{position:012d}", RECEIPT, receipt, now)


def _from_hub(agency: Agency, named: str, type_: str, body: bytes, now: datetime) -> Message:
    attributes = {
        SPECVERSION: b"1.0",
        ID: named.encode(),
        SOURCE: b"/hub/ledger",
        TYPE: type_.encode(),
        TIME: now.astimezone(UTC).isoformat().replace("+00:00", "Z").encode(),
        PARTITION_KEY: agency.value.encode(),
        CONTENT_TYPE: b"application/json",
    }
    return Message(receipts_topic_of(agency), agency.value.encode(), tuple(attributes.items()), body)


def agency_of(topic: str) -> Agency:
    """Whose topic it is. Raises ValueError for a topic that is no agency's."""
    agency = _AGENCY_BY_TOPIC.get(topic)
    if agency is None:
        raise ValueError("not a topic of an agency")
    return agency


def heartbeat_type(agency: str) -> str:
    """The type of the message that says only: this feed is alive."""
    return f"{agency}.heartbeat.v1"


def keyed_hash(secret: bytes, purpose: str, *parts: str) -> bytes:
    """HMAC-SHA-256 over length-prefixed parts: equal for equal parts only, and mute without the secret.

    Raises ValueError for a secret shorter than 32 bytes.
    """
    if len(secret) < 32:  # noqa: PLR2004 — as long as the hash
        raise ValueError("a secret for keyed hashes has at least 32 bytes")
    digest = hmac.new(secret, digestmod=hashlib.sha256)
    for part in map(str.encode, (purpose, *parts)):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def partition_key(secret: bytes, event: CaseEvent) -> bytes:
    """All events of one child, as the agency itself refers to it, stay in order in one partition.

    A keyed hash in hexadecimal of the first identifier, never the identifier.
    """
    first = event.identifiers[0]
    return keyed_hash(secret, "partition", first.system, first.value).hex().encode()


def encode(event: CaseEvent) -> bytes:
    """The event as compact JSON, without what was not said; its type, a default of its class, first."""
    rest = event.model_dump_json(exclude={"type"}, exclude_none=True, exclude_defaults=True)
    return f'{{"type":"{event.type}",{rest[1:]}'.encode()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What an agency seals and hides with: a seal session, and the agency's own secret for keyed hashes."""

    session: Sealer
    secret: bytes = field(repr=False)

    def hash(self, purpose: str, *parts: str) -> bytes:
        """A keyed hash under the agency's secret."""
        return keyed_hash(self.secret, purpose, *parts)


def event_message(
    event: CaseEvent, outgoing: Outgoing, now: datetime, traceparent: str | None = None
) -> Message:
    """One case event, signed on its own, sealed and ready for its agency's topic."""
    return event_messages([event], outgoing, now, traceparent)[0]


def event_messages(
    events: Sequence[CaseEvent], outgoing: Outgoing, now: datetime, traceparent: str | None = None
) -> list[Message]:
    """Case events of one agency under one signature, each sealed and ready for the agency's topic."""
    return signed_messages(events, outgoing, now, traceparent)[0]


def signed_messages(
    events: Sequence[CaseEvent], outgoing: Outgoing, now: datetime, traceparent: str | None = None
) -> tuple[list[Message], list[bytes]]:
    """The same, and the leaf of each event's statement, under which a receipt will name it.

    The id is a keyed hash of the event's own: the same event has the same id each time it is sent, and nobody
    on the bus can test a guessed reference against it. A restricted type shows as its agency's `restricted`.
    """
    said = [statement(event.agency, encode(event), outgoing.secret) for event in events]
    if not said:
        return [], []
    root, paths = tree([one.leaf for one in said])
    batch = outgoing.session.vouch(int(now.timestamp()), len(said), root)
    bodies = [with_voucher(one, batch, at, paths[at]) for at, one in enumerate(said)]
    messages = [
        _event_message(event, body, outgoing, now, traceparent)
        for event, body in zip(events, bodies, strict=True)
    ]
    return messages, [one.leaf for one in said]


def _event_message(
    event: CaseEvent, body: bytes, outgoing: Outgoing, now: datetime, traceparent: str | None
) -> Message:
    shown = outgoing.hash("id", event.event_id.hex)
    attributes = {
        **_attributes(event.agency, event.system, now),
        ID: str(UUID(bytes=shown[:16], version=4)).encode(),
        TYPE: event.public_type.encode(),
        PARTITION_KEY: partition_key(outgoing.secret, event),
    }
    return _sealed(topic_of(event.agency), attributes, body, outgoing, traceparent)


def heartbeat_message(agency: Agency, system: str, outgoing: Outgoing, now: datetime) -> Message:
    """Proof that a feed is alive when nothing happened: about no child, its sealed body empty."""
    shown = outgoing.hash("heartbeat", agency.value, system, now.isoformat())
    attributes = {
        **_attributes(agency, system, now),
        ID: str(UUID(bytes=shown[:16], version=4)).encode(),
        TYPE: heartbeat_type(agency.value).encode(),
        PARTITION_KEY: outgoing.hash("partition of heartbeats", system).hex().encode(),
    }
    return _sealed(topic_of(agency), attributes, b"", outgoing, None)


def _attributes(agency: Agency, system: str, now: datetime) -> dict[str, bytes]:
    return {
        SPECVERSION: b"1.0",
        SOURCE: f"/{agency.value}/{quote(system, safe='')}".encode(),
        TIME: now.astimezone(UTC).isoformat().replace("+00:00", "Z").encode(),
        CONTENT_TYPE: b"application/octet-stream",
    }


def _sealed(
    topic: str, attributes: dict[str, bytes], body: bytes, outgoing: Outgoing, traceparent: str | None
) -> Message:
    key = attributes[PARTITION_KEY]
    aad = message_aad(topic, key, sealed_attributes(attributes))
    value = outgoing.session.seal(aad, body)
    # CloudEvents: a Binary attribute travels as base64, and the SDKs read every header as text.
    unsealed = {SESSION_TOKEN: base64.b64encode(outgoing.session.token)}
    if traceparent is not None:
        unsealed[TRACEPARENT] = traceparent.encode()
    return Message(topic, key, (*attributes.items(), *unsealed.items()), value)


def first_headers(headers: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """Headers by name: Kafka allows a name twice, and only the first counts.

    The session token comes decoded; one that is not base64 is left out, as if it had not been sent.
    """
    first = dict(reversed(headers))
    if SESSION_TOKEN in first:
        token = _decoded(first[SESSION_TOKEN])
        if token is None:
            del first[SESSION_TOKEN]
        else:
            first[SESSION_TOKEN] = token
    return first


@lru_cache(maxsize=1024)  # one token comes with every message of its session
def _decoded(token: bytes) -> bytes | None:
    try:
        return base64.b64decode(token, validate=True)
    except binascii.Error:
        return None


def sealed_attributes(first: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """The attributes a message's seal covers, in one order: all of ours but the token and the trace."""
    return tuple([first.get(name, b"") for name in SEALED])
