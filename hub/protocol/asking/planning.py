"""What the strategy meeting plans (guidance L89-L120): objectives, factors, school, health, assessment, papers."""

from collections.abc import Mapping
from typing import Any

from hub.protocol.command import Asked, Need, command
from schemas import protocol
from schemas.protocol import FactorAnswer

MEETING = Asked("Meeting", "The meeting in which it was answered.")
OTHERS = Asked("Who", "By an identifier an agency holds, and how they stand to this child.")


def _not_relevant(event: protocol.PlanningFactorAnswered) -> bool:
    return event.answer is FactorAnswer.NOT_RELEVANT


def _outstanding(event: protocol.PlanningFactorAnswered) -> bool:
    return event.answer is FactorAnswer.OUTSTANDING


def _answered(row: str) -> tuple[Need, ...]:
    """What an answer must say with it: why it is not relevant, or who sees to what is outstanding."""
    return (
        Need(row, ("reason",), _not_relevant, "where it is not relevant"),
        Need(row, ("owner",), _outstanding, "where it is outstanding"),
    )


ANSWER: Mapping[str, Any] = {
    "finding": "What was found or planned",
    "reason": "Why it is not relevant",
    "owner": Asked("Who sees to it", line=True),
    "due": "By when",
    "meeting": MEETING,
}
"""What the answer to an objective and to a factor says alike."""

COMMANDS = (
    command(
        "answer-objective",
        protocol.MeetingObjectiveAnswered,
        "meetings",
        "L89-94",
        "Answer an objective of the strategy meeting",
        "The meeting must ensure that each is met.",
        *_answered("R50"),
        objective="Objective",
        answer="Answer",
        **ANSWER,
    ),
    command(
        "answer-planning-factor",
        protocol.PlanningFactorAnswered,
        "meetings",
        "L95-120",
        "Answer a factor of the enquiry's plan",
        "Considered; or not relevant, and why; or outstanding, and who sees to it.",
        *_answered("R56"),
        factor="Factor",
        answer="Answer",
        vulnerabilities=Asked(
            "What makes the child who was harmed vulnerable",
            "Asked for where the factor is their vulnerability.",
        ),
        **ANSWER,
    ),
    command(
        "consider-sibling",
        protocol.SiblingConsidered,
        "enquiry",
        "L102",
        "Consider a brother or sister",
        "The risks to them and their needs; again where there are significant new concerns.",
        Need("R62", ("children",)),
        children=OTHERS,
        again="Is it a reassessment?",
        at_risk="Are they at risk?",
        finding="What was found",
    ),
    command(
        "identify-child-in-contact",
        protocol.ContactChildIdentified,
        "concerns",
        "L162",
        "Name a child in contact with this one",
        "So that they are kept safe too.",
        Need("R132", ("children",)),
        children=OTHERS,
        setting="Where they meet",
        circumstances="Circumstances",
    ),
    command(
        "note-shared-living",
        protocol.SharedLivingNoted,
        "enquiry",
        "L103",
        "Note where the child lives with other children",
        "Foster, residential, boarding or other shared living. The carer is told the plan's safety part.",
        setting="Where",
        other_children_there="Do other children live there?",
        carer_told="What the carer was told",
        ended="Has it ended?",
    ),
    command(
        "link-adult",
        protocol.AdultLinked,
        "immediate-risk",
        "L107",
        "Record that an adult may be behind the behaviour",
        "Who it is, police and social care alone may read.",
        grounds="On what grounds",
        people=Asked("Who", "By a reference, so that the same adult is recognised elsewhere."),
    ),
    command(
        "arrange-education",
        protocol.EducationArranged,
        "concerns",
        "L108",
        "Arrange how the child goes on with school",
        "For both children, and for both a plan.",
        arrangement="Arrangement",
        shared_school="Do both children go there?",
        details="Details",
        review_due="To be looked at again",
    ),
    command(
        "record-school-risk-assessment",
        protocol.SchoolRiskAssessed,
        "concerns",
        "L108",
        "Record the school's risk assessment",
        "The school is helped with it.",
        contents="What it says",
        helped_by="Agencies that helped",
        review_due="To be looked at again",
    ),
    command(
        "consider-health-needs",
        protocol.HealthNeedsConsidered,
        "concerns",
        "L109",
        "Consider all health needs of the child",
        "For both children, the risk of pregnancy and sexual health among them. What they are, only "
        "confidential health reads; others see that it was considered.",
        stage="Considered, or referred",
        needs="Needs",
    ),
    command(
        "decide-specialist-assessment",
        protocol.SpecialistAssessmentDecided,
        "enquiry",
        "L114-115",
        "Decide on a specialist assessment (AIM)",
        "Whether it begins, by whom, by when. It may help to decide on prosecution.",
        Need("R74", ("reason",)),
        Need("R75", ("assessor", "due", "instrument"), lambda e: e.initiate, "where it begins"),
        initiate="Does it begin?",
        reason="Why",
        instrument=Asked("Which", "As the pack names it."),
        instrument_version="Version",
        assessor=Asked("By whom", line=True),
        due="By when",
    ),
    command(
        "record-consent",
        protocol.ConsentRecorded,
        "concerns",
        "L116",
        "Record consent to an assessment",
        "Of the child, the parents, the solicitor, each apart. It is consent to the assessment, not the basis "
        "on which information is shared.",
        of="Whose",
        stage="What became of it",
        to=Asked("To what", "For instance aim-assessment."),
        asked_by=Asked("Who asked", line=True),
        said="What they said",
    ),
    command(
        "name-paperwork",
        protocol.Paperwork,
        "meetings",
        "L117-118",
        "Name papers that are needed, or were supplied",
        "For a specialist assessment, or other assessments for the prosecution service.",
        document=Asked("Papers", line=True),
        wanted_for="For what",
        stage="Needed or supplied",
        supplier=Asked("Who supplies them", line=True),
        due="By when",
    ),
)
