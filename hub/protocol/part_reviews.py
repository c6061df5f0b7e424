"""Reviews of the part a child had, as one who has harmed: when the next is due. A clock only asks; people decide.

Source: field.md, "Child-first, no blame": the part expires from view at review, and does not follow a child into
adulthood unless law requires it. A year, and before the eighteenth birthday, are proposals [P] (decision 90).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from hub.domain.calendar import LONDON, start_of_day
from hub.domain.child import Child, PartShown, last_review
from hub.domain.strand import HAS_HARMED
from hub.domain.timeline import Fact, Facts
from hub.protocol.clock import Clock
from hub.protocol.obligation import state_of
from hub.protocol.pack import Pack
from hub.protocol.worklist import PART, Item
from schemas.protocol import PartReviewed

YEAR = Clock.model_validate(
    {"months": 12, "soon-hours": 672, "mark": "P", "basis": "field.md: child first, no blame"}
)
"""A year after the child was first said to have harmed, since the last review. Four weeks before, it is due soon."""
SOON = timedelta(hours=YEAR.soon_hours)
ADULT = 18
TITLE = "The part a child had"
ASKS = "review whether it is still shown that the child has harmed"
SOURCE = "child first, no blame; at the latest in a year, when it was said to end, and before adulthood [P]"


def part_reviews(records: Iterable[Child], facts: Facts, pack: Pack, now: datetime) -> list[Item]:
    """The review that is due next, as far as these entries tell that the child has harmed; none once they do not.

    `facts`: what the reader, or the front door, may see.
    """
    last = last_review(records)
    harmed = [f for f in facts if f.get("part") == HAS_HARMED and f.kind is not PartReviewed]
    since = [f for f in harmed if last is None or f.recorded_at > last[0]]
    due, began = _due(harmed, since, last, now)
    if due is None or began is None:
        return []
    state = state_of(now, due, due - SOON, None)
    of = pack.called("social-care")
    return [Item(PART, TITLE, ASKS, of, SOURCE, state.value, began.at, due, began.entry, strand=HAS_HARMED)]


def next_look(items: Iterable[Item], now: datetime) -> datetime | None:
    """When time alone will change what is said of them."""
    dues = [one.due_at for one in items if one.due_at is not None]
    moments = (at for due in dues for at in (due - SOON, due + datetime.resolution, _day_after(due)))
    return min((at for at in moments if at > now), default=None)


def _day_after(due: datetime) -> datetime:
    """When a day until which it is shown is over, and nothing is due any more."""
    return start_of_day(due.astimezone(LONDON).date() + timedelta(days=1)).astimezone(UTC)


def _due(
    harmed: list[Fact], since: list[Fact], last: tuple[datetime, PartShown] | None, now: datetime
) -> tuple[datetime | None, Fact | None]:
    """When the next review is due, and the entry that it is of."""
    until = last[1].until if last else None
    gone = last is not None and (until is None or now.astimezone(LONDON).date() > until)
    if not harmed or (gone and not since):
        return None, None
    ends = [YEAR.ends(min(f.at for f in since))] if since else []
    if until is not None and not gone:
        ends.append(start_of_day(until).astimezone(UTC))
    grown = _before_adult(harmed)
    if grown is not None and (
        last is None or last[0].astimezone(LONDON).date() < grown - timedelta(days=366)
    ):
        ends.append(start_of_day(grown).astimezone(UTC))
    return min(ends), (since or harmed)[0]


def _before_adult(harmed: Iterable[Fact]) -> date | None:
    """The latest day of which it is certain that the child is not yet eighteen on it, by the ages told.

    None where no age was told, or the child was no child when it happened.
    """
    told = [(f.at.astimezone(LONDON).date(), f.get("age")) for f in harmed if f.get("age") is not None]
    if not told or any(age >= ADULT for _, age in told):
        return None
    return max(_years_on(day, ADULT - 1 - age) for day, age in told)


def _years_on(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 28 February."""
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)  # noqa: PLR2004
