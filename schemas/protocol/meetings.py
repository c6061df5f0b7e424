"""The strategy meeting (guidance L85-L88, L113): arranged, held, who was asked and who is told."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.protocol.reasoned import Agencies, Codes, ReasonedEvent, YesNoUnknown
from schemas.scope import HASHED, HOME, OPEN, SIGNAL
from schemas.vocabulary import Agency, ChildPart


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
