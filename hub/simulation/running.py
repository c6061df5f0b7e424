"""Asks every rule about every invented child, and reckons: found, flagged, and alike for all groups."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import product

import msgspec

from hub.patterns.catalogue import CATALOGUE
from hub.patterns.flags import Flag, flags
from hub.patterns.settings import Settings
from hub.simulation.drawn import fact_of
from hub.simulation.planting import planted
from hub.simulation.population import BEGINS, ETHNICITY, SEND, SEX, YEAR, Invented, fact, invented
from schemas.vocabulary import Agency

PART = 500
"""Children asked about in one go."""
COPIES = 3
"""How often each story is planted: once as drawn, then told late."""
COMPARED = 40
"""Of so many children the history is told again for every group of children, and compared."""
GROUPS = {"sex": SEX, "ethnicity": ETHNICITY, "send": SEND}


class Part(msgspec.Struct, frozen=True):
    """What came of some children: counts only."""

    children: int
    asked: int
    events: int
    flags: Counter[str]
    groups: Counter[tuple[str, str]]
    flagged: Counter[tuple[str, str]]


class Report(msgspec.Struct, frozen=True):
    """What came of a simulation. Rates are for each 1,000 children a year."""

    children: int
    years: int
    seed: int
    settings: str
    events: int
    planted: dict[str, tuple[int, int]]
    """By rule: stories found, of how many."""
    near: dict[str, tuple[int, int]]
    """By rule: near-misses on which a flag stands at the end, of how many."""
    rates: dict[str, float]
    groups: dict[str, tuple[int, float]]
    """By group of children: how many, and flags for each 1,000 of them a year."""
    compared: int
    """Histories that were told of every group of children; `unlike`: how many of them a rule told apart."""
    unlike: int


def run(
    settings: Settings,
    *,
    children: int,
    years: int,
    seed: int,
    workers: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> Report:
    """Simulate. The same numbers give the same report, whatever the number of workers."""
    parts = [
        (settings, seed, first, min(first + PART, children), years) for first in range(0, children, PART)
    ]
    total = Part(0, 0, 0, Counter(), Counter(), Counter())
    for part in _parts(parts, workers):
        total = _sum(total, part)
        done(part.children)
    found, near = _stories(settings, seed)
    unlike = sum(_told_apart(invented(seed, number, years)) for number in range(min(COMPARED, children)))
    size = {group: max(count, 1) for group, count in total.groups.items()}
    return Report(
        children,
        years,
        seed,
        settings.name,
        total.events,
        found,
        near,
        {r.code: _rate(total.flags[r.code], children, years) for r in CATALOGUE},
        {
            f"{name}: {value}": (count, _rate(total.flagged[name, value], size[name, value], years))
            for (name, value), count in sorted(total.groups.items())
        },
        min(COMPARED, children),
        unlike,
    )


def flags_of(child: Invented, settings: Settings, now: datetime) -> list[Flag]:
    """All flags of an invented child, with every feed alive."""
    return flags(
        (child.id,),
        child.known,
        now=now,
        feeds={agency.value: now for agency in Agency},
        reviews={},
        settings=settings,
        patterns=CATALOGUE,
    ).flags


def end_of(years: int) -> datetime:
    """When the simulation is looked at: late enough for what is told late."""
    return BEGINS + YEAR * years


# ------------------------------------------------------------


def _parts(parts: list[tuple[Settings, int, int, int, int]], workers: int) -> Iterator[Part]:
    if workers == 1:
        yield from (part(*one) for one in parts)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(part, *zip(*parts, strict=True))


def part(settings: Settings, seed: int, first: int, last: int, years: int) -> Part:
    """Ask about some children. Those of whom fewer than two agencies said anything cannot be flagged."""
    found = Part(last - first, 0, 0, Counter(), Counter(), Counter())
    now, asked, events = end_of(years), 0, 0
    for number in range(first, last):
        child = invented(seed, number, years)
        events += sum(happening.sent for happening in child.happenings)
        groups = [(name, str(child.characteristics[name])) for name in GROUPS]
        found.groups.update(groups)
        if len({happening.words.partition(" ")[0] for happening in child.happenings}) < 2:  # noqa: PLR2004
            continue
        asked += 1
        raised = flags_of(child, settings, now)
        found.flags.update(flag.pattern for flag in raised)
        found.flagged.update({group: len(raised) for group in groups})
    return msgspec.structs.replace(found, asked=asked, events=events)


def _sum(one: Part, other: Part) -> Part:
    return Part(
        one.children + other.children,
        one.asked + other.asked,
        one.events + other.events,
        one.flags + other.flags,
        one.groups + other.groups,
        one.flagged + other.flagged,
    )


def _stories(settings: Settings, seed: int) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    found: dict[bool, dict[str, tuple[int, int]]] = {True: {}, False: {}}
    for story in planted(seed, COPIES):
        flagged, of = found[story.must].get(story.rule.code, (0, 0))
        found[story.must][story.rule.code] = flagged + story.flagged(settings), of + 1
    return found[True], found[False]


def _told_apart(child: Invented) -> bool:
    """True where what rules see of a history differs by sex, ethnicity or SEND of the child it is told of."""
    seen = [[fact(happening, child.born) for happening in child.happenings]]
    for values in product(*([value for value, _ in shares] for shares in GROUPS.values())):
        who = {**child.who, "characteristics": dict(zip(GROUPS, values, strict=True))}
        seen.append([fact_of(h.event(who), h.entry, h.since) for h in child.happenings])
    return any(facts != seen[0] for facts in seen)


def _rate(count: int, children: int, years: int) -> float:
    return round(1000 * count / (children * years), 3)
