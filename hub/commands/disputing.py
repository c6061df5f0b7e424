"""An entry that somebody says is not right: marked, and answered, at the command line."""

from typing import Annotated
from uuid import UUID

import typer

from hub.commands.reading import As, Child, Purpose, reader_of
from hub.commands.saying import child_named, opened, say, uuid_of

Entry = Annotated[str, typer.Argument(help="The entry's id: see 'hub chronology --json'.")]
Reason = Annotated[str, typer.Option("--reason", help="Who says so, and what is not right; kept sealed.")]
Answer = Annotated[str, typer.Option("--reason", help="What became of it; kept sealed.")]


def dispute(
    context: typer.Context, child: Child, entry: Entry, as_: As, purpose: Purpose, reason: Reason
) -> None:
    """Mark an entry as disputed: who reads it, or a flag that rests on it, sees that it is."""
    with opened(context) as hub:
        hub.disputes.dispute(reader_of(hub, as_, purpose), child_named(hub, child), _id(entry), reason)
    say("marked as disputed until the agency whose entry it is has answered")


def settle(
    context: typer.Context, child: Child, entry: Entry, as_: As, purpose: Purpose, reason: Answer
) -> None:
    """Answer for your own agency that a disputed entry stands, or was corrected: the mark goes."""
    with opened(context) as hub:
        hub.disputes.settle(reader_of(hub, as_, purpose), child_named(hub, child), _id(entry), reason)
    say("answered: the mark is gone")


def _id(text: str) -> UUID:
    return uuid_of(text, "see 'hub chronology --json'")
