"""P08: a young child shows harmful sexual behaviour, and another agency knows of harm around the child.

Source: practice guidance L77, L153, L154 ("the possibility of child sexual abuse MUST be ... investigated and
the child given appropriate opportunities"); AIM under-12s; CSA Centre, Signs and Indicators.
"""

from collections.abc import Callable

from hub.domain.timeline import Fact, Timeline
from hub.patterns.behaviour import REPORTS, has_harmed
from hub.patterns.incidents import paired, stands
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, also, pattern, reading, silent
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import ChildProtectionMedical, EmergencyAttendance, InjuryNoted
from schemas.police import DomesticAbuseIncident, ProtectionNotice
from schemas.protocol import CsaPossibilityExplored
from schemas.schools import ConcernLogged, Disclosure
from schemas.social_care import Assessment, Conference, Plan
from schemas.vocabulary import Agency, LinkRelation

CONTEXT: Reads = {
    DomesticAbuseIncident: (),
    ProtectionNotice: ("concern_category",),
    ConcernLogged: ("category",),
    Disclosure: ("category",),
    InjuryNoted: ("unexplained", "site_code"),
    EmergencyAttendance: ("unexplained",),
    ConcernNoted: ("category",),
    ChildProtectionMedical: ("finding_code",),
    Conference: ("category_of_abuse",),
    Plan: ("category_of_abuse",),
    Assessment: ("factors",),
}
HARM = frozenset(
    {"neglect", "hunger", "physical-harm", "injury", "domestic-abuse", "emotional-harm", "sexual-harm"}
)
SYMPTOMS = frozenset({"genital-symptoms", "soiling", "sleep", "worrying-sign"})
SITES = frozenset({"genital", "anal", "perineal", "inner-thigh"})
FACTORS = ("3A", "3B", "3C", "16", "17", "18", "19")
"""DfE assessment factors of domestic abuse, neglect, emotional, physical and sexual harm; from memory [M]."""


def _counts(fact: Fact) -> bool:
    young = fact.kind in REPORTS and has_harmed(fact) and _aged(fact)
    return young or fact.kind is CsaPossibilityExplored or (fact.kind in CONTEXT and _harm(fact))


@pattern(
    code="P08",
    name="Young child, explore the possibility",
    version=2,
    source="Guidance L77, L153, L154 (MUST); AIM under-12s; CSA Centre, Signs and Indicators",
    says="A young child's sexual behaviour is known to one agency, harm around the child to another. "
    "Has the possibility that the child was sexually abused been explored with the child?",
    cancels="Exploring the possibility with the child, recorded after the later entry.",
    reads=reading(also(REPORTS, "age"), CONTEXT, {CsaPossibilityExplored: ()}),
    thresholds=("window_days", "age_below", "age_prompt_below", "severity_older"),
    related=("R33", "R125", "R126"),
    notes=("R124",),
    counts=_counts,
)
def young_child(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Behaviour below the age with harm known to another family; 10 to 12 is a prompt only.

    The exploring would be told by social care: where it was not heard since, nobody can tell.
    """
    behaviour = timeline.of(*REPORTS).where(
        lambda f: has_harmed(f) and (f.get("age") or 0) < settings["age_prompt_below"] and _aged(f)
    )
    younger = behaviour.where(lambda f: f.get("age") < settings["age_below"])
    explored = timeline.of(CsaPossibilityExplored).last
    around = timeline.of(*CONTEXT).where(_harm)
    near, heard = _unexplored(explored, settings), _heard(timeline)
    unheard: Outcomes = NOTHING
    for shown, severity in ((younger, None), (behaviour, settings["severity_older"])):
        told = paired(shown, around, lambda one, other: near(one, other) and heard(one, other))
        if told and stands(told):
            return [Evidence(*told, severity=severity)]
        moments = [max(one.at, other.at) for one in shown for other in around if near(one, other)]
        if moments and not unheard:
            unheard = [silent(Agency.SOCIAL_CARE, min(moments))]
    return unheard


def _aged(fact: Fact) -> bool:
    return fact.get("age") is not None and fact.get("age") >= 0


def _unexplored(explored: Fact | None, settings: RuleSettings) -> Callable[[Fact, Fact], bool]:
    """Whether behaviour and harm are near in time, of different families, and newer than the exploring."""
    days = settings.days("window_days")

    def near(one: Fact, other: Fact) -> bool:
        return (
            one.family != other.family
            and abs(one.at - other.at) <= days
            and (explored is None or explored.at < max(one.at, other.at))
        )

    return near


def _heard(timeline: Timeline) -> Callable[[Fact, Fact], bool]:
    """Whether social care, whose people explore the possibility with the child, was heard since both."""
    return lambda one, other: timeline.alive(Agency.SOCIAL_CARE, max(one.at, other.at))


def _harm(fact: Fact) -> bool:
    """The entry shows harm around the child, or an adult of concern near the child."""
    if any(tie.relation == LinkRelation.ADULT_OF_CONCERN for tie in fact.people):
        return True
    if fact.kind in (DomesticAbuseIncident, ChildProtectionMedical):
        return True
    if fact.kind in (InjuryNoted, EmergencyAttendance):
        return fact.get("unexplained") is True or fact.get("site_code") in SITES
    if fact.kind is Assessment:
        return any(str(factor).startswith(FACTORS) for factor in fact.get("factors") or ())
    said = {fact.get("category"), fact.get("concern_category")}
    return bool(said & (HARM | SYMPTOMS)) or fact.get("category_of_abuse") is not None
