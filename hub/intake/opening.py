"""From the bytes of a delivery to a typed case event, or to a closed reason why not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from hub.confidentiality.bus_sessions import SessionOpener
from hub.confidentiality.sealing import CannotUnseal
from hub.intake.deliveries import Delivery
from hub.records.entries import Bodies, NotAsSigned, bodies_of
from hub.records.whose import Hashes
from schemas import catalogue, wire
from schemas.case_event import CaseEvent
from schemas.images import holds_image
from schemas.naming import another_child_in
from schemas.sealing import message_aad
from schemas.upcasting import current_type
from schemas.vocabulary import Agency
from schemas.vouching import Voucher, leaf_of, taken_apart

REASONS: frozenset[str] = frozenset(
    {
        "not-a-cloudevent",  # no topic of an agency, no type, no session token
        "type-of-another-agency",  # the header's type is not of the topic's agency
        "damaged",  # not what was sealed, or no session at all
        "wrong-agency",  # the session is another agency's
        "unknown-agency-key",
        "bad-signature",
        "unknown-hub-key",
        "no-agreement",  # no sharing agreement that its agency is a party to is in force
        "unsigned",  # no agency's signature came with it
        "wrong-audience",  # it was signed for another hub
        "not-as-signed",  # what came is not what the signature is of
        "unknown-type",
        "unknown-version",
        "invalid-event",  # with the fields at fault
        "agency-of-another-topic",  # the sealed event says another agency
        "type-differs-from-header",
        "image-refused",  # R20: the hub never holds a picture; of such a delivery it keeps no byte
        "names-another-child",  # in words, by a number of a child it links: a pointer is enough
        "scope-withdrawn",  # the holder of a scope it is in lets nothing be sealed there now
        "conflicting-resend",  # the same source id was taken with other content
    }
)
"""Every reason for which a delivery is held: what an operator reads, and nothing of the input."""


class Refusal(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Why a delivery could not be taken: one of REASONS, and the fields concerned. No values."""

    reason: str
    fields: tuple[str, ...] = ()


class Heartbeat(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The agency's feed is alive, though it had nothing to say."""

    agency: str


Read = Bodies | Heartbeat | Refusal
"""What a delivery turned out to be."""


class Unsealed(NamedTuple):
    """What an agency sealed to the hub, and the type its header names."""

    agency: Agency
    type: str
    body: bytes


class Signed(NamedTuple):
    """What an agency signed, still in bytes: its voucher, its statement's leaf, the event as it came."""

    agency: Agency
    type: str
    voucher: Voucher
    leaf: bytes
    body: bytes


class Opened(NamedTuple):
    """A case event that its agency signed, and the bytes it came as."""

    event: CaseEvent
    voucher: Voucher
    leaf: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads deliveries as far as can be done without knowing any child: unsealed, checked, split, hashed."""

    sessions: SessionOpener
    hashes: Hashes
    parties: frozenset[str] | None = None
    """Agencies with a sharing agreement in force; None: it is not asked (who only rehearses)."""

    def read(self, batch: Iterable[Delivery]) -> list[Read]:
        """Read deliveries; nothing in them raises."""
        opened = open_deliveries(batch, self.sessions, self.parties)
        return [_bodies(one, self.hashes) if isinstance(one, Opened) else one for one in opened]


def open_deliveries(
    batch: Iterable[Delivery], sessions: SessionOpener, parties: frozenset[str] | None = None
) -> list[Opened | Heartbeat | Refusal]:
    """Unseal, parse and check deliveries. Topic, signer and type prefix of each must be of one agency.

    `parties`: agencies whose feed is taken; None: all.

    That what is said is what was signed is seen when its parts are made (`bodies_of`). Each step is done for
    the whole batch before the next begins: its code stays in the processor's nearest memory, which saves a
    fifth of reading (docs/decisions/0068).
    """
    unsealed = [_unsealed(delivery, sessions, parties) for delivery in batch]
    signed = [_signed(one, sessions) if isinstance(one, Unsealed) else one for one in unsealed]
    return [_opened(one) if isinstance(one, Signed) else one for one in signed]


def _unsealed(
    delivery: Delivery, sessions: SessionOpener, parties: frozenset[str] | None
) -> Unsealed | Heartbeat | Refusal:
    headers = wire.first_headers(delivery.headers)
    try:
        agency = wire.agency_of(delivery.topic)
        type_ = headers[wire.TYPE].decode()
        token = headers[wire.SESSION_TOKEN]
    except (KeyError, UnicodeDecodeError, ValueError):
        return Refusal("not-a-cloudevent")
    if not type_.startswith(f"{agency}."):
        return Refusal("type-of-another-agency")
    if parties is not None and agency not in parties:
        return Refusal("no-agreement")
    aad = message_aad(delivery.topic, delivery.key, wire.sealed_attributes(headers))
    try:
        body = sessions.open(agency, token, aad, delivery.value)
    except CannotUnseal as cannot:
        return Refusal(cannot.reason)
    return Heartbeat(agency) if type_ == wire.heartbeat_type(agency) else Unsealed(agency, type_, body)


def _signed(one: Unsealed, sessions: SessionOpener) -> Signed | Refusal:
    """Check that the agency signed what stands behind its voucher, and that it holds no picture."""
    try:
        voucher, said = taken_apart(one.body)
    except ValueError:
        return Refusal("image-refused" if holds_image(one.body.decode(errors="replace")) else "unsigned")
    if holds_image(said.decode(errors="replace")):
        return Refusal("image-refused")
    leaf = leaf_of(one.agency, voucher.digests)
    try:
        sessions.vouchers.check(one.agency, voucher, leaf)
    except CannotUnseal as cannot:
        return Refusal(cannot.reason)
    return Signed(one.agency, one.type, voucher, leaf, said)


def _opened(one: Signed) -> Opened | Refusal:
    found = _parse(one.body, one.agency, one.type)
    if isinstance(found, Refusal):
        return found
    named = another_child_in(found, one.body)
    if named is not None:
        return Refusal("names-another-child", (_told(named),))
    return Opened(found, one.voucher, one.leaf, one.body)


def _bodies(one: Opened, hashes: Hashes) -> Bodies | Refusal:
    try:
        return bodies_of(one.event, hashes, one.voucher, one.body, one.leaf)
    except NotAsSigned:
        return Refusal("not-as-signed")


def _parse(body: bytes, agency: str, type_: str) -> CaseEvent | Refusal:
    try:
        event = catalogue.parse_event(body)
    except catalogue.UnknownType:
        return Refusal("unknown-type")
    except catalogue.UnknownVersion:
        return Refusal("unknown-version")
    except catalogue.InvalidEvent as invalid:
        return Refusal("invalid-event", _paths(invalid.findings))
    if event.agency != agency:
        return Refusal("agency-of-another-topic")
    if event.public_type != current_type(type_):
        return Refusal("type-differs-from-header")
    return event


def _paths(findings: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{_told(path)}: {code}" for path, code in findings[:20])


def _told(path: str) -> str:
    """A field at fault as it may lie open: the name of one that only restricted types have tells the type."""
    return "?" if path.partition(".")[0] in catalogue.fields_of_restricted() else path
