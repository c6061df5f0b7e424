"""P21: an injury of a baby, and what the clinician cannot see.

Source: Tees and Leicester pre-mobile procedures (the injury alone already mandates referral).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import stands
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted, HouseholdChanged
from schemas.health import EmergencyAttendance, InjuryNoted
from schemas.police import DomesticAbuseIncident
from schemas.social_care import Conference, Plan, Section47
from schemas.vocabulary import ChildPart

INJURIES: Reads = {EmergencyAttendance: ("injury", "age"), InjuryNoted: ("age",)}
AROUND: Reads = {
    DomesticAbuseIncident: (),
    HouseholdChanged: ("kind",),
    ConcernNoted: ("category",),
    Section47: (),
    Conference: (),
    Plan: (),
}
KNOWN = frozenset({"domestic-abuse", "risk-to-children"})


def _injured(fact: Fact) -> bool:
    hurt = fact.kind is InjuryNoted or (fact.kind is EmergencyAttendance and fact.get("injury") is True)
    return hurt and fact.get("age") is not None and fact.get("age") >= 0


def _around(fact: Fact) -> bool:
    if fact.kind is HouseholdChanged:
        return bool(fact.get("kind") == "new-adult")
    if fact.kind is ConcernNoted:
        return fact.get("category") in KNOWN
    if fact.kind in (Section47, Conference, Plan):
        return bool(fact.get("part") == ChildPart.SIBLING)
    return fact.kind is DomesticAbuseIncident


def _counts(fact: Fact) -> bool:
    return _injured(fact) or _around(fact)


@pattern(
    code="P21",
    name="Baby who cannot move, injured",
    version=1,
    source="Tees and Leicester pre-mobile procedures (the injury alone already mandates referral)",
    says=(
        "A baby was injured, and another agency knows of violence, a new adult or earlier harm in "
        "the home. Does the clinician know?"
    ),
    cancels="A correction of one of the entries.",
    reads={**INJURIES, **AROUND},
    thresholds=("window_days", "age_below"),
    counts=_counts,
)
def baby_injured(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """An injury, and what another family knows of the home, within the window of each other."""
    days = settings.days("window_days")
    around = timeline.facts.where(_around)
    found: list[Fact] = []
    for injury in timeline.facts.where(lambda f: _injured(f) and f.get("age") < settings["age_below"]):
        beside = around.without(injury.family).between(injury.at - days, injury.at + days)
        found += (injury, *beside) if beside else ()
    return [Evidence(*found)] if found and stands(found) else NOTHING
