"""P15: something significant is new about a child, and nobody looked at a brother or sister again.

Source: practice guidance L102 (siblings "reassessed if there are significant new concerns"), L162;
sibling sexual behaviour mapping (King-Hill).
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import STRAND, sexual
from hub.patterns.elsewhere import Elsewhere
from hub.patterns.incidents import stands
from hub.patterns.meetings import MEETINGS, since
from hub.patterns.rule import Outcomes, Reads, absent, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted, HouseholdChanged, StrengthNoted, SupportOffered
from schemas.health import EmergencyAttendance, InjuryNoted, RegistrationChanged
from schemas.police import DomesticAbuseIncident, ProtectionNotice
from schemas.protocol import CfAssessmentStarted, ImmediateRiskConsidered, S47Started
from schemas.schools import ConcernLogged, Move
from schemas.social_care import Assessment, Contact, Referral, Section47
from schemas.vocabulary import Agency, LinkRelation

LINKS: Reads = dict.fromkeys(
    (
        *(ConcernNoted, HouseholdChanged, StrengthNoted, SupportOffered, EmergencyAttendance, InjuryNoted),
        *(RegistrationChanged, DomesticAbuseIncident, ProtectionNotice, ConcernLogged, Move),
        *(Contact, Referral),
    ),
    (),
)
"""Entries in which agencies name who belongs to the family."""
LOOKED: Reads = {
    **MEETINGS,
    Assessment: (),
    Section47: (),
    ImmediateRiskConsidered: (),
    CfAssessmentStarted: (),
    S47Started: (),
}
"""Entries by which somebody considered a child."""


def siblings(own: Facts) -> frozenset[str]:
    """The brothers and sisters that this child's entries name."""
    return frozenset(t.hashed for f in own for t in f.children if t.relation == LinkRelation.SIBLING)


def _names(fact: Fact, sibling: str) -> bool:
    return any(t.hashed == sibling and t.relation == LinkRelation.SIBLING for t in fact.children)


def _significant(fact: Fact) -> bool:
    return fact.kind in STRAND and sexual(fact)


def _counts(fact: Fact) -> bool:
    named = any(tie.relation == LinkRelation.SIBLING for tie in fact.children)
    return named or fact.kind in LOOKED or _significant(fact)


@pattern(
    code="P15",
    name="Siblings not looked at again",
    version=2,
    source="Guidance L102, L162; sibling sexual behaviour mapping (King-Hill)",
    says="Something significant is new about this child, and another agency knows of a brother or sister. "
    "Has anybody looked at the sibling again?",
    cancels="An assessment, enquiry or meeting about the sibling on or after the day; an entry corrected.",
    reads=reading(STRAND, LINKS, LOOKED),
    thresholds=("working_days",),
    related=("R62", "R132"),
    counts=_counts,
    crosses=siblings,
    theirs=tuple(LOOKED),
)
def siblings_not_looked_at(timeline: Timeline, settings: RuleSettings, elsewhere: Elsewhere) -> Outcomes:
    """One question for each sibling: of the first significant entry since the sibling was last considered."""
    significant = timeline.facts.where(_significant)
    for sibling in sorted(siblings(timeline.facts)):
        links = Facts(f for f in timeline.facts if _names(f, sibling))
        looked = _looked(timeline, sibling, elsewhere)
        for new in significant:
            known = links.without(new.family)
            if not known or not stands([new, *known]) or since(looked, new.at):
                continue
            due = settings.working_days(max(new.at, known[0].at), "working_days")
            yield absent(timeline, Agency.SOCIAL_CARE, due, new, known[0], root=sibling)
            break


def _looked(timeline: Timeline, sibling: str, elsewhere: Elsewhere) -> Facts:
    """When the sibling was considered: on the sibling's own record, or by name on this child's."""
    theirs = Facts(o.fact for o in elsewhere.at(sibling) if o.fact.kind in LOOKED)
    here = timeline.of(*LOOKED).where(lambda f: any(tie.hashed == sibling for tie in f.children))
    return Facts(f for f in (*theirs, *here) if f.get("held") is not False)
