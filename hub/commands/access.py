"""Who may come in: practitioners and their roles, partners' systems and their keys. Recorded as events."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from hub.casework.duties import ADMISSION
from hub.commands.acting import acting_in_any_role, admitting, on_duty
from hub.commands.saying import AsJson, opened, say, say_aside, say_json, when
from hub.compose import Hub
from hub.domain.practitioner import OnePerson
from hub.errors import Refused
from hub.identity import providers
from hub.identity.practitioners import Practitioners
from hub.identity.systems import Systems
from hub.records.clock import parse_moment
from schemas.system_access import public_key

people = typer.Typer(help="Practitioners: who may act in which role.", no_args_is_help=True)
systems = typer.Typer(help="Partners' systems that read over HTTP.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(help="The practitioner's id (see 'hub people list').")]
Other = Annotated[str, typer.Argument(help="The id of the other account.")]
Role = Annotated[str, typer.Option("--role", help="A role of the policy, of the provider's own agency.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]
Until = Annotated[str | None, typer.Option("--until", help="When it ends, for instance 2027-03-31.")]
Name = Annotated[str, typer.Argument(help="The system's name.")]


@people.command("grant")
def grant(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="The name of the provider that vouches for them.")],
    subject: Annotated[str, typer.Argument(help="How the provider calls them: the `sub` of its tokens.")],
    role: Role,
    reason: Reason,
    until: Until = None,
) -> None:
    """Let somebody act in a role. Who they are their provider proves; what they may do stands here."""
    with opened(context) as hub:
        named = {p.name: p for p in providers.load(hub.settings.identity_providers)}
        if provider not in named:
            raise Refused(f"no such provider; there are: {', '.join(named)}")
        by = named[provider]
        practitioners = Practitioners(hub.records, hub.policy)
        found = practitioners.grant(
            by.issuer, subject, role, by.agency.value, _moment(until), admitting(hub, role), reason
        )
        alike = practitioners.called_alike(found)
    say(f"{found.person} may act as {role}")
    if found.has_anew(role):
        say_aside(
            f"{found.person} has had this role before: allocations, meetings and requests granted to them "
            "then, and not ended since, hold again"
        )
    for each in alike:
        say_aside(
            f"{each.person} is called the same by {each.issuer}: if both are one person's, say so, or each "
            f"counts as a second person: hub people one-person {found.person} {each.person} --reason …"
        )


@people.command("withdraw")
def withdraw(context: typer.Context, person: Person, role: Role, reason: Reason) -> None:
    """Take a role back: sessions in it end at once."""
    with opened(context) as hub:
        by = on_duty(hub, ADMISSION)
        Practitioners(hub.records, hub.policy).withdraw(_known(hub, person), role, by, reason)
    say(f"{person} may not act as {role} any more")


@people.command("leave")
def leave(context: typer.Context, person: Person, reason: Reason) -> None:
    """Let somebody leave: every role and every session of theirs ends at once."""
    with opened(context) as hub:
        by = on_duty(hub, ADMISSION)
        Practitioners(hub.records, hub.policy).depart(_known(hub, person), by, reason)
    say(f"{person} has left")


@people.command("one-person")
def one_person(context: typer.Context, person: Person, other: Other, reason: Reason) -> None:
    """Say that two accounts are one person's: whatever wants a second person, neither is the other's."""
    with opened(context) as hub:
        by, ids = on_duty(hub, ADMISSION), (_known(hub, person), _known(hub, other))
        Practitioners(hub.records, hub.policy).one_person(*ids, by, reason)
    say(f"{person} and {other} are one person")


@people.command("two-persons")
def two_persons(context: typer.Context, person: Person, other: Other, reason: Reason) -> None:
    """Say that two accounts are two persons' after all. Nobody says it of their own."""
    with opened(context) as hub:
        by, ids = on_duty(hub, ADMISSION), (_known(hub, person), _known(hub, other))
        Practitioners(hub.records, hub.policy).two_persons(*ids, by, reason)
    say(f"{person} and {other} are two persons")


@people.command("list")
def list_people(context: typer.Context, json: AsJson = False) -> None:
    """List practitioners: id, provider's name for them, roles, and when they last signed in."""
    with opened(context) as hub:
        acting_in_any_role(hub)
        now, everyone = hub.clock(), Practitioners(hub.records, hub.policy).everyone()
    rows = [
        {
            "person": each.person,
            "issuer": each.issuer,
            "subject": each.subject,
            "roles": [grant.role for grant in each.roles(now)],
            "signed_in_at": each.signed_in_at,
            "one_person_with": sorted(each.one_with),
        }
        for each in everyone
    ]
    if json:
        say_json(rows)
        return
    for each in everyone:
        seen = f"last signed in {when(each.signed_in_at)}" if each.signed_in_at else "never signed in"
        roles = ", ".join(grant.role for grant in each.roles(now)) or "no role"
        say(f"{each.person}  {each.subject} of {each.issuer}: {roles}; {seen}")
        for at, said in each.said:
            what = "one person" if isinstance(said, OnePerson) else "two persons"
            by = f"{said.by.person} ({said.by.role})"
            say(f"    {when(at)}  {what} with {said.other}, said by {by}: {said.reason}")


@systems.command("admit")
def admit(
    context: typer.Context,
    name: Name,
    role: Annotated[str, typer.Option("--role", help="The role it reads as, of the agency it belongs to.")],
    key: Annotated[Path, typer.Option("--key", help="Its public key: a JWK or PEM file.")],
    reason: Reason,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="Its certificate (PEM): it must then come with it.")
    ] = None,
    until: Until = None,
) -> None:
    """Let a partner's system read as a role, once it has proved who it is with its key (private_key_jwt)."""
    try:
        public, bound = public_key(key.read_text()), _thumbprint(certificate)
    except (OSError, ValueError) as error:
        raise Refused(f"the key or certificate cannot be used: {_why(error)}") from None
    with opened(context) as hub:
        Systems(hub.records, hub.policy).admit(
            name, role, public, bound, _moment(until), on_duty(hub, ADMISSION), reason
        )
    say(f"{name} may read as {role}" + (" over connections with its certificate" if bound else ""))


@systems.command("dismiss")
def dismiss(context: typer.Context, name: Name, reason: Reason) -> None:
    """Let a system do nothing any more: its tokens are void at once."""
    with opened(context) as hub:
        Systems(hub.records, hub.policy).dismiss(name, on_duty(hub, ADMISSION), reason)
    say(f"{name} is dismissed")


@systems.command("list")
def list_systems(context: typer.Context, json: AsJson = False) -> None:
    """List the systems that are admitted."""
    with opened(context) as hub:
        acting_in_any_role(hub)
        now = hub.clock()
        found = [s.standing(now) for s in Systems(hub.records, hub.policy).everything()]
    rows = [
        {"system": a.name, "agency": a.agency, "role": a.role, "certificate": a.certificate.hex() or None}
        for a in found
        if a is not None
    ]
    if json:
        say_json(rows)
        return
    for row in rows:
        say(f"{row['system']}  reads as {row['role']} of {row['agency']}")


def _known(hub: Hub, person: str) -> UUID:
    try:
        id_ = UUID(hex=person)
    except ValueError:
        raise Refused("not an id; see 'hub people list'") from None
    if not Practitioners(hub.records, hub.policy).standing(id_).issuer:
        raise Refused("no practitioner under this id; see 'hub people list'")
    return id_


def _moment(text: str | None) -> datetime | None:
    return parse_moment(text) if text else None


def _thumbprint(certificate: Path | None) -> bytes:
    if certificate is None:
        return b""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).fingerprint(SHA256())


def _why(error: Exception) -> str:
    return (error.strerror or "cannot be read") if isinstance(error, OSError) else str(error)
