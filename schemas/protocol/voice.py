"""What children and families say, and how parents are met (guidance L9, L76, L100-L105, L140)."""

from enum import StrEnum
from typing import Annotated, Literal

from schemas.any_agency import SupportStage
from schemas.case_event import CaseEvent, Code, Text
from schemas.scope import HOME, OPEN, SIGNAL, Scope


class Whose(StrEnum):
    """Whose words these are, or whom it is about."""

    MOTHER = "mother"
    FATHER = "father"
    PARENTS = "parents"
    CARER = "carer"
    SIBLING = "sibling"
    OTHER_FAMILY = "other-family"


class ChildViewRecorded(CaseEvent):
    """R2, R107 (L9, L140): what the child says and wants, in their own words, and how it was obtained."""

    type: Annotated[Literal["protocol.child-view-recorded.v1"], OPEN] = "protocol.child-view-recorded.v1"
    about: Annotated[Code | None, HOME, SIGNAL] = None
    """At which step it was asked: a meeting, an assessment, a plan, a review."""
    how_obtained: Annotated[Text, HOME]
    words: Annotated[Text, Scope.ACCOUNT]


class LivedExperienceRecorded(CaseEvent):
    """R107 (L140): what life is like for this child, day by day, as it was explored with them."""

    type: Annotated[Literal["protocol.lived-experience-recorded.v1"], OPEN] = (
        "protocol.lived-experience-recorded.v1"
    )
    how_explored: Annotated[Text, HOME]
    experience: Annotated[Text, HOME]


class FamilyViewRecorded(CaseEvent):
    """R2 (L9): what parents or family say and want, in their own words."""

    type: Annotated[Literal["protocol.family-view-recorded.v1"], OPEN] = "protocol.family-view-recorded.v1"
    whose: Annotated[Whose, HOME, SIGNAL]
    how_obtained: Annotated[Text | None, HOME] = None
    said: Annotated[Text, HOME]


class ParentResponseNoted(CaseEvent):
    """R28, R65 (L76, L105): how parents took it, in neutral words.

    Shock, anger and denial are to be expected; no rule reads it.
    """

    type: Annotated[Literal["protocol.parent-response-noted.v1"], OPEN] = "protocol.parent-response-noted.v1"
    whose: Annotated[Whose, HOME, SIGNAL]
    response: Annotated[Text, HOME]


class ParentSupportOffered(CaseEvent):
    """R28 (L76): parents were offered help early, so that they can help their child."""

    type: Annotated[Literal["protocol.parent-support-offered.v1"], OPEN] = (
        "protocol.parent-support-offered.v1"
    )
    whose: Annotated[Whose, HOME, SIGNAL] = Whose.PARENTS
    stage: Annotated[SupportStage, HOME, SIGNAL] = SupportStage.OFFERED
    support: Annotated[Text, HOME]


class ProtectiveCapacityNoted(CaseEvent):
    """R60 (L100): the parents' attitude and ability to protect, strengths and worries both."""

    type: Annotated[Literal["protocol.protective-capacity-noted.v1"], OPEN] = (
        "protocol.protective-capacity-noted.v1"
    )
    whose: Annotated[Whose, HOME, SIGNAL] = Whose.PARENTS
    strengths: Annotated[Text, HOME]
    worries: Annotated[Text, HOME]
