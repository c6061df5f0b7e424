"""The API of a flag's life: what people do about it, and who had been shown what is no longer true."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from hub.audit.inspection import untrue_for
from hub.audit.untrue import Untrue
from hub.casework.flagging import Done, FlagWork
from hub.domain.child import FlagDecision
from hub.errors import UnknownChild
from hub.sharing.look import Reader
from hub.telling.settings import Kind, name_of
from hub.telling.teller import record_told_of, told_of
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, ByPurpose, Name, Person, Purpose, Reason
from hub.web.served import Window
from hub.web.signed_in import Caller, TheWindow, Viewer

links = APIRouter(include_in_schema=False)
"""Where the links in messages lead."""
router = APIRouter(prefix="/v1/children/{child}", tags=["flags"])
STRUCTS = (Done, Untrue)
"""What the answers are made of."""


class TakesInHand(Asked):
    """Who has the flag in hand from now on: you, where nobody is named."""

    purpose: Purpose
    owner: Person | None = None


class Decides(Asked):
    """What you decided about the flag, and why."""

    purpose: Purpose
    decision: FlagDecision
    reason: Reason


class Reasoned(Asked):
    """An act that needs a reason."""

    purpose: Purpose
    reason: Reason


class Releases(Asked):
    """To which roles the flag's fixed words may be shown, and why."""

    purpose: Purpose
    roles: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    reason: Reason


WAITS = {
    **dict.fromkeys(
        (
            Kind.GLASS_BROKEN,
            Kind.GLASS_UNREVIEWED,
            Kind.GLASS_GIVEN,
            Kind.ACCESS_ASKED,
            Kind.ACCESS_UNANSWERED,
            Kind.MASH_ASKED,
            Kind.MASH_UNANSWERED,
        ),
        "/access/waiting/{item}",
    ),
    Kind.ACCESS_GRANTED: "/access",
    Kind.MASH_ANSWERED: "/access/told/{item}",
    Kind.BAR_MET: "/access/closed/{child}",
}
"""Where messages about access lead: to what waits, or to the desk."""


@links.get("/told/{telling}")
@asks(Question.NOTHING)
def follow_link(window: TheWindow, by: Viewer, telling: UUID) -> Response:
    """From a message to the record it is about, by way of the question why: nothing of it is shown here.

    What was told to a role that answers for restricted entries leads others nowhere.
    """
    with window.open() as hub:
        about, record = told_of(hub.records, telling), record_told_of(hub.records, telling)
        told = hub.policy.roles.get(name_of(about.recipient))
    if told is not None and told.told and name_of(about.recipient) != by.role:
        raise UnknownChild
    to = WAITS.get(Kind(about.kind), "/children/{child}/why")
    return RedirectResponse(to.format(item=about.subject, child=record), HTTPStatus.SEE_OTHER)


@router.post("/flags/{flag}/acknowledge", responses=documents.answers(Done))
@asks(Question.ACT)
def acknowledge(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: ByPurpose) -> Response:
    """Say that you have seen the flag."""
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.acknowledge(reader, child, flag))


@router.post("/flags/{flag}/own", responses=documents.answers(Done))
@asks(Question.ACT)
def own(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: TakesInHand) -> Response:
    """Take the flag in hand; the coordinator may give it to a named person."""
    owner = asked.owner.by if asked.owner else None
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.own(reader, child, flag, owner))


@router.post("/flags/{flag}/review", responses=documents.answers(Done))
@asks(Question.ACT)
def review(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: Decides) -> Response:
    """Decide about what stands under the flag, as you see it. New evidence opens it again."""
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.review(reader, child, flag, asked.decision, asked.reason))


@router.post("/flags/{flag}/disagree", responses=documents.answers(Done))
@asks(Question.ACT)
def disagree(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: Reasoned) -> Response:
    """Say that you do not agree. Where it had been decided, it is looked at again."""
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.disagree(reader, child, flag, asked.reason))


@router.post("/flags/{flag}/renew", responses=documents.answers(Done))
@asks(Question.ACT)
def renew(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: Reasoned) -> Response:
    """Let the flag stand for another term."""
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.renew(reader, child, flag, asked.reason))


@router.post("/flags/{flag}/release", responses=documents.answers(Done))
@asks(Question.ACT)
def release(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: Releases) -> Response:
    """Let roles see the flag's fixed words, and nothing of what stands behind it. For the coordinator."""
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.release(reader, child, flag, asked.roles, asked.reason))


def _done(window: Window, act: Callable[[FlagWork], Done]) -> Response:
    """Let them act, and answer what came of it."""
    with window.open() as hub:
        done = act(hub.flag_work)
    return documents.json({"data": done})


@router.post("/flags/{flag}/take-back", responses=documents.answers(Done))
@asks(Question.ACT)
def take_back(window: TheWindow, by: Caller, child: UUID, flag: UUID, asked: Reasoned) -> Response:
    """End a release: those it was released to see its words no longer. For the coordinator."""
    reader = Reader(by, asked.purpose)
    return _done(window, lambda work: work.take_back(reader, child, flag, asked.reason))


@router.post("/no-longer-true", tags=["audit"], responses=documents.answers(Untrue, many=True))
@asks(Question.HISTORY)
def no_longer_true(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """What is no longer true of a child, and who had been shown it. For auditors; recorded first."""
    with window.open() as hub:
        reader = Reader(by, asked.purpose)
        found = untrue_for(hub.records, hub.policy, reader, child, hub.drawn.flags)
    return documents.json({"data": found})
