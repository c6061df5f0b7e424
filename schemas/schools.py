"""What schools and colleges may say."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.case_event import CaseEvent, Code, Text
from schemas.scope import HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import BehaviourClass, HowReceived, HsbForm, RecognitionFeature

Percent = Annotated[float, Field(ge=0, le=100)]


class MoveKind(StrEnum):
    """How a child came to leave or join a school."""

    NEW_SCHOOL = "new-school"
    MANAGED_MOVE = "managed-move"
    OFF_ROLL = "off-roll"
    HOME_EDUCATION = "home-education"


class ConcernCategory(StrEnum):
    """Categories of a logged concern that rules know by name; a school's log may hold others."""

    NEGLECT = "neglect"
    APPEARANCE = "appearance"
    HUNGER = "hunger"
    BEHAVIOUR = "behaviour"
    BULLYING = "bullying"
    GIFTS = "gifts"
    OLDER_ASSOCIATES = "older-associates"
    ONLINE = "online"
    EXPLOITATION = "exploitation"
    INJURY = "injury"
    DOMESTIC_ABUSE = "domestic-abuse"
    SELF_HARM = "self-harm"
    SEXUAL_HARM = "sexual-harm"
    PHYSICAL_HARM = "physical-harm"
    EMOTIONAL_HARM = "emotional-harm"
    SUBSTANCES = "substances"
    OTHER = "other"


class BrookResult(StrEnum):
    """What a trained person found with the Brook Traffic Light Tool (guidance L74; R26)."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Absence(CaseEvent):
    """The child missed consecutive sessions; one event for the run of them, not one a mark."""

    national: ClassVar[str | None] = "persistent-school-absences"
    type: Annotated[Literal["schools.absence.v2"], OPEN] = "schools.absence.v2"
    sessions_missed: Annotated[Annotated[int, Field(ge=0, le=1000)] | None, HOME, SIGNAL] = None
    unauthorised: Annotated[bool | None, HOME, SIGNAL] = None
    reason_given: Annotated[Text | None, HOME] = None


class AttendanceSummary(CaseEvent):
    """The child's attendance over a period; `change` is in percentage points since the last one."""

    national: ClassVar[str | None] = "persistent-school-absences"
    type: Annotated[Literal["schools.attendance-summary.v1"], OPEN] = "schools.attendance-summary.v1"
    percent: Annotated[Percent | None, HOME, SIGNAL] = None
    change: Annotated[Annotated[float, Field(ge=-100, le=100)] | None, HOME, SIGNAL] = None


class Suspension(CaseEvent):
    """The child was suspended for a fixed time (`ended_at` is its last day)."""

    national: ClassVar[str | None] = "school-suspension"
    type: Annotated[Literal["schools.suspension.v1"], OPEN] = "schools.suspension.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    sexual_misconduct: Annotated[bool | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None


class Exclusion(CaseEvent):
    """The child was permanently excluded."""

    national: ClassVar[str | None] = "school-exclusion"
    type: Annotated[Literal["schools.exclusion.v1"], OPEN] = "schools.exclusion.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    sexual_misconduct: Annotated[bool | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None


class Move(CaseEvent):
    """The child joined or left a school; `places` holds the schools."""

    type: Annotated[Literal["schools.move.v1"], OPEN] = "schools.move.v1"
    kind: Annotated[MoveKind, HOME, SIGNAL]
    new_area: Annotated[bool | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None
    from_school: Annotated[Text | None, Scope.WHEREABOUTS] = None
    to_school: Annotated[Text | None, Scope.WHEREABOUTS] = None


class ConcernLogged(CaseEvent):
    """A member of staff logged a concern about the child."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["schools.concern-logged.v1"], OPEN] = "schools.concern-logged.v1"
    category: Annotated[Code | None, HOME, SIGNAL] = None
    """One of `ConcernCategory` where a rule should know it, else the school's own word."""
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said of it, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()
    details: Annotated[Text | None, HOME] = None
    action_taken: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None
    others_involved: Annotated[Text | None, Scope.THIRD_PARTY] = None


class SexualBehaviourIncident(CaseEvent):
    """Sexual behaviour between children came to the school's notice (`part`: this child's part)."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["schools.sexual-behaviour-incident.v1"], OPEN] = (
        "schools.sexual-behaviour-incident.v1"
    )
    features: Annotated[tuple[RecognitionFeature, ...], Field(max_length=30), HOME, SIGNAL] = ()
    brook: Annotated[BrookResult | None, HOME, SIGNAL] = None
    technology: Annotated[bool | None, HOME, SIGNAL] = None
    hsb_forms: Annotated[tuple[HsbForm, ...], Field(max_length=10), HOME, SIGNAL] = ()
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    details: Annotated[Text | None, HOME] = None
    action_taken: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None
    others_involved: Annotated[Text | None, Scope.THIRD_PARTY] = None


class Disclosure(CaseEvent):
    """The child, or someone for the child, told a member of staff of harm."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["schools.disclosure.v1"], OPEN] = "schools.disclosure.v1"
    category: Annotated[Code | None, HOME, SIGNAL] = None
    received_by: Annotated[Code | None, HOME, SIGNAL] = None
    how_received: Annotated[HowReceived | None, HOME, SIGNAL] = None
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said of it, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()
    words: Annotated[Text | None, Scope.ACCOUNT] = None
    questions_asked: Annotated[Text | None, Scope.ACCOUNT] = None
    action_taken: Annotated[Text | None, HOME] = None


class PartTimeTimetable(CaseEvent):
    """The child was put on a part-time timetable of so many hours a week."""

    type: Annotated[Literal["schools.part-time-timetable.v1"], OPEN] = "schools.part-time-timetable.v1"
    hours: Annotated[Annotated[float, Field(ge=0, le=60)] | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None


class SendSupport(CaseEvent):
    """The child has support for special educational needs or disability, or a plan for it."""

    national: ClassVar[str | None] = "ehcp"
    type: Annotated[Literal["schools.send-support.v1"], OPEN] = "schools.send-support.v1"
    need: Annotated[Code | None, HOME, SIGNAL] = None
    provision: Annotated[Text | None, HOME] = None


SCHOOLS_TYPES: tuple[type[CaseEvent], ...] = (
    Absence,
    AttendanceSummary,
    Suspension,
    Exclusion,
    Move,
    ConcernLogged,
    SexualBehaviourIncident,
    Disclosure,
    PartTimeTimetable,
    SendSupport,
)
