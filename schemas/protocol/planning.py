"""What the strategy meeting plans (guidance L89-L120).

Objectives, factors, brothers and sisters, school, health, AIM.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from schemas.case_event import CaseEvent, Code, Identifier, Text
from schemas.protocol.reasoned import Agencies, ReasonedEvent, YesNoUnknown
from schemas.scope import HASHED, HOME, OPEN, SIGNAL, Scope
from schemas.vocabulary import PlaceKind


class FactorAnswer(StrEnum):
    """How a factor was answered: an empty answer is none (1.6)."""

    CONSIDERED = "considered"
    NOT_RELEVANT = "not-relevant"
    OUTSTANDING = "outstanding"


class Vulnerability(StrEnum):
    """What makes the child who was harmed vulnerable (L99; R59). People say it; no rule reads which."""

    YOUNG = "young"
    DISABILITY = "disability"
    SPECIAL_EDUCATIONAL_NEEDS = "special-educational-needs"
    COMMUNICATION = "communication"
    LOOKED_AFTER = "looked-after"
    EARLIER_HARM = "earlier-harm"
    OTHER = "other"


class MeetingObjective(StrEnum):
    """What the strategy meeting must ensure (guidance L90-L94; R51-R55)."""

    CHILD_AND_FAMILY_ASSESSMENT = "child-and-family-assessment"
    DISABLED_YOUNG_ADULT = "disabled-young-adult-assessment"
    CRIMINAL_ASPECTS = "criminal-aspects-investigated"
    HARMED_CHILD_INFORMATION = "harmed-child-information"
    OWN_EXPERIENCES_INFORMATION = "own-experiences-information"


class PlanningFactor(StrEnum):
    """The factors of planning a section 47 enquiry, in the guidance's order (L96-L119; R56-R79)."""

    IMMEDIATE_PROTECTION = "immediate-protection"
    AGES = "ages"
    SERIOUSNESS = "seriousness"
    VULNERABILITY = "vulnerability"
    PARENTS_ABILITY_TO_PROTECT = "parents-ability-to-protect"
    AGENCIES_INVOLVED = "agencies-involved"
    SIBLINGS = "siblings"
    SHARED_LIVING = "shared-living"
    HARM_AWAY_FROM_HOME = "harm-away-from-home"
    PARENTS_RESPONSE = "parents-response"
    OWN_ABUSE = "own-abuse"
    ADULTS_INVOLVED = "adults-involved"
    EDUCATION = "education"
    HEALTH = "health"
    PROSECUTION = "prosecution"
    RECORDS_REQUESTED = "records-requested"
    SINGLE_POINT_OF_CONTACT = "single-point-of-contact"
    ABSENT_AGENCIES = "absent-agencies"
    SPECIALIST_ASSESSMENT = "specialist-assessment"
    SPECIALIST_ASSESSOR = "specialist-assessor"
    CONSENT = "consent"
    PAPERWORK = "paperwork"
    OTHER_ASSESSMENTS = "other-assessments"
    CONSENT_TO_SHARE = "consent-to-share"


FACTOR_ROWS = {factor: f"R{56 + number}" for number, factor in enumerate(PlanningFactor)}
"""The row each factor answers: the list is in the guidance's order, R56 to R79."""


class EducationArrangement(StrEnum):
    """How a child goes on with school (guidance L108; R68)."""

    ATTENDS = "attends"
    ATTENDS_WITH_PLAN = "attends-with-plan"
    PART_TIME = "part-time"
    OTHER_SITE = "other-site"
    AT_HOME = "at-home"
    NOT_IN_EDUCATION = "not-in-education"


class ConsiderationStage(StrEnum):
    """Whether something was considered only, or followed by a referral."""

    CONSIDERED = "considered"
    REFERRED = "referred"


class ConsentStage(StrEnum):
    """What became of a request for consent to an assessment (L116; R76). It is no basis for sharing."""

    SOUGHT = "sought"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConsentOf(StrEnum):
    """Who is asked."""

    CHILD = "child"
    PARENT_OR_GUARDIAN = "parent-or-guardian"
    SOLICITOR = "solicitor"


class PaperworkFor(StrEnum):
    """What papers are needed for."""

    SPECIALIST_ASSESSMENT = "specialist-assessment"
    PROSECUTION_SERVICE = "prosecution-service"
    SCHOOL = "school"


class PaperworkStage(StrEnum):
    """Whether papers are there."""

    NEEDED = "needed"
    SUPPLIED = "supplied"


class PlanningFactorAnswered(ReasonedEvent):
    """R56-R79 (L96-L119): one factor of the enquiry's plan.

    Considered, not relevant and why, or outstanding.
    """

    type: Annotated[Literal["protocol.planning-factor-answered.v1"], OPEN] = (
        "protocol.planning-factor-answered.v1"
    )
    meeting: Annotated[Identifier | None, HOME, HASHED] = None
    factor: Annotated[PlanningFactor, HOME, SIGNAL]
    answer: Annotated[FactorAnswer, HOME, SIGNAL]
    vulnerabilities: Annotated[tuple[Vulnerability, ...], HOME] = ()
    finding: Annotated[Text | None, HOME] = None
    owner: Annotated[Text | None, HOME] = None
    due: Annotated[date | None, HOME, SIGNAL] = None


class MeetingObjectiveAnswered(ReasonedEvent):
    """R51-R55 (L89-L94): one objective the meeting must ensure is met.

    How, or why it is not relevant, or who will.
    """

    type: Annotated[Literal["protocol.meeting-objective-answered.v1"], OPEN] = (
        "protocol.meeting-objective-answered.v1"
    )
    meeting: Annotated[Identifier | None, HOME, HASHED] = None
    objective: Annotated[MeetingObjective, HOME, SIGNAL]
    answer: Annotated[FactorAnswer, HOME, SIGNAL]
    finding: Annotated[Text | None, HOME] = None
    owner: Annotated[Text | None, HOME] = None
    due: Annotated[date | None, HOME, SIGNAL] = None


class SiblingConsidered(CaseEvent):
    """R62 (L102): the risks to, and needs of, a brother or sister looked at.

    Again, where there are significant new concerns. `children` names them.
    """

    type: Annotated[Literal["protocol.sibling-considered.v1"], OPEN] = "protocol.sibling-considered.v1"
    again: Annotated[bool, HOME, SIGNAL] = False
    at_risk: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    finding: Annotated[Text | None, HOME] = None


class ContactChildIdentified(CaseEvent):
    """R132 (L162): another child in contact with this one, to be kept safe. `children` names them."""

    type: Annotated[Literal["protocol.contact-child-identified.v1"], OPEN] = (
        "protocol.contact-child-identified.v1"
    )
    setting: Annotated[PlaceKind | None, HOME, SIGNAL] = None
    circumstances: Annotated[Text | None, HOME] = None


class SharedLivingNoted(CaseEvent):
    """R63 (L103): the child lives, or no longer lives, in a shared place: foster, residential, boarding."""

    type: Annotated[Literal["protocol.shared-living-noted.v1"], OPEN] = "protocol.shared-living-noted.v1"
    ended: Annotated[bool, HOME, SIGNAL] = False
    setting: Annotated[PlaceKind, HOME, SIGNAL] = PlaceKind.PLACEMENT
    other_children_there: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    carer_told: Annotated[Text | None, HOME] = None
    """What the carer was told of the plan's safety part; the chronology is not theirs."""


class AdultLinked(CaseEvent):
    """R67 (L107): an adult may be behind the behaviour.

    Who they are stands in `people`, for police and social care alone.
    """

    type: Annotated[Literal["protocol.adult-linked.v1"], OPEN] = "protocol.adult-linked.v1"
    grounds: Annotated[Text, Scope.THIRD_PARTY]


class EducationArranged(CaseEvent):
    """R68 (L108): how this child goes on with school. The two children are each arranged for."""

    type: Annotated[Literal["protocol.education-arranged.v1"], OPEN] = "protocol.education-arranged.v1"
    arrangement: Annotated[EducationArrangement, HOME, SIGNAL]
    shared_school: Annotated[YesNoUnknown, HOME, SIGNAL] = YesNoUnknown.UNKNOWN
    details: Annotated[Text | None, HOME] = None
    review_due: Annotated[date | None, HOME, SIGNAL] = None


class SchoolRiskAssessed(CaseEvent):
    """R68 (L108): the school assessed the risk, with help."""

    type: Annotated[Literal["protocol.school-risk-assessed.v1"], OPEN] = "protocol.school-risk-assessed.v1"
    helped_by: Annotated[Agencies, HOME, SIGNAL] = ()
    review_due: Annotated[date | None, HOME, SIGNAL] = None
    contents: Annotated[Text | None, HOME] = None


class HealthNeedsConsidered(CaseEvent):
    """R69 (L109): all health needs of this child considered.

    What they are is read by confidential health alone.
    """

    type: Annotated[Literal["protocol.health-needs-considered.v1"], OPEN] = (
        "protocol.health-needs-considered.v1"
    )
    stage: Annotated[ConsiderationStage, HOME, SIGNAL] = ConsiderationStage.CONSIDERED
    needs: Annotated[Text | None, Scope.HEALTH_CONFIDENTIAL] = None


class SpecialistAssessmentDecided(ReasonedEvent):
    """R74, R75 (L114-L115): whether an assessment such as AIM begins, by whom.

    With which instrument in which version, and by when.
    """

    type: Annotated[Literal["protocol.specialist-assessment-decided.v1"], OPEN] = (
        "protocol.specialist-assessment-decided.v1"
    )
    initiate: Annotated[bool, HOME, SIGNAL]
    instrument: Annotated[Code | None, HOME, SIGNAL] = None
    instrument_version: Annotated[Code | None, HOME, SIGNAL] = None
    assessor: Annotated[Text | None, HOME] = None
    due: Annotated[date | None, HOME, SIGNAL] = None


class ConsentRecorded(CaseEvent):
    """R76 (L116): consent to an assessment, of each person apart. It is not what sharing stands on."""

    type: Annotated[Literal["protocol.consent-recorded.v1"], OPEN] = "protocol.consent-recorded.v1"
    of: Annotated[ConsentOf, HOME, SIGNAL]
    stage: Annotated[ConsentStage, HOME, SIGNAL]
    to: Annotated[Code, HOME, SIGNAL]
    asked_by: Annotated[Text | None, HOME] = None
    said: Annotated[Text | None, HOME] = None


class Paperwork(CaseEvent):
    """R77, R78 (L117-L118): papers that are needed, who supplies them, and that they were supplied."""

    type: Annotated[Literal["protocol.paperwork.v1"], OPEN] = "protocol.paperwork.v1"
    wanted_for: Annotated[PaperworkFor, HOME, SIGNAL]
    stage: Annotated[PaperworkStage, HOME, SIGNAL] = PaperworkStage.NEEDED
    document: Annotated[Text, HOME]
    supplier: Annotated[Text | None, HOME] = None
    due: Annotated[date | None, HOME, SIGNAL] = None
