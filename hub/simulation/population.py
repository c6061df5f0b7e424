"""Invented children: what is recorded of each, when it happened and when the hub knew; by a seed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from math import exp
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from hub.domain.knowledge import Known
from hub.domain.timeline import Fact
from hub.simulation.drawn import event_of, fact_of
from hub.simulation.rates import Rates, rates
from schemas.case_event import CaseEvent, age_at

BEGINS = datetime(2024, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
ANYBODY: Mapping[str, Any] = {"identifiers": ({"system": "simulated", "value": "1"},)}

SEX = (("female", 0.49), ("male", 0.51))
ETHNICITY = (("white", 0.70), ("asian", 0.12), ("black", 0.07), ("mixed", 0.07), ("other", 0.04))
SEND = ((False, 0.82), (True, 0.18))
"""Shares of characteristics: our proposal [P]. They only divide children into groups to be compared."""


ENDINGS = {
    "health camhs stage=seen": "health camhs stage=closed",
    "early-help engagement stage=positive": "early-help engagement stage=ended",
    "social-care section-47 stage=started": "social-care closed",
    "youth-justice assessment stage=started": "youth-justice intervention stage=completed",
}
"""What ends work that began: agencies say so, most of the time."""


class Happening(NamedTuple):
    """Something recorded of a child: in the words of a drawn story, when it happened, when the hub knew.

    `sent` is how often it was sent: the second time changes nothing.
    """

    words: str
    at: datetime
    since: datetime
    entry: UUID
    sent: int = 1

    def event(self, who: Mapping[str, Any]) -> CaseEvent:
        """As the agency says it, of `who`."""
        return event_of(self.words, self.at, self.entry, who)


class Invented(NamedTuple):
    """An invented child and all that is recorded of them."""

    id: UUID
    born: date
    characteristics: Mapping[str, Any]
    happenings: tuple[Happening, ...]

    @property
    def who(self) -> dict[str, Any]:
        """How an agency names the child: an invented identifier, the date of birth, characteristics."""
        return {
            "identifiers": ({"system": "simulated", "value": self.id.hex},),
            "date_of_birth": self.born,
            "characteristics": dict(self.characteristics),
        }

    @property
    def known(self) -> list[Known]:
        """What the hub knows of the child, as rules see it, straight and without a hub."""
        return [Known(fact(happening, self.born), happening.since) for happening in self.happenings]


def invented(seed: int, number: int, years: int, told: Rates | None = None) -> Invented:
    """The child of a number."""
    told = told or rates()
    rng = Random(f"{seed}/{number}")  # noqa: S311 — a simulation
    born = (BEGINS - timedelta(days=rng.uniform(0, 15 * 365))).date()
    characteristics = {"sex": _one(rng, SEX), "ethnicity": _one(rng, ETHNICITY), "send": _one(rng, SEND)}
    much = rng.gammavariate(told.spread.shape, 1 / told.spread.shape) * told.per_year * years
    happenings = tuple(_happenings(rng, _poisson(rng, much), years, told))
    return Invented(UUID(int=rng.getrandbits(128)), born, characteristics, happenings)


def background(
    rng: Random, start: datetime, end: datetime, number: int, told: Rates | None = None
) -> list[Happening]:
    """So many happenings of the background between two moments."""
    told = told or rates()
    length = (end - start).total_seconds()
    return [
        _happening(rng, words, start + timedelta(seconds=rng.uniform(0, length)), told)
        for words in rng.choices(*_weights(told), k=number)
    ]


def fact(happening: Happening, born: date) -> Fact:
    """A happening as rules see it: the same that its event would give, and many times faster."""
    like = _template(happening.words)
    signals = {**like.signals, "age": age_at(born, happening.at.date())}
    return replace(like, entry=happening.entry, at=happening.at, recorded_at=happening.since, signals=signals)


# ------------------------------------------------------------


@cache
def _template(words: str) -> Fact:
    return fact_of(event_of(words, BEGINS, UUID(int=0), ANYBODY), UUID(int=0), BEGINS)


def _happenings(rng: Random, number: int, years: int, told: Rates) -> Iterator[Happening]:
    for happening in background(rng, BEGINS, BEGINS + YEAR * years, number, told):
        yield happening
        if happening.words in ENDINGS and rng.random() < told.habits.work_ends_share:
            ends = happening.at + timedelta(days=rng.expovariate(1 / told.habits.work_days))
            if ends <= BEGINS + YEAR * years:
                yield _happening(rng, ENDINGS[happening.words], ends, told)
        agency = happening.words.partition(" ")[0]
        if agency != "social-care" and rng.random() < told.habits.passed_on_share:
            words = f"social-care contact source_agency={agency}"
            yield _happening(rng, words, happening.at + timedelta(days=1), told)


def _happening(rng: Random, words: str, at: datetime, told: Rates) -> Happening:
    habits = told.habits
    lag = rng.expovariate(1 / habits.lag_days[words.partition(" ")[0]])
    if rng.random() < habits.late_share:
        lag += rng.uniform(0, habits.late_days)
    at = datetime.combine(at.date(), time(at.hour, at.minute), UTC)
    sent = 2 if rng.random() < habits.resent_share else 1
    return Happening(words, at, at + timedelta(days=lag), UUID(int=rng.getrandbits(128)), sent)


@cache
def _cumulated(shares: tuple[tuple[Any, float], ...]) -> tuple[float, ...]:
    return tuple(accumulate(share for _, share in shares))


def _one(rng: Random, shares: tuple[tuple[Any, float], ...]) -> Any:
    return rng.choices([value for value, _ in shares], cum_weights=_cumulated(shares))[0]


def _weights(told: Rates) -> tuple[list[str], list[float]]:
    return [rate.says for rate in told.rate], [rate.per_1000 for rate in told.rate]


def _poisson(rng: Random, mean: float) -> int:
    """A number of that mean, by Knuth's way: means here are small."""
    limit, product, number = exp(-min(mean, 500)), rng.random(), 0
    while product > limit:
        product *= rng.random()
        number += 1
    return number
