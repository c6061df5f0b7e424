"""One chronology for several readers: no more of it than the least of them may read."""

from collections.abc import Iterable

import msgspec

from hub.sharing.policy import Policy
from hub.sharing.view import SharedChronology, ShownEntry
from schemas.case_event import AGENCY_SCOPE
from schemas.catalogue import TYPE_BY_NAME
from schemas.vocabulary import Agency


def least_of(shared: SharedChronology, policy: Policy, roles: Iterable[str]) -> SharedChronology:
    """What one reader is shown, narrowed to the scopes that each of these roles reads.

    It only ever takes away. What may merely be known of is left out: whom to ring about it differs by reader.
    """
    rows = [policy.roles[role] for role in roles]
    reads = {scope.value for scope in frozenset.intersection(*(row.reads for row in rows))} if rows else None
    if reads is None:
        return shared
    lines = tuple(
        msgspec.structs.replace(
            line,
            fields={scope: raw for scope, raw in line.fields.items() if scope in reads},
            ending={scope: raw for scope, raw in line.ending.items() if scope in reads},
            withheld=(),
        )
        for line in shared.lines
        if isinstance(line, ShownEntry) and _home(line) in reads
    )
    who = shared.who if "identity" in reads else {}
    if "whereabouts" not in reads:
        who = {name: value for name, value in who.items() if name not in ("postcode", "address")}
    return msgspec.structs.replace(shared, lines=lines, who=who)


def _home(line: ShownEntry) -> str:
    return (TYPE_BY_NAME[line.type].home or AGENCY_SCOPE[Agency(line.agency)]).value
