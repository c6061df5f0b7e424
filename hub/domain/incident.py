"""Which entries may tell of one incident, and what people said of it (patterns.md 3.1, point 2)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.domain.child import Child, IncidentAct, OneIncident
from hub.domain.knowledge import Known
from hub.domain.timeline import Fact
from schemas.incidents import sorts_told

NOBODY: frozenset[UUID] = frozenset()


def tells(fact: Fact) -> bool:
    """The entry tells of something that happened, and so may tell of the same as another."""
    return sorts_told(fact.kind, fact.signals) is not None


class _Word(NamedTuple):
    """What is so of one entry from a moment on."""

    at: datetime
    one_with: frozenset[UUID]
    apart_from: frozenset[UUID]


def said_of(records: Iterable[Child]) -> list[tuple[datetime, IncidentAct]]:
    """What people said on all records read as one child, in the order they said it."""
    return sorted((act for child in records for act in child.incidents), key=lambda act: act[0])


def judged(known: list[Known], acts: Sequence[tuple[datetime, IncidentAct]]) -> list[Known]:
    """The history with what people said of it: from then on an entry is another `Known` of itself.

    Of entries that are not in this history nothing is said: who does not know an entry does not learn of it
    by what was said of it and another.
    """
    if not acts:
        return known
    words = _words(acts, {one.fact.entry for one in known})
    return [part for one in known for part in _split(one, words.get(one.fact.entry, ()))]


def judged_facts(facts: Iterable[Fact], acts: Sequence[tuple[datetime, IncidentAct]]) -> list[Fact]:
    """Entries as they stand, with what people said of them up to now."""
    facts = list(facts)
    words = _words(acts, {fact.entry for fact in facts}) if acts else {}
    return [_as(fact, words[fact.entry][-1]) if fact.entry in words else fact for fact in facts]


def _words(
    acts: Sequence[tuple[datetime, IncidentAct]], here: AbstractSet[UUID]
) -> Mapping[UUID, Sequence[_Word]]:
    """What is said of each entry, and from when on; the latest word on two entries holds."""
    words: dict[UUID, list[_Word]] = {}
    for at, act in acts:
        for entry, ones, others in _of_each(act, here):
            before = words.get(entry)
            one, apart = (before[-1].one_with, before[-1].apart_from) if before else (NOBODY, NOBODY)
            words.setdefault(entry, []).append(_Word(at, (one - others) | ones, (apart - ones) | others))
    return words


def _of_each(
    act: IncidentAct, here: AbstractSet[UUID]
) -> Iterable[tuple[UUID, frozenset[UUID], frozenset[UUID]]]:
    """Of each entry that is here: which others it is one with by this act, and from which it is apart."""
    entries = frozenset(act.entries) & here
    if isinstance(act, OneIncident):
        return [
            (entry, entries - {entry}, NOBODY) for entry in act.entries if len(entries) > 1 and entry in here
        ]
    others = frozenset(act.others) & here
    if not entries or not others:
        return []
    return [
        *((entry, NOBODY, others) for entry in sorted(entries)),
        *((entry, NOBODY, entries) for entry in sorted(others)),
    ]


def _split(one: Known, words: Sequence[_Word]) -> Iterable[Known]:
    """One stretch of the history, cut where something was said of its entry."""
    fact, since = one.fact, one.since
    for word in words:
        if one.until is not None and word.at >= one.until:
            break
        if word.at > since:
            yield Known(fact, since, word.at)
            since = word.at
        fact = _as(one.fact, word)
    yield Known(fact, since, one.until)


def _as(fact: Fact, word: _Word) -> Fact:
    return replace(fact, one_with=word.one_with, apart_from=word.apart_from, judged_at=word.at)
