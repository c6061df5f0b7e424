"""A child's pathway: the strands that are open, and everything the guidance asks for, as it stands at a moment."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from hub.domain.timeline import Fact, Facts
from hub.protocol import enquiry, shapes
from hub.protocol.episodes import day_of, episodes, since
from hub.protocol.meetings import meetings, took_place
from hub.protocol.obligation import Due, Obligation, Situation, State
from hub.protocol.strands import hsb, strands
from schemas.protocol import ConferenceConsidered, PathwayClosed, S47NotStarted, StepDownProposed
from schemas.social_care import Conference, EarlyHelp

FIRST = (
    State.OVERDUE,
    State.DUE_SOON,
    State.CANNOT_TELL,
    State.OPEN,
    State.PROMPT,
    State.MET_LATE,
    State.MET,
    State.SUPERSEDED,
)
DONE = (State.MET, State.MET_LATE, State.SUPERSEDED)


class Stage(StrEnum):
    """How far the newest incident has come. There is no end called no action (L140; R105)."""

    IMMEDIATE_ACTIONS = "immediate-actions"
    STRATEGY_MEETING = "strategy-meeting"
    ENQUIRY = "enquiry"
    CONFERENCE = "conference"
    FOLLOW_UP = "follow-up"
    STEP_DOWN = "step-down"
    CLOSED = "closed"


@dataclass(frozen=True)
class Ticked:
    """One thing on a checklist: `done` None where nothing asks for it yet, or it cannot be told."""

    row: str
    text: str
    source: str
    done: bool | None


@dataclass(frozen=True)
class Pathway:
    """What the guidance asks for on one child. Empty where nothing has opened a pathway.

    `dues` is what stands in a worklist; `listed` what stands on a checklist alone. `look_at` is when time alone
    will next change what it says.
    """

    strands: tuple[str, ...]
    dues: tuple[Due, ...]
    look_at: datetime | None
    stage: Stage | None = None
    checklists: tuple[tuple[str, tuple[Ticked, ...]], ...] = ()
    listed: tuple[Due, ...] = ()

    @property
    def open(self) -> tuple[Due, ...]:
        """What is not met, what is most pressing first."""
        return tuple(due for due in self.dues if due.state not in DONE or due.asks_reason)


def pathway(situation: Situation, without: str | None = None) -> Pathway:
    """Judge every obligation at the situation's moment. The same entries give the same answer in any order.

    `without`: a strand of which nothing is told: some rows are of it by what they ask, whatever stands behind.
    """
    if not hsb(situation.timeline):
        return Pathway((), (), None)
    judged = _closed(situation, _dues(situation))
    found = sorted((due for due in judged if without is None or due.strand != without), key=_pressing)
    dues, listed = [due for due in found if not due.quiet], [due for due in found if due.quiet]
    return Pathway(
        tuple(strands(situation.timeline)),
        tuple(dues),
        next_look(dues, situation),
        _stage(situation),
        tuple(_ticked(situation, found)),
        tuple(listed),
    )


def _dues(situation: Situation) -> Iterable[Due]:
    """What every row asks: each start by the pack that applied on its day, whichever applies by now."""
    packs = situation.packs or (situation.pack,)
    ends = [*(pack.effective for pack in packs[1:]), date.max]
    begins = [date.min, *ends[:-1]]
    for pack, first, until in zip(packs, begins, ends, strict=True):
        under = replace(situation, pack=pack)
        for row, ask in pack.asked:
            for due in shapes.judge(Obligation(row, ask), under):
                if first <= day_of(due.start) < until:
                    yield due


def _closed(situation: Situation, dues: Iterable[Due]) -> Iterable[Due]:
    """Once the pathway is closed nobody need do what was not due by then; what was overdue stays so."""
    closed = closing(situation)
    for due in dues:
        over = closed is not None and due.started_by != closed.entry and due.start <= closed.at
        if closed is not None and over and due.state not in DONE and not _past_by(due, closed.at):
            yield replace(due, state=State.SUPERSEDED, asks_reason=False, why="the pathway was closed")
        else:
            yield due


def _past_by(due: Due, moment: datetime) -> bool:
    return due.due_at is not None and due.due_at <= moment


def closing(situation: Situation) -> Fact | None:
    """What closed the pathway, unless new behaviour opened it again."""
    closed = situation.of(PathwayClosed).last
    return None if closed is None or hsb(situation.timeline).after(closed.at) else closed


def next_look(dues: Iterable[Due], situation: Situation) -> datetime | None:
    """When time alone will change what is said: due soon, overdue, or another team on the telephone.

    Just after an end: at its last moment a thing is still in time.
    """
    waiting = [due for due in dues if due.state not in DONE]
    moments = {at for due in waiting for at in (due.soon_at, _past(due)) if at is not None}
    return min((at for at in moments if at > situation.now), default=None)


def _past(due: Due) -> datetime | None:
    return due.due_at + datetime.resolution if due.due_at else None


def _stage(situation: Situation) -> Stage:
    if closing(situation) is not None:
        return Stage.CLOSED
    episode = episodes(situation)[-1]
    if episode.referral is None:
        return Stage.IMMEDIATE_ACTIONS
    later = {
        Stage.STEP_DOWN: (
            *situation.of(StepDownProposed),
            *situation.of(EarlyHelp).where(stage="transfer-out"),
        ),
        Stage.CONFERENCE: situation.of(ConferenceConsidered).where(decision="to-be-held"),
    }
    come = [stage for stage, facts in later.items() if since(Facts(facts), episode.referral)]
    if come and not (come == [Stage.CONFERENCE] and since(situation.of(Conference), episode.referral)):
        return come[0]
    ended = situation.timeline.of(S47NotStarted)
    if since(ended, episode.referral) or enquiry.assessed(episode, situation):
        return Stage.FOLLOW_UP
    held = since(took_place(meetings(situation)), episode.referral)
    return Stage.ENQUIRY if held else Stage.STRATEGY_MEETING


def _ticked(situation: Situation, dues: list[Due]) -> Iterable[tuple[str, tuple[Ticked, ...]]]:
    for listed in situation.pack.checklists:
        yield (
            listed.name,
            tuple(
                Ticked(
                    item.row,
                    item.text,
                    f"guidance {item.line}; pack {situation.pack.name}",
                    _done([due for due in dues if due.obligation == item.row]),
                )
                for item in listed.items
            ),
        )


def _done(asked: list[Due]) -> bool | None:
    known = [due for due in asked if due.state is not State.CANNOT_TELL]
    if not asked or (len(known) < len(asked) and all(due.state in DONE for due in known)):
        return None
    return all(due.state in DONE for due in known)


def _pressing(due: Due) -> tuple[int, datetime, str, str, str]:
    """The order; two that press alike stand by row, by strand and by what they ask."""
    return FIRST.index(due.state), due.due_at or due.start, due.obligation, due.strand, due.asks
