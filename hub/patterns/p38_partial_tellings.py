"""P38: part of something told, or shown, to different agencies.

Source: CSA Centre (patterns of presentations to different agencies over time; 5 of 6 harmed by another
child do not tell).
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.meetings import MEETINGS, considered_all, held, since
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern, reading, silent
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import InjuryNoted
from schemas.police import ProtectionNotice
from schemas.protocol import AccountRecorded
from schemas.schools import ConcernLogged, Disclosure
from schemas.vocabulary import Agency

TELLINGS: Reads = {
    Disclosure: ("category",),
    ConcernLogged: ("category",),
    ConcernNoted: ("category",),
    ProtectionNotice: ("concern_category",),
    AccountRecorded: (),
    InjuryNoted: ("site_code",),
}
HARM = frozenset({"sexual-harm", "harmful-sexual-behaviour", "worrying-sign"})
SITES = frozenset({"genital", "anal", "perineal", "inner-thigh"})


def _tells(fact: Fact) -> bool:
    if fact.kind is AccountRecorded:
        return True
    if fact.kind is InjuryNoted:
        return fact.get("site_code") in SITES
    return bool({fact.get("category"), fact.get("concern_category")} & HARM)


def _counts(fact: Fact) -> bool:
    return fact.kind in MEETINGS or (fact.kind in TELLINGS and _tells(fact))


@pattern(
    code="P38",
    name="Partial tellings",
    version=2,
    source=(
        "CSA Centre (patterns of presentations to different agencies over time; 5 of 6 harmed by "
        "another child do not tell)"
    ),
    says=(
        "This child told or showed a part of something to several agencies. Has anybody considered "
        "the parts together?"
    ),
    cancels="One meeting after the last telling, with somebody present who can speak of each.",
    reads=reading(TELLINGS, MEETINGS),
    thresholds=(
        "window_days",
        "tellings",
        "families",
    ),
    counts=_counts,
    incidents=True,
)
def partial_tellings(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct tellings to several families in the window, not considered together since.

    A meeting would come by social care's feed: where it was not heard since the last, nobody can tell.
    """
    tellings, meetings = timeline.of(*TELLINGS), held(timeline)
    least, families = settings["tellings"], settings["families"]
    unheard: Outcomes = NOTHING
    for window in windows(tellings, settings.days("window_days"), families=families, least=least):
        last = window[-1].at
        together = any(considered_all(m, [Facts([f]) for f in window]) for m in since(meetings, last))
        if not together and distinct(window, least, settings.close) and stands(window):
            if timeline.alive(Agency.SOCIAL_CARE, last):
                return [Evidence(*window)]
            unheard = [silent(Agency.SOCIAL_CARE, last)]
    return unheard
