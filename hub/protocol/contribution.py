"""Who contributes (guidance L11, L13, L113, L143, L148): heard from, invited, updated where they were not there."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from hub.domain.timeline import Fact, Facts
from hub.protocol.episodes import referred, since_day
from hub.protocol.meetings import meetings, took_place
from hub.protocol.obligation import Due, Obligation, Situation, first
from schemas import protocol
from schemas.social_care import MeetingKind, MultiAgencyMeeting

SEVERAL = 2
OF_ALL = (MeetingKind.CHILD_IN_NEED.value, MeetingKind.AFTER_ASSESSMENT.value)


def heard_from_each(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R3: each agency that is to be invited has contributed, or said that it holds nothing."""
    for episode, referral in referred(situation):
        held = first(since_day(took_place(meetings(situation)), referral))
        if held is None:
            continue
        for agency in situation.pack.invitees.get("strategy-meeting", ()):
            said = since_day(situation.timeline.facts.by(agency.value), episode.start)
            of = situation.pack.called(agency.value)
            yield row.due(situation, held, first(said), of=of, by=(agency.value,))


def by_several(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R5: an assessment that is said to be one agency's alone is no multi-agency one."""
    for done in situation.of(protocol.CfAssessmentCompleted):
        given = done.get("contributors") or ()
        if given:
            yield row.due(situation, done, done if len(given) >= SEVERAL else None)


def absent_updated(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R73: each agency that sent apologies is told by somebody named, in the clock's time."""
    for meeting in meetings(situation):
        if meeting.held is None:
            continue
        for agency in sorted(meeting.says("apologies")):
            about = _of(meeting.references, agency)
            duty = situation.of(protocol.UpdateDutyAssigned).where(about).last
            done = first(situation.of(protocol.UpdateDutyDone).where(about))
            name = situation.pack.called(agency)
            says = f"tell {name}, who were not there" if duty else f"say who tells {name}, who were not there"
            said = duty.get("due") if duty else None
            ends = datetime.fromisoformat(said) if isinstance(said, str) else None
            yield row.due(situation, meeting.held, done, row.clock(situation), ends=ends, asks=says)


def original_participants(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R111: those who were at the strategy meeting, and those the pack adds, are invited."""
    always = {agency.value for agency in situation.pack.invitees.get("child-in-need", ())}
    there = {a for m in meetings(situation) for a in m.says("attended", "agencies_present")}
    for gathering in _gatherings(situation):
        yield from _invited(row, situation, gathering, always | there)


def professionals(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R121: to the professionals' meeting those whom the pack names are invited."""
    wanted = {agency.value for agency in situation.pack.invitees.get("professionals-meeting", ())}
    for held in situation.of(protocol.ProfessionalsMeetingHeld):
        yield from _invited(row, situation, Facts([held]), wanted)


def _invited(row: Obligation, situation: Situation, told: Facts, wanted: set[str]) -> Iterator[Due]:
    asked = {
        a
        for f in told
        for name in ("invited", "agencies_present", "attended", "apologies")
        for a in f.get(name) or ()
    }
    missing = [situation.pack.called(agency) for agency in sorted(wanted - asked)]
    met = None if missing else told[0]
    asks = f"invite {', '.join(missing)}" if missing else None
    yield row.due(situation, told[0], met, asks=asks)


def _gatherings(situation: Situation) -> Iterator[Facts]:
    """Multi-agency meetings on a child in need, or after an assessment: arranged and held together, each once."""
    told = Facts((*situation.of(protocol.MultiAgencyMeetingArranged), *situation.of(MultiAgencyMeeting)))
    groups: dict[str | UUID, list[Fact]] = {}
    for fact in told.where(kind=frozenset(OF_ALL)):
        groups.setdefault(fact.get("meeting") or fact.entry, []).append(fact)
    yield from map(Facts, groups.values())


def _of(references: frozenset[str], agency: str) -> Callable[[Fact], bool]:
    def about(fact: Fact) -> bool:
        ours = not references or fact.get("meeting") in references
        return ours and fact.get("about_agency") == agency

    return about
