"""Says what one ADT message tells of a child's stay: its opening, end, correction or cancelling."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adapters.days import Moment
from adapters.format import Sender
from adapters.health.coded import Coded, coded_event, injury_of
from adapters.health.codes import CodeLists
from adapters.health.hl7_messages import Message
from adapters.health.hl7_patient import child_at, facility_of
from adapters.identifiers import as_code
from adapters.record import BadRecord, source_id
from adapters.times import happened, hl7_moment
from schemas.case_event import CaseEvent, SourceRecord, Withdrawal, WithdrawalReason
from schemas.health import Admission, EmergencyAttendance, RegistrationChanged
from schemas.vocabulary import Agency

KINDS = {"E": "attendance", "I": "admission"}
"""Patient classes (HL7 table 0004) that are events: emergency, inpatient."""
PASSED_OVER = frozenset({"not-a-child", "nothing-of-registration", "patient-class-not-used"})
"""Reasons why a sound message is no case event: a warning, nothing for a person to mend."""

_ICD = re.compile(r"[A-Z][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Visit:
    """One message about one patient's stay."""

    message: Message
    sender: Sender
    codes: CodeLists
    patient: dict[str, Any]

    def kind(self) -> str:
        """`attendance` or `admission`. Raises BadRecord: `no-visit`, `patient-class-not-used`."""
        if not self.message.segments("PV1"):
            raise BadRecord("no-visit", "PV1")
        kind = KINDS.get(self.message.field("PV1", 2))
        if kind is None:
            raise BadRecord("patient-class-not-used", "PV1-2")
        return kind

    def key(self) -> str:
        """The hospital's own number of the visit. Raises BadRecord `no-visit-number`."""
        number = self.message.field("PV1", 19)
        if not number:
            raise BadRecord("no-visit-number", "PV1-19")
        return self._key("visit", number, self.kind())

    def message_key(self) -> str:
        """The message's own number, where what it tells has none."""
        return self._key("message", self.message.field("MSH", 10))

    def _key(self, *parts: str) -> str:
        return source_id(self.sender.organisation, facility_of(self.message, self.sender), *parts)

    def at(self, *fields: tuple[str, int]) -> Moment:
        """The first of these times that is said. Raises BadRecord: `no-date`, or as the times' readers do."""
        for segment, number in fields:
            text = self.message.field(segment, number)
            if text:
                name = f"{segment}-{number}"
                return happened(hl7_moment(text, name), self.sender.read_at, name)
        raise BadRecord("no-date", f"{fields[0][0]}-{fields[0][1]}")

    def spine(self, key: str, when: Moment) -> dict[str, Any]:
        """What every event of this message says. Raises BadRecord `not-a-child`."""
        recorded = self.message.field("EVN", 2) or self.message.field("MSH", 7)
        return {
            "agency": Agency.HEALTH,
            "system": self.sender.system,
            "source_event_id": key,
            "organisation": facility_of(self.message, self.sender),
            "occurred_at": when.at,
            "precision": when.precision,
            "recorded_at": hl7_moment(recorded, "EVN-2").at if recorded else None,
            "source": SourceRecord(self.message.sha256, self.message.place),
            **child_at(self.patient, when.at),
        }

    def stay(self, said: dict[str, Any]) -> CaseEvent:
        """The attendance or admission with what the message says of its reason."""
        reason = self.message.field("PV2", 3, 2) or self.message.field("PV2", 3) or None
        coded = self.coded()
        if self.kind() == "attendance":
            provider = as_code(facility_of(self.message, self.sender))
            return EmergencyAttendance(provider=provider, complaint=reason, **injury_of(coded), **said)
        diagnoses = self.message.segments("DG1")
        cause = self.message.text_of(diagnoses[0], 3) if diagnoses else None
        ward = self.message.field("PV1", 3) or None
        return Admission(cause=as_code(cause), ward=ward, notes=reason, **said)

    def coded(self) -> list[Coded]:
        """The diagnoses on the list, each once; a code without a system that looks like ICD-10 is read so."""
        found: dict[str, Coded] = {}
        for segment in self.message.segments("DG1"):
            code, system = self.message.text_of(segment, 3), self.message.text_of(segment, 3, 3)
            meaning = self.codes.meaning(system or ("I10" if _ICD.match(code) else ""), code)
            if meaning is not None:
                found[code] = Coded(code, meaning)
        return list(found.values())


def opened(visit: Visit) -> Iterator[CaseEvent]:
    """The child came (A01, A04, A06): ongoing until discharged; and each diagnosis that stands by itself."""
    key = visit.key() if visit.message.field("PV1", 19) else f"{visit.message_key()}/{visit.kind()}"
    said = visit.spine(key, visit.at(("PV1", 44), ("EVN", 6), ("EVN", 2), ("MSH", 7)))
    yield visit.stay({**said, "ongoing": True})
    for coded in visit.coded():
        if coded.meaning.says not in ("injury", "cause", "protection"):
            yield coded_event(coded, None, {**said, "source_event_id": f"{key}/{coded.code}"})


def discharged(visit: Visit) -> Iterator[CaseEvent]:
    """The child left (A03). Raises BadRecord `ends-before-start`."""
    key = visit.key()
    ended = visit.at(("PV1", 45), ("EVN", 6), ("EVN", 2), ("MSH", 7))
    when = visit.at(("PV1", 44)) if visit.message.field("PV1", 44) else ended
    if ended.at < when.at:
        raise BadRecord("ends-before-start", "PV1-45")
    said = visit.spine(f"{key}/discharge", when)
    yield visit.stay({**said, "completes": key, "ended_at": ended.at})


def corrected(visit: Visit) -> Iterator[CaseEvent]:
    """The stay as now known (A08): corrects what was said when it opened."""
    key = visit.key()
    said = visit.spine(f"{key}/update/{visit.message.field('MSH', 10)}", visit.at(("PV1", 44)))
    over = {"ended_at": visit.at(("PV1", 45)).at} if visit.message.field("PV1", 45) else {"ongoing": True}
    yield visit.stay({**said, "corrects": key, **over})


def cancelled(visit: Visit, *, discharge: bool) -> Iterator[CaseEvent]:
    """The coming (A11) or the leaving (A13) is taken back."""
    taken_back = visit.key() + ("/discharge" if discharge else "")
    key = f"{taken_back}/cancelled/{visit.message.field('MSH', 10)}"
    said = visit.spine(key, visit.at(("EVN", 6), ("EVN", 2), ("MSH", 7)))
    yield Withdrawal(
        type="health.withdrawal.v1", withdraws=taken_back, reason=WithdrawalReason.CANCELLED, **said
    )


def registered(visit: Visit) -> Iterator[CaseEvent]:
    """The patient's record was made or changed (A28, A31), and names a practice."""
    practice = visit.message.field("PD1", 3) or visit.message.field("PD1", 3, 3)
    if not practice:
        raise BadRecord("nothing-of-registration", "PD1-3")
    said = visit.spine(visit.message_key(), visit.at(("EVN", 6), ("EVN", 2), ("MSH", 7)))
    yield RegistrationChanged(to_practice=practice, **said)
