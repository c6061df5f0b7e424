"""P34: an agency that works with the child has gone quiet, while another goes on recording concern.

Source: practice guidance L101 (which agencies know the children), L113 (who keeps the others up to date).
"""

from datetime import datetime

from hub.domain.timeline import Fact, Facts, Timeline, when
from hub.patterns.incidents import first_enough, stands
from hub.patterns.rule import Outcomes, Reads, absent, also, pattern, reading
from hub.patterns.settings import RuleSettings
from hub.patterns.work import AGENCIES, WORK, begins, latest, works
from schemas.any_agency import ConcernNoted, SafetyMeasure, StrengthNoted, SupportOffered
from schemas.health import (
    Admission,
    AppointmentMissed,
    ChildProtectionMedical,
    EmergencyAttendance,
    InjuryNoted,
    RegistrationChanged,
    SelfHarm,
    SubstanceConcern,
)
from schemas.police import (
    AbeInterview,
    DomesticAbuseIncident,
    ExploitationConcern,
    MissingEpisode,
    OffenceReported,
    ProtectionNotice,
    ProtectionUsed,
    SuspectInterview,
)
from schemas.schools import ConcernLogged, Disclosure, SexualBehaviourIncident
from schemas.social_care import (
    AreaMove,
    Assessment,
    Conference,
    Contact,
    EarlyHelp,
    FamilySafetyPlan,
    LookedAfter,
    MultiAgencyMeeting,
    PlacementMoved,
    Referral,
    ReturnInterview,
    StrategyMeeting,
)
from schemas.vocabulary import Significance
from schemas.youth_justice import Assessment as YouthJusticeAssessment
from schemas.youth_justice import Caution, CourtOutcome, MappaNotification, Release

CONCERNS: Reads = dict.fromkeys(
    (
        *(ConcernNoted, InjuryNoted, SelfHarm, SubstanceConcern, DomesticAbuseIncident, ExploitationConcern),
        *(MissingEpisode, OffenceReported, ProtectionNotice, ConcernLogged, Disclosure),
        SexualBehaviourIncident,
    ),
    (),
)
HEARD: Reads = dict.fromkeys(
    (
        *(SafetyMeasure, StrengthNoted, SupportOffered, Admission, AppointmentMissed, ChildProtectionMedical),
        *(EmergencyAttendance, RegistrationChanged, AbeInterview, ProtectionUsed, SuspectInterview, AreaMove),
        *(Assessment, Conference, Contact, EarlyHelp, FamilySafetyPlan, LookedAfter, MultiAgencyMeeting),
        *(PlacementMoved, Referral, ReturnInterview, StrategyMeeting, YouthJusticeAssessment, Caution),
        *(CourtOutcome, MappaNotification, Release),
    ),
    (),
)
"""Any of these shows that the agency is still there; restricted entries are left out: silence must not tell
of them."""


def interval(family: str) -> str:
    """The name of the number: how many days an agency that works with a child may say nothing."""
    return f"{family.replace('-', '_')}_days"


def _counts(fact: Fact) -> bool:
    return fact.family in AGENCIES or fact.kind in CONCERNS


@pattern(
    code="P34",
    name="Silence",
    version=2,
    source="Guidance L101, L113",
    says="An agency that works with this child has recorded nothing for long, while another records concern. "
    "Is it still there, and does it know?",
    cancels="Any entry of the agency that was quiet; the end of its work; an entry corrected.",
    reads=reading(WORK, also(CONCERNS, "significance"), HEARD),
    thresholds=("concern_days", "concerns", *(interval(family.value) for family in AGENCIES)),
    counts=_counts,
    incidents=True,
)
def silence(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each agency that works with the child and is quiet, though its feed is alive.

    A concern long after its last word says nothing: that work is over, and nobody said so. Small concerns
    count together; one that its sender calls significant is enough.
    """
    for working in latest(timeline.of(*WORK).where(works)):
        family = working.family
        if not begins(working):
            continue
        last = timeline.facts.by(family)[-1]
        concerns = timeline.of(*CONCERNS).without(family).after(last.at, days=settings["concern_days"])
        enough = _enough(concerns, settings)
        if enough is None or not stands(concerns):
            continue
        due: datetime = max(last.at + settings.days(interval(family)), enough.at)
        yield absent(timeline, family, due, working, last, *concerns, root=family)


def _enough(concerns: Facts, settings: RuleSettings) -> Fact | None:
    """The concern by which they were first enough: one called significant, or so many incidents."""
    grave = concerns.where(significance=Significance.SIGNIFICANT)
    counted = first_enough(concerns, settings["concerns"], 1, settings.close)
    return min((fact for fact in (*grave[:1], counted) if fact is not None), key=when, default=None)
