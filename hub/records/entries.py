"""Seals a case event into an entry: one envelope per scope, one of signals, the spine in the open."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import seal
from hub.domain.entry import Entry, Envelope, Relation
from schemas.case_event import CaseEvent, Identifier, LinkedChild, Withdrawal, event_id_of
from schemas.catalogue import split
from schemas.scope import SIGNALS, Scope
from schemas.vocabulary import Agency

_SPINE = ("type", "agency", "occurred_at", "precision", "ended_at", "ongoing", "learned_at", "recorded_at")
_json = msgspec.json.Encoder().encode


class Bodies(NamedTuple):
    """An event's fields by envelope, encoded and not yet sealed; `digest` is a keyed hash of them all."""

    event: CaseEvent
    open: bytes
    by_scope: dict[str, bytes]
    source: bytes
    target: bytes | None
    supersedes: bytes | None
    digest: bytes


def bodies_of(event: CaseEvent, index: BlindIndex, linked: Mapping[LinkedChild, UUID]) -> Bodies:
    """Split an event by scope. `linked` gives the hub's id of every other child the event names."""
    parts = split(event)
    scopes: dict[str, Any] = {scope.value: fields for scope, fields in parts.by_scope.items()}
    if event.children:
        pointers = [{"child": linked[c].hex, "relation": c.relation} for c in event.children]
        scopes[Scope.OTHER_CHILD.value] = {**scopes.get(Scope.OTHER_CHILD.value, {}), "children": pointers}
    scopes[SIGNALS] = {**parts.signals, **_ties(parts.hashed, index, linked)}
    if event.restricted:
        scopes[SIGNALS]["type"] = event.type
    return Bodies(
        event,
        _json({name: value for name, value in parts.open.items() if name not in _SPINE}),
        {scope: _json(fields) for scope, fields in scopes.items()},
        source_key(index, event.agency, event.source_event_id),
        source_key(index, event.agency, event.target) if event.target else None,
        source_key(index, event.agency, event.corrects) if event.completes and event.corrects else None,
        digest_of(event, index),
    )


def digest_of(event: CaseEvent, index: BlindIndex) -> bytes:
    """Hash what was said, keyed.

    Left out: where it stood and when the source recorded it, since the same event exported again stands
    in another file, touched at another time; and when a withdrawal was noticed, since a restated file
    takes the same event back each time it is read.
    """
    noticed = {"occurred_at"} if isinstance(event, Withdrawal) else set[str]()
    content = event.model_dump_json(exclude={"source", "recorded_at", *noticed}, exclude_defaults=True)
    return index.index("content", content)


def source_key(index: BlindIndex, agency: str, source_event_id: str) -> bytes:
    """The keyed hash of an agency's own id of an event: what makes a resend the same event."""
    return index.index("source", f"{agency}/{source_event_id}")


def seal_entry(bodies: Bodies, child: UUID, keys: KeyRing) -> Entry:
    """Seal an event's bodies under this child's keys."""
    event = bodies.event
    id_ = event.event_id
    schema = event.public_type
    envelopes = tuple(
        Envelope(scope, seal(keys.for_sealing(child, scope), child, id_, scope, schema, body))
        for scope, body in bodies.by_scope.items()
    )
    return Entry(
        id=id_,
        source=bodies.source,
        digest=bodies.digest,
        agency=event.agency.value,
        type=schema,
        occurred_at=event.occurred_at,
        precision=event.precision.value,
        ended_at=event.ended_at,
        ongoing=event.ongoing,
        learned_at=event.learned_at,
        source_recorded_at=event.recorded_at,
        relation=relation_of(event),
        target=bodies.target,
        supersedes=bodies.supersedes,
        open=bodies.open,
        envelopes=envelopes,
    )


def relation_of(event: CaseEvent) -> Relation:
    """What the event is to an earlier one of its agency."""
    if isinstance(event, Withdrawal):
        return Relation.WITHDRAWS
    if event.completes:
        return Relation.COMPLETES
    return Relation.CORRECTS if event.corrects else Relation.NEW


def scopes_of(bodies: Iterable[Bodies]) -> set[str]:
    """All scopes these events need keys for."""
    return {scope for b in bodies for scope in b.by_scope}


def entry_id(agency: Agency, source_event_id: str) -> UUID:
    """The entry an agency's own id stands for."""
    return event_id_of(agency, source_event_id)


def _ties(hashed: Mapping[str, Any], index: BlindIndex, linked: Mapping[LinkedChild, UUID]) -> dict[str, Any]:
    """Hash every reference the event holds, so that rules can tell the same one from another."""
    return {name: _hashed(name, value, index, linked) for name, value in hashed.items()}


def _hashed(name: str, value: Any, index: BlindIndex, linked: Mapping[LinkedChild, UUID]) -> Any:
    match name:
        case "children":
            return [(c.relation, child_tie(index, linked[c])) for c in value]
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


def _reference(index: BlindIndex, scheme: str, reference: Identifier) -> str:
    return index.index(scheme, f"{reference.system}|{reference.value.strip().casefold()}").hex()
