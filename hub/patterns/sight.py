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

SEEN = 20
"""Entries of one kind that a rule sees: the latest."""
A_DAY = 2
"""Of these no more than so many of one day: a week of hourly notes must not hide what was before it."""


class Sight:
    """The entries of one child that one rule sees; adding one costs the same however many there are."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        """Begin with these entries, in any order."""
        self._groups: dict[tuple[Any, ...], list[Fact]] = {}
        self._seen: dict[tuple[Any, ...], Sequence[Fact]] = {}
        self._facts: Facts | None = None
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """An entry stands."""
        group = _group(fact)
        insort(self._groups.setdefault(group, []), fact, key=when)
        self._changed(group)

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
                    self._seen[group] = _latest(facts)
            self._facts = Facts(fact for facts in self._seen.values() for fact in facts)
        return self._facts

    def _changed(self, group: tuple[Any, ...]) -> None:
        self._seen.pop(group, None)
        self._facts = None


def _group(fact: Fact) -> tuple[Any, ...]:
    return fact.kind, fact.family, fact.second_hand, fact.get("part"), fact.get("source_agency")


def _latest(facts: Sequence[Fact]) -> Sequence[Fact]:
    if len(facts) <= A_DAY:
        return tuple(facts)
    kept: list[Fact] = []
    days: Counter[int] = Counter()
    for fact in reversed(facts):
        day = fact.at.toordinal()
        if days[day] < A_DAY:
            days[day] += 1
            kept.append(fact)
        if len(kept) == SEEN:
            break
    return kept
