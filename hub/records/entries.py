"""Seals a case event into an entry: one envelope per scope, one of signals, the spine in the open."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.sealing import Sealing
from hub.domain.entry import Entry, Envelope, Relation
from schemas.case_event import CaseEvent, Identifier, LinkedChild, Withdrawal
from schemas.catalogue import split
from schemas.scope import SIGNALS, Scope

_SPINE = frozenset(
    ("type", "agency", "occurred_at", "precision", "ended_at", "ongoing", "learned_at", "recorded_at")
)
_json = msgspec.json.Encoder().encode


class Bodies(NamedTuple):
    """An event's fields by envelope, encoded and not yet sealed, but for what names other children.

    `source`, `target` and `supersedes` are keyed hashes of the agency's own ids, `digest` of all it says.
    """

    event: CaseEvent
    id: UUID
    open: bytes
    by_scope: dict[str, bytes]
    other_child: Mapping[str, Any]
    signals: Mapping[str, Any]
    hashed: Mapping[str, Any]
    source: bytes
    target: bytes | None
    supersedes: bytes | None
    digest: bytes


def bodies_of(event: CaseEvent, index: BlindIndex) -> Bodies:
    """Split an event by scope and encode it."""
    parts = split(event)
    scopes = {str(scope): _json(fields) for scope, fields in parts.by_scope.items()}
    open_ = parts.open
    for name in _SPINE:
        open_.pop(name, None)
    where = open_.pop("source", None)
    said = _json(open_)
    digest = _digest(event, index, said, scopes)
    if where is not None:
        said = _json({**open_, "source": where})
    other = parts.by_scope.get(Scope.OTHER_CHILD, {})
    scopes.pop(Scope.OTHER_CHILD.value, None)
    signals = {**parts.signals, "type": event.type} if event.restricted else parts.signals
    agency = event.agency
    return Bodies(
        event,
        event.event_id,
        said,
        scopes,
        other,
        signals,
        parts.hashed,
        source_key(index, agency, event.source_event_id),
        source_key(index, agency, event.target) if event.target else None,
        source_key(index, agency, event.corrects) if event.completes and event.corrects else None,
        digest,
    )


def _digest(event: CaseEvent, index: BlindIndex, said: bytes, scopes: Mapping[str, bytes]) -> bytes:
    """Hash what was said, keyed.

    Left out: where it stood and when the source recorded it, since the same event exported again stands
    in another file, touched at another time; and when a withdrawal was noticed, since a restated file
    takes the same event back each time it is read.
    """
    when = None if isinstance(event, Withdrawal) else event.occurred_at
    spine = (event.type, when, event.precision, event.ended_at, event.ongoing, event.learned_at)
    return index.digest("content", b"\n".join([_json(spine), said, *[scopes[s] for s in sorted(scopes)]]))


def source_key(index: BlindIndex, agency: str, source_event_id: str) -> bytes:
    """The keyed hash of an agency's own id of an event: what makes a resend the same event."""
    return index.index("source", f"{agency}/{source_event_id}")


def seal_entry(
    bodies: Bodies,
    sealing: Sealing,
    linked: Mapping[LinkedChild, UUID],
    index: BlindIndex,
) -> Entry:
    """Seal an event's bodies for the child that `sealing` is of; other children become pointers to theirs.

    `linked` gives the hub's id of every other child the event names; `sealing` must hold the child's keys
    of all `scopes_of` the event.
    """
    event, id_ = bodies.event, bodies.id
    schema = event.public_type
    ties = _ties(bodies.hashed, index, linked) if bodies.hashed else {}
    scopes = {**bodies.by_scope, SIGNALS: _json({**bodies.signals, **ties})}
    if bodies.other_child:
        pointers = [{"child": linked[c].hex, "relation": c.relation} for c in event.children]
        scopes[Scope.OTHER_CHILD.value] = _json({**bodies.other_child, "children": pointers})
    envelopes = tuple(map(Envelope._make, sealing.seal(id_, schema, scopes)))
    return Entry(
        id=id_,
        source=bodies.source,
        digest=bodies.digest,
        agency=str(event.agency),
        type=schema,
        occurred_at=event.occurred_at,
        precision=str(event.precision),
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


def scopes_of(bodies: Bodies) -> Iterable[str]:
    """All scopes in which this event needs keys."""
    return (*bodies.by_scope, SIGNALS, *([Scope.OTHER_CHILD.value] if bodies.other_child else ()))


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


def reference_tie(index: BlindIndex, name: str, reference: Identifier) -> str:
    """The keyed hash by which rules know what the field of this name refers to."""
    found: str = _hashed(name, reference, index, {})
    return found


def _reference(index: BlindIndex, scheme: str, reference: Identifier) -> str:
    return index.index(scheme, f"{reference.system}|{reference.value.strip().casefold()}").hex()
