"""The life of a flag at the command line: what there is, and what a named person does about it."""

from typing import Annotated
from uuid import UUID

import typer

from hub.audit.inspection import PURPOSE, untrue_for
from hub.audit.untrue import no_longer_true
from hub.commands import asking
from hub.commands.acting import acting_as, acting_in_any_role, person_named
from hub.commands.asking import COORDINATOR, SCREENING, As, Purpose
from hub.commands.reading import AUDITOR, reader_of
from hub.commands.reading import Child as OneChild
from hub.commands.saying import AsJson, child_named, one_named, opened, say, say_json, when
from hub.compose import Hub
from hub.domain.child import FlagDecision
from hub.errors import Refused
from hub.sharing.drawing import rest_id
from hub.sharing.look import Reader

Flag = Annotated[str, typer.Argument(help="The flag's id, or its first eight characters.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in your own words.")]

flags = typer.Typer(
    name="flags",
    help="List flags, and do something about one: questions to people that only several agencies' entries "
    "together raise.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@flags.callback()
def listed(
    context: typer.Context,
    child: asking.Child = None,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """List flags: questions to people that only several agencies' entries together raise."""
    if context.invoked_subcommand is None:
        asking.flags(context, child, as_, purpose, json)


@flags.command()
def acknowledge(
    context: typer.Context, flag: Flag, as_: As = COORDINATOR, purpose: Purpose = SCREENING
) -> None:
    """Say that you have seen a flag."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        hub.flag_work.acknowledge(reader_of(hub, as_, purpose), child, id_)
    say(f"acknowledged: flag {id_}")


@flags.command()
def beside(
    context: typer.Context,
    child: OneChild,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """List what is no flag: what nobody can tell yet, and what one agency sees alone."""
    with opened(context) as hub:
        found = hub.share.beside(reader_of(hub, as_, purpose), child_named(hub, child))
    if json:
        say_json(found)
        return
    for untold in found.cannot_tell:
        say(f"{untold.pattern:<4} {untold.name}, since {when(untold.since)}: {untold.says}")
    for note in found.one_agency:
        days = ", ".join(when(piece.at, "day") for piece in note.evidence)
        say(f"{note.pattern:<4} {note.name}: {note.says} ({days})")
    if not found.cannot_tell and not found.one_agency:
        say("nothing beside flags")


@flags.command()
def own(
    context: typer.Context,
    flag: Flag,
    to: Annotated[
        str | None, typer.Option("--to", help="PERSON:ROLE, instead of you: for the coordinator.")
    ] = None,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
) -> None:
    """Take a flag in hand, or give it to a named person."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        reader = reader_of(hub, as_, purpose)
        hub.flag_work.own(reader, child, id_, person_named(hub, to) if to else None)
    say(f"in hand: flag {id_}")


@flags.command()
def review(
    context: typer.Context,
    flag: Flag,
    decision: Annotated[FlagDecision, typer.Option("--decision", help="What you decided.")],
    reason: Reason,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
) -> None:
    """Decide about what stands under a flag, and say why. New evidence opens it again."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        hub.flag_work.review(reader_of(hub, as_, purpose), child, id_, decision, reason)
    say(f"reviewed: flag {id_}: {decision}")


@flags.command()
def disagree(
    context: typer.Context, flag: Flag, reason: Reason, as_: As = COORDINATOR, purpose: Purpose = SCREENING
) -> None:
    """Say that you do not agree with a flag, or with what was decided about it."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        hub.flag_work.disagree(reader_of(hub, as_, purpose), child, id_, reason)
    say(f"disagreed: flag {id_}")


@flags.command()
def renew(
    context: typer.Context, flag: Flag, reason: Reason, as_: As = COORDINATOR, purpose: Purpose = SCREENING
) -> None:
    """Let a flag stand for another term."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        hub.flag_work.renew(reader_of(hub, as_, purpose), child, id_, reason)
    say(f"renewed: flag {id_}")


@flags.command()
def release(
    context: typer.Context,
    flag: Flag,
    to: Annotated[list[str], typer.Option("--to", help="A role that may see the flag's fixed words.")],
    reason: Reason,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
) -> None:
    """Let roles see a flag's fixed words, and nothing of what stands behind it."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        hub.flag_work.release(reader_of(hub, as_, purpose), child, id_, tuple(to), reason)
    say(f"released: flag {id_} to {', '.join(to)}")


@flags.command("take-back")
def take_back(
    context: typer.Context, flag: Flag, reason: Reason, as_: As = COORDINATOR, purpose: Purpose = SCREENING
) -> None:
    """End a flag's release: those it was released to see its words no longer."""
    with opened(context) as hub:
        child, id_ = _named(hub, flag)
        hub.flag_work.take_back(reader_of(hub, as_, purpose), child, id_, reason)
    say(f"taken back: flag {id_}")


def untrue(context: typer.Context, child: OneChild, json: AsJson = False) -> None:
    """List what is no longer true of a child, and who had been shown it while it seemed so. For auditors."""
    with opened(context) as hub:
        named = child_named(hub, child)
        if hub.demo:
            found = no_longer_true(hub.records, hub.policy, hub.drawn.flags(named), named)
        else:
            found = untrue_for(
                hub.records, hub.policy, Reader(acting_as(hub, AUDITOR), PURPOSE), named, hub.drawn.flags
            )
    if json:
        say_json(found)
        return
    for one in found:
        say(f"{one.what} {one.id}: stood from {when(one.since)} until {when(one.until)}")
        for seen in one.shown:
            who = f"{seen.reader.person} ({seen.reader.role}, {seen.reader.agency})"
            say(f"    {when(seen.at)}  {seen.question} to {who} for {seen.purpose}")
        if not one.shown:
            say("    shown to nobody")
    if not found:
        say("nothing that was shown has turned out untrue")


def _named(hub: Hub, flag: str) -> tuple[UUID, UUID]:
    """The child and the id of a flag. Raises Refused where there is none, or more than one."""
    acting_in_any_role(hub)
    drawn = hub.drawn.followers[0].rows()
    children = {id_: child for child, rows in drawn.items() for id_ in rows if id_ != rest_id(child)}
    id_ = one_named(flag, children, Refused("no flag under this id"), "more than one flag's id begins so")
    return children[id_], id_
