"""A drawn story (`hub/simulation/drawn.py`) with the questions that tests of rules put to it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from hub.domain.knowledge import Known
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.elsewhere import Elsewhere, OthersFact
from hub.patterns.emergence import evaluate
from hub.patterns.settings import Settings, load
from hub.simulation.drawn import START, day, draw, hashed

__all__ = ["CHILD", "START", "Story", "chosen", "day", "hashed", "settings", "story"]

CHILD = UUID("3f3c0a52-0000-4000-8000-0000000000aa")


@cache
def settings() -> Settings:
    return load(CATALOGUE)


@dataclass(frozen=True)
class Story:
    known: tuple[Known, ...]
    now: datetime
    feeds: dict = field(default_factory=dict)
    others: tuple[tuple[str, Fact], ...] = ()

    @property
    def facts(self) -> Facts:
        return Facts(k.fact for k in self.known if k.at(self.now))

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.facts, self.now, self.feeds)

    @property
    def elsewhere(self) -> Elsewhere:
        places: dict[str, list[OthersFact]] = {}
        for name, fact in self.others:
            for key in {hashed(name), *(tie.hashed for tie in (*fact.places, *fact.people))}:
                places.setdefault(key, []).append(OthersFact(hashed(name), fact))
        return Elsewhere({place: tuple(facts) for place, facts in places.items()})

    def seen(self, *codes):
        return evaluate(self.timeline, settings(), chosen(*codes), self.elsewhere)

    def days(self, code) -> list[float]:
        """The days of the evidence of all firings of a rule."""
        return sorted({_number(piece.at) for firing in self.seen(code).firings for piece in firing.evidence})

    def without(self, family) -> "Story":
        return replace(
            self,
            known=tuple(k for k in self.known if k.fact.family != family),
            others=tuple(o for o in self.others if o[1].family != family),
        )

    def without_entry(self, entry) -> "Story":
        return replace(self, known=tuple(k for k in self.known if str(k.fact.entry) != entry))

    def at(self, number) -> "Story":
        """The same story looked at on another day: feeds that were heard until then."""
        moment = day(number)
        heard = {f: moment if at == self.now else min(at, moment) for f, at in self.feeds.items()}
        return replace(self, now=moment, feeds=heard)


def chosen(*codes):
    return [p for p in CATALOGUE if not codes or p.code in codes]


def story(text: str) -> Story:
    drawn = draw(text)
    return Story(
        tuple(one.known for one in drawn.said if one.child is None),
        drawn.now,
        dict(drawn.feeds),
        tuple((one.child, one.known.fact) for one in drawn.said if one.child is not None),
    )


def _number(at) -> float:
    days = (at - START) / timedelta(days=1)
    return int(days) if days == int(days) else round(days, 3)
