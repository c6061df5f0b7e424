"""What a rule said at every moment at which the hub came to know something, or a deadline passed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from hub.domain.knowledge import Known
from hub.domain.timeline import Facts, Timeline
from hub.patterns.elsewhere import NOBODY, Elsewhere
from hub.patterns.emergence import Look, look, narrowed_fact
from hub.patterns.rule import Pattern
from hub.patterns.settings import RuleSettings


class Step(NamedTuple):
    """What a rule said at a moment, and the narrowed timeline it looked at."""

    at: datetime
    look: Look
    timeline: Timeline


def replay(
    rule: Pattern,
    known: Iterable[Known],
    now: datetime,
    feeds: Mapping[str, datetime],
    numbers: RuleSettings,
    elsewhere: Elsewhere = NOBODY,
) -> Iterator[Step]:
    """Look again at each moment up to now; the last step is now.

    The history alone decides, so a rebuilt view and one kept up step by step are the same. Whether a feed
    was alive past a deadline is judged by when it was last heard as of now: hearing it later settles what
    could not be told before.
    """
    mine = [k._replace(fact=fact) for k in known if (fact := narrowed_fact(rule, k.fact)) is not None]
    if not mine:
        return
    others = elsewhere if rule.crosses else NOBODY
    history = _History(mine)
    moments = [m for m in _moments(mine, others) if m < now]
    heapify(moments)
    last: datetime | None = None
    while moments:
        moment = heappop(moments)
        if moment == last:
            continue
        last = moment
        step = _step(rule, history, moment, feeds, numbers, others)
        for waiting in step.look.waiting:
            if moment < waiting.until < now:
                heappush(moments, waiting.until)
        yield step
    yield _step(rule, history, now, feeds, numbers, others)


class _History:
    """All versions of all facts in order, so that what stood at a moment is a selection and not a sorting."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._spans = {id(k.fact): k for k in known}
        self._facts = Facts(k.fact for k in self._spans.values())

    def at(self, moment: datetime) -> Facts:
        return self._facts.where(lambda fact: self._spans[id(fact)].at(moment))


def _moments(mine: Iterable[Known], others: Elsewhere) -> Iterator[datetime]:
    for known in mine:
        yield known.since
        if known.until is not None:
            yield known.until
    for facts in others.by_place.values():
        yield from (other.fact.recorded_at for other in facts)


def _step(
    rule: Pattern,
    history: "_History",
    moment: datetime,
    feeds: Mapping[str, datetime],
    numbers: RuleSettings,
    others: Elsewhere,
) -> Step:
    timeline = Timeline(history.at(moment), moment, feeds)
    return Step(moment, look(rule, timeline, numbers, others.known_at(moment)), timeline)
