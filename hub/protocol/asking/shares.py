"""What is told beyond those at the table: shares (guidance L119, L161), and two tellings the law asks for."""

from hub.protocol.command import Asked, Need, command
from schemas import protocol
from schemas.protocol import EncompassStage, ReportStage, SharingDecision, YesNoUnknown

ENCOMPASS, REPORT = "Domestic Abuse Act 2021 s.49A", "Crime and Policing Bill, Part 5 ch. 2"


def _shared(event: protocol.DisclosureConsidered) -> bool:
    return event.decision is SharingDecision.SHARE


def _withheld(event: protocol.DisclosureConsidered) -> bool:
    return event.decision is SharingDecision.WITHHOLD


def _untold(event: protocol.DisclosureConsidered) -> bool:
    return _shared(event) and YesNoUnknown.NO in (event.family_told, event.child_told)


def _objected(event: protocol.DisclosureConsidered) -> bool:
    return bool(event.objection_of)


COMMANDS = (
    command(
        "consider-disclosure",
        protocol.DisclosureConsidered,
        "meetings",
        "L119, L161",
        "Consider sharing something beyond those at the table",
        "With whom, what for, how far; whether child and family were told; who objected. Also where you decide "
        "not to share.",
        Need("R79", ("purpose",)),
        Need("R79", ("how_far",), _shared, "where it is shared"),
        Need("R79", ("withheld_because", "reason"), _withheld, "where it is withheld"),
        Need("R131", ("not_told_because",), _untold, "where it is shared and child or family were not told"),
        Need("R131", ("objection", "objection_answer"), _objected, "where somebody objected"),
        recipient=Asked("With whom", "For instance cps, or football-club: never a person's name."),
        purpose=Asked("What for", "What it helps them to do."),
        decision="Decision",
        grounds=Asked("On what grounds", "And what exactly is shared, or would be."),
        basis=Asked("Lawful basis", "Consent is not one: it is asked for services and assessments."),
        how_far=Asked("How far", "No further than helps what it is for."),
        shared_on=Asked(
            "When it was shared", "Left empty: not yet. An act that corrects this one says it later."
        ),
        withheld_because="Why it is withheld",
        looked_at_by=Asked("Who else looked at the decision", line=True),
        family_told="Was the family told?",
        child_told="Was the child told?",
        told_on="When they were told",
        told_by=Asked("Who told them", line=True),
        not_told_because="Why not told",
        objection_of="Who objected",
        objection=Asked("What they objected", "In their own words where you have them."),
        objection_answer="What was made of it",
        objection_answer_said="What they were answered",
        reason=Asked("Reason", "Why it is withheld, or why the family was not told."),
    ),
    command(
        "tell-school-of-domestic-abuse",
        protocol.EncompassNotice,
        "concerns",
        ENCOMPASS,
        "Tell a school of domestic abuse, or say that it was told (Operation Encompass)",
        "By the police, before the next school day begins; by the school, that it was told and what it does.",
        Need(ENCOMPASS, ("to",), lambda e: e.stage is not EncompassStage.NOT_TOLD, "where it was told"),
        Need(
            ENCOMPASS,
            ("withheld_because", "reason"),
            lambda e: e.stage is EncompassStage.NOT_TOLD,
            "where it is not told",
        ),
        stage="Told, received, or not told",
        to=Asked("Where", "The local authority where the child is educated at home."),
        told_to=Asked("Who was told", "By role: the key adult, the designated safeguarding lead.", line=True),
        before_school="Before the next school day began?",
        child_present="Was the child there?",
        what=Asked("What was told", "Or, at the school: what it does for the child."),
        withheld_because="Why it is not told",
        reason=Asked("Reason", "In words, where it is not told."),
    ),
    command(
        "record-mandatory-report",
        protocol.MandatoryReport,
        "concerns",
        REPORT,
        "Record a mandatory report of child sexual abuse",
        "Made, delayed, or not owed. It is made to the police or the local authority themselves: this records "
        "it. That the duty is in force was not confirmed when this was written; ask your safeguarding lead.",
        Need(REPORT, ("to",), lambda e: e.stage is ReportStage.MADE, "where it was made"),
        Need(
            REPORT,
            ("delayed_until", "reason"),
            lambda e: e.stage is ReportStage.DELAYED,
            "where it is delayed",
        ),
        Need(
            REPORT, ("not_owed_because",), lambda e: e.stage is ReportStage.NOT_OWED, "where it is not owed"
        ),
        stage="Made, delayed, or not owed",
        to="To whom",
        reported_by=Asked("Who owes it", "By role: who has the reason to suspect.", line=True),
        suspicion="What gave reason to suspect",
        in_writing="In writing?",
        what="What was reported",
        delayed_until=Asked(
            "Delayed until", "Seven days at most, where telling at once would endanger a child."
        ),
        not_owed_because="Why it is not owed",
        reason=Asked("Reason", "Why it is delayed, in words."),
    ),
)
