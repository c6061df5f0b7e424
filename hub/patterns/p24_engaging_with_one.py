"""P24: one agency is engaged with well while others cannot engage.

Source: NSPCC on disguised compliance (parents focus on engaging well with one set of professionals).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import Engagement
from schemas.health import AppointmentMissed, Camhs
from schemas.social_care import Disengaged

READS: Reads = {Engagement: ("stage",), Camhs: ("stage",), AppointmentMissed: (), Disengaged: ()}


def _well(fact: Fact) -> bool:
    return fact.kind is Engagement and fact.get("stage") == "positive"


def _failed(fact: Fact) -> bool:
    if fact.kind in (Engagement, Camhs):
        return fact.get("stage") in ("failed", "did-not-engage")
    return True


def _counts(fact: Fact) -> bool:
    return _well(fact) or _failed(fact)


@pattern(
    code="P24",
    name="Engaging well with one",
    version=1,
    source=("NSPCC on disguised compliance (parents focus on engaging well with one set of professionals)"),
    says=(
        "One agency finds that work with this family goes well; in the same time others cannot "
        "engage it. Do they know of each other?"
    ),
    cancels="A correction; fewer failures within the window.",
    reads=READS,
    thresholds=(
        "window_days",
        "failures",
    ),
    counts=_counts,
    incidents=True,
)
def engaging_with_one(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Work that goes well with one family, and failures of others, in one window."""
    for window in windows(timeline.facts, settings.days("window_days"), families=2, least=3):
        for one in reversed(window.where(_well)):
            failed = window.where(_failed).without(one.family)
            if distinct(failed, settings["failures"], settings.close) and stands(failed):
                return [Evidence(one, *failed)]
    return NOTHING
