"""P09: a child has sexually harmed, and an adult around the child is known elsewhere as a risk.

Source: practice guidance L107 ("whether there is reason to suspect that adults have been involved"); Bichard
Inquiry 2004.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import STRAND, has_harmed
from hub.patterns.elsewhere import Elsewhere
from hub.patterns.incidents import stands
from hub.patterns.rule import Evidence, Outcomes, Reads, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted, HouseholdChanged
from schemas.health import EmergencyAttendance
from schemas.police import DomesticAbuseIncident, ExploitationConcern, OffenceReported, ProtectionNotice
from schemas.schools import ConcernLogged, Disclosure
from schemas.social_care import Assessment, Contact, Referral
from schemas.vocabulary import LinkRelation

NAMING: Reads = {
    **dict.fromkeys(
        (
            *(ConcernNoted, EmergencyAttendance, DomesticAbuseIncident, ExploitationConcern, OffenceReported),
            *(ProtectionNotice, ConcernLogged, Disclosure, Assessment, Contact, Referral),
        ),
        (),
    ),
    HouseholdChanged: ("kind",),
}
"""Entries in which agencies name adults."""
CONCERN = LinkRelation.ADULT_OF_CONCERN
ACCESS = (LinkRelation.HOUSEHOLD, LinkRelation.PARENT, LinkRelation.CARER)
"""How an adult stands to a child whom they see every day."""
AROUND = (*ACCESS, LinkRelation.OTHER_ADULT, LinkRelation.OLDER_ASSOCIATE)


def adults(own: Facts) -> frozenset[str]:
    """The adults around the child whom its entries name."""
    return frozenset(tie.hashed for fact in own for tie in fact.people if tie.relation in AROUND)


def _names(fact: Fact, adult: str, *relations: str) -> bool:
    return any(tie.hashed == adult and tie.relation in relations for tie in fact.people)


def _counts(fact: Fact) -> bool:
    return any(t.relation in (*AROUND, CONCERN) for t in fact.people) or (
        fact.kind in STRAND and has_harmed(fact)
    )


@pattern(
    code="P09",
    name="Adult behind the behaviour",
    version=2,
    source="Guidance L107; Bichard Inquiry 2004",
    says="This child has sexually harmed, and an adult around the child is named as a concern by another "
    "agency. Has anybody asked what part the adult has?",
    cancels="An entry corrected.",
    reads=reading(STRAND, NAMING),
    thresholds=("severity_access",),
    related=("R67",),
    counts=_counts,
    crosses=adults,
)
def adult_behind(timeline: Timeline, settings: RuleSettings, elsewhere: Elsewhere) -> Outcomes:
    """One question for each adult; entries on other children's records are counted, never shown."""
    strand = timeline.of(*STRAND).where(has_harmed)
    if not strand or not stands(strand):
        return
    for adult in sorted(adults(timeline.facts)):
        around = Facts(f for f in timeline.facts if _names(f, adult, *AROUND))
        risk = Facts(f for f in timeline.facts if _names(f, adult, CONCERN))
        theirs = Facts(o.fact for o in elsewhere.at(adult) if _names(o.fact, adult, CONCERN))
        if around.families - (risk.families | theirs.families) and stands([*risk, *theirs]):
            severity = settings["severity_access"] if _access(around, adult) else None
            yield Evidence(*strand, *around, *risk, root=adult, severity=severity, elsewhere=theirs)


def _access(around: Facts, adult: str) -> bool:
    """The adult lives with the child or cares for it, and is not said to have moved out since."""
    last = around.where(lambda f: _names(f, adult, *ACCESS)).last
    return last is not None and last.get("kind") != "moved-out"
