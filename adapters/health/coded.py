"""Makes the event a listed clinical code stands for, whatever message carried the code."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from adapters.health.codes import Meaning
from adapters.identifiers import as_code
from adapters.record import BadRecord
from schemas.case_event import CaseEvent
from schemas.health import InjuryNoted, Pregnancy, SelfHarm, SexualHealthContact, SubstanceConcern


class Coded(NamedTuple):
    """A code on the list, as sent, with what it says."""

    code: str
    meaning: Meaning


def injury_of(coded: Sequence[Coded]) -> dict[str, Any]:
    """What codes say of an attendance: an injury, its cause as coded, and whether that leaves it unexplained.

    A code that is not on the list says nothing, also not that there was no injury.
    """
    injury = any(one.meaning.says == "injury" for one in coded) or None
    causes = [one.code for one in coded if one.meaning.says == "cause"]
    unexplained = any(one.meaning.unexplained for one in coded) or None
    return {
        "injury": injury,
        "unexplained": unexplained,
        "explanation_code": as_code(next(iter(causes), None)),
    }


def coded_event(coded: Coded, words: str | None, said: dict[str, Any]) -> CaseEvent:
    """The event of a code by itself. Raises BadRecord `not-a-safeguarding-event` where it stands for none."""
    code, meaning = coded
    match meaning.says:
        case "injury":
            return InjuryNoted(
                site_code=as_code(code), unexplained=meaning.unexplained, description=words, **said
            )
        case "self-harm":
            return SelfHarm(method_class=as_code(code), notes=words, **said)
        case "substance":
            return SubstanceConcern(substance=words, **said)
        case "pregnancy":
            return Pregnancy(notes=words, **said)
        case "sexual-infection":
            return SexualHealthContact(infection=True, notes=words, **said)
        case _:
            raise BadRecord("not-a-safeguarding-event")
