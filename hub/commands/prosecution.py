"""What a prosecutor or a court asks for of a record: prepared, approved by another, handed out with proof."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from hub.audit import prosecution, standalone
from hub.audit.exporting import WAITS
from hub.audit.handing_out import to_court
from hub.audit.prosecution import Asked, Export
from hub.commands.acting import acting_as
from hub.commands.reading import Child
from hub.commands.saying import AsJson, child_named, opened, say, say_json, uuid_of
from hub.commands.subject_access import As, day_named, held_named, lay_out, not_there
from hub.domain.strand import Opens

commands = typer.Typer(
    help="What a prosecutor or a court asks for of a record: prepared, approved, handed out with its proof.",
    no_args_is_help=True,
)
RequestId = Annotated[str, typer.Argument(help="The request's id (see 'hub prosecution list').")]
To = Annotated[Path, typer.Option("--to", help="A new folder for the export.")]


@commands.command("prepare")
def prepare(
    context: typer.Context,
    child: Child,
    as_: As,
    to: To,
    reference: Annotated[str, typer.Option("--reference", help="The request's own reference.")],
    asked_by: Annotated[
        str, typer.Option("--asked-by", help="The named person and body the request comes from.")
    ],
    basis: Annotated[str, typer.Option("--basis", help="On what it stands; a wrong word lists them.")],
    strand: Annotated[
        Opens, typer.Option("--strand", help="Of the child in which part; what is of neither is in it.")
    ],
    agency: Annotated[
        list[str] | None, typer.Option("--agency", help="Of this agency alone; may be repeated.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="What happened from this day on.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="What happened up to this day.")] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also", help="What the request asks for by name: account, whereabouts …; may be repeated."
        ),
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option("--hold", help="ENTRY=GROUND: an entry to leave out, and why; may be repeated."),
    ] = None,
) -> None:
    """Draw what the request asks for, for you to read every word of; it is recorded first."""
    not_there(to)
    asked = Asked(
        reference,
        basis,
        asked_by,
        strand,
        tuple(agency or ()),
        day_named(since) if since else None,
        day_named(until) if until else None,
        tuple(sorted(set(also or ()))),
    )
    with opened(context) as hub:
        by, who = acting_as(hub, as_, fresh=True), child_named(hub, child)
        held, rules = dict(map(held_named, hold or ())), prosecution.load()
        id_, export = prosecution.prepare(hub.records, hub.policy, by, who, asked, held, uuid4, rules)
    lay_out(to, _files(export))
    say(f"prepared: {id_}; read {to}, then another person approves it with")
    say(f"  hub prosecution approve {id_} --as ROLE --to FOLDER")


@commands.command("approve")
def approve(context: typer.Context, request: RequestId, as_: As, to: To) -> None:
    """Approve, as a second person, and write what is handed out, with its proofs and what checks them."""
    _hand_out(context, request, as_, to, prosecution.approve)


@commands.command("again")
def again(context: typer.Context, request: RequestId, as_: As, to: To) -> None:
    """Write once more what was approved, byte for byte, with proofs of now; recorded again."""
    _hand_out(context, request, as_, to, prosecution.again)


@commands.command("refuse")
def refuse(
    context: typer.Context,
    request: RequestId,
    as_: As,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
) -> None:
    """Say that it is not handed out as it was prepared, and why."""
    with opened(context) as hub:
        by, id_ = acting_as(hub, as_), uuid_of(request, "give all of it")
        prosecution.ASKED.refuse(hub.records, by, id_, reason)
    say("refused; nothing was handed out")


@commands.command("list")
def list_requests(context: typer.Context, as_: As, json: AsJson = False) -> None:
    """List requests: whose each is, of which reference, and how it stands."""
    with opened(context) as hub:
        found = prosecution.ASKED.listed(hub.records, acting_as(hub, as_))
    rows = [
        {
            "request": str(said.request),
            "state": each.state,
            "prepared_at": each.prepared_at.isoformat(),
            "child": str(said.child),
            "reference": said.reference,
            "asked_by": said.asked_by,
            "prepared_by": said.by.person,
            "ended_by": None if each.state == WAITS else each.ended.by.person,
        }
        for each in found
        for said in (each.prepared,)
    ]
    if json:
        say_json(rows)
        return
    for row in rows:
        whose = f"{row['reference']}, {row['asked_by']}"
        say(f"{row['request']}  {row['state']:<9} record {row['child']}, {whose}")


# ------------------------------------------------------------


def _hand_out(
    context: typer.Context, request: str, as_: str, to: Path, act: Callable[..., tuple[Export, bytes]]
) -> None:
    not_there(to)
    with opened(context) as hub:
        by, rules = acting_as(hub, as_, fresh=True), prosecution.load()
        id_ = uuid_of(request, "give all of it")
        export, proofs = act(hub.records, hub.ledger, hub.policy, by, id_, rules)
        key = hub.ledger.verifier_key()
    checker = Path(standalone.__file__).read_bytes()
    lay_out(to, _files(export) | {"proofs.json": proofs, "verify_ledger.py": checker})
    say(f"handed out: {to}. Whoever gets it checks it, with the public keys that agencies gave them, by")
    say(f"  python verify_ledger.py export FOLDER --key '{key}' --agency NAME=KEY …")


def _files(export: Export) -> dict[str, bytes]:
    return {"export.json": prosecution.encode(export), "export.txt": to_court(export).encode()}
