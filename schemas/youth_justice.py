"""What youth justice services may say."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from schemas.case_event import CaseEvent, Code, Text
from schemas.scope import HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import BehaviourClass


class Stage(StrEnum):
    """How far youth justice has come: a release is planned and then completed."""

    PLANNED = "planned"
    STARTED = "started"
    COMPLETED = "completed"
    ENDED_EARLY = "ended-early"


class Intervention(CaseEvent):
    """Youth justice planned, started or ended work with the child."""

    type: Annotated[Literal["youth-justice.intervention.v1"], OPEN] = "youth-justice.intervention.v1"
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[Stage, HOME, SIGNAL]
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    plan: Annotated[Text | None, HOME] = None


class Caution(CaseEvent):
    """The child was given a caution or another outcome out of court."""

    type: Annotated[Literal["youth-justice.caution.v1"], OPEN] = "youth-justice.caution.v1"
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[Stage | None, HOME, SIGNAL] = None
    offence: Annotated[Text | None, HOME] = None
    conditions: Annotated[Text | None, HOME] = None


class CourtOutcome(CaseEvent):
    """A court dealt with the child's case."""

    type: Annotated[Literal["youth-justice.court-outcome.v1"], OPEN] = "youth-justice.court-outcome.v1"
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[Stage | None, HOME, SIGNAL] = None
    convicted: Annotated[bool | None, HOME, SIGNAL] = None
    offence: Annotated[Text | None, HOME] = None
    result: Annotated[Text | None, HOME] = None


class Release(CaseEvent):
    """The child's release from custody or secure accommodation was planned, or happened (L88, L150)."""

    type: Annotated[Literal["youth-justice.release.v1"], OPEN] = "youth-justice.release.v1"
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[Stage, HOME, SIGNAL]
    release_date: Annotated[date | None, HOME, SIGNAL] = None
    conditions: Annotated[Text | None, HOME] = None
    released_to: Annotated[Text | None, Scope.WHEREABOUTS] = None


class MappaNotification(CaseEvent):
    """The MAPPA coordinator was notified of the child's release, or decided (guidance L151)."""

    type: Annotated[Literal["youth-justice.mappa-notification.v1"], OPEN] = (
        "youth-justice.mappa-notification.v1"
    )
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[Stage | None, HOME, SIGNAL] = None
    decision: Annotated[Text | None, HOME] = None


class Assessment(CaseEvent):
    """Youth justice assessed the child (AssetPlus, AIM or another)."""

    type: Annotated[Literal["youth-justice.assessment.v1"], OPEN] = "youth-justice.assessment.v1"
    offence_category: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[Stage, HOME, SIGNAL]
    hsb_class: Annotated[BehaviourClass | None, HOME, SIGNAL] = None
    analysis: Annotated[Text | None, HOME] = None
    child_words: Annotated[Text | None, Scope.ACCOUNT] = None


YOUTH_JUSTICE_TYPES: tuple[type[CaseEvent], ...] = (
    Intervention,
    Caution,
    CourtOutcome,
    Release,
    MappaNotification,
    Assessment,
)
