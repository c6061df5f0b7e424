"""P27: address, practice, school or authority change again and again, and there is a concern.

Source: Torbay (no single agency has a complete picture of the family); Lincolnshire, Family Q.
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted, HouseholdChanged
from schemas.health import InjuryNoted, RegistrationChanged
from schemas.police import DomesticAbuseIncident, ProtectionNotice
from schemas.schools import ConcernLogged, Disclosure, Move
from schemas.social_care import AreaMove

MOVES: Reads = {
    HouseholdChanged: ("kind", "new_area"),
    RegistrationChanged: ("new_area",),
    Move: ("kind", "new_area"),
    AreaMove: (),
}
CONCERNS: Reads = {
    ConcernLogged: (),
    ConcernNoted: (),
    Disclosure: (),
    ProtectionNotice: (),
    DomesticAbuseIncident: (),
    InjuryNoted: (),
}


def _counts(fact: Fact) -> bool:
    return fact.kind is not HouseholdChanged or fact.get("kind") != "new-adult"


def _another_area(fact: Fact) -> bool:
    return fact.kind is AreaMove or fact.get("new_area") is True


@pattern(
    code="P27",
    name="Moving on",
    version=1,
    source="Torbay (no single agency has a complete picture of the family); Lincolnshire, Family Q",
    says=(
        "This child has moved again and again between places and services, and an agency holds a "
        "concern. Who has the whole picture?"
    ),
    cancels="A correction; fewer moves within the window.",
    reads={**MOVES, **CONCERNS},
    thresholds=(
        "window_days",
        "moves",
    ),
    counts=_counts,
    incidents=True,
)
def moving_on(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct moves in the window, one at least into another area, and a concern beside them."""
    moves = timeline.of(*MOVES)
    for window in windows(moves, settings.days("window_days"), least=settings["moves"]):
        concerns = timeline.of(*CONCERNS).between(window[-1].at - settings.days("window_days"), timeline.now)
        far = any(map(_another_area, window))
        if far and concerns and distinct(window, settings["moves"], settings.close) and stands(concerns):
            return [Evidence(*window, *concerns)]
    return NOTHING
