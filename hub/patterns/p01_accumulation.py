"""P01: incidents of harmful sexual behaviour add up over several agencies, and no meeting has seen them all.

Source: NSPCC, reviews of cases of harmful sexual behaviour ("managing individual episodes rather than looking
at the bigger picture"); Blackpool serious case review of Child B, 2008.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import REPORTS, reported
from hub.patterns.incidents import incidents, windows
from hub.patterns.meetings import MEETINGS, considered_all, held, since
from hub.patterns.rule import NOTHING, Evidence, Outcomes, pattern, reading, silent
from hub.patterns.settings import RuleSettings
from schemas.vocabulary import Agency


def _counts(fact: Fact) -> bool:
    return fact.kind in MEETINGS or reported(fact)


@pattern(
    code="P01",
    name="Accumulation",
    version=2,
    source="NSPCC reviews of harmful sexual behaviour cases; Blackpool SCR Child B 2008; guidance L7",
    says="Several agencies each hold an incident of sexual behaviour of this child. "
    "Has one meeting looked at all of them together?",
    cancels="One meeting, after the last incident, with somebody present who can speak of each.",
    reads=reading(REPORTS, MEETINGS),
    thresholds=("window_days", "incidents", "families"),
    related=("R5", "R7"),
    counts=_counts,
    incidents=True,
)
def accumulation(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct incidents from several families within the window, not considered by any one meeting.

    A meeting would come by social care's feed: where it was not heard since the last, nobody can tell.
    """
    reports = timeline.of(*REPORTS).where(reported)
    meetings = held(timeline)
    families, least = settings["families"], settings["incidents"]
    unheard: Outcomes = NOTHING
    for window in windows(reports, settings.days("window_days"), families=families, least=least):
        last = window[-1].at
        after = since(meetings, last)
        if any(considered_all(m, [Facts([f]) for f in window]) for m in after):
            continue  # somebody spoke of every entry, so of every incident
        distinct = incidents(window, settings.close)
        if len(distinct) >= least and not any(considered_all(m, distinct) for m in after):
            if timeline.alive(Agency.SOCIAL_CARE, last):
                return [Evidence(*window)]
            unheard = [silent(Agency.SOCIAL_CARE, last)]
    return unheard
