"""What children's services answer about a child in a custodian's records, version 1.

Two records: the details (referrals, plan, workers) and the personal details (who the child and the people
around the child are). Null is "not said". What has no date is said as of the day it was asked.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from adapters.custodian_record import Answer, Reading, asked_on, left_out, open_record
from adapters.format import Finding, Format, Sender
from adapters.record import BadRecord, say
from adapters.social_care.custodian_person import PERSONAL, PERSONAL_USED, personal
from schemas.case_event import CaseEvent, LinkedPerson
from schemas.social_care import Allocation, Contact, Plan, PlanKind, PlanStage, Referral
from schemas.vocabulary import Agency, LinkRelation

PLANS = {
    "child in need plan": PlanKind.CHILD_IN_NEED,
    "child protection plan": PlanKind.CHILD_PROTECTION,
    "care plan": PlanKind.LOOKED_AFTER,
    "child looked after": PlanKind.LOOKED_AFTER,
}
"""The plans and statuses a record names, in lower case."""
USED = {"childrensServicesReferrals", "cscActiveStatusesAndPlans", "keyWorker", "teamInvolvement"}
KNOWN = {*USED, "dutyContactDetails"}


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """What either record holds, and what was left out.

    Raises Untranslatable as `open_record` does.
    """
    reading = Reading(open_record(file, sender), sender)
    fields = reading.record.fields.keys()
    if PERSONAL & fields and not KNOWN & fields:
        yield from personal(reading)
        yield from left_out(reading.record, PERSONAL_USED, PERSONAL)
        return
    yield from reading.each("childrensServicesReferrals", _referral)
    yield from reading.each("cscActiveStatusesAndPlans", _plan)
    if reading.record.fields.get("keyWorker") or reading.record.fields.get("teamInvolvement"):
        yield say("/keyWorker", partial(_workers, reading))
    yield from left_out(reading.record, USED, KNOWN)


def _referral(reading: Reading, answer: Answer) -> CaseEvent:
    """A referral to social care; one to early help is a contact at the front door that led there."""
    said = (answer.text("type") or "").strip().lower()
    if said not in ("early help", "social care"):
        raise BadRecord("unknown-code", "type")
    about = reading.spine(answer.place, answer.day("date", reading.sender), f"{said} referral")
    if said == "early help":
        return Contact(agency=Agency.SOCIAL_CARE, outcome="early-help", **about)
    return Referral(agency=Agency.SOCIAL_CARE, **about)


def _plan(reading: Reading, answer: Answer) -> CaseEvent:
    """A plan in force on the day asked; since when, the record does not say."""
    words = [(answer.text(name) or "").strip().lower() for name in ("plan", "status")]
    kind = next((PLANS[word] for word in words if word in PLANS), None)
    if kind is None:
        raise BadRecord("unknown-code", "plan")
    return Plan(
        agency=Agency.SOCIAL_CARE,
        kind=kind,
        stage=PlanStage.STARTED,
        ongoing=True,
        reason="In force when asked; the record does not say since when.",
        **reading.spine(answer.place, asked_on(reading.sender), f"{kind.value}, asked on"),
    )


def _workers(reading: Reading) -> CaseEvent:
    """Who works with the child on the day asked."""
    worker = Answer("/keyWorker", reading.record.fields).text("keyWorker")
    teams = reading.record.fields.get("teamInvolvement")
    if teams is not None and not (isinstance(teams, list) and all(isinstance(team, str) for team in teams)):
        raise BadRecord("not-a-list", "teamInvolvement")
    return Allocation(
        agency=Agency.SOCIAL_CARE,
        people=(LinkedPerson(LinkRelation.PRACTITIONER, name=worker),) if worker else (),
        team="; ".join(teams or ()) or None,
        ongoing=True,
        **reading.spine("/keyWorker", asked_on(reading.sender), "workers, asked on"),
    )


FORMAT = Format(
    name="social-care.custodian",
    agency=Agency.SOCIAL_CARE,
    kind="answer",
    about="Children's services and personal details records, version 1, as a custodian answers them (JSON)",
    sample=Path(__file__).with_name("custodian.sample.json"),
    translate=translate,
)
