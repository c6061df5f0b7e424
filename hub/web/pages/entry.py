"""One entry of a chronology: all that is recorded of it; where it is not right, or is to be closed."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.access import Closing
from hub.domain.child import RestrictionGround
from hub.errors import Refused, UnknownChild
from hub.sharing.look import Reader
from hub.sharing.view import SharedChronology, ShownEntry
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, status_of
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.pages.closed import PEOPLE, named
from hub.web.pages.flags import head
from hub.web.pages.nearing import NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.rows import lifted_said, row
from hub.web.served import Served, Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow
from hub.web.told import told_of

router = APIRouter(include_in_schema=False)
DONE = {
    "dispute": "The entry is marked for all who read it, until the agency whose entry it is answers",
    "settle": "Your answer is on the record, and the mark is gone",
    "restrict": "The processing of the entry is restricted until the agency whose entry it is lifts it",
    "keep": "That the restriction is still needed is on the record; the worklist asks again later",
    "lift": "The restriction is lifted, and who was told before is on the record",
}
WHERE = {"restrict": "why-restricted", "lift": "why-lifted", "keep": "why-kept"}
"""At which field of the page it is said what an act lacks; of the others at their reason."""
GROUNDS = {
    RestrictionGround.ACCURACY: "Its accuracy is contested, and is being verified",
    RestrictionGround.UNLAWFUL: "It is kept unlawfully, and who it is about does not want it erased",
    RestrictionGround.CLAIM: "It is needed no longer here, but by who it is about for a legal claim",
    RestrictionGround.OBJECTION: "Who it is about objects to the processing, and it is being considered",
}
CLOSES = {
    Closing.SEALED.value: "Seal it to everybody but those named",
    Closing.NOT_SHARED.value: "Do not share it with one agency: more detrimental to the child",
}


@router.get("/children/{child}/entries/{entry}")
@asks(Question.CHRONOLOGY)
def entry_page(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    entry: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    done: str = "",
) -> Response:
    """The entry, as this reader may read it. The look is recorded as one at the whole chronology."""
    shown = {**head(opened, sitting, reader, child), "done": DONE.get(done, "")}
    return _page(window, pages, reader, child, entry, shown, {}, NOTHING_SAID)


@router.post("/children/{child}/entries/{entry}")
@asks(Question.ACT)
def act(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    entry: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Mark it as disputed or restricted, or answer for its agency. What is refused comes back as written."""
    done = said.get("act", "")
    errors = _lacking(said)
    try:
        if not errors:
            with window.open() as hub:
                _do(hub, reader, child, entry, said)
    except Refused as refused:
        errors = {WHERE.get(done, "reason"): wording.spoken(str(refused))}
    if errors:
        shown = {**head(opened, sitting, reader, child), "done": ""}
        return _page(window, pages, reader, child, entry, shown, errors, said)
    return RedirectResponse(f"/children/{child}/entries/{entry}?done={done}", HTTPStatus.SEE_OTHER)


@router.post("/children/{child}/entries/{entry}/close")
@asks(Question.ACT)
def close(
    window: TheWindow,
    pages: ThePages,
    by: FreshViewer,
    child: UUID,
    entry: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Seal this entry alone, or record the decision not to share it; or the form again, as filled in."""
    what = said.get("what", "")
    errors = {} if what in CLOSES else {"what": "Choose how it is closed"}
    errors |= {} if "reason" in said else {"why-closed": "Enter your reason"}
    if not errors:
        sealed = what == Closing.SEALED
        try:
            with window.open() as hub:
                _seen(hub.share.chronology(reader, child), entry)
                people = named(hub.policy, said, PEOPLE) if sealed else []
                agency = "" if sealed else said.get("agency", "")
                hub.gates.close(
                    by, child, Closing(what), said["reason"], named=people, agency=agency, entries=(entry,)
                )
        except Refused as refused:
            errors = {"what": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"/access/closed/{child}?done=closed", HTTPStatus.SEE_OTHER)
    shown = {**head(opened, sitting, reader, child), "done": ""}
    return _page(window, pages, reader, child, entry, shown, errors, NOTHING_SAID, said)


def _lacking(said: Sent) -> dict[str, str]:
    """What a form lacks beside its reason."""
    match said.get("act", ""):
        case "restrict" if said.get("ground") not in set(RestrictionGround):
            return {"ground": "Choose the ground"}
        case "lift" if "told" not in said:
            return {"told": "Enter who was told before it is lifted, or why nobody was"}
    return {}


def _do(hub: Served, reader: Reader, child: UUID, entry: UUID, said: Sent) -> None:
    reason = said.get("reason", "")
    match said.get("act", ""):
        case "dispute":
            hub.disputes.dispute(reader, child, entry, reason)
        case "settle":
            hub.disputes.settle(reader, child, entry, reason)
        case "restrict":
            hub.restrictions.restrict(reader, child, entry, RestrictionGround(said["ground"]), reason)
        case "keep":
            hub.restrictions.keep(reader, child, entry, reason)
        case "lift":
            hub.restrictions.lift(reader, child, entry, reason, said["told"])
        case _:
            raise Refused("choose what is to be done")


def _seen(shared: SharedChronology, entry: UUID) -> ShownEntry:
    """The entry as it is shown. Raises UnknownChild alike for none, one that is withheld, and one closed."""
    found = next((x for x in shared.lines if isinstance(x, ShownEntry) and x.id == entry), None)
    if found is None:
        raise UnknownChild
    return found


def _page(
    window: Window,
    pages: Pages,
    reader: Reader,
    child: UUID,
    entry: UUID,
    shown: dict[str, Any],
    errors: dict[str, str],
    said: Sent,
    closing: Sent = NOTHING_SAID,
) -> Response:
    policy = window.policy
    with window.open() as hub:
        shared = hub.share.chronology(reader, child)
        keeps = hub.gates.desk.keeps(reader.by)
    found = _seen(shared, entry)
    return pages.page(
        "entry.html",
        status_of(errors),
        **shown,
        entry=entry,
        row=row(told_of(found), times=True, details=True),
        agency=found.agency,
        disputed=found.dispute is not None,
        restricted=found.restriction is not None,
        ours=found.restriction is not None and found.restriction.agency == reader.by.agency,
        lifted=lifted_said(found),
        grounds=[(ground.value, words) for ground, words in GROUNDS.items()],
        errors=errors,
        said=said,
        keeps=keeps,
        closing=closing,
        closes=list(CLOSES.items()),
        people=PEOPLE,
        roles=[(role, wording.spoken(role)) for role in policy.roles],
        agencies=[(agency.value, name) for agency, name in wording.AGENCIES.items()],
        drawn=wording.when(shared.as_at),
        basis=shared.basis,
        policy=shared.policy,
    )
