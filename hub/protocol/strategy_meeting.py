"""The strategy meeting (guidance L85-L88): arranged and held within 72 hours, who is there, who works with whom."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact, Facts
from hub.protocol.episodes import referred, since
from hub.protocol.meetings import UNDECIDED, Meeting, arranged, meetings, took_place
from hub.protocol.obligation import Due, Obligation, Situation, State, first
from hub.protocol.strands import HAS_HARMED, WAS_HARMED, age_of, hsb, of_age, strands
from schemas import protocol, social_care
from schemas.youth_justice import Release

NO_ENQUIRY = "it was decided, with reasons, that no section 47 enquiry is needed (L127)"
NOT_PROPORTIONATE = protocol.SeparateMeeting.NOT_PROPORTIONATE.value


def arranged_and_held(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R42: arranged, and held, within the clock of the referral; each is asked for itself (Q3)."""
    clock = row.clock(situation)
    for episode, start in referred(situation):
        harming = episode.strands.get(HAS_HARMED)
        if not harming or not of_age(row.ask.age, age_of(harming)):
            continue
        found = [m for m in _for_this(situation) if since(Facts([m.start]), start)]
        held = first(took_place(found))
        planned = first(since(arranged(found), start)) or held
        given = bool(found and found[0].reason_given)
        needless = bool(since(situation.timeline.of(protocol.S47NotStarted), start))
        for asks, met in (("arrange the strategy meeting", planned), ("hold the strategy meeting", held)):
            due = row.due(situation, start, met, clock, asks=asks, strand=HAS_HARMED, reason_given=given)
            yield replace(due, state=State.SUPERSEDED, why=NO_ENQUIRY) if needless and met is None else due


def _for_this(situation: Situation) -> list[Meeting]:
    """Meetings for the child who has harmed; one for them as a child who was harmed is another."""
    return [m for m in meetings(situation) if all(f.get("for_child") != WAS_HARMED for f in m.facts)]


def separate_meeting(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R43: considered before the first meeting is complete."""
    decided = situation.timeline.of(protocol.SeparateMeetingConsidered).where(
        lambda f: f.get("decision") not in UNDECIDED
    )
    for _, start in referred(situation):
        found = [m for m in _for_this(situation) if since(Facts([m.start]), start)]
        if not found:
            continue
        meeting = found[0]
        said = Facts(fact for m in found for fact in m.facts)
        in_meeting = said.where(lambda f: f.get("separate_meeting") not in UNDECIDED)
        considered = first(Facts((*since(decided, start), *in_meeting)))
        asks_reason = meeting.held is not None and not meeting.reason_given
        yield row.due(situation, meeting.start, considered, strand=HAS_HARMED, asks_reason=asks_reason)


def not_proportionate(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R44: only where no risk is left, from anybody, and support was offered."""
    considered = situation.timeline.of(protocol.SeparateMeetingConsidered)
    for one in considered.where(decision=NOT_PROPORTIONATE):
        safe = one.get("risk_still_present") == "no" and one.get("support_offered") is True
        yield row.due(situation, one, one if safe else None, strand=WAS_HARMED)


def always_invited(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R45: those who are always invited were, to each meeting."""
    for meeting in meetings(situation):
        for agency in situation.pack.invitees["always"]:
            met = _invited(situation, meeting, agency.value)
            asks = f"invite {situation.pack.called(agency.value)}"
            asks_reason = meeting.held is not None and not meeting.reason_given
            yield row.due(situation, meeting.start, met, asks=asks, asks_reason=asks_reason)


def _invited(situation: Situation, meeting: Meeting, agency: str) -> Fact | None:
    """What says that an agency was asked to this meeting, or was there."""
    sent = situation.timeline.of(protocol.Invitation).where(invited_agency=agency)
    named = meeting.says("invited", "attended", "apologies", "agencies_present")
    there = [meeting.start] if agency in named else []
    asked = sent.where(lambda f: not meeting.references or f.get("meeting") in meeting.references)
    return first(Facts((*asked, *there)))


def different_workers(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R46: no worker has two linked children, but with a manager's reason (Q4, Q12)."""
    ours = working(situation.timeline.facts, situation.now)
    theirs = {w for facts in situation.linked.values() for w in working(facts, situation.now)}
    for worker in sorted(ours.keys() & theirs):
        allocations = ours[worker]
        reasoned = first(allocations.where(reason_recorded=True))
        if reasoned is None:
            yield row.due(situation, allocations[0], None, asks_reason=True)
    clock = row.clock(situation)
    for meeting in meetings(situation)[:1]:
        ever = situation.timeline.of(protocol.Allocation, social_care.Allocation)
        allocated = ever.where(lambda f: f.get("stage") != protocol.AllocationStage.ENDED.value)
        asks = "allocate a social worker to this child"
        yield row.due(situation, meeting.facts[0], first(allocated), clock, asks=asks)


def working(facts: Facts, now: datetime) -> dict[str, Facts]:
    """Who is allocated now, by keyed hash, with what says so; an allocation that has ended is none."""
    told: dict[str, list[Fact]] = {}
    for fact in facts.of(protocol.Allocation, social_care.Allocation):
        worker = fact.get("worker")
        if worker is None:
            continue
        if fact.get("stage") == protocol.AllocationStage.ENDED.value:
            told.pop(worker, None)
        else:
            told.setdefault(worker, []).append(fact)
    return {worker: Facts(said) for worker, said in told.items() if _goes_on(said[-1], now)}


def ends(facts: Iterable[Fact]) -> Iterator[datetime]:
    """When allocations that have an end of their own are over: from then on their workers are not allocated."""
    return (end for fact in facts if fact.kind is protocol.Allocation and (end := _end(fact)) is not None)


def _goes_on(said: Fact, now: datetime) -> bool:
    end = _end(said)
    return end is None or now < end


def _end(allocation: Fact) -> datetime | None:
    until = allocation.get("until")
    return start_of_day(date.fromisoformat(until) + timedelta(days=1)) if until else None


def authority(facts: Facts) -> str | None:
    """The authority responsible now: the last that was set."""
    last = facts.of(protocol.ResponsibleAuthoritySet).last
    return last.get("authority") if last else None


def authorities(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R47: each child's authority was represented."""
    ours = authority(situation.timeline.facts)
    others = {authority(facts) for facts in situation.linked.values()} - {None}
    held = took_place(meetings(situation)).last
    if held is None or not others - {ours}:
        return
    if ours is None:
        yield row.due(situation, held, None, asks="say which authority is responsible for this child")
        return
    represented = set(held.get("authorities_represented") or ())
    yield row.due(situation, held, held if {ours, *others} <= represented else None)


def chair(row: Obligation, situation: Situation) -> Iterable[Due]:
    """Usually the harmed child's authority. Harmed children of two: people choose, and say why (Q11)."""
    held = took_place(meetings(situation)).last
    chair = held.get("chair_authority") if held else None
    if held is None or chair is None:
        return
    children = (situation.timeline.facts, *situation.linked.values())
    harmed = {authority(facts) for facts in children if facts.where(part=WAS_HARMED)} - {None}
    if not harmed or harmed == {chair}:
        return
    asks = "say why this authority chaired" if chair in harmed else None
    met = held if held.get("reason_recorded") else None
    yield row.due(situation, held, met, asks=asks, asks_reason=True)


def leaving_custody(row: Obligation, situation: Situation) -> Iterable[Due]:
    """From the earliest word of each release; one that was planned and then happened is one."""
    if HAS_HARMED not in strands(situation.timeline):
        return
    clock = row.clock(situation)
    planned = False
    for release in situation.timeline.of(Release):
        known = planned
        planned = release.get("stage") == "planned"
        opened = hsb(situation.timeline).before(release.at)
        if opened and not (known and not planned):
            held = first(since(took_place(meetings(situation)), release))
            yield row.due(situation, release, held, clock, strand=HAS_HARMED)
