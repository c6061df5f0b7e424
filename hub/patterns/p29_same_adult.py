"""P29: one adult of concern in the records of several children.

Source: Bichard Inquiry 2004: contacts spread over time and agencies, never joined.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import Elsewhere
from hub.patterns.incidents import stands
from hub.patterns.rule import Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.police import DomesticAbuseIncident, ExploitationConcern, OffenceReported, ProtectionNotice
from schemas.schools import ConcernLogged, Disclosure
from schemas.social_care import Assessment, Contact, Referral
from schemas.vocabulary import LinkRelation

READS: Reads = dict.fromkeys(
    (
        *(ConcernNoted, DomesticAbuseIncident, ExploitationConcern, OffenceReported, ProtectionNotice),
        *(ConcernLogged, Disclosure, Assessment, Contact, Referral),
    ),
    (),
)
CONCERN = LinkRelation.ADULT_OF_CONCERN
SAME_HOME = (LinkRelation.HOUSEHOLD, LinkRelation.SIBLING)


def _counts(fact: Fact) -> bool:
    return any(tie.relation == CONCERN for tie in fact.people)


def adults(own: Facts) -> frozenset[str]:
    """The adults of concern that this child's entries name."""
    return frozenset(tie.hashed for fact in own for tie in fact.people if tie.relation == CONCERN)


def _names(fact: Fact, adult: str) -> bool:
    return any(tie.hashed == adult and tie.relation == CONCERN for tie in fact.people)


@pattern(
    code="P29",
    name="Same adult, different children",
    version=1,
    source="Bichard Inquiry 2004: contacts spread over time and agencies, never joined",
    says=(
        "An adult named as a concern on this record is known to several agencies. Has anybody put "
        "together what they know?"
    ),
    cancels="An entry corrected.",
    reads=READS,
    counts=_counts,
    crosses=adults,
)
def same_adult(timeline: Timeline, _: RuleSettings, elsewhere: Elsewhere) -> Outcomes:
    """One question for each adult, on each child's record; the other children are counted, never shown."""
    home = {t.hashed for f in timeline.facts for t in f.children if t.relation in SAME_HOME}
    for adult in sorted(adults(timeline.facts)):
        mine = Facts(f for f in timeline.facts if _names(f, adult))
        others = elsewhere.at(adult)
        theirs = Facts(o.fact for o in others if o.child not in home and _names(o.fact, adult))
        if theirs and len(mine.families | theirs.families) > 1 and stands([*mine, *theirs]):
            yield Evidence(*mine, root=adult, elsewhere=theirs)
