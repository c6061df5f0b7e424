"""One incident told by three agencies is one incident; one account retold is one account."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from hub.domain.timeline import Fact, Facts


def incidents(facts: Iterable[Fact], close: timedelta) -> list[Facts]:
    """Group entries into distinct incidents, as they happened; the cautious count.

    One incident are entries of which a person said so; entries with the same incident reference; entries of
    one sort that happened so close to the first; and entries that trace to the same first teller (R35). What
    a person said are two incidents are two, and so is what one and the same agency keeps under two
    references: that agency's people said so.
    """
    groups = _Groups(close)
    for fact in Facts(facts):
        groups.add(fact)
    return [Facts.in_order(group.facts) for group in groups.all]


def distinct(facts: Iterable[Fact], least: int, close: timedelta) -> bool:
    """True where entries are at least so many distinct incidents; looks no further than it must."""
    groups = _Groups(close)
    for fact in Facts(facts):
        groups.add(fact)
        if len(groups.all) >= least:
            return True
    return least <= 0


def accounts(facts: Iterable[Fact]) -> list[Facts]:
    """Group entries into distinct accounts: those of the same first teller are one account retold (R35)."""
    groups: list[list[Fact]] = []
    by_teller: dict[str, list[Fact]] = {}
    for fact in Facts(facts):
        group = by_teller.get(fact.teller) if fact.teller is not None else None
        if group is not None:
            group.append(fact)
            continue
        groups.append([fact])
        if fact.teller is not None:
            by_teller[fact.teller] = groups[-1]
    return [Facts.in_order(group) for group in groups]


def stands(facts: Iterable[Fact]) -> bool:
    """True unless all there is is one second-hand account (R35: no rule may fire on that alone)."""
    facts = tuple(facts)
    return any(not fact.second_hand for fact in facts) or len(accounts(facts)) > 1


def paired(ones: Facts, others: Facts, fit: Callable[[Fact, Fact], bool]) -> list[Fact]:
    """The entries of either selection that fit with at least one of the other."""
    return [
        *(one for one in ones if any(fit(one, other) for other in others)),
        *(other for other in others if any(fit(one, other) for one in ones)),
    ]


def windows(facts: Facts, days: timedelta, *, families: int = 1, least: int = 1) -> Iterator[Facts]:
    """Selections of entries that happened within so many days of each other, the latest first.

    Only those with at least so many entries of at least so many families.
    """
    said = tuple(facts)
    start = len(said)
    within: Counter[str] = Counter()
    for end in range(len(said) - 1, -1, -1):
        while start > 0 and said[end].at - said[start - 1].at <= days:
            start -= 1
            within[said[start].family] += 1
        if end - start + 1 >= least and len(within) >= families:
            yield Facts.in_order(said[start : end + 1])
        within[said[end].family] -= 1
        if not within[said[end].family]:
            del within[said[end].family]


def first_enough(facts: Iterable[Fact], least: int, families: int, close: timedelta) -> Fact | None:
    """The entry by which there were first so many distinct incidents, of so many families; None: never."""
    groups, seen = _Groups(close), set[str]()
    for fact in Facts(facts):
        groups.add(fact)
        seen.add(fact.family)
        if len(groups.all) >= least and len(seen) >= families:
            return fact
    return None


def told_apart(one: Fact, other: Fact) -> bool:
    """People said that these are of two incidents: one of the hub's, or of the agency that keeps both."""
    if other.entry in one.apart_from:
        return True
    kept = one.family == other.family and None not in (one.incident, other.incident)
    return kept and one.incident != other.incident and other.entry not in one.one_with


def told_one(one: Fact, other: Fact) -> bool:
    """People said that these are of one incident, by a word, a reference, or the first teller they share."""
    if other.entry in one.apart_from:
        return False
    same = one.incident is not None and one.incident == other.incident
    return same or other.entry in one.one_with or (one.teller is not None and one.teller == other.teller)


@dataclass(slots=True, eq=False)
class _Group:
    """Entries of one incident, and the sorts that those brought together by time have in common."""

    facts: list[Fact]
    sorts: frozenset[str]

    def near(self, fact: Fact, close: timedelta) -> bool:
        """So close to the first, and of a sort with all."""
        return fact.at - self.facts[0].at <= close and of_a_sort(self.sorts, fact.sorts) is not None

    def add(self, fact: Fact) -> None:
        """One more entry of the incident."""
        common = of_a_sort(self.sorts, fact.sorts)
        self.sorts = self.sorts if common is None else common
        self.facts.append(fact)


def of_a_sort(one: frozenset[str], other: frozenset[str]) -> frozenset[str] | None:
    """The sorts they have in common; empty: any. None where they have none."""
    if not one or not other:
        return one or other
    return (one & other) or None


class _Groups:
    """Entries in the order they happened, put to the first group they fit; each group is found by index."""

    def __init__(self, close: timedelta) -> None:
        self.all: list[_Group] = []
        self._said: dict[UUID, _Group] = {}
        self._by_reference: dict[str, list[_Group]] = {}
        self._by_teller: dict[str, list[_Group]] = {}
        self._recent: list[_Group] = []
        self._close = close

    def add(self, fact: Fact) -> None:
        self._recent = [g for g in self._recent if fact.at - g.facts[0].at <= self._close]
        fitting = (
            *(self._said[entry] for entry in sorted(fact.one_with) if entry in self._said),
            *self._by_reference.get(fact.incident or "", ()),
            *self._by_teller.get(fact.teller or "", ()),
            *(g for g in self._recent if g.near(fact, self._close)),
        )
        group = next((g for g in fitting if not any(told_apart(fact, other) for other in g.facts)), None)
        if group is None:
            group = _Group([fact], fact.sorts)
            self.all.append(group)
            self._recent.append(group)
        else:
            group.add(fact)
        self._said[fact.entry] = group
        for index, key in ((self._by_reference, fact.incident), (self._by_teller, fact.teller)):
            if key is not None and not any(g is group for g in index.get(key, ())):
                index.setdefault(key, []).append(group)
