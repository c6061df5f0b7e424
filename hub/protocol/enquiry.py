"""What the strategy meeting plans (guidance L89-L94): each agency's part, assessments, the police, what is known."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.domain.timeline import Fact, Facts
from hub.protocol.episodes import Episode, others, referred, since, since_day
from hub.protocol.meetings import meetings, took_place
from hub.protocol.obligation import Due, Judge, Obligation, Situation, first
from hub.protocol.strands import HAS_HARMED, WAS_HARMED, age_of, of_age, strands
from schemas import protocol, social_care

TO_ASSESS = frozenset({"section-47", "child-and-family-assessment", "strategy-meeting"})
"""Outcomes of a referral after which a child is assessed."""
ANSWERS = (protocol.InformationSupplied, protocol.InformationDeclined, protocol.InformationNoneHeld)


def roles_in_enquiry(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R50: each agency in the enquiry has its task."""
    assigned = situation.timeline.of(protocol.S47RoleAssigned)
    for started in situation.timeline.of(protocol.S47Started):
        for agency in started.get("involved") or ():
            of = situation.pack.called(agency)
            given = first(since_day(assigned.where(to_agency=agency), started))
            yield row.due(situation, started, given, of=of, asks=f"give {of} its task in the enquiry")


def assessment(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R51: each child under 18 is assessed, on each strand, and none is left out."""
    clock = row.clock(situation)
    done = completed(situation.timeline.facts)
    for start, parts, children in _assessments(row, situation):
        met = first(since(done, start))
        for part in parts:
            yield row.due(situation, start, met, clock, strand=part)
        without = sum(1 for facts in children if not since_day(_begun(facts), start))
        if met is not None and without:
            asks = f"assess {_children(without)} too: one child was assessed and not the other"
            yield row.due(situation, met, None, asks=asks)


class _Planned(NamedTuple):
    """An assessment: what starts it, the strands it is for, the other children to be assessed as well."""

    start: Fact
    parts: tuple[str, ...]
    children: list[Facts]


def _assessments(row: Obligation, situation: Situation) -> Iterable[_Planned]:
    """Each assessment once; one still running serves a new incident too."""
    found: dict[UUID, _Planned] = {}
    facts = situation.timeline.facts
    for episode, referral in referred(situation):
        start = _running(facts, referral) or first(since_day(started(facts), episode.start))
        start = start or first(since(took_place(meetings(situation)), referral))
        if HAS_HARMED not in episode.strands:
            start = start or first(since_day(_decided(situation), referral))
        parts = tuple(p for p, entries in episode.strands.items() if of_age(row.ask.age, age_of(entries)))
        if start is not None and parts:
            children = [other for other in others(situation, episode) if _to_be_assessed(row, other)]
            known = found.get(start.entry)
            parts = tuple(dict.fromkeys((*(known.parts if known else ()), *parts)))
            found[start.entry] = _Planned(start, parts, known.children if known else children)
    return found.values()


def _decided(situation: Situation) -> Facts:
    """That this child is to be assessed, where the meeting stands on another child's record (L90: each child)."""
    return situation.of(protocol.ReferralOutcomeSet).where(outcome=TO_ASSESS)


def _running(facts: Facts, referral: Fact) -> Fact | None:
    begun = started(facts).before(referral.at).last
    if begun is None or completed(facts).between(begun.at, referral.at):
        return None
    return begun


def started(facts: Facts) -> Facts:
    """Child and Family Assessments that started, recorded here or by social care's own system."""
    told = facts.of(social_care.Assessment).where(kind="child-and-family", stage="started")
    return Facts((*facts.of(protocol.CfAssessmentStarted), *told))


def completed(facts: Facts) -> Facts:
    """Those that were completed."""
    told = facts.of(social_care.Assessment).where(kind="child-and-family", stage="completed")
    return Facts((*facts.of(protocol.CfAssessmentCompleted), *told))


def _begun(facts: Facts) -> Facts:
    return Facts((*started(facts), *completed(facts)))


def _to_be_assessed(row: Obligation, facts: Facts) -> bool:
    """True where another child of the incident is to be assessed as well."""
    involved = facts.where(part={HAS_HARMED, WAS_HARMED})
    return bool(involved) and of_age(row.ask.age, age_of(involved))


def disabled_young_adult(row: Obligation, situation: Situation) -> Iterable[Due]:
    """Disability is not for a rule to read: people are asked, for either strand (Q5)."""
    begun = situation.timeline.of(protocol.CfAssessmentStarted).where(disabled_under_25=True)
    for part, entries in strands(situation.timeline).items():
        age = age_of(entries)
        if age is not None and of_age(row.ask.age, age):
            yield row.due(situation, entries[0], first(since_day(begun, entries[0])), strand=part)


def information(part: str) -> Judge:
    """R54, R55: what is asked about a child as one who was harmed, or has harmed; the other strand is apart."""

    def judge(row: Obligation, situation: Situation) -> Iterable[Due]:
        open_ = strands(situation.timeline)
        ours = situation.pack.called("social-care")
        asked = situation.timeline.of(protocol.InformationRequested)
        if len(open_) > 1:
            asked = asked.where(lambda f: bool(f.get("own_experiences")) is (part == HAS_HARMED))
        elif part not in open_:
            return
        for request in asked:
            yield _answered(row, situation, request, part)
        if part == HAS_HARMED and asked and not asked.where(own_experiences=True):
            asks = "ask also what this child has lived through, abuse and neglect included"
            yield row.due(situation, asked[0], None, strand=part, of=ours, asks=asks)
        held = first(took_place(meetings(situation)))
        if held is not None and not asked:
            yield row.due(situation, held, None, strand=part, of=ours, asks="ask the agencies what they know")

    return judge


def _answered(row: Obligation, situation: Situation, request: Fact, part: str) -> Due:
    answers = situation.timeline.of(*ANSWERS).where(request=request.get("request"))
    agency = request.get("from_agency") or ""
    said = request.get("due")
    return row.due(
        situation,
        request,
        first(answers),
        row.clock(situation),
        ends=datetime.fromisoformat(said) if isinstance(said, str) else None,
        of=situation.pack.called(agency),
        by=(agency,),
        strand=part,
    )


def _children(count: int) -> str:
    return "1 other child" if count == 1 else f"{count} other children"


def assessed(episode: Episode, situation: Situation) -> bool:
    """True where an assessment was completed since this episode began."""
    return bool(since_day(completed(situation.timeline.facts), episode.start))
