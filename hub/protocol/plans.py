"""Plans and tools (guidance L120, L132, L145): who answers for a plan, what it covers, who was trained for a tool."""

from collections.abc import Iterable
from datetime import date

from hub.domain.calendar import LONDON
from hub.domain.timeline import Fact, Facts
from hub.protocol.obligation import Due, Obligation, Situation, first
from hub.protocol.strands import HAS_HARMED
from schemas import protocol
from schemas.any_agency import Engagement
from schemas.police import InvestigationOutcome
from schemas.social_care import Assessment, AssessmentKind, Closed, RiskManagementPlan
from schemas.vocabulary import Agency, PlaceKind
from schemas.youth_justice import Intervention

SETTINGS = tuple(kind.value for kind in PlaceKind if kind is not PlaceKind.PREMISES)
"""Where other children are; particular premises say nothing of who is there."""


def accountable_agency(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R114: the agency that answers for a plan in force has not closed its work since."""
    plan = _in_force(situation)
    agency = plan.get("responsible_agency") if plan else None
    if plan is None or agency is None:
        return
    gone = _closures(situation, agency).after(plan.at).last
    if gone is not None:
        yield row.due(situation, gone, None, strand=HAS_HARMED)


def every_setting(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R115: every kind of setting where the child is known to spend time is in the plan in force."""
    plan = _in_force(situation)
    if plan is None:
        return
    known = {tie.relation for fact in situation.timeline.facts for tie in fact.places} & set(SETTINGS)
    missing = sorted(known - set(plan.get("settings_covered") or ()))
    asks = f"{row.ask.words}: {', '.join(one.replace('-', ' ') for one in missing)}" if missing else None
    yield row.due(situation, plan, None if missing else plan, strand=HAS_HARMED, asks=asks)


def trained(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R96: who used a tool was trained in it, on that day."""
    for used in situation.of(protocol.InstrumentResult):
        until = used.get("trained_until")
        day = used.at.astimezone(LONDON).date()
        lapsed = isinstance(until, str) and date.fromisoformat(until) < day
        good = used.get("trained") is True and not lapsed
        yield row.due(situation, used, used if good else None)


def charged_first(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R80: a charge was decided while a specialist assessment that was begun is not complete."""
    begun = situation.of(protocol.SpecialistAssessmentDecided).where(initiate=True)
    told = (situation.of(protocol.PoliceEnquiryOutcome), situation.of(InvestigationOutcome))
    aim = situation.of(Assessment).where(kind=AssessmentKind.AIM.value, stage="completed")
    done = Facts((*aim, *situation.of(protocol.InstrumentResult)))
    for charge in Facts(fact for facts in told for fact in facts.where(outcome="charged")):
        outstanding = begun.before(charge.at)
        if outstanding and not done.between(outstanding[0].at, charge.at):
            yield row.due(situation, charge, first(done.after(charge.at)), strand=HAS_HARMED)


def _in_force(situation: Situation) -> Fact | None:
    """The plan as it was last agreed, begun or reviewed; one that ended, or was only considered, is none."""
    last = situation.of(RiskManagementPlan).where(lambda f: f.get("stage") != "considered").last
    return None if last is None or last.get("stage") == "ended" else last


def _closures(situation: Situation, agency: str) -> Facts:
    ended = situation.of(Engagement).where(stage="ended").by(agency)
    by_agency: dict[str, Facts] = {
        Agency.SOCIAL_CARE.value: situation.of(Closed),
        Agency.YOUTH_JUSTICE.value: situation.of(Intervention).where(
            lambda f: f.get("stage") in ("completed", "ended-early")
        ),
    }
    return Facts((*ended, *by_agency.get(agency, ())))
