"""Interviews and the criminal process (guidance L121-L126).

Order, conditions, exceptions, admissions, telling the family.
"""

from enum import StrEnum
from typing import Annotated, Literal

from schemas.case_event import CaseEvent, Text
from schemas.protocol.reasoned import Agencies, ReasonedEvent
from schemas.scope import HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import Agency


class InterviewAs(StrEnum):
    """In which capacity a child is interviewed (guidance L123-L125)."""

    ALLEGED_TO_HAVE_HARMED = "alleged-to-have-harmed"
    HARMED_OR_WITNESS = "harmed-or-witness"


class ExceptionGround(StrEnum):
    """Why an interview is not held as the guidance says (L124; R86)."""

    LEARNING_DIFFICULTY = "learning-difficulty"
    DISABILITY = "disability"
    OTHER_VULNERABILITY = "other-vulnerability"


class Course(StrEnum):
    """What happens with what was admitted (L125; Q6)."""

    SEPARATE_INTERVIEW = "separate-interview"
    SAME_INTERVIEW_GOES_ON = "same-interview-goes-on"


class TellingStage(StrEnum):
    """Whether it is agreed how the family will be told, or they were told (L122; R84)."""

    AGREED = "agreed"
    TOLD = "told"


class InterviewOrderDecided(ReasonedEvent):
    """R81 (L121): where a child is also suspected to have been harmed, the order of the interviews."""

    type: Annotated[Literal["protocol.interview-order-decided.v1"], OPEN] = (
        "protocol.interview-order-decided.v1"
    )
    order: Annotated[Text, HOME]
    decided_by: Annotated[Text | None, HOME] = None


class InterviewHeld(ReasonedEvent):
    """R85 (L123-L124): an interview, by whom, and whether the four conditions of a first one were met.

    What was said is in scope account: it is for those who investigate (R88).
    """

    type: Annotated[Literal["protocol.interview-held.v1"], OPEN] = "protocol.interview-held.v1"
    interviewed_as: Annotated[InterviewAs, HOME, SIGNAL]
    conducted_by: Annotated[Agencies, HOME, SIGNAL] = ()
    first: Annotated[bool, HOME, SIGNAL] = True
    recorded: Annotated[bool | None, HOME, SIGNAL] = None
    at_police_station: Annotated[bool | None, HOME, SIGNAL] = None
    under_caution: Annotated[bool | None, HOME, SIGNAL] = None
    appropriate_adult: Annotated[bool | None, HOME, SIGNAL] = None
    account: Annotated[Text | None, Scope.ACCOUNT] = None


class InterviewExceptionAgreed(ReasonedEvent):
    """R86 (L124): police agree that another interviews, in the interest of the child.

    Only police may say so.
    """

    type: Annotated[Literal["protocol.interview-exception-agreed.v1"], OPEN] = (
        "protocol.interview-exception-agreed.v1"
    )
    agency: Annotated[Literal[Agency.POLICE], OPEN, SIGNAL] = Agency.POLICE
    ground: Annotated[ExceptionGround, HOME, SIGNAL]
    officer_role: Annotated[Text, HOME]
    interviewer: Annotated[Text, HOME]


class AdmissionNoted(CaseEvent):
    """R87 (L125): a child interviewed as harmed or as a witness said that they did something themself."""

    type: Annotated[Literal["protocol.admission-noted.v1"], OPEN] = "protocol.admission-noted.v1"
    account: Annotated[Text | None, Scope.ACCOUNT] = None


class AdmissionCourseAgreed(ReasonedEvent):
    """R87 (L125; Q6): police agree, explicitly, to the course taken with an admission.

    Only police may say so.
    """

    type: Annotated[Literal["protocol.admission-course-agreed.v1"], OPEN] = (
        "protocol.admission-course-agreed.v1"
    )
    agency: Annotated[Literal[Agency.POLICE], OPEN, SIGNAL] = Agency.POLICE
    course: Annotated[Course, HOME, SIGNAL]
    officer_role: Annotated[Text, HOME]


class FamilyInformed(CaseEvent):
    """R84 (L122): how child and family are told that criminal matters end, and work on risk goes on."""

    type: Annotated[Literal["protocol.family-informed.v1"], OPEN] = "protocol.family-informed.v1"
    stage: Annotated[TellingStage, HOME, SIGNAL]
    what: Annotated[Text, HOME]
    by_whom: Annotated[Text, HOME]
    work_goes_on: Annotated[Text | None, HOME] = None
