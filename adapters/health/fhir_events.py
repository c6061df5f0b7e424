"""Says what one FHIR resource tells of a child: case events, withdrawals, or why none."""

from collections.abc import Callable, Iterator
from typing import Any

from adapters.health.coded import coded_event, injury_of
from adapters.health.fhir_documents import Resource
from adapters.health.fhir_flags import flag_events
from adapters.health.fhir_reading import TAKEN_BACK, Reading, codings, concepts_of, words
from adapters.health.fhir_times import happened_at
from adapters.identifiers import as_code
from adapters.record import BadRecord
from schemas.case_event import CaseEvent
from schemas.health import Admission, AppointmentMissed, EmergencyAttendance

INPATIENT = {"IMP", "ACUTE", "NONAC"}
NOT_YET = {"planned", "proposed", "pending", "booked", "waitlist", "arrived", "checked-in"}
OPEN_STATES = {"arrived", "triaged", "in-progress", "onleave"}


def _encounter(resource: Resource, reading: Reading) -> Iterator[CaseEvent]:
    """An attendance or admission: `…/open` while it lasts, then the whole of it, which corrects that."""
    model = resource.model
    kind = model.class_fhir.code
    if kind != "EMER" and kind not in INPATIENT:
        raise BadRecord("encounter-class-not-used", "Encounter.class")
    if model.status in TAKEN_BACK:
        yield from reading.withdrawals(resource, model.subject, model.status, ("", "/open"))
        return
    if model.status not in OPEN_STATES | {"finished"}:
        raise BadRecord("not-yet-happened", "Encounter.status")
    said = _stay(resource, reading)
    reasons = concepts_of(model.reasonCode)
    coded = reading.coded(reasons)
    if kind == "EMER":
        yield EmergencyAttendance(
            provider=_provider(model, reading), complaint=words(reasons), **injury_of(coded), **said
        )
    else:
        cause = next((coding.code for coding in codings(reasons)), None)
        yield Admission(cause=as_code(cause), notes=words(reasons), **said)


def _stay(resource: Resource, reading: Reading) -> dict[str, Any]:
    model, read_at = resource.model, reading.sender.read_at
    period = model.period
    when = happened_at([("Encounter.period.start", period.start if period else None)], read_at)
    if model.status in OPEN_STATES:
        return {**reading.spine(resource, model.subject, when, "/open"), "ongoing": True}
    said = reading.spine(resource, model.subject, when)
    said["corrects"] = f"{said['source_event_id']}/open"
    if period.end is not None:
        ended = happened_at([("Encounter.period.end", period.end)], read_at)
        if ended.at < when.at:
            raise BadRecord("ends-before-start", "Encounter.period.end")
        said["ended_at"] = ended.at
    return said


def _provider(model: Any, reading: Reading) -> str | None:
    named = model.serviceProvider.identifier if model.serviceProvider else None
    return as_code(named.value if named else None) or as_code(reading.sender.organisation)


def _appointment(resource: Resource, reading: Reading) -> Iterator[CaseEvent]:
    model = resource.model
    actors = [p.actor for p in model.participant or [] if p.actor is not None]
    subject = next((actor for actor in actors if reading.patients.holds(actor)), None)
    if model.status in TAKEN_BACK:
        yield from reading.withdrawals(resource, subject, model.status)
        return
    if model.status != "noshow":
        code = "not-yet-happened" if model.status in NOT_YET else "not-a-safeguarding-event"
        raise BadRecord(code, "Appointment.status")
    when = happened_at([("Appointment.start", model.start)], reading.sender.read_at)
    services = codings([*concepts_of(model.serviceType), *concepts_of(model.specialty)])
    yield AppointmentMissed(
        service=as_code(next((coding.display or coding.code for coding in services), None)),
        reason_given=words(concepts_of(model.reasonCode)),
        **reading.spine(resource, subject, when),
    )


def _condition(resource: Resource, reading: Reading) -> Iterator[CaseEvent]:
    model = resource.model
    times = [
        ("Condition.onsetDateTime", model.onsetDateTime),
        ("Condition.onsetPeriod.start", model.onsetPeriod.start if model.onsetPeriod else None),
        ("Condition.recordedDate", model.recordedDate),
    ]
    verified = {coding.code for coding in codings(concepts_of(model.verificationStatus))}
    status = next(iter(sorted(verified & TAKEN_BACK.keys())), "")
    yield from _coded(resource, reading, concepts_of(model.code), status, times)


def _observation(resource: Resource, reading: Reading) -> Iterator[CaseEvent]:
    model = resource.model
    times = [
        ("Observation.effectiveDateTime", model.effectiveDateTime),
        ("Observation.effectivePeriod.start", model.effectivePeriod.start if model.effectivePeriod else None),
        ("Observation.issued", model.issued),
    ]
    concepts = [*concepts_of(model.code), *concepts_of(model.valueCodeableConcept)]
    if model.valueBoolean is False:
        raise BadRecord("not-a-safeguarding-event", "Observation.valueBoolean")
    yield from _coded(resource, reading, concepts, model.status, times)


def _coded(
    resource: Resource, reading: Reading, concepts: list[Any], status: str, times: list[tuple[str, Any]]
) -> Iterator[CaseEvent]:
    coded = reading.coded(concepts)
    if not coded:
        raise BadRecord("code-not-listed", f"{resource.kind}.code")
    subject = resource.model.subject
    if status in TAKEN_BACK:
        yield from reading.withdrawals(resource, subject, status)
        return
    when = happened_at(times, reading.sender.read_at)
    yield coded_event(coded[0], words(concepts), reading.spine(resource, subject, when))


READERS: dict[str, Callable[[Resource, Reading], Iterator[CaseEvent]]] = {
    "Appointment": _appointment,
    "Condition": _condition,
    "Encounter": _encounter,
    "Flag": flag_events,
    "Observation": _observation,
}
"""What an event may be made of; a Patient and a CarePlan only say more of these."""

PASSED_OVER = frozenset(
    {
        "code-not-listed",
        "encounter-class-not-used",
        "not-a-child",
        "not-a-safeguarding-event",
        "not-yet-happened",
    }
)
"""Reasons why a sound resource is no case event: a warning, nothing for a person to mend."""
