"""A back-test as text: what came of each side, then flag by flag."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from hub.backtest.replaying import named_child
from hub.backtest.trying import Fired, Tried

LONDON = ZoneInfo("Europe/London")
CAUTION = (
    "A history shows what would have been asked, and not what would have followed. Fewer flags are not "
    "better, nor more: read the evidence of those that come or go."
)


def lines(sides: Sequence[Tried]) -> Iterator[str]:
    """The table: one column a side, one row a flag."""
    first = sides[0]
    yield f"{first.pattern} on the history of {first.children} children, as it was known at each moment"
    for letter, side in zip("AB", sides, strict=False):
        days = "-" if side.median_days is None else f"{side.median_days:g}"
        yield (
            f"  {letter}  settings {side.settings}: {len(side.fired)} flags on "
            f"{len({f.child for f in side.fired})} children, {side.before_meeting} before any multi-agency "
            f"meeting; median {days} days before the first"
        )
    yield ""
    yield f"{'child':<14}{'would have fired':<18}{'first meeting':<15}{'days before':>11}  waited  evidence"
    for letter, fired in rows(sides):
        yield _row(letter, fired)
    yield ""
    yield CAUTION


def rows(sides: Sequence[Tried]) -> list[tuple[str, Fired]]:
    """All flags of all sides; the same flag of two sides stands together."""
    found: list[tuple[str, Fired]] = []
    for letter, side in zip("AB", sides, strict=False):
        found += [(letter, fired) for fired in side.fired]
    first = {f.flag: min(g.raised_at for _, g in found if g.flag == f.flag) for _, f in found}
    return sorted(found, key=lambda one: (first[one[1].flag], one[1].flag.bytes, one[0]))


def _row(letter: str, fired: Fired) -> str:
    met = f"{fired.met_at.astimezone(LONDON):%d %b %Y}" if fired.met_at else "none"
    days = "-" if fired.days_before_meeting is None else str(fired.days_before_meeting)
    evidence = ", ".join(f"{p.family} {p.kind} {p.at.astimezone(LONDON):%d %b}" for p in fired.evidence)
    gone = "; withdrawn since" if fired.withdrawn else ""
    other = f"; {fired.elsewhere} on other records" if fired.elsewhere else ""
    return (
        f"{named_child(fired.child):<10}{letter:<4}{fired.raised_at.astimezone(LONDON):%d %b %Y}       "
        f"{met:<15}{days:>11}  {fired.times:>6}  {evidence}{other}{gone}"
    )
