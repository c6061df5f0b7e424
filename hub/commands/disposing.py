"""Erasure, holds and retention, as they are typed: asked by one person, confirmed by another."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer

from hub.casework.duties import DISPOSAL
from hub.commands.acting import acting_in_any_role, on_duty
from hub.commands.barred import child_for, is_barred
from hub.commands.saying import AsJson, opened, say, say_json, uuid_of, when
from hub.commands.upkeep import Reason
from hub.compose import Hub
from hub.disposal import erasing, peppers, resealing, retention
from hub.domain.by import By
from hub.domain.disposal import NONE_WAITS, Erasure
from hub.errors import Refused
from hub.records import Records

Child = Annotated[str, typer.Argument(help="The child's id, or NHS number.")]
Of = Annotated[
    str, typer.Option("--of", help="Whose hold, by their person; without: one's own, or the only one.")
]
ErasureId = Annotated[str, typer.Argument(help="The erasure's id: see 'hub keys erasures'.")]

retention_commands = typer.Typer(
    help="How long what is kept, on which ground; what is due; approving it.", no_args_is_help=True
)


def erase(
    context: typer.Context,
    child: Child,
    reason: Reason,
    authority: Annotated[
        str, typer.Option("--authority", help="The ground: the law, the order, the decision's reference.")
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="Only this scope, may be repeated; without: everything."),
    ] = None,
) -> None:
    """Ask that a child's keys be destroyed. Nothing is destroyed before another person confirms it."""
    with opened(context) as hub:
        by = on_duty(hub, DISPOSAL, fresh=True)
        unknown = sorted(set(scope or ()) - set(hub.key_store.scopes()))
        if unknown:
            raise typer.BadParameter(f"no such scope: {', '.join(unknown)}")
        id_ = uuid4()
        who = child_for(hub, by, child, "erase")
        erasing.ask_erasure(hub.records, id_, who, scope, reason, authority, by)
    say(f"asked: {id_}")
    say(f"another person confirms it with 'hub keys confirm-erasure {id_}'")


def confirm_erasure(context: typer.Context, erasure: ErasureId) -> None:
    """Confirm an erasure that another person asked for. It is carried out at once, and cannot be undone."""
    with opened(context) as hub:
        by = on_duty(hub, DISPOSAL, fresh=True)
        asked = _asked_for(hub, by, erasure)
        done = erasing.confirm_erasure(hub.records, hub.key_store, asked, by)
        left = erasing.lacking(hub.records, done)
    assert done.certificate is not None  # noqa: S101 — carried out
    say(f"erased: {done.certificate.keys} keys destroyed, {len(done.certificate.versions)} scopes rotated")
    say("final, even from a stray back-up, once 'hub keys finish-erasures' has run 35 days from now")
    if left:
        say(f"withdrawn by their holders, not rotated: {', '.join(sorted(left))}; 35 days from its return")


def refuse_erasure(context: typer.Context, erasure: ErasureId, reason: Reason) -> None:
    """Say that an erasure will not be done, and why; or no more of one that is kept back."""
    with opened(context) as hub:
        by = on_duty(hub, DISPOSAL)
        asked = _asked_for(hub, by, erasure)
        erasing.refuse_erasure(hub.records, asked, reason, by)
        stopped = erasing.disposals(hub.records).erasures[asked].confirmed
    if stopped:
        say("stopped; what it had destroyed stays destroyed: 'hub keys finish-erasures' certifies it")
    else:
        say("refused; nothing was destroyed")


def erasures(context: typer.Context, json: AsJson = False) -> None:
    """List what was asked to be erased, and what became of it. Of what is erased it is the certificate."""
    with opened(context) as hub:
        by, found = acting_in_any_role(hub), erasing.disposals(hub.records).erasures.values()
        rows = [_row(hub.records, each) for each in found if not is_barred(hub, by, each.asked.records)]
    if json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['erasure']}  {row['state']:<9} asked {row['asked_at']} by {row['asked_by']}")
        say(f"  {row['what']}, on {row['authority']}: {row['reason']}")
        if row["confirmed_by"]:
            done = f"; {row['keys']} keys destroyed {row['disposed_at']}" if row["disposed_at"] else ""
            say(f"  confirmed by {row['confirmed_by']}{done}")
        if row["kept_back"]:
            say(f"  NOT CARRIED OUT: {row['kept_back']}")
        if row["withdrawn"]:
            say(f"  not final before their holders give back: {', '.join(row['withdrawn'])}")


def finish_erasures(context: typer.Context) -> None:
    """Carry out what was broken off; destroy keys and peppers that only back-ups older than 35 days need."""
    with opened(context) as hub:
        done = erasing.finish(hub.records, hub.key_store, hub.clock())
        waiting = [one for one in erasing.disposals(hub.records).erasures.values() if one.under_way]
        kept_back = {one.asked.erasure: erasing.kept_back(hub.records, one) for one in waiting}
        gone = peppers.finish(hub.records, hub.key_file, hub.clock())
        older = resealing.finish(hub.records, hub.clock())
    say(f"{len(done)} erasures are final" if done else "nothing is due")
    for erasure in (one for one, why in kept_back.items() if why):
        say(f"confirmed and NOT CARRIED OUT: {erasure}; 'hub keys erasures' says why")
    for generation in gone:
        say(f"generation {generation} of the peppers is destroyed")
    if older.destroyed:
        say(f"{older.destroyed} older keys of children are destroyed: what they had sealed is sealed again")
    if older.kept:
        say(f"{older.kept} older keys of children stay, something stands under them: 'hub keys reseal' again")


def hold(context: typer.Context, child: Child, reason: Reason) -> None:
    """Hold everything of a child back from disposal: an inquiry, a claim, an investigation."""
    with opened(context) as hub:
        by = on_duty(hub, DISPOSAL)
        late = erasing.hold_child(hub.records, child_for(hub, by, child, "hold"), reason, by)
    say("held: nothing of this child is disposed of until the hold is lifted")
    for erasure in late:
        say(
            f"it may be TOO LATE: {erasure} was being carried out; 'hub keys erasures' says what became of it"
        )


def lift_hold(context: typer.Context, child: Child, reason: Reason, of: Of = "") -> None:
    """Lift one's own hold, or another's, whose person is named (`--of`): what others hold stays held."""
    with opened(context) as hub:
        by = on_duty(hub, DISPOSAL)
        erasing.lift_hold(hub.records, child_for(hub, by, child, "lift-hold"), reason, by, of)
    say("lifted")


@retention_commands.command("show")
def show(context: typer.Context, json: AsJson = False) -> None:
    """Say how long what is kept, and on which ground."""
    with opened(context) as hub:
        schedule = retention.load(hub.settings.retention or retention.SHIPPED)
    rows = [
        {"class": c.code, "kept": c.until, "ground": c.ground, "kinds": sum(1 for _ in schedule.kinds_of(c))}
        for c in schedule.classes
    ]
    if json:
        say_json({"schedule": schedule.name, "classes": rows})
        return
    say(f"schedule {schedule.name}")
    for row in rows:
        say(f"  {row['class']:<24} {row['kept']:<34} {row['kinds']} types")
        say(f"    {row['ground']}")


@retention_commands.command("due")
def due(context: typer.Context, json: AsJson = False) -> None:
    """List what the schedule says is due for disposal. Nothing is disposed of before a person approves it."""
    with opened(context) as hub:
        by = acting_in_any_role(hub)
        schedule = retention.load(hub.settings.retention or retention.SHIPPED)
        every = retention.due(hub.records, schedule, hub.clock())
        found = [each for each in every if not is_barred(hub, by, [each.child])]
    if json:
        say_json([each._asdict() for each in found])
        return
    for each in found:
        what = ", ".join(each.scopes) if each.scopes else "everything"
        held = f"  HELD: {each.held}" if each.held else ""
        say(f"{each.child}  {what}  since {each.since.isoformat()}  {each.authority}{held}")
    if not found:
        say("nothing is due")


@retention_commands.command("approve")
def approve(context: typer.Context, child: Child, reason: Reason) -> None:
    """Approve what is due of a child: it is disposed of at once, with a certificate."""
    with opened(context) as hub:
        by = on_duty(hub, DISPOSAL, fresh=True)
        schedule = retention.load(hub.settings.retention or retention.SHIPPED)
        who = child_for(hub, by, child, "dispose")
        done = retention.approve(hub.records, hub.key_store, schedule, who, uuid4(), hub.clock(), by, reason)
    assert done.certificate is not None  # noqa: S101 — carried out
    say(f"disposed of: {done.certificate.keys} keys destroyed; certificate {done.asked.erasure}")


def _asked_for(hub: Hub, by: By, named: str) -> UUID:
    """The erasure that is meant. Raises Refused, as for none, for one of a record that is barred to them."""
    erasure = uuid_of(named)
    found = erasing.disposals(hub.records).erasures.get(erasure)
    if found is not None and is_barred(hub, [by], found.asked.records):
        raise Refused(NONE_WAITS)
    return erasure


def _row(records: Records, each: Erasure) -> dict[str, Any]:
    asked, certificate = each.asked, each.certificate
    waits = erasing.lacking(records, each) if certificate and not each.final_at else ()
    return {
        "erasure": str(asked.erasure),
        "state": each.state,
        "asked_at": when(each.asked_at),
        "asked_by": asked.by.person,
        "what": ", ".join(asked.scopes) if asked.scopes is not None else "everything",
        "records": [str(record) for record in asked.records],
        "authority": asked.authority,
        "reason": asked.reason,
        "confirmed_by": each.confirmed.by.person if each.confirmed else None,
        "keys": certificate.keys if certificate else 0,
        "versions": {scope: version for scope, (version, _) in each.rotated.items()},
        "kept_back": erasing.kept_back(records, each),
        "withdrawn": sorted(waits),
        "disposed_at": when(each.disposed_at) if each.disposed_at else None,
        "final_at": when(each.final_at) if each.final_at else None,
    }


COMMANDS: dict[str, Callable[..., Any]] = {
    "erase": erase,
    "confirm-erasure": confirm_erasure,
    "refuse-erasure": refuse_erasure,
    "erasures": erasures,
    "finish-erasures": finish_erasures,
    "hold": hold,
    "lift-hold": lift_hold,
}
