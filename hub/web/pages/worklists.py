"""Whose turn it is, and the same as a calendar: pages of what waits for a person, a team or an agency."""

from collections import Counter
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.casework.worklists import ORDER, TEAMS, Waiting, Whose
from hub.domain.child import By
from hub.protocol.obligation import State
from hub.protocol.worklist import OF_AN_ENTRY
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent
from hub.web.opened import Sitting, TheOpened
from hub.web.served import Served, Window
from hub.web.signed_in import ThePages, TheWindow, Viewer
from schemas.vocabulary import Agency

router = APIRouter(include_in_schema=False)
WORKLIST, CALENDAR = "/worklist", "/calendar"
SHOWN = 100
"""So many lines stand on one page; the rest are counted."""
NOTHING_SAID = Sent(())
WHOSE = (
    ("me", "Children allocated to me", ""),
    ("agency", "What waits for an agency", "The one chosen below, on children you work with."),
    ("team", "What waits for a team", "The one chosen below, on children you work with."),
    ("person", "Children allocated to a colleague", "Of your own agency."),
)


@router.get(WORKLIST)
@asks(Question.NOTHING)
def asking(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """Ask whose worklist, and why."""
    return pages.page("worklist.html", **_form(window, by, NOTHING_SAID, {}), waiting=None)


@router.post(WORKLIST)
@asks(Question.DUE)
def worklist(
    window: TheWindow, pages: ThePages, by: Viewer, sitting: Sitting, opened: TheOpened, said: Fields
) -> Response:
    """What waits, most pressing first. The purpose said here is the one each child is then opened for."""
    whose, heading = _whose(by, said)
    purpose = said.get("purpose", "")
    errors = {} if heading else {"person": "Enter how your colleague signs in"}
    if purpose not in window.policy.roles[by.role].purposes:
        errors["purpose"] = "Say why you are looking"
    if errors:
        shown = _form(window, by, said, errors)
        return pages.page("worklist.html", HTTPStatus.UNPROCESSABLE_ENTITY, **shown, waiting=None)
    reader = Reader(by, purpose)
    with window.open() as hub:
        late, found = hub.drawn.late(), hub.worklists.of(reader, whose)
        names = _names(hub, reader, found[:SHOWN])
    for child, name in names.items():
        opened.say(sitting, child, purpose)
        opened.named(sitting, child, name)
    states = Counter(one.item.state for one in found)
    return pages.page(
        "worklist.html",
        **_form(window, by, said, {}),
        waiting=found[:SHOWN],
        names=names,
        total=len(found),
        counts=sorted(states.items(), key=lambda at: ORDER.get(State(at[0]), len(ORDER))),
        heading=heading,
        purpose=purpose,
        basis=window.policy.purposes[purpose],
        policy=window.policy.name,
        drawn=wording.when(window.clock()),
        late=late,
        of_an_entry=OF_AN_ENTRY,
    )


@router.get(CALENDAR)
@asks(Question.NOTHING)
def calendar(window: TheWindow, pages: ThePages, by: Viewer, closed: str = "") -> Response:
    """What a calendar would hold, and whether one is open."""
    return pages.page("calendar.html", **_calendar(window, by), address="", closed=closed)


@router.post(CALENDAR)
@asks(Question.NOTHING)
def give(request: Request, window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """Open a calendar and show its address, this once: it stands in no address of a page and in no log."""
    purpose = said.get("purpose", "")
    if purpose not in window.policy.roles[by.role].purposes:
        shown = {**_calendar(window, by), "errors": {"purpose": "Say why you are looking"}}
        return pages.page("calendar.html", HTTPStatus.UNPROCESSABLE_ENTITY, **shown, address="", closed="")
    with window.open() as hub:
        token = hub.calendars.open(Reader(by, purpose))
        public = hub.settings.public_url or str(request.base_url)
    address = f"{public.rstrip('/')}/v1/calendar/{token}.ics"
    return pages.page("calendar.html", **_calendar(window, by), address=address, closed="")


@router.post("/calendar/close")
@asks(Question.NOTHING)
def close(window: TheWindow, by: Viewer) -> Response:
    """Let the reader's own calendar answer no more."""
    with window.open() as hub:
        hub.calendars.close(by, by)
    return RedirectResponse(f"{CALENDAR}?closed=yes", HTTPStatus.SEE_OTHER)


def _names(hub: Served, reader: Reader, waiting: tuple[Waiting, ...]) -> dict[UUID, str]:
    """The children of these lines by the names this reader knows them under; recorded as shown."""
    children = list(dict.fromkeys(one.child for one in waiting))
    found, now = hub.share.called(reader, children), hub.clock()
    # What is due stands on what the coordinator sees; who it is, on what they read.
    known = {child: found[child].who if child in found else {} for child in children}
    return {child: wording.who_is(who, now).name for child, who in known.items()}


def _whose(by: By, said: Sent) -> tuple[Whose, str]:
    """Whose worklist is meant, and its heading; none where a colleague is not named."""
    match said.get("whose", "me"):
        case "agency" if said.get("agency") in set(Agency):
            agency = Agency(said["agency"])
            return Whose(agency=agency), f"What waits for {wording.agency_name(agency)}"
        case "team" if "team" in said:
            return Whose(team=said["team"]), f"What waits for {said['team']}"
        case "person":
            return Whose(
                person=said.get("person", "")
            ), "Children allocated to a colleague" if "person" in said else ""
        case _:
            return Whose(person=by.person), "Children allocated to you"


def _form(window: Window, by: By, said: Sent, errors: dict[str, str]) -> dict[str, Any]:
    with window.open() as hub:
        pack = hub.drawn.packs.at(window.clock())
    policy = window.policy
    return {
        "by": by,
        "here": WORKLIST,
        "said": said,
        "errors": errors,
        "whose": WHOSE,
        "agencies": [(agency.value, name) for agency, name in wording.AGENCIES.items()],
        "teams": [(name, wording.spoken(name)) for name in sorted({pack.called(role) for role in TEAMS})],
        "purposes": {name: policy.purposes[name] for name in sorted(policy.roles[by.role].purposes)},
        "chosen": said.get("purpose", ""),
    }


def _calendar(window: Window, by: By) -> dict[str, Any]:
    policy = window.policy
    with window.open() as hub:
        open_ = hub.calendars.answers(by)
    purposes = {name: policy.purposes[name] for name in sorted(policy.roles[by.role].purposes)}
    return {"by": by, "here": CALENDAR, "open": open_, "purposes": purposes, "chosen": "", "errors": {}}
