"""Takes entries that are another child's off a record, re-sealed under the other child's keys."""

from collections.abc import Callable, Sequence
from uuid import UUID

import msgspec

from hub.confidentiality.sealing import seal
from hub.domain.child import By, Child, EntrySplitIn, Registered, split_off
from hub.domain.entry import Entry, Envelope
from hub.errors import Refused
from hub.records import Records
from hub.records.reading import Opener
from schemas.scope import Scope


def split(
    records: Records,
    child: UUID,
    entries: Sequence[UUID],
    by: By,
    reason: str,
    new_id: Callable[[], UUID],
    to: UUID | None = None,
) -> UUID:
    """Move entries to the record they belong to, or to a new one; tells which.

    On the old record they are no longer read; on the other they stand with when they were first recorded.
    It is undone by splitting them back. Raises Refused for an entry that is not here, or without a reason.
    """
    if not reason.strip():
        raise Refused("a reason is needed")
    here = records.child(child)
    other = to or new_id()
    there = records.child(other) if to else Child(other)
    sealed = _reason(records, child, entries, reason)
    leaving = split_off(here, tuple(entries), other, by, sealed)
    arriving = [] if to else [Registered(because="split-off")]
    moved = [_moved(records, here, there, entry) for entry in entries]
    records.record(
        {child: (here.version, leaving), other: (there.version, [*arriving, *moved])},
    )
    return other


def _moved(records: Records, here: Child, there: Child, id_: UUID) -> EntrySplitIn:
    kept = here.entries[id_]
    entry = kept.entry
    opened, _ = Opener(records.keys, here.id, [e.scope for e in entry.envelopes], bytes).open(entry)
    envelopes = tuple(
        Envelope(scope, _seal(records, there.id, entry, scope, body)) for scope, body in opened.items()
    )
    return EntrySplitIn(
        entry=msgspec.structs.replace(entry, envelopes=envelopes),
        origin=here.id,
        first_recorded_at=kept.recorded_at,
    )


def _seal(records: Records, child: UUID, entry: Entry, scope: str, body: bytes) -> bytes:
    return seal(records.keys.for_sealing(child, scope), child, entry.id, scope, entry.type, body)


def _reason(records: Records, child: UUID, entries: Sequence[UUID], reason: str) -> Envelope:
    scope = Scope.IDENTITY.value
    key = records.keys.for_sealing(child, scope)
    event = entries[0] if entries else child
    return Envelope(scope, seal(key, child, event, scope, "reason", reason.encode()))
