"""What the guidance asks for on a child, and what people record of it: every act by its own form."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.casework.recording import ReasonAsked
from hub.errors import NotAllowed, UnknownChild
from hub.protocol.command import Command
from hub.protocol.commands import NAMED, Incomplete
from hub.protocol.obligation import State
from hub.protocol.worklist import OF_AN_ENTRY, PART
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.answering import OTHERS, answers, drawn, errors_of
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent
from hub.web.opened import Opened, Sitting, TheOpened, TheReader
from hub.web.signed_in import ThePages, TheWindow
from schemas.vocabulary import LinkRelation

router = APIRouter(include_in_schema=False)
NOTHING_SAID = Sent(())
GROUPS = (
    ("Overdue", (State.OVERDUE,)),
    ("Due soon", (State.DUE_SOON,)),
    ("To be done", (State.OPEN, State.PROMPT)),
    ("Cannot be told from what you may read", (State.CANNOT_TELL,)),
    ("Done", (State.MET, State.MET_LATE)),
    ("No longer needed", (State.SUPERSEDED,)),
)


@router.get("/children/{child}/protocol")
@asks(Question.DUE)
def protocol(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    recorded: str = "",
) -> Response:
    """How far the guidance has been gone: what is due and overdue, and the checklists."""
    with window.open() as hub:
        found = hub.share.pathway(reader, child)
        archived = hub.share.archived(reader, child)
        acts = hub.recorder.acts.of(reader.by.role)
    by_row = {row: command for command in reversed(acts) for row in command.rows}
    by_row |= {PART: NAMED["review-part"]} if NAMED["review-part"] in acts else {}
    return pages.page(
        "protocol.html",
        **_head(opened, sitting, reader, child),
        pathway=found,
        archived=archived,
        groups=[(name, [i for i in found.items if i.state in states]) for name, states in GROUPS],
        acts=by_row,
        of_an_entry=OF_AN_ENTRY,
        recorded=NAMED[recorded].title if recorded in NAMED else "",
        drawn=wording.when(window.clock()),
        basis=window.policy.purposes[reader.purpose],
        policy=window.policy.name,
    )


@router.get("/children/{child}/record")
@asks(Question.NOTHING)
def choices(
    window: TheWindow, pages: ThePages, child: UUID, reader: TheReader, sitting: Sitting, opened: TheOpened
) -> Response:
    """Every act this role may record."""
    with window.open() as hub:
        table = hub.recorder.acts
    mine = table.of(reader.by.role)
    groups = [(words, [c for c in mine if c.group == name]) for name, words in table.groups.items()]
    return pages.page("record_choices.html", **_head(opened, sitting, reader, child), groups=groups)


@router.get("/children/{child}/record/{command}")
@asks(Question.NOTHING)
def asking(
    request: Request,
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    command: str,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
) -> Response:
    """The form of one act. Raises UnknownChild for an act there is none of, NotAllowed for another role's."""
    act = _act(window.open, reader, command)
    shown = _form(act, NOTHING_SAID, {}, request.app.state.new_id())
    return pages.page("record_form.html", **_head(opened, sitting, reader, child), **shown)


@router.post("/children/{child}/record/{command}")
@asks(Question.ACT)
def record(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    command: str,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Record the act; or the form again as filled in, with what is wrong or which reason is asked for."""
    act = _act(window.open, reader, command)
    try:
        with window.open() as hub:
            hub.recorder.record(reader, child, command, answers(act, said))
    except ReasonAsked as asked:
        rows = "; ".join(f"{r.row} {r.title}" for r in asked.reasons)
        errors = {"reason": f"Say why, or that you will say later: {rows}"}
    except Incomplete as error:
        errors = errors_of(act, error)
    else:
        return RedirectResponse(f"/children/{child}/protocol?recorded={command}", 303)
    shown = _form(act, said, errors, said.get("act", ""))
    return pages.page("record_form.html", 422, **_head(opened, sitting, reader, child), **shown)


def _act(open_hub: Any, reader: Reader, named: str) -> Command:
    if named not in NAMED:
        raise UnknownChild
    with open_hub() as hub:
        if not hub.recorder.acts.may(reader.by.role, NAMED[named]):
            raise NotAllowed("Your role may not record this")
    return NAMED[named]


def _form(act: Command, said: Sent, errors: dict[str, str], id_: str) -> dict[str, Any]:
    return {
        "act": act,
        "questions": drawn(act, said, errors),
        "errors": errors,
        "id": id_,
        "others": OTHERS,
        "relations": [(r.value, wording.spoken(r.value)) for r in LinkRelation],
        "systems": wording.SYSTEMS,
    }


def _head(opened: Opened, sitting: bytes, reader: Reader, child: UUID) -> dict[str, Any]:
    return {
        "by": reader.by,
        "reader": reader,
        "child": child,
        "name": opened.name_of(sitting, child) or "This child",
    }
