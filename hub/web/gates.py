"""The API of access itself: broken glass and its review, requests and their answer, what is closed."""

from typing import Annotated, Self
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from hub.domain.access import Closing, Interest
from hub.domain.access_desk import Waits
from hub.domain.strand import Opens
from hub.sharing.access import MOST_DAYS, Opened
from hub.sharing.access_view import AccessWaiting, Brief, Closed, Mine, Taken
from hub.sharing.look import Reader
from hub.sharing.share import Named, Sought
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, ByPurpose, Day, Name, Person, Purpose, Reason
from hub.web.signed_in import Caller, FreshCaller, TheWindow
from schemas.case_event import Identifier, PersonName
from schemas.vocabulary import Agency

router = APIRouter(prefix="/v1/access", tags=["access"])
of_child = APIRouter(prefix="/v1/children/{child}/restrictions", tags=["access"])


class AccessDone(msgspec.Struct, frozen=True):
    """What was done it to, by its id."""

    item: UUID


STRUCTS = (Opened, Taken, AccessWaiting, Brief, Mine, Closed, AccessDone)
"""What the answers are made of."""


class NamedChild(Asked):
    """A child by full name and date of birth."""

    given: Name
    family: Name
    born: Day


class Near(Asked):
    """Which child, and why. Name one of `child`, `identifier` and `named`."""

    purpose: Purpose
    reason: Reason
    strand: Annotated[
        Opens,
        Field(
            description="What of the child is asked for: one strand (the child as one who has harmed, or has "
            "been harmed), both, or only what is of neither. Nothing of a strand that is not named is opened."
        ),
    ]
    child: UUID | None = None
    identifier: Identifier | None = None
    named: NamedChild | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.child, self.identifier, self.named)) != 1:
            raise ValueError("say which child by one of child, identifier and named")
        return self

    @property
    def sought(self) -> Sought:
        """Which child is meant."""
        if self.named is not None:
            return Named(PersonName(self.named.family, self.named.given), self.named.born)
        found = self.child or self.identifier
        assert found is not None  # noqa: S101 — one of them is said
        return found


class Listed(Asked):
    """Whether also what was settled is wanted."""

    settled: bool = False


class Judged(Asked):
    """Whether the glass should have been broken, and why you think so."""

    justified: bool
    reason: Reason


class Answered(Asked):
    """For how many days it is granted (null: it is not), and why."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None
    reason: Reason


class Lifts(Asked):
    """An act that needs a reason."""

    reason: Reason


class Closes(Asked):
    """What is closed, and to whom: to all but those `named`, to one agency, or (barred) to the one named."""

    what: Closing
    reason: Reason
    named: Annotated[tuple[Person, ...], Field(max_length=50)] = ()
    agency: Agency | None = None
    entries: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    interest: Interest | None = None


@router.post("/break-glass", responses=documents.answers(Opened))
@asks(Question.ACT)
def break_glass(window: TheWindow, by: FreshCaller, asked: Near) -> Response:
    """Open a record for some hours, in an emergency, with a reason. The guardian is told at once.

    Only a person who has just signed in may; it opens no sealed record and no class the policy leaves closed.
    """
    with window.open() as hub:
        done = hub.gates.break_glass(Reader(by, asked.purpose), asked.sought, asked.reason, asked.strand)
    return documents.json({"data": done})


@router.post("/ask", responses=documents.answers(Taken))
@asks(Question.ACT)
def ask(window: TheWindow, by: Caller, asked: Near) -> Response:
    """Ask to see a record. What is answered says nothing of whether there is one."""
    with window.open() as hub:
        taken = hub.gates.ask(Reader(by, asked.purpose), asked.sought, asked.reason, asked.strand)
    return documents.json({"data": taken})


@router.post("/mine", responses=documents.answers(Mine, many=True))
@asks(Question.ACCESS)
def mine(window: TheWindow, by: Caller) -> Response:
    """Your own breakings of the glass and requests, the newest first, and how they stand."""
    with window.open() as hub:
        found = hub.gates.desk.mine(by)
    return documents.json({"data": found})


@router.post("/reviews", responses=documents.answers(AccessWaiting, many=True))
@asks(Question.ACCESS)
def reviews(window: TheWindow, by: Caller, asked: Listed) -> Response:
    """Breakings of the glass that wait for a second person, the longest due first. References only."""
    with window.open() as hub:
        found = hub.gates.desk.waiting(by, Waits.REVIEW, settled=asked.settled)
    return documents.json({"data": found})


@router.post("/requests", responses=documents.answers(AccessWaiting, many=True))
@asks(Question.ACCESS)
def requests(window: TheWindow, by: Caller, asked: Listed) -> Response:
    """Requests to see a record that wait for an answer, the longest due first. References only."""
    with window.open() as hub:
        found = hub.gates.desk.waiting(by, Waits.REQUEST, settled=asked.settled)
    return documents.json({"data": found})


@router.post("/{item}/brief", responses=documents.answers(Brief))
@asks(Question.ACCESS)
def brief(window: TheWindow, by: Caller, item: UUID, asked: ByPurpose) -> Response:
    """The reason of a breaking or a request, and what was seen under the glass. Recorded first."""
    with window.open() as hub:
        found = hub.gates.desk.brief(Reader(by, asked.purpose), item)
    return documents.json({"data": found})


@router.post("/{item}/give", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def give(window: TheWindow, by: FreshCaller, item: UUID, asked: Person) -> Response:
    """Give a review to a named person, who is told. From then on it is theirs."""
    with window.open() as hub:
        hub.gates.give_review(by, item, asked.by)
    return documents.json({"data": AccessDone(item)})


@router.post("/{item}/review", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def review(window: TheWindow, by: FreshCaller, item: UUID, asked: Judged) -> Response:
    """Say whether the glass should have been broken; where not, it opens nothing more. Never one's own."""
    with window.open() as hub:
        hub.gates.review(by, item, asked.reason, justified=asked.justified)
    return documents.json({"data": AccessDone(item)})


@router.post("/{item}/answer", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def answer(window: TheWindow, by: FreshCaller, item: UUID, asked: Answered) -> Response:
    """Grant a request for some days, or refuse it. Never one's own."""
    with window.open() as hub:
        hub.gates.answer(by, item, asked.reason, asked.days)
    return documents.json({"data": AccessDone(item)})


@of_child.post("", responses=documents.answers(Closed, many=True))
@asks(Question.ACCESS)
def restrictions(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """What of a record is closed, to whom and why. AccessDone before you are told."""
    with window.open() as hub:
        found = hub.gates.desk.restrictions(Reader(by, asked.purpose), child)
    return documents.json({"data": found})


@of_child.post("/close", responses=documents.answers(AccessDone, made=True))
@asks(Question.ACT)
def close(window: TheWindow, by: FreshCaller, child: UUID, asked: Closes) -> Response:
    """Seal, shield the address, bar a person, or record the decision not to share (s.16LA(3))."""
    with window.open() as hub:
        id_ = hub.gates.close(
            by,
            child,
            asked.what,
            asked.reason,
            named=[each.by for each in asked.named],
            agency=asked.agency.value if asked.agency else "",
            entries=asked.entries,
            interest=asked.interest,
        )
    return documents.json({"data": AccessDone(id_)}, 201)


@of_child.post("/{restriction}/lift", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def lift(window: TheWindow, by: FreshCaller, child: UUID, restriction: UUID, asked: Lifts) -> Response:
    """Lift a restriction. Nobody lifts a bar of their own."""
    with window.open() as hub:
        hub.gates.reopen(by, child, restriction, asked.reason)
    return documents.json({"data": AccessDone(restriction)})
