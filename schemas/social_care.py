"""What children's social care may say."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.scope import HASHED, HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import Agency, BehaviourClass, ChildPart, PlaceKind

Agencies = Annotated[tuple[Agency, ...], Field(max_length=20)]
Codes = Annotated[tuple[Code, ...], Field(max_length=40)]


class AssessmentKind(StrEnum):
    """Which assessment; AIM is the one for harmful sexual behaviour (guidance L75, L114)."""

    CHILD_AND_FAMILY = "child-and-family"
    AIM = "aim"
    OTHER = "other"


class Stage(StrEnum):
    """How far a piece of work has come."""

    STARTED = "started"
    COMPLETED = "completed"


class AbuseCategory(StrEnum):
    """The categories a child protection plan is made under (Working Together)."""

    NEGLECT = "neglect"
    PHYSICAL = "physical"
    SEXUAL = "sexual"
    EMOTIONAL = "emotional"
    MULTIPLE = "multiple"


class ConferenceKind(StrEnum):
    """Which child protection conference."""

    INITIAL = "initial"
    REVIEW = "review"


class ConferenceDecision(StrEnum):
    """What a conference decided of a child protection plan."""

    PLAN_MADE = "plan-made"
    NO_PLAN = "no-plan"
    PLAN_CONTINUES = "plan-continues"
    PLAN_ENDS = "plan-ends"


class PlanKind(StrEnum):
    """Which plan; the words are the national standard's codes."""

    CHILD_IN_NEED = "cin-plan"
    CHILD_PROTECTION = "cp-plan"
    LOOKED_AFTER = "child-looked-after"


class PlanStage(StrEnum):
    """How far a plan has come."""

    CONSIDERED = "considered"
    AGREED = "agreed"
    STARTED = "started"
    REVIEWED = "reviewed"
    ENDED = "ended"


class MeetingKind(StrEnum):
    """Which multi-agency meeting (guidance L122, L141-148)."""

    CHILD_IN_NEED = "child-in-need"
    CORE_GROUP = "core-group"
    AFTER_ASSESSMENT = "after-assessment"
    RECONVENED = "reconvened"
    STEP_DOWN = "step-down"
    REVIEW = "review"
    PROFESSIONALS = "professionals"
    OTHER = "other"


class EarlyHelpStage(StrEnum):
    """Work passes between social care and early help (guidance L142)."""

    TRANSFER_IN = "transfer-in"
    TRANSFER_OUT = "transfer-out"


class Contact(CaseEvent):
    """Somebody contacted the front door about the child."""

    national: ClassVar[str | None] = "referral"
    type: Annotated[Literal["social-care.contact.v1"], OPEN] = "social-care.contact.v1"
    source_agency: Annotated[Agency | None, HOME, SIGNAL] = None
    outcome: Annotated[Code | None, HOME, SIGNAL] = None
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said of it, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()
    source_code: Annotated[Code | None, HOME] = None
    """The sender's own code of who made it, as sent."""
    reason: Annotated[Text | None, HOME] = None
    made_by: Annotated[Text | None, Scope.INFORMANT] = None


class Referral(CaseEvent):
    """A contact was taken as a referral of the child."""

    national: ClassVar[str | None] = "referral"
    type: Annotated[Literal["social-care.referral.v1"], OPEN] = "social-care.referral.v1"
    source_agency: Annotated[Agency | None, HOME, SIGNAL] = None
    outcome: Annotated[Code | None, HOME, SIGNAL] = None
    source_code: Annotated[Code | None, HOME] = None
    """The sender's own code of who made it, as sent."""
    reason: Annotated[Text | None, HOME] = None
    made_by: Annotated[Text | None, Scope.INFORMANT] = None


class Assessment(CaseEvent):
    """The child's needs were assessed; `factors` are the codes of what was found."""

    type: Annotated[Literal["social-care.assessment.v1"], OPEN] = "social-care.assessment.v1"
    kind: Annotated[AssessmentKind, HOME, SIGNAL] = AssessmentKind.CHILD_AND_FAMILY
    stage: Annotated[Stage, HOME, SIGNAL]
    factors: Annotated[Codes, HOME, SIGNAL] = ()
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    analysis: Annotated[Text | None, HOME] = None
    strengths: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


class StrategyMeeting(CaseEvent):
    """A strategy meeting was arranged or held (guidance L85-94)."""

    type: Annotated[Literal["social-care.strategy-meeting.v1"], OPEN] = "social-care.strategy-meeting.v1"
    for_child: Annotated[ChildPart | None, HOME, SIGNAL] = None
    """Whether it was for this child as one who has harmed or has been harmed."""
    held: Annotated[bool, HOME, SIGNAL]
    agencies_present: Annotated[Agencies, HOME, SIGNAL] = ()
    chair_authority: Annotated[Code | None, HOME, SIGNAL] = None
    decisions: Annotated[Codes, HOME, SIGNAL] = ()
    discussion: Annotated[Text | None, HOME] = None


class Section47(CaseEvent):
    """Enquiries under Children Act 1989 s.47 started or were completed."""

    national: ClassVar[str | None] = "section-47"
    type: Annotated[Literal["social-care.section-47.v1"], OPEN] = "social-care.section-47.v1"
    stage: Annotated[Stage, HOME, SIGNAL]
    outcome: Annotated[Code | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None


class Conference(CaseEvent):
    """A child protection conference was held."""

    type: Annotated[Literal["social-care.conference.v1"], OPEN] = "social-care.conference.v1"
    kind: Annotated[ConferenceKind, HOME, SIGNAL]
    decision: Annotated[ConferenceDecision | None, HOME, SIGNAL] = None
    category_of_abuse: Annotated[AbuseCategory | None, HOME, SIGNAL] = None
    needs_from_behaviour_considered: Annotated[bool | None, HOME, SIGNAL] = None
    """Whether it considered how to respond to the child's needs as one who may have harmed (L137; R101)."""
    discussion: Annotated[Text | None, HOME] = None


class Plan(CaseEvent):
    """A plan for the child started, was reviewed or ended; its kind is its national code."""

    type: Annotated[Literal["social-care.plan.v1"], OPEN] = "social-care.plan.v1"
    kind: Annotated[PlanKind, HOME, SIGNAL]
    stage: Annotated[PlanStage, HOME, SIGNAL]
    category_of_abuse: Annotated[AbuseCategory | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None
    contents: Annotated[Text | None, HOME] = None


class MultiAgencyMeeting(CaseEvent):
    """Several agencies met about the child; `actions_named`: with an owner for each (guidance L140)."""

    type: Annotated[Literal["social-care.multi-agency-meeting.v1"], OPEN] = (
        "social-care.multi-agency-meeting.v1"
    )
    kind: Annotated[MeetingKind, HOME, SIGNAL] = MeetingKind.OTHER
    agencies_present: Annotated[Agencies, HOME, SIGNAL] = ()
    actions_named: Annotated[bool | None, HOME, SIGNAL] = None
    meeting: Annotated[Identifier | None, HOME, HASHED] = None
    invited: Annotated[Agencies, HOME, SIGNAL] = ()
    apologies: Annotated[Agencies, HOME, SIGNAL] = ()
    risk_plan_covered: Annotated[bool | None, HOME, SIGNAL] = None
    """Whether a risk-management plan was part of it (L144; R113)."""
    specialist_input: Annotated[bool | None, HOME, SIGNAL] = None
    """Whether specialist input for special needs was considered (L144; R113)."""
    discussion: Annotated[Text | None, HOME] = None
    actions: Annotated[Text | None, HOME] = None


class FamilySafetyPlan(CaseEvent):
    """A family safety plan was considered, agreed, reviewed or ended (guidance L140)."""

    type: Annotated[Literal["social-care.family-safety-plan.v1"], OPEN] = "social-care.family-safety-plan.v1"
    stage: Annotated[PlanStage, HOME, SIGNAL]
    responsible_agency: Annotated[Agency | None, HOME, SIGNAL] = None
    settings_covered: Annotated[tuple[PlaceKind, ...], Field(max_length=20), HOME, SIGNAL] = ()
    review_due: Annotated[date | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None
    contents: Annotated[Text | None, HOME] = None


class RiskManagementPlan(CaseEvent):
    """A risk-management plan; one agency answers for it, in every setting (guidance L145).

    The kinds of setting are in `settings_covered`, the places themselves in `places`.
    """

    type: Annotated[Literal["social-care.risk-management-plan.v1"], OPEN] = (
        "social-care.risk-management-plan.v1"
    )
    stage: Annotated[PlanStage, HOME, SIGNAL]
    responsible_agency: Annotated[Agency | None, HOME, SIGNAL] = None
    settings_covered: Annotated[tuple[PlaceKind, ...], Field(max_length=20), HOME, SIGNAL] = ()
    review_due: Annotated[date | None, HOME, SIGNAL] = None
    owner: Annotated[Text | None, HOME] = None
    future_harm: Annotated[Text | None, HOME] = None
    """How the risk of harm in future is kept as small as can be (L145; R116)."""
    contents: Annotated[Text | None, HOME] = None


class PlacementMoved(CaseEvent):
    """The child moved to another placement."""

    national: ClassVar[str | None] = "child-looked-after"
    type: Annotated[Literal["social-care.placement-moved.v1"], OPEN] = "social-care.placement-moved.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None
    placement: Annotated[Text | None, Scope.WHEREABOUTS] = None


class LookedAfter(CaseEvent):
    """The child came into the care of the authority; ongoing until they leave it."""

    national: ClassVar[str | None] = "child-looked-after"
    type: Annotated[Literal["social-care.looked-after.v1"], OPEN] = "social-care.looked-after.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    reason: Annotated[Text | None, HOME] = None
    placement: Annotated[Text | None, Scope.WHEREABOUTS] = None


class EarlyHelp(CaseEvent):
    """Work passed to or from early help (guidance L142: a manager's rationale and a meeting)."""

    national: ClassVar[str | None] = "early-help"
    type: Annotated[Literal["social-care.early-help.v1"], OPEN] = "social-care.early-help.v1"
    stage: Annotated[EarlyHelpStage, HOME, SIGNAL]
    manager_rationale: Annotated[bool | None, HOME, SIGNAL] = None
    meeting_held: Annotated[bool | None, HOME, SIGNAL] = None
    rationale: Annotated[Text | None, HOME] = None


class Allocation(CaseEvent):
    """A worker was allocated to the child."""

    type: Annotated[Literal["social-care.allocation.v1"], OPEN] = "social-care.allocation.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    worker: Annotated[Identifier | None, HOME, HASHED] = None
    team: Annotated[Text | None, HOME] = None


class Closed(CaseEvent):
    """Social care closed its work with the child, naming who stays involved."""

    type: Annotated[Literal["social-care.closed.v1"], OPEN] = "social-care.closed.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    agencies_active: Annotated[Agencies, HOME, SIGNAL] = ()
    reason: Annotated[Text | None, HOME] = None


class Disengaged(CaseEvent):
    """The child or family stopped working with social care (guidance L148)."""

    type: Annotated[Literal["social-care.disengaged.v1"], OPEN] = "social-care.disengaged.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    agencies_active: Annotated[Agencies, HOME, SIGNAL] = ()
    reason: Annotated[Text | None, HOME] = None


class AreaMove(CaseEvent):
    """The child moved between authorities, or notice came that they will (guidance L150)."""

    type: Annotated[Literal["social-care.area-move.v1"], OPEN] = "social-care.area-move.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    moving_in: Annotated[bool | None, HOME, SIGNAL] = None
    from_authority: Annotated[Code | None, HOME, SIGNAL] = None
    to_authority: Annotated[Code | None, HOME, SIGNAL] = None
    agencies_active: Annotated[Agencies, HOME, SIGNAL] = ()
    reason: Annotated[Text | None, HOME] = None


class ReturnInterview(CaseEvent):
    """The child was offered an independent talk after being missing."""

    type: Annotated[Literal["social-care.return-interview.v1"], OPEN] = "social-care.return-interview.v1"
    reason_code: Annotated[Code | None, HOME, SIGNAL] = None
    analysis: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


SOCIAL_CARE_TYPES: tuple[type[CaseEvent], ...] = (
    Contact,
    Referral,
    Assessment,
    StrategyMeeting,
    Section47,
    Conference,
    Plan,
    MultiAgencyMeeting,
    FamilySafetyPlan,
    RiskManagementPlan,
    PlacementMoved,
    LookedAfter,
    EarlyHelp,
    Allocation,
    Closed,
    Disengaged,
    AreaMove,
    ReturnInterview,
)
