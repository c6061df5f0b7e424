"""What an obligation is: something the guidance asks for, judged from a timeline at a moment. It never blocks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from hub.domain.calendar import LONDON
from hub.domain.timeline import Fact, Facts, Timeline
from hub.protocol.clock import Clock
from hub.protocol.pack import Pack
from hub.protocol.rows import Ask, Row
from hub.protocol.selector import Selector
from schemas.case_event import CaseEvent

T = TypeVar("T")
SOON = timedelta(hours=24)
"""How long before an end that somebody set, a measure's or a request's, it is due soon."""


class State(StrEnum):
    """How it stands. Superseded: something later took its place, and nobody need do it any more."""

    OPEN = "open"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met-late"
    CANNOT_TELL = "cannot-tell"
    PROMPT = "prompt"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Due:
    """One obligation on one child at one moment.

    `of` is who is waited for (a generic role of the pack, or its local name); `start` what set the clock going
    and `due_at` when it runs out, None where the guidance sets no time; `soon_at` from when it is due soon;
    `met_by` the entry that met it. `asks_reason`: it was met late or departed from, and no reason is recorded:
    people are asked for one, never stopped. `why` says more where the state alone would mislead.
    """

    obligation: str
    title: str
    asks: str
    of: str
    source: str
    state: State
    start: datetime
    due_at: datetime | None
    started_by: UUID
    met_at: datetime | None = None
    met_by: UUID | None = None
    asks_reason: bool = False
    strand: str = ""
    why: str = ""
    soon_at: datetime | None = None
    quiet: bool = False
    """It stands on its checklist, and not as a line of its own in the worklist."""


@dataclass(frozen=True)
class Situation:
    """All an obligation may look at.

    `pack` is the one it is judged by, `packs` all that had come into effect (none: that one alone). `linked`
    tells of the other children in the same incidents, by the keyed hash of each: the facts of theirs that the
    protocol reads (allocations, authorities, assessments, outcomes). `unseen` are the agency families whose
    entries the one who asks may not read: nothing is said to be undone because its record is hidden.
    """

    timeline: Timeline
    pack: Pack
    linked: Mapping[str, Facts] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    packs: tuple[Pack, ...] = ()
    _found: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, name: Any, find: Callable[["Situation"], T]) -> T:
        """What many rows ask of the same situation, found the first time it is asked."""
        if name not in self._found:
            self._found[name] = find(self)
        found: T = self._found[name]
        return found

    @property
    def now(self) -> datetime:
        """The moment it is judged at."""
        return self.timeline.now

    def of(self, kind: type[CaseEvent]) -> Facts:
        """The entries of one type: gone through once for all rows, since a record may be long."""
        return self.once("kinds", _by_kind).get(kind, NOTHING)

    def chosen(self, selectors: tuple[Selector, ...]) -> Facts:
        """The entries that any of the selectors means."""
        return self.once(selectors, lambda s: Facts(_chosen(s, selectors)))


NOTHING = Facts(())


def _by_kind(situation: Situation) -> dict[type[CaseEvent], Facts]:
    kinds = {fact.kind for fact in situation.timeline.facts}
    return {kind: situation.timeline.of(kind) for kind in kinds}


def _chosen(situation: Situation, selectors: tuple[Selector, ...]) -> Iterable[Fact]:
    found = {
        fact.entry: fact
        for one in selectors
        if one.kind is not None
        for fact in situation.of(one.kind)
        if one.chooses(fact)
    }
    return found.values()


Judge = Callable[["Obligation", Situation], Iterable[Due]]


@dataclass(frozen=True)
class Obligation:
    """One thing that a row of the pack asks, and the judging of it from a start and what met it.

    `by` names the agency families whose record would meet it; `fed` those of them whose own system may carry
    that record: once such a system has been heard, silence of it is not taken for nothing done. What people
    record in the hub itself has no feed that could be silent. `late_asks`: lateness asks for a reason.
    """

    row: Row
    ask: Ask

    @property
    def id(self) -> str:
        """The row's number."""
        return self.row.id

    @property
    def title(self) -> str:
        """The row in a few words."""
        return self.row.title

    @property
    def of(self) -> str:
        """The generic role that is waited for."""
        return self.ask.of

    def clock(self, situation: Situation) -> Clock:
        """The clock it runs by. Raises KeyError where the row names none."""
        return situation.pack.clocks[self.ask.within or ""]

    def source(self, pack: Pack) -> str:
        """Where it comes from, as a reader is told."""
        return f"guidance {self.row.line}; pack {pack.name}"

    def due(
        self,
        situation: Situation,
        start: Fact,
        met: Fact | None,
        clock: Clock | None = None,
        *,
        from_: datetime | None = None,
        ends: datetime | None = None,
        by: tuple[str, ...] | None = None,
        of: str | None = None,
        strand: str = "",
        reason_given: bool = False,
        asks_reason: bool = False,
        asks: str | None = None,
    ) -> Due:
        """Judge it: from a start, for the clock's length or to a given end, met by an entry or not yet.

        `reason_given` adds to a reason recorded with the entry that met it; `asks_reason` asks for one while
        it is unmet: a departure from the guidance that was recorded as done.
        """
        begins, schools = (from_ or start.at).astimezone(UTC), situation.pack.schools
        end = ends or (clock.ends(begins, schools) if clock else None)
        soon = clock.soon(begins, schools) if clock and not ends else end and end - SOON
        state = state_of(situation.now, end, soon, met.at if met else None)
        given = reason_given or bool(met and met.get("reason_recorded"))
        late = state is State.MET_LATE and self.ask.late_asks
        judged = Due(
            self.id,
            self.title,
            asks or self.ask.words,
            of or situation.pack.called(self.of),
            self.source(situation.pack),
            state,
            begins,
            end,
            start.entry,
            met.at if met else None,
            met.entry if met else None,
            (late or (asks_reason and met is None)) and not given,
            strand,
            soon_at=soon,
            quiet=self.ask.quiet,
        )
        why = "" if met else self._cannot_tell(situation, judged, self.ask.by if by is None else by)
        return replace(judged, state=State.CANNOT_TELL, why=why, asks_reason=False) if why else judged

    def _cannot_tell(self, situation: Situation, due: Due, by: tuple[str, ...]) -> str:
        """Why its absence cannot be told; empty where it can (patterns 3.1 point 5)."""
        hidden = [situation.pack.called(family) for family in by if family in situation.unseen]
        if hidden:
            return f"what {' and '.join(hidden)} recorded is not yours to read; ask them"
        if due.state is not State.OVERDUE or due.due_at is None:
            return ""
        for family in set(self.ask.fed) & set(by):
            heard = situation.timeline.feeds.get(family)
            if heard is not None and not situation.timeline.alive(family, due.due_at):
                return f"its time is past, but {situation.pack.called(family)} was last heard {told(heard)}"
        return ""


def state_of(now: datetime, ends: datetime | None, soon: datetime | None, met_at: datetime | None) -> State:
    """How a clock stands at a moment. It is overdue only after its last moment."""
    if met_at is not None:
        return State.MET_LATE if ends is not None and met_at > ends else State.MET
    if ends is None:
        return State.PROMPT
    if now > ends:
        return State.OVERDUE
    return State.DUE_SOON if soon is not None and now >= soon else State.OPEN


def first(facts: Facts) -> Fact | None:
    """The earliest, or None."""
    return facts[0] if facts else None


def told(at: datetime) -> str:
    """A moment as a practitioner reads it: day and time in London."""
    return at.astimezone(LONDON).strftime("%a %d %b %Y %H:%M")
