"""P03: one agency knows the child as harmed, another as having harmed, and nobody considered both together.

Source: practice guidance L77 ("may be both"), L106, L130.
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.behaviour import STRAND, has_harmed, was_harmed
from hub.patterns.incidents import paired
from hub.patterns.meetings import MEETINGS, held, since
from hub.patterns.rule import NOTHING, Evidence, Outcomes, pattern, reading, silent
from hub.patterns.settings import RuleSettings
from schemas.protocol import CsaPossibilityExplored, StrategyMeetingHeld
from schemas.social_care import StrategyMeeting
from schemas.vocabulary import Agency


def _counts(fact: Fact) -> bool:
    return (
        fact.kind in MEETINGS or fact.kind is CsaPossibilityExplored or was_harmed(fact) or has_harmed(fact)
    )


@pattern(
    code="P03",
    name="Both roles",
    version=2,
    source="Guidance L77, L106, L130",
    says="One agency knows this child as having been sexually harmed, another as having sexually harmed. "
    "Have both been considered together?",
    cancels="A meeting about the child in both roles, or exploring the possibility with the child, "
    "after the later entry.",
    reads=reading(STRAND, MEETINGS, {CsaPossibilityExplored: ()}),
    related=("R30", "R126"),
    notes=("R124",),
    counts=_counts,
)
def both_roles(timeline: Timeline, _: RuleSettings) -> Outcomes:
    """Entries of either role from different families; each pair is answered by what came after it.

    An answer would come from social care: where its feed was not heard since, nobody can tell.
    """
    strand = timeline.of(*STRAND)
    answers = [*held(timeline).where(_of_both), *timeline.of(CsaPossibilityExplored)]

    def apart(harmed: Fact, harming: Fact) -> bool:
        return (
            harmed.family != harming.family
            and (harmed.teller is None or harmed.teller != harming.teller)
            and not since(answers, max(harmed.at, harming.at))
        )

    def told(harmed: Fact, harming: Fact) -> bool:
        return apart(harmed, harming) and timeline.alive(Agency.SOCIAL_CARE, max(harmed.at, harming.at))

    harm, behaviour = strand.where(was_harmed), strand.where(has_harmed)
    found = paired(harm, behaviour, told)
    if found:
        return [Evidence(*found)]
    unheard = [max(one.at, other.at) for one in harm for other in behaviour if apart(one, other)]
    return [silent(Agency.SOCIAL_CARE, min(unheard))] if unheard else NOTHING


def _of_both(meeting: Fact) -> bool:
    """A strategy meeting held for the child in one role did not consider the other."""
    return meeting.kind not in (StrategyMeeting, StrategyMeetingHeld) or meeting.get("for_child") is None
