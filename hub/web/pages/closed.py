"""What of a record is closed, to whom and why: seals, shields, bars, decisions not to share; lifting them."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.errors import Refused
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, status_of
from hub.web.pages.access_desk import purpose_of
from hub.web.pages.nearing import DESK, NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.served import Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)
PEOPLE = range(1, 4)
"""So many people one form has room for."""
WHAT = (
    (Closing.SEALED, "Seal the record to everybody but those named"),
    (Closing.ADDRESS, "Shield where the child lives from everybody but those named"),
    (Closing.NOT_SHARED, "Do not share the record with one agency: more detrimental to the child"),
    (Closing.BARRED, "Bar one person: it is their own record, a relative's, or they have another interest"),
)
DONE = {"closed": "It is closed from now on", "lifted": "It is lifted"}


@router.get("/access/closed/{child}")
@asks(Question.ACCESS)
def closed(window: TheWindow, pages: ThePages, by: Viewer, child: UUID, done: str = "") -> Response:
    """What stands, and the form by which more is closed."""
    return _page(window, pages, by, child, {}, NOTHING_SAID, DONE.get(done, ""))


@router.post("/access/closed/{child}")
@asks(Question.ACT)
def close(window: TheWindow, pages: ThePages, by: FreshViewer, child: UUID, said: Fields) -> Response:
    """Close something; or the form again, as filled in."""
    errors = {} if said.get("what") in set(Closing) else {"what": "Choose what is closed"}
    errors |= {} if "reason" in said else {"reason": "Enter your reason"}
    if not errors:
        try:
            with window.open() as hub:
                hub.gates.close(
                    by,
                    child,
                    Closing(said["what"]),
                    said["reason"],
                    named=named(window.policy, said, PEOPLE),
                    agency=said.get("agency", "") if said["what"] == Closing.NOT_SHARED else "",
                    interest=_interest(said),
                )
        except Refused as refused:
            errors = {"what": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"/access/closed/{child}?done=closed", HTTPStatus.SEE_OTHER)
    return _page(window, pages, by, child, errors, said)


@router.post("/access/closed/{child}/{restriction}/lift")
@asks(Question.ACT)
def lift(
    window: TheWindow, pages: ThePages, by: FreshViewer, child: UUID, restriction: UUID, said: Fields
) -> Response:
    """Lift what stands; or the form again, as filled in."""
    at = f"reason-{restriction}"
    try:
        with window.open() as hub:
            hub.gates.reopen(by, child, restriction, said.get("reason", ""))
    except Refused as refused:
        return _page(window, pages, by, child, {at: wording.spoken(str(refused))}, said)
    return RedirectResponse(f"/access/closed/{child}?done=lifted", HTTPStatus.SEE_OTHER)


def named(policy: Policy, said: Sent, people: range) -> list[By]:
    """The people named in a form with room for so many. Raises Refused where a role was not chosen."""
    found = []
    for n in people:
        if f"person-{n}" in said:
            role = policy.roles.get(said.get(f"role-{n}", ""))
            if role is None:
                raise Refused("choose the role of everybody you name")
            found.append(By(said[f"person-{n}"], said[f"role-{n}"], role.agency.value))
    return found


def _interest(said: Sent) -> Interest | None:
    barred = said.get("what") == Closing.BARRED
    return Interest(said["interest"]) if barred and said.get("interest") in set(Interest) else None


def _page(
    window: Window,
    pages: Pages,
    by: By,
    child: UUID,
    errors: dict[str, str],
    said: Sent,
    done: str = "",
) -> Response:
    policy = window.policy
    purpose = purpose_of(policy, by)
    with window.open() as hub:
        found = hub.gates.desk.restrictions(Reader(by, purpose), child)
        keeps = hub.gates.desk.keeps(by)
    return pages.page(
        "closed.html",
        status_of(errors),
        by=by,
        here=DESK,
        child=child,
        closed=found,
        keeps=keeps,
        errors=errors,
        said=said,
        done=done,
        what=[(each.value, says) for each, says in WHAT],
        interests=[(each.value, wording.spoken(each.value)) for each in Interest],
        agencies=[(agency.value, name) for agency, name in wording.AGENCIES.items()],
        roles=[(role, wording.spoken(role)) for role in policy.roles],
        people=PEOPLE,
        purpose=purpose,
        basis=policy.purposes[purpose],
        policy=policy.name,
        drawn=wording.when(window.clock()),
    )
