"""P04: a child who has sexually harmed spends time with other children where no plan reaches.

Source: practice guidance L103, L145 ("the plan should always address the risk to other children wherever the
child spends time"), L162.
"""

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import STRAND, has_harmed
from hub.patterns.incidents import stands
from hub.patterns.meetings import PLANS, plans_in_force
from hub.patterns.places import SETTINGS, Setting, current, not_covered
from hub.patterns.rule import CannotTell, Evidence, Outcomes, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.schools import Move
from schemas.social_care import Closed
from schemas.vocabulary import Agency

HOLDERS = (Agency.SOCIAL_CARE, Agency.YOUTH_JUSTICE, Agency.POLICE)


def _counts(fact: Fact) -> bool:
    shows = fact.kind in SETTINGS and bool(fact.places or fact.children or fact.kind is Move)
    return shows or fact.kind in PLANS or fact.kind is Closed or has_harmed(fact)


@pattern(
    code="P04",
    name="Other children, plan does not reach",
    version=2,
    source="Guidance L103, L145, L162",
    says="Another agency shows this child in a setting with other children that no current plan covers. "
    "Does the plan need to reach it?",
    cancels="A risk-management or family safety plan in force that covers the setting; the setting left.",
    reads=reading(STRAND, SETTINGS, PLANS, {Closed: ()}),
    thresholds=("strand_days",),
    related=("R63", "R115", "R132"),
    counts=_counts,
)
def other_children(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each setting that no plan in force covers; a plan would come by social care's feed."""
    strand = timeline.of(*STRAND).by(*HOLDERS).where(has_harmed)
    closed = timeline.of(Closed).last
    if not strand or not stands(strand) or (closed is not None and closed.at >= strand[-1].at):
        return
    for setting in not_covered(current(timeline), plans_in_force(timeline)):
        live = _live(strand, setting, settings)
        if not live:
            continue
        known = max(live[0].at, setting.shown_by.at)
        root = f"{setting.kind}:{setting.place}"
        if timeline.alive(Agency.SOCIAL_CARE, known):
            yield Evidence(*live, setting.shown_by, root=root)
        else:
            yield CannotTell(frozenset({Agency.SOCIAL_CARE.value}), known, root)


def _live(strand: Facts, setting: Setting, settings: RuleSettings) -> Facts:
    """Entries of other families that make the strand live at the time of the setting."""
    days, at = settings.days("strand_days"), setting.shown_by.at
    return strand.without(setting.shown_by.family).between(at - days, at + days)
