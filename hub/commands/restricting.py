"""The processing of an entry restricted (UK GDPR art. 18), and that lifted, at the command line."""

from typing import Annotated

import typer

from hub.commands.disputing import Entry
from hub.commands.reading import As, Child, Purpose, reader_of
from hub.commands.saying import child_named, opened, say, uuid_of
from hub.domain.child import RestrictionGround

Ground = Annotated[RestrictionGround, typer.Option("--ground", help="The ground in art. 18(1).")]
Why = Annotated[str, typer.Option("--reason", help="Who asks for it, and why; kept sealed.")]
Kept = Annotated[str, typer.Option("--reason", help="Why it is still needed; kept sealed.")]
Lifted = Annotated[str, typer.Option("--reason", help="Why it is lifted; kept sealed.")]
Told = Annotated[
    str, typer.Option("--told", help="Who was told, when and how, or why nobody was; kept sealed.")
]
HINT = "see 'hub chronology --json'"


def restrict(
    context: typer.Context, child: Child, entry: Entry, as_: As, purpose: Purpose, ground: Ground, reason: Why
) -> None:
    """Restrict the processing of an entry: kept and named, read only to protect a child."""
    with opened(context) as hub:
        reader, who = reader_of(hub, as_, purpose), child_named(hub, child)
        hub.restrictions.restrict(reader, who, uuid_of(entry, HINT), ground, reason)
    say("restricted until the agency whose entry it is lifts it; flags that rest on it say so")


def keep(context: typer.Context, child: Child, entry: Entry, as_: As, purpose: Purpose, reason: Kept) -> None:
    """Say for the agency that restricted an entry that this is still needed."""
    with opened(context) as hub:
        reader, who = reader_of(hub, as_, purpose), child_named(hub, child)
        hub.restrictions.keep(reader, who, uuid_of(entry, HINT), reason)
    say("still restricted: the worklist asks again later")


def lift(
    context: typer.Context, child: Child, entry: Entry, as_: As, purpose: Purpose, reason: Lifted, told: Told
) -> None:
    """Lift the restriction of an entry for your own agency, once who obtained it was told."""
    with opened(context) as hub:
        reader, who = reader_of(hub, as_, purpose), child_named(hub, child)
        hub.restrictions.lift(reader, who, uuid_of(entry, HINT), reason, told)
    say("lifted: the entry is read as before")
