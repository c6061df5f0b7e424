"""One chronology for several readers: no more of it than the least of them may read."""

from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec

from hub.sharing.policy import Policy
from hub.sharing.view import Dispute, Restriction, SharedChronology, ShownEntry
from schemas.case_event import AGENCY_SCOPE
from schemas.catalogue import home_scope_of
from schemas.vocabulary import Agency

Mark = TypeVar("Mark", Dispute | None, Restriction | None)


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
            dispute=_mark(line.dispute, reads),
            restriction=_mark(line.restriction, reads),
            lifted=None,
        )
        for line in shared.lines
        if isinstance(line, ShownEntry) and _home(line) in reads
    )
    who = shared.who if "identity" in reads else {}
    if "whereabouts" not in reads:
        who = {name: value for name, value in who.items() if name not in ("postcode", "address")}
    return msgspec.structs.replace(shared, lines=lines, who=who)


def _home(line: ShownEntry) -> str:
    return home_scope_of(line.type, line.agency).value


def _mark(mark: Mark, reads: Collection[str]) -> Mark:
    """A mark on an entry, without the reason where they do not all read what that agency writes."""
    if mark is None or AGENCY_SCOPE[Agency(mark.agency)].value in reads:
        return mark
    return msgspec.structs.replace(mark, reason="")
