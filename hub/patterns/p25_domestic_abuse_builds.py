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


def _counts(fact: Fact) -> bool:
    if fact.kind in (ConcernLogged, Disclosure):
        return fact.get("category") in SHOWN
    if fact.kind is AttendanceSummary:
        return (fact.get("change") or 0) < 0
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
    thresholds=("window_days", "notices", "attendance_fall"),
    counts=_counts,
    incidents=True,
)
def domestic_abuse_builds(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct notices in the window, and a change in the child that another family saw."""
    told = timeline.facts.where(lambda f: _fell(f, settings))
    for window in windows(told, settings.days("window_days"), families=2, least=settings["notices"]):
        notices = window.of(DomesticAbuseIncident)
        shown = window.without(*notices.families)
        if distinct(notices, settings["notices"], settings.close) and shown and stands(window):
            return [Evidence(*notices, *shown)]
    return NOTHING


def _fell(fact: Fact, settings: RuleSettings) -> bool:
    """Of attendance, only a fall that is deep enough."""
    return fact.kind is not AttendanceSummary or (fact.get("change") or 0) <= -settings["attendance_fall"]
