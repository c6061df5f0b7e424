"""Reads patient flags: health's view of a child's protection, which social care holds and told it of."""

from collections.abc import Iterator
from typing import Any

from adapters.health.fhir_documents import Resource
from adapters.health.fhir_reading import TAKEN_BACK, Reading, codings, concepts_of, updated, words
from adapters.health.fhir_times import happened_at
from adapters.record import BadRecord
from schemas.any_agency import MeasureStage, SafetyMeasure
from schemas.case_event import CaseEvent
from schemas.vocabulary import Provenance


def flag_events(resource: Resource, reading: Reading) -> Iterator[CaseEvent]:
    """A protection flag is a safety measure health was told of; its kind is its care plan's if that came.

    Raises BadRecord `safeguarding-flag-without-type` for a safeguarding flag no event type fits (a person
    must see it), `not-a-safeguarding-event` for any other.
    """
    model = resource.model
    protection = [one for one in reading.coded([model.code]) if one.meaning.says == "protection"]
    if not protection:
        raise BadRecord(_why_none(model), "Flag.code")
    if model.status in TAKEN_BACK:
        yield from reading.withdrawals(resource, model.subject, model.status, ("", "/ended"))
        return
    plan = _plan(model, reading)
    planned = (
        [one for one in reading.coded(plan.category or []) if one.meaning.says == "protection"]
        if plan
        else []
    )
    ended = model.status == "inactive"
    when = happened_at(_times(model, ended=ended), reading.sender.read_at)
    yield SafetyMeasure(
        type="health.safety-measure.v1",
        kind=[*planned, *protection][0].meaning.label,
        stage=MeasureStage.ENDED if ended else MeasureStage.STARTED,
        owner=plan.careTeam[0].display if plan and plan.careTeam else None,
        details=words([model.code]),
        provenance=Provenance.THIRD_PARTY,
        **reading.spine(resource, model.subject, when, "/ended" if ended else ""),
    )


def _times(model: Any, *, ended: bool) -> list[tuple[str, Any]]:
    recorded = [c.recorded for c in model.contained or [] if c.get_resource_type() == "Provenance"]
    start, end = (model.period.start, model.period.end) if model.period else (None, None)
    return [
        *([("Flag.period.end", end)] if ended else [("Flag.period.start", start)]),
        ("Flag.contained.recorded", next(iter(recorded), None)),
        ("Flag.meta.lastUpdated", updated(model)),
    ]


def _plan(model: Any, reading: Reading) -> Any:
    for extension in model.extension or []:
        if str(extension.url).endswith("/flag-detail") and extension.valueReference is not None:
            return reading.plans.get(extension.valueReference.reference or "")
    return None


def _why_none(model: Any) -> str:
    safeguarding = any(coding.code == "SG" for coding in codings(concepts_of(model.category)))
    national = any((c.system or "").endswith("England-FlagCategoryPatient") for c in codings([model.code]))
    return "safeguarding-flag-without-type" if safeguarding or national else "not-a-safeguarding-event"
