"""Back-up and restore: events, keys and secrets apart."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.backup import back_up, restore
from hub.commands.saying import say, settings_of, when
from hub.compose import clock_of

Folder = Annotated[Path, typer.Option(help="An empty folder; it is made where there is none.")]
Copy = Annotated[Path, typer.Option(help="A folder that 'hub backup' filled.", exists=True, file_okay=False)]
Lists = Annotated[
    list[Path] | None,
    typer.Option("--destroyed", help="A later destroyed-keys.json; may be given often."),
]


def backup(
    context: typer.Context,
    events_to: Folder,
    keys_to: Folder,
    secrets_to: Annotated[
        Path | None, typer.Option(help="A third folder, for the key file: another keeper's.")
    ] = None,
) -> None:
    """Copy the events and, apart from them, the wrapped keys; workers may go on meanwhile.

    The key file, which also signs the ledger, goes to a third place; without one it is not copied: keep it by
    means of its own.
    """
    settings = settings_of(context)
    clock = clock_of(settings)
    head = back_up(settings, events_to, keys_to, clock(), secrets_to)
    rows, position = head["at_least_ledger_rows"], head["at_least_position"]
    say(f"{head['engine']}, position {position} and a ledger of {rows} rows, or a little further")
    say(f"events: {events_to}\nkeys:   {keys_to}")
    if secrets_to is not None:
        say(f"secrets: {secrets_to}: nobody who keeps the others should keep this")


def put_back(
    context: typer.Context,
    events_from: Copy,
    keys_from: Copy,
    destroyed: Lists = None,
    secrets_from: Annotated[
        Path | None, typer.Option(help="The copy of the key file.", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Put a back-up into an empty data folder, or a database newly migrated. What was erased stays erased."""
    head = restore(settings_of(context), events_from, keys_from, destroyed or (), secrets_from)
    made = datetime.fromisoformat(head["made_at"])
    say(f"restored as of {when(made)}; what was in this hub alone after that is lost")
    if secrets_from is None:
        say("put the key file back, of then or newer")
    say("next: 'hub verify' against the checkpoints the agencies keep,")
    say("'hub intake' (reads the bus again from there), 'hub follow' (draws flags and due dates anew)")
