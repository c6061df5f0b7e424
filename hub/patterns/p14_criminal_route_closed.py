"""P14: the criminal route ended without a charge, and the group did not come together again.

Source: practice guidance L122 ("the multi-agency group should reconvene").
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import STRAND, sexual
from hub.patterns.incidents import stands
from hub.patterns.meetings import MEETINGS, held, since
from hub.patterns.rule import Outcomes, Reads, absent, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.police import InvestigationOutcome
from schemas.protocol import PoliceEnquiryOutcome
from schemas.vocabulary import Agency

OUTCOMES: Reads = {InvestigationOutcome: ("outcome",), PoliceEnquiryOutcome: ("outcome",)}
CLOSED = frozenset(
    {
        "out-of-court",
        "no-further-action-evidence",
        "no-further-action-public-interest",
        "insufficient-evidence",
        "not-in-public-interest",
    }
)


def _counts(fact: Fact) -> bool:
    closes = fact.kind in OUTCOMES and fact.get("outcome") in CLOSED
    return closes or fact.kind in MEETINGS or (fact.kind in STRAND and sexual(fact))


@pattern(
    code="P14",
    name="Criminal route closed, nobody reconvened",
    version=2,
    source="Guidance L122",
    says="The criminal route has ended, and other agencies hold entries about what it was about. "
    "Has the group come together to consider what is still needed?",
    cancels="A multi-agency meeting on or after the day of the outcome.",
    reads=reading(STRAND, OUTCOMES, MEETINGS),
    thresholds=("working_days", "before_days"),
    related=("R83", "C11"),
    counts=_counts,
)
def nobody_reconvened(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each outcome; what it was about is known by other agencies' entries before it."""
    meetings = held(timeline)
    for outcome in timeline.of(*OUTCOMES).where(outcome=CLOSED):
        root = str(outcome.entry)
        days = settings["before_days"]
        before = timeline.of(*STRAND).where(sexual).before(outcome.at, days=days)
        about = Facts([*before, *meetings.before(outcome.at, days=days)]).without(outcome.family)
        if not about or not stands(about) or since(meetings, outcome.at):
            continue
        due = settings.working_days(outcome.at, "working_days")
        yield absent(timeline, Agency.SOCIAL_CARE, due, outcome, *about, root=root)
