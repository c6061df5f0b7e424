"""Coming near a record that is closed: why one may not see it, breaking the glass, asking to see."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from hub.domain.child import By
from hub.domain.strand import Opens
from hub.errors import Refused, UnknownChild
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent
from hub.web.opened import Sitting, TheOpened
from hub.web.pages.finding import finding_form, missing, sought, wrong
from hub.web.served import Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)
DESK, WHY_NOT = "/access", "/access/why-not"
GLASS, ASK = "/access/break-glass", "/access/ask"
NOTHING_SAID = Sent(())


@router.get(WHY_NOT)
@asks(Question.NOTHING)
def why_not(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """Why a record may not be seen, and what one can do: the same words whether or not there is one."""
    return pages.page("why_not.html", **_shown(window, by, NOTHING_SAID))


@router.get(GLASS)
@asks(Question.NOTHING)
def glass_form(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """The form by which the glass is broken."""
    return pages.page("break_glass.html", **_shown(window, by, NOTHING_SAID))


@router.post("/access/break-glass/begin")
@asks(Question.NOTHING)
def glass_begun(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The same form, with whom somebody looked for and did not find: nothing is typed twice."""
    return pages.page("break_glass.html", **_shown(window, by, said))


@router.post(GLASS)
@asks(Question.ACT)
def break_glass(
    window: TheWindow, pages: ThePages, by: FreshViewer, sitting: Sitting, opened: TheOpened, said: Fields
) -> Response:
    """Break the glass and open the record; or the form again, as filled in."""
    errors = _faults(window, by, said)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if not errors:
        reader = Reader(by, said["purpose"])
        try:
            with window.open() as hub:
                done = hub.gates.break_glass(reader, sought(said), said["reason"], Opens(said["strand"]))
        except ValidationError as error:
            errors = wrong(error, said)
        except UnknownChild:
            shown = {**_shown(window, by, said), "nobody": True}
            return pages.page("break_glass.html", UnknownChild.status, **shown)
        except Refused as refused:
            errors = {"reason": wording.spoken(str(refused))}
        else:
            opened.say(sitting, done.child, reader.purpose)
            return RedirectResponse(f"/children/{done.child}/chronology", HTTPStatus.SEE_OTHER)
    return pages.page("break_glass.html", status, **{**_shown(window, by, said), "errors": errors})


@router.get(ASK)
@asks(Question.NOTHING)
def ask_form(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """The form by which somebody asks to see a record."""
    return pages.page("ask_to_see.html", **_shown(window, by, NOTHING_SAID))


@router.post("/access/ask/begin")
@asks(Question.NOTHING)
def ask_begun(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The same form, with whom somebody looked for and did not find."""
    return pages.page("ask_to_see.html", **_shown(window, by, said))


@router.post(ASK)
@asks(Question.ACT)
def ask(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """Take a request; what is answered says nothing of whether there is a record."""
    errors = _faults(window, by, said)
    if not errors:
        try:
            with window.open() as hub:
                reader = Reader(by, said["purpose"])
                hub.gates.ask(reader, sought(said), said["reason"], Opens(said["strand"]))
        except ValidationError as error:
            errors = wrong(error, said)
        except Refused as refused:
            errors = {"reason": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{DESK}?done=asked", HTTPStatus.SEE_OTHER)
    shown = {**_shown(window, by, said), "errors": errors}
    return pages.page("ask_to_see.html", HTTPStatus.UNPROCESSABLE_ENTITY, **shown)


def _faults(window: Window, by: By, said: Sent) -> dict[str, str]:
    errors = missing(said, window.policy.roles[by.role].purposes)
    if said.get("strand") not in wording.STRANDS:
        errors["strand"] = "Say what of the child you must see"
    return errors if "reason" in said else {**errors, "reason": "Enter your reason"}


def _shown(window: Window, by: By, said: Sent) -> dict[str, Any]:
    policy = window.policy
    rule, role = policy.break_glass, policy.roles[by.role]
    opens = sorted(rule.opens & role.reads)
    return {
        **finding_form(policy, by, said),
        "here": DESK,
        "rule": rule,
        "may_break": by.role in rule.roles,
        "opens": [policy.scopes[scope] for scope in opens],
        "shut": [policy.scopes[scope] for scope in sorted((role.reads | role.knows) - set(opens))],
        "contacts": [(agency.value, contact) for agency, contact in policy.contacts.items()],
        "months": policy.relationship.agency_months,
        "grace": policy.relationship.grace_days,
        "reason": said.words("reason"),
        "strands": list(wording.STRANDS.items()),
    }
