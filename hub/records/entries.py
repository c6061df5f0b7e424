"""Seals a case event into an entry: one envelope per scope, one of signals, the spine in the open."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any
from uuid import UUID

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.sealing import Filled, Sealing, body_in, filled
from hub.domain.entry import Entry, Envelope, Relation, Said
from hub.domain.strand import key_owner, strand_of
from hub.records.whose import Called, Hashes, Linked, Whose, called
from schemas.case_event import CaseEvent, Identifier
from schemas.catalogue import split
from schemas.scope import SIGNALS, Scope
from schemas.vouching import HASH, OPENLY, SALT, SPINE, Voucher, digests_of, open_part

_json = msgspec.json.Encoder().encode
_dict = msgspec.json.Decoder(dict[str, Any]).decode
_msgpack = msgspec.msgpack.Encoder().encode
_called = msgspec.msgpack.Decoder(Called).decode


class Vouching(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An agency's signature over what it said: the signed root, the statement's place and path, its leaf."""

    batch: bytes
    place: int
    path: bytes
    leaf: bytes


class NotAsSigned(Exception):
    """What came is not what its voucher is of."""


class Bodies(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An event as it will be recorded, encoded and not yet sealed: what is left to do is its child's.

    `entry` has no envelopes yet; `by_scope` are their bodies, with the signals, each filled with the salt of
    what its agency signed of it; `other_child` the fields that name other children, but for the children
    themselves, who are `linked`. `whose` it is: by generation of the peppers, and what the child is `called`,
    encoded: for most events nobody asks (`who`).
    """

    entry: Entry
    by_scope: dict[str, Filled]
    other_child: bytes
    whose: dict[int, Whose]
    called: bytes
    linked: tuple[Linked, ...]
    vouching: Vouching | None = None

    @property
    def who(self) -> Called:
        """What the child is called."""
        return _called(self.called)


def bodies_of(
    event: CaseEvent, hashes: Hashes, voucher: Voucher | None = None, body: bytes = b"", leaf: bytes = b""
) -> Bodies:
    """Split an event by scope, encode it, and hash what it is found by.

    `voucher`: what its agency signed of it, with the bytes it came as and its statement's leaf. Raises
    NotAsSigned.
    """
    index = hashes.index
    parts = split(event)
    scopes = {str(scope): _json(fields) for scope, fields in parts.by_scope.items()}
    open_ = parts.open
    for name in SPINE:
        open_.pop(name, None)
    where = open_.pop("source", None)
    said = _json(open_)
    digest = _digest(event, index, said, scopes)
    if where is not None:
        said = _json({**open_, "source": where})
    signed, salts = (None, {}) if voucher is None else _vouched(event, said, scopes, voucher, body)
    other = b""
    if scopes.pop(Scope.OTHER_CHILD.value, None):
        named = parts.by_scope[Scope.OTHER_CHILD]
        other = _json({name: value for name, value in named.items() if name != "children"})
    signals = {**parts.signals, "type": event.type} if event.restricted else parts.signals
    scopes[SIGNALS] = _json({**signals, **_ties(parts.hashed, index)} if parts.hashed else signals)
    linked, who = dict.fromkeys(event.children), called(event)
    return Bodies(
        _entry(event, index, said, digest, signed),
        {scope: filled(body, salts.get(scope, b"")) for scope, body in scopes.items()},
        other,
        hashes.whose(who),
        _msgpack(who),
        tuple(map(hashes.linked, linked)),
        Vouching(voucher.batch, voucher.place, voucher.path, leaf) if voucher else None,
    )


def _vouched(
    event: CaseEvent, open_: bytes, scopes: Mapping[str, bytes], voucher: Voucher, body: bytes
) -> tuple[Said, dict[str, bytes]]:
    """Compare what came with the digests that were signed; tell also the salts that go sealed with bodies.

    Where the parts differ, the sender's edition of the schemas may be another: then the whole is compared, as
    it came, and no salt is kept.
    """
    salts = voucher.salts
    times = (event.occurred_at, event.ended_at, event.learned_at, event.recorded_at)
    open_ = open_part(event.public_type, event.agency, event.precision, event.ongoing, times, open_)
    parts = {OPENLY: open_, **scopes}
    names = sorted(parts)
    kept = {}
    if len(salts) == SALT * (len(names) + 1) and digests_of(salts, body, parts) == voucher.digests:
        kept = {
            name: salts[at : at + SALT] for at, name in zip(range(SALT, len(salts), SALT), names, strict=True)
        }
    elif digests_of(salts[:SALT], body, {}) != voucher.digests[:HASH]:
        raise NotAsSigned
    said = Said(voucher.digests, kept.pop(OPENLY, b""))
    kept.pop(Scope.OTHER_CHILD.value, None)  # the hub keeps pointers there, not what was said
    return said, kept


def _entry(event: CaseEvent, index: BlindIndex, said: bytes, digest: bytes, signed: Said | None) -> Entry:
    agency = event.agency
    return Entry(
        id=event.event_id,
        source=source_key(index, agency, event.source_event_id),
        digest=digest,
        agency=str(agency),
        type=event.public_type,
        occurred_at=event.occurred_at,
        precision=str(event.precision),
        ended_at=event.ended_at,
        ongoing=event.ongoing,
        learned_at=event.learned_at,
        source_recorded_at=event.recorded_at,
        relation=relation_of(event),
        target=source_key(index, agency, event.target) if event.target else None,
        supersedes=source_key(index, agency, event.corrects) if event.completes and event.corrects else None,
        open=said,
        envelopes=(),
        said=signed,
        strand=strand_of(event.part),
    )


def _digest(event: CaseEvent, index: BlindIndex, said: bytes, scopes: Mapping[str, bytes]) -> bytes:
    """Hash what was said, keyed.

    Left out: where it stood and when the source recorded it, since the same event exported again stands
    in another file, touched at another time; and when a withdrawal was noticed, since a restated file
    takes the same event back each time it is read.
    """
    when = None if event.withdrawal else event.occurred_at
    spine = (event.type, when, event.precision, event.ended_at, event.ongoing, event.learned_at)
    return index.digest("content", b"\n".join([_json(spine), said, *[scopes[s] for s in sorted(scopes)]]))


def source_key(index: BlindIndex, agency: str, source_event_id: str) -> bytes:
    """The keyed hash of an agency's own id of an event: what makes a resend the same event."""
    return index.index("source", f"{agency}/{source_event_id}")


def seal_entry(bodies: Bodies, sealing: Sealing, linked: Sequence[UUID], index: BlindIndex) -> Entry:
    """Seal an event's bodies for the child that `sealing` is of; other children become pointers to theirs.

    `linked` gives the hub's id of every other child the event names, in order; `sealing` must hold the
    child's keys of all `scopes_of` the event.
    """
    entry, scopes = bodies.entry, bodies.by_scope
    if bodies.other_child:
        scopes = {**scopes, **{scope: filled(body) for scope, body in _naming(bodies, linked, index)}}
    # `tuple.__new__`: what Envelope._make does, in a third of the time; four of every event
    sealed = tuple(map(tuple.__new__, repeat(Envelope), sealing.seal(entry.id, entry.type, scopes)))
    return msgspec.structs.replace(entry, envelopes=sealed)


def _naming(bodies: Bodies, linked: Sequence[UUID], index: BlindIndex) -> Iterable[tuple[str, bytes]]:
    """The bodies that name other children: pointers for who may read them, keyed hashes for rules."""
    tied = list(zip([other.relation for other in bodies.linked], linked, strict=True))
    if tied:
        ties = {"children": [(relation, child_tie(index, child)) for relation, child in tied]}
        yield SIGNALS, _json({**_dict(body_in(bodies.by_scope[SIGNALS])), **ties})
    pointers = {"children": [{"child": child.hex, "relation": relation} for relation, child in tied]}
    yield Scope.OTHER_CHILD.value, _json({**_dict(bodies.other_child), **pointers})


def relation_of(event: CaseEvent) -> Relation:
    """What the event is to an earlier one of its agency."""
    if event.withdrawal:
        return Relation.WITHDRAWS
    if event.completes:
        return Relation.COMPLETES
    return Relation.CORRECTS if event.corrects else Relation.NEW


def scopes_of(bodies: Bodies) -> Collection[str]:
    """All scopes in which this event needs keys."""
    return (*bodies.by_scope, Scope.OTHER_CHILD.value) if bodies.other_child else bodies.by_scope


def scopes_by_owner(placed: Iterable[tuple[Bodies, UUID]]) -> dict[UUID, set[str]]:
    """The scopes in which keys are needed to record events of these children: the spine, and all they say."""
    scopes: dict[UUID, set[str]] = {}
    for bodies, child in placed:
        own = scopes.get(child)
        if own is None:
            own = scopes[child] = {"spine"}
        owner = key_owner(child, bodies.entry.strand)
        (own if owner is child else scopes.setdefault(owner, set())).update(scopes_of(bodies))
    return scopes


def _ties(hashed: Mapping[str, Any], index: BlindIndex) -> dict[str, Any]:
    """Hash every reference the event holds, so that rules can tell the same one from another."""
    return {name: _hashed(name, value, index) for name, value in hashed.items() if name != "children"}


def _hashed(name: str, value: Any, index: BlindIndex) -> Any:
    match name:
        case "people":
            return [(p.relation, _reference(index, "person", p.reference)) for p in value if p.reference]
        case "places":
            return [(p.kind, _reference(index, "place", p.reference)) for p in value]
        case "first_teller" | "worker":
            return _reference(index, "person", value)
    return _reference(index, "incident", value)


def child_tie(index: BlindIndex, child: UUID) -> str:
    """The keyed hash by which patterns know a child, whatever identifier an agency used for them."""
    return index.index("child", child.hex).hex()


def reference_tie(index: BlindIndex, name: str, reference: Identifier) -> str:
    """The keyed hash by which rules know what the field of this name refers to."""
    found: str = _hashed(name, reference, index)
    return found


def _reference(index: BlindIndex, scheme: str, reference: Identifier) -> str:
    return index.index(scheme, f"{reference.system}|{reference.value.strip().casefold()}").hex()
