"""The JSON API, version 1. Reading is a POST: it writes a disclosure, and a purpose belongs in no URL."""

from datetime import datetime
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response

from hub.audit.history import Happening
from hub.audit.inspection import story_for
from hub.domain.child import By
from hub.protocol.worklist import Item
from hub.sharing.beside import Beside
from hub.sharing.flagging import SharedFlag
from hub.sharing.look import Reader
from hub.sharing.view import Found, SharedChronology
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import AskedChronology, ByPurpose, Search
from hub.web.selection import Cursor, from_text, page_of, question_of, to_text
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1/children", tags=["children"])
STRUCTS = (SharedChronology, Found, Happening, SharedFlag, Beside, Item)
"""What the answers are made of."""


@router.post("/search", responses=documents.answers(Found))
@asks(Question.FIND)
def search(window: TheWindow, by: Caller, asked: Search) -> Response:
    """Find a child by an identifier. That you found the child is recorded before you are told.

    Only an identifier that you may read of the child finds the child.
    """
    with window.open() as hub:
        found = hub.share.find(Reader(by, asked.purpose), asked.identifier)
    return documents.json({"data": found})


@router.post("/{child}/chronology", responses=documents.answers(SharedChronology, paged=True))
@asks(Question.CHRONOLOGY)
def chronology(window: TheWindow, by: Caller, child: UUID, asked: AskedChronology) -> Response:
    """What happened to a child, oldest first, as your role may read it. Recorded before you are told.

    Filters narrow what is sent; the disclosure is recorded for the whole chronology, which you could read.
    All pages of one question show the record as known when its first page was drawn.
    """
    question = question_of(child, by.person, asked.purpose, asked.known_at, *asked.selection)
    after = from_text(asked.cursor, question) if asked.cursor else None
    shared = _read(window, by, child, asked, after.known_at if after else asked.known_at)
    lines, end = page_of(asked.selection.of(shared.lines), after, asked.limit)
    drawn_at = after.known_at if after else asked.known_at or shared.as_at
    following = to_text(Cursor(drawn_at, end[0], question, end[1])) if end else None
    return documents.json(
        {
            "data": msgspec.structs.replace(shared, lines=tuple(lines)),
            "page": documents.Page(following, asked.limit),
        }
    )


@router.post("/{child}/flags", responses=documents.answers(SharedFlag, many=True, drawn=True))
@asks(Question.FLAGS)
def flags(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """What several agencies' entries show together and none alone: questions to people, never findings.

    The coordinator sees flags as they were raised; others what is drawn again from what they may read, and
    what was released to their role. Recorded before you are told.
    """
    with window.open() as hub:
        late, found = hub.drawn.late(), hub.share.flags(Reader(by, asked.purpose), child)
    return documents.from_drawn(found, late=late)


@router.post("/{child}/beside-flags", responses=documents.answers(Beside))
@asks(Question.BESIDE)
def beside_flags(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """What is no flag: what nobody can tell yet, since an agency was not heard; what one agency sees alone.

    As far as your role may know what it rests on. Recorded before you are told.
    """
    with window.open() as hub:
        found = hub.share.beside(Reader(by, asked.purpose), child)
    return documents.json({"data": found})


@router.post("/{child}/due", responses=documents.answers(Item, many=True, drawn=True))
@asks(Question.DUE)
def due(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """What the guidance asks for on a child, most pressing first, as far as your role may see its grounds.

    The hub reminds; it never decides and never blocks. Recorded before you are told.
    """
    with window.open() as hub:
        late, found = hub.drawn.late(), hub.share.due(Reader(by, asked.purpose), child)
    return documents.from_drawn(found, late=late)


@router.post("/{child}/history", tags=["audit"], responses=documents.answers(Happening, many=True))
@asks(Question.HISTORY)
def history(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """One child's story in the order it was recorded: said, decided, shown; no content. For auditors."""
    with window.open() as hub:
        story = story_for(hub.records, hub.policy, Reader(by, asked.purpose), child)
    return documents.json({"data": story})


def _read(
    window: TheWindow, by: By, child: UUID, asked: AskedChronology, known_at: datetime | None
) -> SharedChronology:
    with window.open() as hub:
        return hub.share.chronology(Reader(by, asked.purpose), child, known_at)
