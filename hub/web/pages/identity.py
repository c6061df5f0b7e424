"""Questions of identity: are these records of one child, or of twins? Seen side by side, and answered."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from hub.casework.identity import BORN, Beside, Compared
from hub.domain.child import By
from hub.errors import Refused
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, id_in, status_of
from hub.web.rendering import Pages
from hub.web.served import Served, Window
from hub.web.signed_in import ThePages, TheWindow, Viewer
from hub.web.ways import IDENTITY

router = APIRouter(include_in_schema=False)
DONE = {
    "same": "They are read as one child from now on. It can be undone here",
    "different": "They are kept apart",
    "move": "The entries stand on the other record from now on, and on the story of both",
}
NOTHING_SAID = Sent(())
NEW = "new"


@router.get(IDENTITY.address)
@asks(Question.NOTHING)
def waiting(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """The questions there are, without anything of the children."""
    with window.open() as hub:
        found = hub.identity.waiting(by)
    return pages.page(
        "identity.html",
        by=by,
        here=IDENTITY.address,
        open_=[one for one in found if one.answer is None],
        answered=[one for one in found if one.answer is not None],
    )


@router.get("/identity/{question}")
@asks(Question.CHRONOLOGY)
def compare(
    window: TheWindow,
    pages: ThePages,
    by: Viewer,
    question: UUID,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """The records of one question side by side."""
    return _page(window, pages, by, question, DONE.get(done, ""), {}, NOTHING_SAID)


@router.post("/identity/{question}")
@asks(Question.ACT)
def answer(window: TheWindow, pages: ThePages, by: Viewer, question: UUID, said: Fields) -> Response:
    """Say that they are one child, that they are not, or that entries stand on the wrong record."""
    act = said.get("act", "")
    try:
        with window.open() as hub:
            _do(hub, by, question, act, said)
    except Refused as refused:
        at = "move-reason" if act == "move" else "reason"
        return _page(window, pages, by, question, "", {at: wording.spoken(str(refused))}, said)
    return RedirectResponse(f"/identity/{question}?done={act}", 303)


def _do(hub: Served, by: By, question: UUID, act: str, said: Sent) -> None:
    reason = said.get("reason", "")
    match act:
        case "same":
            hub.identity.same(by, question, _id(said, "child"), reason)
        case "different":
            hub.identity.different(by, question, reason)
        case "move":
            to = None if said.get("to") == NEW else _id(said, "to")
            entries = [_uuid(entry) for entry in said.all("entry")]
            hub.identity.move(by, question, _id(said, "from"), entries, said.get("move-reason", ""), to)
        case _:
            raise Refused("choose what to do")


def _page(
    window: Window,
    pages: Pages,
    by: By,
    question: UUID,
    done: str,
    errors: dict[str, str],
    said: Sent,
) -> Response:
    with window.open() as hub:
        matter = hub.identity.matter(by, question)
    return pages.page(
        "identity_question.html",
        status_of(errors),
        by=by,
        here=IDENTITY.address,
        matter=matter,
        names=[_name(record, at) for at, record in enumerate(matter.records)],
        facts=list(_facts(matter.compared)),
        done=done,
        errors=errors,
        said=said,
    )


def _name(record: Beside, at: int) -> str:
    return "The record in question" if record.provisional else f"Candidate {at}"


def _facts(compared: Iterable[Compared]) -> Iterable[tuple[str, Compared]]:
    """Each with its name in words, and days as people say them."""
    for one in compared:
        if one.name == BORN:
            days = tuple(value and wording.day(date.fromisoformat(value)) for value in one.values)
            yield one.name, one._replace(values=days)
        else:
            yield wording.system(one.name) if one.number else one.name, one


def _id(said: Sent, name: str) -> UUID:
    if name not in said:
        raise Refused("choose which record")
    return _uuid(said[name])


def _uuid(text: str) -> UUID:
    found = id_in(text)
    if found is None:
        raise Refused("not an id")
    return found
