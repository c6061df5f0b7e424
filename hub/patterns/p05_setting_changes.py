"""P05: the child changes school while a plan is in force, and nobody took the plan along.

Source: Keeping Children Safe in Education (five-day transfer of the file); practice guidance L103, L145.
"""

from hub.domain.calendar import add_working_days
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import stands
from hub.patterns.meetings import PLANS, plans_in_force
from hub.patterns.rule import CannotTell, Evidence, Outcomes, Reads, Waiting, pattern
from hub.patterns.settings import RuleSettings
from schemas.schools import Move
from schemas.vocabulary import Agency

READS: Reads = {**PLANS, Move: ("kind",)}
JOINS = ("new-school", "managed-move")


def _counts(fact: Fact) -> bool:
    return fact.kind in PLANS or fact.get("kind") in JOINS


@pattern(
    code="P05",
    name="Setting changes under a live plan",
    version=1,
    source=(
        "Keeping Children Safe in Education (five-day transfer of the file); practice guidance L103, L145"
    ),
    says="This child changed school while a plan is in force. Does the new school have the plan?",
    cancels="The plan reviewed or made anew after the move.",
    reads=READS,
    thresholds=("working_days",),
    counts=_counts,
)
def setting_changes(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each move while a plan was in force; working days stand for school days."""
    plans = plans_in_force(timeline)
    for move in timeline.of(Move):
        live = Facts(p for p in plans if p.at < move.at)
        if not live or any(p.at >= move.at for p in plans) or not stands(live):
            continue
        root, due = str(move.entry), add_working_days(move.at, settings["working_days"])
        if timeline.now < due:
            yield Waiting(due, root)
        elif not timeline.alive(Agency.SOCIAL_CARE, due):
            yield CannotTell(frozenset({Agency.SOCIAL_CARE.value}), due, root)
        else:
            yield Evidence(*live, move, root=root, due=due)
