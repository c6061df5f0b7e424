"""A closed case narrows: when it was closed as one reader may know it, and how far it has narrowed since."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hub.domain.calendar import LONDON, start_of_day
from hub.domain.child import By, Child
from hub.domain.chronology import Line, Standing
from hub.domain.entry import Entry
from hub.domain.strand import WHOLE
from hub.sharing.policy import Archive, Policy, Tier
from hub.sharing.relationship import goes_on

NEVER = datetime.max.replace(tzinfo=UTC)
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
    said = [kept.entry.type for child in records for kept in child.entries.values()]
    return not archive.closed_by.isdisjoint(said)


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
    closings = [x.entry.occurred_at for x, _ in seen if x.entry.type in archive.closed_by]
    if not closings:
        return None
    closed_on = _day(max(closings))
    midnight = start_of_day(closed_on)  # to ask a moment for its day costs more than to compare two
    opening = [(x, found) for x, found in seen if x.entry.type in archive.opens]
    if any(_until(*one) >= midnight for one in opening):
        return None
    late = max((x.recorded_at for x, found in opening if found is Tier.READ), default=midnight)
    return closed_on, max(closed_on, _day(late))


def _until(line: Line, found: Tier) -> datetime:
    """When it may last be said to have happened, where that is the reader's to know.

    When it ended, or its agency learned of it; of a month or a year, its end; what goes on, never.
    """
    entry = line.entry
    happened = entry.occurred_at
    if found is Tier.KNOWS:
        return happened
    if line.ongoing:
        return NEVER
    if entry.precision in LASTS:
        happened += LASTS[entry.precision]
    return max(happened, line.ended_at or happened, entry.learned_at or happened)


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()
