"""One entry of a chronology: all that is recorded of it, and what is done about it where it is not right."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.errors import Refused, UnknownChild
from hub.sharing.look import Reader
from hub.sharing.view import ShownEntry
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.pages.flags import head
from hub.web.pages.nearing import NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.rows import row
from hub.web.served import Served, Window
from hub.web.signed_in import ThePages, TheWindow
from hub.web.told import told_of

router = APIRouter(include_in_schema=False)
DONE = {
    "dispute": "The entry is marked for all who read it, until the agency whose entry it is answers",
    "settle": "Your answer is on the record, and the mark is gone",
}


@router.get("/children/{child}/entries/{entry}")
@asks(Question.CHRONOLOGY)
def entry_page(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    entry: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    done: str = "",
) -> Response:
    """The entry, as this reader may read it. The look is recorded as one at the whole chronology."""
    shown = {**head(opened, sitting, reader, child), "done": DONE.get(done, "")}
    return _page(window, pages, reader, child, entry, shown, {}, NOTHING_SAID)


@router.post("/children/{child}/entries/{entry}")
@asks(Question.ACT)
def act(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    entry: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Mark it as disputed, or answer for its agency. What is refused comes back as written."""
    done = said.get("act", "")
    try:
        with window.open() as hub:
            _do(hub, reader, child, entry, said)
    except Refused as refused:
        shown = {**head(opened, sitting, reader, child), "done": ""}
        return _page(
            window, pages, reader, child, entry, shown, {"reason": wording.spoken(str(refused))}, said
        )
    return RedirectResponse(f"/children/{child}/entries/{entry}?done={done}", HTTPStatus.SEE_OTHER)


def _do(hub: Served, reader: Reader, child: UUID, entry: UUID, said: Sent) -> None:
    reason = said.get("reason", "")
    match said.get("act", ""):
        case "dispute":
            hub.disputes.dispute(reader, child, entry, reason)
        case "settle":
            hub.disputes.settle(reader, child, entry, reason)
        case _:
            raise Refused("choose what is to be done")


def _page(
    window: Window,
    pages: Pages,
    reader: Reader,
    child: UUID,
    entry: UUID,
    shown: dict[str, Any],
    errors: dict[str, str],
    said: Sent,
) -> Response:
    with window.open() as hub:
        shared = hub.share.chronology(reader, child)
    found = next((x for x in shared.lines if isinstance(x, ShownEntry) and x.id == entry), None)
    if found is None:  # none, withheld or closed: alike
        raise UnknownChild
    return pages.page(
        "entry.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        **shown,
        entry=entry,
        row=row(told_of(found), times=True, details=True),
        agency=found.agency,
        disputed=found.dispute is not None,
        errors=errors,
        said=said,
        drawn=wording.when(shared.as_at),
        basis=shared.basis,
        policy=shared.policy,
    )
