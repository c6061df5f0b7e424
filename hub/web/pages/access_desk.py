"""What waits for a second person, and one's own: breakings of the glass and requests to see a record."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.access import Told
from hub.domain.access_desk import Waits
from hub.domain.child import By
from hub.errors import Refused
from hub.sharing.access import MOST_DAYS
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, status_of
from hub.web.pages.nearing import DESK, NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.served import Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)
DONE = {
    "asked": "Your request was taken. It stands below, with the day by which you see what came of it",
    "asked-the-mash": "The MASH was asked. Your question stands below, and the day by which a person answers",
    "reviewed": "Your review is on the record",
    "given": "The review was given to them, and they are told",
    "answered": "Your answer is on the record",
}
OUTCOMES = {"yes": True, "no": False}
OUTCOMES_OF_A_QUESTION = [
    (Told.SHARED.value, "I tell them something that helps them to keep the child safe"),
    (Told.WITHHELD.value, "Something is held back: to tell them would be more detrimental to the child"),
    (Told.NOTHING.value, "Nothing is held that they do not have"),
]


@router.get(DESK)
@asks(Question.ACCESS)
def desk(window: TheWindow, pages: ThePages, by: Viewer, done: str = "", settled: str = "") -> Response:
    """One's own breakings and requests; and, for who settles them, those that wait."""
    policy = window.policy
    with window.open() as hub:
        gates = hub.gates.desk
        waiting = {
            what: gates.waiting(by, what, settled=bool(settled)) if gates.sees(by, what) else None
            for what in Waits
        }
        mine = gates.mine(by)
    return pages.page(
        "access_desk.html",
        by=by,
        here=DESK,
        done=DONE.get(done, ""),
        settled=bool(settled),
        mine=mine,
        reads=bool(policy.roles[by.role].reads),
        may_break=by.role in policy.break_glass.roles,
        reviews=waiting[Waits.REVIEW],
        requests=waiting[Waits.REQUEST],
        questions=waiting[Waits.QUESTION],
        drawn=wording.when(window.clock()),
    )


@router.get("/access/waiting/{item}")
@asks(Question.ACCESS)
def one(window: TheWindow, pages: ThePages, by: Viewer, item: UUID) -> Response:
    """The reason of one of them, what was seen under the glass, and the form that settles it."""
    return item_page(window, pages, by, item, {}, NOTHING_SAID)


@router.post("/access/waiting/{item}/review")
@asks(Question.ACT)
def review(window: TheWindow, pages: ThePages, by: FreshViewer, item: UUID, said: Fields) -> Response:
    """Say whether the glass should have been broken; or the form again, as filled in."""
    justified = OUTCOMES.get(said.get("justified", ""))
    errors = {} if justified is not None else {"justified": "Choose whether it should have been broken"}
    errors |= {} if "reason" in said else {"reason": "Enter your reason"}
    if justified is not None and not errors:
        try:
            with window.open() as hub:
                hub.gates.review(by, item, said["reason"], justified=justified)
        except Refused as refused:
            errors = {"reason": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{DESK}?done=reviewed", HTTPStatus.SEE_OTHER)
    return item_page(window, pages, by, item, errors, said)


@router.post("/access/waiting/{item}/give")
@asks(Question.ACT)
def give(window: TheWindow, pages: ThePages, by: FreshViewer, item: UUID, said: Fields) -> Response:
    """Give the review to a named person; or the form again, as filled in."""
    role = window.policy.roles.get(said.get("role", ""))
    errors = {} if "person" in said else {"person": "Enter who it is, as they sign in"}
    errors |= {} if role else {"role": "Choose their role"}
    if role is not None and not errors:
        try:
            with window.open() as hub:
                hub.gates.give_review(by, item, By(said["person"], said["role"], role.agency.value))
        except Refused as refused:
            errors = {"person": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{DESK}?done=given", HTTPStatus.SEE_OTHER)
    return item_page(window, pages, by, item, errors, said)


@router.post("/access/waiting/{item}/answer")
@asks(Question.ACT)
def answer(window: TheWindow, pages: ThePages, by: FreshViewer, item: UUID, said: Fields) -> Response:
    """Grant a request for some days, or refuse it; or the form again, as filled in."""
    grant = OUTCOMES.get(said.get("grant", ""))
    days = said.get("days", "")
    errors = {} if grant is not None else {"grant": "Choose whether they may see it"}
    if grant and not (days.isascii() and days.isdecimal() and 0 < int(days[:4]) <= MOST_DAYS):
        errors["days"] = f"Enter a number of days from 1 to {MOST_DAYS}"
    errors |= {} if "reason" in said else {"reason": "Enter your reason"}
    if grant is not None and not errors:
        try:
            with window.open() as hub:
                hub.gates.answer(by, item, said["reason"], int(days) if grant else None)
        except Refused as refused:
            errors = {"reason": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{DESK}?done=answered", HTTPStatus.SEE_OTHER)
    return item_page(window, pages, by, item, errors, said)


def item_page(
    window: Window, pages: Pages, by: By, item: UUID, errors: dict[str, str], said: Sent
) -> Response:
    """What waits, the reason of it, and the form that settles it, as filled in."""
    policy = window.policy
    purpose = purpose_of(policy, by)
    with window.open() as hub:
        brief = hub.gates.desk.brief(Reader(by, purpose), item)
        reviewers = sorted(hub.gates.desk.reviewers)
        settles = hub.gates.desk.sees(by, brief.waiting.what, looks_on=False)
    one = brief.waiting
    return pages.page(
        "access_item.html",
        status_of(errors),
        by=by,
        here=DESK,
        brief=brief,
        one=one,
        errors=errors,
        said=said,
        purpose=purpose,
        basis=policy.purposes[purpose],
        policy=policy.name,
        drawn=wording.when(window.clock()),
        reviewers=reviewers,
        strands=wording.STRANDS,
        outcomes=OUTCOMES_OF_A_QUESTION,
        settles=settles and one.settled_by is None and one.who != by,
        most=MOST_DAYS,
    )


def purpose_of(policy: Policy, by: By) -> str:
    """Why a second person looks: for audit where their role may, else the first purpose it has."""
    purposes = policy.roles[by.role].purposes
    return "audit" if "audit" in purposes else min(purposes, default="")
