"""Flags of one child, drawn from the record alone: rebuilt from nothing they are the same."""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from hub.domain.child import By, FlagDecision
from hub.domain.knowledge import Known
from hub.domain.timeline import Fact, Facts, when
from hub.patterns.elsewhere import ITSELF, NOBODY, Elsewhere
from hub.patterns.emergence import BESIDE, look_again, narrowed_fact, untold, with_signals
from hub.patterns.firing import Firing, SingleSourceNote, Untold, piece, protects
from hub.patterns.life import State, Turn
from hub.patterns.replay import Asked, Reviews, Standing
from hub.patterns.rule import Pattern
from hub.patterns.settings import Settings
from hub.patterns.sight import Sight
from schemas.case_event import CaseEvent

FLAGS = UUID("0d0b5a5e-9d3b-5c55-8a0e-7d1f0b2c9a11")
"""Namespace of flag ids."""

PROTECTORS = 12
"""What protects is shown beside a flag: so many entries, the latest."""


class Flag(msgspec.Struct, frozen=True):
    """A question to people about one child, and its life so far.

    `firing` is how the rule holds, or last held. `tells` is all that a role is told to whom the flag was
    released. `turns` is the whole life; the last is the present state.
    """

    id: UUID
    pattern: str
    name: str
    says: str
    tells: str
    state: State
    severity: int
    raised_at: datetime
    acknowledge_by: datetime | None
    expires_at: datetime | None
    decision: FlagDecision | None
    released_to: tuple[str, ...]
    turns: tuple[Turn, ...]
    firing: Firing
    owner: By | None = None
    """Who has it in hand."""
    disagreed: int = 0
    """How often somebody did not agree."""

    @property
    def standing(self) -> bool:
        """True unless it was withdrawn or has expired."""
        return self.state not in (State.WITHDRAWN, State.EXPIRED)

    def rests_on(self, entries: Collection[UUID]) -> bool:
        """Whether any of these entries is among its evidence."""
        named = {str(entry) for entry in entries}
        return any(piece.entry in named for piece in self.firing.evidence)

    def stood(self, at: datetime) -> bool:
        """Whether it stood at a moment, before what was done about it then."""
        before = [turn.state for turn in self.turns if turn.at < at]
        return bool(before) and before[-1] not in (State.WITHDRAWN, State.EXPIRED)

    def overdue(self, now: datetime) -> bool:
        """True where nobody has looked in time."""
        waits = self.state in (State.RAISED, State.REOPENED)
        return waits and self.acknowledge_by is not None and self.acknowledge_by < now


class Flags(NamedTuple):
    """All the rules say of one child: flags; single-source notes apart from them; what could not be told.

    `look_at` is when to look again though nothing may arrive; `awaits` the agencies whose being heard would
    settle what could not be told.
    """

    flags: list[Flag]
    notes: list[SingleSourceNote]
    untold: list[Untold]
    look_at: datetime | None

    @property
    def awaits(self) -> frozenset[str]:
        """The agencies whose being heard would settle what could not be told."""
        return frozenset(family for one in self.untold for family in one.families)


def flag_id(child: UUID, pattern: str, root: str) -> UUID:
    """The same question about the same child is the same flag, whoever draws it and whenever."""
    return uuid5(FLAGS, f"{child.hex}/{pattern}/{root}")


class Watch:
    """All rules asked of one child, now and whenever something comes: only those are that read what came.

    `children` are the records read as this child, the surviving one first: its id makes the flags' ids, and
    reviews of a flag that stood on a record joined later still count.
    """

    def __init__(self, children: Sequence[UUID], settings: Settings, patterns: Iterable[Pattern]) -> None:
        self._children, self._settings, self._rules = children, settings, tuple(patterns)
        self._readers = _readers(self._rules)
        self._asked: dict[int, Asked] = {}
        """The rules, by their place, that were told anything: of most children most rules never are."""
        self._crossing = {rule.code: Sight(settings.counting) for rule in self._rules if rule.crosses}
        self._offered: dict[str, Sight] = {}
        self._protecting: list[Known] = []

    def learn(self, known: Iterable[Known]) -> None:
        """Be told what the hub came to know, in any order."""
        for one in known:
            fact, named = one.fact, set[str]()
            for signals, readers in self._readers.get(fact.kind, {}).items():
                narrowed = with_signals(fact, signals)
                for place in readers:
                    rule = self._rules[place]
                    if rule.counts(narrowed):
                        self._ask(place).learn(narrowed, one.since, one.until)
                        if rule.crosses and one.until is None:
                            self._crossing[rule.code].add(narrowed)
                            named.update(_named(rule, fact))
            for key in named:
                self._offered.setdefault(key, Sight(self._settings.counting)).add(fact)
            if protects(fact):
                insort(self._protecting, one, key=lambda k: when(k.fact))

    def keys(self) -> frozenset[str]:
        """What rules across children look up on other records, and what ties this child to them."""
        return frozenset(
            key
            for rule in self._rules
            if rule.crosses
            for key in rule.crosses(self._crossing[rule.code].facts)
        )

    def offered(self, key: str) -> Facts:
        """What this child's record says under a key, to rules about other children."""
        return self._offered[key].facts if key in self._offered else Facts(())

    def flags(
        self,
        now: datetime,
        feeds: Mapping[str, datetime],
        reviews: Reviews,
        elsewhere: Elsewhere = NOBODY,
    ) -> Flags:
        """Draw all flags of the child. `now` never goes back."""
        drawn = Flags([], [], [], None)
        moments: list[datetime] = []
        protecting = self._protection(now)
        for _, asked in sorted(self._asked.items()):
            if asked.idle:
                continue
            asked.ask(now, feeds, elsewhere, reviews)
            for standing in asked.standing.values():
                flag = _flag(asked.rule, standing, protecting)
                drawn.flags.append(flag)
                if flag.standing and flag.expires_at is not None:
                    moments.append(flag.expires_at)
            drawn.notes.extend(asked.look.notes)
            drawn.untold.extend(untold(asked.rule, asked.look))
            moments.extend(look_again(asked.look, now, self._settings))
            if asked.waits_until is not None:
                moments.append(asked.waits_until)
        return drawn._replace(look_at=min((m for m in moments if m > now), default=None))

    def looks(self) -> dict[str, int]:
        """How often each rule was looked at: what a record cost."""
        asked = {at: each.steps for at, each in self._asked.items()}
        return {rule.code: asked.get(at, 0) for at, rule in enumerate(self._rules)}

    def _ask(self, place: int) -> Asked:
        """What the rule at this place is asked of this child with, from now on."""
        asked = self._asked.get(place)
        if asked is None:
            rule = self._rules[place]
            asked = self._asked[place] = Asked(rule, self._settings, _ids(self._children, rule))
        return asked

    def _protection(self, now: datetime) -> list[Fact]:
        """The latest entries of what protects."""
        found: list[Fact] = []
        for known in reversed(self._protecting):
            if known.at(now):
                found.append(known.fact)
                if len(found) == PROTECTORS:
                    break
        return found[::-1]


def flags(
    children: Sequence[UUID],
    known: Iterable[Known],
    *,
    now: datetime,
    feeds: Mapping[str, datetime],
    reviews: Reviews,
    settings: Settings,
    patterns: Iterable[Pattern],
    elsewhere: Elsewhere = NOBODY,
) -> Flags:
    """Draw all flags of a child from what the hub knew and when, and from what people did.

    Nothing drawn before is needed: what once stood and fell is found again by replaying the history.
    """
    watch = Watch(children, settings, patterns)
    watch.learn(known)
    return watch.flags(now, feeds, reviews, elsewhere)


def crossing_keys(facts: Iterable[Fact], patterns: Iterable[Pattern], settings: Settings) -> frozenset[str]:
    """What rules across children look up on other records."""
    own = tuple(facts)
    found: set[str] = set()
    for rule in patterns:
        if rule.crosses:
            mine = (narrowed_fact(rule, fact) for fact in own)
            seen = Sight(settings.counting, (fact for fact in mine if fact is not None))
            found |= rule.crosses(seen.facts)
    return frozenset(found)


@lru_cache(64)
def _readers(rules: tuple[Pattern, ...]) -> Mapping[type[CaseEvent], Mapping[tuple[str, ...], Sequence[int]]]:
    """Which of the rules, by their place, read a kind of entry, and which signals of it."""
    found: dict[type[CaseEvent], dict[tuple[str, ...], list[int]]] = {}
    for place, rule in enumerate(rules):
        for kind, signals in rule.reads.items():
            found.setdefault(kind, {}).setdefault(tuple(sorted(signals)), []).append(place)
    return found


def _named(rule: Pattern, fact: Fact) -> Iterator[str]:
    """The keys under which a rule about another child may find the entry."""
    for tie in (*fact.places, *fact.people):
        yield tie.hashed
    if fact.kind in rule.theirs:
        yield ITSELF


def _ids(children: Sequence[UUID], rule: Pattern) -> Callable[[str], list[UUID]]:
    return lambda root: [flag_id(child, rule.code, root) for child in children]


def _flag(rule: Pattern, standing: Standing, protecting: Sequence[Fact]) -> Flag:
    life, told = standing.life, standing.told
    if told is None:
        raise AssertionError("a question stands that was never told")
    start = told.window[0] - BESIDE
    beside = tuple(piece(fact) for fact in protecting if start <= fact.at)
    return Flag(
        id=standing.ids[0],
        pattern=rule.code,
        name=rule.name,
        says=rule.says,
        tells=rule.tells,
        state=life.turns[-1].state,
        severity=life.severity,
        raised_at=life.turns[0].at,
        acknowledge_by=life.acknowledge_by,
        expires_at=life.expires_at,
        decision=life.decision,
        released_to=tuple(sorted(life.released_to)),
        turns=tuple(life.turns),
        firing=msgspec.structs.replace(told, protects=beside),
        owner=life.owner,
        disagreed=life.disagreed,
    )
