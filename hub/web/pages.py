"""The pages: find a child, say why, read the chronology; for an auditor, the story. No script is needed."""

from collections.abc import Mapping
from datetime import datetime, time
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from hub.audit.inspection import AUDITORS, PURPOSE, story_for
from hub.domain.child import By
from hub.errors import UnknownChild
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import form
from hub.web.requests import AskedChronology, ByPurpose, KnownOn, Search
from hub.web.selection import LONDON
from hub.web.signed_in import ThePages, TheWindow, Viewer
from schemas.vocabulary import Agency, Significance

router = APIRouter(include_in_schema=False)
Fields = Annotated[Mapping[str, str], Depends(form)]
FIND = "/children/find"
NEWEST = "newest"
NARROWING = {"agency", "significance", "from", "to", "knownAt"}


@router.get("/")
@asks(Question.NOTHING)
def start() -> Response:
    """Begin where children are found."""
    return RedirectResponse(FIND, HTTPStatus.SEE_OTHER)


@router.get(FIND)
@asks(Question.NOTHING)
def finding(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """The form by which a child is found; for an auditor, the one by which a story is asked for."""
    return pages.page("find.html", **_find_form(window.policy, by))


@router.post(FIND)
@asks(Question.FIND)
def find(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The child found, to be looked at before the record is opened; or the form again."""
    asked = _searched(said)
    try:
        with window.open() as hub:
            found = hub.share.find(Reader(by, asked.purpose), asked.identifier)
    except UnknownChild:
        again = {**_find_form(window.policy, by), "chosen": asked.purpose, "nobody": True}
        return pages.page("find.html", UnknownChild.status, **again)
    shown = wording.who_is(found.who, window.clock())
    return pages.page("found.html", by=by, child=found.child, who=shown, purpose=asked.purpose)


@router.get("/children/{child}/chronology")
@router.get("/children/{child}/history")
@asks(Question.NOTHING)
def back(child: UUID) -> Response:
    """An address typed in or kept says no purpose: begin again by saying it."""
    del child
    return RedirectResponse(FIND, HTTPStatus.SEE_OTHER)


@router.post("/children/{child}/chronology")
@asks(Question.CHRONOLOGY)
def chronology(window: TheWindow, pages: ThePages, by: Viewer, child: UUID, said: Fields) -> Response:
    """The chronology, one line an entry, in the order asked for."""
    asked, newest = _asked(said), said.get("order", NEWEST) == NEWEST
    with window.open() as hub:
        shared = hub.share.chronology(Reader(by, asked.purpose), child, asked.known_at)
    lines = asked.selection.of(shared.lines)
    spoke = {line.agency for line in shared.lines}
    return pages.page(
        "chronology.html",
        by=by,
        child=shared.child,
        who=wording.who(shared),
        shared=shared,
        drawn=wording.when(shared.as_at),
        as_known="" if shared.known_at is None else wording.when(shared.known_at),
        rows=wording.rows(reversed(lines) if newest else lines),
        left_out=len(shared.lines) - len(lines),
        silent=[name for agency, name in wording.AGENCIES.items() if agency.value not in spoke],
        newest=newest,
        everything=said.get("detail") == "everything",
        said=said,
        narrowed=bool(said.keys() & NARROWING),
        agencies=wording.AGENCIES,
        significances=list(Significance),
    )


@router.post("/children/{child}/history")
@asks(Question.HISTORY)
def history(window: TheWindow, pages: ThePages, by: Viewer, child: UUID, said: Fields) -> Response:
    """One child's story in the order recorded, without its content."""
    return _story(window, pages, by, child, ByPurpose.model_validate(said).purpose)


@router.post("/history")
@asks(Question.HISTORY)
def history_named(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The same, for the record id an auditor wrote down. Raises UnknownChild where it is none."""
    try:
        child = UUID(said.get("child", ""))
    except ValueError:
        raise UnknownChild from None
    return _story(window, pages, by, child, said.get("purpose", ""))


def _story(window: TheWindow, pages: ThePages, by: By, child: UUID, purpose: str) -> Response:
    with window.open() as hub:
        story = story_for(hub.records, hub.policy, Reader(by, purpose), child)
    told = [(h.version, wording.when(h.recorded_at), wording.spoken(h.what), h.detail) for h in story]
    return pages.page("history.html", by=by, child=child, story=told, drawn=wording.when(window.clock()))


def _find_form(policy: Policy, by: By) -> dict[str, Any]:
    role = policy.roles[by.role]
    return {
        "by": by,
        "auditor": by.role in AUDITORS,
        "audit": PURPOSE,
        "reads": bool(role.reads),
        "purposes": {purpose: policy.purposes[purpose] for purpose in sorted(role.purposes)},
        "systems": wording.SYSTEMS,
        "chosen": "",
        "nobody": False,
        "ring": policy.contacts[Agency.SOCIAL_CARE],
    }


def _searched(said: Mapping[str, str]) -> Search:
    system, organisation = said.get("system", ""), said.get("organisation", "")
    named = f"{system}:{organisation.lower().replace(' ', '-')}" if organisation else system
    identifier = {"system": named, "value": said.get("value", "")}
    return Search.model_validate({"purpose": said.get("purpose", ""), "identifier": identifier})


def _asked(said: Mapping[str, str]) -> AskedChronology:
    """What the form asks. 'As known at' is a day, and means its end."""
    names = ("purpose", "agency", "from", "to", "significance")
    asked = AskedChronology.model_validate({name: said[name] for name in names if name in said})
    if "knownAt" not in said:
        return asked
    day = KnownOn.model_validate({"knownAt": said["knownAt"]}).known_on
    return asked.model_copy(update={"known_at": datetime.combine(day, time.max, LONDON)})
