"""How far a rule sees: of each kind of entry of each agency the latest, so that a long record costs no more.

A rule asks whether several agencies each hold something; that one agency holds twenty of a kind already says
all that one more could. What is left out is only ever an older entry beside many newer ones of the same kind,
of the same agency, with the same part of the child in it and as good a witness (docs/decisions/0030).
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from hub.domain.timeline import Fact, Facts, when
from hub.patterns.settings import Counting


class Sight:
    """The entries of one child that one rule sees; adding one costs the same however many there are."""

    def __init__(self, counting: Counting, facts: Iterable[Fact] = ()) -> None:
        """Begin with these entries, in any order."""
        self._most, self._a_day = counting.latest_of_a_kind.value, counting.latest_of_one_day.value
        self._groups: dict[tuple[Any, ...], list[Fact]] = {}
        self._seen: dict[tuple[Any, ...], Sequence[Fact]] = {}
        self._facts: Facts | None = None
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """An entry stands."""
        group = _group(fact)
        there = self._groups.setdefault(group, [])
        if there and when(fact) < when(there[-1]):
            insort(there, fact, key=when)
            self._changed(group)
            return
        there.append(fact)
        if group in self._seen:
            self._seen[group] = self._and_later(self._seen[group], fact)
        self._facts = None

    def remove(self, fact: Fact) -> None:
        """An entry that was added stands no longer."""
        group = _group(fact)
        there = self._groups[group]
        at = bisect_left(there, when(fact), key=when)
        del there[next(i for i in range(at, len(there)) if there[i] is fact)]
        self._changed(group)

    @property
    def facts(self) -> Facts:
        """What is seen, in the order it happened."""
        if self._facts is None:
            for group, facts in self._groups.items():
                if group not in self._seen:
                    self._seen[group] = self._latest(facts)
            self._facts = Facts(fact for facts in self._seen.values() for fact in facts)
        return self._facts

    def _changed(self, group: tuple[Any, ...]) -> None:
        self._seen.pop(group, None)
        self._facts = None

    def _latest(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        """The latest first, no more of one day than so many."""
        if len(facts) <= min(self._a_day, self._most):
            return facts[::-1]
        kept: list[Fact] = []
        days: Counter[int] = Counter()
        for fact in reversed(facts):
            day = _day(fact)
            if days[day] < self._a_day:
                days[day] += 1
                kept.append(fact)
            if len(kept) == self._most:
                break
        return kept

    def _and_later(self, seen: Sequence[Fact], fact: Fact) -> Sequence[Fact]:
        """What `_latest` would see with one more at the end: the oldest of its day makes room, or of all."""
        kept = [fact, *seen]
        day = _day(fact)
        if len([f for f in kept[: self._a_day + 1] if _day(f) == day]) > self._a_day:
            del kept[self._a_day]
        return kept[: self._most]


def _group(fact: Fact) -> tuple[Any, ...]:
    return fact.kind, fact.family, fact.second_hand, fact.get("part"), fact.get("source_agency")


def _day(fact: Fact) -> int:
    return int(fact.at.timestamp() // 86_400)
