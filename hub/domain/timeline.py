"""The timeline: what a rule may see of a child. Times, types and coded signals; never names or words."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from schemas.case_event import CaseEvent


class Tie(NamedTuple):
    """A tie to another child, an adult or a place, by keyed hash only.

    `relation` is the LinkRelation of a child or person, the PlaceKind of a place.
    """

    relation: str
    hashed: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One standing entry as a rule sees it.

    `kind` is the event class, so that `of(MissingEpisode)` finds it; `family` the agency family;
    `at` when it happened, `recorded_at` when the hub recorded it. `signals` are coded values by field
    name. `incident` and `teller` are keyed hashes: the same incident, the same first teller. `sorts` are the
    sorts of incident it may be of (empty: any); what people said of it and other entries, last at
    `judged_at`: those it is `one_with`, and those it is `apart_from` (hub/domain/incident.py).
    """

    entry: UUID
    kind: type[CaseEvent]
    family: str
    at: datetime
    recorded_at: datetime
    ended_at: datetime | None = None
    ongoing: bool = False
    signals: Mapping[str, Any] = field(default_factory=dict)
    incident: str | None = None
    teller: str | None = None
    children: tuple[Tie, ...] = ()
    people: tuple[Tie, ...] = ()
    places: tuple[Tie, ...] = ()
    sorts: frozenset[str] = frozenset()
    one_with: frozenset[UUID] = frozenset()
    apart_from: frozenset[UUID] = frozenset()
    judged_at: datetime | None = None

    def get(self, signal: str) -> Any:
        """The value of a signal, None where the sender did not say."""
        return self.signals.get(signal)

    @property
    def second_hand(self) -> bool:
        """True where the account did not come from the child or from an observer (R35)."""
        return self.get("provenance") in ("told-second-hand", "third-party")


def when(fact: Fact) -> tuple[datetime, int]:
    """The order of facts: by when it happened, then by entry, whatever order they came in."""
    return fact.at, fact.entry.int


class Facts(Sequence[Fact]):
    """An ordered selection of facts; every method returns a smaller one."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Iterable[Fact]) -> None:
        """Order by when it happened, then by entry, whatever order they came in."""
        self._facts = facts[:] if isinstance(facts, Facts) else tuple(sorted(facts, key=when))

    @classmethod
    def in_order(cls, facts: Iterable[Fact]) -> "Facts":
        """Facts that are in order already, as a selection of facts is."""
        kept = object.__new__(cls)
        kept._facts = tuple(facts)
        return kept

    def __len__(self) -> int:
        return len(self._facts)

    def __getitem__(self, index: Any) -> Any:
        return self._facts[index]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def of(self, *kinds: type[CaseEvent]) -> "Facts":
        """Only facts of exactly these event types."""
        wanted = frozenset(kinds)
        return self.in_order([f for f in self._facts if f.kind in wanted])

    def where(self, test: Callable[[Fact], bool] | None = None, /, **signals: Any) -> "Facts":
        """Only facts that pass the test and whose signals have these values (a set: one of them)."""
        if test is not None and not signals:
            return self.in_order(filter(test, self._facts))
        return self.in_order(
            f
            for f in self._facts
            if (test is None or test(f))
            and all(
                (f.get(name) in value) if isinstance(value, (set, frozenset)) else f.get(name) == value
                for name, value in signals.items()
            )
        )

    def by(self, *families: str) -> "Facts":
        """Only facts of these agency families."""
        return self.in_order([f for f in self._facts if f.family in families])

    def without(self, *families: str) -> "Facts":
        """Only facts of other agency families."""
        return self.in_order([f for f in self._facts if f.family not in families])

    def between(self, start: datetime, end: datetime) -> "Facts":
        """Only facts that happened from start to end, both included."""
        return self.in_order([f for f in self._facts if start <= f.at <= end])

    def before(self, moment: datetime, *, days: float | None = None) -> "Facts":
        """Only facts that happened before the moment, within so many days of it."""
        start = None if days is None else moment - timedelta(days=days)
        return self.in_order([f for f in self._facts if f.at < moment and (start is None or f.at >= start)])

    def after(self, moment: datetime, *, days: float | None = None) -> "Facts":
        """Only facts that happened after the moment, within so many days of it."""
        end = None if days is None else moment + timedelta(days=days)
        return self.in_order([f for f in self._facts if f.at > moment and (end is None or f.at <= end)])

    @property
    def families(self) -> frozenset[str]:
        """The agency families these facts come from."""
        return frozenset([f.family for f in self._facts])

    @property
    def last(self) -> Fact | None:
        """The latest, or None."""
        return self._facts[-1] if self._facts else None


@dataclass(frozen=True)
class Timeline:
    """One child's facts at a moment.

    `feeds` says when each agency family was last heard: absence counts only where the feed that would
    carry the entry is alive past the deadline (patterns §3.1 point 5).
    """

    facts: Facts
    now: datetime
    feeds: Mapping[str, datetime]

    def of(self, *kinds: type[CaseEvent]) -> Facts:
        """Only facts of these event types."""
        return self.facts.of(*kinds)

    def only(self, *families: str) -> "Timeline":
        """What these agencies alone would have seen."""
        return replace(self, facts=self.facts.by(*families))

    def without(self, *families: str) -> "Timeline":
        """What is left without these agencies."""
        return replace(self, facts=self.facts.without(*families))

    def known_at(self, moment: datetime) -> "Timeline":
        """What the hub knew at a moment, looked at from that moment."""
        return replace(self, now=moment, facts=self.facts.where(lambda f: f.recorded_at <= moment))

    def alive(self, family: str, until: datetime) -> bool:
        """True where the family's feed was heard at or after the moment."""
        heard = self.feeds.get(family)
        return heard is not None and heard >= until
