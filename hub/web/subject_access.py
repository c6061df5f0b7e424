"""The API of subject access: an export is prepared, read, and approved or refused by a second person."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field

from hub.audit import subject_access
from hub.audit.subject_access import Export
from hub.domain.child import By
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, Day, Name, Reason
from hub.web.signed_in import Caller, FreshCaller, TheWindow
from schemas.vocabulary import Agency

router = APIRouter(prefix="/v1/subject-access", tags=["audit"])


class SubjectAccess(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request as it stands: `state` is waits, approved or refused. `held`: so many entries by a person."""

    request: UUID
    state: str
    child: UUID
    asker: str
    asked_on: date
    due: date
    prepared_at: datetime
    prepared_by: By
    held: int = 0
    ended_by: By | None = None
    answers: Mapping[str, str] = {}
    """What each agency said of its words, where that was just recorded."""
    unanswered: tuple[str, ...] = ()
    """The agencies whose words are in it and that had not answered when it was approved."""
    untold: tuple[tuple[UUID, str], ...] = ()
    """Entries the export has no trace of, each with its ground: for who keeps it, and not for who asked."""
    confirmed: tuple[UUID, ...] = ()
    """Of those, the ones of which it may be said that they are there."""


STRUCTS = (SubjectAccess, Export)
"""What the answers are made of."""


class Holds(Asked):
    """An entry that is left out, and on which ground: one that the hub's file of grounds names."""

    entry: UUID
    ground: Name


class Prepares(Asked):
    """Of whom, who asks for it, since when, and which entries a person leaves out beside the rules."""

    child: UUID
    asker: Annotated[Name, Field(description="child, representative or parent.")]
    asked_on: Annotated[Day, Field(alias="askedOn")]
    held: Annotated[tuple[Holds, ...], Field(max_length=500)] = ()
    confirmed: Annotated[
        tuple[UUID, ...], Field(max_length=500, description="Left out, and may be said to be there.")
    ] = ()


class Answers(Asked):
    """What an agency said: may-be-handed-out, or leave-more-out; and who there, by role or profession."""

    agency: Agency
    answer: Name
    said_by: Annotated[Name, Field(alias="saidBy")]


class Refuses(Asked):
    """Why it is not handed out as it was prepared."""

    reason: Reason


def shown(found: subject_access.Request) -> SubjectAccess:
    """A request as programs are told of it."""
    said, ended = found.prepared, found.ended
    return SubjectAccess(
        request=said.request,
        state=found.state,
        child=said.child,
        asker=said.asker,
        asked_on=said.asked_on,
        due=said.due,
        prepared_at=found.prepared_at,
        prepared_by=said.by,
        held=len(said.held),
        ended_by=ended.by if ended else None,
        unanswered=getattr(ended, "unanswered", ()),
        untold=said.untold,
        confirmed=said.confirmed,
    )


@router.post("", responses=documents.answers(SubjectAccess, many=True))
@asks(Question.SUBJECT_ACCESS)
def requests(window: TheWindow, by: Caller) -> Response:
    """Every request and how it stands, the newest first. For who answers for information governance."""
    with window.open() as hub:
        found = subject_access.listed(hub.records, by)
    return documents.json({"data": [shown(each) for each in found]})


@router.post("/prepare", responses=documents.answers(SubjectAccess, made=True))
@asks(Question.SUBJECT_ACCESS)
def prepare(window: TheWindow, by: FreshCaller, asked: Prepares) -> Response:
    """Draw the export as a draft. Read it, every word: who it may name is for a person to see."""
    held = {each.entry: each.ground for each in asked.held}
    with window.open() as hub:
        request, _ = subject_access.prepare(
            *(hub.records, hub.policy, by, asked.child, asked.asker, asked.asked_on, held, uuid4),
            subject_access.load(),
            asked.confirmed,
        )
        made = shown(subject_access.requests(hub.records)[request])
    return documents.json({"data": made}, 201)


@router.post("/{request}/read", responses=documents.answers(Export))
@asks(Question.SUBJECT_ACCESS)
def read(window: TheWindow, by: FreshCaller, request: UUID) -> Response:
    """The export, as it was prepared or handed out, byte for byte. Recorded first."""
    with window.open() as hub:
        _, export = subject_access.read(hub.records, hub.policy, by, request, subject_access.load())
    return documents.json({"data": msgspec.Raw(subject_access.encode(export))})


@router.post("/{request}/approve", responses=documents.answers(Export))
@asks(Question.SUBJECT_ACCESS)
def approve(window: TheWindow, by: FreshCaller, request: UUID) -> Response:
    """Approve it, as a second person, and hand it out: byte for byte what was prepared."""
    with window.open() as hub:
        export = subject_access.approve(hub.records, hub.policy, by, request, subject_access.load())
    return documents.json({"data": msgspec.Raw(subject_access.encode(export))})


@router.post("/{request}/answered", responses=documents.answers(SubjectAccess))
@asks(Question.SUBJECT_ACCESS)
def answered(window: TheWindow, by: FreshCaller, request: UUID, asked: Answers) -> Response:
    """Record what an agency whose words are in it said of handing them out. The last of each holds."""
    with window.open() as hub:
        subject_access.answered(hub.records, by, request, asked.agency, asked.answer, asked.said_by)
        made = shown(subject_access.requests(hub.records)[request])
        replies = subject_access.answers(hub.records, request)
    told = {agency: said.answer for agency, (_, said) in replies.items()}
    return documents.json({"data": msgspec.structs.replace(made, answers=told)})


@router.post("/{request}/refuse", responses=documents.answers(SubjectAccess))
@asks(Question.SUBJECT_ACCESS)
def refuse(window: TheWindow, by: FreshCaller, request: UUID, asked: Refuses) -> Response:
    """Say that it is not handed out as it was prepared, and why."""
    with window.open() as hub:
        subject_access.refuse(hub.records, by, request, asked.reason)
        made = shown(subject_access.requests(hub.records)[request])
    return documents.json({"data": made})
