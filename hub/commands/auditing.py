"""The auditor's questions, as they are typed: what was shown, who saw, what somebody saw, what is unusual."""

from typing import Annotated

import typer

from hub.audit import desk
from hub.audit.covering import CoveredLine
from hub.audit.desk import Hall, ShownAgain
from hub.audit.inspection import PURPOSE
from hub.audit.replaying import Verdict
from hub.commands.acting import acting_as
from hub.commands.reading import AUDITOR, reader_of
from hub.commands.saying import AsJson, child_named, opened, say, say_json, when
from hub.commands.text import chronology_text
from hub.compose import Hub
from hub.errors import Refused
from hub.records.clock import parse_moment
from hub.sharing.look import Reader

audit = typer.Typer(
    help="For auditors: what was shown, who saw a child, what somebody saw, what is unusual.",
    no_args_is_help=True,
)
Person = Annotated[str, typer.Option("--person", help="The person's id, as disclosures name it.")]


def hall_of(hub: Hub) -> Hall:
    """What the auditor's questions are asked of."""
    return Hall(hub.records, hub.share, hub.drawn, hub.policy)


def auditor(hub: Hub) -> Reader:
    """Whoever asks, as an auditor. Raises NotSignedIn, NotAllowed."""
    return Reader(acting_as(hub, AUDITOR), PURPOSE)


@audit.command("shown")
def shown(
    context: typer.Context,
    disclosure: Annotated[
        str, typer.Argument(help="ID@57: a record's id and the number of the event; or a child's id.")
    ],
    person: Annotated[
        str | None, typer.Option("--person", help="With a child's id: whom it was shown to.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="With --person: the last shown by then (else by now).")
    ] = None,
    as_: Annotated[
        str | None,
        typer.Option("--as", help="Not an auditor: in its words, as far as this role reads."),
    ] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="With --as: why.")] = None,
    json: AsJson = False,
) -> None:
    """Draw again exactly what somebody was shown, and compare it with the digest in the disclosure.

    An auditor sees each line and what of it was open, not its words. Exit code 1: it is not what was shown.
    """
    named, _, number = disclosure.partition("@")
    if number and not number.isdecimal():
        raise Refused("name a disclosure as CHILD@NUMBER, for instance 3f2a9c1b@57")
    with opened(context) as hub:
        hall, child = hall_of(hub), child_named(hub, named)
        if as_ is not None:
            if not number or purpose is None:
                raise Refused("with --as, name the disclosure as CHILD@NUMBER, and the --purpose")
            found = desk.in_words(hall, reader_of(hub, as_, purpose), child, int(number))
        elif number:
            found = desk.shown_at(hall, auditor(hub), child, int(number))
        elif person is not None:
            moment = parse_moment(at) if at else hub.clock()
            found = desk.shown_to(hall, auditor(hub), child, person, moment)
        else:
            raise Refused("name a disclosure as CHILD@NUMBER, or a child and --person")
    if json:
        say_json(found)
    else:
        _say_shown(found)
    if found.verdict is not Verdict.SAME:
        raise typer.Exit(1)


def _say_shown(found: ShownAgain) -> None:
    say(f"{found.record}@{found.version}: {found.question} to {found.person} ({found.role}, {found.agency})")
    known = f", as known at {when(found.known_at)}" if found.known_at else ""
    glass = ", under broken glass" if found.glass else ""
    say(f"recorded {when(found.recorded_at)}, for {found.purpose}, under policy {found.policy}{known}{glass}")
    say(f"{found.verdict.value}: {found.says}")
    say(f"digest in the disclosure {found.digest}")
    say(f"digest as drawn again    {found.drawn_digest or '(nothing could be drawn)'}")
    if found.words is not None:
        say(chronology_text(found.words))
    if found.covered is not None:
        if found.covered.who:
            say(f"who the child is: {', '.join(found.covered.who)}")
        for line in found.covered.lines:
            say(_line(line))
        for part in found.covered.parts:
            say(f"  {part}")


def _line(line: CoveredLine) -> str:
    day = when(line.occurred_at, "day")
    if line.gap:
        return f"  {day}  {line.agency}: only that there is an entry, and whom to ring"
    struck = "" if line.standing == "current" else f" ({line.standing})"
    opened_ = "; ".join(f"{scope}: {', '.join(names) or '…'}" for scope, names in line.opened.items())
    shut = f"; withheld: {', '.join(line.withheld)}" if line.withheld else ""
    return f"  {day}  {line.type}{struck}  {opened_}{shut}"
