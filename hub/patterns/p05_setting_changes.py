"""P05: the child changes school or placement while a plan is in force, and nobody took the plan along.

Source: Keeping Children Safe in Education (five-day transfer of the file); practice guidance L103, L145.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import stands
from hub.patterns.meetings import PLANS, plans_in_force
from hub.patterns.rule import Outcomes, Reads, absent, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import HouseholdChanged
from schemas.health import RegistrationChanged
from schemas.schools import Move
from schemas.social_care import LookedAfter, PlacementMoved
from schemas.vocabulary import Agency, PlaceKind

MOVES: Reads = {
    Move: ("kind",),
    PlacementMoved: (),
    LookedAfter: (),
    HouseholdChanged: ("kind",),
    RegistrationChanged: (),
}
"""By what agencies tell that a child is at another school, or lives elsewhere."""
JOINS = ("new-school", "managed-move")


def _school(fact: Fact) -> bool:
    return fact.kind is Move and fact.get("kind") in JOINS


def _placement(fact: Fact) -> bool:
    """The child is placed elsewhere: so social care says, or another agency, which names the placement."""
    named = any(tie.relation == PlaceKind.PLACEMENT for tie in fact.places)
    return fact.kind in (PlacementMoved, LookedAfter) or (fact.kind in MOVES and named)


def _counts(fact: Fact) -> bool:
    return fact.kind in PLANS or _school(fact) or _placement(fact)


@pattern(
    code="P05",
    name="Setting changes under a live plan",
    version=2,
    source=(
        "Keeping Children Safe in Education (five-day transfer of the file); practice guidance L103, L145"
    ),
    says="This child changed school or placement while a plan is in force. Does the plan reach the new one?",
    cancels="The plan reviewed or made anew on or after the day of the move.",
    reads={**PLANS, **MOVES},
    thresholds=("school_days",),
    counts=_counts,
)
def setting_changes(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each move while a plan was in force: a school has five school days, a placement none.

    Social care's own plan beside its own placement move is social care's alarm, and no flag (the engine sees
    to it): the question is put where another agency tells of the move, or holds the plan.
    """
    plans = plans_in_force(timeline)
    for move in timeline.of(*MOVES).where(lambda f: _school(f) or _placement(f)):
        live = Facts(p for p in plans if p.at < move.at)
        if not live or any(p.at >= move.at for p in plans) or not stands(live):
            continue
        root = str(move.entry)
        due = settings.school_days(move.at, "school_days") if _school(move) else move.at
        yield absent(timeline, Agency.SOCIAL_CARE, due, *live, move, root=root)
