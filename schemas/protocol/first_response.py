"""Recognition and immediate actions (guidance L18-L83): accounts, referral, immediate risk."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.protocol.reasoned import ReasonedEvent, YesNoUnknown
from schemas.scope import HASHED, HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import Agency, BehaviourClass, HowReceived


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
    account_how: Annotated[Code | None, HOME, SIGNAL] = None
    """What was said, coded by people: how it came about, where, and who was there (patterns P35)."""
    account_where: Annotated[Code | None, HOME, SIGNAL] = None
    account_who: Annotated[tuple[Code, ...], Field(max_length=10), HOME, SIGNAL] = ()


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
