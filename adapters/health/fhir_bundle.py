"""Reads FHIR R4 from health systems: bundles or single resources, JSON, XML or a document a line."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from adapters.format import Finding, Format, Sender
from adapters.health.codes import load_codes
from adapters.health.fhir_documents import Document, Resource, documents
from adapters.health.fhir_events import PASSED_OVER, READERS
from adapters.health.fhir_patient import Patients
from adapters.health.fhir_reading import Reading
from adapters.record import BadRecord
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """The case events of every document; each resource not used is named, with how many there were.

    `sender.settings` may name a list of codes in place of `codes.toml`.
    Raises Untranslatable as `documents` and `load_codes` do.
    """
    codes, patients = load_codes(sender.settings), Patients(sender)
    for document in documents(file):
        yield from document.findings
        yield from patients.begin(document.resources)
        reading = Reading(sender, codes, patients, _plans(document))
        told = False
        for resource in document.resources:
            if resource.kind in READERS:
                told = True
                yield from _told(resource, reading)
        yield from _unused(document, told=told)


def _plans(document: Document) -> dict[str, Any]:
    plans: dict[str, Any] = {}
    for resource in document.resources:
        if resource.kind == "CarePlan":
            plans[resource.url or ""] = resource.model
            plans[f"CarePlan/{resource.model.id}"] = resource.model
    return plans


def _told(resource: Resource, reading: Reading) -> Iterator[CaseEvent | Finding]:
    try:
        yield from READERS[resource.kind](resource, reading)
    except BadRecord as bad:
        yield bad.at(resource.place, refused=bad.code not in PASSED_OVER)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        yield Finding(resource.place, "unacceptable-value", str(where[0]) if where else resource.kind)


def _unused(document: Document, *, told: bool) -> Iterator[Finding]:
    """Patients and care plans count as used where something was read that they may say more of."""
    if not document.resources and not document.findings:
        yield Finding(document.place, "no-resources", refused=False)
    used = {*READERS, "Patient", "CarePlan"} if told else {*READERS}
    for kind, count in sorted(Counter(r.kind for r in document.resources if r.kind not in used).items()):
        yield Finding(f"{document.place} ({count} of them)", "unused-resource", kind, refused=False)


FORMAT = Format(
    name="health.fhir-r4",
    agency=Agency.HEALTH,
    kind="answer",
    about="FHIR R4 bundles and resources (JSON, XML, NDJSON): encounters, missed appointments, flags, codes",
    sample=Path(__file__).with_name("fhir_bundle.sample.json"),
    translate=translate,
)
