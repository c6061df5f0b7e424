"""P26: small worries of several agencies, none of which led to an assessment, one of which went no further.

Source: Bichard Inquiry 2004 (repeat contacts handled singly); Darlington page on chronologies.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import distinct, first_enough, windows
from hub.patterns.rule import (
    NOTHING,
    CannotTell,
    Evidence,
    Outcome,
    Outcomes,
    Reads,
    Waiting,
    also,
    pattern,
    reading,
)
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import AppointmentMissed, InjuryNoted, SubstanceConcern
from schemas.police import DomesticAbuseIncident, MissingEpisode, ProtectionNotice
from schemas.protocol import CfAssessmentStarted, S47Started
from schemas.schools import ConcernLogged
from schemas.social_care import Assessment, Conference, Contact, Plan, Referral, Section47
from schemas.vocabulary import Agency, Significance

WORRIES: Reads = also(
    {
        ConcernLogged: (),
        ConcernNoted: (),
        AppointmentMissed: ("was_not_brought",),
        InjuryNoted: (),
        SubstanceConcern: (),
        ProtectionNotice: (),
        DomesticAbuseIncident: (),
        MissingEpisode: (),
        Contact: ("source_agency",),
    },
    "significance",
)
ANSWERS: Reads = {
    Assessment: (),
    Section47: (),
    Conference: (),
    Plan: (),
    CfAssessmentStarted: (),
    S47Started: (),
}
NOTING = (Agency.HEALTH, Agency.POLICE, Agency.EARLY_HELP)
"""Whose noted concerns are counted; schools log theirs, and what social care notes has reached it."""
SAME_DAY = timedelta(days=1)
FRONT_DOOR: Reads = {Contact: ("source_agency",), Referral: ("source_agency",)}


def _counts(fact: Fact) -> bool:
    return fact.kind in ANSWERS or fact.kind in FRONT_DOOR or _worry(fact)


@pattern(
    code="P26",
    name="Small worries, each below threshold",
    version=2,
    source="Bichard Inquiry 2004; Darlington on chronologies",
    says="Several agencies each hold a small worry about this child, none led to an assessment, and one at "
    "least never reached social care. Would they look different side by side?",
    cancels="An assessment, enquiry or plan; every worry told to the front door.",
    reads=reading(WORRIES, ANSWERS, FRONT_DOOR),
    thresholds=("window_days", "worries", "families", "reach_days"),
    related=("R7",),
    counts=_counts,
    incidents=True,
)
def small_worries(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct worries in the window, unanswered; one whose agency did not tell the front door in time."""
    worries = timeline.of(*WORRIES).where(_worry)
    answer = timeline.of(*ANSWERS).last
    families, least = settings["families"], settings["worries"]
    for window in windows(worries, settings.days("window_days"), families=families, least=least):
        answered = answer is not None and answer.at >= window[0].at
        if not answered and distinct(window, least, settings.close):
            return _by_reach(timeline, window, settings)
    return NOTHING


def _by_reach(timeline: Timeline, window: Facts, settings: RuleSettings) -> tuple[Outcome, ...]:
    """Whether one of the worries never reached social care; when that can be said."""
    told: dict[str, list[Fact]] = {}
    for contact in timeline.of(*FRONT_DOOR):
        told.setdefault(contact.get("source_agency"), []).append(contact)
    days, most = settings.days("reach_days"), settings.counting.latest_of_a_kind.value
    unreached = window.without(Agency.SOCIAL_CARE).where(
        lambda f: not _reached(f, told.get(f.family, ()), days, most)
    )
    if not unreached:
        return ()
    complete = _complete(window, settings)
    dues = sorted(max(complete, f.at + days) for f in unreached)
    passed = [due for due in dues if due <= timeline.now]
    alive = [due for due in passed if timeline.alive(Agency.SOCIAL_CARE, due)]
    if alive:
        return (Evidence(*window, due=alive[0]),)
    if passed:
        return (CannotTell(frozenset({Agency.SOCIAL_CARE.value}), passed[0]),)
    return (Waiting(dues[0]),)


def _complete(window: Facts, settings: RuleSettings) -> datetime:
    """When the worries were first enough; one more does not start the time again."""
    enough = first_enough(window, settings["worries"], settings["families"], settings.close)
    return (enough or window[-1]).at


def _reached(worry: Fact, told: Sequence[Fact], days: timedelta, most: int) -> bool:
    """The worry's agency told the front door within the days, or that day already.

    Also where the rule sees as many contacts of that agency as it can: an earlier one may be out of sight.
    """
    if len(told) >= most and worry.at < told[0].at:
        return True
    first = bisect_left(told, worry.at - SAME_DAY, key=lambda f: f.at)
    return first < len(told) and told[first].at - worry.at <= days


def _worry(fact: Fact) -> bool:
    """A worry below the threshold as its sender sees it; a contact only where it is not another's worry."""
    if fact.get("significance") == Significance.SIGNIFICANT:
        return False
    if fact.kind is ConcernNoted:
        return fact.family in NOTING
    if fact.kind is AppointmentMissed:
        return fact.get("was_not_brought") is True
    return fact.kind is not Contact or fact.get("source_agency") in (None, Agency.SOCIAL_CARE)
