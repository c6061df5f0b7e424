"""A question of identity: are these records of one child? Asked by intake, answered by a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from hub.domain.child import By
from hub.domain.entry import Envelope
from hub.domain.sealed_again import sealed_again
from hub.errors import Refused


class QuestionKind(StrEnum):
    """Why it is asked."""

    IDENTIFIERS_DISAGREE = "identifiers-point-to-two-children"
    LOOK_ALIKE = "look-alike-without-shared-identifier"
    LOOKS_DIFFERENT = "same-identifier-different-name-and-birth"


class Answer(StrEnum):
    """What the person decided."""

    SAME = "same-child"
    DIFFERENT = "different-children"


class QuestionEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of a question."""


class QuestionOpened(QuestionEvent, frozen=True, tag="opened"):
    """Intake could not know whether `provisional` is the same child as one of the candidates."""

    kind: QuestionKind
    provisional: UUID
    candidates: tuple[UUID, ...]
    entry: UUID
    agency: str


class QuestionAnswered(QuestionEvent, frozen=True, tag="answered"):
    """A person answered; the answer can be changed by answering again."""

    answer: Answer
    child: UUID | None
    by: By
    reason: Envelope


class AnswersResealed(QuestionEvent, frozen=True, tag="answers-resealed"):
    """Reasons that older keys of the child had sealed are sealed again; `envelopes` as in `Resealed`."""

    envelopes: tuple[tuple[bytes, bytes], ...]


AnyQuestionEvent = QuestionOpened | QuestionAnswered | AnswersResealed


@dataclass(slots=True)
class Question:
    """A question as it stands."""

    id: UUID
    version: int = 0
    opened: QuestionOpened | None = None
    opened_at: datetime | None = None
    answered: QuestionAnswered | None = None


def answer(
    question: Question, answer: Answer, child: UUID | None, by: By, reason: Envelope
) -> list[AnyQuestionEvent]:
    """Answer, or answer again. Raises Refused for a child that is not a candidate, or the same answer."""
    if question.opened is None:
        raise Refused("no-such-question")
    if answer is Answer.SAME and child not in question.opened.candidates:
        raise Refused("not-a-candidate")
    if question.answered and (question.answered.answer, question.answered.child) == (answer, child):
        raise Refused("already-answered-so")
    return [QuestionAnswered(answer=answer, child=child, by=by, reason=reason)]


def evolve_question(question: Question, event: Any, at: datetime) -> None:
    """Change the state by one event."""
    question.version += 1
    match event:
        case QuestionOpened():
            question.opened, question.opened_at = event, at
        case QuestionAnswered():
            question.answered = event
        case AnswersResealed():
            question.answered = sealed_again(question.answered, dict(event.envelopes))
