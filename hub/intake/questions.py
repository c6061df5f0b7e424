"""Questions of identity: those open, and what a person's answer does to the records."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from hub.confidentiality.sealing import seal
from hub.domain.child import By, Child, RecordJoinedInto, join, joined_with, part
from hub.domain.entry import Envelope
from hub.domain.question import Answer, Question, QuestionOpened, answer, evolve_question
from hub.errors import Conflict, Refused
from hub.intake.carrying import closed_while_one
from hub.records import Records
from hub.store.mapper import QUESTION
from schemas.scope import Scope

ATTEMPTS = 10
Writes = Mapping[UUID, tuple[int, Iterable[Any]]]
"""Events by stream, each at the version it was decided on."""


def question(records: Records, id_: UUID) -> Question:
    """One question as it stands. Raises Refused where there is none under this id."""
    found = Question(id_)
    for event in records.archive.stream(id_):
        evolve_question(found, event.body, event.at)
    _opened(found)
    return found


def questions(records: Records, *, every: bool = False) -> list[Question]:
    """The open questions, oldest first; `every`: also those answered."""
    found = [question(records, id_) for id_ in records.archive.rows.streams_of(QUESTION)]
    return [q for q in found if every or q.answered is None]


def confirm(records: Records, id_: UUID, child: UUID, by: By, reason: str) -> None:
    """Say that the provisional record is of this candidate child: they are read as one from now on.

    Raises Refused for a child that is no candidate, or records that are joined already.
    """

    def joined() -> Writes:
        asked = question(records, id_)
        sealed = _reason(records, asked, reason)
        answered = answer(asked, Answer.SAME, child, by, sealed)
        survivor, provisional = records.child(child), records.child(_opened(asked).provisional)
        into = [RecordJoinedInto(survivor=survivor.id, question=id_, by=by)]
        return {
            id_: (asked.version, answered),
            survivor.id: (survivor.version, join(survivor, provisional, id_, by, sealed)),
            provisional.id: (provisional.version, into),
        }

    _record(records, joined)


def separate(records: Records, id_: UUID, by: By, reason: str) -> None:
    """Say that they are different children. Where they had been joined, the joining is undone.

    What was closed meanwhile stays closed on both, and what let somebody near meanwhile lets them near
    neither: of which of the two it was meant nobody said (decision 103).

    Raises Refused where that was the answer already.
    """

    def parted() -> Writes:
        asked = question(records, id_)
        sealed = _reason(records, asked, reason)
        answered = answer(asked, Answer.DIFFERENT, None, by, sealed)
        return {id_: (asked.version, answered), **_parting(records, asked, by, sealed)}

    _record(records, parted)


def _record(records: Records, decided: Callable[[], Writes]) -> None:
    """Record what is decided, and decide again where another wrote first. Raises Conflict."""
    for _ in range(ATTEMPTS):
        try:
            records.record(decided())
        except Conflict:
            continue
        return
    raise Conflict("the records are being written by others; try again")


def _parting(records: Records, asked: Question, by: By, reason: Envelope) -> Writes:
    before = asked.answered
    if before is None or before.child is None:
        return {}
    survivor, provisional = records.child(before.child), records.child(_opened(asked).provisional)
    sides = [(survivor, provisional), (provisional, survivor)]
    # an erased record says no more with which it was read
    say_so = [(one, other) for one, other in sides if joined_with(one, other.id)] or sides
    parted: dict[UUID, list[Any]] = {one.id: list(part(one, other.id, by, reason)) for one, other in say_so}
    people, gone = records.person(survivor.id), _read_with(records, provisional)
    stay = [child for child in people if child.id not in {other.id for other in gone}]
    since = survivor.joined_at[provisional.id]
    for record, closed in closed_while_one(records, since, stay, gone).items():
        parted.setdefault(record, []).extend(closed)
    # as they were read: what was closed since would else be carried to neither
    read = {one.id: one.version for one in (*gone, *people, provisional, survivor)}
    return {record: (read[record], events) for record, events in parted.items()}


def _read_with(records: Records, child: Child) -> list[Child]:
    """A record and all that were joined into it, this one first."""
    found = [child]
    for one in found:
        found.extend(records.child(other) for other in sorted(one.joined))
    return found


def _opened(asked: Question) -> QuestionOpened:
    if asked.opened is None:
        raise Refused("no such question")
    return asked.opened


def _reason(records: Records, asked: Question, reason: str) -> Envelope:
    """Seal the reason under the provisional child's identity: it may name people."""
    if not reason.strip():
        raise Refused("a reason is needed")
    child, scope = _opened(asked).provisional, Scope.IDENTITY.value
    event = uuid5(asked.id, str(asked.version))
    key = records.keys.for_sealing(child, scope)
    return Envelope(scope, seal(key, child, event, scope, "reason", reason.encode()))
