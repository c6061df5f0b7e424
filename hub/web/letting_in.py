"""The API of who is let near a child: an agency, a meeting; and that the other child's name may be known."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hub.domain.strand import Opens
from hub.sharing.access import MOST_DAYS
from hub.sharing.access_view import LetNear
from hub.sharing.letting_in import MOST_INVOLVED
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.gates import AccessDone, Lifts
from hub.web.requests import Asked, ByPurpose, Person, Reason
from hub.web.signed_in import Caller, FreshCaller, TheWindow
from schemas.vocabulary import Agency

router = APIRouter(prefix="/v1/children/{child}/let-in", tags=["access"])
STRUCTS = (LetNear,)
"""What the answers are made of."""
OfStrand = Annotated[Opens, Field(description="On which strand: one, both, or only what is of neither.")]
Days = Annotated[int, Field(ge=1, le=MOST_DAYS, description="For how many days from now.")]


class Involves(Asked):
    """Which agency works with the child, on what, for how long, and why."""

    agency: Agency
    strand: OfStrand
    days: Annotated[int, Field(ge=1, le=MOST_INVOLVED, description="For how many days from now.")]
    reason: Reason


class Convenes(Asked):
    """Who takes part in a meeting, on what, for how long they may prepare and follow up, and why."""

    members: Annotated[tuple[Person, ...], Field(min_length=1, max_length=50)]
    strand: OfStrand
    days: Days
    reason: Reason


class Agrees(Asked):
    """Which other child may be known to who works with both, for how long, and what was agreed."""

    other: UUID
    days: Days
    reason: Reason


class EndsAgreement(Lifts):
    """Which other child may be known no more, and why. In the body: no address names two children."""

    other: UUID


@router.post("", responses=documents.answers(LetNear, many=True))
@asks(Question.ACCESS)
def near(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """Which agencies and meetings are let near now, and what was agreed. Recorded before you are told."""
    with window.open() as hub:
        found = hub.gates.desk.near(Reader(by, asked.purpose), child)
    return documents.json({"data": found})


@router.post("/agencies", responses=documents.answers(AccessDone, made=True))
@asks(Question.ACT)
def involve(window: TheWindow, by: FreshCaller, child: UUID, asked: Involves) -> Response:
    """Say that an agency works with the child. Nobody says it of their own, to read by it."""
    with window.open() as hub:
        hub.letting_in.involve(by, child, asked.agency.value, asked.strand, asked.days, asked.reason)
    return documents.json({"data": AccessDone(child)}, 201)


@router.post("/agencies/{agency}/end", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def end(window: TheWindow, by: FreshCaller, child: UUID, agency: Agency, asked: Lifts) -> Response:
    """Say that an agency's work with the child has ended."""
    with window.open() as hub:
        hub.letting_in.end_involvement(by, child, agency.value, asked.reason)
    return documents.json({"data": AccessDone(child)})


@router.post("/meetings", responses=documents.answers(AccessDone, made=True))
@asks(Question.ACT)
def convene(window: TheWindow, by: FreshCaller, child: UUID, asked: Convenes) -> Response:
    """Let the members of a meeting prepare it and follow it up. Nobody names themselves."""
    members = [each.by for each in asked.members]
    with window.open() as hub:
        hub.letting_in.convene(by, child, members, asked.strand, asked.days, asked.reason)
    return documents.json({"data": AccessDone(child)}, 201)


@router.post("/meetings/{meeting}/end", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def end_meeting(window: TheWindow, by: FreshCaller, child: UUID, meeting: UUID, asked: Lifts) -> Response:
    """Let the members of a meeting near no more, though its time is not over."""
    with window.open() as hub:
        hub.letting_in.end_meeting(by, child, meeting, asked.reason)
    return documents.json({"data": AccessDone(child)})


@router.post("/other-child", responses=documents.answers(AccessDone, made=True))
@asks(Question.ACT)
def agree(window: TheWindow, by: FreshCaller, child: UUID, asked: Agrees) -> Response:
    """Record that a strategy meeting agreed that who works with both may know who the other child is."""
    with window.open() as hub:
        hub.letting_in.agree_other_child(by, child, asked.other, asked.days, asked.reason)
    return documents.json({"data": AccessDone(child)}, 201)


@router.post("/other-child/end", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def end_agreement(window: TheWindow, by: FreshCaller, child: UUID, asked: EndsAgreement) -> Response:
    """Say that who the other child is may be known no more, though it was agreed for longer."""
    with window.open() as hub:
        hub.letting_in.end_agreement(by, child, asked.other, asked.reason)
    return documents.json({"data": AccessDone(child)})
