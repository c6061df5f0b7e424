"""Planted stories and their nearest near-misses, under noise, late reports and reports sent twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from hub.domain.knowledge import Known
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.elsewhere import Elsewhere, OthersFact
from hub.patterns.flags import Flag, flags
from hub.patterns.rule import Pattern
from hub.patterns.settings import Settings
from hub.simulation.drawn import Drawing, Said, draw, hashed
from hub.simulation.population import background, fact
from hub.simulation.stories import FLAGGED, NOT_FLAGGED

NOISE = 12
"""Happenings of the background strewn among a story's own."""
LATEST = timedelta(hours=12)
"""Within the day: what is told of a measure after its last day is another story (P17)."""
BORN = date(2012, 5, 4)


class Planted(NamedTuple):
    """A story on an invented child: the rule it is of, whether it must flag, and what the hub knows.

    Noise is of kinds the rule does not read: what it reads would be another story.
    """

    rule: Pattern
    must: bool
    child: UUID
    known: tuple[Known, ...]
    drawing: Drawing
    elsewhere: Elsewhere

    def flagged(self, settings: Settings) -> bool:
        """Whether the rule flags it: a story at any time, a near-miss at its end.

        Some near-misses are stories that were answered: a flag stood until the answer came.
        """
        found = self.flags(settings)
        return bool(found) if self.must else any(flag.standing for flag in found)

    def flags(self, settings: Settings) -> list[Flag]:
        """What the rule makes of it, in all its history."""
        return flags(
            (self.child,),
            self.known,
            now=self.drawing.now,
            feeds=self.drawing.feeds,
            reviews={},
            settings=settings,
            patterns=(self.rule,),
            elsewhere=self.elsewhere,
        ).flags


def planted(seed: int, copies: int) -> Iterator[Planted]:
    """Every story and near-miss of every rule, so many times: the first as drawn, the others told late."""
    for rule in CATALOGUE:
        for copy in range(copies):
            for number, (text, _) in enumerate(FLAGGED.get(rule.code, ())):
                yield _plant(rule, text, Random(f"{seed}/{rule.code}/{number}/{copy}"), copy, must=True)  # noqa: S311
            for number, (_, text) in enumerate(NOT_FLAGGED.get(rule.code, ())):
                yield _plant(rule, text, Random(f"{seed}/{rule.code}/-{number}/{copy}"), 0, must=False)  # noqa: S311


def elsewhere_of(said: tuple[Said, ...]) -> Elsewhere:
    """What a drawing says of other children, by the places and adults it names and by the child itself."""
    found: dict[str, list[OthersFact]] = {}
    for one in said:
        if one.child is not None:
            told = one.known.fact
            for key in {hashed(one.child), *(tie.hashed for tie in (*told.places, *told.people))}:
                found.setdefault(key, []).append(OthersFact(hashed(one.child), told))
    return Elsewhere({key: tuple(facts) for key, facts in found.items()})


def _plant(rule: Pattern, text: str, rng: Random, copy: int, *, must: bool) -> Planted:
    drawing = draw(text)
    if copy:
        late = tuple(_later(rng, one) for one in drawing.said)
        now = drawing.now + LATEST
        feeds = {a: now if at == drawing.now else at for a, at in drawing.feeds.items()}
        drawing = replace(drawing, said=late, now=now, feeds=feeds)
    own = [one.known for one in drawing.said if one.child is None]
    start = min(one.event.occurred_at for one in drawing.said)
    noise = [
        Known(told, happening.since)
        for happening in background(rng, start - timedelta(days=30), drawing.now, NOISE)
        if (told := fact(happening, BORN)).kind not in rule.reads and happening.since < drawing.now
    ]
    child = UUID(int=rng.getrandbits(128))
    return Planted(rule, must, child, (*own, *noise), drawing, elsewhere_of(drawing.said))


def _later(rng: Random, said: Said) -> Said:
    """The same, known up to half a day later; what is drawn as known late, or taken back, stays as drawn."""
    if said.until is not None or said.since != said.event.occurred_at:
        return said
    return said._replace(since=said.since + LATEST * rng.random())
