"""P31: an adult in the home, known as a risk, whom no assessment names.

Source: Child Safeguarding Practice Review Panel, The Myth of Invisible Men, 2021; NSPCC, unseen men.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import stands
from hub.patterns.rule import Evidence, Outcomes, Reads, pattern, silent
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted, HouseholdChanged
from schemas.health import EmergencyAttendance
from schemas.police import DomesticAbuseIncident, ProtectionNotice
from schemas.social_care import Assessment
from schemas.vocabulary import Agency, LinkRelation

READS: Reads = {
    HouseholdChanged: ("kind",),
    EmergencyAttendance: (),
    DomesticAbuseIncident: (),
    ProtectionNotice: (),
    ConcernNoted: ("category",),
    Assessment: (),
}
AT_HOME = (LinkRelation.HOUSEHOLD, LinkRelation.OTHER_ADULT, LinkRelation.PARENT, LinkRelation.CARER)


def _counts(fact: Fact) -> bool:
    return bool(fact.people)


def _names(fact: Fact, adult: str, *relations: str) -> bool:
    return any(tie.hashed == adult and (not relations or tie.relation in relations) for tie in fact.people)


@pattern(
    code="P31",
    name="Adult nobody assessed",
    version=2,
    source=("Child Safeguarding Practice Review Panel, The Myth of Invisible Men, 2021; NSPCC, unseen men"),
    says=(
        "Agencies know of an adult around this child and of a risk, and no assessment names the "
        "adult. Should one?"
    ),
    cancels="An assessment that names the adult; an entry corrected.",
    reads=READS,
    counts=_counts,
)
def adult_not_assessed(timeline: Timeline, _: RuleSettings) -> Outcomes:
    """One question for each adult: shown in the home by one family, a risk to another, assessed by nobody.

    An assessment would come by social care's feed: where it was not heard since, nobody can tell.
    """
    assessed = {tie.hashed for fact in timeline.of(Assessment) for tie in fact.people}
    risks = timeline.facts.by(Agency.POLICE, Agency.PROBATION)
    concern = LinkRelation.ADULT_OF_CONCERN
    adults = {tie.hashed for fact in risks for tie in fact.people if tie.relation == concern} - assessed
    for adult in sorted(adults):
        risk = Facts(f for f in risks if _names(f, adult, concern))
        home = Facts(f for f in timeline.facts if f.kind is not Assessment and _names(f, adult, *AT_HOME))
        if not home.families - risk.families or not stands(risk):
            continue
        known = max(home[0].at, risk[0].at)
        if timeline.alive(Agency.SOCIAL_CARE, known):
            yield Evidence(*home, *risk, root=adult)
        else:
            yield silent(Agency.SOCIAL_CARE, known, adult)
