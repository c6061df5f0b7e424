"""The API of an entry that somebody says is not right: marked, and answered by the agency whose it is."""

from uuid import UUID

import msgspec
from fastapi import APIRouter, Response

from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, Purpose, Reason
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1/children/{child}/entries/{entry}", tags=["children"])


class Marked(msgspec.Struct, frozen=True):
    """The entry that was marked as disputed or restricted, or whose mark is gone."""

    entry: UUID


STRUCTS = (Marked,)
"""What the answers are made of."""


class Disputes(Asked):
    """Who says that the entry is not right, and what; or what became of it."""

    purpose: Purpose
    reason: Reason


@router.post("/dispute", responses=documents.answers(Marked))
@asks(Question.ACT)
def dispute(window: TheWindow, by: Caller, child: UUID, entry: UUID, asked: Disputes) -> Response:
    """Mark an entry as disputed: who reads it, or a flag that rests on it, sees that it is.

    In the reason, who says so (the child, a parent, another agency) and what is not right.
    """
    with window.open() as hub:
        hub.disputes.dispute(Reader(by, asked.purpose), child, entry, asked.reason)
    return documents.json({"data": Marked(entry)})


@router.post("/settle", responses=documents.answers(Marked))
@asks(Question.ACT)
def settle(window: TheWindow, by: Caller, child: UUID, entry: UUID, asked: Disputes) -> Response:
    """Answer for your own agency that the entry stands, or was corrected: the mark goes. Never one's own."""
    with window.open() as hub:
        hub.disputes.settle(Reader(by, asked.purpose), child, entry, asked.reason)
    return documents.json({"data": Marked(entry)})
