"""P18: missing again and again, and a sign of another agency.

Source: Staffordshire missing protocol (repeat episodes); DfE 2014, children who run away or go missing.
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import EmergencyAttendance, SexualHealthContact, SubstanceConcern
from schemas.police import MissingEpisode
from schemas.schools import Absence, Suspension
from schemas.youth_justice import Caution, CourtOutcome, Intervention

MISSING: Reads = {MissingEpisode: (), ConcernNoted: ("category",)}
SIGNS: Reads = {
    Absence: (),
    Suspension: (),
    EmergencyAttendance: (),
    SexualHealthContact: (),
    SubstanceConcern: (),
    Caution: (),
    CourtOutcome: (),
    Intervention: (),
}


def _missing(fact: Fact) -> bool:
    return fact.kind is MissingEpisode or (fact.kind is ConcernNoted and fact.get("category") == "missing")


def _counts(fact: Fact) -> bool:
    return _missing(fact) or fact.kind in SIGNS


@pattern(
    code="P18",
    name="Missing plus",
    version=1,
    source=(
        "Staffordshire missing protocol (repeat episodes); DfE 2014, children who run away or go missing"
    ),
    says=(
        "This child goes missing again and again, and another agency holds a sign of its own. "
        "Should they be read together?"
    ),
    cancels="A correction; fewer episodes within the window.",
    reads={**MISSING, **SIGNS},
    thresholds=(
        "window_days",
        "missing",
    ),
    counts=_counts,
    incidents=True,
)
def missing_plus(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct episodes of being missing, and a sign of a family that reported none of them."""
    for window in windows(
        timeline.facts, settings.days("window_days"), families=2, least=settings["missing"]
    ):
        missing = window.where(_missing)
        signs = window.of(*SIGNS).without(*missing.families)
        if signs and distinct(missing, settings["missing"], settings.close) and stands(window):
            return [Evidence(*missing, *signs)]
    return NOTHING
