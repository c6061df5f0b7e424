"""What an obligation is: something the guidance asks for, judged from a timeline at a moment. It never blocks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hub.domain.timeline import Fact, Facts, Timeline
from hub.protocol.pack import Clock, Pack


class State(StrEnum):
    """How it stands."""

    OPEN = "open"
    DUE_SOON = "due-soon"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met-late"
    CANNOT_TELL = "cannot-tell"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Due:
    """One obligation on one child at one moment.

    `of` is who is waited for (a generic role of the pack); `start` what set the clock going and `due_at` when
    it runs out, None where the guidance sets no time; `met_by` the entry that met it. `asks_reason`: it was
    met late or departed from, and no reason is recorded: people are asked for one, never stopped.
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


@dataclass(frozen=True)
class Situation:
    """All an obligation may look at. `linked` tells of the other children in the same incidents.

    By the keyed hash of each: the facts of theirs that the protocol reads (allocations, outcomes).
    """

    timeline: Timeline
    pack: Pack
    linked: Mapping[str, Facts] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The moment it is judged at."""
        return self.timeline.now


Judge = Callable[["Obligation", Situation], Iterable[Due]]


@dataclass(frozen=True)
class Obligation:
    """One row of the protocol: its number, its words and its source line, and how it is judged."""

    id: str
    title: str
    asks: str
    of: str
    line: str
    mark: str
    kind: str
    judge: Judge = field(repr=False)

    def source(self, pack: Pack) -> str:
        """Where it comes from, as a reader is told."""
        return f"guidance {self.line}; pack {pack.name}"

    def due(
        self,
        situation: Situation,
        start: Fact,
        clock: Clock | None,
        met: Fact | None,
        *,
        from_: datetime | None = None,
        of: str | None = None,
        strand: str = "",
        reason_given: bool | None = None,
        asks: str | None = None,
    ) -> Due:
        """Judge one clock: from a start, run for so long, stopped by an entry or not yet."""
        begins = from_ or start.at
        ends = clock.ends(begins) if clock else None
        met_at = met.at if met else None
        state = state_of(situation.now, ends, met_at, clock)
        late = state is State.MET_LATE
        return Due(
            self.id,
            self.title,
            asks or self.asks,
            of or self.of,
            self.source(situation.pack),
            state,
            begins,
            ends,
            start.entry,
            met_at,
            met.entry if met else None,
            late and not reason_given,
            strand,
        )


def state_of(now: datetime, ends: datetime | None, met_at: datetime | None, clock: Clock | None) -> State:
    """How a clock stands at a moment."""
    if met_at is not None:
        return State.MET_LATE if ends is not None and met_at > ends else State.MET
    if ends is None:
        return State.PROMPT
    if now > ends:
        return State.OVERDUE
    soon = clock.soon if clock else timedelta(0)
    return State.DUE_SOON if now > ends - soon else State.OPEN


def first(facts: Facts) -> Fact | None:
    """The earliest, or None."""
    return facts[0] if facts else None
