"""Since when somebody has a role, and whether it ended: asked of the stream in which it was given to them."""

from datetime import datetime
from uuid import UUID

from hub.domain.by import By
from hub.domain.practitioner import Practitioner, evolve_practitioner
from hub.records.records import Records

NOBODY_GAVE_IT = 0
"""Of who acts in a role that the hub gave nobody: in a demonstration, or typed at the machine."""


def held_since(records: Records, by: By) -> int | None:
    """Which event gave this person the role they act in (`Grant.since`); None: they have it no longer."""
    known = _of(records, by)
    if not known.version:
        return NOBODY_GAVE_IT
    held = known.grants.get(by.role)
    if held is None or held.agency != by.agency or known.ended(held.since, records.clock()) is not None:
        return None
    return held.since


def ended(records: Records, by: By, since: int) -> datetime | None:
    """When the role that the event `since` gave this person ended, whatever they were given after it.

    None: they have had it ever since; and of NOBODY_GAVE_IT.
    """
    return None if since == NOBODY_GAVE_IT else _of(records, by).ended(since, records.clock())


def _of(records: Records, by: By) -> Practitioner:
    """The practitioner as they stand; without an event where the hub knows nobody by this id."""
    try:
        known = Practitioner(UUID(hex=by.person))
    except ValueError:
        return Practitioner(UUID(int=0))
    for event in records.history(known.id):
        evolve_practitioner(known, event.body, event.at)
    return known
