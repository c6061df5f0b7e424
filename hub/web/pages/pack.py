"""The strategy meeting's pack, to print or as PDF: no more than the least of its readers may read."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from hub.errors import Refused
from hub.protocol.obligation import State
from hub.sharing.least import least_of
from hub.sharing.look import Reader
from hub.sharing.view import ShownEntry
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.contributions import contributions
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.pages.flags import head
from hub.web.printing import pdf_of
from hub.web.rows import arranged, rows
from hub.web.served import Window
from hub.web.signed_in import ThePages, TheWindow
from hub.web.told import told

router = APIRouter(include_in_schema=False)
ASK = "for this purpose: open it for another one, a section 47 enquiry say, or leave them out"
WAITING = frozenset({State.OVERDUE, State.DUE_SOON, State.OPEN, State.PROMPT, State.CANNOT_TELL})


@router.get("/children/{child}/pack")
@asks(Question.NOTHING)
def pack(
    window: TheWindow, pages: ThePages, child: UUID, reader: TheReader, sitting: Sitting, opened: TheOpened
) -> Response:
    """For whom the pack is: each role that will read it is ticked, and narrows it."""
    roles = [(name, row.agency.value) for name, row in window.policy.roles.items() if row.reads]
    return pages.page("pack.html", **head(opened, sitting, reader, child), roles=roles)


@router.get("/children/{child}/pack/print")
@asks(Question.CHRONOLOGY)
def to_print(
    request: Request, window: TheWindow, pages: ThePages, child: UUID, reader: TheReader
) -> Response:
    """The pack as a page to print."""
    return pages.page("pack_print.html", **_pack(window, reader, child, request), pdf=False)


@router.get("/children/{child}/pack/pdf")
@asks(Question.CHRONOLOGY)
def as_pdf(request: Request, window: TheWindow, pages: ThePages, child: UUID, reader: TheReader) -> Response:
    """The pack as a tagged PDF, made in a process of its own. Raises Unavailable."""
    made = pdf_of(pages.text("pack_print.html", **_pack(window, reader, child, request), pdf=True))
    named = {"Content-Disposition": 'attachment; filename="meeting-pack.pdf"'}
    return Response(made, media_type="application/pdf", headers=named)


def _pack(window: Window, reader: Reader, child: UUID, request: Request) -> dict[str, Any]:
    """All of it, narrowed to the roles named; each part that was asked for is on record as shown.

    Raises Refused where what left the view of one of the roles has not left this reader's: it is handed to
    nobody who would not be shown it themself (decisions 89 and 90).
    """
    asked = request.query_params.getlist("for")
    roles = [role for role in window.policy.roles if role in asked]
    with window.open() as hub:
        whole = hub.share.chronology(reader, child)
        less = hub.share.shown_less(reader, child, roles)
        if less:
            raise Refused(f"{', '.join(map(wording.spoken, less))} would be shown less of it {ASK}")
        flags = hub.share.flags(reader, child)
        pathway = hub.share.pathway(reader, child)
    shared = least_of(whole, window.policy, roles)
    lines = told(shared.lines)
    kept = {str(line.id) for line in shared.lines if isinstance(line, ShownEntry)}
    spoke = {line.agency for line in shared.lines}
    return {
        "by": reader.by,
        "reader": reader,
        "child": child,
        "roles": [wording.spoken(role) for role in roles],
        "who": wording.who_is(shared.who, shared.as_at),
        "shared": shared,
        "drawn": wording.when(shared.as_at),
        "checklists": pathway.checklists if _all_kept(pathway.items, kept) or not roles else (),
        "waiting": [i for i in pathway.items if i.state in WAITING and (not roles or _stands(i, kept))],
        "flags": [f for f in flags if not roles or _bare(f, kept)],
        "own": not roles,
        "contributions": contributions(lines),
        "rows": rows(arranged(lines, together=True, silences=True)),
        "silent": [name for agency, name in wording.AGENCIES.items() if agency.value not in spoke],
    }


def _bare(flag: Any, kept: set[str]) -> bool:
    return {piece.entry for piece in flag.evidence} <= kept and not flag.withheld


def _stands(item: Any, kept: set[str]) -> bool:
    return {str(at) for at in (item.started_by, item.met_by) if at is not None} <= kept


def _all_kept(items: Any, kept: set[str]) -> bool:
    return all(_stands(item, kept) for item in items)
