"""Upkeep: keys, what is held, questions of identity, rebuilding and verifying."""

import json as stdlib_json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import msgspec
import typer

from hub.audit.signatures import Signed, check
from hub.audit.walk import Fault
from hub.casework.duties import IDENTITY, UPKEEP
from hub.casework.holding import discard, held
from hub.commands.acting import on_duty, whoever
from hub.commands.barred import child_for
from hub.commands.saying import (
    AsJson,
    child_named,
    opened,
    progress,
    say,
    say_json,
    settings_of,
    uuid_of,
    when,
)
from hub.compose import Hub, enrol, found, open_intake
from hub.confidentiality.agency_keys import load_agency_keys
from hub.disposal import enrolling
from hub.domain.feed import KeyChange
from hub.errors import Refused
from hub.intake.questions import questions
from hub.intake.splitting import split
from hub.store.effects import Quarantined

SHOWN = 100
"""Findings that are said one by one."""

keys = typer.Typer(help="Keys: make a hub's, take on an agency's, say how they stand.", no_args_is_help=True)
quarantine = typer.Typer(help="Deliveries that could not be taken: held sealed.", no_args_is_help=True)
matching = typer.Typer(help="Questions of identity that wait for a person.", no_args_is_help=True)

Reason = Annotated[str, typer.Option("--reason", help="Why, in your words; it is kept sealed.")]
Held = Annotated[int, typer.Argument(metavar="NUMBER", help="The number of the held delivery.")]
QuestionId = Annotated[str, typer.Argument(help="The question's id (see 'hub matching list').")]


@keys.command("init")
def keys_init(
    context: typer.Context,
    demo: Annotated[bool, typer.Option("--demo", help="For invented children only.")] = False,
    if_missing: Annotated[
        bool, typer.Option("--if-missing", help="Where there is a hub already, leave it and say so.")
    ] = False,
) -> None:
    """Make a hub in the data folder: its keys, its tables, its topics."""
    settings = settings_of(context)
    if if_missing and settings.key_file.exists():
        with opened(context):
            say(f"there is a hub in {settings.data}")
        return
    found(settings, demo=demo)
    say(f"made a {'demonstration' if demo else 'live'} hub in {settings.data}")
    say("next: each agency runs 'hub-publish --enrol AGENCY', then 'hub keys enrol FILE' takes its key on")


@keys.command("enrol")
def keys_enrol(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The agency's public-key.json, given by hand or in person.")],
) -> None:
    """Take an agency's public key on: from now the hub believes what it signs."""
    with opened(context) as hub:
        agency, key_id = enrol(hub, file)
        enrolling.note(hub.records, agency, key_id, KeyChange.TAKEN_ON, whoever(hub))
    say(f"{agency}: key {key_id} taken on")


@quarantine.command("list")
def quarantine_list(context: typer.Context, json: AsJson = False) -> None:
    """List what is held: its number, where it stood, and the reason."""
    with opened(context) as hub:
        rows = [_shown(q, json) for q in hub.records.archive.rows.quarantined()]
    if json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['id']:>6}  {row['place']:<34} {row['reason']:<24} {row['held_at']}")


@quarantine.command("show")
def quarantine_show(context: typer.Context, id_: Held, json: AsJson = False) -> None:
    """Show one held delivery: its reason, the fields at fault, what became of it. Never its content."""
    with opened(context) as hub:
        row = _shown(held(hub.records, id_), json)
    if json:
        say_json(row)
        return
    for name, value in row.items():
        say(f"{name.replace('_', ' '):<10} {', '.join(value) if isinstance(value, list) else value}")


@quarantine.command("retry")
def quarantine_retry(
    context: typer.Context,
    id_: Annotated[int | None, typer.Argument(metavar="NUMBER", help="Its number; without: all.")] = None,
) -> None:
    """Try held deliveries again, after an upgrade or once a key is known."""
    with opened(context) as hub, open_intake(hub) as worker:
        who = on_duty(hub, UPKEEP)
        waiting = hub.records.archive.rows.quarantined()
        refused = 0
        for one in waiting if id_ is None else [held(hub.records, id_, "held")]:
            refusal = worker.retry(one, who.person)
            refused += refusal is not None
            say(f"{one.id}: {'taken' if refusal is None else f'still {refusal.reason}'}")
    if refused:
        raise typer.Exit(1)


@quarantine.command("discard")
def quarantine_discard(context: typer.Context, id_: Held, reason: Reason) -> None:
    """Give a held delivery up: its bytes go, its reason and who gave it up stay."""
    with opened(context) as hub:
        discard(hub.records, id_, on_duty(hub, UPKEEP), reason)
    say(f"{id_}: discarded")


@matching.command("list")
def matching_list(context: typer.Context, json: AsJson = False) -> None:
    """List the open questions of whether records are of one child."""
    with opened(context) as hub:
        on_duty(hub, IDENTITY)
        asked = [(q.id, q.opened_at, q.opened) for q in questions(hub.records) if q.opened is not None]
    if json:
        say_json([{"question": id_, "opened_at": at, **msgspec.structs.asdict(q)} for id_, at, q in asked])
        return
    for id_, _, opened_ in asked:
        say(f"{id_}  {opened_.kind.value}")
        say(f"  record {opened_.provisional} may be of {', '.join(map(str, opened_.candidates))}")


@matching.command("confirm")
def matching_confirm(
    context: typer.Context,
    question: QuestionId,
    child: Annotated[str, typer.Argument(help="The candidate it is the same child as.")],
    reason: Reason,
) -> None:
    """Say that they are the same child: their records are read as one. Can be undone with 'separate'."""
    with opened(context) as hub:
        by = on_duty(hub, IDENTITY)
        hub.identity.same(by, uuid_of(question), child_named(hub, child), reason)
    say("read as one child from now on")


@matching.command("separate")
def matching_separate(context: typer.Context, question: QuestionId, reason: Reason) -> None:
    """Say that they are different children; a joining made before is undone."""
    with opened(context) as hub:
        hub.identity.different(on_duty(hub, IDENTITY), uuid_of(question), reason)
    say("kept apart")


@matching.command("split")
def matching_split(
    context: typer.Context,
    child: Annotated[str, typer.Argument(help="The record the entries stand on.")],
    entries: Annotated[list[str], typer.Argument(help="The entries' ids (see 'hub history').")],
    reason: Reason,
    to: Annotated[
        str | None, typer.Option("--to", help="The child they are of; without: a new record.")
    ] = None,
) -> None:
    """Move entries to the child they are of. They stay on the story of both; undone by moving them back."""
    with opened(context) as hub:
        by = on_duty(hub, IDENTITY)
        goes = child_for(hub, by, to, "move-entries") if to else None
        ids = [uuid_of(entry) for entry in entries]
        other = split(hub.records, child_for(hub, by, child, "move-entries"), ids, by, reason, uuid4, goes)
    say(f"{len(ids)} entries now stand on {other}")


def rebuild(
    context: typer.Context,
    projection: Annotated[str, typer.Argument(help="Its name: see 'hub status'.")],
) -> None:
    """Draw a projection again beside the one in use, then put it in its place."""
    with opened(context) as hub:
        follower = hub.follower(projection)
        total = hub.records.archive.rows.max_notification_id() or 0
        with progress(f"rebuilding {projection}", total) as advance:
            before, after = follower.rebuild(advance)
    say(f"{projection}: {before} rows before, {after} after")


def verify(
    context: typer.Context,
    contents: Annotated[
        bool, typer.Option("--contents", help="Also compare every word with what its agency signed.")
    ] = False,
    kept: Annotated[
        list[Path] | None,
        typer.Option("--kept", help="A checkpoint that a witness or an auditor kept; may be repeated."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Derive the ledger again from what is stored, and check every agency's signature.

    Names the first place where anything was changed, and each entry that its agency did not sign. What is
    laid down here can be lost with the hub: give what was kept outside.
    """
    outside = [_kept(file) for file in kept or ()]
    with opened(context) as hub:
        total = hub.ledger.ledger.size()
        with progress("verifying", total) as advance:
            last = 0

            def told(done: int, _: int) -> None:
                nonlocal last
                advance(done - last)
                last = done

            verdict = hub.ledger.verify(told, outside)
        with progress("checking signatures", total) as advance:
            signed = signatures_of(hub, contents=contents, told=advance)
    holds = verdict.holds and signed.holds
    if json:
        say_json({"holds": holds, **verdict._asdict(), "signatures": signed})
    else:
        say(f"{verdict.rows} events read, {verdict.covered} vouched for by signed checkpoints, ")
        say(f"{verdict.not_covered} recorded since the last one")
        for fault in verdict.faults:
            say(f"  {_fault(fault)}")
        say(f"{signed.entries} entries of agencies, {signed.statements} statements that agencies signed")
        for unsound in signed.unsound[:SHOWN]:
            say(f"  position {unsound.position}: {unsound.what}")
        say("nothing was changed, dropped, reordered or inserted" if holds else "NOT as it was signed")
    if not holds:
        raise typer.Exit(1)


def _kept(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, ValueError):
        raise Refused(f"{file.name} cannot be read") from None


def signatures_of(hub: Hub, *, contents: bool, told: Callable[[int], None]) -> Signed:
    """Check what agencies signed, with the keys the hub knows of them."""
    archive = hub.records.archive
    agencies = load_agency_keys(hub.settings.agency_keys)
    return check(archive.rows, archive.sealing, agencies, hub.keys if contents else None, told)


def _fault(fault: Fault) -> str:
    """Where, and what was done there."""
    if fault.position is None:
        return f"checkpoint {fault.checkpoint}: {fault.what}" if fault.checkpoint is not None else fault.what
    through = f" to {fault.through}" if fault.through is not None else ""
    return f"position {fault.position}{through}: {fault.what}"


def _shown(row: Quarantined, for_program: bool) -> dict[str, object]:
    held = row.held
    return {
        "id": row.id,
        "place": f"{held.topic}/{held.partition}@{held.offset}",
        "reason": held.reason,
        "fields": stdlib_json.loads(held.fields),
        "held_at": held.at if for_program else when(datetime.fromisoformat(held.at)),
        "state": row.state,
        "ended_by": row.ended_by,
    }
