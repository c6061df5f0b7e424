"""P23: appointments missed and school missed, or a plan for neglect and one appointment.

Source: RCGP safeguarding toolkit (one is enough on a child protection plan for neglect); DfE persistent
absence (below 90 per cent).
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.meetings import IN_FORCE
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.health import AppointmentMissed
from schemas.schools import AttendanceSummary
from schemas.social_care import Plan

READS: Reads = {
    AppointmentMissed: ("was_not_brought", "service"),
    AttendanceSummary: ("percent",),
    Plan: ("kind", "stage", "category_of_abuse"),
}


def _many(missed: Facts, settings: RuleSettings) -> bool:
    """As many as are enough on a plan for neglect."""
    return distinct(missed, settings["missed_on_plan"], settings.close) and stands(missed)


def _counts(fact: Fact) -> bool:
    if fact.kind is AppointmentMissed:
        return fact.get("was_not_brought") is True
    return fact.kind is Plan or fact.get("percent") is not None


def _neglect(fact: Fact) -> bool:
    return bool(fact.get("kind") == "cp-plan" and fact.get("category_of_abuse") == "neglect")


@pattern(
    code="P23",
    name="Not brought, not in school",
    version=2,
    source=(
        "RCGP safeguarding toolkit (one is enough on a child protection plan for neglect); DfE "
        "persistent absence (below 90 per cent)"
    ),
    says=(
        "This child was not brought to several services and misses school, or has a plan for "
        "neglect. Do the services know of each other?"
    ),
    cancels="A correction; fewer missed appointments within the window.",
    reads=READS,
    thresholds=(
        "window_days",
        "missed",
        "missed_on_plan",
        "services",
        "attendance_below",
        "severity_neglect",
    ),
    counts=_counts,
    incidents=True,
)
def not_brought(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Not brought to several services beside low attendance or a plan; one suffices on a plan for neglect."""
    days = settings.days("window_days")
    low = timeline.of(AttendanceSummary).where(lambda f: f.get("percent") < settings["attendance_below"])
    plan = timeline.of(Plan).last
    current = [plan] if plan is not None and plan.get("stage") in IN_FORCE else []
    missed = timeline.of(AppointmentMissed)
    if current and _neglect(current[0]) and _many(since := missed.after(current[0].at), settings):
        return [Evidence(current[0], *since, severity=settings["severity_neglect"])]
    for window in windows(missed, days, least=settings["missed"]):
        services = {fact.get("service") for fact in window} - {None}
        beside = [*low.between(window[0].at - days, window[-1].at + days), *current]
        enough = (
            distinct(window, settings["missed"], settings.close) and len(services) >= settings["services"]
        )
        if beside and enough and stands(beside):
            return [Evidence(*window, *beside)]
    return NOTHING
