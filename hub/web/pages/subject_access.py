"""Subject access: an export is prepared, read, narrowed, and handed out once a second person approves."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.audit import subject_access
from hub.audit.exporting import APPROVED, CannotBeDrawn
from hub.audit.handing_out import document
from hub.domain.child import By
from hub.errors import Refused
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, day_in, id_in, status_of
from hub.web.pages.handing_out import held_then, in_words, narrowing_lacks, not_drawn
from hub.web.pages.nearing import NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.served import Served, Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer
from schemas.vocabulary import Agency

router = APIRouter(include_in_schema=False)
HERE = "/subject-access"
DONE = {
    "prepared": "It is prepared: read every word of it, then a second person approves it",
    "approved": "It is approved: what you download is what is handed out",
    "refused": "It is not handed out",
    "answered": "Their answer is on the record",
}
JSON, TEXT = "record.json", "record.txt"


@router.get(HERE)
@asks(Question.SUBJECT_ACCESS)
def requests(window: TheWindow, pages: ThePages, by: Viewer, done: str = "") -> Response:
    """Every request and how it stands, and the form by which one is prepared."""
    return _list(window, pages, by, {}, NOTHING_SAID, DONE.get(done, ""))


@router.post(HERE)
@asks(Question.SUBJECT_ACCESS)
def prepare(window: TheWindow, pages: ThePages, by: FreshViewer, said: Fields) -> Response:
    """Prepare an export; or the form again, as filled in."""
    child, asked_on = id_in(said.get("record", "")), day_in(said.get("asked-on", ""))
    errors = {} if child else {"record": "Enter the id of the child's record"}
    errors |= {} if said.get("asker") in subject_access.load().askers else {"asker": "Choose who asks"}
    errors |= {} if asked_on else {"asked-on": "Enter the day it was asked for"}
    if child is not None and asked_on is not None and not errors:
        try:
            with window.open() as hub:
                request = _prepare(hub, by, child, said["asker"], asked_on, {})
        except Refused as refused:
            errors = {"record": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{HERE}/{request}?done=prepared", HTTPStatus.SEE_OTHER)
    return _list(window, pages, by, errors, said)


@router.get("/subject-access/{request}")
@asks(Question.SUBJECT_ACCESS)
def one(window: TheWindow, pages: ThePages, by: Viewer, request: UUID, done: str = "") -> Response:
    """All of it, as it was prepared: each entry, and each redaction with its ground. Recorded first."""
    return _one(window, pages, by, request, {}, NOTHING_SAID, DONE.get(done, ""))


@router.post("/subject-access/{request}/again")
@asks(Question.SUBJECT_ACCESS)
def again(window: TheWindow, pages: ThePages, by: FreshViewer, request: UUID, said: Fields) -> Response:
    """Prepare it anew with other entries left out: the one before is not handed out, with the reason."""
    errors = narrowing_lacks(said, subject_access.load().grounds, ("confirm", "deny", "anew"))
    if not errors:
        try:
            with window.open() as hub:
                before = subject_access.waiting(hub.records, by, request)
                held = held_then(before.held, said)
                confirmed = _confirmed_then(before.confirmed, said)
                made = _prepare(hub, by, before.child, before.asker, before.asked_on, held, confirmed)
                subject_access.refuse(hub.records, by, request, said["reason"])
        except Refused as refused:
            errors = {"why-again": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{HERE}/{made}?done=prepared", HTTPStatus.SEE_OTHER)
    return _one(window, pages, by, request, errors, said)


@router.post("/subject-access/{request}/settle")
@asks(Question.SUBJECT_ACCESS)
def settle(window: TheWindow, pages: ThePages, by: FreshViewer, request: UUID, said: Fields) -> Response:
    """Approve it, as a second person, or say that it is not handed out and why."""
    try:
        with window.open() as hub:
            leads = _settle(hub, by, request, said)
    except Refused as refused:
        return _one(window, pages, by, request, {"reason": wording.spoken(str(refused))}, said)
    return RedirectResponse(leads, HTTPStatus.SEE_OTHER)


@router.post("/subject-access/{request}/answered")
@asks(Question.SUBJECT_ACCESS)
def answered(window: TheWindow, pages: ThePages, by: FreshViewer, request: UUID, said: Fields) -> Response:
    """Record what an agency whose words are in it answered; or the form again, as filled in."""
    errors = {} if said.get("agency") else {"agency": "Choose whose answer it is"}
    errors |= {} if said.get("answer") in subject_access.ANSWERS else {"answer": "Choose what they answered"}
    errors |= {} if said.get("said-by") else {"said-by": "Enter who answered, by role or profession"}
    if not errors:
        try:
            with window.open() as hub:
                subject_access.answered(
                    hub.records, by, request, said["agency"], said["answer"], said["said-by"]
                )
        except Refused as refused:
            errors = {"agency": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{HERE}/{request}?done=answered", HTTPStatus.SEE_OTHER)
    return _one(window, pages, by, request, errors, said)


@router.post("/subject-access/{request}/download")
@asks(Question.SUBJECT_ACCESS)
def download(window: TheWindow, by: FreshViewer, request: UUID, said: Fields) -> Response:
    """What is handed out, as a file: the JSON byte for byte as approved, or a text. Recorded first."""
    with window.open() as hub:
        found, export = subject_access.read(hub.records, hub.policy, by, request, subject_access.load())
    if found.state != APPROVED:
        raise Refused("nothing is handed out before a second person has approved it")
    as_text, complain = said.get("file") == TEXT, window.policy.complaints
    content = document(export, complain).encode() if as_text else subject_access.encode(export)
    name = TEXT if as_text else JSON
    return Response(
        content,
        media_type="text/plain; charset=utf-8" if as_text else "application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _settle(hub: Served, by: By, request: UUID, said: Sent) -> str:
    """Do what was chosen; where it leads."""
    match said.get("act", ""):
        case "approve":
            subject_access.approve(hub.records, hub.policy, by, request, subject_access.load())
            return f"{HERE}/{request}?done=approved"
        case "refuse":
            subject_access.refuse(hub.records, by, request, said.get("reason", ""))
            return f"{HERE}?done=refused"
    raise Refused("choose whether it is handed out")


def _prepare(
    hub: Served,
    by: By,
    child: UUID,
    asker: str,
    asked_on: date,
    held: dict[UUID, str],
    confirmed: Collection[UUID] = (),
) -> UUID:
    made, _ = subject_access.prepare(
        *(hub.records, hub.policy, by, child, asker, asked_on, held, uuid4, subject_access.load(), confirmed)
    )
    return made


def _confirmed_then(before: Iterable[UUID], said: Sent) -> set[UUID]:
    """Of which it may be said then that they are there: of `before`, and what was chosen."""
    chosen, back = ({id_in(each) for each in said.all(name)} for name in ("confirm", "deny"))
    return {each for each in (*before, *chosen) if each is not None and each not in back}


def _list(
    window: Window, pages: Pages, by: By, errors: dict[str, str], said: Sent, done: str = ""
) -> Response:
    with window.open() as hub:
        found = subject_access.listed(hub.records, by)
    rules = subject_access.load()
    return pages.page(
        "subject_access.html",
        status_of(errors),
        by=by,
        here=HERE,
        found=found,
        askers=[(asker, wording.spoken(asker)) for asker in rules.askers],
        days=rules.days,
        errors=errors,
        said=said,
        done=done,
        today=window.clock().date(),
        drawn=wording.when(window.clock()),
    )


def _one(
    window: Window,
    pages: Pages,
    by: By,
    request: UUID,
    errors: dict[str, str],
    said: Sent,
    done: str = "",
) -> Response:
    rules, policy = subject_access.load(), window.policy
    with window.open() as hub:
        try:
            found, export = subject_access.read(hub.records, policy, by, request, rules)
        except CannotBeDrawn:
            found, drawn = subject_access.ASKED.readable(hub.records, by, request), window.clock()
            title = f"What the {found.prepared.asker} asked for"
            return not_drawn(pages, by, HERE, title, found, errors, said, wording.when(drawn))
        replies = subject_access.answers(hub.records, request)
        untold = subject_access.untold_of(hub.records, by, request)
    held, confirmed = dict(found.prepared.held), found.prepared.confirmed
    owners = subject_access.controllers(export, untold)
    return pages.page(
        "subject_access_one.html",
        status_of(errors),
        by=by,
        here=HERE,
        request=request,
        found=found,
        export=export,
        controllers=[
            (wording.agency_name(agency), count, policy.contacts[Agency(agency)], _said(replies, agency))
            for agency, count in owners.items()
        ],
        whose=[(agency, wording.agency_name(agency)) for agency in owners],
        answers=list(subject_access.ANSWERS.items()),
        unanswered=[wording.agency_name(agency) for agency in subject_access.unanswered(owners, replies)],
        entries=[_given(given, held, confirmed) for given in export.entries],
        untold=[
            (
                str(each.entry),
                f"{wording.when(each.happened, 'day')}, {wording.agency_name(each.agency).lower()}",
                each.ground,
            )
            for each in untold
        ],
        grounds=[(code, says) for code, says in rules.grounds.items()],
        errors=errors,
        said=said,
        done=done,
        basis=rules.basis,
        policy=policy.name,
        drawn=wording.when(window.clock()),
    )


def _said(replies: Mapping[str, Any], agency: str) -> str:
    """What an agency answered, in words; empty where it did not yet."""
    if agency not in replies:
        return ""
    at, said = replies[agency]
    return f"{subject_access.ANSWERS[said.answer]}. Said by {said.said_by}, recorded {wording.when(at)}"


def _given(
    given: subject_access.GivenEntry, held: dict[UUID, str], confirmed: Collection[UUID]
) -> dict[str, Any]:
    """One entry in words: `held` where a person left it out; `whole`: all of it is left out by a rule."""
    return {
        **in_words(given, held),
        "whole": not given.says and given.id not in held,
        "confirmed": given.id in confirmed,
    }
