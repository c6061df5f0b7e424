"""Immediate actions (guidance L80-L83): the first account, the front door, immediate risk, safety measures."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact
from hub.protocol.episodes import FRONT_DOOR, coarse, episodes
from hub.protocol.obligation import Due, Obligation, Situation, State, first
from schemas.any_agency import SafetyMeasure
from schemas.protocol import AccountRecorded


def account(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R34: each account is written down the day it was told."""
    clock = row.clock(situation)
    for one in situation.of(AccountRecorded):
        told = one.get("told_at")
        start = datetime.fromisoformat(told) if isinstance(told, str) else one.at
        yield row.due(situation, one, one, clock, from_=start)


def second_hand(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R35: nobody who was there, nor the child, has been heard yet."""
    for episode in episodes(situation):
        told = episode.facts.where(lambda f: f.kind not in FRONT_DOOR)
        if told and all(fact.second_hand for fact in told):
            yield row.due(situation, told[0], None)


def front_door(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R37: the front door is contacted at once; a contact of the same day counts."""
    clock = row.clock(situation)
    for episode in episodes(situation):
        start = first(episode.facts.where(lambda f: f.kind not in FRONT_DOOR))
        if start is not None:
            yield row.due(situation, start, _in_the_day(episode.contacted, start), clock)


def _in_the_day(contacted: Fact | None, start: Fact) -> Fact | None:
    """A contact known by its day alone stands at midnight; it was made at the start at the earliest."""
    if contacted is None or not coarse(contacted):
        return contacted
    return replace(contacted, at=max(contacted.at, start.at))


def contact(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R38: whom to ring now, as long as an incident has not reached the front door."""
    waiting = [episode for episode in episodes(situation) if episode.referral is None]
    if waiting:
        team = situation.pack.contact_for(situation.now)
        asks = f"ring {team.name}, {team.telephone}"
        due = row.due(situation, waiting[0].start, None, asks=asks)
        yield replace(due, soon_at=situation.pack.contact_turns(situation.now))


def measures_end(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R41: a measure past its end was renewed, or is said to have ended."""
    measures = situation.of(SafetyMeasure)
    for measure in measures.where(lambda f: f.get("stage") != "ended" and f.get("until")):
        end = start_of_day(date.fromisoformat(str(measure.get("until"))) + timedelta(days=1))
        after = measures.after(measure.at).where(kind=measure.get("kind"))
        due = row.due(situation, measure, None, ends=end)
        yield replace(due, state=State.SUPERSEDED, why="renewed or ended since") if after else due
