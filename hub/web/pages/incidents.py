"""Entries that may tell of one incident: a coordinator sees them, and says whether they do."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.errors import Refused
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, status_of
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.pages.flags import head
from hub.web.served import Served
from hub.web.signed_in import ThePages, TheWindow

router = APIRouter(include_in_schema=False)
ACTS = {
    "one": "That they tell of one incident is on the record",
    "two": "That they tell of two incidents is on the record",
}


@router.get("/children/{child}/incidents")
@asks(Question.INCIDENTS)
def incidents(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    done: str = "",
) -> Response:
    """What is open, and what was said."""
    shown = {**head(opened, sitting, reader, child), "done": ACTS.get(done, "")}
    return _page(window, pages, child, reader, shown, {}, {})


@router.post("/children/{child}/incidents/{proposal}")
@asks(Question.ACT)
def act(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    proposal: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Say that they are one incident, or two. What is refused comes back as written."""
    done = said.get("act", "")
    try:
        with window.open() as hub:
            _do(hub, reader, child, proposal, said)
    except Refused as refused:
        shown = {**head(opened, sitting, reader, child), "done": ""}
        errors = {f"reason-{proposal}": wording.spoken(str(refused))}
        return _page(window, pages, child, reader, shown, errors, {str(proposal): said})
    return RedirectResponse(f"/children/{child}/incidents?done={done}", 303)


def _do(hub: Served, reader: Reader, child: UUID, proposal: UUID, said: Sent) -> None:
    work, reason = hub.incident_work, said.get("reason", "")
    match said.get("act", ""):
        case "one":
            work.one(reader, child, proposal, reason)
        case "two":
            work.two(reader, child, proposal, _entries(said.all("others")), reason)
        case _:
            raise Refused("choose whether they tell of one incident or of two")


def _entries(named: list[str]) -> tuple[UUID, ...]:
    try:
        return tuple(map(UUID, named))
    except ValueError:
        raise Refused("choose the entries of the other incident") from None


def _page(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    reader: Reader,
    shown: Mapping[str, Any],
    errors: Mapping[str, str],
    said: Mapping[str, Sent],
) -> Response:
    with window.open() as hub:
        found = hub.share.incidents(reader, child)
    return pages.page(
        "incidents.html",
        status_of(errors),
        **shown,
        proposals=found.open,
        decided=found.said,
        errors=errors,
        said=said,
        withheld=any(each.withheld for each in found.open),
        duty=window.policy.duty_to_share,
        drawn=wording.when(window.clock()),
        basis=window.policy.purposes[reader.purpose],
        policy=window.policy.name,
    )
