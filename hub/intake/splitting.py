"""Takes entries that are another child's off a record, re-sealed under the other child's keys."""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import msgspec

from hub.confidentiality.sealing import (
    CannotUnseal,
    Sealing,
    filled,
    generation_of,
    seal,
    unseal_with,
)
from hub.domain.child import (
    By,
    Child,
    EntryDisputed,
    EntrySplitIn,
    ProcessingRestricted,
    Registered,
    split_off,
)
from hub.domain.entry import Entry, Envelope
from hub.domain.strand import key_owner
from hub.errors import Refused
from hub.intake.carrying import carried_reason, closed_of_entries
from hub.records import Records
from schemas.scope import Scope
from schemas.vouching import SALT


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

    On the old record they are no longer read; on the other they stand with when they were first recorded,
    restricted, disputed, sealed or not shared where they were (decision 103).
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
    still = [_restricted(records, here, there, e) for e in entries if e in here.restrictions]
    disputed = [_disputed(records, here, there, e) for e in entries if e in here.disputed]
    of = [here.entries[entry].entry for entry in entries]
    closed = closed_of_entries(records, records.person(child), there, of)
    arrived = (*arriving, *moved, *still, *disputed, *closed)
    records.record({child: (here.version, leaving), other: (there.version, arrived)})
    # closed meanwhile on another record that it is read with, whose stream was not written here
    late = list(closed_of_entries(records, records.person(child), records.child(other), of))
    if late:
        records.append(other, late)
    return other


def _moved(records: Records, here: Child, there: Child, id_: UUID) -> EntrySplitIn:
    kept = here.entries[id_]
    entry = kept.entry
    opened = dict(_opened(records, here.id, entry))
    envelopes = tuple(
        Envelope(scope, _seal(records, there.id, entry, scope, *held)) for scope, held in opened.items()
    )
    return EntrySplitIn(
        entry=msgspec.structs.replace(entry, envelopes=envelopes),
        origin=here.id,
        first_recorded_at=kept.recorded_at,
        by=kept.by,
    )


def _restricted(records: Records, here: Child, there: Child, id_: UUID) -> ProcessingRestricted:
    """The restriction goes with the entry: its reason sealed anew, or empty where it opens no more."""
    said = here.restrictions[id_]
    return msgspec.structs.replace(said, reason=carried_reason(records, here.id, there.id, id_, said.reason))


def _disputed(records: Records, here: Child, there: Child, id_: UUID) -> EntryDisputed:
    """So does the mark that somebody says it is not right, until its agency answers."""
    since, said = here.disputed[id_]
    reason = carried_reason(records, here.id, there.id, id_, said.reason)
    return msgspec.structs.replace(said, since=since, reason=reason)


def _opened(records: Records, child: UUID, entry: Entry) -> Iterator[tuple[str, tuple[bytes, bytes]]]:
    """Each envelope's body, and the salt behind it of what its agency signed."""
    owner = key_owner(child, entry.strand)
    for scope, sealed in entry.envelopes:
        try:
            key = records.keys.for_opening(owner, scope, generation_of(sealed))
        except CannotUnseal as cannot:
            if cannot.reason in {"key-destroyed", "wrong-key-or-place"}:  # erased, or withdrawn by its holder
                continue
            raise
        yield scope, unseal_with(key, owner, entry.id, scope, entry.type, sealed, SALT)


def _seal(records: Records, child: UUID, entry: Entry, scope: str, body: bytes, salt: bytes) -> bytes:
    owner = key_owner(child, entry.strand)
    sealing = Sealing(owner, {scope: records.keys.for_sealing(owner, scope)})
    ((_, sealed),) = sealing.seal(entry.id, entry.type, {scope: filled(body, salt)})
    return sealed


def _reason(records: Records, child: UUID, entries: Sequence[UUID], reason: str) -> Envelope:
    scope = Scope.IDENTITY.value
    key = records.keys.for_sealing(child, scope)
    event = entries[0] if entries else child
    return Envelope(scope, seal(key, child, event, scope, "reason", reason.encode()))
