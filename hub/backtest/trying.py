"""A rule tried on history as it was known at each moment: when it would have fired, how early, with what."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.domain.knowledge import Known
from hub.patterns.firing import Piece
from hub.patterns.flags import Flag, flags
from hub.patterns.life import WAITING
from hub.patterns.meetings import MEETINGS
from hub.patterns.rule import Pattern
from hub.patterns.settings import Settings
from schemas.social_care import StrategyMeeting


class Fired(msgspec.Struct, frozen=True):
    """One flag the rule would have raised. `times`: how often it would have waited for somebody to look.

    `met_at` is the first multi-agency meeting about the child since the evidence began, None where none was.
    """

    child: UUID
    flag: UUID
    raised_at: datetime
    could_have_been_seen_at: datetime
    met_at: datetime | None
    times: int
    severity: int
    families: tuple[str, ...]
    evidence: tuple[Piece, ...]
    elsewhere: int
    withdrawn: bool

    @property
    def days_before_meeting(self) -> int | None:
        """Whole days from flag to meeting; negative where the meeting came first. None: no meeting."""
        return None if self.met_at is None else (self.met_at - self.raised_at).days


class Tried(msgspec.Struct, frozen=True):
    """A rule under one set of numbers, over so many children."""

    pattern: str
    settings: str
    children: int
    fired: tuple[Fired, ...]

    @property
    def before_meeting(self) -> int:
        """How many flags came before the first meeting, or where no meeting was."""
        return sum(f.met_at is None or f.raised_at < f.met_at for f in self.fired)

    @property
    def median_days(self) -> float | None:
        """The median of the days before the meeting, of flags with one."""
        days = sorted(f.days_before_meeting for f in self.fired if f.days_before_meeting is not None)
        middle = len(days) // 2
        return None if not days else (days[middle] + days[-middle - 1]) / 2


def tried(
    rule: Pattern,
    children: Sequence[UUID],
    known: Sequence[Known],
    settings: Settings,
    now: datetime,
    feeds: Mapping[str, datetime],
) -> list[Fired]:
    """Try a rule on one child's history. What people did about its flags then plays no part."""
    drawn = flags(children, known, now=now, feeds=feeds, reviews={}, settings=settings, patterns=(rule,))
    return [fired(children[0], flag, known) for flag in drawn.flags]


def fired(child: UUID, flag: Flag, known: Iterable[Known]) -> Fired:
    """How a flag would have been raised, and how early."""
    return Fired(
        child=child,
        flag=flag.id,
        raised_at=flag.raised_at,
        could_have_been_seen_at=flag.firing.could_have_been_seen_at,
        met_at=_met(known, flag.firing.window[0]),
        times=sum(turn.state in WAITING for turn in flag.turns),
        severity=flag.severity,
        families=flag.firing.families,
        evidence=flag.firing.evidence,
        elsewhere=flag.firing.elsewhere,
        withdrawn=not flag.standing,
    )


def together(rule: Pattern, settings: Settings, children: int, fired: Iterable[Fired]) -> Tried:
    """What came of it over all children, in the order it would have fired."""
    return Tried(
        rule.code,
        settings.name,
        children,
        tuple(sorted(fired, key=lambda f: (f.raised_at, f.flag.bytes))),
    )


def _met(known: Iterable[Known], since: datetime) -> datetime | None:
    """The first meeting of several agencies that was held since, and was never taken back."""
    held = (
        k.fact.at
        for k in known
        if k.fact.kind in MEETINGS
        and k.fact.at >= since
        and k.until is None
        and (k.fact.kind is not StrategyMeeting or k.fact.get("held") is True)
    )
    return min(held, default=None)
