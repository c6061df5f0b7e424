"""The API of restricting the processing of an entry (UK GDPR art. 18), and of lifting it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hub.domain.child import RestrictionGround
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.disputing import Marked
from hub.web.requests import Asked, Purpose, Reason
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1/children/{child}/entries/{entry}", tags=["children"])


class Restricts(Asked):
    """On which ground the processing is restricted, who asks for it, and why."""

    purpose: Purpose
    ground: RestrictionGround
    reason: Reason


class Keeps(Asked):
    """Why it is still needed."""

    purpose: Purpose
    reason: Reason


class Lifts(Asked):
    """Why it is lifted, and who was told before."""

    purpose: Purpose
    reason: Reason
    told: Annotated[str, Field(min_length=1, max_length=4000, description="Who was told, when and how.")]


@router.post("/restrict", responses=documents.answers(Marked))
@asks(Question.ACT)
def restrict(window: TheWindow, by: Caller, child: UUID, entry: UUID, asked: Restricts) -> Response:
    """Restrict the processing of an entry: it is kept and named, and read only to protect a child.

    The policy names the purposes for which it is still read. A flag that rests on it stays, and says so.
    """
    with window.open() as hub:
        hub.restrictions.restrict(Reader(by, asked.purpose), child, entry, asked.ground, asked.reason)
    return documents.json({"data": Marked(entry)})


@router.post("/keep-restriction", responses=documents.answers(Marked))
@asks(Question.ACT)
def keep(window: TheWindow, by: Caller, child: UUID, entry: UUID, asked: Keeps) -> Response:
    """Say for the agency that restricted an entry that this is still needed: it is asked again later."""
    with window.open() as hub:
        hub.restrictions.keep(Reader(by, asked.purpose), child, entry, asked.reason)
    return documents.json({"data": Marked(entry)})


@router.post("/lift-restriction", responses=documents.answers(Marked))
@asks(Question.ACT)
def lift(window: TheWindow, by: Caller, child: UUID, entry: UUID, asked: Lifts) -> Response:
    """Lift a restriction for your own agency, once who obtained it was told. Never one of your own."""
    with window.open() as hub:
        hub.restrictions.lift(Reader(by, asked.purpose), child, entry, asked.reason, asked.told)
    return documents.json({"data": Marked(entry)})
