"""After the enquiry (guidance L130-L151).

Conference, response, actions, meetings, reviews, disengagement, moves.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.protocol.reasoned import Agencies, ReasonedEvent, YesNoUnknown
from schemas.scope import HASHED, HOME, OPEN, SIGNAL
from schemas.social_care import MeetingKind
from schemas.vocabulary import Agency, ChildPart


class ConferenceAnswer(StrEnum):
    """What was decided of an initial child protection conference (L130; R93)."""

    TO_BE_HELD = "to-be-held"
    NOT_TO_BE_HELD = "not-to-be-held"


class WorkStage(StrEnum):
    """Whether a piece of work began or ended."""

    STARTED = "started"
    ENDED = "ended"


class Reviewed(StrEnum):
    """What is reviewed: each has its own clock, one for each strand (L146; R117)."""

    RISK_MANAGEMENT_PLAN = "risk-management-plan"
    SUPPORT = "support"


class PartShown(StrEnum):
    """What a review decided of the part that a child had: in view until a day, or no longer."""

    SHOWN_UNTIL = "shown-until"
    NO_LONGER_SHOWN = "no-longer-shown"


class NotificationStage(StrEnum):
    """Whether a body was told, or decided."""

    NOTIFIED = "notified"
    DECIDED = "decided"


class ConferenceConsidered(ReasonedEvent):
    """R93, R100 (L130, L136): whether an initial child protection conference is held.

    Where not, with a clear rationale and management oversight.

    From the age of eight, inviting youth justice is considered too.
    """

    type: Annotated[Literal["protocol.conference-considered.v1"], OPEN] = "protocol.conference-considered.v1"
    decision: Annotated[ConferenceAnswer, HOME, SIGNAL]
    manager: Annotated[Text | None, HOME] = None
    invite_youth_justice: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN


class ServicesConsidered(ReasonedEvent):
    """R101, R102 (L137-L138): the services this child needs for the behaviour.

    They are considered also where no child protection plan was made.
    """

    type: Annotated[Literal["protocol.services-considered.v1"], OPEN] = "protocol.services-considered.v1"
    needed: Annotated[YesNoUnknown, HOME, SIGNAL]
    services: Annotated[Text | None, HOME] = None


class ResponseDecided(ReasonedEvent):
    """R95, R104 (L132, L140, L161): the level of the response, and the four things it is in proportion to."""

    type: Annotated[Literal["protocol.response-decided.v1"], OPEN] = "protocol.response-decided.v1"
    level_of_need: Annotated[Code, HOME, SIGNAL]
    threshold_document: Annotated[Code | None, HOME, SIGNAL] = None
    seriousness: Annotated[Text, HOME]
    needs: Annotated[Text, HOME]
    impact_on_harmed: Annotated[Text, HOME]
    other_risks: Annotated[Text, HOME]
    with_family: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    decided_by: Annotated[Text | None, HOME] = None


class Intervention(CaseEvent):
    """R97 (L132): help for the child began or ended; whether the family is part of it."""

    type: Annotated[Literal["protocol.intervention.v1"], OPEN] = "protocol.intervention.v1"
    stage: Annotated[WorkStage, HOME, SIGNAL] = WorkStage.STARTED
    by_agency: Annotated[Agency | None, HOME, SIGNAL] = None
    family_involved: Annotated[bool | None, HOME, SIGNAL] = None
    what: Annotated[Text, HOME]


class ActionAssigned(CaseEvent):
    """R106 (L140): who does what by when. Assigned again under the same name, it is somebody else's."""

    type: Annotated[Literal["protocol.action-assigned.v1"], OPEN] = "protocol.action-assigned.v1"
    action: Annotated[Identifier, HOME, HASHED]
    to_agency: Annotated[Agency, HOME, SIGNAL]
    owner: Annotated[Text, HOME]
    what: Annotated[Text, HOME]
    due: Annotated[date | None, HOME, SIGNAL] = None


class ActionDone(CaseEvent):
    """R106 (L140): it was done."""

    type: Annotated[Literal["protocol.action-done.v1"], OPEN] = "protocol.action-done.v1"
    action: Annotated[Identifier, HOME, HASHED]
    what_came_of_it: Annotated[Text | None, HOME] = None


class MultiAgencyMeetingArranged(ReasonedEvent):
    """R108, R111, R112 (L141-L144): a meeting of several agencies has a time.

    Those who were at the strategy meeting are asked again, and health, CAMHS and the school.
    """

    type: Annotated[Literal["protocol.multi-agency-meeting-arranged.v1"], OPEN] = (
        "protocol.multi-agency-meeting-arranged.v1"
    )
    meeting: Annotated[Identifier, HOME, HASHED]
    kind: Annotated[MeetingKind, HOME, SIGNAL]
    planned_for: Annotated[AwareDatetime, OPEN, SIGNAL]
    invited: Annotated[Agencies, HOME, SIGNAL] = ()


class ProfessionalsMeetingHeld(ReasonedEvent):
    """R121 (L148): the one agency left with a child convened the others."""

    type: Annotated[Literal["protocol.professionals-meeting-held.v1"], OPEN] = (
        "protocol.professionals-meeting-held.v1"
    )
    invited: Annotated[Agencies, HOME, SIGNAL] = ()
    attended: Annotated[Agencies, HOME, SIGNAL] = ()
    discussion: Annotated[Text | None, HOME] = None


class StepDownProposed(ReasonedEvent):
    """R109, R110 (L142): work may pass to early help.

    The team manager says why, and a meeting is convened.
    """

    type: Annotated[Literal["protocol.step-down-proposed.v1"], OPEN] = "protocol.step-down-proposed.v1"
    to_universal_services: Annotated[bool, HOME, SIGNAL] = False
    manager: Annotated[Text, HOME]


class ReviewFrequencySet(ReasonedEvent):
    """R118 (L146): the chair sets how often a plan or a support is reviewed, by need and risk."""

    type: Annotated[Literal["protocol.review-frequency-set.v1"], OPEN] = "protocol.review-frequency-set.v1"
    of: Annotated[Reviewed, HOME, SIGNAL]
    every_days: Annotated[Annotated[int, Field(ge=1, le=366)], HOME, SIGNAL]
    chair: Annotated[Text, HOME]


class ReviewHeld(CaseEvent):
    """R117 (L146): the plan, or the support of a child who was harmed, was reviewed by several agencies."""

    type: Annotated[Literal["protocol.review-held.v1"], OPEN] = "protocol.review-held.v1"
    of: Annotated[Reviewed, HOME, SIGNAL]
    attended: Annotated[Agencies, HOME, SIGNAL] = ()
    outcome: Annotated[Text | None, HOME] = None


class PartReviewed(ReasonedEvent):
    """R9 (L15): people reviewed whether the part that this child had, as one who has harmed, is still shown.

    Child first, no blame. `shown_until`: the last day on which it is said beside entries. `required_by`: the
    law by which it follows the child into adulthood, where one does.
    """

    type: Annotated[Literal["protocol.part-reviewed.v1"], OPEN] = "protocol.part-reviewed.v1"
    part: Annotated[Literal[ChildPart.HAS_SEXUALLY_HARMED], HOME, SIGNAL] = ChildPart.HAS_SEXUALLY_HARMED
    decision: Annotated[PartShown, HOME, SIGNAL]
    shown_until: Annotated[date | None, HOME, SIGNAL] = None
    decided_by: Annotated[Text, HOME]
    with_child: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    required_by: Annotated[Text | None, HOME] = None


class GroupNotified(CaseEvent):
    """R119 (L148): the multi-agency group was told that a child cannot be engaged."""

    type: Annotated[Literal["protocol.group-notified.v1"], OPEN] = "protocol.group-notified.v1"
    agencies: Annotated[Agencies, HOME, SIGNAL] = ()
    single_agency: Annotated[bool | None, HOME, SIGNAL] = None
    """Whether one agency alone still works with the child."""
    what_was_tried: Annotated[Text | None, HOME] = None


class ReengagementPlanned(CaseEvent):
    """R120 (L148): the group reviewed the risks and agreed how to reach the child again.

    Or, where that fails, how to manage the risk.
    """

    type: Annotated[Literal["protocol.reengagement-planned.v1"], OPEN] = "protocol.reengagement-planned.v1"
    attended: Annotated[Agencies, HOME, SIGNAL] = ()
    risks: Annotated[Text, HOME]
    strategy: Annotated[Text, HOME]


class HistoryRequested(CaseEvent):
    """R122 (L150): the authority a child came from was asked for what it knows."""

    type: Annotated[Literal["protocol.history-requested.v1"], OPEN] = "protocol.history-requested.v1"
    from_authority: Annotated[Code, HOME, SIGNAL]
    asked: Annotated[Text | None, HOME] = None


class HistoryReceived(CaseEvent):
    """R122 (L150): what it knows came."""

    type: Annotated[Literal["protocol.history-received.v1"], OPEN] = "protocol.history-received.v1"
    from_authority: Annotated[Code, HOME, SIGNAL]
    contents: Annotated[Text | None, HOME] = None


class MappaNotified(CaseEvent):
    """R123 (L151): the local coordinator of public protection was notified of a release, or decided."""

    type: Annotated[Literal["protocol.mappa-notified.v1"], OPEN] = "protocol.mappa-notified.v1"
    stage: Annotated[NotificationStage, HOME, SIGNAL] = NotificationStage.NOTIFIED
    release_date: Annotated[date | None, HOME, SIGNAL] = None
    coordinator: Annotated[Text | None, HOME] = None
    decision: Annotated[Text | None, HOME] = None
