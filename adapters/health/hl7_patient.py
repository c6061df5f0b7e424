"""Reads who an HL7 v2 message is about, from PID and PD1."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from adapters.childhood import of_a_child
from adapters.format import Finding, Sender
from adapters.health.hl7_messages import Message
from adapters.identifiers import local_identifier, nhs_identifier
from adapters.record import BadRecord
from adapters.times import birth_date, hl7_moment
from schemas.case_event import Characteristics, Identifier, PersonName

NHS_AUTHORITIES = {"NHS", "NHSNBR", "NHSNMBR", "2.16.840.1.113883.2.1.4.1"}
NHS_TYPES = {"NH", "NHS"}
LOCAL_TYPES = {"MR", "MRN", "PI", "PT", "HOSP", ""}
LISTED_TYPES = {"H", "P", "L", ""}
"""Kinds of address that are a home (HL7 table 0190): home, permanent, legal, or not said."""


def patient_of(message: Message, sender: Sender) -> tuple[dict[str, Any], list[Finding]]:
    """The identity fields of the message's patient, and what of them could not be taken.

    A patient with a protection indicator (PD1-12) has no address here, even where one was sent.
    Raises BadRecord: `no-patient`, `more-than-one-patient`, `no-identifier`.
    """
    segments = message.segments("PID")
    if not segments:
        raise BadRecord("no-patient", "PID")
    if len(segments) > 1:
        raise BadRecord("more-than-one-patient", "PID")
    findings: list[Finding] = []
    identifiers = tuple(_identifiers(message, segments[0], sender, findings))
    if not identifiers:
        raise BadRecord("no-identifier", "PID-3")
    said: dict[str, Any] = {"identifiers": identifiers}
    family, given = message.field("PID", 5), message.field("PID", 5, 2)
    if family:
        said["name"] = PersonName(family[:200], given[:200])
    said["date_of_birth"] = _born(message, sender, findings)
    sex, ethnicity = message.field("PID", 8)[:40] or None, message.field("PID", 22)[:40] or None
    said["characteristics"] = Characteristics(sex=sex, ethnicity=ethnicity)
    if message.field("PD1", 12) != "Y":
        said.update(_home(message, segments[0]))
    return said, findings


def child_at(said: dict[str, Any], when: datetime) -> dict[str, Any]:
    """The identity fields, for something that happened then. Raises BadRecord `not-a-child`."""
    if said["date_of_birth"] is not None:
        of_a_child(said["date_of_birth"], when, "PID-7")
    return said


def facility_of(message: Message, sender: Sender) -> str:
    """The hospital that sends: MSH-4, or the sender's organisation where the message does not say."""
    return message.field("MSH", 4) or sender.organisation


def _identifiers(message: Message, pid: Any, sender: Sender, findings: list[Finding]) -> Iterator[Identifier]:
    for repetition in range(message.repetitions(pid, 3)):
        value, authority, kind = (message.text_of(pid, 3, part, repetition) for part in (1, 4, 5))
        try:
            if not value:
                continue
            if authority.upper() in NHS_AUTHORITIES or kind in NHS_TYPES:
                yield nhs_identifier(value, "PID-3")
            elif kind in LOCAL_TYPES:
                yield local_identifier("hospital", authority or facility_of(message, sender), value, "PID-3")
        except BadRecord as bad:
            findings.append(bad.at(f"{message.place} PID", refused=False))


def _born(message: Message, sender: Sender, findings: list[Finding]) -> Any:
    text = message.field("PID", 7)
    try:
        return birth_date(hl7_moment(text, "PID-7"), sender.read_at, "PID-7") if text else None
    except BadRecord as bad:
        findings.append(bad.at(f"{message.place} PID", refused=False))
        return None


def _home(message: Message, pid: Any) -> dict[str, str]:
    for repetition in range(message.repetitions(pid, 11)):
        if message.text_of(pid, 11, 7, repetition) not in LISTED_TYPES:
            continue
        lines = [message.text_of(pid, 11, part, repetition) for part in (1, 2, 3, 4)]
        address, postcode = ", ".join(line for line in lines if line), message.text_of(pid, 11, 5, repetition)
        home = {"address": address[:500], "postcode": postcode if len(postcode) <= 12 else ""}  # noqa: PLR2004
        return {name: text for name, text in home.items() if text}
    return {}
