"""The API of what may be one incident: what is proposed, and what a coordinator says of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hub.casework.grouping import Judged
from hub.sharing.incidents import SharedIncidents
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, ByPurpose, Purpose, Reason
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1/children/{child}/incidents", tags=["flags"])
STRUCTS = (SharedIncidents, Judged)
"""What the answers are made of."""


class One(Asked):
    """They are one incident; why, where that needs saying."""

    purpose: Purpose
    reason: Annotated[str, Field(max_length=4000, description="Why, in your own words; may be empty.")] = ""


class Two(Asked):
    """They are two incidents, and why; which of them tell of the other one."""

    purpose: Purpose
    others: Annotated[
        tuple[UUID, ...],
        Field(max_length=100, description="Entries of the other incident; of two none need be named."),
    ] = ()
    reason: Reason


@router.post("", responses=documents.answers(SharedIncidents))
@asks(Question.INCIDENTS)
def incidents(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """Entries near in time that may tell of one incident, and what was said of others. For coordinators.

    Until somebody says otherwise they count as one. Recorded before you are told.
    """
    with window.open() as hub:
        found = hub.share.incidents(Reader(by, asked.purpose), child)
    return documents.json({"data": found})


@router.post("/{proposal}/one", responses=documents.answers(Judged))
@asks(Question.ACT)
def one(window: TheWindow, by: Caller, child: UUID, proposal: UUID, asked: One) -> Response:
    """Say that the entries of a proposal tell of one incident. For coordinators."""
    with window.open() as hub:
        judged = hub.incident_work.one(Reader(by, asked.purpose), child, proposal, asked.reason)
    return documents.json({"data": judged})


@router.post("/{proposal}/two", responses=documents.answers(Judged))
@asks(Question.ACT)
def two(window: TheWindow, by: Caller, child: UUID, proposal: UUID, asked: Two) -> Response:
    """Say that the entries of a proposal tell of two incidents, and why. For coordinators."""
    with window.open() as hub:
        reader = Reader(by, asked.purpose)
        judged = hub.incident_work.two(reader, child, proposal, asked.others, asked.reason)
    return documents.json({"data": judged})
