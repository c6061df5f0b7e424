"""Who is let near a record by a named person's word, until when and why; letting in, and ending it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.child import By
from hub.domain.strand import Opens
from hub.errors import Refused, UnknownChild
from hub.sharing.access import MOST_DAYS
from hub.sharing.letting_in import MOST_INVOLVED, LettingIn
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, id_in, status_of
from hub.web.pages.access_desk import purpose_of
from hub.web.pages.closed import named
from hub.web.pages.nearing import DESK, NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.served import Served, Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer
from schemas.vocabulary import Agency

T = TypeVar("T")
router = APIRouter(include_in_schema=False)
PEOPLE = range(1, 7)
"""So many members of a meeting one form has room for."""
AGENCY, MEETING, OTHER_CHILD = "agency", "meeting", "other-child"
WHAT = {
    AGENCY: "An agency: it works with the child",
    MEETING: "The members of a meeting: they prepare it and follow it up",
    OTHER_CHILD: "Who works with both may know the other child's name: a strategy meeting agreed it",
}
MOST = {AGENCY: MOST_INVOLVED, MEETING: MOST_DAYS, OTHER_CHILD: MOST_DAYS}
"""Days, by what is let near."""
OPENS = {
    Opens.NEITHER: "Of the child, only what has nothing to do with sexual harm",
    Opens.HAS_HARMED: "The child as one who has harmed",
    Opens.WAS_HARMED: "The child as one who has been harmed",
    Opens.BOTH: "The child as one who has harmed, and as one who has been harmed",
}
DONE = {"let-in": "It holds from now on", "ended": "It has ended"}


@router.get("/access/let-in/{child}")
@asks(Question.ACCESS)
def near(window: TheWindow, pages: ThePages, by: Viewer, child: UUID, done: str = "") -> Response:
    """Who is let near now, and the form by which somebody is."""
    return _page(window, pages, by, child, {}, NOTHING_SAID, DONE.get(done, ""))


@router.post("/access/let-in/{child}")
@asks(Question.ACT)
def let_in(window: TheWindow, pages: ThePages, by: FreshViewer, child: UUID, said: Fields) -> Response:
    """Let somebody near; or the form again, as filled in."""
    errors = _faults(said)
    if not errors:
        try:
            with window.open() as hub:
                _let_in(hub, by, child, said)
        except Refused as refused:
            errors = {"what": wording.spoken(str(refused))}
        except UnknownChild:  # this child, and the page says so; or the other one
            errors = {"other": "There is no such record of another child"}
        else:
            return RedirectResponse(f"/access/let-in/{child}?done=let-in", HTTPStatus.SEE_OTHER)
    return _page(window, pages, by, child, errors, said)


@router.post("/access/let-in/{child}/{agency}/end")
@asks(Question.ACT)
def end(
    window: TheWindow, pages: ThePages, by: FreshViewer, child: UUID, agency: Agency, said: Fields
) -> Response:
    """Say that an agency's work with the child has ended; or the form again, as filled in."""
    return _end(window, pages, by, child, said, LettingIn.end_involvement, agency.value)


@router.post("/access/let-in/{child}/meeting/{meeting}/end")
@asks(Question.ACT)
def end_meeting(
    window: TheWindow, pages: ThePages, by: FreshViewer, child: UUID, meeting: UUID, said: Fields
) -> Response:
    """Let a meeting's members near no more; or the form again, as filled in."""
    return _end(window, pages, by, child, said, LettingIn.end_meeting, meeting)


@router.post("/access/let-in/{child}/other-child/name/end")
@asks(Question.ACT)
def end_agreement(window: TheWindow, pages: ThePages, by: FreshViewer, child: UUID, said: Fields) -> Response:
    """Say that a name may be known no more; or the form again. No address names two children."""
    other = _other(said)
    if other is None:  # by no form of ours
        raise UnknownChild
    return _end(window, pages, by, child, said, LettingIn.end_agreement, other)


def _end(
    window: Window,
    pages: Pages,
    by: By,
    child: UUID,
    said: Sent,
    act: Callable[[LettingIn, By, UUID, T, str], None],
    what: T,
) -> Response:
    try:
        with window.open() as hub:
            act(hub.letting_in, by, child, what, said.get("reason", ""))
    except Refused as refused:
        at = f"end-{what}"
        kept = Sent([(at, said.words("reason"))])
        return _page(window, pages, by, child, {at: wording.spoken(str(refused))}, kept)
    return RedirectResponse(f"/access/let-in/{child}?done=ended", HTTPStatus.SEE_OTHER)


def _faults(said: Sent) -> dict[str, str]:
    what, days = said.get("what", ""), said.get("days", "")
    errors = {} if what in WHAT else {"what": "Choose who is let near"}
    if what == AGENCY and said.get("agency") not in wording.AGENCIES:
        errors["agency"] = "Choose the agency"
    if what == MEETING and "person-1" not in said:
        errors["person-1"] = "Name the members of the meeting, as they sign in"
    if what == OTHER_CHILD and _other(said) is None:
        errors["other"] = "Enter the id of the other child's record"
    if what != OTHER_CHILD and said.get("strand") not in wording.STRANDS:
        errors["strand"] = "Say what of the child they are let near"
    most = MOST.get(what, MOST_DAYS)
    if not (days.isascii() and days.isdecimal() and 0 < int(days[:4]) <= most):
        errors["days"] = f"Enter a number of days from 1 to {most}"
    return errors if "reason" in said else {**errors, "reason": "Enter your reason"}


def _let_in(hub: Served, by: By, child: UUID, said: Sent) -> None:
    acts, days, reason = hub.letting_in, int(said["days"]), said["reason"]
    match said["what"]:
        case "agency":
            acts.involve(by, child, said["agency"], Opens(said["strand"]), days, reason)
        case "meeting":
            acts.convene(by, child, named(hub.policy, said, PEOPLE), Opens(said["strand"]), days, reason)
        case _:
            other = _other(said)
            assert other is not None  # noqa: S101 — `_faults` looked
            acts.agree_other_child(by, child, other, days, reason)


def _other(said: Sent) -> UUID | None:
    return id_in(said.get("other", ""))


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
        found = hub.gates.desk.near(Reader(by, purpose), child)
        keeps = hub.gates.desk.keeps(by)
    return pages.page(
        "let_in.html",
        status_of(errors),
        by=by,
        here=DESK,
        child=child,
        near=found,
        keeps=keeps,
        errors=errors,
        said=said,
        done=done,
        what_may_be=list(WHAT.items()),
        strands=wording.STRANDS,
        opens=OPENS,
        agencies=[(agency.value, name) for agency, name in wording.AGENCIES.items()],
        roles=[(role, wording.spoken(role)) for role in policy.roles],
        people=PEOPLE,
        most=MOST_DAYS,
        most_involved=MOST_INVOLVED,
        purpose=purpose,
        basis=policy.purposes[purpose],
        policy=policy.name,
        drawn=wording.when(window.clock()),
    )
