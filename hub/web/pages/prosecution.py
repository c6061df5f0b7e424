"""What a prosecutor or a court asks for: prepared, read, narrowed, handed out once another approves."""

import io
import zipfile
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from hub.audit import prosecution, standalone
from hub.audit.exporting import APPROVED, CannotBeDrawn
from hub.audit.handing_out import to_court
from hub.audit.prosecution import Asked
from hub.domain.child import By
from hub.domain.strand import Opens
from hub.errors import Refused, Unavailable
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, day_in, id_in, status_of
from hub.web.pages.handing_out import held_then, in_words, narrowing_lacks, not_drawn
from hub.web.pages.nearing import NOTHING_SAID
from hub.web.rendering import Pages
from hub.web.served import Served, Window
from hub.web.signed_in import FreshViewer, ThePages, TheWindow, Viewer
from schemas.scope import Scope
from schemas.vocabulary import Agency

router = APIRouter(include_in_schema=False)
HERE = "/prosecution"
DONE = {
    "prepared": "It is prepared: read every word of it, then a second person approves it",
    "approved": "It is approved: what you download is what is handed out, with its proofs",
    "waits": "It is approved and recorded. Its proofs wait for the next signed checkpoint, within a minute",
    "refused": "It is not handed out",
}
HOW = """Check that this is what the agencies said, and all that was handed out. You need this key of the log:

    python verify_ledger.py export FOLDER --key '{key}' --agency NAME=KEY ...

Take the agencies' public keys from the agencies themselves.
"""
PARTS = {
    Opens.WAS_HARMED.value: "As one who has been harmed",
    Opens.HAS_HARMED.value: "As one who has harmed",
    Opens.BOTH.value: "Both, where the request says so",
    Opens.NEITHER.value: "Neither: only what has nothing to do with sexual harm",
}
FURTHER = ("completes", "withdraws")
"""What an agency said later of an entry: it is left out with that entry, and not by itself."""


@router.get(HERE)
@asks(Question.PROSECUTION)
def requests(window: TheWindow, pages: ThePages, by: Viewer, done: str = "") -> Response:
    """Every request and how it stands, and the form by which one is prepared."""
    return _list(window, pages, by, {}, NOTHING_SAID, DONE.get(done, ""))


@router.post(HERE)
@asks(Question.PROSECUTION)
def prepare(window: TheWindow, pages: ThePages, by: FreshViewer, said: Fields) -> Response:
    """Prepare what a request asks for; or the form again, as filled in."""
    child, errors = id_in(said.get("record", "")), _lacking(said)
    if child is not None and not errors:
        try:
            with window.open() as hub:
                made = _prepare(hub, by, child, _asked(said), {})
        except Refused as refused:
            errors = {"record": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{HERE}/{made}?done=prepared", HTTPStatus.SEE_OTHER)
    return _list(window, pages, by, errors, said)


@router.get("/prosecution/{export}")
@asks(Question.PROSECUTION)
def one(window: TheWindow, pages: ThePages, by: Viewer, export: UUID, done: str = "") -> Response:
    """All of it, as it was prepared: each entry, and each redaction with its ground. Recorded first."""
    return _one(window, pages, by, export, {}, NOTHING_SAID, DONE.get(done, ""))


@router.post("/prosecution/{export}/again")
@asks(Question.PROSECUTION)
def again(window: TheWindow, pages: ThePages, by: FreshViewer, export: UUID, said: Fields) -> Response:
    """Prepare it anew with other entries left out: the one before is not handed out, with the reason."""
    errors = narrowing_lacks(said, prosecution.load().grounds, ("anew",))
    if not errors:
        try:
            with window.open() as hub:
                before = prosecution.ASKED.waiting(hub.records, by, export)
                held = held_then(before.held, said)
                made = _prepare(hub, by, before.child, prosecution.asked_in(before), held)
                prosecution.ASKED.refuse(hub.records, by, export, said["reason"])
        except Refused as refused:
            errors = {"why-again": wording.spoken(str(refused))}
        else:
            return RedirectResponse(f"{HERE}/{made}?done=prepared", HTTPStatus.SEE_OTHER)
    return _one(window, pages, by, export, errors, said)


@router.post("/prosecution/{export}/settle")
@asks(Question.PROSECUTION)
def settle(window: TheWindow, pages: ThePages, by: FreshViewer, export: UUID, said: Fields) -> Response:
    """Approve it, as a second person, or say that it is not handed out and why."""
    try:
        with window.open() as hub:
            leads = _settle(hub, by, export, said)
    except Refused as refused:
        return _one(window, pages, by, export, {"reason": wording.spoken(str(refused))}, said)
    return RedirectResponse(leads, HTTPStatus.SEE_OTHER)


@router.post("/prosecution/{export}/download")
@asks(Question.PROSECUTION)
def download(window: TheWindow, pages: ThePages, by: FreshViewer, export: UUID) -> Response:
    """What is handed out, byte for byte as approved, with proofs of now and what checks them, as one file.

    Recorded first, each time. Where no signed checkpoint covers it yet, the page says so.
    """
    try:
        with window.open() as hub:
            rules, key = prosecution.load(), hub.ledger.verifier_key()
            given, proofs = prosecution.again(hub.records, hub.ledger, hub.policy, by, export, rules)
    except Unavailable:
        return _one(window, pages, by, export, {}, NOTHING_SAID, DONE["waits"])
    return Response(
        _packed(
            {
                "export.json": prosecution.encode(given),
                "export.txt": to_court(given).encode(),
                "proofs.json": proofs,
                "verify_ledger.py": Path(standalone.__file__).read_bytes(),
                "how-to-check.txt": HOW.format(key=key).encode(),
            }
        ),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="export.zip"'},
    )


def _packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return made.getvalue()


def _settle(hub: Served, by: By, export: UUID, said: Sent) -> str:
    """Do what was chosen; where it leads."""
    match said.get("act", ""):
        case "approve":
            try:
                prosecution.approve(hub.records, hub.ledger, hub.policy, by, export, prosecution.load())
            except Unavailable:  # it is approved: who may not sign a checkpoint waits for who does
                return f"{HERE}/{export}?done=waits"
            return f"{HERE}/{export}?done=approved"
        case "refuse":
            prosecution.ASKED.refuse(hub.records, by, export, said.get("reason", ""))
            return f"{HERE}?done=refused"
    raise Refused("choose whether it is handed out")


def _prepare(hub: Served, by: By, child: UUID, asked: Asked, held: dict[UUID, str]) -> UUID:
    made, _ = prosecution.prepare(hub.records, hub.policy, by, child, asked, held, uuid4, prosecution.load())
    return made


def _lacking(said: Sent) -> dict[str, str]:
    """What the form lacks, by field."""
    rules = prosecution.load()
    wrong = {
        "record": (id_in(said.get("record", "")) is None, "Enter the id of the child's record"),
        "reference": ("reference" not in said, "Enter the request's own reference"),
        "asked-by": ("asked-by" not in said, "Enter the named person and body it comes from"),
        "basis": (said.get("basis") not in rules.bases, "Choose on what it stands"),
        "strand": (said.get("strand") not in PARTS, "Choose of the child in which part"),
        "since": ("since" in said and day_in(said["since"]) is None, "Enter a day, or leave it empty"),
        "until": ("until" in said and day_in(said["until"]) is None, "Enter a day, or leave it empty"),
    }
    return {name: words for name, (lacks, words) in wrong.items() if lacks}


def _asked(said: Sent) -> Asked:
    return Asked(
        said["reference"],
        said["basis"],
        said["asked-by"],
        Opens(said["strand"]),
        tuple(said.all("agency")),
        day_in(said.get("since", "")),
        day_in(said.get("until", "")),
        tuple(sorted(set(said.all("also")))),
    )


def _described(window: Window, scope: str) -> str:
    return f"{wording.spoken(scope)}: {window.policy.scopes[Scope(scope)]}"


def _list(
    window: Window, pages: Pages, by: By, errors: dict[str, str], said: Sent, done: str = ""
) -> Response:
    with window.open() as hub:
        found = prosecution.ASKED.listed(hub.records, by)
    rules = prosecution.load()
    return pages.page(
        "prosecution.html",
        status_of(errors),
        by=by,
        here=HERE,
        found=found,
        bases=list(rules.bases.items()),
        strands=list(PARTS.items()),
        agencies=[(agency.value, name) for agency, name in wording.AGENCIES.items()],
        nameable=[(scope, _described(window, scope)) for scope in prosecution.nameable(rules)],
        never=[(wording.spoken(scope), why) for scope, why in rules.never.items()],
        errors=errors,
        said=said,
        done=done,
        drawn=wording.when(window.clock()),
    )


def _one(
    window: Window, pages: Pages, by: By, export: UUID, errors: dict[str, str], said: Sent, done: str = ""
) -> Response:
    rules, policy = prosecution.load(), window.policy
    with window.open() as hub:
        try:
            found, given = prosecution.read(hub.records, policy, by, export, rules)
        except CannotBeDrawn:
            found, drawn = prosecution.ASKED.readable(hub.records, by, export), window.clock()
            title = f"What was asked for by {found.prepared.reference}"
            return not_drawn(pages, by, HERE, title, found, errors, said, wording.when(drawn))
    held = dict(found.prepared.held)
    return pages.page(
        "prosecution_one.html",
        status_of(errors),
        by=by,
        here=HERE,
        export=export,
        waits=found.state != APPROVED,
        found=found,
        given=given,
        agencies=[wording.agency_name(Agency(agency)) for agency in given.agencies],
        strand=", ".join(wording.spoken(strand) for strand in given.strands),
        scopes=[wording.spoken(scope) for scope in given.scopes],
        entries=[_given(each, held) for each in given.entries],
        grounds=list(rules.grounds.items()),
        errors=errors,
        said=said,
        done=done,
        basis=given.basis,
        policy=policy.name,
        drawn=wording.when(window.clock()),
    )


def _given(given: prosecution.GivenEntry, held: dict[UUID, str]) -> dict[str, Any]:
    """One entry in words: `held` where a person left it out; `apart`: it may be left out by itself."""
    return {
        **in_words(given, held),
        "disputed": given.disputed,
        "signed": given.signed,
        "apart": given.relation not in FURTHER,
    }
