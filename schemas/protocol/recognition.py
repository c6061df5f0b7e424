"""What people see and think of a behaviour and of a child's life (guidance L9, L18-L77, L153-L161)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.case_event import CaseEvent, Code, Text
from schemas.protocol.reasoned import YesNoUnknown
from schemas.scope import HOME, OPEN, SIGNAL
from schemas.vocabulary import RecognitionFeature


class Presence(StrEnum):
    """Whether something was seen; not knowing is an answer."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class ContextKind(StrEnum):
    """What a child lives or has lived in (guidance L77, L154-L155; R32, R128). No one of them explains."""

    SEXUAL_ABUSE = "sexual-abuse"
    SEXUAL_ENVIRONMENT = "sexual-environment"
    FEW_BOUNDARIES = "few-boundaries"
    EXPOSURE_TO_SEXUAL_ACTIVITY = "exposure-to-sexual-activity"
    VIOLENCE_AT_HOME = "violence-at-home"
    DOMESTIC_ABUSE_WITNESSED = "domestic-abuse-witnessed"
    LITTLE_WARMTH = "little-warmth-or-safety"
    NEGLECT = "neglect"
    PHYSICAL_ABUSE = "physical-abuse"
    EMOTIONAL_ABUSE = "emotional-abuse"
    DISADVANTAGE = "disadvantage"
    OTHER_TRAUMA = "other-trauma"


class NeedOf(StrEnum):
    """Whose need of support (guidance L9; R1)."""

    CHILD = "child"
    PARENT_OR_CARER = "parent-or-carer"
    SIBLING = "sibling"


class ConcernRaisedInternally(CaseEvent):
    """R130 (L161): somebody told their manager or designated lead."""

    type: Annotated[Literal["protocol.concern-raised-internally.v1"], OPEN] = (
        "protocol.concern-raised-internally.v1"
    )
    told_to: Annotated[Text, HOME]
    concern: Annotated[Text | None, HOME] = None


class FeatureObserved(CaseEvent):
    """R21-R25 (L39-L73): one feature of a behaviour, seen or not. A prompt: never totalled, never a class."""

    type: Annotated[Literal["protocol.feature-observed.v1"], OPEN] = "protocol.feature-observed.v1"
    feature: Annotated[RecognitionFeature, HOME, SIGNAL]
    presence: Annotated[Presence, HOME, SIGNAL] = Presence.PRESENT
    first_hand: Annotated[bool | None, HOME, SIGNAL] = None
    observer: Annotated[Text | None, HOME] = None


Seen = Annotated[Presence, HOME, SIGNAL]
"""One thing looked for in a behaviour."""
Answered = Annotated[YesNoUnknown, HOME, SIGNAL]
"""One question about how it was."""


class BehaviourConsidered(CaseEvent):
    """R12, R13, R15 (L21-L24): what makes a behaviour abusive or problematic.

    Each is seen, not seen or not known.

    The age gap is shown and never used alone; developmental stage is asked beside it.
    """

    type: Annotated[Literal["protocol.behaviour-considered.v1"], OPEN] = "protocol.behaviour-considered.v1"
    manipulation: Seen = Presence.UNKNOWN
    force: Seen = Presence.UNKNOWN
    coercion: Seen = Presence.UNKNOWN
    no_informed_consent: Seen = Presence.UNKNOWN
    interferes_with_own_development: Seen = Presence.UNKNOWN
    provokes_rejection: Seen = Presence.UNKNOWN
    causes_distress: Seen = Presence.UNKNOWN
    raises_own_risk_of_harm: Seen = Presence.UNKNOWN
    developmental_stage: Annotated[Text | None, HOME] = None
    age_gap_years: Annotated[Annotated[int, Field(ge=0, le=25)] | None, HOME, SIGNAL] = None
    grounds: Annotated[Text | None, HOME] = None


class ImageSharingConsidered(CaseEvent):
    """R18, R19 (L35-L37): sharing of images between children.

    Exploitation, grooming or bullying change it.
    """

    type: Annotated[Literal["protocol.image-sharing-considered.v1"], OPEN] = (
        "protocol.image-sharing-considered.v1"
    )
    consensual: Answered = YesNoUnknown.UNKNOWN
    similar_age: Answered = YesNoUnknown.UNKNOWN
    in_a_relationship: Answered = YesNoUnknown.UNKNOWN
    passed_on: Answered = YesNoUnknown.UNKNOWN
    exploitation: Answered = YesNoUnknown.UNKNOWN
    grooming: Answered = YesNoUnknown.UNKNOWN
    bullying: Answered = YesNoUnknown.UNKNOWN
    circumstances: Annotated[Text | None, HOME] = None


class InstrumentResult(CaseEvent):
    """R26, R27, R96, R98 (L74-L75, L132-L133): what a trained person found with a tool.

    The tool itself is licensed and is never reproduced.
    """

    type: Annotated[Literal["protocol.instrument-result.v1"], OPEN] = "protocol.instrument-result.v1"
    instrument: Annotated[Code, HOME, SIGNAL]
    instrument_version: Annotated[Code | None, HOME, SIGNAL] = None
    result: Annotated[Code | None, HOME, SIGNAL] = None
    trained: Annotated[bool, HOME, SIGNAL]
    trained_until: Annotated[date | None, HOME, SIGNAL] = None
    used_by: Annotated[Text, HOME]
    findings: Annotated[Text | None, HOME] = None


class ContextNoted(CaseEvent):
    """R32, R128 (L77, L154-L155): something the child lives or has lived in, with who says so."""

    type: Annotated[Literal["protocol.context-noted.v1"], OPEN] = "protocol.context-noted.v1"
    context: Annotated[ContextKind, HOME, SIGNAL]
    told_by: Annotated[Text | None, HOME] = None
    details: Annotated[Text | None, HOME] = None


class SupportNeedIdentified(CaseEvent):
    """R1 (L9): what support a child or a family needs; both children's are looked at."""

    type: Annotated[Literal["protocol.support-need-identified.v1"], OPEN] = (
        "protocol.support-need-identified.v1"
    )
    whose: Annotated[NeedOf, HOME, SIGNAL] = NeedOf.CHILD
    need: Annotated[Text, HOME]
