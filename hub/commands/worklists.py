"""Worklists and calendars from the command line."""

from typing import Annotated

import typer

from hub.casework.worklists import Whose
from hub.commands.reading import reader_of
from hub.commands.saying import AsJson, opened, say, say_if_late, say_json
from hub.domain.child import By
from hub.errors import Refused
from hub.protocol.worklist import text
from schemas.vocabulary import Agency

OPERATOR = By("command-line", "operator", "hub")
As = Annotated[str, typer.Option("--as", help="The role to ask as.")]
Purpose = Annotated[str, typer.Option("--purpose", help="Why you ask.")]

calendar = typer.Typer(help="Calendars of what is due, without personal data.", no_args_is_help=True)


def worklist(
    context: typer.Context,
    person: Annotated[str | None, typer.Option(help="A person, as they sign in: their children.")] = None,
    team: Annotated[str | None, typer.Option(help="A team, by the name the pack gives it.")] = None,
    agency: Annotated[Agency | None, typer.Option(help="An agency.")] = None,
    as_: As = "mash-coordinator",
    purpose: Purpose = "screening",
    json: AsJson = False,
) -> None:
    """Say what waits for a person, a team or an agency: due, overdue, and on which child."""
    whose = Whose(person, team, agency)
    if sum(x is not None for x in whose) != 1:
        raise Refused("say one of --person, --team, --agency")
    with opened(context) as hub:
        say_if_late(hub)
        found = hub.worklists.of(reader_of(hub, as_, purpose), whose)
    if json:
        say_json(found)
        return
    for waiting in found:
        say(f"child {str(waiting.child)[:8]}  {text(waiting.item)}")
    if not found:
        say("nothing waits")


@calendar.command("open")
def open_(context: typer.Context, as_: As = "social-worker", purpose: Purpose = "section-47") -> None:
    """Give a role of a demonstration a calendar's address. It is shown once."""
    with opened(context) as hub:
        say(f"/v1/calendar/{hub.calendars.open(reader_of(hub, as_, purpose))}.ics")


@calendar.command("close")
def close(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The person, as they sign in.")],
    agency: Annotated[Agency, typer.Argument(help="Their agency.")],
) -> None:
    """Let a person's calendar address answer no more: they left, or it went astray."""
    with opened(context) as hub:
        closed = hub.calendars.close(By(person, "", agency.value), OPERATOR)
    say("closed" if closed else "there was none")
