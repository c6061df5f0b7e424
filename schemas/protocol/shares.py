"""What is told beyond those at the table: shares that are considered, and two tellings that the law asks for.

With whom, what for, how far; who was told, who objected; a school told of domestic abuse; a mandatory report.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.case_event import Code, Text
from schemas.protocol.reasoned import ReasonedEvent, YesNoUnknown
from schemas.scope import HOME, OPEN, SIGNAL


class SharingDecision(StrEnum):
    """What was decided of a disclosure."""

    SHARE = "share"
    WITHHOLD = "withhold"


class SharePurpose(StrEnum):
    """What it helps the recipient to do: the function it is shared for (Children Act 2004 s.16LA)."""

    KEEP_THIS_CHILD_SAFE = "keep-this-child-safe"
    KEEP_OTHER_CHILDREN_SAFE = "keep-other-children-safe"
    ENQUIRY_OR_ASSESSMENT = "enquiry-or-assessment"
    CRIMINAL_INVESTIGATION = "criminal-investigation"
    DECISION_ON_PROSECUTION = "decision-on-prosecution"
    COURT_PROCEEDINGS = "court-proceedings"
    EDUCATION = "education"
    HEALTH_CARE = "health-care"
    SUPPORT_FOR_THE_FAMILY = "support-for-the-family"
    OTHER = "other"


class ShareExtent(StrEnum):
    """How far a share goes: no further than helps what it is for."""

    THAT_SOMETHING_IS_HELD = "that-something-is-held"
    """That an agency knows the child, and whom to ring."""
    HEADLINE = "headline"
    """What kind of concern, since when."""
    WHAT_THE_PURPOSE_NEEDS = "what-the-purpose-needs"
    ALL_THAT_IS_HELD = "all-that-is-held"


class WithheldBecause(StrEnum):
    """Why something is not shared."""

    MORE_DETRIMENTAL_TO_THE_CHILD = "more-detrimental-to-the-child"
    """Than sharing it would be (Children Act 2004 s.16LA)."""
    WOULD_NOT_HELP_THE_RECIPIENT = "would-not-help-the-recipient"
    PREJUDICES_AN_ENQUIRY = "prejudices-an-enquiry"
    DANGER_TO_SOMEBODY_ELSE = "danger-to-somebody-else"
    LAW_OR_COURT_FORBIDS = "law-or-court-forbids"
    OBJECTION_HEEDED = "objection-heeded"
    OTHER = "other"


class NotToldBecause(StrEnum):
    """Why the child, or the family, was not told that something is shared."""

    PLACES_A_CHILD_AT_RISK = "places-a-child-at-risk"
    PLACES_SOMEBODY_ELSE_AT_RISK = "places-somebody-else-at-risk"
    PREJUDICES_AN_ENQUIRY = "prejudices-an-enquiry"
    TOO_YOUNG_TO_UNDERSTAND = "too-young-to-understand"
    COULD_NOT_BE_REACHED = "could-not-be-reached"
    NOT_YET = "not-yet"
    OTHER = "other"


class ObjectionOf(StrEnum):
    """Who objects to a share."""

    CHILD = "child"
    PARENT_OR_CARER = "parent-or-carer"
    SOMEBODY_ELSE = "somebody-else"


class ObjectionAnswer(StrEnum):
    """What was made of an objection."""

    HEEDED = "heeded"
    LESS_IS_SHARED = "less-is-shared"
    SHARED_ALL_THE_SAME = "shared-all-the-same"
    NOT_ANSWERED_YET = "not-answered-yet"


class EncompassStage(StrEnum):
    """What became of telling a school of domestic abuse: by the police; and at the school."""

    TOLD = "told"
    RECEIVED = "received"
    NOT_TOLD = "not-told"


class EncompassTo(StrEnum):
    """Where the child receives education; the local authority for a child who is educated at home."""

    SCHOOL = "school"
    COLLEGE = "college"
    LOCAL_AUTHORITY = "local-authority"


class ReportStage(StrEnum):
    """What became of a mandatory report."""

    MADE = "made"
    DELAYED = "delayed"
    NOT_OWED = "not-owed"


class ReportTo(StrEnum):
    """To whom a mandatory report is made."""

    POLICE = "police"
    LOCAL_AUTHORITY = "local-authority"


class ReasonToSuspect(StrEnum):
    """What gave reason to suspect that a child was sexually abused."""

    TOLD_BY_THE_CHILD = "told-by-the-child"
    TOLD_BY_SOMEBODY_ELSE = "told-by-somebody-else"
    TOLD_BY_WHO_DID_IT = "told-by-who-did-it"
    SEEN_OR_HEARD = "seen-or-heard"
    IMAGES = "images-or-recording"
    SIGNS = "signs"


class NotOwedBecause(StrEnum):
    """Why no mandatory report is owed."""

    REPORTED_ALREADY = "reported-already"
    CONSENSUAL_BETWEEN_CHILDREN = "consensual-between-children"
    CONFIDENTIAL_SERVICE = "confidential-service"
    OTHER = "other"


class DisclosureConsidered(ReasonedEvent):
    """R79, R131 (L119, L161): whether something is shared beyond those at the table, what for and how far.

    `basis` says on which lawful basis. `shared_on` empty: it was decided, and not shared yet. What came later
    than version 1 was first published is empty in older events: it was not asked.
    """

    type: Annotated[Literal["protocol.disclosure-considered.v1"], OPEN] = "protocol.disclosure-considered.v1"
    recipient: Annotated[Code, HOME, SIGNAL]
    decision: Annotated[SharingDecision, HOME, SIGNAL]
    grounds: Annotated[Text, HOME]
    purpose: Annotated[SharePurpose | None, HOME, SIGNAL] = None
    how_far: Annotated[ShareExtent | None, HOME, SIGNAL] = None
    shared_on: Annotated[date | None, HOME, SIGNAL] = None
    withheld_because: Annotated[WithheldBecause | None, HOME, SIGNAL] = None
    looked_at_by: Annotated[Text | None, HOME] = None
    """Who else looked at the decision."""
    family_told: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    child_told: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    told_on: Annotated[date | None, HOME, SIGNAL] = None
    told_by: Annotated[Text | None, HOME] = None
    not_told_because: Annotated[NotToldBecause | None, HOME, SIGNAL] = None
    objection_of: Annotated[Annotated[tuple[ObjectionOf, ...], Field(max_length=3)], HOME, SIGNAL] = ()
    objection: Annotated[Text | None, HOME] = None
    objection_answer: Annotated[ObjectionAnswer | None, HOME, SIGNAL] = None
    objection_answer_said: Annotated[Text | None, HOME] = None


class EncompassNotice(ReasonedEvent):
    """Domestic Abuse Act 2021 s.49A (Operation Encompass): police tell a child's school of domestic abuse.

    As soon as is reasonably practicable; the scheme: before the next school day begins (`before_school`). The
    school says that it was told by a notice of its own.
    """

    type: Annotated[Literal["protocol.encompass-notice.v1"], OPEN] = "protocol.encompass-notice.v1"
    stage: Annotated[EncompassStage, HOME, SIGNAL]
    to: Annotated[EncompassTo | None, HOME, SIGNAL] = None
    told_to: Annotated[Text | None, HOME] = None
    before_school: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    child_present: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    what: Annotated[Text | None, HOME] = None
    withheld_because: Annotated[WithheldBecause | None, HOME, SIGNAL] = None


class MandatoryReport(ReasonedEvent):
    """Duty to report child sexual abuse (Crime and Policing Bill, Part 5 ch. 2): made, delayed, or not owed.

    As soon as practicable, to the police or the local authority; up to seven days later where telling at once
    would endanger a child. Written from the Bill as it stood in February 2026: its start is not confirmed.
    """

    type: Annotated[Literal["protocol.mandatory-report.v1"], OPEN] = "protocol.mandatory-report.v1"
    stage: Annotated[ReportStage, HOME, SIGNAL]
    to: Annotated[Annotated[tuple[ReportTo, ...], Field(max_length=2)], HOME, SIGNAL] = ()
    reported_by: Annotated[Text, HOME]
    suspicion: Annotated[ReasonToSuspect, HOME, SIGNAL]
    in_writing: Annotated[bool | None, HOME, SIGNAL] = None
    what: Annotated[Text | None, HOME] = None
    delayed_until: Annotated[date | None, HOME, SIGNAL] = None
    not_owed_because: Annotated[NotOwedBecause | None, HOME, SIGNAL] = None
