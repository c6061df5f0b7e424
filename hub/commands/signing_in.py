"""Sign-in at the command line, for live data: by your own agency's provider, in a browser."""

import secrets
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.commands.saying import opened, say, say_aside
from hub.errors import NotAllowed, Refused
from hub.identity import command_line, providers
from hub.identity.command_line import SignedIn
from hub.identity.practitioners import Practitioners

Named = Annotated[
    str | None, typer.Option("--provider", help="Which provider, where there are several: its name.")
]
Again = Annotated[bool, typer.Option("--again", help="Show again who you are: needed for the gravest acts.")]


def sign_in(context: typer.Context, provider: Named = None, again: Again = False) -> None:
    """Sign in to live data. Open the address that is shown in a browser on this machine."""
    from hub.identity import loopback  # noqa: PLC0415 — a client of HTTP is loaded only to sign in
    from hub.identity.oidc import Client  # noqa: PLC0415 — likewise

    with opened(context, adopting=True) as hub:
        if hub.demo:
            raise Refused("a demonstration needs no sign-in: name a role with --as")
        trusted = providers.load(hub.settings.identity_providers)
        providers.of_one_kind(trusted, demo=False)
        chosen = [p for p in trusted if provider in (None, p.name)]
        if len(chosen) != 1:
            raise Refused(f"name a provider with --provider: {', '.join(p.name for p in trusted)}")
        client = Client(chosen[0], lambda: secrets.token_urlsafe(32), time.time, time.monotonic)
        proven = loopback.sign_in(client, _show, 0 if again else None)
        practitioners = Practitioners(hub.records, hub.policy)
        who, now = practitioners.of(proven.issuer, proven.subject), hub.clock()
        roles = [grant.role for grant in who.roles(now) if grant.agency == chosen[0].agency]
        if not roles:
            raise NotAllowed(f"You have no role here. Whoever may grant one needs this: {proven.subject}")
        who = practitioners.signed_in(who.id, roles[0], "command-line")
        at = datetime.fromtimestamp(proven.authenticated_at, UTC)
        session = SignedIn(who.id, chosen[0].name, who.departures, at, now, now)
        command_line.write(hub.settings.signed_in, session, hub.records.index)
    say(f"signed in; you may act as {', '.join(roles)}")


def sign_out(context: typer.Context) -> None:
    """End the session at this command line."""
    with opened(context) as hub:
        hub.settings.signed_in.unlink(missing_ok=True)
    say("signed out")


def _show(url: str) -> None:
    say_aside(f"Open this in a browser on this machine:\n{url}")
