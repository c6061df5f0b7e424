"""The quarantine: deliveries that could not be taken. Why, and what becomes of them; never what they say."""

import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.child import By
from hub.errors import Refused
from hub.store.effects import Quarantined
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, status_of
from hub.web.rendering import Pages
from hub.web.served import Window
from hub.web.signed_in import ThePages, TheWindow, Viewer
from hub.web.ways import QUARANTINE

router = APIRouter(include_in_schema=False)
DONE = {"discarded": "It is given up: its bytes are gone, its reason and yours stay", "taken": "It was taken"}


@router.get(QUARANTINE.address)
@asks(Question.NOTHING)
def waiting(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """What is held: where it stood, since when, and why."""
    with window.open() as hub:
        found = hub.held.waiting(by)
    return pages.page("quarantine.html", by=by, here=QUARANTINE.address, held=list(map(_shown, found)))


@router.get("/quarantine/{number}")
@asks(Question.NOTHING)
def one(window: TheWindow, pages: ThePages, by: Viewer, number: int, done: str = "") -> Response:
    """One held delivery: its reason, the fields at fault, what became of it."""
    return _page(window, pages, by, number, DONE.get(done, ""), {}, "")


@router.post("/quarantine/{number}")
@asks(Question.ACT)
def end(window: TheWindow, pages: ThePages, by: Viewer, number: int, said: Fields) -> Response:
    """Try it again, or give it up with a reason."""
    reason = said.get("reason", "")
    try:
        with window.open() as hub:
            if said.get("act") == "discard":
                hub.held.discard(by, number, reason)
                return RedirectResponse(f"/quarantine/{number}?done=discarded", 303)
            refusal = hub.held.retry(by, number)
    except Refused as refused:
        at = "reason" if said.get("act") == "discard" else "retry"
        return _page(window, pages, by, number, "", {at: wording.spoken(str(refused))}, reason)
    if refusal is None:
        return RedirectResponse(f"/quarantine/{number}?done=taken", 303)
    why = f"It still cannot be taken: {wording.spoken(refusal.reason).lower()}"
    return _page(window, pages, by, number, "", {"retry": why}, reason)


def _page(
    window: Window, pages: Pages, by: By, number: int, done: str, errors: dict[str, str], reason: str
) -> Response:
    with window.open() as hub:
        found = hub.held.one(by, number)
    return pages.page(
        "quarantine_one.html",
        status_of(errors),
        by=by,
        here=QUARANTINE.address,
        one=_shown(found),
        done=done,
        errors=errors,
        reason=reason,
    )


def _shown(row: Quarantined) -> dict[str, Any]:
    held = row.held
    return {
        "number": row.id,
        "place": f"{held.topic}/{held.partition}@{held.offset}",
        "why": wording.spoken(held.reason),
        "fields": json.loads(held.fields),
        "since": wording.when(datetime.fromisoformat(held.at)),
        "state": row.state,
        "ended_by": row.ended_by or "",
        "bytes": bool(held.sealed),
    }
