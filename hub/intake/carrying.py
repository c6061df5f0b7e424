"""What was said of one record goes with it to another: what is closed stays closed, why is sealed anew."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from hub.confidentiality.sealing import CannotUnseal, generation_of, seal, unseal
from hub.domain.access import AccessClosed, Closing
from hub.domain.child import Child
from hub.domain.entry import Entry, Envelope
from hub.records import Records
from schemas.scope import Scope

WHERE = frozenset((Scope.WHEREABOUTS.value, Scope.THIRD_PARTY.value))
"""Scopes in which an entry may say where a child lives."""


def carried_reason(records: Records, origin: UUID, to: UUID, about: UUID, reason: Envelope) -> Envelope:
    """A reason that stands on one record, sealed under the keys of another; empty where it opens no more."""
    scope, sealed = reason
    try:
        key = records.keys.for_opening(origin, scope, generation_of(sealed))
        words = unseal(key, origin, about, scope, "reason", sealed)
    except CannotUnseal:
        scope, words = Scope.IDENTITY.value, b""
    key = records.keys.for_sealing(to, scope)
    return Envelope(scope, seal(key, to, about, scope, "reason", words))


def closed_while_one(
    records: Records, since: datetime, one: Collection[Child], other: Collection[Child]
) -> Mapping[UUID, list[AccessClosed]]:
    """What was closed since two records were read as one, for the record that does not hold it.

    Of which of the two it was meant nobody said: it closes both, until somebody lifts it. `one` and `other`
    are the records on either side, the first of each the one that the others were joined into.
    """
    return {
        there[0].id: list(_closed_since(records, since, here, there))
        for here, there in ((tuple(one), tuple(other)), (tuple(other), tuple(one)))
    }


def _closed_since(
    records: Records, since: datetime, here: Iterable[Child], there: tuple[Child, ...]
) -> Iterator[AccessClosed]:
    theirs = {entry for child in there for entry in child.entries}
    stands = {restriction for child in there for restriction in child.access.closed}
    for child in here:
        for id_, (at, closed) in child.access.closed.items():
            of = theirs.intersection(closed.entries)
            if at >= since and id_ not in stands and (of or not closed.entries):
                yield _for(records, child.id, there[0].id, closed, of)


def closed_of_entries(
    records: Records, here: Iterable[Child], there: Child, entries: Collection[Entry]
) -> Iterator[AccessClosed]:
    """What closes entries where they stand, for the record they are moved to, and of these entries alone.

    What closes the whole record they leave closes them too: from whom they were kept they are kept still. An
    address is shielded there too where one of them may say it. A bar is of whose record it is, and stays.
    """
    for child in here:
        for id_, (_, closed) in child.access.closed.items():
            if id_ in there.access.closed or closed.what is Closing.BARRED:
                continue
            if closed.what is Closing.ADDRESS:
                if any(WHERE.intersection(each.scope for each in entry.envelopes) for entry in entries):
                    yield _for(records, child.id, there.id, closed, ())
                continue
            of = {entry.id for entry in entries}
            if of := of.intersection(closed.entries or of):
                yield _for(records, child.id, there.id, closed, of)


def _for(
    records: Records, origin: UUID, to: UUID, closed: AccessClosed, entries: Collection[UUID]
) -> AccessClosed:
    reason = carried_reason(records, origin, to, closed.restriction, closed.reason)
    return msgspec.structs.replace(closed, entries=tuple(sorted(entries)), reason=reason)
