"""What the police answer about a child in a custodian's crime record, version 1.

Null is "not said", false is "no": neither is an event. A risk the record only says is so now is said as of
the day it was asked; a dated one as of its date.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.custodian_record import Answer, Reading, asked_on, left_out, open_record
from adapters.days import Moment
from adapters.format import Finding, Format, Sender
from adapters.record import BadRecord, say
from schemas.case_event import CaseEvent
from schemas.police import ExploitationConcern, ExploitationKind, MissingEpisode, ProtectionUsed
from schemas.vocabulary import Agency, Nature

PROTECTION = "lastPoliceProtectionPowerEvent"
RISKS = {
    "riskSexualExploitation": ExploitationKind.SEXUAL,
    "riskCriminalExploitation": ExploitationKind.CRIMINAL,
    "riskRadicalisation": None,
    "riskModernSlaveryAndTrafficking": None,
    "riskGangsAndYouthViolence": None,
}
"""The record's risk markers; None: the published language has no event for it, so it is refused by name."""
RISK_TYPES = {
    "SexualExploitation": ExploitationKind.SEXUAL,
    "CriminalExploitation": ExploitationKind.CRIMINAL,
}
USED = {"missingEpisodes", PROTECTION, "linkedCrimeRisks", *RISKS}
KNOWN = {*USED, "policeMarkerDetails", "servicesKnownTo", "crimeActiveStatusesAndPlans"}


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Every episode, use of police protection and exploitation risk in the record, and what was left out.

    Raises Untranslatable as `open_record` does.
    """
    reading = Reading(open_record(file, sender), sender)
    fields = reading.record.fields
    yield from reading.each("missingEpisodes", _episode)
    if fields.get(PROTECTION) is not None:
        yield say(f"/{PROTECTION}", lambda: _protection(reading))
    yield from reading.each("linkedCrimeRisks", _dated_risk)
    for name in RISKS:
        yield from _risk_now(reading, name)
    yield from left_out(reading.record, USED, KNOWN)


def _episode(reading: Reading, answer: Answer) -> CaseEvent:
    when = answer.day("date", reading.sender)
    note = _interview_note(answer.truth("returnedHomeInterviewAttended"))
    return MissingEpisode(agency=Agency.POLICE, summary=note, **reading.spine(answer.place, when, "missing"))


def _interview_note(attended: bool | None) -> str | None:  # noqa: FBT001 — yes, no or not said
    if attended is None:
        return None
    return "Return home interview attended." if attended else "Return home interview not attended."


def _protection(reading: Reading) -> CaseEvent:
    place = f"/{PROTECTION}"
    when = Answer(place, reading.record.fields).day(PROTECTION, reading.sender)
    return ProtectionUsed(agency=Agency.POLICE, **reading.spine(place, when, "protection"))


def _dated_risk(reading: Reading, answer: Answer) -> CaseEvent:
    kind = RISK_TYPES.get(answer.text("riskType") or "")
    if kind is None:
        raise BadRecord("no-event-type", "riskType")
    return _concern(reading, kind, answer.place, answer.day("date", reading.sender), "risk")


def _risk_now(reading: Reading, name: str) -> Iterator[CaseEvent | Finding]:
    place, kind = f"/{name}", RISKS[name]
    try:
        at_risk = Answer(place, reading.record.fields).truth(name)
    except BadRecord as bad:
        yield bad.at(place)
        return
    if at_risk and kind is None:
        yield Finding(place, "no-event-type", name)
    elif at_risk and kind is not None:
        yield _concern(reading, kind, place, asked_on(reading.sender), "at risk, asked on")


def _concern(
    reading: Reading, kind: ExploitationKind, place: str, when: Moment, said_as: str
) -> ExploitationConcern:
    said = reading.spine(place, when, f"{kind.value} exploitation: {said_as}")
    return ExploitationConcern(agency=Agency.POLICE, kind=kind, nature=Nature.VIEW, **said)


FORMAT = Format(
    name="police.custodian",
    agency=Agency.POLICE,
    kind="answer",
    about="Crime record, version 1, as a custodian answers it (JSON; NHS number inside or in the name)",
    sample=Path(__file__).with_name("custodian.sample.json"),
    translate=translate,
)
