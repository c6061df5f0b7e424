"""Care of keys: how they stand, rotating, rolling what agencies seal to, shutting a scope, ending a key."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from hub.casework.duties import UPKEEP
from hub.commands.acting import on_duty, whoever
from hub.commands.reading import Child
from hub.commands.saying import AsJson, child_named, opened, progress, say, say_json, settings_of, when
from hub.compose import SCOPES, Hub
from hub.confidentiality.agency_keys import end_agency_key, load_agency_keys, remove_agency_key
from hub.confidentiality.holder import HOUSE, Holder
from hub.confidentiality.key_file import KeyFile
from hub.confidentiality.keys import SECONDS
from hub.confidentiality.vault_policies import PROCESSES, policy
from hub.disposal import enrolling, peppers, renewing, resealing, rolling, rotating
from hub.domain.feed import AgencyKeyChanged, KeyChange
from hub.errors import Refused

RETAINED_DAYS = 14
"""How long a topic may still hold what was sealed to a key that has been replaced."""

ScopeName = Annotated[str, typer.Argument(help="The scope: see 'hub keys status'.")]
AgencyName = Annotated[str, typer.Argument(help="The agency.")]
KeyId = Annotated[str, typer.Argument(help="The key's id: see 'hub keys agencies'.")]


def status(context: typer.Context, json: AsJson = False) -> None:
    """Say which keys there are, by scope and version. Never a key."""
    with opened(context) as hub:
        scopes, shut = dict(hub.key_store.scopes()), sorted(hub.key_store.withdrawn())
        peppers_ = hub.records.peppers.standing()
        rotated = rotating.last_rotated(hub.records)
        standing = {
            "key file": hub.key_file.id,
            "scopes": scopes,
            "rotated": {scope: at.isoformat() for scope, at in rotated.items()},
            "withdrawn": shut,
            "peppers": {"generation": peppers_.live, "turning to": peppers_.turning},
        }
    if json:
        say_json(standing)
        return
    say(f"key file {standing['key file']}")
    for scope, version in scopes.items():
        since = f", rotated {when(rotated[scope])}" if scope in rotated else ""
        say(f"  {scope:<20} version {version}{since}{'  withdrawn' if scope in shut else ''}")
    turning = f", being turned to {peppers_.turning}" if peppers_.turning else ""
    say(f"children are found by generation {peppers_.live} of the peppers{turning}")


def rotate(
    context: typer.Context,
    scope: ScopeName,
    resume: Annotated[
        bool, typer.Option("--resume", help="Make no newer key: finish a rotation that was cut off.")
    ] = False,
) -> None:
    """Make a newer key for a scope and wrap every child's data key under it, while the hub goes on.

    No event is touched. The older key is kept until 'hub keys destroy-version'.
    """
    with opened(context) as hub:
        _known(hub, scope)
        with progress(f"rotating {scope}", len(hub.records.children()) + 1) as told:
            held, by = Holder(hub.key_file, hub.key_store), whoever(hub)
            done = rotating.rotate(hub.records, held, scope, resume=resume, by=by, told=told)
    what = "the hub's own secrets" if scope == HOUSE else f"{done.keys} data keys"
    say(f"{scope}: {what} are now under version {done.version}")
    if done.unreadable:
        say(f"{done.unreadable} could not be read: altered, or their key is gone")
        raise typer.Exit(1)


def destroy_version(
    context: typer.Context,
    scope: ScopeName,
    version: Annotated[int, typer.Argument(help="This version and all before it.")],
) -> None:
    """Destroy an older key of a scope for good: no back-up that is wrapped under it can be opened again."""
    with opened(context) as hub:
        _known(hub, scope)
        oldest = hub.key_file.sealed_under() if scope == HOUSE else hub.keys.oldest(scope)
        if oldest is not None and oldest <= version:
            raise Refused(
                f"data keys are still under version {oldest}: 'hub keys rotate {scope} --resume' first"
            )
        hub.key_store.destroy_version(scope, version)
    say(f"{scope}: version {version} and all before it are destroyed")


def rotate_pepper(
    context: typer.Context,
    let_go_dark: Annotated[
        bool,
        typer.Option("--let-go-dark", help="Leave behind what no record of a living child says any more."),
    ] = False,
) -> None:
    """Turn to newer peppers: the living are claimed anew, while the hub goes on; the erased go dark.

    One that was broken off goes on where it was. The older peppers are destroyed 35 days later, by 'hub keys
    finish-erasures', or by 'hub keys destroy-pepper'.
    """
    with opened(context) as hub:
        before = hub.records.peppers.standing()
        with progress("turning the peppers", len(hub.records.children())) as told:
            done = peppers.turn(hub.records, hub.key_file, let_go_dark=let_go_dark, told=told)
    say(f"children are found by generation {done.generation}: {done.claimed} identifiers claimed anew")
    say(f"{done.dark} identifiers of erased children stay behind, and go dark with generation {before.live}")
    if done.unreadable:
        say(f"{done.unreadable} of living children that nothing readable names stay behind too")


def destroy_pepper(
    context: typer.Context,
    generation: Annotated[int, typer.Argument(help="See 'hub keys rotate-pepper'.")],
) -> None:
    """Destroy peppers that were turned away from, now: no back-up from before can find children again."""
    with opened(context) as hub:
        peppers.destroy(hub.records, hub.key_file, generation)
    say(f"generation {generation} of the peppers is destroyed: destroy your copies of the key file too")


def withdraw(
    context: typer.Context,
    scope: ScopeName,
    back: Annotated[bool, typer.Option("--back", help="Let it be used again.")] = False,
) -> None:
    """Shut a scope on its holder's word: nothing in it is opened or sealed. What arrives for it is held.

    A scope whose key is in its holder's own key service is shut there.
    """
    with opened(context) as hub:
        _known(hub, scope)
        if not isinstance(hub.key_file, KeyFile) or scope in hub.settings.vaults:
            raise Refused("the key is in a key service: shut it there")
        hub.key_file.withdraw(scope, back=back)
    say(f"{scope}: {'used again' if back else 'withdrawn; other processes follow within a second'}")


def policies(
    context: typer.Context,
    process: Annotated[
        str, typer.Argument(help="follow; work: intake, pages, telling, commands; keys: an operator's.")
    ],
) -> None:
    """Print the policy of a process's token at each key service of the settings, in HCL."""
    one = next((each for each in PROCESSES if each == process), None)
    if one is None:
        raise Refused(f"there are {', '.join(PROCESSES)}")
    services, rotates = settings_of(context).key_services, settings_of(context).rotate_days is not None
    if not services:
        raise Refused("no key service is named in the settings: the key file holds the keys")
    for held, access in services.items():
        scopes = [held] if held else [*(scope for scope in SCOPES if scope not in services), HOUSE]
        text = policy(one, access, scopes, rotates=rotates and one == "work")
        say(f"# {process} at {access.address}, {held or 'all scopes without a holder of their own'}")
        say(text.rstrip() or "# needs no token there")


def roll(
    context: typer.Context,
    retained: Annotated[
        int, typer.Option("--retained-days", min=1, help="How long the topics keep what was sent.")
    ] = RETAINED_DAYS,
) -> None:
    """Give agencies a newer key to seal to, weekly; destroy those replaced before the topics' retention.

    'hub follow' announces it, agencies take it with their receipts; what was sealed to the older one opens.
    """
    with opened(context) as hub:
        file, kept = hub.settings.hub_public_key, timedelta(days=retained)
        rolled = rolling.roll(hub.records, hub.key_file, file, hub.clock(), retained=kept)
    if rolled is not None:
        say(f"agencies seal to {rolled.kid} from now on: {file}")
        if rolled.destroyed:
            say(f"destroyed: {', '.join(rolled.destroyed)}")


def renew(
    context: typer.Context,
    child: Child,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept, and names no child.")],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="Only this scope; may be repeated. Without: all.")
    ] = None,
) -> None:
    """Make a child's data keys anew, on suspicion that somebody has them. What they sealed still opens.

    What is sealed from now on does not open with the older keys. It is for single children: where a scope's
    own key may be known to others, 'hub keys rotate' wraps every child's keys anew.
    """
    with opened(context) as hub:
        for each in scope or ():
            _known(hub, each)
        by = on_duty(hub, UPKEEP, fresh=True)
        done = renewing.renew(hub.records, child_named(hub, child), scope or (), reason, by)
    say(f"{done} data keys are renewed; other processes seal with them within {SECONDS / 60:.0f} minutes")


def reseal(
    context: typer.Context,
    child: Child,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept, and names no child.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="Only this scope; may be repeated. Without: all but the spine."),
    ] = None,
) -> None:
    """Seal again, under a child's newer keys, what older ones sealed: five minutes after 'hub keys renew'.

    Rows are never changed: who has an older key, the spine's and the store reads the older rows for ever.
    'hub keys finish-erasures' destroys the older keys 35 days later.
    """
    with opened(context) as hub:
        for each in scope or ():
            _known(hub, each)
        by = on_duty(hub, UPKEEP, fresh=True)
        done = resealing.reseal(hub.records, child_named(hub, child), scope or (), reason, by)
    say(f"{done.envelopes} envelopes are sealed again")
    if done.left:
        scopes = ", ".join(sorted(set(done.left)))
        say(f"{len(done.left)} could not be: the older keys of {scopes} stay (docs/operating.md)")
        raise typer.Exit(1)
    say("'hub keys finish-erasures' destroys the older keys 35 days from now")


def agencies(
    context: typer.Context,
    who: Annotated[
        bool, typer.Option("--who", help="Instead: who took on, or ended, which and when.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List the agencies' public keys: who may sign with which, from when until when."""
    with opened(context) as hub:
        if who:
            _say_changes(enrolling.noted(hub.records), json=json)
            return
        keys = load_agency_keys(hub.settings.agency_keys)
    rows = [
        {
            "agency": agency,
            "key": key_id,
            "from": key.valid_from.isoformat(),
            "until": key.valid_until.isoformat() if key.valid_until else "",
        }
        for (agency, key_id), key in sorted(keys.items(), key=lambda at: at[0])
    ]
    if json:
        say_json(rows)
        return
    for row in rows:
        until = f"  until {row['until']}" if row["until"] else ""
        say(f"{row['agency']:<16} {row['key']:<18} from {row['from']}{until}")


def _say_changes(changes: list[tuple[datetime, AgencyKeyChanged]], *, json: bool) -> None:
    if json:
        say_json(
            [
                {
                    "at": at.isoformat(),
                    "agency": one.agency,
                    "key": one.key,
                    "what": one.what.value,
                    "person": one.by.person,
                    "role": one.by.role,
                }
                for at, one in changes
            ]
        )
        return
    for at, one in changes:
        say(f"{when(at)}  {one.agency:<16} {one.key:<18} {one.what} by {one.by.person} ({one.by.role})")


def end(
    context: typer.Context,
    agency: AgencyName,
    key: KeyId,
    at: Annotated[datetime | None, typer.Option("--at", help="From when on; without: now.")] = None,
) -> None:
    """End a key that an agency has replaced: what it signed before stays good."""
    with opened(context) as hub:
        until = at.astimezone() if at else hub.clock()
        end_agency_key(hub.settings.agency_keys, agency, key, until)
        enrolling.note(hub.records, agency, key, KeyChange.ENDED, whoever(hub))
    say(f"{agency}: key {key} signs nothing from {until.isoformat()} on")


def stolen(context: typer.Context, agency: AgencyName, key: KeyId) -> None:
    """Believe nothing that a stolen key signed, whenever it says it did: it is held from now on."""
    with opened(context) as hub:
        remove_agency_key(hub.settings.agency_keys, agency, key)
        enrolling.note(hub.records, agency, key, KeyChange.STOLEN, whoever(hub))
    say(f"{agency}: nothing signed with {key} is believed")


def _known(hub: Hub, scope: str) -> None:
    if scope not in hub.key_store.scopes():
        raise Refused("no such scope: see 'hub keys status'")


COMMANDS: dict[str, Callable[..., Any]] = {
    "status": status,
    "rotate": rotate,
    "destroy-version": destroy_version,
    "rotate-pepper": rotate_pepper,
    "destroy-pepper": destroy_pepper,
    "withdraw": withdraw,
    "policies": policies,
    "roll": roll,
    "renew": renew,
    "reseal": reseal,
    "agencies": agencies,
    "end": end,
    "stolen": stolen,
}
