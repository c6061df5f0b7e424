"""The API of asking the MASH: to ask is one act, whether or not anything is withheld; a person answers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hub.domain.access import Told
from hub.domain.access_desk import Waits
from hub.sharing.access_view import AccessWaiting, MashTold, Taken
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.gates import AccessDone, Listed
from hub.web.requests import Asked, Purpose, Reason
from hub.web.signed_in import Caller, FreshCaller, TheWindow

router = APIRouter(tags=["access"])
STRUCTS = (MashTold,)
"""What the answers are made of, beside those of `gates`."""

Words = Annotated[str, Field(min_length=1, max_length=4000)]


class AsksTheMash(Asked):
    """For which purpose you work with the child, and what you must know and why."""

    purpose: Purpose
    words: Words


class Tells(Asked):
    """What you tell whoever asked, what you decided about what is held, and why.

    `outcome` and `reason` (how far and what for; or why telling would be more detrimental to the child) are
    kept on the record and never said to them.
    """

    outcome: Told
    words: Words
    reason: Reason


@router.post("/v1/children/{child}/ask-the-mash", responses=documents.answers(Taken))
@asks(Question.ACT)
def ask(window: TheWindow, by: Caller, child: UUID, asked: AsksTheMash) -> Response:
    """Ask the MASH whether there is more that you should know. What is answered says nothing of it."""
    with window.open() as hub:
        taken = hub.gates.mash.ask(Reader(by, asked.purpose), child, asked.words)
    return documents.json({"data": taken})


@router.post("/v1/access/questions", responses=documents.answers(AccessWaiting, many=True))
@asks(Question.ACCESS)
def questions(window: TheWindow, by: Caller, asked: Listed) -> Response:
    """Questions to the MASH that wait for an answer, the longest due first. References only."""
    with window.open() as hub:
        found = hub.gates.desk.waiting(by, Waits.QUESTION, settled=asked.settled)
    return documents.json({"data": found})


@router.post("/v1/access/{item}/tell", responses=documents.answers(AccessDone))
@asks(Question.ACT)
def tell(window: TheWindow, by: FreshCaller, item: UUID, asked: Tells) -> Response:
    """Answer a question to the MASH, as a person who has just signed in. Never one's own."""
    with window.open() as hub:
        hub.gates.mash.answer(by, item, asked.outcome, asked.words, asked.reason)
    return documents.json({"data": AccessDone(item)})


@router.post("/v1/access/{item}/told", responses=documents.answers(MashTold))
@asks(Question.ACCESS)
def told(window: TheWindow, by: Caller, item: UUID) -> Response:
    """Your own question to the MASH, and what you were told. Recorded before you are told."""
    with window.open() as hub:
        found = hub.gates.desk.told(by, item)
    return documents.json({"data": found})
