"""P02: what people recorded of the behaviour moves along the continuum, from one agency to another.

Source: Hackett's continuum of sexual behaviours; practice guidance L65 ("increasing in frequency").
"""

from hub.domain.timeline import Fact, Timeline, when
from hub.patterns.behaviour import CLASSES, step
from hub.patterns.incidents import incidents, paired
from hub.patterns.rule import NOTHING, Evidence, Outcomes, pattern
from hub.patterns.settings import RuleSettings
from schemas.vocabulary import ChildPart


def _of_own_behaviour(fact: Fact) -> bool:
    own = fact.get("part") in (ChildPart.SUBJECT, ChildPart.HAS_SEXUALLY_HARMED)
    return own and step(fact) is not None


@pattern(
    code="P02",
    name="Moving along the continuum",
    version=1,
    source="Hackett's continuum; guidance L65",
    says="One agency recorded this child's behaviour as further along the continuum than another agency did "
    "before. Do both know?",
    cancels="A correction of one of the two records.",
    reads=CLASSES,
    thresholds=("window_days",),
    related=("R11", "R25"),
    counts=_of_own_behaviour,
    incidents=True,
)
def moving_along(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """A class higher than an earlier one that another family recorded of another incident."""
    classed = timeline.of(*CLASSES)
    of_incident = {f.entry: n for n, group in enumerate(incidents(classed, settings.close)) for f in group}
    days = settings.days("window_days")

    def moves(earlier: Fact, later: Fact) -> bool:
        return (
            when(earlier) < when(later)
            and later.at - earlier.at <= days
            and earlier.family != later.family
            and (step(later) or 0) > (step(earlier) or 0)
            and of_incident[earlier.entry] != of_incident[later.entry]
        )

    found = paired(classed, classed, moves)
    return [Evidence(*found)] if found else NOTHING
