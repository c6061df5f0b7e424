"""What may be one incident at the command line: what is proposed, and what a coordinator says of it."""

from typing import Annotated
from uuid import UUID

import typer

from hub.commands.asking import COORDINATOR, SCREENING, As, Purpose
from hub.commands.reading import Child, reader_of
from hub.commands.saying import AsJson, child_named, one_named, opened, say, say_json, when
from hub.compose import Hub
from hub.errors import Refused
from hub.patterns.firing import Piece
from hub.sharing.look import Reader

Proposed = Annotated[str, typer.Argument(help="The proposal's id, or its first eight characters.")]

incidents = typer.Typer(
    name="incidents",
    help="Entries near in time that may tell of one incident: list them, and say whether they do. Until a "
    "coordinator says otherwise they count as one.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@incidents.command("list")
def listed(
    context: typer.Context,
    child: Child,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """List what may be one incident of a child, and what was said of others."""
    with opened(context) as hub:
        found = hub.share.incidents(reader_of(hub, as_, purpose), child_named(hub, child))
    if json:
        say_json(found)
        return
    for proposal in found.open:
        say(f"{proposal.id}: one incident?")
        for piece in proposal.entries:
            say(f"    {_told(piece)}")
        for kept in proposal.withheld:
            say(f"    {kept.held.agency}: an entry {kept.entry}; ring {kept.held.contact}")
    for one in found.said:
        say(f"{when(one.at)}  {one.what} by {one.by.person} ({one.by.role})")
        for piece in (*one.entries, *one.others):
            say(f"    {_told(piece)}{'  (the other)' if piece in one.others else ''}")
    if not found.open and not found.said:
        say("no entries near in time may tell of one incident")


@incidents.command()
def confirm(
    context: typer.Context,
    child: Child,
    proposal: Proposed,
    reason: Annotated[str, typer.Option("--reason", help="Why, where that needs saying.")] = "",
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
) -> None:
    """Say that the entries of a proposal tell of one incident."""
    with opened(context) as hub:
        reader, id_ = reader_of(hub, as_, purpose), child_named(hub, child)
        judged = hub.incident_work.one(reader, id_, _open(hub, reader, id_, proposal), reason)
    say(f"one incident: {judged.proposal}")


@incidents.command()
def separate(
    context: typer.Context,
    child: Child,
    proposal: Proposed,
    reason: Annotated[str, typer.Option("--reason", help="Why, in your own words.")],
    other: Annotated[
        list[UUID] | None,
        typer.Option("--other", help="An entry of the other incident; of two entries none need be named."),
    ] = None,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
) -> None:
    """Say that the entries of a proposal tell of two incidents, and why."""
    with opened(context) as hub:
        reader, id_ = reader_of(hub, as_, purpose), child_named(hub, child)
        open_ = _open(hub, reader, id_, proposal)
        judged = hub.incident_work.two(reader, id_, open_, tuple(other or ()), reason)
    say(f"two incidents: {judged.proposal}")


def _open(hub: Hub, reader: Reader, child: UUID, named: str) -> UUID:
    """The open proposal of an id or its beginning. Raises Refused where there is none, or more than one."""
    none = Refused("nothing is proposed under this id, or no longer")
    ids = [one.id for one in hub.share.proposals(reader, child)]
    return one_named(named, ids, none, "more than one proposal's id begins so")


def _told(piece: Piece) -> str:
    return f"{when(piece.at, 'day')}  {piece.family}: {piece.kind.replace('-', ' ')}  {piece.entry}"
