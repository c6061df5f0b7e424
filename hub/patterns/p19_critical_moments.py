"""P19: exclusion, arrest, injury and being missing, close together and each with another agency.

Source: It Was Hard to Escape, Child Safeguarding Practice Review Panel 2020 (list from memory).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.case_event import CaseEvent
from schemas.health import EmergencyAttendance
from schemas.police import MissingEpisode, SuspectInterview
from schemas.schools import Exclusion
from schemas.youth_justice import Caution

MOMENTS: dict[type[CaseEvent], str] = {
    Exclusion: "excluded",
    SuspectInterview: "arrested",
    Caution: "arrested",
    EmergencyAttendance: "injured",
    MissingEpisode: "missing",
}
READS: Reads = {**dict.fromkeys(MOMENTS, ()), EmergencyAttendance: ("injury",)}


def _counts(fact: Fact) -> bool:
    return fact.kind is not EmergencyAttendance or fact.get("injury") is True


@pattern(
    code="P19",
    name="Critical moments together",
    version=1,
    source="It Was Hard to Escape, Child Safeguarding Practice Review Panel 2020 (list from memory)",
    says=(
        "Within weeks several agencies each saw a critical moment of this child. Has anybody seen "
        "them together?"
    ),
    cancels="A correction; moments further apart than the window.",
    reads=READS,
    thresholds=(
        "window_days",
        "kinds",
        "families",
    ),
    counts=_counts,
    incidents=True,
)
def critical_moments(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Moments of several kinds and families, not all of one incident."""
    families = settings["families"]
    for window in windows(timeline.facts, settings.days("window_days"), families=families, least=2):
        kinds = {MOMENTS[fact.kind] for fact in window}
        if len(kinds) >= settings["kinds"] and distinct(window, 2, settings.close) and stands(window):
            return [Evidence(*window)]
    return NOTHING
