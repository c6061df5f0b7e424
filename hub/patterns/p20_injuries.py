"""P20: injuries spread over providers, and another agency holds a sign of its own.

Source: serious case review of Daniel Pelka; three emergency attendances in twelve months (primarycareit);
over three in six months (Leeds), four a year (Greenfield 2020), both within the first; two organisations [P].
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.health import EmergencyAttendance, InjuryNoted
from schemas.police import DomesticAbuseIncident, ProtectionNotice
from schemas.schools import ConcernLogged, Disclosure
from schemas.vocabulary import Agency

INJURIES: Reads = {EmergencyAttendance: ("injury", "provider"), InjuryNoted: ()}
SIGNS: Reads = {
    DomesticAbuseIncident: (),
    ProtectionNotice: ("concern_category",),
    ConcernLogged: ("category",),
    Disclosure: ("category",),
}
TELLING = frozenset({"injury", "physical-harm", "domestic-abuse"})


def _counts(fact: Fact) -> bool:
    return (fact.kind in INJURIES and _injury(fact)) or (fact.kind in SIGNS and _sign(fact))


@pattern(
    code="P20",
    name="Injuries spread over providers",
    version=1,
    source="Pelka SCR; primarycareit (3 in 12 months); Leeds; Greenfield 2020",
    says="Health has seen several injuries of this child, and another agency saw or was told of a mark or of "
    "violence. Has anyone seen them side by side?",
    cancels="A correction; injuries of the same incident.",
    reads=reading(INJURIES, SIGNS),
    thresholds=("window_days", "injuries", "short_window_days", "organisations"),
    related=("R7",),
    counts=_counts,
    incidents=True,
)
def injuries(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Injuries to health in a year, or at two organisations in half a year, and a sign of another family."""
    hurt = timeline.of(*INJURIES).by(Agency.HEALTH).where(_injury)
    signs = timeline.of(*SIGNS).without(Agency.HEALTH).where(_sign)
    if not signs:
        return NOTHING
    for window in windows(hurt, settings.days("window_days"), least=settings["organisations"]):
        beside = signs.between(
            window[-1].at - settings.days("window_days"), window[-1].at + settings.days("window_days")
        )
        if beside and stands(beside) and (counted := _enough(window, settings)):
            return [Evidence(*counted, *beside)]
    return NOTHING


def _enough(window: Facts, settings: RuleSettings) -> Facts:
    """The injuries that count; none where they are too few and at one organisation."""
    if distinct(window, settings["injuries"], settings.close):
        return window
    late = window.between(window[-1].at - settings.days("short_window_days"), window[-1].at)
    places = {f.get("provider") for f in late} - {None}
    apart = (
        distinct(late, settings["organisations"], settings.close) and len(places) >= settings["organisations"]
    )
    return late if apart else Facts(())


def _injury(fact: Fact) -> bool:
    return fact.kind is InjuryNoted or fact.get("injury") is True


def _sign(fact: Fact) -> bool:
    said = {fact.get("category"), fact.get("concern_category")}
    return fact.kind is DomesticAbuseIncident or bool(said & TELLING)
