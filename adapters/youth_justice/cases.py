"""Reads a youth justice service's case records: JSON, one document or a record a line (README.md)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from adapters.childhood import of_a_child
from adapters.coded_fields import member, past, time
from adapters.fields import Fields
from adapters.format import Finding, Format, Sender
from adapters.identifiers import held_identifier, local_identifier
from adapters.json_records import JsonRecord, json_records
from adapters.record import BadRecord, say, source_id
from adapters.times import birth_date
from adapters.youth_justice.case_types import TYPES, offence_category
from schemas.case_event import (
    CaseEvent,
    Characteristics,
    Identifier,
    LinkedChild,
    PersonName,
    SourceRecord,
    Withdrawal,
    WithdrawalReason,
)
from schemas.vocabulary import Agency, ChildPart, LinkRelation, Nature, Significance

COMMON = frozenset(
    {
        "type",
        "recordId",
        "version",
        "change",
        "changeReason",
        "occurredOn",
        "endedOn",
        "recordedAt",
        "offenceCategory",
        "incidentReference",
        "part",
        "recorderRole",
        "nature",
        "significance",
        "summary",
        "child",
        "otherChildren",
    }
)


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """One event a record: what youth justice planned, began, ended, was told or decided about a child.

    Raises Untranslatable as `json_records` does.
    """
    for record in json_records(file):
        if isinstance(record, Finding):
            yield record
        else:
            yield from _of_record(record, sender)


def _of_record(record: JsonRecord, sender: Sender) -> Iterator[CaseEvent | Finding]:
    fields = Fields(record.value, record.place)
    findings: list[Finding] = []
    event = say(record.place, lambda: _event(fields, record.sha256, sender, findings))
    yield from findings
    yield event
    kind = record.value.get("type")
    own = TYPES[kind][2] if isinstance(kind, str) and kind in TYPES else frozenset[str]()
    for name in record.value.keys() - COMMON - own:
        if own and record.value[name] is not None:
            yield Finding(record.place, "unknown-field", refused=False)


def _event(r: Fields, sha256: str, sender: Sender, findings: list[Finding]) -> CaseEvent:
    kind, number = r.text("type"), r.text("recordId")
    if kind not in TYPES:
        raise BadRecord("no-event-type", "type")
    if number is None:
        raise BadRecord("no-natural-key", "recordId")
    key = source_id(sender.organisation, kind, number)
    said = {**_spine(r, sha256, sender), **_child(r, sender, findings), "source_event_id": key}
    if said["date_of_birth"] is not None:
        of_a_child(said["date_of_birth"], said["occurred_at"], "dateOfBirth")
    change = r.text("change") or "new"
    if change == "withdrawal":
        reason = member(r, "changeReason", WithdrawalReason) or WithdrawalReason.NOT_SAID
        said |= {"type": "youth-justice.withdrawal.v1", "source_event_id": f"{key}/withdrawn"}
        return Withdrawal(withdraws=key, reason=reason, **said)
    if change not in ("new", "correction"):
        raise BadRecord("unknown-code", "change")
    if change == "correction":
        said |= {"corrects": key, "source_event_id": f"{key}/{source_id(r.text('version') or '')}"}
    event, read, _ = TYPES[kind]
    ended = past(r, "endedOn", sender)
    said |= {"offence_category": offence_category(r), "ended_at": ended.at if ended else None}
    return event(**read(r), **said)


def _spine(r: Fields, sha256: str, sender: Sender) -> dict[str, Any]:
    when, recorded = past(r, "occurredOn", sender), past(r, "recordedAt", sender)
    if when is None:
        raise BadRecord("no-date", "occurredOn")
    incident = r.text("incidentReference")
    return {
        "agency": Agency.YOUTH_JUSTICE,
        "system": sender.system,
        "organisation": sender.organisation,
        "occurred_at": when.at,
        "precision": when.precision,
        "recorded_at": recorded.at if recorded else None,
        "incident": local_identifier("incident", sender.organisation, incident, "incidentReference")
        if incident
        else None,
        "part": member(r, "part", ChildPart) or ChildPart.SUBJECT,
        "recorder_role": r.text("recorderRole"),
        "nature": member(r, "nature", Nature) or Nature.FACT,
        "significance": member(r, "significance", Significance) or Significance.NOTABLE,
        "summary": r.text("summary"),
        "children": tuple(_others(r, sender)),
        "source": SourceRecord(sha256, r.place),
    }


def _others(r: Fields, sender: Sender) -> Iterator[LinkedChild]:
    """Other children by the service's own reference only."""
    for other in r.texts("otherChildren"):
        reference = local_identifier("youth-justice", sender.organisation, other, "otherChildren")
        yield LinkedChild(LinkRelation.SAME_INCIDENT, (reference,))


def _child(r: Fields, sender: Sender, findings: list[Finding]) -> dict[str, Any]:
    child = r.one("child")
    if child is None:
        raise BadRecord("no-child", "child")
    born = time(child, "dateOfBirth")
    family, given = child.text("family"), " ".join(child.texts("given"))
    return {
        "identifiers": tuple(_identifiers(child, sender, findings)),
        "name": PersonName(family=family, given=given) if family else None,
        "date_of_birth": birth_date(born, sender.read_at, "dateOfBirth") if born else None,
        "characteristics": Characteristics(sex=child.text("sex"), ethnicity=child.text("ethnicity")),
        "postcode": child.text("postcode"),
        "address": child.text("address"),
    }


def _identifiers(child: Fields, sender: Sender, findings: list[Finding]) -> Iterator[Identifier]:
    """The service's own reference first; a number that cannot be right is left out and named."""
    reference = child.text("reference")
    if reference is None:
        raise BadRecord("no-identifier", "reference")
    yield local_identifier("youth-justice", sender.organisation, reference, "reference")
    for held in child.each("identifiers"):
        try:
            if isinstance(held, BadRecord):
                raise held
            kind, value = held.text("kind") or "unnamed", held.text("value") or ""
            yield held_identifier(kind, held.text("holder"), value, "identifiers")
        except BadRecord as bad:
            findings.append(bad.at(f"{child.place}/identifiers", refused=False))


FORMAT = Format(
    name="youth-justice.cases",
    agency=Agency.YOUTH_JUSTICE,
    kind="message",
    about="Youth justice interventions, cautions, court outcomes, releases, MAPPA, assessments: JSON, NDJSON",
    sample=Path(__file__).with_name("cases.sample.ndjson"),
    translate=translate,
)
