"""The picture of a chronology: a lane for each agency, marks in time, and the same in words beside it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hub.domain.calendar import LONDON
from hub.patterns.firing import Piece
from hub.sharing.view import Gap
from hub.web.told import Told
from hub.web.wording import AGENCIES, agency_name, counted, day, joined

STRENGTHS, VOICE = "Strengths and support", "The child's voice"
MOST = 60
"""Marks a lane, so that each has room for its number."""
HEIGHT, LEFT, TOP, FOOT = 34, 170, 8, 40
WIDE, NARROWEST, WIDEST, TICK = 900, 16, 48, 90
"""In the picture's own units: how wide it likes to be, a bucket at least and at most, and a date's room."""
STEPS = (7, 28, 91, 364)
"""Lengths of a bucket in days: a week, four weeks, a quarter, a year."""
_NAMES = {7: "week", 28: "four-week period", 91: "quarter", 364: "year"}
_WITHIN_A_DAY = ("minute", "hour", "day")
_RANK = {"routine": 0, "notable": 1, "significant": 2, "withheld": 3}
_SHAPES = ("routine", "notable", "significant", "withheld")


class Mark(NamedTuple):
    """What one lane holds in one bucket: how many, and the shape that says how much it matters."""

    x: int
    y: int
    shape: str
    number: int


class Lane(NamedTuple):
    """One lane: its name and where it stands."""

    name: str
    y: int
    marks: tuple[Mark, ...]


class Tick(NamedTuple):
    """A date under the picture."""

    x: int
    label: str


class Picture(NamedTuple):
    """The picture, and its text equivalent: a line for each bucket in which anything stands."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    words: tuple[tuple[str, str], ...]
    width: int
    height: int
    step: str
    says: str
    inexact: int


class _Held(NamedTuple):
    lane: str
    on: date
    shape: str


def picture(lines: Sequence[Told | Gap]) -> Picture | None:
    """Draw the lines a reader is shown; None where there are none to draw.

    Entries known to the month or year only have no place among weeks; they are counted beside the picture.
    """
    exact = [line for line in lines if isinstance(line, Gap) or line.entry.precision in _WITHIN_A_DAY]
    return _drawn(list(_held(exact)), len(exact), len(lines) - len(exact))


def evidence_picture(pieces: Sequence[Piece]) -> Picture | None:
    """Draw the evidence of a flag: which agency, when."""
    held = [_Held(agency_name(p.family), _day(p.at), "notable") for p in pieces]
    return _drawn(held, len(held), 0)


def _drawn(held: Sequence[_Held], count: int, inexact: int) -> Picture | None:
    if not held:
        return None
    first, last = min(h.on for h in held), max(h.on for h in held)
    first -= timedelta(days=first.weekday())
    days = next((s for s in STEPS if (last - first).days // s < MOST), STEPS[-1])
    buckets: dict[tuple[str, int], list[str]] = {}
    for one in held:
        buckets.setdefault((one.lane, (one.on - first).days // days), []).append(one.shape)
    names = [n for n in (*AGENCIES.values(), STRENGTHS, VOICE) if any(lane == n for lane, _ in buckets)]
    columns = (last - first).days // days + 1
    step = min(WIDEST, max(NARROWEST, WIDE // columns))
    lanes = tuple(_lane(name, at, step, buckets) for at, name in enumerate(names))
    return Picture(
        lanes,
        tuple(_ticks(first, days, columns, step)),
        tuple(_words(first, days, columns, names, buckets)),
        LEFT + columns * step + 60,
        TOP + len(lanes) * HEIGHT + FOOT,
        _NAMES[days],
        _says(names, first, last, count),
        inexact,
    )


def _held(lines: Iterable[Told | Gap]) -> Iterable[_Held]:
    for line in lines:
        if isinstance(line, Gap):
            yield _Held(agency_name(line.agency), _day(line.occurred_at), "withheld")
        elif line.entry.standing == "current":
            on, shape = _day(line.entry.occurred_at), line.significance
            yield _Held(agency_name(line.entry.agency), on, shape)
            if line.strength:
                yield _Held(STRENGTHS, on, shape)
            if line.voice:
                yield _Held(VOICE, on, shape)


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _lane(name: str, at: int, step: int, buckets: dict[tuple[str, int], list[str]]) -> Lane:
    y = TOP + at * HEIGHT + HEIGHT // 2
    marks = (
        Mark(LEFT + column * step + step // 2, y, max(shapes, key=_RANK.__getitem__), len(shapes))
        for (lane, column), shapes in sorted(buckets.items())
        if lane == name
    )
    return Lane(name, y, tuple(marks))


def _ticks(first: date, days: int, columns: int, step: int) -> Iterable[Tick]:
    every = -(-TICK // step)
    for column in range(0, columns, every):
        on = first + timedelta(days=column * days)
        yield Tick(LEFT + column * step, on.strftime("%d %b %y").lstrip("0"))


def _words(
    first: date, days: int, columns: int, names: Sequence[str], buckets: dict[tuple[str, int], list[str]]
) -> Iterable[tuple[str, str]]:
    for column in range(columns):
        told = [f"{name}: {_tally(buckets[name, column])}" for name in names if (name, column) in buckets]
        if told:
            start = first + timedelta(days=column * days)
            yield f"{_NAMES[days].capitalize()} from {day(start)}", "; ".join(told)


def _tally(shapes: Sequence[str]) -> str:
    parts = [f"{shapes.count(shape)} {shape}" for shape in reversed(_SHAPES) if shape in shapes]
    return joined(parts)


def _says(names: Sequence[str], first: date, last: date, count: int) -> str:
    lines = counted(count, "entry", "entries")
    return f"{lines} from {day(first)} to {day(last)}, in lanes: {joined(names)}"
