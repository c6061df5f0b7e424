"""A child's pathway: the strands that are open, and everything the guidance asks for, as it stands at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.protocol import immediate_actions, outcomes, strategy_meeting
from hub.protocol.obligation import Due, Obligation, Situation, State
from hub.protocol.strands import hsb, strands

OBLIGATIONS: tuple[Obligation, ...] = (
    *immediate_actions.OBLIGATIONS,
    *strategy_meeting.OBLIGATIONS,
    *outcomes.OBLIGATIONS,
)
"""Every row built so far, in the guidance's order."""

FIRST = (
    State.OVERDUE,
    State.DUE_SOON,
    State.OPEN,
    State.CANNOT_TELL,
    State.PROMPT,
    State.MET_LATE,
    State.MET,
)


@dataclass(frozen=True)
class Pathway:
    """What the guidance asks for on one child. Empty where nothing has opened a pathway."""

    strands: tuple[str, ...]
    dues: tuple[Due, ...]
    look_at: datetime | None

    @property
    def open(self) -> tuple[Due, ...]:
        """What is not met, what is most pressing first."""
        return tuple(d for d in self.dues if d.state not in (State.MET, State.MET_LATE) or d.asks_reason)


def pathway(situation: Situation) -> Pathway:
    """Judge every obligation at the situation's moment. The same entries give the same answer in any order."""
    if not hsb(situation.timeline):
        return Pathway((), (), None)
    dues = [due for row in OBLIGATIONS for due in row.judge(row, situation)]
    dues.sort(key=_pressing)
    return Pathway(tuple(strands(situation.timeline)), tuple(dues), next_look(dues, situation.now))


def next_look(dues: Iterable[Due], now: datetime) -> datetime | None:
    """When time alone will change a state: when something becomes due soon, or overdue."""
    moments = [
        moment
        for due in dues
        if due.met_at is None and due.due_at is not None
        for moment in (due.due_at - timedelta(hours=24), due.due_at)
        if moment > now
    ]
    return min(moments, default=None)


def _pressing(due: Due) -> tuple[int, datetime, str]:
    return FIRST.index(due.state), due.due_at or due.start, due.obligation
