"""One incident told by three agencies is one incident; one account retold is one account."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from hub.domain.timeline import Fact, Facts

CLOSE = timedelta(hours=48)
"""Entries so near in time are proposed as one incident; not yet confirmed, they count as one (point 2)."""


def incidents(facts: Iterable[Fact], close: timedelta = CLOSE) -> list[Facts]:
    """Group entries into distinct incidents, as they happened; the cautious count.

    One incident are entries with the same incident reference; entries that happened within 48 hours of the
    first; and entries that trace to the same first teller (R35). What one and the same agency keeps under
    two references stays two: that agency's people said so.
    """
    groups = _Groups(close)
    for fact in Facts(facts):
        groups.add(fact)
    return [Facts.in_order(group) for group in groups.all]


def distinct(facts: Iterable[Fact], least: int) -> bool:
    """True where entries are at least so many distinct incidents; looks no further than it must."""
    groups = _Groups(CLOSE)
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


def first_enough(facts: Iterable[Fact], least: int, families: int, close: timedelta = CLOSE) -> Fact | None:
    """The entry by which there were first so many distinct incidents, of so many families; None: never."""
    groups, seen = _Groups(close), set[str]()
    for fact in Facts(facts):
        groups.add(fact)
        seen.add(fact.family)
        if len(groups.all) >= least and len(seen) >= families:
            return fact
    return None


class _Groups:
    """Entries in the order they happened, put to the first group they fit; each group is found by index."""

    def __init__(self, close: timedelta) -> None:
        self.all: list[list[Fact]] = []
        self._by_reference: dict[str, list[list[Fact]]] = {}
        self._by_teller: dict[str, list[list[Fact]]] = {}
        self._recent: list[list[Fact]] = []
        self._close = close

    def add(self, fact: Fact) -> None:
        self._recent = [g for g in self._recent if fact.at - g[0].at <= self._close]
        fitting = (
            *self._by_reference.get(fact.incident or "", ()),
            *self._by_teller.get(fact.teller or "", ()),
            *self._recent,
        )
        group = next((g for g in fitting if not _told_apart(g, fact)), None)
        if group is None:
            group = []
            self.all.append(group)
            self._recent.append(group)
        group.append(fact)
        for index, key in ((self._by_reference, fact.incident), (self._by_teller, fact.teller)):
            if key is not None and not any(g is group for g in index.get(key, ())):
                index.setdefault(key, []).append(group)


def _told_apart(group: list[Fact], fact: Fact) -> bool:
    return fact.incident is not None and any(
        other.family == fact.family and other.incident not in (None, fact.incident) for other in group
    )
