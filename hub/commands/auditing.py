"""The auditor's questions, as they are typed: what was shown, who saw, what somebody saw, what is unusual."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hub.audit import desk
from hub.audit.circumstances import declare
from hub.audit.covering import CoveredLine
from hub.audit.inspection import PURPOSE
from hub.audit.inspections import Hall
from hub.audit.looks import GLASS, Looked
from hub.audit.replaying import ShownAgain, Verdict
from hub.audit.unusual import SHIPPED as SIGNS
from hub.audit.unusual import load as load_signs
from hub.audit.unwraps import Unwraps, paths_of
from hub.commands.acting import acting_as
from hub.commands.reading import AUDITOR, Child, reader_of
from hub.commands.saying import AsJson, child_named, opened, say, say_json, when
from hub.commands.text import chronology_text
from hub.compose import SCOPES, Hub
from hub.errors import Refused
from hub.records.clock import parse_moment
from hub.sharing.access import known_agency
from hub.sharing.look import Reader

audit = typer.Typer(
    help="For auditors: what was shown, who saw a child, what somebody saw, what is unusual.",
    no_args_is_help=True,
)
Since = Annotated[str | None, typer.Option("--since", help="From then on; else the last 28 days.")]
Until = Annotated[str | None, typer.Option("--until", help="Until then; else until now.")]
DAYS = 28


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


@audit.command("who-saw")
def who_saw(context: typer.Context, child: Child, json: AsJson = False) -> None:
    """List every look at a child in order: who, in which role, what for, by which relationship."""
    with opened(context) as hub:
        found = desk.who_saw(hall_of(hub), auditor(hub), child_named(hub, child))
    _say_looks(found, json=json)


@audit.command("seen-by")
def seen_by(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The person's id, as disclosures name it.")],
    since: Since = None,
    until: Until = None,
    json: AsJson = False,
) -> None:
    """List everything a person saw, child by child in order. Reads every record."""
    with opened(context) as hub:
        first, last = _span(hub, since, until)
        found = desk.seen_by(hall_of(hub), auditor(hub), person, first, last)
    _say_looks(found, json=json)


@audit.command("inspections")
def inspections(context: typer.Context, json: AsJson = False) -> None:
    """List what auditors were told of several children at once: by whom, when, of what."""
    with opened(context) as hub:
        found = desk.inspections(hall_of(hub), auditor(hub))
    if json:
        say_json(found)
        return
    for one in found:
        about = f" of {one.about}" if one.about else ""
        say(f"{one.number:>5}  {when(one.at)}  {one.person}  {one.question}{about}")


@audit.command("inspected")
def inspected(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="See 'hub audit inspections'.")],
    json: AsJson = False,
) -> None:
    """Draw again what an auditor was told of several children, and compare it with its digest.

    Exit code 1: it is not what was told.
    """
    with opened(context) as hub:
        found = desk.inspected(hall_of(hub), auditor(hub), number)
    if json:
        say_json(found)
    else:
        say(f"{found.told.question}, told {found.told.person} on {when(found.told.at)}: {found.verdict}")
        say(found.says)
    if found.verdict is not Verdict.SAME:
        raise typer.Exit(1)


@audit.command("unusual")
def unusual(
    context: typer.Context,
    person: Annotated[str | None, typer.Option("--person", help="Of one person; without: everybody.")] = None,
    since: Since = None,
    until: Until = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Other numbers than the hub's own.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List looks that a person should look into, each with why it is listed. Never a sanction.

    Exit code 1 where anything is listed.
    """
    with opened(context) as hub:
        first, last = _span(hub, since, until)
        signs = load_signs(settings or SIGNS)
        found = desk.unusual_access(hall_of(hub), auditor(hub), signs, first, last, person)
    if json:
        say_json(found)
    for line in [] if json else found:
        of = f"  record {line.child}" if line.child else ""
        say(f"{line.sign}: {line.person} ({line.role}, {line.agency}){of}")
        say(f"  {line.count} {line.counted}, {when(line.since)} to {when(line.until)}")
        say(f"  {line.why} [{line.source}]")
    if not found and not json:
        say("nothing is listed; that is no finding either")
    if found:
        raise typer.Exit(1)


@audit.command("unwrapped")
def unwrapped(
    context: typer.Context,
    log: Annotated[Path, typer.Argument(help="The log of the key service's audit device: JSON lines.")],
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every hour, not only those that differ.")] = False,
    device: Annotated[
        str | None,
        typer.Option("--device", help="Its audit device: ask the service under which hash it logs a key."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Lay what a key service unwrapped, by its own log, beside what the hub recorded. Never a sanction.

    By hour (UTC) and scope, in numbers of keys; with --device key by key, and whose was opened. Exit code 1
    where anything differs.
    """
    if not log.is_file():
        raise Refused(f"{log} is no file")

    def lines() -> Iterator[bytes]:
        with log.open("rb") as said:
            yield from said

    with opened(context) as hub:
        paths = paths_of(hub.settings.key_services, SCOPES)
        service = hub.settings.vault
        hashed = None
        if service is not None and device is not None:
            from hub.confidentiality.vault_audit import AuditHash  # noqa: PLC0415 — an extra

            hashed = AuditHash(service, device)
        found = desk.unwrapped(hall_of(hub), auditor(hub), lines, paths, hashed)
    if json:
        say_json(found)
    else:
        _say_unwrapped(found, all_=all_)
    if found.differs:
        raise typer.Exit(1)


@audit.command("declare")
def declare_own(
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="The practitioner's id, as disclosures name it.")],
    agency: Annotated[str, typer.Option("--agency", help="Their agency.")],
) -> None:
    """Take down a practitioner's family names and homes, which it asks for; kept as hashes alone."""
    with opened(context) as hub:
        by = acting_as(hub, AUDITOR)
        known_agency(agency)
        family = typer.prompt("Family names, comma between", default="", show_default=False, err=True)
        postcode = typer.prompt("Postcode of the home", default="", show_default=False, err=True)
        address = typer.prompt("Its address", default="", show_default=False, err=True)
        declare(hub.records, person, agency, by, family.split(","), [(postcode, address)])
    say("taken down, as hashes: nobody can read it back")


def _span(hub: Hub, since: str | None, until: str | None) -> tuple[datetime, datetime]:
    """From when until when; without: the last 28 days."""
    last = parse_moment(until) if until else hub.clock()
    return (parse_moment(since) if since else last - timedelta(days=DAYS)), last


def _say_looks(found: list[Looked], *, json: bool) -> None:
    if json:
        say_json(found)
        return
    for look in found:
        review = f", {look.review or 'not reviewed'}" if look.tie == GLASS else ""
        say(
            f"{when(look.at)}  {str(look.record)[:8]}@{look.version:<5} {look.question:<16}"
            f" {look.person} ({look.role}, {look.agency}) for {look.purpose or '-'}:"
            f" {look.tie or 'NO TIE'}{review}"
        )
    say(f"{len(found)} looks" if found else "nobody")


def _say_unwrapped(found: Unwraps, *, all_: bool) -> None:
    for one in found.hours:
        if one.says or all_:
            by = f" by {', '.join(one.policies)}" if one.policies else ""
            asked = f"{one.keys} keys in {one.calls} calls{by}"
            say(f"{one.hour:%Y-%m-%d %H}:00 UTC  {one.scope}: {asked};")
            recorded = f"children of whom anything was recorded have {one.accounted}"
            say(f"  {recorded}; shown where it could be read: {one.shown} times")
            if one.says:
                say(f"  {one.says}")
            for record in one.strays:
                say(f"  record {record}")
    for way, count in found.otherwise.items():
        say(f"asked for as the hub never asks ({way}): {count} times")
    if found.unreadable:
        say(f"{found.unreadable} of {found.lines} lines could not be read")
    if not found.differs:
        say("nothing differs; that is no finding either")


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
