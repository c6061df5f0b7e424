"""Reads a force's missing episodes and incidents: JSON shaped like the iHub standard (README.md)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from adapters.childhood import OF_AGE, of_a_child
from adapters.coded_fields import member, past
from adapters.fields import Fields
from adapters.format import Finding, Format, Sender
from adapters.identifiers import slug
from adapters.json_records import JsonRecord, json_records
from adapters.police.incident_people import Child, People, people_of
from adapters.police.incident_types import COMMON, KNOWN, TYPES
from adapters.record import BadRecord, say, source_id
from schemas.case_event import CaseEvent, Identifier, LinkedChild, SourceRecord, Withdrawal, WithdrawalReason
from schemas.vocabulary import Agency, ChildPart, LinkRelation, Nature, Precision, Provenance, Significance


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident of a submission."""

    place: str
    kind: str
    number: str
    force: str
    attributes: Fields
    people: People
    sender: Sender
    sha256: str

    def key(self, child: Child) -> str:
        """The id of what this incident says of this child."""
        return source_id(self.force, self.number, self.kind, child.reference.value)


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """One event for each child of every incident; adults only as references within it.

    Raises Untranslatable as `json_records` does.
    """
    for record in json_records(file):
        if isinstance(record, Finding):
            yield record
        else:
            yield from _of_submission(record, sender)


def _of_submission(record: JsonRecord, sender: Sender) -> Iterator[CaseEvent | Finding]:
    top = Fields(record.value, record.place)
    data = record.value.get("data")
    try:
        included = _included(top)
        listed = Fields({"data": data if isinstance(data, list) else [data]}, record.place)
        for number, each in enumerate(listed.each("data")):
            place = f"{record.place}/data/{number}" if isinstance(data, list) else f"{record.place}/data"
            yield from _of_incident(each, place, included, sender, record.sha256)
    except BadRecord as bad:
        yield bad.at(record.place)


def _included(top: Fields) -> dict[str, Fields]:
    people: dict[str, Fields] = {}
    for each in top.each("included"):
        if isinstance(each, Fields) and each.of.get("type") == "person":
            name, attributes = each.text("id"), each.one("attributes")
            if name and attributes:
                people[name] = attributes
    return people


def _of_incident(
    each: Fields | BadRecord, place: str, included: dict[str, Fields], sender: Sender, sha256: str
) -> Iterator[CaseEvent | Finding]:
    try:
        incident = _incident(each, place, included, sender, sha256)
    except BadRecord as bad:
        yield bad.at(place)
        return
    yield from incident.people.findings
    for child in incident.people.children:
        yield say(place, lambda child=child: _said_of(incident, child))  # type: ignore[misc]
    for name in incident.attributes.of.keys() - COMMON - KNOWN[incident.kind]:
        if incident.attributes.of[name] is not None:
            yield Finding(f"{place}/attributes", "unknown-field", refused=False)


def _incident(
    each: Fields | BadRecord, place: str, included: dict[str, Fields], sender: Sender, sha256: str
) -> Incident:
    if isinstance(each, BadRecord):
        raise each
    resource = Fields(each.of, place)
    attributes = resource.one("attributes") or Fields({}, place)
    kind, number = attributes.text("incidentType"), resource.text("id")
    if kind not in TYPES:
        raise BadRecord("no-event-type", "incidentType")
    if number is None:
        raise BadRecord("no-natural-key", "id")
    force = slug(attributes.text("forceIdentifier") or sender.organisation)
    people = people_of(resource, included, force, sender)
    return Incident(place, kind, number, force, attributes, people, sender, sha256)


def _said_of(incident: Incident, child: Child) -> CaseEvent:
    """What the incident says of one child: an event, its correction or completion, or its withdrawal."""
    attributes, key = incident.attributes, incident.key(child)
    change = attributes.text("change") or "new"
    said = _spine(incident, child)
    if change == "withdrawal":
        reason = member(attributes, "changeReason", WithdrawalReason) or WithdrawalReason.NOT_SAID
        said |= {"type": "police.withdrawal.v1", "source_event_id": f"{key}/withdrawn"}
        if said["recorded_at"] is not None:
            said |= {"occurred_at": said["recorded_at"], "precision": Precision.MINUTE}
        return Withdrawal(withdraws=key, reason=reason, **said)
    if change not in ("new", "correction"):
        raise BadRecord("unknown-code", "change")
    event, read, account = TYPES[incident.kind]
    said |= {"source_event_id": key, **read(attributes), **_span(incident)}
    if account is not None:
        said[account] = child.account
    if change == "correction":
        submission = attributes.text("submissionId") or ""
        said |= {"corrects": key, "source_event_id": f"{key}/{source_id(submission)}"}
    elif incident.kind == "missing-episode" and attributes.text("status") == "found":
        said |= {"completes": key, "source_event_id": f"{key}/found"}
    return event(**said)


def _span(incident: Incident) -> dict[str, Any]:
    """When it ended; a missing episode without an end is still going on."""
    ended = past(incident.attributes, "occurredTo", incident.sender)
    if incident.kind != "missing-episode":
        return {"ended_at": ended.at if ended else None}
    status = incident.attributes.text("status")
    if status not in ("open", "found"):
        raise BadRecord("unknown-code", "status")
    if (status == "found") is not (ended is not None):
        raise BadRecord("status-and-end-disagree", "occurredTo")
    return {"ended_at": ended.at if ended else None, "ongoing": ended is None}


def _spine(incident: Incident, child: Child) -> dict[str, Any]:
    a, sender = incident.attributes, incident.sender
    when = past(a, "occurredFrom", sender)
    if when is None:
        raise BadRecord("no-date", "occurredFrom")
    if child.said["date_of_birth"] is not None:
        of_a_child(child.said["date_of_birth"], when.at, "dateOfBirth", under=OF_AGE)
    learned, recorded = past(a, "reportedAt", sender), past(a, "recordedAt", sender)
    teller = a.text("firstTeller")
    return {
        "agency": Agency.POLICE,
        "system": sender.system,
        "organisation": sender.organisation,
        "occurred_at": when.at,
        "precision": when.precision,
        "learned_at": learned.at if learned else None,
        "recorded_at": recorded.at if recorded else None,
        "incident": Identifier(f"police-incident:{incident.force}", incident.number[:100]),
        "part": child.part,
        "recorder_role": a.text("recorderRole"),
        "provenance": member(a, "provenance", Provenance) or Provenance.NOT_SAID,
        "first_teller": Identifier(f"police-teller:{incident.force}", teller[:100]) if teller else None,
        "nature": member(a, "nature", Nature) or Nature.FACT,
        "significance": member(a, "significance", Significance) or Significance.NOTABLE,
        "summary": a.text("summary"),
        "children": tuple(_link(child, other) for other in incident.people.children if other is not child),
        "people": incident.people.adults,
        "source": SourceRecord(incident.sha256, incident.place),
        **child.said,
    }


def _link(child: Child, other: Child) -> LinkedChild:
    """The other child by the force's reference only, never a copy of who they are."""
    siblings = ChildPart.SIBLING in (child.part, other.part)
    return LinkedChild(LinkRelation.SIBLING if siblings else LinkRelation.SAME_INCIDENT, (other.reference,))


FORMAT = Format(
    name="police.missing-and-incidents",
    agency=Agency.POLICE,
    kind="message",
    about="Missing episodes and incidents of a force: JSON or NDJSON shaped like the iHub data model",
    sample=Path(__file__).with_name("missing_persons.sample.ndjson"),
    translate=translate,
)
