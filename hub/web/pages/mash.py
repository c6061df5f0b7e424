"""Ask the MASH: the same form and answer whether or not anything is withheld; and what a person told."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.access import Told
from hub.errors import Refused
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.pages.access_desk import item_page
from hub.web.pages.flags import head
from hub.web.pages.nearing import DESK
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)


@router.get("/children/{child}/ask-the-mash")
@asks(Question.NOTHING)
def form(
    window: TheWindow, pages: ThePages, child: UUID, reader: TheReader, sitting: Sitting, opened: TheOpened
) -> Response:
    """The form by which the MASH is asked."""
    return pages.page("ask_the_mash.html", **_shown(window, head(opened, sitting, reader, child)))


@router.post("/children/{child}/ask-the-mash")
@asks(Question.ACT)
def ask(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Take the question; or the form again, as filled in."""
    errors = {} if "reason" in said else {"reason": "Enter what you must know, and why"}
    if not errors:
        try:
            with window.open() as hub:
                hub.gates.mash.ask(reader, child, said["reason"])
        except Refused as refused:
            errors = {"reason": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{DESK}?done=asked-the-mash", HTTPStatus.SEE_OTHER)
    shown = {
        **_shown(window, head(opened, sitting, reader, child)),
        "errors": errors,
        "reason": said.words("reason"),
    }
    return pages.page("ask_the_mash.html", HTTPStatus.UNPROCESSABLE_ENTITY, **shown)


@router.get("/access/told/{told}")
@asks(Question.ACCESS)
def own_question(window: TheWindow, pages: ThePages, by: Viewer, told: UUID) -> Response:
    """One's own question, and what one was told."""
    with window.open() as hub:
        found = hub.gates.desk.told(by, told)
    return pages.page(
        "mash_told.html",
        by=by,
        here=DESK,
        told=found,
        basis=window.policy.purposes[found.purpose],
        policy=window.policy.name,
        drawn=wording.when(window.clock()),
    )


@router.post("/access/waiting/{item}/tell")
@asks(Question.ACT)
def tell(window: TheWindow, pages: ThePages, by: FreshViewer, item: UUID, said: Fields) -> Response:
    """Answer a question; or the form again, as filled in."""
    errors = {} if said.get("outcome") in set(Told) else {"outcome": "Choose what you decided"}
    errors |= {} if "words" in said else {"words": "Enter what you tell them"}
    errors |= {} if "reason" in said else {"reason": "Enter how far and what for, or why not"}
    if not errors:
        try:
            with window.open() as hub:
                hub.gates.mash.answer(by, item, Told(said["outcome"]), said["words"], said["reason"])
        except Refused as refused:
            errors = {"reason": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{DESK}?done=answered", HTTPStatus.SEE_OTHER)
    return item_page(window, pages, by, item, errors, said)


def _shown(window: TheWindow, headed: dict[str, Any]) -> dict[str, Any]:
    return {**headed, "duty": window.policy.duty_to_share, "errors": {}, "reason": ""}
