"""What each type of police incident says, field by field: the sender's names on the right."""

from collections.abc import Callable
from typing import Any

from adapters.coded_fields import code, member, members, time, whole
from adapters.fields import Fields
from adapters.record import BadRecord
from schemas.any_agency import MeasureKind, SafetyMeasure
from schemas.case_event import CaseEvent
from schemas.police import (
    AbeInterview,
    DomesticAbuseIncident,
    ExploitationConcern,
    ExploitationKind,
    Intelligence,
    InvestigationOutcome,
    InvestigationResult,
    MissingEpisode,
    OffenceReported,
    ProtectionUsed,
    RiskGrade,
    SuspectInterview,
)
from schemas.vocabulary import BehaviourClass, HsbForm

Said = dict[str, Any]


def _missing(a: Fields) -> Said:
    return {
        "times_missing_before": whole(a, "timesMissingBefore"),
        "found_with_adult": a.flag("foundWithAdult"),
        "found_where": a.text("foundWhere"),
    }


def _domestic_abuse(a: Fields) -> Said:
    return {
        "child_present": a.flag("childPresent"),
        "risk": member(a, "risk", RiskGrade),
        "action_taken": a.text("actionTaken"),
        "others_involved": a.text("othersInvolved"),
    }


def _offence(a: Fields) -> Said:
    return {
        "category": code(a, "offenceCategory"),
        "hsb_forms": members(a, "hsbForms", HsbForm),
        "hsb_class": member(a, "hsbClass", BehaviourClass),
        "offence_wording": a.text("offenceWording"),
        "exhibit_references": a.texts("exhibitReferences"),
    }


def _outcome(a: Fields) -> Said:
    return {
        "outcome": _required(member(a, "outcome", InvestigationResult), "outcome"),
        "reason": a.text("outcomeReason"),
        "family_told": a.text("familyTold"),
    }


def _exploitation(a: Fields) -> Said:
    return {
        "kind": _required(member(a, "exploitationKind", ExploitationKind), "exploitationKind"),
        "level": code(a, "level"),
        "indicators": a.text("indicators"),
        "associates": a.text("othersInvolved"),
    }


def _protection(a: Fields) -> Said:
    return {"grounds": a.text("grounds"), "taken_to": a.text("takenTo")}


def _suspect_interview(a: Fields) -> Said:
    return {
        "under_pace": a.flag("underPace"),
        "appropriate_adult": a.flag("appropriateAdult"),
        "exception_agreed": a.flag("exceptionAgreed"),
        "exception_reason": a.text("exceptionReason"),
        "interviewer_role": a.text("interviewerRole"),
    }


def _abe_interview(a: Fields) -> Said:
    return {
        "admission_made": a.flag("admissionMade"),
        "separate_interview": a.flag("separateInterview"),
        "police_agreement": a.text("policeAgreement"),
    }


def _intelligence(a: Fields) -> Said:
    return {
        "category": code(a, "category"),
        "grading": code(a, "grading"),
        "report": a.text("report"),
        "handling": a.text("handling"),
        "origin": a.text("origin"),
    }


def _bail(a: Fields) -> Said:
    until = time(a, "until")
    return {
        "type": "police.safety-measure.v1",
        "kind": MeasureKind.BAIL_CONDITIONS.value,
        "until": until.at.date() if until else None,
        "details": a.text("conditions"),
    }


def _required(value: Any, name: str) -> Any:
    if value is None:
        raise BadRecord("not-said", name)
    return value


TYPES: dict[str, tuple[type[CaseEvent], Callable[[Fields], Said], str | None]] = {
    "missing-episode": (MissingEpisode, _missing, "return_account"),
    "domestic-abuse-incident": (DomesticAbuseIncident, _domestic_abuse, "child_words"),
    "offence": (OffenceReported, _offence, "account"),
    "investigation-outcome": (InvestigationOutcome, _outcome, None),
    "exploitation-concern": (ExploitationConcern, _exploitation, None),
    "police-protection": (ProtectionUsed, _protection, None),
    "suspect-interview": (SuspectInterview, _suspect_interview, "account"),
    "abe-interview": (AbeInterview, _abe_interview, "account"),
    "intelligence": (Intelligence, _intelligence, None),
    "bail-conditions": (SafetyMeasure, _bail, None),
}
"""Each incident type: the event, how its own fields are read, and the field a child's account goes to."""

COMMON = frozenset(
    {
        "incidentType",
        "forceIdentifier",
        "submissionId",
        "change",
        "changeReason",
        "status",
        "occurredFrom",
        "occurredTo",
        "reportedAt",
        "recordedAt",
        "summary",
        "recorderRole",
        "provenance",
        "nature",
        "significance",
        "firstTeller",
    }
)
KNOWN: dict[str, frozenset[str]] = {
    "missing-episode": frozenset({"timesMissingBefore", "foundWithAdult", "foundWhere"}),
    "domestic-abuse-incident": frozenset({"childPresent", "risk", "actionTaken", "othersInvolved"}),
    "offence": frozenset({"offenceCategory", "hsbForms", "hsbClass", "offenceWording", "exhibitReferences"}),
    "investigation-outcome": frozenset({"outcome", "outcomeReason", "familyTold"}),
    "exploitation-concern": frozenset({"exploitationKind", "level", "indicators", "othersInvolved"}),
    "police-protection": frozenset({"grounds", "takenTo"}),
    "suspect-interview": frozenset(
        {"underPace", "appropriateAdult", "exceptionAgreed", "exceptionReason", "interviewerRole"}
    ),
    "abe-interview": frozenset({"admissionMade", "separateInterview", "policeAgreement"}),
    "intelligence": frozenset({"category", "grading", "report", "handling", "origin"}),
    "bail-conditions": frozenset({"until", "conditions"}),
}
"""The attributes each type is read for; anything else is counted as not used."""
