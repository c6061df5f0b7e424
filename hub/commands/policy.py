"""The policy, as whoever answers for it reads it: checked, shown by role and scope, explained, compared."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from hub.audit.explaining import disclosure_at
from hub.audit.explaining import explain as explained
from hub.casework.duties import GOVERNANCE
from hub.commands.acting import acting_as, on_duty
from hub.commands.reading import AUDITOR
from hub.commands.saying import (
    AsJson,
    child_named,
    opened,
    say,
    say_json,
    settings_of,
    waiting_said,
    when,
)
from hub.confidentiality.secret_file import KeyFileUnusable
from hub.domain.feed import PolicyAdopted
from hub.engines import NotFounded
from hub.errors import Refused
from hub.records.clock import system_clock
from hub.sharing.agreements import SHIPPED as SHIPPED_AGREEMENTS
from hub.sharing.assessment import assessment
from hub.sharing.policy import SHIPPED, Policy, PolicyInvalid, load
from hub.sharing.policy_changes import PolicyChange, changes
from schemas.scope import Scope

policy = typer.Typer(
    help="Who may see what: check, show, explain and compare the policy.", no_args_is_help=True
)
File = Annotated[Path | None, typer.Option("--file", help="Another policy file than the hub's own.")]
Agreements = Annotated[
    Path | None, typer.Option("--agreements", help="Another file of sharing agreements than the hub's own.")
]


def _loaded(context: typer.Context, file: Path | None, agreements: Path | None) -> Policy:
    settings = settings_of(context)
    return load(file or settings.policy or SHIPPED, agreements or settings.agreements or SHIPPED_AGREEMENTS)


def _asked(
    context: typer.Context, file: Path | None, agreements: Path | None = None
) -> tuple[Policy, str, str]:
    """The policy that the hub works under, who adopted it, and what waits; or the files that are named.

    Where there is no hub yet it is the file on disk, which nobody adopted.
    """
    if file is not None or agreements is not None:
        return _loaded(context, file, agreements), "", ""
    try:
        with opened(context) as hub:
            adopted = hub.share.disclosures.adopted(hub.policy.name)
            by = ", ".join(
                f"{one.by.person} ({one.by.role}) on {when(at)}{_called(one)}" for at, one in adopted
            )
            return hub.policy, f"adopted by {by or 'nobody: see hub policy adopt'}", waiting_said(hub)
    except (NotFounded, KeyFileUnusable):
        return _loaded(context, None, None), "", ""


def _called(adopted: PolicyAdopted) -> str:
    return f" as “{adopted.called}”" if adopted.called else ""


def _headed(found: Policy, adopted: str, waits: str) -> Iterator[str]:
    yield ", ".join(filter(None, (f"policy {found.name}", adopted)))
    yield from filter(None, (waits,))


@policy.command()
def check(context: typer.Context, file: File = None, agreements: Agreements = None) -> None:
    """Check that the policy is complete and in force. Exit code 2: it is not one; 4: it is out of date.

    Without a file it is the one in use; what lies on disk and waits to be adopted is named.
    """
    found, adopted, waits = _asked(context, file, agreements)
    now = system_clock()
    found.check_in_force(now)
    cells = len(found.roles) * len(Scope)
    say(f"policy {found.name}: {len(found.roles)} roles, {len(Scope)} scopes, all {cells} decided")
    days = found.validity
    say(f"in force from {days.since} to {days.until}; approved by {days.approved_by}")
    for line in filter(None, (adopted, waits)):
        say(line)
    for agreement in found.agreements:
        state = "in force" if agreement.in_force(now) else "NOT IN FORCE: what it covers is not shown"
        say(f"agreement {agreement.id}: {agreement.start_date} to {agreement.end_date}, {state}")
    for document in found.policy_documents:
        say(f"{document}: for {', '.join(sorted(document.purposes))}")
    if found.undocumented:
        say(f"NO POLICY DOCUMENT, nor why none is needed: {', '.join(found.undocumented)}")
    if found.complaints is None:
        say("NOBODY NAMED to complain to: [complaints]")
    if not found.restriction:
        say("NO PURPOSES NAMED for which a restricted entry is still read: [restriction]; all read it")
    for line in closed_said(found):
        say(line)


@policy.command()
def show(
    context: typer.Context,
    role: Annotated[str | None, typer.Option("--role", help="One role's row.")] = None,
    scope: Annotated[str | None, typer.Option("--scope", help="One scope's column.")] = None,
    file: File = None,
    json: AsJson = False,
) -> None:
    """Show a role's row, a scope's column, or the whole table: read, knows, or nothing."""
    found, adopted, waits = _asked(context, file)
    if role is not None and role not in found.roles:
        raise Refused(f"no such role; there are: {', '.join(found.roles)}")
    if scope is not None and scope not in set(Scope):
        raise Refused(f"no such scope; there are: {', '.join(Scope)}")
    roles = [role] if role else list(found.roles)
    scopes = [scope] if scope else [s.value for s in Scope]
    if json:
        say_json({r: {s: found.roles[r].tier(s) for s in scopes} for r in roles})
        return
    for line in _headed(found, adopted, waits) if file is None else ():
        say(line)
    for name in roles:
        row = found.roles[name]
        if role or not scope:
            say(f"{name} ({row.agency}), for {', '.join(sorted(row.purposes)) or 'nothing'}")
        for each in scopes:
            label = f"  {each:<22}" if role or not scope else f"{name:<30}"
            about = f"  {found.scopes[Scope(each)]}" if role else ""
            say(f"{label} {row.tier(each).value:<8}{about}".rstrip())
        for type_, tier in row.types.items() if role else ():
            say(f"  {type_}: at most {tier}")
    for line in _grounds(found, role) if role or not scope else ():
        say(line)


def closed_said(found: Policy) -> Iterator[str]:
    """What is still read of a closed case, step by step, in words."""
    if found.archive is None:
        yield "NOTHING NAMED by which a closed case narrows: [archive]; it is read like any other"
        return
    door = ", ".join(sorted(found.archive.front_door)) or "nothing more"
    for step in found.archive.steps:
        own = "; for any other purpose its own agency's words" if step.own_words else ""
        yield f"{step.days} days after a case is closed: read for {', '.join(sorted(step.purposes))}{own}"
    yield f"the front door reads it for {door} too; what is recorded opens it again, {_quiet(found)} aside"


def _quiet(found: Policy) -> str:
    return ", ".join(found.archive.quiet) if found.archive else ""


def _grounds(found: Policy, role: str | None) -> Iterator[str]:
    for purpose in _purposes(found, role):
        why = found.no_policy_document.get(purpose, "NO POLICY DOCUMENT")
        yield f"{purpose}: {found.purposes[purpose]} · {found.document(purpose) or why}"
    yield from closed_said(found) if role is None else ()


def _purposes(found: Policy, role: str | None) -> list[str]:
    return [p for p in found.purposes if role is None or p in found.roles[role].purposes]


@policy.command()
def adopt(
    context: typer.Context,
    name: Annotated[
        str, typer.Option("--name", help="What people call this version, such as “spring review”.")
    ] = "",
) -> None:
    """Adopt the policy on disk: from then on the hub works under it, and under no other until one is adopted.

    Who did, and which stood before, is recorded for good; its name everybody may read. What changes for whom
    is told as by 'hub policy diff'. Exit code 4: it is not in force today, nothing would be shown under it.
    """
    with opened(context, adopting=True) as hub:
        by, disclosures = on_duty(hub, GOVERNANCE, fresh=True), hub.share.disclosures
        found = hub.policies.on_disk()
        found.check_in_force(hub.clock())
        done = disclosures.adopt(found, by, name)
        try:
            before = disclosures.policy(done.before)
        except PolicyInvalid:
            say("what changes cannot be told: the policy adopted before cannot be read back")
        else:
            _say_changes(changes(before, found) if before else [])
    said = f"policy {done.name} is adopted by {by.person} ({by.role}){_called(done)}"
    say(f"{said}; before it: {done.before or 'none'}")


@policy.command()
def explain(
    context: typer.Context,
    disclosure: Annotated[
        str, typer.Argument(help="A child's id and the number of the event, as 'hub history' has it: ID@57.")
    ],
    json: AsJson = False,
) -> None:
    """Say why something was shown: by the policy that stood then, not by today's."""
    named, _, version = disclosure.partition("@")
    if not version.isdecimal():
        raise Refused("name a disclosure as CHILD@NUMBER, for instance 3f2a9c1b@57")
    with opened(context) as hub:
        acting_as(hub, AUDITOR)
        shown = disclosure_at(hub.records, child_named(hub, named), int(version))
        found = explained(hub.records, hub.share.disclosures, shown)
    if json:
        say_json(found)
        return
    say(f"{when(found.recorded_at)}: {found.question}, to {found.person} ({found.role}, {found.agency})")
    say(f"for {found.purpose}: {found.basis}")
    say(f"under policy {found.policy}; opened: {', '.join(found.scopes) or 'nothing'}")
    for answer in found.answers:
        say(f"  {answer.scope:<22} {answer.tier:<8} {answer.reason}")
    if not found.answers:
        say("  the text of that policy is not kept here")


@policy.command()
def diff(
    context: typer.Context,
    old: Annotated[
        Path | None, typer.Argument(help="The policy as it is; of one file alone, as it would be.")
    ] = None,
    new: Annotated[Path | None, typer.Argument(help="The policy as it would be.")] = None,
    old_agreements: Annotated[Path | None, typer.Option(help="The agreements as they are.")] = None,
    new_agreements: Annotated[Path | None, typer.Option(help="The agreements as they would be.")] = None,
    json: AsJson = False,
) -> None:
    """Say what changes for whom between two policies. Exit code 1 where anybody gets more than before.

    With one file: from the policy in use to that; with none, to what lies on disk and waits to be adopted.
    """
    if new is None:
        old, new = None, old
    was, _, _ = _asked(context, old, old_agreements)
    found = changes(was, _loaded(context, new, new_agreements))
    if json:
        say_json(found)
    else:
        _say_changes(found)
    if not found and not json:
        say("nothing changes for anybody")
    if any(change.widens for change in found):
        raise typer.Exit(1)


def _say_changes(found: Iterable[PolicyChange]) -> None:
    for change in found:
        old, new = change.old or "(none)", change.new or "(none)"
        say(f"{'+' if change.widens else ' '} {change.about}: {old} → {new}")


@policy.command()
def assess(context: typer.Context, file: File = None, agreements: Agreements = None) -> None:
    """Write the skeleton of a data protection impact assessment (DPIA), as Markdown.

    Purposes, bases, roles, scopes and agreements stand in it; what only the controllers can say is marked.
    """
    for line in assessment(_asked(context, file, agreements)[0]):
        say(line)
