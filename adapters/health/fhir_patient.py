"""Reads who a FHIR resource is about: identifiers, names, birth and home, and what must not be read.

A patient labelled restricted (`meta.security` R or V, as PDS marks a sensitive address) never yields an
address or a postcode, even where one was sent: its absence is deliberate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from adapters.childhood import of_a_child
from adapters.days import Moment
from adapters.format import Finding, Sender
from adapters.health.fhir_documents import Resource
from adapters.health.fhir_times import moment_of
from adapters.identifiers import local_identifier, nhs_identifier
from adapters.record import BadRecord
from adapters.times import birth_date
from schemas.case_event import Characteristics, Identifier, PersonName

NHS_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
RESTRICTED = {"R", "V"}
MAX_KNOWN = 50_000
"""How many patients of one file are remembered, for the resources that come after them."""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who it is about, as the fields of a case event, and what was wrong with it."""

    said: dict[str, Any]
    findings: tuple[Finding, ...] = ()

    def at(self, when: datetime) -> dict[str, Any]:
        """The fields, for something that happened then. Raises BadRecord: `not-a-child`, `no-identifier`."""
        born: date | None = self.said.get("date_of_birth")
        if born is not None:
            of_a_child(born, when, "Patient.birthDate")
        if not self.said.get("identifiers"):
            raise BadRecord("no-identifier", "Patient.identifier")
        return self.said


@dataclass(slots=True)
class Patients:
    """The patients of a file, found by the reference a resource makes."""

    sender: Sender
    known: dict[str, Patient] = field(default_factory=dict)
    _local: dict[str, Patient] = field(default_factory=dict)

    def begin(self, resources: tuple[Resource, ...]) -> Iterator[Finding]:
        """Take in the patients of one document; what was wrong with each is said once."""
        self._local = {}
        for resource in resources:
            if resource.kind != "Patient":
                continue
            patient = patient_of(resource.model, resource.place, self.sender)
            if resource.url:
                self._local[resource.url] = patient
            if resource.model.id and len(self.known) < MAX_KNOWN:
                self.known[f"Patient/{resource.model.id}"] = patient
            yield from patient.findings

    def of(self, reference: Any, contained: list[Any]) -> Patient:
        """The patient a reference points at, by what it says. Raises BadRecord `no-patient`."""
        if reference is None:
            raise BadRecord("no-patient", "subject")
        text = reference.reference or ""
        found = self._local.get(text) or self.known.get("/".join(text.split("/")[-2:]))
        if found is not None:
            return found
        if text.startswith("#"):
            return self._contained(text[1:], contained)
        return self._named(reference, text)

    def holds(self, reference: Any) -> bool:
        """Whether a reference points at a patient, as far as can be told."""
        text = reference.reference or ""
        return reference.type == "Patient" or text in self._local or text.split("/")[-2:-1] == ["Patient"]

    def _contained(self, name: str, contained: list[Any]) -> Patient:
        for model in contained:
            if model.id == name and model.get_resource_type() == "Patient":
                return patient_of(model, "contained", self.sender)
        raise BadRecord("no-patient", "subject")

    def _named(self, reference: Any, text: str) -> Patient:
        """By the NHS number beside the reference, or by the server's own name of a patient kept there.

        A bundle's own patient is never identified by its `id`: messages number theirs afresh each time.
        """
        found: list[Identifier] = []
        if reference.identifier is not None and reference.identifier.value:
            found.extend(_identifier(reference.identifier, self.sender, "subject.identifier"))
        parts = text.split("/")
        if len(parts) > 1 and parts[-2] == "Patient":
            server = f"{self.sender.organisation} {self.sender.system}"
            found.append(local_identifier("fhir", server, parts[-1], "subject"))
        if not found:
            raise BadRecord("no-patient", "subject")
        return Patient({"identifiers": tuple(found)})


def patient_of(model: Any, place: str, sender: Sender) -> Patient:
    """What a Patient says of who it is; a part that cannot be taken is left out and named."""
    findings: list[Finding] = []
    said: dict[str, Any] = {"identifiers": tuple(_identifiers(model, place, sender, findings))}
    name = _name(model)
    if name is not None:
        said["name"] = name
    if model.birthDate is not None:
        try:
            said["date_of_birth"] = birth_date(_born(model), sender.read_at, "Patient.birthDate")
        except BadRecord as bad:
            findings.append(bad.at(place, refused=False))
    said["characteristics"] = Characteristics(
        sex=(model.gender or "")[:40] or None, ethnicity=_ethnicity(model)
    )
    said.update(_home(model))
    return Patient(said, tuple(findings))


def _identifiers(model: Any, place: str, sender: Sender, findings: list[Finding]) -> Iterator[Identifier]:
    for identifier in model.identifier or []:
        if not identifier.value or identifier.use == "old":
            continue
        try:
            yield from _identifier(identifier, sender, "Patient.identifier")
        except BadRecord as bad:
            findings.append(bad.at(place, refused=False))


def _identifier(identifier: Any, sender: Sender, name: str) -> Iterator[Identifier]:
    """The NHS number, or the organisation's own hospital number; other schemes are not the child's."""
    if identifier.system == NHS_SYSTEM:
        yield nhs_identifier(identifier.value, name)
    elif identifier.type is not None and any(c.code == "MR" for c in identifier.type.coding or []):
        yield local_identifier("hospital", sender.organisation, identifier.value, name)


def _name(model: Any) -> PersonName | None:
    names = [n for n in model.name or [] if n.family and not (n.period and n.period.end)]
    preferred = {"official": 0, "usual": 1}
    chosen = min(names, key=lambda n: preferred.get(n.use or "", 2), default=None)
    if chosen is None or len(chosen.family) > 200:  # noqa: PLR2004 — the bound of PersonName
        return None
    return PersonName(chosen.family, " ".join(g for g in chosen.given or [] if g)[:200])


def _born(model: Any) -> Moment:
    return moment_of(model.birthDate, "Patient.birthDate")


def _ethnicity(model: Any) -> str | None:
    for extension in model.extension or []:
        concept = extension.valueCodeableConcept
        if str(extension.url).endswith("Extension-UKCore-EthnicCategory") and concept and concept.coding:
            code: str | None = concept.coding[0].code
            return code if code and len(code) <= 40 else None  # noqa: PLR2004 — the bound of the field
    return None


def _home(model: Any) -> dict[str, str]:
    if any(label.code in RESTRICTED for label in (model.meta.security if model.meta else None) or []):
        return {}
    for address in model.address or []:
        if address.use in ("old", "temp", "billing") or (address.period and address.period.end):
            continue
        lines = [*(line for line in address.line or [] if line), address.city, address.district]
        said = {"address": ", ".join(line for line in lines if line), "postcode": address.postalCode}
        return {k: v for k, v in said.items() if v and len(v) <= (500 if k == "address" else 12)}
    return {}
