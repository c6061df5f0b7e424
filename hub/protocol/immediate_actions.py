"""Immediate actions (guidance L80-L83): the first account, the front door, immediate risk, safety measures."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from hub.domain.calendar import LONDON
from hub.domain.timeline import Fact, Facts
from hub.protocol.obligation import Due, Obligation, Situation, State, first
from hub.protocol.strands import WAS_HARMED, hsb, strands
from schemas.any_agency import SafetyMeasure
from schemas.protocol import (
    AccountRecorded,
    ChildReassured,
    EmergencyCallMade,
    ImmediateRiskConsidered,
    ReferralMade,
    ReferralReceived,
)
from schemas.social_care import Contact, Referral

FRONT_DOOR = (ReferralReceived, ReferralMade, Referral, Contact)


def referral(situation: Situation) -> Fact | None:
    """What starts the clocks of the strategy meeting: the referral received, else the one made (Q3)."""
    since = first(hsb(situation.timeline))
    if since is None:
        return None
    received = situation.timeline.of(ReferralReceived, Referral)
    return _from(received, since) or _from(situation.timeline.of(ReferralMade, Contact), since)


def _from(facts: Facts, since: Fact) -> Fact | None:
    """The first from that day on. On its day one with an hour counts before one that gives the day only."""
    found = facts.where(lambda f: _day(f) >= _day(since))
    same = [f for f in found if _day(f) == _day(found[0])]
    return next((f for f in same if f.get("precision") != "day"), same[0] if same else None)


def _day(fact: Fact) -> date:
    return fact.at.astimezone(LONDON).date()


def _account(row: Obligation, situation: Situation) -> Iterable[Due]:
    clock = situation.pack.clock("account-recorded")
    for account in situation.timeline.of(AccountRecorded):
        told = account.get("told_at")
        start = datetime.fromisoformat(told) if isinstance(told, str) else account.at
        yield row.due(situation, account, clock, account, from_=start)


def _second_hand(row: Obligation, situation: Situation) -> Iterable[Due]:
    facts = hsb(situation.timeline)
    alone = facts.where(lambda f: f.second_hand)
    if alone and len(alone) == len(facts):
        yield row.due(situation, alone[0], None, None)


def _reassured(row: Obligation, situation: Situation) -> Iterable[Due]:
    harmed = strands(situation.timeline).get(WAS_HARMED)
    if harmed:
        done = first(situation.timeline.of(ChildReassured))
        yield row.due(situation, harmed[0], None, done, strand=WAS_HARMED)


def _front_door(row: Obligation, situation: Situation) -> Iterable[Due]:
    since = first(hsb(situation.timeline).where(lambda f: f.kind not in FRONT_DOOR))
    if since is not None:
        reached = _from(situation.timeline.of(*FRONT_DOOR), since)
        yield row.due(situation, since, situation.pack.clock("front-door"), reached)


def _contact(row: Obligation, situation: Situation) -> Iterable[Due]:
    since = first(hsb(situation.timeline))
    if since is not None and referral(situation) is None:
        contact = situation.pack.contact_for(situation.now)
        yield row.due(situation, since, None, None, asks=f"ring {contact.name}, {contact.telephone}")


def _emergency(row: Obligation, situation: Situation) -> Iterable[Due]:
    danger = first(situation.timeline.of(ImmediateRiskConsidered).where(at_risk="yes"))
    if danger is not None:
        called = first(situation.timeline.of(EmergencyCallMade))
        yield row.due(situation, danger, None, called, asks=situation.pack.emergency)


def _immediate_risk(row: Obligation, situation: Situation) -> Iterable[Due]:
    start = referral(situation)
    if start is None:
        return
    for agency in ("police", "social-care"):
        done = first(situation.timeline.of(ImmediateRiskConsidered).where(considered_by=agency))
        given = bool(done and done.get("reason_recorded"))
        clock = situation.pack.clock("immediate-risk")
        yield row.due(situation, start, clock, done, of=situation.pack.called(agency), reason_given=given)


def _safety_measures(row: Obligation, situation: Situation) -> Iterable[Due]:
    measures = situation.timeline.of(SafetyMeasure)
    for measure in measures.where(lambda f: f.get("stage") != "ended"):
        until = measure.get("until")
        if until is None:
            continue
        end = datetime.combine(date.fromisoformat(str(until)), datetime.max.time(), LONDON)
        renewed = first(measures.after(measure.at))
        if situation.now > end and renewed is None:
            due = row.due(situation, measure, None, None, asks="the measure is past its end: renew or end it")
            yield _past(due, end)
    harmed = strands(situation.timeline).get(WAS_HARMED)
    if harmed:
        covered = first(measures.where(lambda f: f.at >= harmed[0].at - timedelta(days=1)))
        yield row.due(situation, harmed[0], None, covered, strand=WAS_HARMED)


def _past(due: Due, end: datetime) -> Due:
    return Due(
        due.obligation, due.title, due.asks, due.of, due.source, State.OVERDUE, due.start, end, due.started_by
    )


OBLIGATIONS = (
    Obligation(
        "R34",
        "Initial account recorded",
        "record the account word for word, by the person told",
        "who was told",
        "L80",
        "D",
        "clock",
        _account,
    ),
    Obligation(
        "R35",
        "Only second-hand so far",
        "say how it came; speak to who was there or to the child",
        "front-door",
        "L80",
        "D",
        "prompt",
        _second_hand,
    ),
    Obligation(
        "R36",
        "The child reassured and taken seriously",
        "record who reassured the child, and how",
        "who was told",
        "L80",
        "D",
        "checklist",
        _reassured,
    ),
    Obligation(
        "R37",
        "Front door contacted at once",
        "contact the front door",
        "who knows",
        "L81",
        "D",
        "clock",
        _front_door,
    ),
    Obligation("R38", "Whom to ring now", "ring the front door", "who knows", "L81", "D", "prompt", _contact),
    Obligation("R39", "Immediate danger", "ring 999", "who knows", "L82", "D", "prompt", _emergency),
    Obligation(
        "R40",
        "Immediate risk considered",
        "consider the risk to this child and to others",
        "police and social-care",
        "L83",
        "D",
        "clock",
        _immediate_risk,
    ),
    Obligation(
        "R41",
        "Safety measures in place",
        "put a safety measure in place and say until when",
        "police and social-care",
        "L83",
        "D",
        "invariant",
        _safety_measures,
    ),
)
