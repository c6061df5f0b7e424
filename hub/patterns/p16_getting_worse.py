"""P16: a child who has been sexually harmed shows signs of getting worse to several agencies.

Source: practice guidance L85, L146 (support of the harmed child); CSA Centre, Signs and Indicators.
"""

from collections.abc import Mapping

from hub.domain.timeline import Fact, Timeline
from hub.patterns.behaviour import STRAND, was_harmed
from hub.patterns.incidents import stands
from hub.patterns.rule import NOTHING, Evidence, Outcomes, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.case_event import CaseEvent
from schemas.health import AppointmentMissed, Camhs, EmergencyAttendance, SelfHarm
from schemas.police import MissingEpisode
from schemas.schools import AttendanceSummary, Exclusion, Suspension
from schemas.social_care import PlacementMoved

KINDS: Mapping[type[CaseEvent], str] = {
    AttendanceSummary: "attendance",
    Suspension: "sent-out-of-school",
    Exclusion: "sent-out-of-school",
    SelfHarm: "self-harm",
    EmergencyAttendance: "emergency-department",
    Camhs: "not-brought",
    AppointmentMissed: "not-brought",
    MissingEpisode: "missing",
    PlacementMoved: "placement",
}


def _counts(fact: Fact) -> bool:
    fell = fact.kind is not AttendanceSummary or (fact.get("change") or 0) < 0
    return was_harmed(fact) or (fact.kind in KINDS and fell)


@pattern(
    code="P16",
    name="Harmed child getting worse",
    version=2,
    source="Guidance L85, L146; CSA Centre, Signs and Indicators",
    says="After this child was sexually harmed, several agencies each saw a different sign that things are "
    "harder for the child. Is the support enough?",
    cancels="A correction; signs of one kind only, or of one agency only.",
    reads=reading(STRAND, dict.fromkeys(KINDS, ()), {AttendanceSummary: ("change",), Camhs: ("stage",)}),
    thresholds=("window_days", "kinds", "families", "attendance_fall"),
    related=("R1", "R43"),
    counts=_counts,
)
def getting_worse(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Kinds of signs from several families in the time after an entry of harm; the latest harm first."""
    harm = timeline.of(*STRAND).where(was_harmed)
    signs = timeline.of(*KINDS).where(lambda f: _worse(f, settings) and not was_harmed(f))
    for one in reversed(tuple(harm)):
        after = signs.after(one.at, days=settings["window_days"])
        kinds = {KINDS[f.kind] for f in after}
        told = harm.before(one.at, days=settings["window_days"])
        enough = len(kinds) >= settings["kinds"] and len(after.families) >= settings["families"]
        if enough and stands([*told, one]):
            return [Evidence(*told, one, *after)]
    return NOTHING


def _worse(fact: Fact, settings: RuleSettings) -> bool:
    if fact.kind is AttendanceSummary:
        return (fact.get("change") or 0) <= -settings["attendance_fall"]
    return fact.kind is not Camhs or fact.get("stage") == "did-not-engage"
