"""Who acts at the command line: in a demonstration whom they name, in live data who signed in."""

from hub.compose import Hub
from hub.domain.child import By
from hub.domain.practitioner import Practitioner
from hub.errors import NotAllowed
from hub.identity import command_line, providers
from hub.identity.command_line import NotSignedIn
from hub.identity.practitioners import Practitioners


def acting_as(hub: Hub, role: str, *, fresh: bool = False) -> By:
    """Whoever acts in a role of the policy.

    `fresh`: for the gravest acts (breaking the glass, export, erasure) they must have shown who they are
    within five minutes. Raises NotSignedIn, NotAllowed.
    """
    if hub.demo:
        return By(f"demo-{role}", role, hub.policy.roles[role].agency.value)
    who = _somebody(hub, fresh=fresh)
    if role not in [grant.role for grant in who.roles(hub.clock())]:
        raise NotAllowed("You may not act in this role")
    return who.by(role)


def acting_in_any_role(hub: Hub) -> None:
    """Raise NotSignedIn or NotAllowed where nobody signed in who has any role here."""
    if not hub.demo and not _somebody(hub, fresh=False).roles(hub.clock()):
        raise NotAllowed("You have no role here")


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
