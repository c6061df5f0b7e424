"""P25: notifications of domestic abuse add up, and the child shows it elsewhere.

Source: Pelka SCR; Operation Encompass (a duty in law since 2024).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.health import Camhs, SelfHarm
from schemas.police import DomesticAbuseIncident
from schemas.schools import AttendanceSummary, ConcernLogged, Disclosure

READS: Reads = {
    DomesticAbuseIncident: (),
    ConcernLogged: ("category",),
    Disclosure: ("category",),
    AttendanceSummary: ("change",),
    SelfHarm: (),
    Camhs: ("stage",),
}
SHOWN = frozenset({"behaviour", "emotional-harm", "domestic-abuse", "self-harm", "physical-harm"})
FALL = -10
"""Percentage points of attendance."""


def _counts(fact: Fact) -> bool:
    if fact.kind in (ConcernLogged, Disclosure):
        return fact.get("category") in SHOWN
    if fact.kind is AttendanceSummary:
        return (fact.get("change") or 0) <= FALL
    return fact.kind is not Camhs or fact.get("stage") == "referred"


@pattern(
    code="P25",
    name="Domestic abuse builds, child shows it",
    version=1,
    source="Pelka SCR; Operation Encompass (a duty in law since 2024)",
    says=(
        "Police hold several notices of domestic abuse, and school or health see a change in the "
        "child. Has anybody put them together?"
    ),
    cancels="A correction; fewer notices within the window.",
    reads=READS,
    thresholds=(
        "window_days",
        "notices",
    ),
    counts=_counts,
)
def domestic_abuse_builds(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct notices in the window, and a change in the child that another family saw."""
    for window in windows(
        timeline.facts, settings.days("window_days"), families=2, least=settings["notices"]
    ):
        notices = window.of(DomesticAbuseIncident)
        shown = window.without(*notices.families)
        if distinct(notices, settings["notices"]) and shown and stands(window):
            return [Evidence(*notices, *shown)]
    return NOTHING
