"""What every FHIR resource is read with: whose it is, which codes matter, and what all its events say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.days import Moment
from adapters.format import Sender
from adapters.health.coded import Coded
from adapters.health.codes import CodeLists
from adapters.health.fhir_documents import Resource
from adapters.health.fhir_patient import Patients
from adapters.health.fhir_times import happened_at
from adapters.record import source_id
from schemas.case_event import CaseEvent, SourceRecord, Withdrawal, WithdrawalReason
from schemas.vocabulary import Agency

TAKEN_BACK = {
    "entered-in-error": WithdrawalReason.ENTERED_IN_ERROR,
    "cancelled": WithdrawalReason.CANCELLED,
    "refuted": WithdrawalReason.ENTERED_IN_ERROR,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One document being read; `plans` are its care plans, by the reference a flag makes."""

    sender: Sender
    codes: CodeLists
    patients: Patients
    plans: dict[str, Any]

    def spine(self, resource: Resource, subject: Any, when: Moment, suffix: str = "") -> dict[str, Any]:
        """What every event of this resource says. Raises BadRecord as `key` and `Patient.at` do."""
        model = resource.model
        return {
            "agency": Agency.HEALTH,
            "system": self.sender.system,
            "source_event_id": self.key(resource) + suffix,
            "organisation": self.sender.organisation,
            "occurred_at": when.at,
            "precision": when.precision,
            "recorded_at": updated(model),
            "source": SourceRecord(resource.sha256, resource.place),
            **self.patients.of(subject, model.contained or []).at(when.at),
        }

    def key(self, resource: Resource) -> str:
        """The server's own id of the resource, told apart from other servers'."""
        named = resource.model.id or (resource.url or "").split("/")[-1].removeprefix("urn:uuid:")
        return source_id(self.sender.organisation, self.sender.system, resource.kind, named)

    def coded(self, concepts: list[Any]) -> list[Coded]:
        """The codes of these concepts that are on the list."""
        found: list[Coded] = []
        for coding in codings(concepts):
            meaning = self.codes.meaning(coding.system, coding.code)
            if meaning is not None:
                found.append(Coded(coding.code, meaning))
        return found

    def withdrawals(
        self, resource: Resource, subject: Any, status: str, suffixes: tuple[str, ...] = ("",)
    ) -> Iterator[CaseEvent]:
        """The resource is taken back, as of its last update: whichever of its events had been said."""
        at = updated(resource.model) or self.sender.read_at
        when = happened_at([(f"{resource.kind}.meta.lastUpdated", at)], self.sender.read_at)
        for suffix in suffixes:
            yield Withdrawal(
                type="health.withdrawal.v1",
                withdraws=self.key(resource) + suffix,
                reason=TAKEN_BACK[status],
                **self.spine(resource, subject, when, f"{suffix}/withdrawn"),
            )


def updated(model: Any) -> Any:
    """When the server last changed the resource; None where it does not say."""
    return model.meta.lastUpdated if model.meta else None


def concepts_of(value: Any) -> list[Any]:
    """The concepts of an element that FHIR gives once, often or not at all."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def codings(concepts: list[Any]) -> Iterator[Any]:
    """Every coding of the concepts."""
    for concept in concepts:
        yield from concept.coding or []


def words(concepts: list[Any]) -> str | None:
    """What the concepts say in words, as sent: their text, else the displays of their codes."""
    said = [c.text or ", ".join(x.display or x.code or "" for x in c.coding or []) for c in concepts]
    return "; ".join(text for text in said if text) or None
