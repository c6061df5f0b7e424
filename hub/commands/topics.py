"""The bus's topics: made and looked after by whoever administers the bus."""

from pathlib import Path
from typing import Annotated

import typer

from hub.casework.duties import UPKEEP
from hub.commands.acting import on_duty
from hub.commands.saying import AsJson, opened, say, say_json, settings_of
from hub.compose import open_topics
from hub.errors import Refused
from hub.intake.losing import accept_loss
from hub.intake.topics import HUB, Wish, plan
from schemas.bus_access import BusAccess
from schemas.vocabulary import Agency
from schemas.wire import PARTITIONS, agency_of

SHORTEST = 16
"""Characters of a password on the bus."""

topics = typer.Typer(help="The bus's topics and who may use them (Kafka).", no_args_is_help=True)


@topics.command("apply")
def topics_apply(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")] = False,
    partitions: Annotated[
        int, typer.Option(min=1, help="Partitions of a topic; never lowered.")
    ] = PARTITIONS,
    replicas: Annotated[int, typer.Option(min=1, help="Copies of a new topic: 3 needs 3 brokers.")] = 3,
    retention_days: Annotated[int, typer.Option(min=1, help="Days a new topic keeps messages.")] = 14,
    principal: Annotated[
        list[str] | None,
        typer.Option(
            help="Who an agency, or hub, is to the brokers: police=User:CN=police. Else User:police.",
            metavar="WHO=PRINCIPAL",
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Make what is missing: a topic an agency, and rules by which each agency writes to its own alone.

    Done twice, nothing changes. What differs otherwise is named and left as it is.
    """
    access = _bus(context)
    wish = Wish(access, partitions, replicas, retention_days, _principals(principal or []))
    with open_topics(access) as bus:
        found = plan(wish, bus.standing(wish))
        if not dry_run:
            bus.apply(found)
    if json:
        say_json({"applied": not dry_run, "plan": found})
        return
    for line in found.lines():
        say(line)
    if found.nothing:
        say("nothing to do")
    elif dry_run:
        say("nothing was done: this was a dry run")


@topics.command("password")
def topics_password(
    context: typer.Context,
    user: Annotated[str, typer.Argument(help="An agency's or the hub's user on the bus: police, hub.")],
    file: Annotated[Path, typer.Option("--file", help="Where the password is; it is shown nowhere.")],
) -> None:
    """Let a user of the bus sign in with a password (SCRAM-SHA-512); the one before is void at once."""
    try:
        password = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise Refused(f"{file} cannot be read") from None
    if len(password) < SHORTEST:
        raise Refused(f"a password of the bus has at least {SHORTEST} characters: no person types it")
    with open_topics(_bus(context)) as bus:
        bus.set_password(user, password)
    say(f"{user}: signs in with the password in {file} from now on")


@topics.command("accept-loss")
def topics_accept_loss(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="TOPIC/PARTITION", help="As intake names it.")],
    first: Annotated[int, typer.Option("--from", min=0, help="The offset the hub would read next.")],
    following: Annotated[int, typer.Option("--to", min=0, help="The offset to go on with.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Why, in your words; it is kept in the hub's story.")
    ],
) -> None:
    """Go on past messages that the bus no longer holds. Who decided so, and why, is recorded.

    Ask the agency to send them again first: what comes twice is recorded once.
    """
    at = _place(place)
    with opened(context) as hub:
        accept_loss(hub.records, at, first, following, on_duty(hub, UPKEEP), reason)
    say(f"{place}: the hub goes on with {following}; {max(0, following - first)} deliveries were given up")


def _bus(context: typer.Context) -> BusAccess:
    access = settings_of(context).bus
    if access is None:
        raise Refused("no bus is named (HUB_BUS): the topic log in the data folder needs no looking after")
    return access


def _principals(said: list[str]) -> dict[str, str]:
    known = {*(agency.value for agency in Agency), HUB}
    found = {}
    for pair in said:
        who, _, principal = pair.partition("=")
        if who not in known or not principal:
            raise Refused("--principal wants WHO=PRINCIPAL, with an agency or hub before the first '='")
        found[who] = principal
    return found


def _place(text: str) -> tuple[str, int]:
    topic, _, partition = text.rpartition("/")
    try:
        agency_of(topic)
        return topic, int(partition)
    except ValueError:
        raise Refused("not a topic of an agency and a partition, such as safeguarding.police.v1/3") from None
