"""What the police may say."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.case_event import CaseEvent, Code, Text
from schemas.scope import HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import BehaviourClass, HsbForm


class RiskGrade(StrEnum):
    """The police domestic abuse risk grades."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"


class Rag(StrEnum):
    """How an officer grades a concern; a force's own grades are mapped to these by its column map."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class InvestigationResult(StrEnum):
    """How a criminal investigation ended (guidance L122; R83)."""

    CHARGED = "charged"
    OUT_OF_COURT = "out-of-court"
    NFA_EVIDENCE = "no-further-action-evidence"
    NFA_PUBLIC_INTEREST = "no-further-action-public-interest"


class ExploitationKind(StrEnum):
    """What the exploitation is for."""

    SEXUAL = "sexual"
    CRIMINAL = "criminal"


class MissingEpisode(CaseEvent):
    """The child was reported missing; ongoing until found. A completing event fills `ended_at`."""

    national: ClassVar[str | None] = "missing-person"
    type: Annotated[Literal["police.missing-episode.v1"], OPEN] = "police.missing-episode.v1"
    times_missing_before: Annotated[int | None, HOME, SIGNAL] = None
    found_with_adult: Annotated[bool | None, HOME, SIGNAL] = None
    found_where: Annotated[Text | None, HOME] = None
    return_account: Annotated[Text | None, Scope.ACCOUNT] = None


class DomesticAbuseIncident(CaseEvent):
    """Police attended domestic abuse in the child's home or family."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["police.domestic-abuse-incident.v1"], OPEN] = "police.domestic-abuse-incident.v1"
    child_present: Annotated[bool | None, HOME, SIGNAL] = None
    risk: Annotated[RiskGrade | None, HOME, SIGNAL] = None
    action_taken: Annotated[Text | None, HOME] = None
    others_involved: Annotated[Text | None, Scope.THIRD_PARTY] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class OffenceReported(CaseEvent):
    """An offence was reported in which the child has a part (`part` says which)."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["police.offence-reported.v1"], OPEN] = "police.offence-reported.v1"
    category: Annotated[Code | None, HOME, SIGNAL] = None
    hsb_forms: Annotated[tuple[HsbForm, ...], Field(max_length=10), HOME, SIGNAL] = ()
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    offence_wording: Annotated[Text | None, HOME] = None
    exhibit_references: Annotated[tuple[Code, ...], Field(max_length=50), HOME] = ()
    """Where images or devices are held: only the exhibit's reference ever travels (R20)."""
    account: Annotated[Text | None, Scope.ACCOUNT] = None


class ProtectionNotice(CaseEvent):
    """An officer notified a concern for the child (a public protection notice, Merlin, CCN)."""

    national: ClassVar[str | None] = "referral"
    type: Annotated[Literal["police.protection-notice.v1"], OPEN] = "police.protection-notice.v1"
    concern_category: Annotated[Code | None, HOME, SIGNAL] = None
    rag: Annotated[Rag | None, HOME, SIGNAL] = None
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said of it, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()
    grade_as_sent: Annotated[Code | None, HOME] = None
    action_taken: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None
    reported_by: Annotated[Text | None, Scope.INFORMANT] = None


class SuspectInterview(CaseEvent):
    """The child was interviewed about something they are alleged to have done (guidance L123-124)."""

    type: Annotated[Literal["police.suspect-interview.v1"], OPEN] = "police.suspect-interview.v1"
    under_pace: Annotated[bool | None, HOME, SIGNAL] = None
    appropriate_adult: Annotated[bool | None, HOME, SIGNAL] = None
    exception_agreed: Annotated[bool | None, HOME, SIGNAL] = None
    exception_reason: Annotated[Text | None, HOME] = None
    interviewer_role: Annotated[Text | None, HOME] = None
    account: Annotated[Text | None, Scope.ACCOUNT] = None


class AbeInterview(CaseEvent):
    """The child gave an Achieving Best Evidence interview (guidance L125)."""

    type: Annotated[Literal["police.abe-interview.v1"], OPEN] = "police.abe-interview.v1"
    admission_made: Annotated[bool | None, HOME, SIGNAL] = None
    separate_interview: Annotated[bool | None, HOME, SIGNAL] = None
    """Whether what was admitted goes to a separate interview; `police_agreement` says who agreed (Q6)."""
    police_agreement: Annotated[Text | None, HOME] = None
    account: Annotated[Text | None, Scope.ACCOUNT] = None


class InvestigationOutcome(CaseEvent):
    """The criminal investigation of what the child had a part in ended."""

    type: Annotated[Literal["police.investigation-outcome.v1"], OPEN] = "police.investigation-outcome.v1"
    outcome: Annotated[InvestigationResult, HOME, SIGNAL]
    reason: Annotated[Text | None, HOME] = None
    family_told: Annotated[Text | None, HOME] = None


class ExploitationConcern(CaseEvent):
    """Police hold a concern that the child is exploited."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["police.exploitation-concern.v1"], OPEN] = "police.exploitation-concern.v1"
    kind: Annotated[ExploitationKind, HOME, SIGNAL]
    level: Annotated[Code | None, HOME, SIGNAL] = None
    indicators: Annotated[Text | None, HOME] = None
    associates: Annotated[Text | None, Scope.THIRD_PARTY] = None


class ProtectionUsed(CaseEvent):
    """The child was taken into police protection (Children Act 1989 s.46)."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[Literal["police.protection-used.v1"], OPEN] = "police.protection-used.v1"
    grounds: Annotated[Text | None, HOME] = None
    taken_to: Annotated[Text | None, Scope.WHEREABOUTS] = None


class Intelligence(CaseEvent):
    """Police hold intelligence that touches the child. Restricted: elsewhere it does not exist."""

    home: ClassVar[Scope | None] = Scope.POLICE_INTELLIGENCE
    restricted: ClassVar[bool] = True
    type: Annotated[Literal["police.intelligence.v1"], OPEN] = "police.intelligence.v1"
    category: Annotated[Code | None, HOME, SIGNAL] = None
    grading: Annotated[Code | None, HOME] = None
    report: Annotated[Text | None, HOME] = None
    handling: Annotated[Text | None, HOME] = None
    origin: Annotated[Text | None, Scope.INFORMANT] = None


POLICE_TYPES: tuple[type[CaseEvent], ...] = (
    MissingEpisode,
    DomesticAbuseIncident,
    OffenceReported,
    ProtectionNotice,
    SuspectInterview,
    AbeInterview,
    InvestigationOutcome,
    ExploitationConcern,
    ProtectionUsed,
    Intelligence,
)
