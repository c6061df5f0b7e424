"""The strategy meeting (guidance L85-L94): arranged and held within 72 hours, who is there, what it plans."""

from collections.abc import Iterable
from datetime import datetime

from hub.domain.timeline import Fact, Facts
from hub.protocol.immediate_actions import referral
from hub.protocol.obligation import Due, Judge, Obligation, Situation, State, first
from hub.protocol.strands import ADULT, HAS_HARMED, WAS_HARMED, strands, under_eighteen
from schemas import protocol, social_care
from schemas.police import InvestigationOutcome, OffenceReported
from schemas.youth_justice import Release


def arranged(situation: Situation) -> Facts:
    """Meetings arranged and not cancelled."""
    cancelled = {f.get("meeting") for f in situation.timeline.of(protocol.StrategyMeetingCancelled)}
    meetings = situation.timeline.of(protocol.StrategyMeetingArranged)
    return meetings.where(lambda f: f.get("meeting") not in cancelled)


def held(situation: Situation) -> Facts:
    """Meetings that took place, recorded here or by social care's own system."""
    told = situation.timeline.of(social_care.StrategyMeeting).where(held=True)
    return Facts((*situation.timeline.of(protocol.StrategyMeetingHeld), *told))


def _starts(situation: Situation) -> Fact | None:
    """The referral, for a child under 18 who has sexually harmed another; age not known starts it too."""
    start = referral(situation)
    harming = strands(situation.timeline).get(HAS_HARMED)
    return start if start is not None and harming and under_eighteen(harming[0]) else None


def _after(facts: Facts, start: Fact) -> Fact | None:
    return first(facts.where(lambda f: f.at >= start.at))


def _within_72_hours(row: Obligation, situation: Situation) -> Iterable[Due]:
    start = _starts(situation)
    if start is None:
        return
    clock = situation.pack.clock("strategy-meeting")
    took_place = _after(held(situation), start)
    planned = _after(arranged(situation), start) or took_place
    for what, met in (("arrange the strategy meeting", planned), ("hold the strategy meeting", took_place)):
        given = bool(met and met.get("reason_recorded"))
        yield row.due(situation, start, clock, met, asks=what, strand=HAS_HARMED, reason_given=given)


def _separate_meeting(row: Obligation, situation: Situation) -> Iterable[Due]:
    meeting = first(held(situation)) or first(arranged(situation))
    if meeting is not None:
        yield row.due(situation, meeting, None, _separate(situation), strand=HAS_HARMED)


def _separate(situation: Situation) -> Fact | None:
    considered = situation.timeline.of(protocol.SeparateMeetingConsidered)
    in_meeting = held(situation).where(lambda f: f.get("separate_meeting") not in (None, "to-be-decided"))
    return first(Facts((*considered.where(lambda f: f.get("decision") != "to-be-decided"), *in_meeting)))


def _not_proportionate(row: Obligation, situation: Situation) -> Iterable[Due]:
    for considered in situation.timeline.of(protocol.SeparateMeetingConsidered):
        if considered.get("decision") == "not-proportionate":
            safe = considered.get("risk_still_present") == "no" and considered.get("support_offered") is True
            yield row.due(situation, considered, None, considered if safe else None, strand=WAS_HARMED)


def _youth_justice_invited(row: Obligation, situation: Situation) -> Iterable[Due]:
    meetings = Facts((*arranged(situation), *held(situation)))
    if not meetings:
        return
    always = situation.pack.invitees["always"]
    for agency in always:
        asked = situation.timeline.of(protocol.Invitation).where(invited_agency=agency.value)
        there = [meeting for meeting in meetings if agency.value in _named(meeting)]
        of = situation.pack.called(agency.value)
        yield row.due(situation, meetings[0], None, first(Facts((*asked, *there))), asks=f"invite {of}")


def _named(meeting: Fact) -> frozenset[str]:
    """Agencies that were invited to a meeting or took part."""
    return frozenset(
        agency for name in ("invited", "attended", "agencies_present") for agency in meeting.get(name) or ()
    )


def _different_workers(row: Obligation, situation: Situation) -> Iterable[Due]:
    ours = _working(situation.timeline.facts)
    others = {theirs.get("worker") for facts in situation.linked.values() for theirs in _working(facts)}
    for allocation in ours:
        if allocation.get("worker") in others and not allocation.get("reason_recorded"):
            yield row.due(situation, allocation, None, None)
    meeting = first(arranged(situation)) or first(held(situation))
    if meeting is not None:
        clock = situation.pack.clock("allocation")
        yield row.due(situation, meeting, clock, first(ours), asks="allocate a social worker to this child")


def _working(facts: Facts) -> Facts:
    """Allocations that stand: of a worker whose work has not been ended since."""
    told = facts.of(protocol.Allocation, social_care.Allocation).where(lambda f: f.get("worker") is not None)
    ends = told.where(stage="ended")
    return told.where(
        lambda f: (
            f.get("stage") != "ended"
            and not any(end.get("worker") == f.get("worker") and end.at >= f.at for end in ends)
        )
    )


def _authorities(row: Obligation, situation: Situation) -> Iterable[Due]:
    ours = situation.timeline.of(protocol.ResponsibleAuthoritySet).last
    others = {
        f.get("authority")
        for facts in situation.linked.values()
        for f in facts.of(protocol.ResponsibleAuthoritySet)
    }
    meeting = held(situation).last
    if ours is None or meeting is None or not others - {ours.get("authority")}:
        return
    represented = set(meeting.get("authorities_represented") or ())
    all_there = {ours.get("authority"), *others} <= represented
    yield row.due(situation, meeting, None, meeting if all_there else None)


def _chair(row: Obligation, situation: Situation) -> Iterable[Due]:
    meeting = held(situation).last
    harmed = {
        f.get("authority")
        for facts in situation.linked.values()
        if facts.where(part=WAS_HARMED)
        for f in facts.of(protocol.ResponsibleAuthoritySet)
    }
    chair = meeting.get("chair_authority") if meeting else None
    if meeting is not None and chair and harmed and chair not in harmed:
        yield row.due(situation, meeting, None, meeting if meeting.get("reason_recorded") else None)


def _leaving_custody(row: Obligation, situation: Situation) -> Iterable[Due]:
    if HAS_HARMED not in strands(situation.timeline):
        return
    for release in situation.timeline.of(Release):
        met = _after(held(situation), release)
        clock = situation.pack.clock("strategy-meeting")
        yield row.due(situation, release, clock, met, strand=HAS_HARMED)


def _roles_in_enquiry(row: Obligation, situation: Situation) -> Iterable[Due]:
    started = first(situation.timeline.of(protocol.S47Started))
    if started is None:
        return
    given = {f.get("to_agency"): f for f in situation.timeline.of(protocol.S47RoleAssigned)}
    for agency in started.get("involved") or ():
        of = situation.pack.called(agency)
        yield row.due(
            situation, started, None, given.get(agency), of=of, asks=f"give {of} its task in the enquiry"
        )


def _assessment(row: Obligation, situation: Situation) -> Iterable[Due]:
    start = first(situation.timeline.of(protocol.CfAssessmentStarted)) or first(held(situation))
    if start is None:
        return
    told = situation.timeline.of(social_care.Assessment).where(kind="child-and-family", stage="completed")
    done = Facts((*situation.timeline.of(protocol.CfAssessmentCompleted), *told))
    clock = situation.pack.clock("child-and-family-assessment")
    for strand, entries in strands(situation.timeline).items():
        if under_eighteen(entries[0]):
            yield row.due(situation, start, clock, _after(done, start), strand=strand)


def _disabled_young_adult(row: Obligation, situation: Situation) -> Iterable[Due]:
    for strand, entries in strands(situation.timeline).items():
        age = entries[-1].get("age")
        if age is not None and ADULT <= age < 25:  # noqa: PLR2004 — under 25 (L91)
            started = situation.timeline.of(protocol.CfAssessmentStarted).where(disabled_under_25=True)
            yield row.due(situation, entries[0], None, first(started), strand=strand)


def _police_enquiry(row: Obligation, situation: Situation) -> Iterable[Due]:
    harming = strands(situation.timeline).get(HAS_HARMED)
    meeting = first(held(situation)) or first(arranged(situation))
    if harming and meeting is not None:
        looked = situation.timeline.of(protocol.PoliceEnquiryOpened, OffenceReported, InvestigationOutcome)
        yield row.due(situation, meeting, None, first(looked), strand=HAS_HARMED)


def _information(*, own: bool) -> Judge:
    def judge(row: Obligation, situation: Situation) -> Iterable[Due]:
        answers = situation.timeline.of(
            protocol.InformationSupplied, protocol.InformationDeclined, protocol.InformationNoneHeld
        )
        for asked in situation.timeline.of(protocol.InformationRequested):
            if bool(asked.get("own_experiences")) != own:
                continue
            met = first(answers.where(request=asked.get("request")))
            due = row.due(
                situation,
                asked,
                situation.pack.clock("information-request"),
                met,
                of=situation.pack.called(asked.get("from_agency") or ""),
            )
            yield _by(due, asked.get("due"), situation)

    return judge


def _by(due: Due, said: object, situation: Situation) -> Due:
    """A date given with the request counts before the pack's."""
    if not isinstance(said, str):
        return due
    end = datetime.fromisoformat(said)
    late = due.met_at is not None and due.met_at > end
    if due.met_at is not None:
        state = State.MET_LATE if late else State.MET
    else:
        state = State.OVERDUE if situation.now > end else State.OPEN
    return Due(
        due.obligation, due.title, due.asks, due.of, due.source, state, due.start, end, due.started_by,
        due.met_at, due.met_by, late, due.strand,
    )  # fmt: skip


OBLIGATIONS = (
    Obligation(
        "R42",
        "Strategy meeting within 72 hours",
        "arrange and hold the strategy meeting",
        "social-care",
        "L85",
        "D",
        "clock",
        _within_72_hours,
    ),
    Obligation(
        "R43",
        "A separate meeting considered for the harmed child",
        "decide, and say why; supportive or protective",
        "the meeting",
        "L85",
        "D",
        "checklist",
        _separate_meeting,
    ),
    Obligation(
        "R44",
        "No separate meeting only where no risk is left",
        "say that the risk from the child or anyone else is no longer present, and what support was offered",
        "the meeting",
        "L85",
        "D",
        "checklist",
        _not_proportionate,
    ),
    Obligation(
        "R45",
        "Youth justice always invited",
        "invite youth justice",
        "social-care",
        "L85",
        "D",
        "checklist",
        _youth_justice_invited,
    ),
    Obligation(
        "R46",
        "Different social workers for different children",
        "allocate another worker, or have a manager say why not",
        "social-care",
        "L86",
        "D",
        "invariant",
        _different_workers,
    ),
    Obligation(
        "R47",
        "Each child's authority represented",
        "have each authority represented",
        "the chair",
        "L87",
        "D",
        "checklist",
        _authorities,
    ),
    Obligation(
        "R48",
        "Chaired where the harmed child lives",
        "say why another authority chaired",
        "the chair",
        "L87",
        "D",
        "prompt",
        _chair,
    ),
    Obligation(
        "R49",
        "Leaving custody or secure accommodation",
        "hold the strategy meeting",
        "social-care",
        "L88",
        "D",
        "clock",
        _leaving_custody,
    ),
    Obligation(
        "R50",
        "A task for every agency in the enquiry",
        "give each agency its task",
        "the meeting",
        "L89",
        "D",
        "checklist",
        _roles_in_enquiry,
    ),
    Obligation(
        "R51",
        "Child and Family Assessment",
        "complete the assessment",
        "social-care",
        "L90",
        "S",
        "clock",
        _assessment,
    ),
    Obligation(
        "R52",
        "Disabled young adult under 25",
        "start a Child and Family Assessment where there is a disability",
        "social-care",
        "L91",
        "D",
        "prompt",
        _disabled_young_adult,
    ),
    Obligation(
        "R53",
        "Criminal aspects looked into by the police",
        "record the enquiry",
        "police",
        "L92",
        "D",
        "checklist",
        _police_enquiry,
    ),
    Obligation(
        "R54",
        "What is known of the harmed child's protection and needs",
        "answer the request",
        "who was asked",
        "L93",
        "D",
        "clock",
        _information(own=False),
    ),
    Obligation(
        "R55",
        "What the child who has harmed has lived through",
        "answer the request",
        "who was asked",
        "L94",
        "D",
        "clock",
        _information(own=True),
    ),
)
