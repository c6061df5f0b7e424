"""Who acts at the command line: in a demonstration whom they name, in live data who signed in."""

import os
from collections.abc import Collection

from hub.casework.duties import ADMISSION, GOVERNANCE, Duty
from hub.compose import Hub
from hub.domain.child import By
from hub.domain.practitioner import Grant, Practitioner
from hub.errors import NotAllowed, Refused
from hub.identity import command_line, providers
from hub.identity.command_line import NotSignedIn
from hub.identity.practitioners import Practitioners


def on_duty(hub: Hub, duty: Duty, *, fresh: bool = False) -> By:
    """Who does this duty now: in a demonstration the machine's user, in live data who signed in.

    Raises NotSignedIn; NotAllowed for somebody who has none of the duty's roles. `fresh` as in `acting_as`.
    """
    if hub.demo:
        return machine_user()
    who = _somebody(hub, fresh=fresh)
    # Whoever answers for policies adopts another, though the one in force has their role no more.
    grants = who.roles(hub.clock()) if duty is GOVERNANCE else roles_of(hub, who)
    held = [grant.role for grant in grants if grant.role in duty.roles]
    if not held:
        raise NotAllowed(f"{duty.what} are for {_either(duty.roles)}")
    return who.by(held[0])


def admitting(hub: Hub, role: str) -> By:
    """Who gives somebody a role.

    Where nobody may admit anybody (a new hub, or the last one left), the machine's user gives a role that
    may, and no other: from there on people are let in by people who signed in. Raises NotSignedIn,
    NotAllowed.
    """
    everyone = Practitioners(hub.records, hub.policy).everyone()
    if hub.demo or any(grant.role in ADMISSION.roles for each in everyone for grant in roles_of(hub, each)):
        return on_duty(hub, ADMISSION)
    if role not in ADMISSION.roles:
        raise NotAllowed(f"nobody may let others in yet: grant {_either(ADMISSION.roles)} first")
    return machine_user()


def machine_user() -> By:
    """Who runs this command, as the machine knows them: believed in a demonstration, and to begin with."""
    return By(f"{os.environ.get('USER') or 'operator'}@local", "operator", "hub")


def whoever(hub: Hub) -> By:
    """Who did what the machine's user could do past the hub: who signed in, else the machine's user."""
    if hub.demo:
        return machine_user()
    try:
        who = _somebody(hub, fresh=False)
    except NotSignedIn:
        return machine_user()
    held = roles_of(hub, who)
    return who.by(held[0].role) if held else machine_user()


def acting_as(hub: Hub, role: str, *, fresh: bool = False) -> By:
    """Whoever acts in a role of the policy.

    `fresh`: for the gravest acts (breaking the glass, export, erasure) they must have shown who they are
    within five minutes. Raises NotSignedIn, NotAllowed, Refused.
    """
    if hub.demo:
        if role not in hub.policy.roles:
            raise Refused(f"a role is one of: {', '.join(hub.policy.roles)}")
        return By(f"demo-{role}", role, hub.policy.roles[role].agency.value)
    who = _somebody(hub, fresh=fresh)
    if role not in [grant.role for grant in roles_of(hub, who)]:
        raise NotAllowed("You may not act in this role")
    return who.by(role)


def acting_in_any_role(hub: Hub) -> list[By]:
    """Who looks at a list, in each of their roles. Raises NotSignedIn, or NotAllowed where they have none."""
    if hub.demo:
        return [machine_user()]
    who = _somebody(hub, fresh=False)
    held = roles_of(hub, who)
    if not held:
        raise NotAllowed("You have no role here")
    return [who.by(grant.role) for grant in held]


def roles_of(hub: Hub, who: Practitioner) -> list[Grant]:
    """The roles they may act in now: those given to them that the policy in force has (decision 93)."""
    policy = hub.policy
    return [grant for grant in who.roles(hub.clock()) if policy.role_at(grant.role, grant.agency) is not None]


def person_named(hub: Hub, named: str) -> By:
    """Somebody, as they are named at the command line: PERSON:ROLE. Raises Refused."""
    person, _, role = named.rpartition(":")
    found = hub.policy.roles.get(role)
    if found is None or not person:
        raise Refused(f"a person is PERSON:ROLE, of the roles {', '.join(hub.policy.roles)}")
    return By(person, role, found.agency.value)


def _somebody(hub: Hub, *, fresh: bool) -> Practitioner:
    path, index = hub.settings.signed_in, hub.records.index
    session = command_line.read(path, index, hub.clock)
    now = hub.clock()
    if fresh and now - session.authenticated > command_line.FRESH:
        raise NotSignedIn("show again who you are: run 'hub sign-in --again'")
    who = Practitioners(hub.records, hub.policy).standing(session.practitioner)
    issuers = {p.issuer: p for p in providers.load(hub.settings.identity_providers)}
    trusted = issuers.get(who.issuer)
    if trusted is None or trusted.name != session.provider or who.departures != session.departures:
        raise NotSignedIn("your access has ended")
    command_line.write(path, session._replace(seen=now), index)
    return who


def _either(roles: Collection[str]) -> str:
    return " or ".join(roles)
