"""The enquiry (guidance L86-L94, L121-L127): allocation, tasks, assessment, police, information."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.protocol.reasoned import Agencies, ReasonedEvent
from schemas.scope import HASHED, HOME, OPEN, SIGNAL
from schemas.vocabulary import Agency


class AllocationRole(StrEnum):
    """What a worker is allocated as (L86; R46)."""

    LEAD_WORKER = "lead-worker"
    SINGLE_POINT_OF_CONTACT = "single-point-of-contact"
    CO_WORKER = "co-worker"


class AllocationStage(StrEnum):
    """Whether a worker is allocated."""

    STARTED = "started"
    ENDED = "ended"


class EnquiryResult(StrEnum):
    """How a criminal enquiry ended (L122; R53)."""

    CHARGED = "charged"
    OUT_OF_COURT = "out-of-court"
    INSUFFICIENT_EVIDENCE = "insufficient-evidence"
    NOT_IN_PUBLIC_INTEREST = "not-in-public-interest"


class Allocation(ReasonedEvent):
    """R46 (L86): a worker for this child; `reason` is the manager's where two linked children share one.

    `until`: the last day of it, where that is known as it begins.
    """

    type: Annotated[Literal["protocol.allocation.v1"], OPEN] = "protocol.allocation.v1"
    worker: Annotated[Identifier, HOME, HASHED]
    role: Annotated[AllocationRole, HOME, SIGNAL] = AllocationRole.LEAD_WORKER
    stage: Annotated[AllocationStage, HOME, SIGNAL] = AllocationStage.STARTED
    decided_by: Annotated[Text | None, HOME] = None
    until: Annotated[date | None, HOME, SIGNAL] = None


class ResponsibleAuthoritySet(CaseEvent):
    """R47 (L87): which authority is responsible for this child from `occurred_at`."""

    type: Annotated[Literal["protocol.responsible-authority-set.v1"], OPEN] = (
        "protocol.responsible-authority-set.v1"
    )
    authority: Annotated[Code, HOME, SIGNAL]


class S47Started(CaseEvent):
    """R50 (L89): enquiries under section 47 started."""

    type: Annotated[Literal["protocol.s47-started.v1"], OPEN] = "protocol.s47-started.v1"
    involved: Annotated[Agencies, HOME, SIGNAL] = ()
    decided_by: Annotated[Text | None, HOME] = None


class S47NotStarted(ReasonedEvent):
    """R90 (L127): no section 47 enquiry: why, and what happens instead, by whom (Q8)."""

    type: Annotated[Literal["protocol.s47-not-started.v1"], OPEN] = "protocol.s47-not-started.v1"
    decided_by: Annotated[Text, HOME]
    next_step: Annotated[Text, HOME]
    next_step_owner: Annotated[Text, HOME]


class S47RoleAssigned(CaseEvent):
    """R50 (L89): what one agency does in the enquiry."""

    type: Annotated[Literal["protocol.s47-role-assigned.v1"], OPEN] = "protocol.s47-role-assigned.v1"
    to_agency: Annotated[Agency, HOME, SIGNAL]
    due: Annotated[date | None, HOME, SIGNAL] = None
    task: Annotated[Text, HOME]
    owner: Annotated[Text | None, HOME] = None


class CfAssessmentStarted(CaseEvent):
    """R51, R52 (L90-91): a child and family assessment started, or one of a disabled adult under 25."""

    type: Annotated[Literal["protocol.cf-assessment-started.v1"], OPEN] = "protocol.cf-assessment-started.v1"
    disabled_under_25: Annotated[bool, HOME, SIGNAL] = False
    lead: Annotated[Text | None, HOME] = None


class Heading(StrEnum):
    """What an assessment takes account of (L131; R94)."""

    DEVELOPMENTAL_NEEDS = "developmental-needs"
    NEEDS_FROM_BEHAVIOUR = "needs-from-behaviour"
    FAMILY = "family"
    OWN_EXPERIENCES = "own-experiences"
    OTHER_BEHAVIOUR = "other-behaviour"
    EDUCATION = "education"
    SOCIAL = "social"
    STRENGTHS = "strengths"


class CfAssessmentCompleted(CaseEvent):
    """R51, R6, R94 (L13, L90, L131): it was completed, with the agencies that gave to it.

    Rules see which headings were written under, readers what stands there.
    """

    type: Annotated[Literal["protocol.cf-assessment-completed.v1"], OPEN] = (
        "protocol.cf-assessment-completed.v1"
    )
    contributors: Annotated[Agencies, HOME, SIGNAL] = ()
    developmental_needs: Annotated[Text | None, HOME] = None
    needs_from_behaviour: Annotated[Text | None, HOME] = None
    family: Annotated[Text | None, HOME] = None
    own_experiences: Annotated[Text | None, HOME] = None
    other_behaviour: Annotated[Text | None, HOME] = None
    education: Annotated[Text | None, HOME] = None
    social: Annotated[Text | None, HOME] = None
    strengths: Annotated[Text | None, HOME] = None
    headings: Annotated[tuple[Heading, ...], Field(max_length=8), HOME, SIGNAL] = ()
    """Drawn from the texts, of which blanks are none; what a sender says here is not believed."""

    @model_validator(mode="after")
    def _see_headings(self) -> Self:
        texts = ((one, getattr(self, one.value.replace("-", "_"))) for one in Heading)
        object.__setattr__(self, "headings", tuple(one for one, text in texts if text and text.strip()))
        return self


class PoliceEnquiryOpened(CaseEvent):
    """R53, R82 (L92, L121): police investigate; only police may say so."""

    type: Annotated[Literal["protocol.police-enquiry-opened.v1"], OPEN] = "protocol.police-enquiry-opened.v1"
    agency: Annotated[Literal[Agency.POLICE], OPEN, SIGNAL] = Agency.POLICE
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    reference: Annotated[Identifier | None, HOME] = None


class PoliceEnquiryOutcome(ReasonedEvent):
    """R53, R83 (L122): how the criminal enquiry ended; only police may say so."""

    type: Annotated[Literal["protocol.police-enquiry-outcome.v1"], OPEN] = (
        "protocol.police-enquiry-outcome.v1"
    )
    agency: Annotated[Literal[Agency.POLICE], OPEN, SIGNAL] = Agency.POLICE
    outcome: Annotated[EnquiryResult, HOME, SIGNAL]


class InformationRequested(CaseEvent):
    """R54, R55 (L93-94): an agency was asked what it knows of this child."""

    type: Annotated[Literal["protocol.information-requested.v1"], OPEN] = "protocol.information-requested.v1"
    request: Annotated[Identifier, HOME, HASHED]
    from_agency: Annotated[Agency, HOME, SIGNAL]
    own_experiences: Annotated[bool, HOME, SIGNAL] = False
    """Whether it asks also of the child's own abusive experiences (R55)."""
    due: Annotated[AwareDatetime | None, OPEN, SIGNAL] = None
    question: Annotated[Text | None, HOME] = None


class InformationSupplied(CaseEvent):
    """R54, R55: the agency answered."""

    type: Annotated[Literal["protocol.information-supplied.v1"], OPEN] = "protocol.information-supplied.v1"
    request: Annotated[Identifier, HOME, HASHED]
    answer: Annotated[Text | None, HOME] = None


class InformationDeclined(ReasonedEvent):
    """R54, R55: the agency will not share, and says why."""

    type: Annotated[Literal["protocol.information-declined.v1"], OPEN] = "protocol.information-declined.v1"
    request: Annotated[Identifier, HOME, HASHED]
    decided_by: Annotated[Text | None, HOME] = None


class InformationNoneHeld(CaseEvent):
    """R54, R55: the agency looked and holds nothing of this child."""

    type: Annotated[Literal["protocol.information-none-held.v1"], OPEN] = "protocol.information-none-held.v1"
    request: Annotated[Identifier, HOME, HASHED]
