"""One child in the terms of the national draft standards, as far as a reader may read them."""

from typing import Any

from hub.sharing.view import SharedChronology, ShownEntry
from schemas.national import life_event, person, service_episode


def national_export(shared: SharedChronology) -> dict[str, Any]:
    """A shared chronology as one Person with LifeEvents and ServiceEpisodes.

    Only entries that stand, and only the fields this reader was shown; types for which the standard has no
    code are counted, not left out silently, and so are entries whose processing is restricted: that would not
    go with them. `archived`: the day on which the case was closed, where it is read no more for this purpose.
    A child's part in harm is never exported.
    """
    events: list[dict[str, Any]] = []
    episodes: list[dict[str, Any]] = []
    unmapped: dict[str, int] = {}
    restricted = 0
    for line in shared.lines:
        if not isinstance(line, ShownEntry) or line.standing != "current" or line.erased:
            continue
        if line.restriction is not None:
            restricted += 1
            continue
        fields = _fields(shared, line)
        said, served = life_event(line.type, fields), service_episode(line.type, fields)
        if said is not None:
            events.append(said)
        if served is not None:
            episodes.append(served)
        if said is None and served is None:
            unmapped[line.type] = unmapped.get(line.type, 0) + 1
    return {
        "person": person(shared.who),
        "lifeEvent": events,
        "serviceEpisode": episodes,
        "unmapped": unmapped,
        **({"restricted": restricted} if restricted else {}),
        **({"archived": f"{shared.archived.closed_on}"} if shared.archived else {}),
        "purpose": shared.purpose,
        "basis": shared.basis,
        **({"policyDocument": shared.policy_document} if shared.policy_document else {}),
    }


def _fields(shared: SharedChronology, line: ShownEntry) -> dict[str, Any]:
    spine = {
        "entry_id": str(line.id),
        "child": str(shared.child),
        "agency": line.agency,
        "occurred_at": line.occurred_at,
        "precision": line.precision,
        "ended_at": line.ended_at,
        "ongoing": line.ongoing,
    }
    return {**line.all_fields(), **{name: value for name, value in spine.items() if value is not None}}
