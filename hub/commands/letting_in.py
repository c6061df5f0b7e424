"""Who is let near a child, at the command line: an agency, a meeting; and that a name may be known."""

from typing import Annotated
from uuid import UUID

import typer

from hub.commands.acting import acting_as, person_named
from hub.commands.gates import AUDIT, LEAD, AsGuardian, ForWhat, Reason, Strand, access
from hub.commands.reading import Child, reader_of
from hub.commands.saying import AsJson, child_named, opened, say, say_each, when
from hub.sharing.access import MOST_DAYS
from hub.sharing.access_view import LetNear
from hub.sharing.letting_in import MOST_INVOLVED
from schemas.vocabulary import Agency

__all__ = ["access"]
OfAgency = Annotated[Agency, typer.Option("--agency", help="The agency that works with the child.")]
MEETS = Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help="For how many days from now.")]


@access.command()
def involve(
    context: typer.Context,
    child: Child,
    agency: OfAgency,
    strand: Strand,
    days: Annotated[
        int, typer.Option("--days", min=1, max=MOST_INVOLVED, help="For how many days from now.")
    ],
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Say that an agency works with a child, on which strand and for how long, whatever it holds of them.

    Its practitioners may then look for their purposes. Nobody says it of their own agency to read by it.
    """
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        hub.letting_in.involve(by, child_named(hub, child), agency.value, strand, days, reason)
    say(f"{agency.value} works with the child for {days} days")


@access.command("end-involvement")
def end_involvement(
    context: typer.Context, child: Child, agency: OfAgency, reason: Reason, as_: AsGuardian = LEAD
) -> None:
    """Say that an agency's work with a child has ended. The days of grace of the policy follow."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        hub.letting_in.end_involvement(by, child_named(hub, child), agency.value, reason)
    say(f"{agency.value} does not work with the child any more")


@access.command()
def convene(
    context: typer.Context,
    child: Child,
    members: Annotated[
        list[str], typer.Option("--member", help="PERSON:ROLE who takes part; may be repeated.")
    ],
    strand: Strand,
    days: MEETS,
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Let the members of a meeting about a child prepare it and follow it up. Nobody names themselves."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        named = [person_named(hub, each) for each in members]
        hub.letting_in.convene(by, child_named(hub, child), named, strand, days, reason)
    say(f"{len(named)} members may prepare and follow up for {days} days")


@access.command("end-meeting")
def end_meeting(
    context: typer.Context,
    child: Child,
    meeting: Annotated[UUID, typer.Option("--meeting", help="The meeting, as `hub access let-in` names it.")],
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Let the members of a meeting near no more, from now on, though its time is not over."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        hub.letting_in.end_meeting(by, child_named(hub, child), meeting, reason)
    say("its members are let near no more")


@access.command("agree-other-child")
def agree_other_child(
    context: typer.Context,
    child: Child,
    other: Annotated[str, typer.Option("--other", help="The other child's record.")],
    days: MEETS,
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Record what a strategy meeting agreed: who works with both children may know who the other one is.

    It holds for what names the other child on the record of CHILD; agree it again the other way round for
    the other record.
    """
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        hub.letting_in.agree_other_child(by, child_named(hub, child), child_named(hub, other), days, reason)
    say(f"agreed for {days} days")


@access.command("end-agreement")
def end_agreement(
    context: typer.Context,
    child: Child,
    other: Annotated[UUID, typer.Option("--other", help="The other child's record, as it was agreed.")],
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Say that who the other child is may be known no more, from now on, though it was agreed for longer."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        hub.letting_in.end_agreement(by, child_named(hub, child), other, reason)
    say("who the other child is may be known no more")


@access.command("let-in")
def let_in(
    context: typer.Context,
    child: Child,
    as_: AsGuardian = LEAD,
    purpose: ForWhat = AUDIT,
    json: AsJson = False,
) -> None:
    """List which agencies and meetings are let near a record now, and what was agreed. Recorded first."""
    with opened(context) as hub:
        found = hub.gates.desk.near(reader_of(hub, as_, purpose), child_named(hub, child))
    say_each(found, _lines, "nobody is let in by word", json=json)


def _lines(one: LetNear) -> tuple[str, str]:
    whom = one.agency or ", ".join(f"{m.person} ({m.role}, {m.agency})" for m in one.members)
    opens = f", strand {one.opens}" if one.opens else ""
    until = f"until {when(one.until)}" if one.until else "until it is ended"
    meeting = f" {one.meeting}" if one.meeting else ""
    said = f"{one.what}{meeting}: {whom or one.other}{opens}; {until}, by {one.by.person} ({one.by.role})"
    return said, f"    {one.reason or 'no reason was asked for then'}"
