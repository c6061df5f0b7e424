"""Immediate actions (guidance L80-L83): the first account, the front door, immediate risk, safety measures."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact
from hub.protocol.episodes import FRONT_DOOR, coarse, episodes, referred, since_day
from hub.protocol.obligation import Due, Obligation, Situation, State, first
from hub.protocol.strands import WAS_HARMED
from schemas.any_agency import SafetyMeasure
from schemas.protocol import AccountRecorded, ChildReassured, EmergencyCallMade, ImmediateRiskConsidered

BOTH = ("police", "social-care")
ANYONE = ("police", "health", "schools", "social-care", "youth-justice")


def _account(row: Obligation, situation: Situation) -> Iterable[Due]:
    clock = situation.pack.clock("account-recorded")
    for account in situation.timeline.of(AccountRecorded):
        told = account.get("told_at")
        start = datetime.fromisoformat(told) if isinstance(told, str) else account.at
        yield row.due(situation, account, account, clock, from_=start)


def _second_hand(row: Obligation, situation: Situation) -> Iterable[Due]:
    for episode in episodes(situation):
        told = episode.facts.where(lambda f: f.kind not in FRONT_DOOR)
        if told and all(fact.second_hand for fact in told):
            yield row.due(situation, told[0], None)


def _reassured(row: Obligation, situation: Situation) -> Iterable[Due]:
    for episode in episodes(situation):
        harmed = episode.strands.get(WAS_HARMED)
        if harmed:
            done = first(since_day(situation.timeline.of(ChildReassured), harmed[0]))
            yield row.due(situation, harmed[0], done, strand=WAS_HARMED)


def _front_door(row: Obligation, situation: Situation) -> Iterable[Due]:
    clock = situation.pack.clock("front-door")
    for episode in episodes(situation):
        start = first(episode.facts.where(lambda f: f.kind not in FRONT_DOOR))
        if start is not None:
            yield row.due(situation, start, _in_the_day(episode.contacted, start), clock)


def _in_the_day(contacted: Fact | None, start: Fact) -> Fact | None:
    """A contact known by its day alone stands at midnight; it was made at the start at the earliest."""
    if contacted is None or not coarse(contacted):
        return contacted
    return replace(contacted, at=max(contacted.at, start.at))


def _contact(row: Obligation, situation: Situation) -> Iterable[Due]:
    waiting = [episode for episode in episodes(situation) if episode.referral is None]
    if waiting:
        contact = situation.pack.contact_for(situation.now)
        asks = f"ring {contact.name}, {contact.telephone}"
        yield row.due(situation, waiting[0].start, None, asks=asks)


def _emergency(row: Obligation, situation: Situation) -> Iterable[Due]:
    danger = first(situation.timeline.of(ImmediateRiskConsidered).where(at_risk="yes"))
    if danger is not None:
        called = first(situation.timeline.of(EmergencyCallMade))
        yield row.due(situation, danger, called, asks=situation.pack.emergency)


def _immediate_risk(row: Obligation, situation: Situation) -> Iterable[Due]:
    clock = situation.pack.clock("immediate-risk")
    for episode, start in referred(situation):
        for agency in BOTH:
            considered = situation.timeline.of(ImmediateRiskConsidered).where(considered_by=agency)
            done = first(since_day(considered, episode.start))
            yield row.due(situation, start, done, clock, of=situation.pack.called(agency), by=(agency,))


def _safety_measures(row: Obligation, situation: Situation) -> Iterable[Due]:
    measures = situation.timeline.of(SafetyMeasure)
    for measure in measures.where(lambda f: f.get("stage") != "ended" and f.get("until")):
        end = start_of_day(date.fromisoformat(str(measure.get("until"))) + timedelta(days=1))
        after = measures.after(measure.at).where(kind=measure.get("kind"))
        asks = "the measure ends: renew it, or say that it ended"
        due = row.due(situation, measure, None, ends=end, asks=asks)
        yield replace(due, state=State.SUPERSEDED, why="renewed or ended since") if after else due
    for episode in episodes(situation):
        harmed = episode.strands.get(WAS_HARMED)
        if harmed:
            started = measures.where(lambda f: f.get("stage") != "ended")
            covered = first(since_day(started, harmed[0]))
            yield row.due(situation, harmed[0], covered, strand=WAS_HARMED)


OBLIGATIONS = (
    Obligation(
        id="R34",
        title="Initial account recorded",
        asks="record the account word for word, by the person told",
        of="who was told",
        line="L80",
        mark="D",
        kind="clock",
        judge=_account,
        by=ANYONE,
    ),
    Obligation(
        id="R35",
        title="Only second-hand so far",
        asks="say how it came; speak to who was there or to the child",
        of="front-door",
        line="L80",
        mark="D",
        kind="prompt",
        judge=_second_hand,
        by=(),
    ),
    Obligation(
        id="R36",
        title="The child reassured and taken seriously",
        asks="record who reassured the child, and how",
        of="who was told",
        line="L80",
        mark="D",
        kind="checklist",
        judge=_reassured,
        by=ANYONE,
    ),
    Obligation(
        id="R37",
        title="Front door contacted at once",
        asks="contact the front door",
        of="who knows",
        line="L81",
        mark="D",
        kind="clock",
        judge=_front_door,
        by=("social-care",),
        fed=("social-care",),
    ),
    Obligation(
        id="R38",
        title="Whom to ring now",
        asks="ring the front door",
        of="who knows",
        line="L81",
        mark="D",
        kind="prompt",
        judge=_contact,
        by=(),
    ),
    Obligation(
        id="R39",
        title="Immediate danger",
        asks="ring 999",
        of="who knows",
        line="L82",
        mark="D",
        kind="prompt",
        judge=_emergency,
        by=(),
    ),
    Obligation(
        id="R40",
        title="Immediate risk considered",
        asks="consider the risk to this child and to others",
        of="police and social-care",
        line="L83",
        mark="D",
        kind="clock",
        judge=_immediate_risk,
        late_asks=True,
    ),
    Obligation(
        id="R41",
        title="Safety measures in place",
        asks="put a safety measure in place and say until when",
        of="police and social-care",
        line="L83",
        mark="D",
        kind="invariant",
        judge=_safety_measures,
        by=BOTH,
        fed=BOTH,
    ),
)
