"""From where somebody looks: what one kind of reader gets of every agency's words, on one day."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain.calendar import LONDON
from hub.sharing.decision import Decision, decide
from hub.sharing.policy import Policy, Situation, Tier
from schemas.catalogue import home_scope_of
from schemas.scope import Scope
from schemas.vocabulary import Agency

WHEREABOUTS = Scope.WHEREABOUTS.value
REMEMBERED = 500
"""Standpoints kept: roles by purposes by what a relationship can be, many times over."""


class Stand(NamedTuple):
    """All of a reader that an answer may depend on, beside the scope, the type and the agency asked about."""

    role: str
    purpose: str
    related: bool
    address_shut: bool
    glass: bool
    closed: int = 0
    """How many steps the archive has narrowed the case by for them."""


class Standpoint:
    """What policy and agreements say to readers who stand alike, on one London day; each answer kept."""

    def __init__(self, policy: Policy, stand: Stand, now: datetime) -> None:
        self.policy, self._stand, self._now = policy, stand, now
        self.day = now.astimezone(LONDON).date()
        self._agency = policy.roles[stand.role].agency.value
        self._decisions: dict[tuple[str, str, str | None, bool], Decision] = {}
        self._all: dict[str, bool] = {}
        self.tiers: dict[tuple[str, str], Tier] = {}
        """What was answered by `tier` so far, by type and agency: for whoever asks very often."""
        self.reads: Mapping[str, frozenset[str]] = {a.value: self._scopes(a, Tier.READ) for a in Agency}
        self.knows: Mapping[str, frozenset[str]] = {a.value: self._scopes(a, Tier.KNOWS) for a in Agency}

    def decision(
        self, scope: str, provider: str, type_: str | None = None, *, works_with_other: bool = False
    ) -> Decision:
        """What policy and agreements say of a scope of an agency's words."""
        at = (scope, provider, type_, works_with_other)
        if at not in self._decisions:
            role, purpose, related, address_shut, glass, closed = self._stand
            shut = address_shut and scope == WHEREABOUTS
            own = provider == self._agency
            situation = Situation(
                role, purpose, scope, related, works_with_other, shut, glass, type_, closed, own
            )
            self._decisions[at] = decide(self.policy, situation, provider, self._now)
        return self._decisions[at]

    def tier(self, type_: str, agency: str) -> Tier:
        """What these readers get of entries of a type."""
        found = self.tiers.get((type_, agency))
        if found is None:
            found = self.decision(home_scope_of(type_, agency), agency, type_).tier
            self.tiers[type_, agency] = found
        return found

    def knows_all(self, pairs: Iterable[tuple[str, str]], mark: str) -> bool:
        """Whether these readers know of entries of each of these types of these agencies; kept by `mark`."""
        found = self._all.get(mark)
        if found is None:
            found = self._all[mark] = all(self.tier(*pair) is not Tier.NOTHING for pair in pairs)
        return found

    def _scopes(self, provider: Agency, tier: Tier) -> frozenset[str]:
        return frozenset(s.value for s in Scope if self.decision(s, provider).tier is tier)


_found: dict[Stand, Standpoint] = {}


def standpoint(policy: Policy, stand: Stand, now: datetime) -> Standpoint:
    """The standpoint of readers who stand so under this very policy on this London day; remembered."""
    today = now.astimezone(LONDON).date()
    found = _found.get(stand)
    if found is None or found.policy is not policy or found.day != today:
        if len(_found) >= REMEMBERED:
            _found.clear()
        found = _found[stand] = Standpoint(policy, stand, now)
    return found
