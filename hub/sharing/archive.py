"""A closed case narrows: when it was closed as one reader may know it, and how far it has narrowed since."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hub.domain.calendar import LONDON
from hub.domain.child import By, Child
from hub.domain.chronology import Line, Standing
from hub.domain.entry import Entry
from hub.domain.strand import WHOLE
from hub.sharing.policy import Archive, Policy, Tier
from hub.sharing.relationship import goes_on

LASTS = {"month": timedelta(days=31), "year": timedelta(days=366)}
"""How long something may have come after its beginning, where no more is known of when it was."""


class Narrowing(NamedTuple):
    """The day on which the case was closed, and how many steps of the archive are reached by now."""

    closed_on: date
    step: int


def narrowed(
    policy: Policy,
    by: By,
    purpose: str,
    records: Sequence[Child],
    lines: Callable[[], Iterable[Line]],
    tier: Callable[[Entry], Tier],
    now: datetime,
) -> Narrowing | None:
    """How far a case has narrowed for a reader who works with the child; None: it takes nothing from them.

    `tier`: what they would get of an entry if it had not. Who still works with the child reads on.
    """
    archive = policy.archive
    if archive is None or not _ever_closed(archive, records):
        return None
    found = narrowing(archive, lines(), tier, now)
    if found is None or policy.reads_closed(by.role, purpose, found.step):
        return None
    return None if goes_on(records, by, found.closed_on, now) else found


def _ever_closed(archive: Archive, records: Iterable[Child]) -> bool:
    """Whether anything may have closed the case at all: most were never closed."""
    types = archive.closed_by
    return any(kept.entry.type in types for child in records for kept in child.entries.values())


def narrowing(
    archive: Archive, lines: Iterable[Line], tier: Callable[[Entry], Tier], now: datetime
) -> Narrowing | None:
    """How far a case has narrowed, by what a reader may read or know of it; None: it is not closed.

    By days alone: the hour of what they may only know of is not theirs. A child of two strands whose case is
    closed on one alone is not archived. What comes late, of before the closing, opens nothing again, but
    begins the days anew: nobody had read it when the case was closed.
    """
    seen = [
        (line, found)
        for line in lines
        if line.standing is Standing.CURRENT
        and ((found := tier(line.entry)) is Tier.READ or (found is Tier.KNOWS and not line.entry.restricted))
    ]
    strands = {line.entry.strand for line, _ in seen} - {WHOLE} or {WHOLE}
    ends = [_end(archive, [x for x in seen if x[0].entry.strand in (WHOLE, s)]) for s in strands]
    over = [end for end in ends if end is not None]
    if len(over) < len(ends):
        return None
    begins = max(since for _, since in over)
    return Narrowing(max(on for on, _ in over), archive.step((_day(now) - begins).days))


def _end(archive: Archive, seen: Sequence[tuple[Line, Tier]]) -> tuple[date, date] | None:
    """The day of the last closing, and from when the days are counted; None where the case is open."""
    closed_on = max(
        (_day(x.entry.occurred_at) for x, _ in seen if x.entry.type in archive.closed_by), default=None
    )
    if closed_on is None:
        return None
    opening = [(x, found) for x, found in seen if x.entry.type in archive.opens]
    if any(_told_on(*one) >= closed_on for one in opening):
        return None
    late = (_day(x.recorded_at) for x, found in opening if found is Tier.READ)
    return closed_on, max((closed_on, *late))


def _told_on(line: Line, found: Tier) -> date:
    """The day on which it may last be said to have happened, where that is the reader's to know.

    When it ended, or its agency learned of it; of a month or a year, its end; what goes on, never.
    """
    entry = line.entry
    if found is Tier.KNOWS:
        return _day(entry.occurred_at)
    if line.ongoing:
        return date.max
    happened = entry.occurred_at + LASTS.get(entry.precision, timedelta())
    return _day(max(happened, line.ended_at or happened, entry.learned_at or happened))


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()
