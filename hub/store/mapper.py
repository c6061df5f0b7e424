"""Turns the hub's events into stored bytes and back, each body sealed under its stream's own key."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from hub.confidentiality.sealing import (
    NONCE,
    NONCES,
    CannotUnseal,
    DataKey,
    drawn,
    generation_of,
    seal_spine,
    unseal_spine,
)
from hub.domain.access_desk import AnyDeskEvent, DeskEvent
from hub.domain.calendar_address import AnyCalendarEvent, CalendarEvent
from hub.domain.child import ERASED_AT, AnyChildEvent, ChildEvent, Erased
from hub.domain.disposal import AnyDisposalEvent, DisposalEvent
from hub.domain.feed import AnyHubEvent, HubEvent
from hub.domain.identifier import AnyIdentifierEvent, IdentifierEvent
from hub.domain.practitioner import AnyPractitionerEvent, PractitionerEvent
from hub.domain.question import AnyQuestionEvent, QuestionEvent
from hub.domain.refusal import RefusalEvent
from hub.domain.system import AnySystemEvent, SystemEvent
from hub.domain.telling import AnyTellingEvent, TellingEvent
from hub.domain.vouched import HandedOut, Vouched
from schemas.sealing import pack, unpack

ERASED = Erased()
GENERATION = 5
"""Every sealed body begins with its version and the generation of its key."""
HUB = UUID(int=0)
"""Whose key seals what is not of one child: identifiers, questions, feeds, tellings, sign-ins, calendars."""

CHILD, IDENTIFIER, QUESTION, FEED, TELLING = "child", "identifier", "question", "hub", "telling"
PRACTITIONER, SYSTEM, CALENDAR = "practitioner", "system", "calendar"
DISPOSAL, DESK, REFUSED = "disposal", "desk", "refused"
VOUCHED, HANDED_OUT = "vouched", "handed-out"
LIES_OPEN = frozenset((VOUCHED, HANDED_OUT))
"""The topics whose bodies lie open: anyone can check them, and they outlive every erasure."""
OPENLY = b"\x00"
"""First byte of an open body; sealed ones begin with their version."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


NewRow = tuple[bytes, int, str, bytes]
"""A row to insert: stream, version, topic, state. Plain: one is made of every event taken in."""


class SpineKeys(Protocol):
    """What the mapper needs of the key ring."""

    def for_sealing(self, child: UUID, scope: str) -> DataKey:
        """The key to seal with now."""

    def for_opening(self, child: UUID, scope: str, generation: int) -> DataKey:
        """The key an existing body was sealed with."""


class StreamEvent(NamedTuple):
    """One event of one stream: what happened (`body`) and when the hub recorded it (`at`)."""

    originator_id: UUID
    originator_version: int
    at: datetime
    body: Any


class _Stored(msgspec.Struct, frozen=True, array_like=True, gc=False):
    at: datetime
    body: AnyChildEvent


class _StoredIdentifier(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyIdentifierEvent


class _StoredQuestion(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyQuestionEvent


class _StoredDisposal(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyDisposalEvent


class _StoredTelling(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyTellingEvent


class _StoredCalendar(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyCalendarEvent


class _StoredDesk(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyDeskEvent


class _StoredRefusal(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: RefusalEvent


class _StoredHub(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyHubEvent


class _StoredPractitioner(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnyPractitionerEvent


class _StoredSystem(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    body: AnySystemEvent


_ENCODE = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_DECODE: dict[str, Callable[[bytes], Any]] = {
    CHILD: msgspec.msgpack.Decoder(_Stored).decode,
    IDENTIFIER: msgspec.msgpack.Decoder(_StoredIdentifier).decode,
    QUESTION: msgspec.msgpack.Decoder(_StoredQuestion).decode,
    FEED: msgspec.msgpack.Decoder(_StoredHub).decode,
    CALENDAR: msgspec.msgpack.Decoder(_StoredCalendar).decode,
    TELLING: msgspec.msgpack.Decoder(_StoredTelling).decode,
    PRACTITIONER: msgspec.msgpack.Decoder(_StoredPractitioner).decode,
    SYSTEM: msgspec.msgpack.Decoder(_StoredSystem).decode,
    DISPOSAL: msgspec.msgpack.Decoder(_StoredDisposal).decode,
    DESK: msgspec.msgpack.Decoder(_StoredDesk).decode,
    REFUSED: msgspec.msgpack.Decoder(_StoredRefusal).decode,
}


_TOPICS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (ChildEvent, CHILD),
    (IdentifierEvent, IDENTIFIER),
    (QuestionEvent, QUESTION),
    (HubEvent, FEED),
    (TellingEvent, TELLING),
    (PractitionerEvent, PRACTITIONER),
    (SystemEvent, SYSTEM),
    (CalendarEvent, CALENDAR),
    (DisposalEvent, DISPOSAL),
    (DeskEvent, DESK),
    (RefusalEvent, REFUSED),
    (Vouched, VOUCHED),
    (HandedOut, HANDED_OUT),
)


def topic_of(body: Any) -> str:
    """The neutral topic under which an event of this class lies in clear: its aggregate, no more."""
    for classes, topic in _TOPICS:
        if isinstance(body, classes):
            return topic
    return CHILD


class SealingMapper(Mapper[UUID]):
    """The library's mapper with msgpack bodies, sealed in place: child, version and topic are bound in."""

    def __init__(self, keys: SpineKeys) -> None:
        super().__init__(JSONTranscoder())
        self.keys = keys

    def to_stored_event(self, domain_event: Any, key: DataKey | None = None) -> StoredEvent:
        """Encode and seal one event; `key`: its stream's, where it is at hand."""
        body = domain_event.body
        topic = topic_of(body)
        stream, version = domain_event.originator_id, domain_event.originator_version
        if topic in LIES_OPEN:
            return StoredEvent(stream, version, topic, _openly(domain_event.at, body))
        key = key or self.keys.for_sealing(stream if topic == CHILD else HUB, "spine")
        data = _ENCODE((domain_event.at, body))
        return StoredEvent(stream, version, topic, seal_spine(key, _place(stream, version, topic), data))

    def seal_rows(
        self,
        stream: UUID,
        known: int,
        at: datetime,
        bodies: Sequence[Any],
        key: DataKey | None,
        nonces: Iterator[bytes] = NONCES,
    ) -> Iterable[NewRow]:
        """Encode and seal what follows version `known` of one stream; the fast path of intake."""
        topic, before = topic_of(bodies[0]), stream.bytes
        if topic in LIES_OPEN:
            for version, body in enumerate(bodies, known + 1):
                yield before, version, topic, _openly(at, body)
            return
        key = key or self.keys.for_sealing(stream if topic == CHILD else HUB, "spine")
        after = topic.encode()
        for version, body in enumerate(bodies, known + 1):
            place = before + version.to_bytes(8, "big") + after
            yield before, version, topic, seal_spine(key, place, _ENCODE((at, body)), nonces)

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Open and decode one event. Raises CannotUnseal where the body is not what was put there."""
        stream = UUID(str(stored_event.originator_id))
        row = (stored_event.originator_version, stored_event.topic, stored_event.state)
        return next(iter(self.open_rows(stream, (row,))))

    def open_rows(self, stream: UUID, rows: Iterable[tuple[int, str, bytes]]) -> Iterable[StreamEvent]:
        """Open one stream's rows in order; the fast path of every rebuild.

        In the place of what was erased stands Erased.
        """
        found: dict[tuple[str, bytes], DataKey] = {}
        place, last = stream.bytes, ("", b"")
        key: DataKey | None = None
        for version, topic, state in rows:
            which = (topic, state[:GENERATION])
            if which != last or key is None:  # most of a stream lies under one topic and one key
                if topic in LIES_OPEN:
                    yield StreamEvent(stream, version, *_READ_OPENLY[topic](state))
                    continue
                key = found.get(which) or self._spine(stream, topic, state)
                if key is None:
                    yield StreamEvent(stream, version, ERASED_AT, ERASED)
                    continue
                last, found[which] = which, key
                after, decode = topic.encode(), _DECODE[topic]
            stored = decode(unseal_spine(key, place + version.to_bytes(8, "big") + after, state))
            yield StreamEvent(stream, version, stored.at, stored.body)

    def _spine(self, stream: UUID, topic: str, state: bytes) -> DataKey | None:
        """The key that a stored body is sealed under; None where it was destroyed. Raises CannotUnseal."""
        try:
            return self.keys.for_opening(stream if topic == CHILD else HUB, "spine", generation_of(state))
        except CannotUnseal as cannot:
            if cannot.reason != "key-destroyed":
                raise
            return None

    def open_identifiers(self, rows: Iterable[tuple[UUID, int, str, bytes]]) -> Iterable[StreamEvent]:
        """Open rows of many identifiers, in the order they come: a batch looks a thousand up.

        Raises CannotUnseal, also for a row that is not an identifier's.
        """
        found: dict[bytes, DataKey] = {}
        after, decode = IDENTIFIER.encode(), _DECODE[IDENTIFIER]
        for stream, version, _, state in rows:
            key = found.get(state[:GENERATION])
            if key is None:
                key = self.keys.for_opening(HUB, "spine", generation_of(state))
                found[state[:GENERATION]] = key
            stored = decode(unseal_spine(key, stream.bytes + version.to_bytes(8, "big") + after, state))
            yield StreamEvent(stream, version, stored.at, stored.body)


@dataclass(frozen=True, slots=True)
class Appended:
    """Events that stand whatever else their streams hold by now: an entry taken in, that something was shown.

    Their versions are given, and their bodies sealed, inside the transaction, under the writers' lock: two
    workers who take in what different agencies say of one child do not stand in each other's way.
    """

    mapper: SealingMapper
    at: datetime
    bodies: Mapping[UUID, Sequence[Any]]
    spines: Mapping[UUID, DataKey] = field(default_factory=dict)
    """Streams' keys that are at hand."""

    def rows(self, versions: Mapping[UUID, int]) -> list[NewRow]:
        """The rows to insert, where the streams stand at these versions (a stream not named: at none)."""
        nonces = drawn(sum(map(len, self.bodies.values())), NONCE)
        return [
            row
            for stream, bodies in self.bodies.items()
            for row in self.mapper.seal_rows(
                stream, versions.get(stream, 0), self.at, bodies, self.spines.get(stream), nonces
            )
        ]


def row_of(event: StoredEvent) -> NewRow:
    """The row of an event that the library hands over; its own tests name streams by text too."""
    stream = event.originator_id
    named = stream.bytes if isinstance(stream, UUID) else UUID(stream).bytes
    return named, event.originator_version, event.topic, event.state


def _openly(at: datetime, body: Vouched | HandedOut) -> bytes:
    moment = ((at - EPOCH) // MICROSECOND).to_bytes(8, "big")
    if isinstance(body, HandedOut):
        return OPENLY + pack((moment, body.digest))
    return OPENLY + pack((moment, body.batch, body.leaves, body.nodes))


def said_openly(state: bytes) -> tuple[datetime, Vouched]:
    """Read what agencies signed. Raises CannotUnseal where it is not what was put there."""
    at, batch, leaves, nodes = _parts_openly(state, 4)
    return at, Vouched(batch=batch, leaves=leaves, nodes=nodes)


def handed_out_openly(state: bytes) -> tuple[datetime, HandedOut]:
    """Read that something was handed out. Raises CannotUnseal where it is not what was put there."""
    at, digest = _parts_openly(state, 2)
    return at, HandedOut(digest=digest)


def _parts_openly(state: bytes, count: int) -> tuple[Any, ...]:
    try:
        moment, *parts = unpack(state.removeprefix(OPENLY), count)
        return EPOCH + int.from_bytes(moment, "big") * MICROSECOND, *parts
    except (ValueError, OverflowError):
        raise CannotUnseal("damaged") from None


_READ_OPENLY: dict[str, Callable[[bytes], tuple[datetime, Any]]] = {
    VOUCHED: said_openly,
    HANDED_OUT: handed_out_openly,
}


def _place(stream: UUID, version: int, topic: str) -> bytes:
    return stream.bytes + version.to_bytes(8, "big") + topic.encode()
