"""P33: agencies end their work within weeks, each relying on another to stay.

Source: Practice guidance L142, L148; NE Lincolnshire on closure.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import Engagement
from schemas.social_care import Allocation, AreaMove, Closed, Disengaged

READS: Reads = {
    Closed: ("agencies_active",),
    Disengaged: ("agencies_active",),
    AreaMove: ("agencies_active",),
    Engagement: ("stage", "agencies_active"),
    Allocation: (),
}


def _ended(fact: Fact) -> bool:
    over = fact.kind is not Allocation and (fact.kind is not Engagement or fact.get("stage") == "ended")
    return over and bool(set(fact.get("agencies_active") or ()) - {fact.family})


def _begun(fact: Fact) -> bool:
    return fact.kind is Allocation or (fact.kind is Engagement and fact.get("stage") == "positive")


def _counts(fact: Fact) -> bool:
    return _ended(fact) or _begun(fact)


@pattern(
    code="P33",
    name="Everyone steps back at once",
    version=1,
    source="Practice guidance L142, L148; NE Lincolnshire on closure",
    says=(
        "Within weeks several agencies ended their work with this child, each relying on another. "
        "Who is still there?"
    ),
    cancels="Work begun again after the endings; a correction.",
    reads=READS,
    thresholds=(
        "window_days",
        "families",
    ),
    counts=_counts,
)
def everyone_steps_back(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Endings of several families in the window, each naming another that ended too, and none begun since."""
    ended, begun = timeline.facts.where(_ended), timeline.facts.where(_begun)
    for window in windows(ended, settings.days("window_days"), families=settings["families"], least=2):
        gone = window.families
        relied = Facts(f for f in window if (set(f.get("agencies_active")) & gone) - {f.family})
        if len(relied.families) >= settings["families"] and stands(relied) and not begun.after(relied[-1].at):
            return [Evidence(*relied)]
    return NOTHING
