"""Where a child spends time, as entries show it: enrolments, placements, clubs, the household."""

from typing import NamedTuple

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.rule import Reads
from schemas.any_agency import Engagement, StrengthNoted, SupportOffered
from schemas.police import DomesticAbuseIncident
from schemas.schools import AttendanceSummary, Move, MoveKind
from schemas.social_care import LookedAfter, PlacementMoved
from schemas.vocabulary import LinkRelation, PlaceKind

SETTINGS: Reads = {
    Move: ("kind",),
    AttendanceSummary: (),
    PlacementMoved: (),
    LookedAfter: (),
    StrengthNoted: (),
    SupportOffered: ("stage",),
    Engagement: ("stage",),
    DomesticAbuseIncident: (),
}
ONE_AT_A_TIME = (PlaceKind.SCHOOL, PlaceKind.PLACEMENT)
"""A later school is instead of the earlier one; a later club is beside it."""
SPENT = (PlaceKind.SCHOOL, PlaceKind.PLACEMENT, PlaceKind.CLUB)
LEFT = (MoveKind.OFF_ROLL, MoveKind.HOME_EDUCATION)
OVER = ("declined", "ended", "failed")


class Setting(NamedTuple):
    """A place where the child spends time with other children, and the entry that shows it.

    `place` is its keyed hash, empty for the household the child shares with other children.
    """

    kind: PlaceKind
    place: str
    shown_by: Fact


def current(timeline: Timeline) -> list[Setting]:
    """The settings the child is in, as far as entries show; what was left or ended is not one."""
    shown = timeline.of(*SETTINGS)
    settings: dict[tuple[str, str], Setting] = {}
    for fact in shown:
        if fact.kind is Move and fact.get("kind") in LEFT:
            _leave(settings, PlaceKind.SCHOOL)
        elif fact.get("stage") not in OVER and fact.ended_at is None:
            for setting in _in(fact):
                if setting.kind in ONE_AT_A_TIME and (setting.kind, setting.place) not in settings:
                    _leave(settings, setting.kind)
                settings.setdefault((setting.kind, setting.place), setting)
    return list(settings.values())


def not_covered(settings: list[Setting], plans: Facts) -> list[Setting]:
    """Settings no plan in force reaches: it names neither the place nor, without places, the kind."""
    named = {tie.hashed for plan in plans for tie in plan.places}
    kinds = {kind for plan in plans for kind in plan.get("settings_covered") or ()}
    placed = {tie.relation for plan in plans for tie in plan.places}
    return [s for s in settings if s.place not in named and (s.kind not in kinds or s.kind in placed)]


def _in(fact: Fact) -> list[Setting]:
    found = [Setting(PlaceKind(t.relation), t.hashed, fact) for t in fact.places if t.relation in SPENT]
    if any(tie.relation == LinkRelation.HOUSEHOLD for tie in fact.children):
        found.append(Setting(PlaceKind.HOME, "", fact))
    return found


def _leave(settings: dict[tuple[str, str], Setting], kind: PlaceKind) -> None:
    for key in [key for key in settings if key[0] == kind]:
        del settings[key]
