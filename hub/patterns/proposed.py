"""What the hub proposes as one incident, for a person to say whether it is (patterns.md 3.1, point 2)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import combinations
from typing import NamedTuple
from uuid import UUID, uuid5

from hub.domain.incident import tells
from hub.domain.timeline import Fact, Facts
from hub.patterns.incidents import of_a_sort, told_apart, told_one
from hub.patterns.settings import Counting
from hub.patterns.sight import Sight

PROPOSALS = UUID("5b7f3f2e-0c53-5c0e-9d57-2b6e9a3d4c10")
"""Namespace of the ids of proposals."""


class Proposal(NamedTuple):
    """Entries of one sort near in time, of which nobody has said whether they tell of one incident.

    `id` names the child and exactly these entries: where one more comes, it is another proposal. Until a
    person says otherwise, rules count them as one.
    """

    id: UUID
    facts: Facts


def proposed(child: UUID, facts: Iterable[Fact], counting: Counting) -> list[Proposal]:
    """Every open proposal of a child, drawn from what rules see of its standing entries.

    An entry may stand in more than one proposal. Any two that a rule counts as one incident because of time
    alone stand together in one, so that a person can say that they are two.
    """
    seen = Sight(counting, filter(tells, facts)).facts
    told = {fact.entry: fact for fact in seen}
    found = [
        frozenset(fact.entry for fact in together)
        for near in _longest(_near(seen, counting.close))
        for together in _not_apart(near)
        if _open(together)
    ]
    whole = [one for one in dict.fromkeys(found) if not any(one < other for other in found)]
    return [Proposal(proposal_id(child, one), Facts(told[entry] for entry in one)) for one in whole]


def _near(facts: Facts, close: timedelta) -> Iterator[list[Fact]]:
    """For each entry, those of one sort with it that happened so soon after it."""
    for number, first in enumerate(facts):
        after: list[Fact] = []
        for fact in facts[number + 1 :]:
            if fact.at - first.at > close:
                break
            after.append(fact)
        sorts = {
            sort for fact in (first, *after) for sort in fact.sorts if not first.sorts or sort in first.sorts
        }
        for sort in sorted(sorts) or ("",):
            one = frozenset({sort}) if sort else frozenset[str]()
            yield [first, *(fact for fact in after if of_a_sort(one, fact.sorts) is not None)]


def _longest(selections: Iterable[list[Fact]]) -> Iterator[list[Fact]]:
    """Those that no longer one, from an earlier entry on, holds already."""
    held: list[frozenset[UUID]] = []
    for facts in selections:
        entries = frozenset(fact.entry for fact in facts)
        if not any(entries <= one for one in held):
            held.append(entries)
            yield facts


def _not_apart(facts: list[Fact]) -> Iterator[list[Fact]]:
    """All of them; where people said of some that they are two incidents, selections with no such two.

    Any two of which that was not said are together in one of the selections.
    """
    apart = [_bits(told_apart(one, other) or told_apart(other, one) for other in facts) for one in facts]
    together = [0] * len(facts)
    for one, other in combinations(range(len(facts)), 2):
        if (apart[one] | together[one]) >> other & 1:
            continue
        chosen = 1 << one | 1 << other
        for number, others in enumerate(apart):
            if not chosen & others:
                chosen |= 1 << number
        selected = [number for number in range(len(facts)) if chosen >> number & 1]
        for number in selected:
            together[number] |= chosen
        yield [facts[number] for number in selected]


def _bits(said: Iterable[bool]) -> int:
    """The numbers of those that hold, as bits: a long record has many pairs to be looked at."""
    return sum(1 << number for number, holds in enumerate(said) if holds)


def _open(facts: Collection[Fact]) -> bool:
    """Of some two of them nobody has said whether they tell of one incident."""
    parts: list[list[Fact]] = []
    for fact in facts:
        mine = [part for part in parts if any(told_one(fact, other) for other in part)]
        parts = [part for part in parts if part not in mine]
        parts.append([fact, *(other for part in mine for other in part)])
    return len(parts) > 1


def proposal_id(child: UUID, entries: Iterable[UUID]) -> UUID:
    """The same entries of the same child are the same proposal, whoever draws it and whenever."""
    return uuid5(PROPOSALS, "/".join([child.hex, *sorted(entry.hex for entry in entries)]))
