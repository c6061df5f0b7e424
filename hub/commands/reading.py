"""Reading a child's record: who there is, what happened, who was shown it."""

from typing import Annotated

import typer

from hub.audit.history import Happening, history_of
from hub.audit.inspection import PURPOSE, story_for
from hub.commands.acting import acting_as, acting_in_any_role
from hub.commands.saying import AsJson, child_named, opened, say, say_json, when
from hub.commands.text import chronology_text
from hub.compose import Hub
from hub.domain.strand import Strand
from hub.errors import Refused
from hub.records.clock import parse_moment
from hub.sharing.look import Reader
from hub.sharing.national_export import national_export
from hub.sharing.view import encode

Child = Annotated[
    str, typer.Argument(help="A child's id, or its first eight characters (see 'hub children').")
]
As = Annotated[str, typer.Option("--as", help="The role to read as, for instance social-worker.")]
Purpose = Annotated[str, typer.Option("--purpose", help="Why: screening, section-47, section-17 …")]
KnownAt = Annotated[
    str | None,
    typer.Option("--known-at", help="As the hub knew it at this moment, for instance 2026-11-03T09:00."),
]


OfStrand = Annotated[
    Strand | None,
    typer.Option("--strand", help="Only what is of the child in this part, and what is of neither."),
]
AUDITOR = "auditor"


def reader_of(hub: Hub, role: str, purpose: str) -> Reader:
    """A role's reader: in a demonstration anybody, in live data whoever signed in and has the role.

    Raises NotAllowed, NotSignedIn, Refused for no such role or purpose.
    """
    found = hub.policy.roles.get(role)
    if found is None:
        raise Refused(f"no such role; there are: {', '.join(hub.policy.roles)}")
    if purpose not in hub.policy.purposes:
        raise Refused(f"no such purpose; there are: {', '.join(hub.policy.purposes)}")
    return Reader(acting_as(hub, role), purpose)


def children(context: typer.Context, json: AsJson = False) -> None:
    """List the records there are: id, when registered, and what it was joined into. No names."""
    with opened(context) as hub:
        acting_in_any_role(hub)
        found = [hub.records.child(id_) for id_ in hub.records.children()]
    if json:
        say_json(
            [{"child": c.id, "registered_at": c.registered_at, "joined_into": c.joined_into} for c in found]
        )
        return
    for child in found:
        registered = when(child.registered_at) if child.registered_at else ""
        joined = f"  read with {child.joined_into}" if child.joined_into else ""
        say(f"{child.id}  registered {registered}{joined}")


def chronology(
    context: typer.Context,
    child: Child,
    as_: As,
    purpose: Purpose,
    known_at: KnownAt = None,
    strand: OfStrand = None,
    json: AsJson = False,
) -> None:
    """Show a child's chronology as a role may see it; that it was shown is recorded first."""
    with opened(context) as hub:
        reader = reader_of(hub, as_, purpose)
        moment = parse_moment(known_at) if known_at else None
        shared = hub.share.chronology(reader, child_named(hub, child), moment)
    if strand is not None:
        shared = shared.of_strand(strand)
    say(encode(shared).decode() if json else chronology_text(shared))


def export(context: typer.Context, child: Child, as_: As, purpose: Purpose) -> None:
    """Write a child in the terms of the national draft standards, as a role may read it. JSON."""
    with opened(context) as hub:
        shared = hub.share.chronology(reader_of(hub, as_, purpose), child_named(hub, child))
    say_json(national_export(shared))


def history(context: typer.Context, child: Child, json: AsJson = False) -> None:
    """Tell one child's story in the order it was recorded: said, decided, shown. For auditors: no content."""
    with opened(context) as hub:
        named = child_named(hub, child)
        if hub.demo:
            story = history_of(hub.records, named)
        else:
            story = story_for(hub.records, hub.policy, Reader(acting_as(hub, AUDITOR), PURPOSE), named)
    if json:
        say_json(story)
        return
    for happening in story:
        say(_happening(happening))


def _happening(happening: Happening) -> str:
    return f"{happening.version:>5}  {when(happening.recorded_at)}  {happening.what:<22} {happening.detail}"
