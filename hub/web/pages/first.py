"""The first that is heard of a child: an account, a call, a referral, by number or by name (L163; R133)."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from hub.casework.recording import ReasonAsked, Who
from hub.domain.child import By
from hub.errors import NotAllowed, UnknownChild
from hub.protocol.command import Command
from hub.protocol.commands import NAMED, Incomplete
from hub.web import wording
from hub.web.answering import OTHERS, answers, drawn, errors_of
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent
from hub.web.served import Window
from hub.web.signed_in import ThePages, TheWindow, Viewer
from schemas.vocabulary import LinkRelation

router = APIRouter(include_in_schema=False)
FIRST = "/first"
NO_WHO = "Enter a number, or a last name where you know no number"
NOTHING_SAID = Sent(())


@router.get(FIRST)
@asks(Question.NOTHING)
def choices(window: TheWindow, pages: ThePages, by: Viewer, recorded: str = "") -> Response:
    """What may be said first of a child, and whom to ring now."""
    now = window.clock()
    with window.open() as hub:
        table, pack = hub.recorder.acts, hub.drawn.packs.at(now)
    mine = table.first(by.role)
    turns = pack.contact_turns(now)
    return pages.page(
        "first.html",
        by=by,
        here=FIRST,
        groups=[(words, [c for c in mine if c.group == name]) for name, words in table.groups.items()],
        recorded=NAMED[recorded].title if recorded in NAMED else "",
        emergency=pack.emergency,
        contact=pack.contact_for(now),
        turns=wording.when(turns) if turns else "",
    )


@router.get("/first/{command}")
@asks(Question.NOTHING)
def asking(request: Request, window: TheWindow, pages: ThePages, by: Viewer, command: str) -> Response:
    """The form: who the child is, then what the act asks. Raises UnknownChild, NotAllowed."""
    act = _act(window, by, command)
    shown = _form(window, by, act, NOTHING_SAID, {})
    return pages.page("first_form.html", **shown, id=request.app.state.new_id())


@router.post("/first/{command}")
@asks(Question.ACT)
def record(window: TheWindow, pages: ThePages, by: Viewer, command: str, said: Fields) -> Response:
    """Record it, or show the form again as filled in; whether the child was known is not told."""
    act = _act(window, by, command)
    who, errors = _who(said)
    try:
        says = answers(act, said)
        if who is not None:
            with window.open() as hub:
                hub.recorder.record_first(by, who, command, says)
            return RedirectResponse(f"{FIRST}?recorded={command}", 303)
    except ReasonAsked as asked:
        errors["reason"] = "Say why: " + "; ".join(f"{r.row} {r.title}" for r in asked.reasons)
    except Incomplete as error:
        errors |= errors_of(act, error)
    shown = _form(window, by, act, said, errors)
    return pages.page("first_form.html", 422, **shown, id=said.get("act", ""))


def _act(window: Window, by: By, named: str) -> Command:
    if named not in NAMED:
        raise UnknownChild
    with window.open() as hub:
        if NAMED[named] not in hub.recorder.acts.first(by.role):
            raise NotAllowed("Your role may not record this of a child it has not opened")
    return NAMED[named]


def _form(window: Window, by: By, act: Command, said: Sent, errors: dict[str, str]) -> dict[str, Any]:
    with window.open() as hub:
        emergency = hub.drawn.packs.at(window.clock()).emergency
    return {
        "by": by,
        "here": FIRST,
        "act": act,
        "said": said,
        "questions": drawn(act, said, errors),
        "errors": errors,
        "emergency": emergency,
        "others": OTHERS,
        "relations": [(r.value, wording.spoken(r.value)) for r in LinkRelation],
        "systems": wording.SYSTEMS,
    }


def _who(said: Sent) -> tuple[Who | None, dict[str, str]]:
    """Who the child is, or what is wrong of it by its place; never what was written."""
    system, organisation = said.get("who-system", ""), said.get("who-organisation", "")
    named = f"{system}:{organisation.lower().replace(' ', '-')}" if organisation else system
    number, family, born = said.get("who-value"), said.get("who-family", ""), said.get("who-born")
    if not number and not family:
        return None, {"who-value": NO_WHO}
    name = {"family": family, "given": said.get("who-given", "")} if family or "who-given" in said else None
    given = {
        "identifiers": [{"system": named, "value": number}] if number else [],
        "name": name,
        "date_of_birth": born,
        "postcode": said.get("who-postcode"),
    }
    try:
        return Who.model_validate(given), {}
    except ValidationError as error:
        return None, _wrong({str(part) for each in error.errors(include_input=False) for part in each["loc"]})


def _wrong(places: set[str]) -> dict[str, str]:
    said = {
        "system": ("who-organisation", "Whose number it is must be a name of letters and numbers"),
        "value": ("who-value", "Number must be at most 100 characters"),
        "name": ("who-family", "Name is too long"),
        "date_of_birth": ("who-born", "Date of birth must be a real date"),
        "postcode": ("who-postcode", "Postcode must be at most 12 characters"),
    }
    found = dict(words for place, words in said.items() if place in places)
    return found or {"who-value": NO_WHO}
