"""Since when somebody has a role, whether it ended, which accounts are theirs: asked of their own stream."""

from datetime import datetime
from uuid import UUID

from hub.confidentiality.blind_index import BlindIndex
from hub.domain.by import By
from hub.domain.practitioner import Grant, Practitioner, evolve_practitioner
from hub.domain.system import OF_SYSTEMS, System, evolve_system
from hub.records.records import Records

NO_LONGER = "You do not have this role any more"
NOBODY_GAVE_IT = 0
"""Of who acts in a role that the hub gave nobody: in a demonstration, or typed at the machine."""


def held_since(records: Records, by: By) -> int | None:
    """Which event gave this person the role they act in (`Grant.since`); None: they have it no longer.

    Of a partner's system, which event admitted it.
    """
    if by.person.startswith(OF_SYSTEMS):
        return _admitted(records, by)
    known = _of(records, by.person)
    if not known.version:
        return NOBODY_GAVE_IT
    held = known.grants.get(by.role)
    if held is None or held.agency != by.agency or known.ended(held.since, records.clock()) is not None:
        return None
    return held.since


def left(records: Records, person: str) -> bool:
    """Whether the hub gave somebody of this name a role once, and they have none any more."""
    known = _of(records, person)
    return bool(known.version) and not known.roles(records.clock())


def _admitted(records: Records, by: By) -> int | None:
    name = by.person.removeprefix(OF_SYSTEMS)
    known = System(stream_of_system(records.index, name))
    for event in records.history(known.id):
        evolve_system(known, event.body, event.at)
    held = known.standing(records.clock())
    return known.grant if held is not None and (held.role, held.agency) == (by.role, by.agency) else None


def stream_of_system(index: BlindIndex, name: str) -> UUID:
    """Where it stands what a partner's system is admitted as."""
    return UUID(bytes=index.index("person", f"system\x1f{name}")[:16])


def ended(records: Records, by: By, since: int) -> datetime | None:
    """When the role that the event `since` gave this person ended, whatever they were given after it.

    None: they have had it ever since; and of NOBODY_GAVE_IT.
    """
    return None if since == NOBODY_GAVE_IT else _of(records, by.person).ended(since, records.clock())


def accounts_of(records: Records, by: By) -> frozenset[str]:
    """The other accounts of whoever this is, by what was said of them until now (decision 109).

    What asks for a second person compares with all of them: `same_person`.
    """
    found, waiting = {by.person}, [by.person]
    while waiting:
        more = _of(records, waiting.pop()).one_with - found
        found |= more
        waiting.extend(more)
    return frozenset(found - {by.person})


def further_roles(records: Records, by: By) -> list[Grant]:
    """What whoever this is may act as now in their other accounts."""
    now = records.clock()
    return [grant for each in accounts_of(records, by) for grant in _of(records, each).roles(now)]


def _of(records: Records, person: str) -> Practitioner:
    """The practitioner as they stand; without an event where the hub knows nobody by this id."""
    try:
        known = Practitioner(UUID(hex=person))
    except ValueError:
        return Practitioner(UUID(int=0))
    for event in records.history(known.id):
        evolve_practitioner(known, event.body, event.at)
    return known
