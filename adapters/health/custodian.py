"""What health answers about a child in a custodian's health record, version 1.

Null is "not said": it is no event. A status has no date: it is said as of the day it was asked.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.custodian_record import Answer, Reading, asked_on, left_out, open_record
from adapters.format import Finding, Format, Sender
from adapters.identifiers import as_code
from adapters.record import BadRecord
from schemas.case_event import CaseEvent
from schemas.health import AppointmentMissed, Camhs, CamhsStage, EmergencyAttendance
from schemas.vocabulary import Agency

CAMHS_STATUSES = {
    "open to camhs": CamhsStage.SEEN,
    "referred to camhs": CamhsStage.REFERRED,
    "closed to camhs": CamhsStage.CLOSED,
}
USED = {"missedAppointments", "emergencyDepartmentAttendances", "healthActiveStatusesAndPlans"}
KNOWN = {
    *USED,
    "registeredGPName",
    "registeredGPSurgery",
    "RegisteredGPSurgery",
    "gpAddress",
    "gpTelephone",
    "camhsContactDetails",
    "camhsTeamInvolvement",
}
"""The record's own names; senders spell the surgery's both ways."""


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Every missed appointment, emergency attendance and CAMHS status in the record, and what was left out.

    Raises Untranslatable as `open_record` does.
    """
    reading = Reading(open_record(file, sender), sender)
    yield from reading.each("missedAppointments", _missed)
    yield from reading.each("emergencyDepartmentAttendances", _attended)
    yield from reading.each("healthActiveStatusesAndPlans", _status)
    yield from left_out(reading.record, USED, KNOWN)


def _missed(reading: Reading, answer: Answer) -> CaseEvent:
    when, setting = answer.day("date", reading.sender), answer.text("setting")
    return AppointmentMissed(
        agency=Agency.HEALTH,
        service=as_code(setting),
        reason_given=answer.text("reason"),
        **reading.spine(answer.place, when, f"missed appointment {setting or 'setting not said'}"),
    )


def _attended(reading: Reading, answer: Answer) -> CaseEvent:
    when = answer.day("date", reading.sender)
    said = reading.spine(answer.place, when, "emergency attendance")
    return EmergencyAttendance(agency=Agency.HEALTH, complaint=answer.text("reason"), **said)


def _status(reading: Reading, answer: Answer) -> CaseEvent:
    stage = CAMHS_STATUSES.get((answer.text("status") or "").strip().lower())
    if stage is None:
        raise BadRecord("no-event-type", "status")
    said = reading.spine(answer.place, asked_on(reading.sender), f"CAMHS {stage.value}, asked on")
    plan, status = answer.text("plan"), answer.text("status")
    return Camhs(agency=Agency.HEALTH, stage=stage, summary=f"{status}; {plan}" if plan else status, **said)


FORMAT = Format(
    name="health.custodian",
    agency=Agency.HEALTH,
    kind="answer",
    about="Health record, version 1, as a custodian answers it (JSON; NHS number inside or in the name)",
    sample=Path(__file__).with_name("custodian.sample.json"),
    translate=translate,
)
