"""What health services may say."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.case_event import CaseEvent, Code, Text
from schemas.scope import HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import BehaviourClass


class CamhsStage(StrEnum):
    """How far child and adolescent mental health services have come with the child."""

    REFERRED = "referred"
    SEEN = "seen"
    CLOSED = "closed"
    DID_NOT_ENGAGE = "did-not-engage"


class EmergencyAttendance(CaseEvent):
    """The child came to an emergency department, urgent treatment centre or walk-in centre."""

    national: ClassVar[str | None] = "ae-attendance"
    type: Annotated[Literal["health.emergency-attendance.v1"], OPEN] = "health.emergency-attendance.v1"
    injury: Annotated[bool | None, HOME, SIGNAL] = None
    unexplained: Annotated[bool | None, HOME, SIGNAL] = None
    explanation_code: Annotated[Code | None, HOME, SIGNAL] = None
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said of it, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()
    provider: Annotated[Code | None, HOME, SIGNAL] = None
    """The organisation's code: two hospitals are told apart by it (patterns P20)."""
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    complaint: Annotated[Text | None, HOME] = None
    explanation: Annotated[Text | None, HOME] = None
    came_with: Annotated[Text | None, Scope.THIRD_PARTY] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class Admission(CaseEvent):
    """The child was admitted to hospital."""

    type: Annotated[Literal["health.admission.v1"], OPEN] = "health.admission.v1"
    cause: Annotated[Code | None, HOME, SIGNAL] = None
    ward: Annotated[Text | None, Scope.WHEREABOUTS] = None
    notes: Annotated[Text | None, HOME] = None


class AppointmentMissed(CaseEvent):
    """The child was not seen at an appointment; a young child *was not brought*."""

    type: Annotated[Literal["health.appointment-missed.v1"], OPEN] = "health.appointment-missed.v1"
    service: Annotated[Code | None, HOME, SIGNAL] = None
    was_not_brought: Annotated[bool | None, HOME, SIGNAL] = None
    reason_given: Annotated[Text | None, HOME] = None


class InjuryNoted(CaseEvent):
    """A health practitioner saw an injury outside an emergency attendance."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["health.injury-noted.v1"], OPEN] = "health.injury-noted.v1"
    site_code: Annotated[Code | None, HOME, SIGNAL] = None
    unexplained: Annotated[bool | None, HOME, SIGNAL] = None
    explanation_code: Annotated[Code | None, HOME, SIGNAL] = None
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said of it, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()
    description: Annotated[Text | None, HOME] = None
    explanation: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class SelfHarm(CaseEvent):
    """The child harmed themselves, or said they would."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["health.self-harm.v1"], OPEN] = "health.self-harm.v1"
    method_class: Annotated[Code | None, HOME, SIGNAL] = None
    notes: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class Camhs(CaseEvent):
    """The child's way through child and adolescent mental health services."""

    home: ClassVar[Scope | None] = Scope.HEALTH_CONFIDENTIAL
    national: ClassVar[str | None] = "CAMHS-plan"
    type: Annotated[Literal["health.camhs.v1"], OPEN] = "health.camhs.v1"
    stage: Annotated[CamhsStage, HOME, SIGNAL]
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    notes: Annotated[Text | None, HOME] = None


class ChildProtectionMedical(CaseEvent):
    """A paediatrician examined the child for signs of harm."""

    type: Annotated[Literal["health.child-protection-medical.v1"], OPEN] = (
        "health.child-protection-medical.v1"
    )
    finding_code: Annotated[Code | None, HOME, SIGNAL] = None
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    opinion: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class SubstanceConcern(CaseEvent):
    """A concern about the child's own use of alcohol or drugs."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["health.substance-concern.v1"], OPEN] = "health.substance-concern.v1"
    substance: Annotated[Text | None, HOME] = None
    notes: Annotated[Text | None, HOME] = None


class SexualHealthContact(CaseEvent):
    """The child used a sexual health service. Restricted: elsewhere it does not exist."""

    home: ClassVar[Scope | None] = Scope.HEALTH_CONFIDENTIAL
    restricted: ClassVar[bool] = True
    type: Annotated[Literal["health.sexual-health-contact.v1"], OPEN] = "health.sexual-health-contact.v1"
    infection: Annotated[bool | None, HOME, SIGNAL] = None
    emergency_contraception: Annotated[bool | None, HOME, SIGNAL] = None
    notes: Annotated[Text | None, HOME] = None
    partner: Annotated[Text | None, Scope.THIRD_PARTY] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class Pregnancy(CaseEvent):
    """The child is or was pregnant. Restricted: elsewhere it does not exist."""

    home: ClassVar[Scope | None] = Scope.HEALTH_CONFIDENTIAL
    restricted: ClassVar[bool] = True
    type: Annotated[Literal["health.pregnancy.v1"], OPEN] = "health.pregnancy.v1"
    notes: Annotated[Text | None, HOME] = None
    partner: Annotated[Text | None, Scope.THIRD_PARTY] = None


class RegistrationChanged(CaseEvent):
    """The child registered with another general practice."""

    type: Annotated[Literal["health.registration-changed.v1"], OPEN] = "health.registration-changed.v1"
    new_area: Annotated[bool | None, HOME, SIGNAL] = None
    from_practice: Annotated[Text | None, Scope.WHEREABOUTS] = None
    to_practice: Annotated[Text | None, Scope.WHEREABOUTS] = None


HEALTH_TYPES: tuple[type[CaseEvent], ...] = (
    EmergencyAttendance,
    Admission,
    AppointmentMissed,
    InjuryNoted,
    SelfHarm,
    Camhs,
    ChildProtectionMedical,
    SubstanceConcern,
    SexualHealthContact,
    Pregnancy,
    RegistrationChanged,
)
