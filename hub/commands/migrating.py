"""The tables of a hub on PostgreSQL: made, and brought up to date, by their owner."""

from typing import Annotated

import typer

from hub.commands.saying import say, settings_of
from hub.errors import HubError


def migrate(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL; change nothing.")] = False,
) -> None:
    """Make or upgrade the tables and roles on PostgreSQL; done twice, nothing changes.

    It signs in as HUB_STORE_OWNER (and HUB_STORE_OWNER_PASSWORD_FILE), or else as HUB_STORE says; likewise
    HUB_KEYS_OWNER where HUB_KEYS keeps the wrapped keys in another database. Workers sign in as users who may
    do less: those of the roles hub_writer, hub_projector and hub_reader.
    """
    from hub.postgres.migrating import migrate as do  # noqa: PLC0415 — a hub runs without the extra

    settings = settings_of(context)
    if not settings.owners():
        raise HubError(
            "the store is files in the data folder: 'hub keys init' makes them, there is nothing to migrate"
        )
    for owner in settings.owners():
        steps = do(owner, dry=dry_run)
        for step in steps:
            say(f"-- {step.name}\n{step.sql}" if dry_run else f"{owner.database}: {step.name} done")
        if not steps:
            say(f"{owner.database}: nothing to do")
