"""One incident told by three agencies is one incident; one account retold is one account."""

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
    groups: list[list[Fact]] = []
    for fact in Facts(facts):
        tests = (_same_reference, _same_teller, _near(close))
        group = next(
            (g for test in tests for g in groups if test(g, fact) and not _told_apart(g, fact)), None
        )
        if group is None:
            groups.append([fact])
        else:
            group.append(fact)
    return [Facts(group) for group in groups]


def accounts(facts: Iterable[Fact]) -> list[Facts]:
    """Group entries into distinct accounts: those of the same first teller are one account retold (R35)."""
    groups: list[list[Fact]] = []
    for fact in Facts(facts):
        group = next((g for g in groups if _same_teller(g, fact)), None)
        if group is None:
            groups.append([fact])
        else:
            group.append(fact)
    return [Facts(group) for group in groups]


def stands(facts: Iterable[Fact]) -> bool:
    """True unless all there is is one second-hand account (R35: no rule may fire on that alone)."""
    told = accounts(facts)
    return len(told) > 1 or any(not fact.second_hand for account in told for fact in account)


def windows(facts: Facts, days: timedelta) -> Iterator[Facts]:
    """Selections of entries that happened within so many days of each other, the latest first."""
    for last in reversed(tuple(facts)):
        yield facts.between(last.at - days, last.at)


def _same_reference(group: list[Fact], fact: Fact) -> bool:
    return fact.incident is not None and any(fact.incident == other.incident for other in group)


def _same_teller(group: list[Fact], fact: Fact) -> bool:
    return fact.teller is not None and any(fact.teller == other.teller for other in group)


def _near(close: timedelta) -> Callable[[list[Fact], Fact], bool]:
    return lambda group, fact: fact.at - group[0].at <= close


def _told_apart(group: list[Fact], fact: Fact) -> bool:
    return fact.incident is not None and any(
        other.family == fact.family and other.incident not in (None, fact.incident) for other in group
    )
