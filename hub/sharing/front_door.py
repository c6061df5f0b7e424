"""The front door's sight: of which entries the rules may raise a flag to the coordinator (patterns.md 3.1).

Whatever is drawn for the coordinator, and told to them, is drawn from this and nothing else: filtered
afterwards, what is hidden would still make a flag appear or vanish (security.md 3.6).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from hub.domain.access import AccessClosed, Closing
from hub.domain.child import Child
from hub.domain.entry import Entry
from hub.sharing.agreements import Asked, turns
from hub.sharing.policy import Policy, Role, Tier
from schemas.case_event import PROTOCOL
from schemas.catalogue import RESTRICTED_HOME, TYPE_BY_NAME, home_scope_of
from schemas.scope import Scope
from schemas.vocabulary import Agency, PlaceKind

WHERE = frozenset((PlaceKind.HOME.value, PlaceKind.PLACEMENT.value, PlaceKind.SCHOOL.value))
"""Kinds of places that say where a child lives, is placed or goes to school: what a shield shields."""


class FrontDoor:
    """Signals of entries that the coordinating roles read or know of, under some agreement in force that day.

    Not of restricted entries that they do not read, nor of entries that are sealed, or not shared with their
    agency; and of a child whose address is shielded, no place that tells it. Whether an agreement is in force
    for the purpose somebody looks for is asked with the look (`Look.knows_all`).
    """

    def __init__(self, policy: Policy, now: datetime) -> None:
        """Take from the policy what the coordinating roles get today of each type of each agency."""
        self._policy = policy
        moments = list(turns(agreement.days for agreement in policy.agreements))
        self.since = max((at for at in moments if at <= now), default=None)
        """When an agreement last began or ended: it sees the same since, until another does."""
        self._until = min((at for at in moments if at > now), default=None)
        rows = [role for role in policy.roles.values() if role.coordinates]
        self._agencies = frozenset(row.agency.value for row in rows)
        self._kept_from = frozenset(kept for row in rows for kept in _kept_from(policy, row, now))
        self.seen = tuple(
            (type_, agency) for type_, agency, _ in _types() if (type_, agency) not in self._kept_from
        )
        """The types of each agency of which it sees the entries."""
        said = sorted([*self._agencies, *("/".join(pair) for pair in self._kept_from)])
        self.mark = hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]
        """Changes where a policy, or the day, changes what it sees: what was drawn before is drawn anew."""

    def holds(self, now: datetime) -> bool:
        """Whether no agreement has begun or ended between the moment it was made for and this one."""
        return (self.since is None or self.since <= now) and (self._until is None or now < self._until)

    def fits(self, policy: Policy, now: datetime) -> bool:
        """Whether this is the front door of that policy today."""
        same = policy is self._policy and self.holds(now)
        return same or FrontDoor(policy, now).mark == self.mark

    def sees(self, records: Sequence[Child], entry: Entry) -> bool:
        """Whether the entry exists for the front door."""
        if (entry.type, entry.agency) in self._kept_from:
            return False
        return not any(r.access.closed for r in records) or entry.id not in self.closed(records)

    def knows(self, records: Sequence[Child], entry: UUID) -> bool:
        """Whether one of the records has an entry of this id that exists for the front door."""
        kept = (record.entries.get(entry) for record in records)
        return any(one is not None and self.sees(records, one.entry) for one in kept)

    def signals(self, records: Sequence[Child], signals: Mapping[str, Any]) -> Mapping[str, Any]:
        """The entry's signals, without the places that would tell a shielded address."""
        shielded = any(c.closed.what is Closing.ADDRESS for r in records for c in r.access.closed.values())
        return without_where(signals) if shielded else signals

    def shut(self, records: Iterable[Child]) -> bool:
        """Whether the whole of it is sealed, or not shared with an agency whose people coordinate.

        Then no flag of another child is drawn from it: coordinators are shown it who are not named here.
        """
        return any(not closed.entries for closed in self._closings(records))

    def closed(self, records: Iterable[Child]) -> frozenset[UUID]:
        """The entries that are sealed, or not shared with an agency whose people coordinate."""
        return frozenset(entry for closed in self._closings(records) for entry in closed.entries)

    def _closings(self, records: Iterable[Child]) -> Iterator[AccessClosed]:
        for record in records:
            for restriction in record.access.closed.values():
                closed = restriction.closed
                if closed.what is Closing.SEALED or closed.agency in self._agencies:
                    yield closed


def without_where(signals: Mapping[str, Any]) -> Mapping[str, Any]:
    """Signals without the places that say where the child lives, is placed or goes to school."""
    if "places" not in signals:
        return signals
    return {**signals, "places": [place for place in signals["places"] if place[0] not in WHERE]}


def _kept_from(policy: Policy, row: Role, now: datetime) -> Iterator[tuple[str, str]]:
    """The types of each agency of which a role has nothing, and the restricted ones that it does not read.

    And those that no sharing agreement in force covers, for any of its purposes.
    """
    whole = {scope: row.tier(scope) for scope in Scope}
    covered = cache(partial(_covered, policy, row, now))
    for type_, agency, home in _types():
        tier = row.tier(home, type_) if type_ in row.types else whole[home]
        unread = type_ in RESTRICTED_HOME and tier is not Tier.READ
        if tier is Tier.NOTHING or unread or not covered(agency, home):
            yield type_, agency


def _covered(policy: Policy, row: Role, now: datetime, provider: str, scope: Scope) -> bool:
    in_force = [agreement for agreement in policy.agreements if agreement.in_force(now)]
    asked = [Asked(provider, row.agency.value, scope.value, purpose) for purpose in row.purposes]
    return provider == row.agency or any(a.covers(one) for a in in_force for one in asked)


@cache
def _types() -> tuple[tuple[str, str, Scope], ...]:
    """Every type as the spine names it, with each agency that may say it, and the scope it is read in."""
    return tuple(
        (type_, agency.value, home_scope_of(type_, agency.value))
        for type_ in (*TYPE_BY_NAME, *RESTRICTED_HOME)
        for agency in Agency
        if type_.partition(".")[0] in (PROTOCOL, agency.value)
    )
