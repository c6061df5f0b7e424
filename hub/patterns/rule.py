"""What a rule is: a pure function from a child's timeline to evidence, with its fixed words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import Elsewhere
from hub.patterns.settings import RuleSettings
from schemas.case_event import CaseEvent

Reads = Mapping[type[CaseEvent], tuple[str, ...]]
"""Which event types a rule reads, and which of their signals."""

ALWAYS = ("part", "provenance", "precision")
"""Signals of every event any rule may see: the child's part, how it came (R35), how exact the time is."""

Crossing = Callable[[Facts], frozenset[str]]
"""The keys in a child's narrowed facts (places, adults, other children) to look up on other records."""

SPEAK = "Speak to the front door about this child."


class Evidence:
    """The rule holds: these entries show it.

    `root` is what the question is about, and with the child and the rule makes the flag's identity. It is
    empty where the question is about the child as a whole (one flag then, whose evidence grows), or names
    the one entry, setting or place the question is about (one flag for each). It never depends on the order
    in which entries arrived. `severity` overrides the rule's own, `due` is the deadline that passed where
    the rule is about something absent, `elsewhere` are entries on other children's records, counted and
    never shown. `families` are the agency families it comes from.
    """

    __slots__ = ("due", "elsewhere", "facts", "families", "root", "severity")

    def __init__(
        self,
        *facts: Fact,
        root: str = "",
        severity: int | None = None,
        due: datetime | None = None,
        elsewhere: Iterable[Fact] = (),
    ) -> None:
        """Keep each entry once, in the order it happened."""
        self.facts = Facts({fact.entry: fact for fact in facts}.values())
        self.root, self.severity, self.due = root, severity, due
        self.elsewhere = Facts(elsewhere)
        self.families = self.facts.families | self.elsewhere.families


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something is absent, but its deadline has not passed: look again then."""

    until: datetime
    root: str = ""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Something is absent, but a feed that would carry it was not heard since: silence is no missed duty."""

    families: frozenset[str]
    since: datetime
    root: str = ""


Outcome = Evidence | Waiting | CannotTell
Outcomes = Iterable[Outcome]
NOTHING: Outcomes = ()
"""The rule does not hold."""


def absent(timeline: Timeline, carrier: str, due: datetime, *evidence: Fact, root: str = "") -> Outcome:
    """What was due is not there: too early to say, cannot tell, or so it is (patterns.md, points 5 and 6).

    `carrier` is the family whose feed would carry it: not heard since, its silence is no missed duty.
    """
    if timeline.now < due:
        return Waiting(due, root)
    if not timeline.alive(carrier, due):
        return silent(carrier, due, root)
    return Evidence(*evidence, root=root, due=due)


def silent(carrier: str, since: datetime, root: str = "") -> CannotTell:
    """What would answer the question is not there, but its carrier was not heard since the moment."""
    return CannotTell(frozenset({str(carrier)}), since, root)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """A rule with its words, its source and what it reads. `rule` sees nothing else."""

    code: str
    name: str
    version: int
    source: str
    says: str
    cancels: str
    tells: str
    reads: Reads = field(repr=False)
    thresholds: tuple[str, ...]
    min_families: int
    related: tuple[str, ...]
    notes: tuple[str, ...]
    counts: Callable[[Fact], bool] = field(repr=False)
    incidents: bool
    crosses: Crossing | None = field(repr=False)
    theirs: tuple[type[CaseEvent], ...] = field(repr=False)
    rule: Callable[..., Outcomes] = field(repr=False)

    @property
    def kinds(self) -> tuple[type[CaseEvent], ...]:
        """The event types the rule reads."""
        return tuple(self.reads)

    def look(self, timeline: Timeline, settings: RuleSettings, elsewhere: Elsewhere) -> tuple[Outcome, ...]:
        """Ask the rule. The timeline must have been narrowed to what the rule reads."""
        if self.crosses is not None:
            return tuple(self.rule(timeline, settings, elsewhere))
        return tuple(self.rule(timeline, settings))


def pattern(
    *,
    code: str,
    name: str,
    version: int,
    source: str,
    says: str,
    cancels: str,
    reads: Reads,
    thresholds: tuple[str, ...] = (),
    min_families: int = 2,
    related: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    counts: Callable[[Fact], bool] | None = None,
    incidents: bool = False,
    crosses: Crossing | None = None,
    theirs: tuple[type[CaseEvent], ...] = (),
    tells: str = SPEAK,
) -> Callable[[Callable[..., Outcomes]], Pattern]:
    """Make a rule of a function.

    `says` is a question to people in fixed words, `cancels` what would answer it, `tells` all that a role is
    told to whom the flag is released (security.md 3.6), `thresholds` the numbers it takes from the settings,
    `related` the rows and clocks of the protocol it serves, `notes` rows that say what to show beside it.
    `counts` is true of every entry that can make a difference to the rule, taken by itself; what does not
    count is never looked at. `incidents` is true where it asks how many incidents entries tell of. A rule
    that `crosses` also takes what stands on other children's records under the keys `crosses` names; under
    the key of another child, that child's own entries of the types `theirs`.
    """

    def made(rule: Callable[..., Outcomes]) -> Pattern:
        return Pattern(
            code=code,
            name=name,
            version=version,
            source=source,
            says=says,
            cancels=cancels,
            tells=tells,
            reads=MappingProxyType(dict(reads)),
            thresholds=thresholds,
            min_families=min_families,
            related=related,
            notes=notes,
            counts=counts or _all,
            incidents=incidents,
            crosses=crosses,
            theirs=theirs,
            rule=rule,
        )

    return made


def _all(_: Fact) -> bool:
    return True


def reading(*reads: Reads) -> Reads:
    """Put together what several parts of a rule read."""
    together: dict[type[CaseEvent], tuple[str, ...]] = {}
    for one in reads:
        for kind, signals in one.items():
            together[kind] = tuple(dict.fromkeys((*together.get(kind, ()), *signals)))
    return together


def also(reads: Reads, *signals: str) -> Reads:
    """Read these signals too, of every one of the types."""
    return {kind: (*said, *signals) for kind, said in reads.items()}
