"""P12: several services cannot engage a child of whom an ongoing risk is recorded.

Source: practice guidance L148 ("the multi-agency group should be notified").
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.behaviour import STRAND, has_harmed
from hub.patterns.incidents import stands, windows
from hub.patterns.meetings import IN_FORCE, PLANS
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.any_agency import Engagement
from schemas.health import AppointmentMissed, Camhs
from schemas.social_care import Disengaged, Plan
from schemas.youth_justice import Intervention, Stage

FAILURES: Reads = {
    Engagement: ("stage",),
    Camhs: ("stage",),
    AppointmentMissed: (),
    Intervention: ("stage",),
    Disengaged: (),
}


def _counts(fact: Fact) -> bool:
    return (fact.kind in FAILURES and _failed(fact)) or _ongoing_risk(fact)


@pattern(
    code="P12",
    name="Disengaging from several",
    version=2,
    source="Guidance L148",
    says="Several services could not engage this child within weeks, and an ongoing risk is recorded. "
    "Does the multi-agency group know?",
    cancels="A correction; failures further apart than the window.",
    reads=reading(STRAND, PLANS, {Plan: ("kind", "stage")}, FAILURES),
    thresholds=("window_days", "families", "risk_days"),
    related=("R119", "R120"),
    counts=_counts,
)
def disengaging(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Failed engagement with several families in the window, and a risk recorded in the year before."""
    failures = timeline.of(*FAILURES).where(_failed)
    risks = timeline.facts.where(_ongoing_risk)
    for window in windows(failures, settings.days("window_days"), families=settings["families"]):
        risk = risks.between(window[-1].at - settings.days("risk_days"), window[-1].at)
        if risk and stands(risk):
            return [Evidence(*window, *risk)]
    return NOTHING


def _failed(fact: Fact) -> bool:
    if fact.kind is Camhs:
        return bool(fact.get("stage") == "did-not-engage")
    if fact.kind is Engagement:
        return bool(fact.get("stage") == "failed")
    if fact.kind is Intervention:
        return bool(fact.get("stage") == Stage.ENDED_EARLY)
    return True


def _ongoing_risk(fact: Fact) -> bool:
    if fact.kind in PLANS:
        return fact.get("stage") in IN_FORCE
    if fact.kind is Plan:
        return bool(fact.get("kind") == "cp-plan" and fact.get("stage") in IN_FORCE)
    return has_harmed(fact)
