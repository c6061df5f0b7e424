"""What counts as agencies having come together about a child, and as a plan that is in force."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.rule import Reads
from schemas.protocol import StrategyMeetingArranged, StrategyMeetingHeld
from schemas.social_care import (
    Conference,
    FamilySafetyPlan,
    MultiAgencyMeeting,
    PlanStage,
    RiskManagementPlan,
    StrategyMeeting,
)
from schemas.vocabulary import Precision

MEETINGS: Reads = {
    StrategyMeeting: ("held", "agencies_present", "for_child"),
    StrategyMeetingHeld: ("attended", "for_child"),
    MultiAgencyMeeting: ("agencies_present",),
    Conference: (),
}
ARRANGED: Reads = {StrategyMeetingArranged: ()}
PLANS: Reads = {
    RiskManagementPlan: ("stage", "settings_covered"),
    FamilySafetyPlan: ("stage", "settings_covered"),
}
ROUGHLY = {Precision.DAY: timedelta(days=1), Precision.MONTH: timedelta(days=31)}
IN_FORCE = frozenset({PlanStage.AGREED, PlanStage.STARTED, PlanStage.REVIEWED})


def held(timeline: Timeline) -> Facts:
    """Meetings of several agencies that took place."""
    return timeline.of(*MEETINGS).where(lambda f: f.kind is not StrategyMeeting or f.get("held") is True)


def convened(timeline: Timeline) -> Facts:
    """Meetings of several agencies that took place, or for which a time is set."""
    return timeline.of(*MEETINGS, *ARRANGED)


def since(meetings: Iterable[Fact], moment: datetime) -> Facts:
    """Those of the meetings that may have been at the moment or after it.

    One of which only the day is known may have been at its end.
    """
    return Facts(m for m in meetings if m.at + ROUGHLY.get(m.get("precision"), timedelta()) >= moment)


def considered_all(meeting: Fact, groups: Iterable[Facts]) -> bool:
    """True where somebody was there who could speak of each of the groups.

    Social care holds the meeting and so is there. Where nobody said who came, the meeting is believed.
    """
    present = meeting.get("agencies_present") or meeting.get("attended")
    if not present:
        return True
    return all({*present, meeting.family} & group.families for group in groups)


def plans_in_force(timeline: Timeline) -> Facts:
    """All that the current risk-management and safety plans said since the last time one was ended."""
    standing: list[Fact] = []
    for kind in PLANS:
        plans = timeline.of(kind)
        ended = plans.where(stage=PlanStage.ENDED).last
        after = plans if ended is None else plans.after(ended.at)
        standing.extend(after.where(stage=IN_FORCE))
    return Facts(standing)
