"""Find a child, say why, be shown whom you found; only then is the record opened."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from hub.audit.inspection import AUDITORS
from hub.domain.child import By
from hub.errors import NotAllowed, UnknownChild
from hub.sharing.access_desk import ANSWERERS
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.share import Named
from hub.sharing.view import Found
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields
from hub.web.opened import Sitting, TheOpened
from hub.web.requests import Search, SearchNamed
from hub.web.served import Served
from hub.web.signed_in import ThePages, TheWindow, Viewer
from schemas.case_event import Identifier
from schemas.vocabulary import Agency

router = APIRouter(include_in_schema=False)
FIND = "/children/find"
NAMED = ("given", "family", "born")
OPENS = frozenset({"chronology", "flags", "protocol", "record", "pack", "access"})


@router.get("/")
@asks(Question.NOTHING)
def start(window: TheWindow, by: Viewer) -> Response:
    """Begin where children are found; an auditor at their desk, a guardian where reviews wait."""
    waits = {*window.policy.break_glass.all_guardians, *ANSWERERS}
    to = "/audit" if by.role in AUDITORS else "/access" if by.role in waits else FIND
    return RedirectResponse(to, HTTPStatus.SEE_OTHER)


@router.get(FIND)
@asks(Question.NOTHING)
def finding(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """The form by which a child is found."""
    return pages.page("find.html", **finding_form(window.policy, by, {}))


@router.post(FIND)
@asks(Question.FIND)
def find(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The child found, to be looked at before the record is opened; or the form again, as filled in."""
    shown = finding_form(window.policy, by, said)
    errors = missing(said, window.policy.roles[by.role].purposes)
    if errors:
        return pages.page("find.html", HTTPStatus.UNPROCESSABLE_ENTITY, **{**shown, "errors": errors})
    purpose = said["purpose"]
    try:
        with window.open() as hub:
            found = _found(hub, Reader(by, purpose), said)
    except ValidationError as error:
        return pages.page(
            "find.html", HTTPStatus.UNPROCESSABLE_ENTITY, **{**shown, "errors": wrong(error, said)}
        )
    except UnknownChild:
        more = {"nobody": True, "may_break": by.role in window.policy.break_glass.roles}
        return pages.page("find.html", UnknownChild.status, **{**shown, **more})
    who = wording.who_is(found.who, window.clock())
    return pages.page("found.html", by=by, found=[{"child": found.child, "who": who}], purpose=purpose)


@router.post("/children/{child}/open")
@asks(Question.NOTHING)
def open_record(
    window: TheWindow, by: Viewer, sitting: Sitting, opened: TheOpened, child: UUID, said: Fields
) -> Response:
    """Say why: from here on this reader looks at this child for that purpose. Raises NotAllowed."""
    purpose, to = said.get("purpose", ""), said.get("to", "chronology")
    if purpose not in window.policy.roles[by.role].purposes:
        raise NotAllowed("Your role may not look for this purpose")
    opened.say(sitting, child, purpose)
    return RedirectResponse(f"/children/{child}/{to if to in OPENS else 'chronology'}", HTTPStatus.SEE_OTHER)


@router.get("/children/{child}/why")
@asks(Question.NOTHING)
def why(window: TheWindow, pages: ThePages, by: Viewer, child: UUID, to: str = "chronology") -> Response:
    """Ask why somebody looks at a child. Whether there is such a child is not said here."""
    policy = window.policy
    return pages.page(
        "why.html", by=by, child=child, purposes=_purposes(policy, by), chosen="", errors={}, to=to
    )


def ask_why(request: Request, error: Any) -> Response:
    """A page of a child that was not opened in this sitting: ask for the purpose first."""
    page = request.url.path.split("/")[3]
    to = f"?to={page}" if page in OPENS else ""
    return RedirectResponse(f"/children/{error.child}/why{to}", HTTPStatus.SEE_OTHER)


def sought(said: Mapping[str, str]) -> Identifier | Named:
    """Whom a form means: by number, or by name and date of birth. Raises ValidationError."""
    if "value" in said:
        return _searched(said).identifier
    named = SearchNamed.model_validate({name: said.get(name, "") for name in NAMED})
    return Named(named.name, named.born)


def _found(hub: Served, reader: Reader, said: Mapping[str, str]) -> Found:
    whom = sought(said)
    if isinstance(whom, Named):
        return hub.share.find_named(reader, *whom)
    return hub.share.find(reader, whom)


def finding_form(policy: Policy, by: By, said: Mapping[str, str]) -> dict[str, Any]:
    """What every form needs that asks which child, and why."""
    return {
        "by": by,
        "here": FIND,
        "reads": bool(policy.roles[by.role].reads),
        "purposes": _purposes(policy, by),
        "systems": wording.SYSTEMS,
        "said": said,
        "chosen": said.get("purpose", ""),
        "errors": {},
        "nobody": False,
        "ring": policy.contacts[Agency.SOCIAL_CARE],
    }


def _purposes(policy: Policy, by: By) -> dict[str, str]:
    return {purpose: policy.purposes[purpose] for purpose in sorted(policy.roles[by.role].purposes)}


def missing(said: Mapping[str, str], purposes: frozenset[str]) -> dict[str, str]:
    """What must be said and was not: by the place it belongs to."""
    found: dict[str, str] = {}
    if said.get("purpose") not in purposes:
        found["purpose"] = "Say why you are looking"
    if "value" in said:
        return found
    if not any(name in said for name in NAMED):
        found["value"] = "Enter a number, or a name and date of birth"
    else:
        words = {
            "given": "Enter the first name",
            "family": "Enter the last name",
            "born": "Enter the date of birth",
        }
        found |= {name: words[name] for name in NAMED if name not in said}
    return found


def wrong(error: ValidationError, said: Mapping[str, str]) -> dict[str, str]:
    """What was not understood, by its place; never what was written."""
    places = {str(part) for each in error.errors(include_input=False) for part in each["loc"]}
    if "born" in places:
        return {"born": "Date of birth must be a real date"}
    if "organisation" in said and "system" in places:
        return {"organisation": "Whose number it is must be a name of letters and numbers"}
    return (
        {"value": "Number must be at most 100 characters"}
        if "value" in said
        else {"family": "Name is too long"}
    )


def _searched(said: Mapping[str, str]) -> Search:
    system, organisation = said.get("system", ""), said.get("organisation", "")
    named = f"{system}:{organisation.lower().replace(' ', '-')}" if organisation else system
    identifier = {"system": named, "value": said.get("value", "")}
    return Search.model_validate({"purpose": said.get("purpose", ""), "identifier": identifier})
