"""What is pointed out to whoever has just recorded an act: who was not asked, what a plan leaves out."""

from collections.abc import Callable, Iterable, Iterator

from hub.domain.timeline import Facts
from hub.protocol.obligation import Situation
from schemas import protocol, social_care
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency, PlaceKind

REPORT_WAITS = 7
"""Days (Crime and Policing Bill, Part 5 ch. 2)."""
PLANNED = frozenset({"agreed", "started", "reviewed"})


def remarks(event: CaseEvent, situation: Situation) -> tuple[str, ...]:
    """What to point out about an act, from what the one who recorded it may read."""
    found = (say(event, situation) for kind, say in REMARKS if isinstance(event, kind))
    return tuple(line for lines in found for line in lines)


def _arranged(event: protocol.StrategyMeetingArranged, situation: Situation) -> Iterator[str]:
    """Invitees are suggested from the pack; youth justice always is one (R45)."""
    pack = situation.pack
    wanted = (*pack.invitees.get("strategy-meeting", ()), *pack.invitees.get("always", ()))
    yield from _named("Not invited yet", set(wanted) - set(event.invited) - {event.agency}, situation)


def _arranged_again(event: protocol.MultiAgencyMeetingArranged, situation: Situation) -> Iterator[str]:
    """Those who were at the strategy meeting are asked again, health and the school too (R111; L143)."""
    before = situation.timeline.of(protocol.StrategyMeetingHeld, social_care.StrategyMeeting)
    there = {a for fact in before for n in ("attended", "agencies_present") for a in fact.get(n) or ()}
    wanted = {Agency(a) for a in there} | {Agency.HEALTH, Agency.SCHOOLS}
    yield from _named("Not invited yet", wanted - set(event.invited) - {event.agency}, situation)


def _held(event: protocol.StrategyMeetingHeld, situation: Situation) -> Iterator[str]:
    quorum = situation.pack.invitees.get("quorum", ())
    yield from _named("Not quorate without", set(quorum) - {*event.attended, event.agency}, situation)
    assigned = situation.timeline.of(protocol.UpdateDutyAssigned)
    named = {fact.get("about_agency") for fact in assigned}
    untold = {agency for agency in event.apologies if agency not in named}
    yield from _named("Nobody is named yet who updates", untold, situation)


def _planned(event: social_care.RiskManagementPlan, situation: Situation) -> Iterator[str]:
    """The plan reaches wherever this child spends time: known settings left out are named (R115)."""
    if event.stage not in PLANNED:
        return
    left_out = settings_known(situation.timeline.facts) - set(event.settings_covered)
    if left_out:
        yield f"Known settings this plan does not cover: {', '.join(sorted(left_out))}"


def _shared(event: protocol.DisclosureConsidered, _: Situation) -> Iterator[str]:
    """A share that the child objects to is looked at by a second person; at 16 or 17 above all."""
    shared = event.decision is protocol.SharingDecision.SHARE
    alone = not (event.looked_at_by or "").strip()
    if shared and alone and protocol.ObjectionOf.CHILD in event.objection_of:
        yield "The child objects, and nobody else has looked at it yet: above all at 16 or 17, let somebody"


def _reported(event: protocol.MandatoryReport, _: Situation) -> Iterator[str]:
    """A report waits no longer than the law lets it."""
    until = event.delayed_until
    if until is not None and (until - event.occurred_at.date()).days > REPORT_WAITS:
        yield f"A report may wait {REPORT_WAITS} days at most, and no longer than telling endangers a child"


def settings_known(facts: Facts) -> set[PlaceKind]:
    """The kinds of setting in which this child is known to spend time."""
    found = {PlaceKind(tie.relation) for fact in facts for tie in fact.places}
    said = facts.of(protocol.ContactChildIdentified).where(lambda f: f.get("setting") is not None)
    found |= {PlaceKind(str(fact.get("setting"))) for fact in said}
    living = facts.of(protocol.SharedLivingNoted).last
    if living is not None and not living.get("ended"):
        found.add(PlaceKind(str(living.get("setting"))))
    if facts.where(lambda f: f.family == Agency.SCHOOLS.value):
        found.add(PlaceKind.SCHOOL)
    return found


def _named(what: str, agencies: Iterable[Agency], situation: Situation) -> Iterator[str]:
    names = sorted(situation.pack.called(agency.value) for agency in agencies)
    if names:
        yield f"{what}: {', '.join(names)}"


REMARKS: tuple[tuple[type[CaseEvent], Callable[..., Iterator[str]]], ...] = (
    (protocol.StrategyMeetingArranged, _arranged),
    (protocol.MultiAgencyMeetingArranged, _arranged_again),
    (protocol.StrategyMeetingHeld, _held),
    (social_care.RiskManagementPlan, _planned),
    (protocol.DisclosureConsidered, _shared),
    (protocol.MandatoryReport, _reported),
)
"""Which acts are looked at, by hand."""
