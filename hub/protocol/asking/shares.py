"""What is shared beyond those at the table (guidance L119, L161): with whom, what for, how far, who was told."""

from hub.protocol.command import Asked, Need, command
from schemas import protocol
from schemas.protocol import SharingDecision, YesNoUnknown


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
)
