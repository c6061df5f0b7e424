"""PERMIT, DENY or REVIEW: policy, agreements and dates together (national draft: the decision point)."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from hub.sharing.agreements import Asked, coverage
from hub.sharing.policy import ROW, Policy, PolicyStale, Situation, Tier

RELATIONSHIP = 4
"""The number of the rule that asks whether the reader works with the child."""


class Ruling(StrEnum):
    """What follows from a decision. REVIEW: nothing is shown by itself; a named person may be asked."""

    PERMIT = "permit"
    DENY = "deny"
    REVIEW = "review"


class Decision(NamedTuple):
    """The ruling, what the reader gets meanwhile, why, and the agreement it stands on (empty: none)."""

    ruling: Ruling
    tier: Tier
    reason: str
    agreement: str = ""


def decide(policy: Policy, situation: Situation, provider: str, now: datetime) -> Decision:
    """Decide on one scope of one agency's words. Whatever is missing, stale or unknown: nothing is shown.

    REVIEW where the reader may know of it and not read it, where they have no relationship but would read
    it if they had, and where no agreement was ever made for this sharing. An agreement that has lapsed, and
    a policy that is not in force, deny.
    """
    try:
        policy.check_in_force(now)
    except PolicyStale as stale:
        return Decision(Ruling.DENY, Tier.NOTHING, str(stale))
    answer = policy.answer(situation)
    if answer.tier is Tier.NOTHING:
        asks = answer.rule == RELATIONSHIP and _would_have(policy, situation)
        return Decision(Ruling.REVIEW if asks else Ruling.DENY, Tier.NOTHING, answer.reason)
    recipient = policy.roles[situation.role].agency.value
    agreement = ""
    if provider != recipient:
        found = coverage(
            policy.agreements, Asked(provider, recipient, situation.scope, situation.purpose or ""), now
        )
        if found.agreement is None:
            return _uncovered(found.lapsed.id if found.lapsed else None, provider, recipient)
        agreement = found.agreement.id
    ruling = Ruling.PERMIT if answer.tier is Tier.READ else Ruling.REVIEW
    return Decision(ruling, answer.tier, answer.reason, agreement)


def _would_have(policy: Policy, situation: Situation) -> bool:
    """Whether a relationship is all that is missing."""
    answer = policy.answer(situation._replace(related=True))
    return answer.rule == ROW and answer.tier is not Tier.NOTHING


def _uncovered(lapsed: str | None, provider: str, recipient: str) -> Decision:
    if lapsed is not None:
        return Decision(Ruling.DENY, Tier.NOTHING, f"The sharing agreement {lapsed} is not in force")
    why = f"No sharing agreement covers what {provider} holds being shared with {recipient} so"
    return Decision(Ruling.REVIEW, Tier.NOTHING, why)
