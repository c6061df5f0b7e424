"""What people record in the hub itself, one type for each fact the protocol asks for (protocol.md rows)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.scope import HASHED, HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import Agency, BehaviourClass, ChildPart, HowReceived

Agencies = Annotated[tuple[Agency, ...], Field(max_length=20)]
Codes = Annotated[tuple[Code, ...], Field(max_length=40)]


class YesNoUnknown(StrEnum):
    """An answer a person gives; not knowing is one."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class SeparateMeeting(StrEnum):
    """What was decided of a separate meeting for the child who has been harmed (L85; R43-R44)."""

    NEEDED = "needed"
    HELD_TOGETHER = "held-together"
    NOT_PROPORTIONATE = "not-proportionate"
    TO_BE_DECIDED = "to-be-decided"


class Approach(StrEnum):
    """Whether a meeting for the harmed child is to support or to protect (L85; R43)."""

    SUPPORTIVE = "supportive"
    PROTECTIVE = "protective"


class InvitationStage(StrEnum):
    """What became of an invitation to a meeting (R45)."""

    SENT = "sent"
    ACCEPTED = "accepted"
    APOLOGIES = "apologies"
    ATTENDED = "attended"


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


class ReferralResult(StrEnum):
    """Outcomes of a referral for one child (L127; R91). There is no `nothing` among them (L140; R105)."""

    STRATEGY_MEETING = "strategy-meeting"
    SECTION_47 = "section-47"
    CHILD_AND_FAMILY_ASSESSMENT = "child-and-family-assessment"
    EARLY_HELP = "early-help"
    OTHER_AGENCY = "other-agency"
    INFORMAL_RESPONSE = "informal-response"
    ALREADY_OPEN = "already-open"
    UNIVERSAL_WITH_NAMED_CONTACT = "universal-support-with-named-contact"


class ReasonedEvent(CaseEvent):
    """An act for which a reason may be asked: rules see *that* one was written, readers see what it says."""

    reason: Annotated[Text | None, HOME] = None
    reason_recorded: Annotated[bool, HOME, SIGNAL] = False
    """Drawn from `reason`, of which blanks are none; what a sender says here is not believed."""

    @model_validator(mode="after")
    def _see_reason(self) -> Self:
        object.__setattr__(self, "reason_recorded", bool(self.reason and self.reason.strip()))
        return self


class AccountRecorded(CaseEvent):
    """R34, R35 (L80): the first account, as written down by the person who received it.

    Never edited: a later version is a new event. How it came is in `provenance`, who told it first in
    `first_teller`.
    """

    type: Annotated[Literal["protocol.account-recorded.v1"], OPEN] = "protocol.account-recorded.v1"
    told_at: Annotated[AwareDatetime, OPEN, SIGNAL]
    medium: Annotated[HowReceived, HOME, SIGNAL] = HowReceived.SPOKEN
    received_by: Annotated[Text, HOME]
    words: Annotated[Text, Scope.ACCOUNT]
    questions_asked: Annotated[Text | None, Scope.ACCOUNT] = None
    others_present: Annotated[Text | None, Scope.THIRD_PARTY] = None
    tellers: Annotated[Text | None, Scope.INFORMANT] = None
    """Through whom it came, where it was second-hand."""


class ChildReassured(CaseEvent):
    """R36 (L80): the child was told they are taken seriously and will be kept safe."""

    type: Annotated[Literal["protocol.child-reassured.v1"], OPEN] = "protocol.child-reassured.v1"
    by_role: Annotated[Text, HOME]
    how: Annotated[Text | None, HOME] = None


class HsbViewRecorded(CaseEvent):
    """R11 (L20-22): a professional's view of the behaviour. Views may differ; all are kept."""

    type: Annotated[Literal["protocol.hsb-view-recorded.v1"], OPEN] = "protocol.hsb-view-recorded.v1"
    hsb_class: Annotated[BehaviourClass, HOME, SIGNAL]
    profession: Annotated[Text, HOME]
    grounds: Annotated[Text | None, HOME] = None


class CsaPossibilityExplored(CaseEvent):
    """R126 (L154): the possibility that this child was sexually abused was explored with them."""

    type: Annotated[Literal["protocol.csa-possibility-explored.v1"], OPEN] = (
        "protocol.csa-possibility-explored.v1"
    )
    how: Annotated[Text, HOME]
    opportunities: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class ReferralMade(CaseEvent):
    """R37 (L81): somebody told the front door."""

    type: Annotated[Literal["protocol.referral-made.v1"], OPEN] = "protocol.referral-made.v1"
    referral: Annotated[Identifier, HOME, HASHED]
    to: Annotated[Code | None, HOME, SIGNAL] = None
    made_by: Annotated[Text | None, HOME] = None
    concern: Annotated[Text | None, HOME] = None


class ReferralReceived(CaseEvent):
    """R37, R42: the front door has it; the clock of the strategy meeting starts (Q3)."""

    type: Annotated[Literal["protocol.referral-received.v1"], OPEN] = "protocol.referral-received.v1"
    referral: Annotated[Identifier, HOME, HASHED]
    from_agency: Annotated[Agency | None, HOME, SIGNAL] = None
    received_by: Annotated[Text | None, HOME] = None


class ReferralAcknowledged(CaseEvent):
    """R37: the front door answered the person who referred."""

    type: Annotated[Literal["protocol.referral-acknowledged.v1"], OPEN] = "protocol.referral-acknowledged.v1"
    referral: Annotated[Identifier, HOME, HASHED]
    reply: Annotated[Text | None, HOME] = None


class ReferralOutcomeSet(ReasonedEvent):
    """R91 (L127): what follows for this child; every child involved, or potentially, has one."""

    type: Annotated[Literal["protocol.referral-outcome-set.v1"], OPEN] = "protocol.referral-outcome-set.v1"
    referral: Annotated[Identifier, HOME, HASHED]
    outcome: Annotated[ReferralResult, HOME, SIGNAL]
    decided_by: Annotated[Text, HOME]
    next_step: Annotated[Text, HOME]
    next_step_owner: Annotated[Text, HOME]


class EmergencyCallMade(CaseEvent):
    """R39 (L82): somebody called 999."""

    type: Annotated[Literal["protocol.emergency-call-made.v1"], OPEN] = "protocol.emergency-call-made.v1"
    police_reference: Annotated[Identifier | None, HOME] = None
    called_by: Annotated[Text | None, HOME] = None


class ImmediateRiskConsidered(ReasonedEvent):
    """R40 (L83): police or social care considered the immediate risk to this child and to `children`."""

    type: Annotated[Literal["protocol.immediate-risk-considered.v1"], OPEN] = (
        "protocol.immediate-risk-considered.v1"
    )
    considered_by: Annotated[Agency, HOME, SIGNAL]
    at_risk: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    others_considered: Annotated[bool, HOME, SIGNAL] = False
    measures_needed: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN


class StrategyMeetingArranged(ReasonedEvent):
    """R42, R45, R47 (L85-87): a strategy meeting has a time; `reason` says why it is late, if it is."""

    type: Annotated[Literal["protocol.strategy-meeting-arranged.v1"], OPEN] = (
        "protocol.strategy-meeting-arranged.v1"
    )
    meeting: Annotated[Identifier, HOME, HASHED]
    for_child: Annotated[ChildPart | None, HOME, SIGNAL] = None
    planned_for: Annotated[AwareDatetime, OPEN, SIGNAL]
    invited: Annotated[Agencies, HOME, SIGNAL] = ()
    chair_authority: Annotated[Code | None, HOME, SIGNAL] = None
    convened_by_authority: Annotated[Code | None, HOME, SIGNAL] = None
    place: Annotated[Text | None, HOME] = None


class StrategyMeetingHeld(ReasonedEvent):
    """R42-R48, R50 (L85-89): it was held; `reason` says why late.

    The chair is usually of the authority where the harmed child lives: `chair_reason` says why another.
    """

    type: Annotated[Literal["protocol.strategy-meeting-held.v1"], OPEN] = "protocol.strategy-meeting-held.v1"
    meeting: Annotated[Identifier, HOME, HASHED]
    for_child: Annotated[ChildPart | None, HOME, SIGNAL] = None
    invited: Annotated[Agencies, HOME, SIGNAL] = ()
    attended: Annotated[Agencies, HOME, SIGNAL] = ()
    apologies: Annotated[Agencies, HOME, SIGNAL] = ()
    chair_authority: Annotated[Code | None, HOME, SIGNAL] = None
    chair_reason: Annotated[Text | None, HOME] = None
    authorities_represented: Annotated[Codes, HOME, SIGNAL] = ()
    separate_meeting: Annotated[SeparateMeeting | None, HOME, SIGNAL] = None
    separate_meeting_rationale: Annotated[Text | None, HOME] = None
    decisions: Annotated[Codes, HOME, SIGNAL] = ()
    discussion: Annotated[Text | None, HOME] = None


class StrategyMeetingCancelled(ReasonedEvent):
    """R42: an arranged meeting will not be held."""

    type: Annotated[Literal["protocol.strategy-meeting-cancelled.v1"], OPEN] = (
        "protocol.strategy-meeting-cancelled.v1"
    )
    meeting: Annotated[Identifier, HOME, HASHED]


class SeparateMeetingConsidered(ReasonedEvent):
    """R43, R44 (L85): whether the harmed child has a meeting of their own.

    Not proportionate only where risk, from the other child or any other person, is no longer present.
    """

    type: Annotated[Literal["protocol.separate-meeting-considered.v1"], OPEN] = (
        "protocol.separate-meeting-considered.v1"
    )
    meeting: Annotated[Identifier | None, HOME, HASHED] = None
    decision: Annotated[SeparateMeeting, HOME, SIGNAL]
    approach: Annotated[Approach | None, HOME, SIGNAL] = None
    risk_still_present: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    support_offered: Annotated[bool | None, HOME, SIGNAL] = None
    evidence: Annotated[Text | None, HOME] = None


class Invitation(CaseEvent):
    """R45 (L85): an agency was invited; youth justice always is."""

    type: Annotated[Literal["protocol.invitation.v1"], OPEN] = "protocol.invitation.v1"
    meeting: Annotated[Identifier, HOME, HASHED]
    invited_agency: Annotated[Agency, HOME, SIGNAL]
    stage: Annotated[InvitationStage, HOME, SIGNAL] = InvitationStage.SENT
    invitee: Annotated[Text | None, HOME] = None


class Allocation(ReasonedEvent):
    """R46 (L86): a worker for this child; `reason` is the manager's where two linked children share one."""

    type: Annotated[Literal["protocol.allocation.v1"], OPEN] = "protocol.allocation.v1"
    worker: Annotated[Identifier, HOME, HASHED]
    role: Annotated[AllocationRole, HOME, SIGNAL] = AllocationRole.LEAD_WORKER
    stage: Annotated[AllocationStage, HOME, SIGNAL] = AllocationStage.STARTED
    decided_by: Annotated[Text | None, HOME] = None


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


class CfAssessmentCompleted(CaseEvent):
    """R51, R6 (L13, L90): it was completed, with the agencies that gave to it."""

    type: Annotated[Literal["protocol.cf-assessment-completed.v1"], OPEN] = (
        "protocol.cf-assessment-completed.v1"
    )
    contributors: Annotated[Agencies, HOME, SIGNAL] = ()
    developmental_needs: Annotated[Text | None, HOME] = None
    needs_from_behaviour: Annotated[Text | None, HOME] = None
    strengths: Annotated[Text | None, HOME] = None


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


class UpdateDutyAssigned(CaseEvent):
    """R73 (L113): who tells an agency that was not at the meeting."""

    type: Annotated[Literal["protocol.update-duty-assigned.v1"], OPEN] = "protocol.update-duty-assigned.v1"
    meeting: Annotated[Identifier, HOME, HASHED]
    about_agency: Annotated[Agency, HOME, SIGNAL]
    """The agency to be told."""
    due: Annotated[AwareDatetime | None, OPEN, SIGNAL] = None
    owner: Annotated[Text | None, HOME] = None


class UpdateDutyDone(CaseEvent):
    """R73: the absent agency was told."""

    type: Annotated[Literal["protocol.update-duty-done.v1"], OPEN] = "protocol.update-duty-done.v1"
    meeting: Annotated[Identifier, HOME, HASHED]
    about_agency: Annotated[Agency, HOME, SIGNAL]
    """The agency that was told."""
    told: Annotated[Text | None, HOME] = None


PROTOCOL_TYPES: tuple[type[CaseEvent], ...] = (
    AccountRecorded,
    ChildReassured,
    HsbViewRecorded,
    CsaPossibilityExplored,
    ReferralMade,
    ReferralReceived,
    ReferralAcknowledged,
    ReferralOutcomeSet,
    EmergencyCallMade,
    ImmediateRiskConsidered,
    StrategyMeetingArranged,
    StrategyMeetingHeld,
    StrategyMeetingCancelled,
    SeparateMeetingConsidered,
    Invitation,
    Allocation,
    ResponsibleAuthoritySet,
    S47Started,
    S47NotStarted,
    S47RoleAssigned,
    CfAssessmentStarted,
    CfAssessmentCompleted,
    PoliceEnquiryOpened,
    PoliceEnquiryOutcome,
    InformationRequested,
    InformationSupplied,
    InformationDeclined,
    InformationNoneHeld,
    UpdateDutyAssigned,
    UpdateDutyDone,
)
