"""P13: work with a child who poses a risk has come down to one agency, and the professionals did not meet.

Source: practice guidance L148 ("where the intervention has become single agency that agency should convene a
professionals meeting").
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.behaviour import STRAND, has_harmed
from hub.patterns.incidents import stands
from hub.patterns.meetings import MEETINGS, held, since
from hub.patterns.rule import Outcomes, absent, pattern, reading
from hub.patterns.settings import RuleSettings
from hub.patterns.work import WORK, begins, ends, latest, works
from schemas.vocabulary import Agency


def _counts(fact: Fact) -> bool:
    return fact.kind in MEETINGS or works(fact) or (fact.kind in STRAND and has_harmed(fact))


@pattern(
    code="P13",
    name="Down to one agency",
    version=2,
    source="Guidance L148",
    says="Of several agencies that worked with this child one is left, and a risk is recorded. "
    "Has that agency called the professionals together?",
    cancels="A multi-agency meeting on or after the day of the last ending; work begun by another agency.",
    reads=reading(STRAND, MEETINGS, WORK),
    thresholds=("working_days", "before_days"),
    related=("R119", "R121"),
    counts=_counts,
)
def down_to_one(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each ending after which one agency was left; a meeting would come by social care."""
    meetings, work = held(timeline), timeline.of(*WORK).where(works)
    strand = timeline.of(*STRAND).where(has_harmed)
    for ending in work.where(ends):
        left = [f for f in latest(f for f in work if f.at <= ending.at) if begins(f)]
        if len(left) != 1 or left[0].family == ending.family or since(meetings, ending.at):
            continue
        risk = strand.between(ending.at - settings.days("before_days"), ending.at)
        if not stands(risk) or work.after(ending.at).where(begins).without(left[0].family):
            continue
        root, due = str(ending.entry), settings.working_days(ending.at, "working_days")
        yield absent(timeline, Agency.SOCIAL_CARE, due, *risk, left[0], ending, root=root)
