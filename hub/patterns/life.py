"""One flag's life: what became of the evidence and what people did, folded in order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from hub.domain.calendar import start_of_day
from hub.domain.child import (
    By,
    FlagAcknowledged,
    FlagAct,
    FlagDecision,
    FlagDisagreed,
    FlagOwned,
    FlagReleased,
    FlagReleaseEnded,
    FlagRenewed,
    FlagReviewed,
)
from hub.patterns.settings import Settings


class State(StrEnum):
    """Where a flag stands (patterns.md: its life)."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    REVIEWED = "reviewed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


WAITING = (State.RAISED, State.REOPENED)
"""States in which somebody has yet to look."""


class Why(StrEnum):
    """Why a flag came to a state."""

    EVIDENCE = "evidence-complete"
    NEW_EVIDENCE = "new-evidence"
    GRAVER = "graver-than-reviewed"
    PERSON = "a-person"
    DISAGREED = "somebody-disagrees"
    CHANGED_AT_SOURCE = "an-entry-was-corrected-or-withdrawn"
    ANSWERED = "answered-by-a-later-entry"
    ONE_AGENCY = "one-agency-can-see-it-alone"
    INCIDENTS = "people-said-what-is-one-incident"
    TIME = "time-passed"


class Turn(msgspec.Struct, frozen=True):
    """One turn in a flag's life."""

    at: datetime
    state: State
    why: Why


@dataclass(slots=True)
class Life:
    """The fold. Feed it what happened in order; `until` brings it to a moment."""

    settings: Settings
    state: State | None = None
    severity: int = 0
    entries: frozenset[str] = frozenset()
    """All evidence; `beyond` are those of them on other children's records, which no reviewer is shown."""
    beyond: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    reviewed: frozenset[str] = frozenset()
    reviewed_severity: int = 0
    decision: FlagDecision | None = None
    acknowledge_by: datetime | None = None
    expires_at: datetime | None = None
    released_to: frozenset[str] = frozenset()
    owner: By | None = None
    disagreed: int = 0
    turns: list[Turn] = field(default_factory=list)

    @property
    def stands(self) -> bool:
        """True from when it was raised, but for the times when it was withdrawn or had expired."""
        return self.state not in (None, State.WITHDRAWN, State.EXPIRED)

    def holds(self, at: datetime, own: frozenset[str], beyond: frozenset[str], severity: int) -> None:
        """The rule holds with this evidence. New evidence renews the flag, and reopens a reviewed one."""
        self.until(at)
        entries = own | beyond
        new, graver = entries - self.seen, severity > self.reviewed_severity
        self.entries, self.beyond, self.severity = entries, beyond, severity
        self.seen |= entries
        if self.state is None:
            self._waits(at, State.RAISED, Why.EVIDENCE)
        elif self.state is State.WITHDRAWN:
            known = bool(self.reviewed) and entries <= self.reviewed and not graver
            if known:
                self._turn(at, State.REVIEWED, Why.EVIDENCE)
            else:
                self._waits(at, State.REOPENED, Why.NEW_EVIDENCE if new else Why.EVIDENCE)
        elif self.state in (State.REVIEWED, State.EXPIRED) and new:
            self._waits(at, State.REOPENED, Why.NEW_EVIDENCE)
        elif self.state is State.REVIEWED and graver:
            self._waits(at, State.REOPENED, Why.GRAVER)
        elif new:
            self._renew(at)

    def falls(self, at: datetime, why: Why) -> None:
        """The rule no longer holds; the flag is withdrawn with its reason, never silently gone."""
        self.until(at)
        if self.stands:
            self._turn(at, State.WITHDRAWN, why)

    def person(self, at: datetime, event: FlagAct) -> None:
        """Somebody did something about it, while it stood: else it was about a flag that others saw."""
        self.until(at)
        if self.stands:
            self._did(at, event)

    def _did(self, at: datetime, event: FlagAct) -> None:
        """A decision on less than what stands leaves it open.

        Who takes it in hand has seen it. A disagreement with what was decided opens it again, for another to
        look; with a flag that nobody has decided yet it stands beside it.
        """
        match event:
            case FlagOwned():
                self.owner = event.owner
                if self.state in WAITING:
                    self._turn(at, State.ACKNOWLEDGED, Why.PERSON)
            case FlagDisagreed():
                self.disagreed += 1
                if self.state is State.REVIEWED:
                    self._waits(at, State.REOPENED, Why.DISAGREED)
            case FlagRenewed():
                self._renew(at)
            case FlagReleased():
                self.released_to |= set(event.roles)
            case FlagReleaseEnded():
                self.released_to = frozenset()
            case FlagAcknowledged() if self.state in WAITING:
                self._turn(at, State.ACKNOWLEDGED, Why.PERSON)
            case FlagReviewed():
                self._decided(at, event)

    def until(self, moment: datetime) -> None:
        """Let time pass: a standing flag that nobody renewed expires."""
        if self.stands and self.expires_at is not None and self.expires_at <= moment:
            self._turn(self.expires_at, State.EXPIRED, Why.TIME)

    def _decided(self, at: datetime, event: FlagReviewed) -> None:
        self.decision = event.decision
        self.reviewed = frozenset(str(entry) for entry in event.evidence) | self.beyond
        self.reviewed_severity = self.severity
        self._turn(at, State.REVIEWED, Why.PERSON)
        self._renew(at)
        if self.entries - self.reviewed:  # something arrived between the page and the decision
            self._waits(at, State.REOPENED, Why.NEW_EVIDENCE)

    def _waits(self, at: datetime, state: State, why: Why) -> None:
        self._turn(at, state, why)
        self._renew(at)
        self.acknowledge_by = acknowledge_by(self.severity, at, self.settings)

    def _renew(self, at: datetime) -> None:
        self.expires_at = at + timedelta(days=self.settings.life.expires_days.value)

    def _turn(self, at: datetime, state: State, why: Why) -> None:
        self.state = state
        self.turns.append(Turn(at, state, why))


def acknowledge_by(severity: int, at: datetime, settings: Settings) -> datetime | None:
    """When somebody must have looked, by severity (protocol C20); None for a mere prompt.

    A flag that new settings find in old history waits from the day the settings came into force.
    """
    start = max(at, start_of_day(settings.in_force_from))
    life, days = settings.life, settings.calendar.working
    match severity:
        case 2:
            return days.add_working_days(start, life.acknowledge_2_working_days.value)
        case 3:
            return days.end_of_working_day(start, life.acknowledge_3_day_ends_hour.value)
        case 4:
            return start + timedelta(hours=life.acknowledge_4_hours.value)
    return None
