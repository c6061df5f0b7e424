"""Flags as a reader sees them: the question, its source, the evidence, and what people do about it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.domain.child import By, FlagDecision
from hub.errors import Refused
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.flag_words import parts
from hub.web.forms import Fields, Sent, status_of
from hub.web.lanes import evidence_picture
from hub.web.opened import Opened, Sitting, TheOpened, TheReader
from hub.web.served import Served
from hub.web.signed_in import ThePages, TheWindow

router = APIRouter(include_in_schema=False)
ACTS = {
    "acknowledge": "Seen: that you have seen this flag is on the record",
    "own": "You have this flag in hand",
    "review": "Your decision is on the record",
    "disagree": "That you disagree is on the record",
    "renew": "The flag stands for another term",
    "give": "It is in their hands: that you gave it to them is on the record",
    "release": "The flag's fixed words may be shown to the roles you chose",
}


PLACES = {"give": "person", "release": "release-reason"}
"""Where on the form of a flag it is said what is wrong; beside its reason, where nothing else is named."""


def head(opened: Opened, sitting: bytes, reader: Reader, child: UUID) -> dict[str, Any]:
    """What the head of every page of a child needs."""
    name = opened.name_of(sitting, child) or "This child"
    return {"by": reader.by, "reader": reader, "child": child, "name": name}


@router.get("/children/{child}/flags")
@asks(Question.FLAGS)
def flags(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    done: str = "",
) -> Response:
    """Every flag this reader sees, the gravest first."""
    shown = {**head(opened, sitting, reader, child), "done": ACTS.get(done, "")}
    return _page(window, pages, child, reader, shown, {}, {})


@router.post("/children/{child}/flags/{flag}")
@asks(Question.ACT)
def act(
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    flag: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
    said: Fields,
) -> Response:
    """Acknowledge, take in hand, decide, disagree or renew. What is refused comes back as written."""
    done = said.get("act", "")
    try:
        with window.open() as hub:
            _do(hub, reader, child, flag, done, said)
    except Refused as refused:
        shown = {**head(opened, sitting, reader, child), "done": ""}
        errors = {f"{PLACES.get(done, 'reason')}-{flag}": f"{wording.spoken(str(refused))}"}
        return _page(window, pages, child, reader, shown, errors, {str(flag): said})
    return RedirectResponse(f"/children/{child}/flags?done={done}", 303)


def _do(hub: Served, reader: Reader, child: UUID, flag: UUID, done: str, said: Sent) -> None:
    work, reason = hub.flag_work, said.get("reason", "")
    match done:
        case "acknowledge":
            work.acknowledge(reader, child, flag)
        case "own":
            work.own(reader, child, flag)
        case "review" if said.get("decision", "") in set(FlagDecision):
            work.review(reader, child, flag, FlagDecision(said["decision"]), reason)
        case "disagree":
            work.disagree(reader, child, flag, reason)
        case "renew":
            work.renew(reader, child, flag, reason)
        case "give":
            work.own(reader, child, flag, _named(hub.policy, said))
        case "release" if said.all("roles"):
            work.release(reader, child, flag, tuple(said.all("roles")), said.get("release-reason", ""))
        case "release":
            raise Refused("choose the roles it may be shown to")
        case _:
            raise Refused("choose what you decided")


def _named(policy: Policy, said: Mapping[str, str]) -> By:
    """The person a flag is given to, as named. Raises Refused."""
    role = policy.roles.get(said.get("role", ""))
    if role is None or "person" not in said:
        raise Refused("name the person, and the role in which they take it in hand")
    return By(said["person"], said["role"], role.agency.value)


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
        late = hub.drawn.late()
        found = hub.share.flags(reader, child)
        beside = hub.share.beside(reader, child)
        archived = hub.share.archived(reader, child)
    return pages.page(
        "flags.html",
        status_of(errors),
        **shown,
        flags=[(flag, evidence_picture(flag.evidence)) for flag in found],
        beside=beside,
        archived=archived,
        late=late,
        withheld=any(flag.withheld for flag in found),
        duty=window.policy.duty_to_share,
        coordinates=window.policy.roles[reader.by.role].coordinates,
        roles=[(name, row.agency.value) for name, row in window.policy.roles.items() if row.reads],
        decisions=[(d.value, wording.spoken(d.value)) for d in FlagDecision],
        parts=parts,
        errors=errors,
        said=said,
        drawn=wording.when(window.clock()),
        basis=window.policy.purposes[reader.purpose],
        policy=window.policy.name,
    )
