"""Renews a child's data keys on suspicion: what is sealed from now on is under keys nobody had before.

What older keys sealed still opens with them, until it is sealed again (`resealing.py`).
"""

from collections.abc import Collection
from uuid import UUID

from hub.confidentiality.child_keys import newest
from hub.domain.by import By
from hub.domain.child import KeysRenewed
from hub.domain.strand import key_owners
from hub.errors import Refused
from hub.records import Records


def renew(records: Records, child: UUID, scopes: Collection[str], reason: str, by: By) -> int:
    """Begin a new generation of each live key of a child, in these scopes (none: all); tells how many.

    Of every record of the child and each strand. Said on the record first, so that a renewal that is broken
    off is seen; done again, it renews again. Raises Refused without a reason or where there is no such key,
    UnknownChild, ScopeWithdrawn, Unavailable.
    """
    if not reason.strip():
        raise Refused("a reason is needed")
    found = {
        record.id: [
            (owner, scope)
            for owner in key_owners(record.id)
            for scope, key in newest(records.keys.standing(owner)).items()
            if not key.destroyed_at and (not scopes or scope in scopes)
        ]
        for record in records.person(child)
    }
    if not any(found.values()):
        raise Refused("the child has no key in use in that scope")
    for record, keys in found.items():
        if keys:
            named = tuple(sorted({scope for _, scope in keys}))
            records.append(record, [KeysRenewed(scopes=named, reason=reason, by=by)])
        for owner, scope in keys:
            records.keys.renew(owner, scope)
    return sum(map(len, found.values()))
