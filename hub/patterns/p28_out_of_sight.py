"""P28: out of school, known to social care, and not seen by health.

Source: Children's Wellbeing and Schools Act 2026 (consent to withdraw); Surrey review 2025 (report not
read).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import stands
from hub.patterns.rule import Evidence, Outcomes, Reads, absent, pattern
from hub.patterns.settings import RuleSettings
from schemas.health import (
    Admission,
    AppointmentMissed,
    Camhs,
    EmergencyAttendance,
    InjuryNoted,
    RegistrationChanged,
    SelfHarm,
)
from schemas.schools import Move
from schemas.social_care import Plan, Section47
from schemas.vocabulary import Agency

SEEN: Reads = {
    Admission: (),
    Camhs: ("stage",),
    EmergencyAttendance: (),
    InjuryNoted: (),
    RegistrationChanged: (),
    SelfHarm: (),
}
READS: Reads = {**SEEN, Move: ("kind",), Plan: (), Section47: ("stage",), AppointmentMissed: ()}
OUT = ("off-roll", "home-education")


def _counts(fact: Fact) -> bool:
    return fact.kind is not AppointmentMissed and (fact.kind is not Camhs or fact.get("stage") == "seen")


@pattern(
    code="P28",
    name="Out of sight",
    version=2,
    source=(
        "Children's Wellbeing and Schools Act 2026 (consent to withdraw); Surrey review 2025 "
        "(report not read)"
    ),
    says=(
        "This child is out of school, was lately known to social care, and health holds no contact. "
        "Who sees the child?"
    ),
    cancels="A health contact; the child back on roll; an entry corrected.",
    reads=READS,
    thresholds=("known_days", "unseen_days", "severity_open"),
    counts=_counts,
)
def out_of_sight(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Off roll or at home, known to social care within the window, no health contact since so many days.

    The third agency is health, by its silence. While an enquiry under section 47 is open, two are enough: it
    is asked at once, and is graver.
    """
    move = timeline.of(Move).last
    if move is None or move.get("kind") not in OUT:
        return
    known = timeline.of(Plan, Section47).between(move.at - settings.days("known_days"), timeline.now)
    if not known or not stands(known):
        return
    enquiry = timeline.of(Section47).last
    if enquiry is not None and enquiry.get("stage") == "started" and enquiry in known:
        yield Evidence(move, *known, severity=settings["severity_open"])
        return
    seen = timeline.of(*SEEN).last
    start = move.at if seen is None else seen.at
    due = max(start + settings.days("unseen_days"), move.at, known[0].at)
    yield absent(timeline, Agency.HEALTH, due, move, *known)
