"""P22: hunger seen at school, weight by health, violence or neglect by others.

Source: Serious case review of Daniel Pelka (Coventry 2013): each was seen alone.
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import InjuryNoted
from schemas.police import DomesticAbuseIncident
from schemas.schools import ConcernLogged
from schemas.social_care import Conference, Plan
from schemas.vocabulary import Agency

SEEN: Reads = {
    ConcernLogged: ("category",),
    ConcernNoted: ("category",),
    DomesticAbuseIncident: (),
    Conference: ("category_of_abuse",),
    Plan: ("category_of_abuse",),
    InjuryNoted: (),
}


def _hungry(fact: Fact) -> bool:
    return fact.kind is ConcernLogged and fact.get("category") == "hunger"


def _thinner(fact: Fact) -> bool:
    noted = fact.kind is ConcernNoted and fact.family == Agency.HEALTH
    return noted and fact.get("category") in ("weight-falling", "growth")


def _violence(fact: Fact) -> bool:
    noted = fact.kind is ConcernNoted and fact.get("category") in ("domestic-abuse", "neglect")
    return noted or fact.kind is DomesticAbuseIncident or fact.get("category_of_abuse") == "neglect"


def _mark(fact: Fact) -> bool:
    return fact.kind is InjuryNoted or (fact.kind is ConcernLogged and fact.get("category") == "injury")


def _counts(fact: Fact) -> bool:
    return _hungry(fact) or _thinner(fact) or _violence(fact) or _mark(fact)


@pattern(
    code="P22",
    name="Hunger, weight, violence",
    version=1,
    source="Serious case review of Daniel Pelka (Coventry 2013): each was seen alone",
    says=(
        "School sees hunger, health a falling weight, and another agency violence or neglect at "
        "home. Has anyone seen the three together?"
    ),
    cancels="A correction; the three further apart than the window.",
    reads=SEEN,
    thresholds=(
        "window_days",
        "hunger",
        "severity_with_marks",
    ),
    counts=_counts,
    incidents=True,
    min_families=3,
)
def hunger_weight_violence(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """All three in one window, each from another family; graver where a mark was seen too."""
    for window in windows(timeline.facts, settings.days("window_days"), families=3, least=4):
        hungry, thinner = window.where(_hungry), window.where(_thinner)
        violence = window.where(_violence).without(*hungry.families, *thinner.families)
        if distinct(hungry, settings["hunger"], settings.close) and thinner and violence and stands(window):
            marks = window.where(_mark)
            severity = settings["severity_with_marks"] if marks else None
            return [Evidence(*hungry, *thinner, *violence, *marks, severity=severity)]
    return NOTHING
