"""Outcomes (guidance L127, L140): an outcome for each child involved, and never no action."""

from collections.abc import Iterable

from hub.protocol.immediate_actions import referral
from hub.protocol.obligation import Due, Obligation, Situation, first
from schemas.protocol import ReferralOutcomeSet


def _each_child(row: Obligation, situation: Situation) -> Iterable[Due]:
    start = referral(situation)
    if start is None:
        return
    own = first(situation.timeline.of(ReferralOutcomeSet))
    clock = situation.pack.clock("referral-outcome")
    yield row.due(situation, start, clock, own, reason_given=bool(own and own.get("reason_recorded")))
    without = sum(1 for facts in situation.linked.values() if not facts.of(ReferralOutcomeSet))
    if without:
        asks = f"set an outcome for {without} other child{'ren' if without > 1 else ''} involved or potentially involved"
        yield row.due(situation, start, clock, None, asks=asks)


OBLIGATIONS = (
    Obligation(
        "R91",
        "An outcome for each child",
        "set the outcome of the referral for this child, with its next step",
        "social-care",
        "L127",
        "D",
        "clock",
        _each_child,
    ),
)
