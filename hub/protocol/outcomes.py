"""Outcomes (guidance L127, L140): an outcome for each child involved, and never no action."""

from collections.abc import Iterable

from hub.domain.timeline import Fact, Facts
from hub.protocol.episodes import others, referred, since, since_day
from hub.protocol.obligation import Due, Obligation, Situation, first
from schemas.protocol import ReferralOutcomeSet


def each_child(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R91: the referral has an outcome for this child and for each other child involved."""
    clock = row.clock(situation)
    starts = [referral for _, referral in referred(situation)]
    for episode, start in referred(situation):
        elsewhere = {s.get("referral") for s in starts if s is not start} - {None, start.get("referral")}
        own = _set(situation.timeline.facts, start, elsewhere)
        yield row.due(situation, start, own, clock)
        without = sum(1 for facts in others(situation, episode) if not since_day(_outcomes(facts), start))
        if without:
            children = "1 other child" if without == 1 else f"{without} other children"
            asks = f"set an outcome for {children} involved or potentially involved"
            yield row.due(situation, start, None, clock, asks=asks)


def _set(facts: Facts, start: Fact, elsewhere: set[str]) -> Fact | None:
    """The outcome of this referral: one that names another referral is not this one's."""
    return first(since(_outcomes(facts), start).where(lambda f: f.get("referral") not in elsewhere))


def _outcomes(facts: Facts) -> Facts:
    return facts.of(ReferralOutcomeSet)
