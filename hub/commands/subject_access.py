"""A child's record for who it is about: prepared by one person, approved by another; JSON and a document."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from hub.audit import subject_access
from hub.audit.handing_out import document
from hub.audit.subject_access import Export, Request
from hub.commands.acting import acting_as
from hub.commands.reading import Child
from hub.commands.saying import AsJson, child_named, opened, say, say_json, uuid_of
from hub.domain.calendar import LONDON
from hub.errors import Refused
from hub.sharing.policy import Complaints
from schemas.vocabulary import Agency

commands = typer.Typer(
    help="A child's record for the child, or who asks for them: prepared, approved, each redaction with why.",
    no_args_is_help=True,
)
As = Annotated[
    str, typer.Option("--as", help="information-governance-lead or caldicott-guardian: your role.")
]
To = Annotated[Path, typer.Option("--to", help="A new folder for the export: record.json and record.txt.")]
RequestId = Annotated[str, typer.Argument(help="The request's id (see 'hub subject-access list').")]


@commands.command("prepare")
def prepare(
    context: typer.Context,
    child: Child,
    as_: As,
    to: To,
    asker: Annotated[str, typer.Option("--asked-by", help="child, representative or parent.")] = "child",
    asked_on: Annotated[
        str | None, typer.Option("--asked-on", help="The day it was asked for; else today.")
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option("--hold", help="ENTRY=GROUND: an entry to leave out, and why; may be repeated."),
    ] = None,
    confirm: Annotated[
        list[str] | None,
        typer.Option(
            "--confirm", help="ENTRY: one it has no trace of, and may say that it is there; may be repeated."
        ),
    ] = None,
) -> None:
    """Draw the export as a draft, for you to read every word of: who it may name is for a person to see."""
    not_there(to)
    with opened(context) as hub:
        by, who = acting_as(hub, as_, fresh=True), child_named(hub, child)
        day = day_named(asked_on) if asked_on else hub.clock().date()
        held, rules = dict(map(held_named, hold or ())), subject_access.load()
        complain, contacts = hub.policy.complaints, hub.policy.contacts
        id_, export = subject_access.prepare(
            *(hub.records, hub.policy, by, who, asker, day, held, uuid4, rules, set(map(_id, confirm or ())))
        )
        untold = subject_access.untold_of(hub.records, by, id_)
    _write(export, to, complain)
    say(f"prepared: {id_}, due {export.due}; read {to}, then another person approves it with")
    say(f"  hub subject-access approve {id_} --as ROLE --to FOLDER")
    say("first ask each agency whether more of its words must be left out, or would cause serious harm:")
    for agency, count in subject_access.controllers(export, untold).items():
        say(f"  {agency}, {count} of the entries: ring {contacts[Agency(agency)]}")
    if untold:
        say("of these it has no trace; say --confirm ENTRY where the agency lets it be confirmed:")
    _say_untold(untold)


@commands.command("approve")
def approve(context: typer.Context, request: RequestId, as_: As, to: To) -> None:
    """Approve, as a second person, and write what is handed out: byte for byte what was prepared."""
    not_there(to)
    with opened(context) as hub:
        by, complain = acting_as(hub, as_, fresh=True), hub.policy.complaints
        export = subject_access.approve(hub.records, hub.policy, by, _id(request), subject_access.load())
        ended = subject_access.requests(hub.records)[_id(request)].ended
    _write(export, to, complain)
    say(f"approved: {to} is what is handed out")
    if ended is not None and ended.unanswered:
        say(f"had not answered: {', '.join(ended.unanswered)}; that is recorded with your approval")


@commands.command("answered")
def answered(
    context: typer.Context,
    request: RequestId,
    as_: As,
    agency: Annotated[Agency, typer.Option("--agency", help="Whose answer it is.")],
    answer: Annotated[str, typer.Option("--answer", help=f"{' or '.join(subject_access.ANSWERS)}.")],
    said_by: Annotated[str, typer.Option("--said-by", help="Who there, by role or profession: no name.")],
) -> None:
    """Record what an agency whose words are in an export said of handing them out."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        subject_access.answered(hub.records, by, _id(request), agency.value, answer, said_by)
        replies = subject_access.answers(hub.records, _id(request))
    say(f"recorded; answered so far: {', '.join(sorted(replies))}")


@commands.command("refuse")
def refuse(
    context: typer.Context,
    request: RequestId,
    as_: As,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
) -> None:
    """Say that an export is not handed out as it was prepared, and why."""
    with opened(context) as hub:
        subject_access.refuse(hub.records, acting_as(hub, as_), _id(request), reason)
    say("refused; nothing was handed out")


@commands.command("untold")
def untold(context: typer.Context, request: RequestId, as_: As) -> None:
    """What an export has no trace of, and why: for who keeps exports, and the auditor."""
    with opened(context) as hub:
        found = subject_access.untold_of(hub.records, acting_as(hub, as_), _id(request))
    _say_untold(found)
    say(f"{len(found)} left out without a trace")


@commands.command("list")
def list_requests(context: typer.Context, as_: As, json: AsJson = False) -> None:
    """List requests: how each stands, and by when it is due."""
    with opened(context) as hub:
        by = acting_as(hub, as_)
        rows = [_row(found) for found in reversed(subject_access.listed(hub.records, by))]
    if json:
        say_json(rows)
        return
    for row in rows:
        say(
            f"{row['request']}  {row['state']:<9} due {row['due']}  record {row['child']}, the {row['asker']}"
        )


# ------------------------------------------------------------


def _say_untold(untold: Iterable[subject_access.Untold]) -> None:
    for each in untold:
        say(f"  {each.entry}  {each.agency}, {each.happened.astimezone(LONDON):%d %b %Y}: {each.ground}")


def _write(export: Export, to: Path, complain: Complaints | None) -> None:
    text = document(export, complain).encode()
    lay_out(to, {"record.json": subject_access.encode(export), "record.txt": text})


def not_there(to: Path) -> None:
    """Raise Refused where a folder to write is there: asked before anything is recorded as handed out."""
    if to.exists():
        raise Refused(f"{to} is there already")


def lay_out(to: Path, files: Mapping[str, bytes]) -> None:
    """Write an export into a new folder that its owner alone reads. Raises Refused where it is there."""
    not_there(to)
    to.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        file = to / name
        file.touch(mode=0o600)
        file.write_bytes(content)


def _row(found: Request) -> dict[str, Any]:
    said, ended = found.prepared, found.ended
    return {
        "request": str(said.request),
        "state": found.state,
        "due": said.due.isoformat(),
        "child": str(said.child),
        "asker": said.asker,
        "prepared_by": said.by.person,
        "ended_by": ended.by.person if ended else None,
    }


def held_named(text: str) -> tuple[UUID, str]:
    """ENTRY=GROUND, as it is typed. Raises Refused."""
    entry, _, ground = text.partition("=")
    return _id(entry), ground


def day_named(text: str) -> date:
    """A day, as it is typed. Raises Refused."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("not a day; write it as 2026-11-03") from None


def _id(text: str) -> UUID:
    return uuid_of(text, "give all of it")
