"""What every agency may say in its own name: strengths, safety, support and engagement."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from schemas.case_event import CaseEvent, Code, Text, Withdrawal
from schemas.scope import HOME, OPEN, SIGNAL
from schemas.vocabulary import Agency, PlaceKind


class MeasureStage(StrEnum):
    """Whether a safety measure holds."""

    STARTED = "started"
    ENDED = "ended"


class MeasureKind(StrEnum):
    """Safety measures that rules know by name; an agency may name others."""

    KEEP_APART = "keep-apart"
    SUPERVISION = "supervision"
    ALTERNATIVE_ACCOMMODATION = "alternative-accommodation"
    BAIL_CONDITIONS = "bail-conditions"
    SCHOOL_RISK_ASSESSMENT = "school-risk-assessment"


class SupportStage(StrEnum):
    """What became of an offer of support (guidance L9; R1)."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ENDED = "ended"


class EngagementStage(StrEnum):
    """How the child or family is working with a service (guidance L148)."""

    POSITIVE = "positive"
    FAILED = "failed"
    ENDED = "ended"


class StrengthNoted(CaseEvent):
    """Something that protects the child was seen; it stands in the same stream as concerns."""

    type: Annotated[
        Literal[
            "police.strength-noted.v1",
            "health.strength-noted.v1",
            "schools.strength-noted.v1",
            "social-care.strength-noted.v1",
            "youth-justice.strength-noted.v1",
            "early-help.strength-noted.v1",
            "housing.strength-noted.v1",
            "probation.strength-noted.v1",
        ],
        OPEN,
    ]
    kind: Annotated[Code | None, HOME, SIGNAL] = None
    details: Annotated[Text | None, HOME] = None


class SafetyMeasure(CaseEvent):
    """A measure to keep a child safe started or ended (guidance L83; R41).

    `part` says as which child this one is protected or kept apart; `children` from whom.
    """

    type: Annotated[
        Literal[
            "police.safety-measure.v1",
            "health.safety-measure.v1",
            "schools.safety-measure.v1",
            "social-care.safety-measure.v1",
            "youth-justice.safety-measure.v1",
            "early-help.safety-measure.v1",
            "housing.safety-measure.v1",
            "probation.safety-measure.v1",
        ],
        OPEN,
    ]
    kind: Annotated[Code | None, HOME, SIGNAL] = None
    """One of `MeasureKind` where a rule should know it."""
    stage: Annotated[MeasureStage, HOME, SIGNAL] = MeasureStage.STARTED
    setting: Annotated[PlaceKind | None, HOME, SIGNAL] = None
    until: Annotated[date | None, HOME, SIGNAL] = None
    owner: Annotated[Text | None, HOME] = None
    details: Annotated[Text | None, HOME] = None


class SupportOffered(CaseEvent):
    """Support was offered to the child or the family, and what became of it (R1)."""

    type: Annotated[
        Literal[
            "police.support-offered.v1",
            "health.support-offered.v1",
            "schools.support-offered.v1",
            "social-care.support-offered.v1",
            "youth-justice.support-offered.v1",
            "early-help.support-offered.v1",
            "housing.support-offered.v1",
            "probation.support-offered.v1",
        ],
        OPEN,
    ]
    kind: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[SupportStage, HOME, SIGNAL] = SupportStage.OFFERED
    offered_to: Annotated[Code | None, HOME] = None
    details: Annotated[Text | None, HOME] = None


class Engagement(CaseEvent):
    """How the child or family works with the agency: well, not at all, or no longer (R119)."""

    type: Annotated[
        Literal[
            "police.engagement.v1",
            "health.engagement.v1",
            "schools.engagement.v1",
            "social-care.engagement.v1",
            "youth-justice.engagement.v1",
            "early-help.engagement.v1",
            "housing.engagement.v1",
            "probation.engagement.v1",
        ],
        OPEN,
    ]
    kind: Annotated[Code | None, HOME, SIGNAL] = None
    stage: Annotated[EngagementStage, HOME, SIGNAL]
    agencies_active: Annotated[tuple[Agency, ...], Field(max_length=20), HOME, SIGNAL] = ()
    """Where it ended: whom the agency relies on to stay involved (patterns P33)."""
    details: Annotated[Text | None, HOME] = None


class NotedCategory(StrEnum):
    """Categories of a noted concern that rules know by name; an agency may hold others."""

    WEIGHT_FALLING = "weight-falling"
    GROWTH = "growth"
    DENTAL = "dental"
    IMMUNISATION = "immunisation"
    HOME_CONDITIONS = "home-conditions"
    SUPERVISION = "supervision"
    NEGLECT = "neglect"
    DOMESTIC_ABUSE = "domestic-abuse"
    PARENT_SUBSTANCES = "parent-substances"
    PARENT_MENTAL_HEALTH = "parent-mental-health"
    EVICTION = "eviction"
    RISK_TO_CHILDREN = "risk-to-children"
    """An adult whom `people` names is known to be a risk to children."""
    SEXUAL_HARM = "sexual-harm"
    MISSING = "missing"
    GIFTS = "gifts"
    OLDER_ASSOCIATES = "older-associates"
    WORRYING_SIGN = "worrying-sign"
    GENITAL_SYMPTOMS = "genital-symptoms"
    SOILING = "soiling"
    SLEEP = "sleep"
    """Sleep is disturbed."""


class ConcernNoted(CaseEvent):
    """An agency noted a concern about child or home (a school logs its own: `schools.concern-logged`)."""

    national: ClassVar[str | None] = "safeguarding-concern"
    type: Annotated[
        Literal[
            "police.concern-noted.v1",
            "health.concern-noted.v1",
            "social-care.concern-noted.v1",
            "youth-justice.concern-noted.v1",
            "early-help.concern-noted.v1",
            "housing.concern-noted.v1",
            "probation.concern-noted.v1",
        ],
        OPEN,
    ]
    category: Annotated[Code | None, HOME, SIGNAL] = None
    """One of `NotedCategory` where a rule should know it."""
    details: Annotated[Text | None, HOME] = None


class HouseholdChange(StrEnum):
    """What changed in a household."""

    NEW_ADULT = "new-adult"
    MOVED_IN = "moved-in"
    MOVED_OUT = "moved-out"


class HouseholdChanged(CaseEvent):
    """Somebody came into the child's household, or the household moved (patterns P21, P27, P31)."""

    type: Annotated[
        Literal["housing.household-changed.v1", "police.household-changed.v1"],
        OPEN,
    ]
    kind: Annotated[HouseholdChange, HOME, SIGNAL]
    new_area: Annotated[bool | None, HOME, SIGNAL] = None
    details: Annotated[Text | None, HOME] = None


ANY_AGENCY_TYPES: tuple[type[CaseEvent], ...] = (
    StrengthNoted,
    SafetyMeasure,
    SupportOffered,
    Engagement,
    ConcernNoted,
    HouseholdChanged,
    Withdrawal,
)
