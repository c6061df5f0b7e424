"""A practitioner: someone an agency's provider vouches for, and the roles the partnership gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.domain.child import By
from hub.errors import Refused


class PractitionerEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of a practitioner. Subclasses are past tense and final."""


class RoleGranted(PractitionerEvent, frozen=True, tag="role-granted"):
    """Whom `issuer` calls `subject` may act in a role of the issuer's own agency, until then (None: on)."""

    issuer: str
    subject: str
    role: str
    agency: str
    until: datetime | None
    by: By
    reason: str


class RoleWithdrawn(PractitionerEvent, frozen=True, tag="role-withdrawn"):
    """They may not act in this role any more."""

    role: str
    by: By
    reason: str


class Departed(PractitionerEvent, frozen=True, tag="departed"):
    """They left: every role ends, and with it every session, at once."""

    by: By
    reason: str


class SignedIn(PractitionerEvent, frozen=True, tag="signed-in"):
    """They signed in to act in a role, at a `browser` or at the `command-line`."""

    role: str
    at: str


AnyPractitionerEvent = RoleGranted | RoleWithdrawn | Departed | SignedIn


class Grant(NamedTuple):
    """One role of a practitioner. A session ends with the event that gave the role (`version`).

    `since` is the event that gave it when they had it not: a grant for longer, or for less long, keeps it.
    """

    role: str
    agency: str
    until: datetime | None
    version: int
    since: int


@dataclass(slots=True)
class Practitioner:
    """A practitioner as they stand. Their opaque id in disclosures and allocations is `person`."""

    id: UUID
    version: int = 0
    issuer: str = ""
    subject: str = ""
    grants: dict[str, Grant] = field(default_factory=dict)
    departures: int = 0
    """How often they have left: what was begun before they did has ended, whatever came after."""
    signed_in_at: datetime | None = None
    over: dict[int, datetime] = field(default_factory=dict)
    """When a role that they no longer have ended, by the `since` of its grant."""

    @property
    def person(self) -> str:
        """How records name them."""
        return self.id.hex

    def by(self, role: str) -> By:
        """They, acting in one of their roles."""
        return By(self.person, role, self.grants[role].agency)

    def roles(self, now: datetime) -> list[Grant]:
        """The roles they may act in now, by name."""
        return sorted(g for g in self.grants.values() if g.until is None or now < g.until)

    def may(self, role: str, version: int, now: datetime) -> bool:
        """Whether what they began under that very grant may go on."""
        grant = self.grants.get(role)
        return grant is not None and grant.version == version and (grant.until is None or now < grant.until)

    def ended(self, since: int, now: datetime) -> datetime | None:
        """When the role that was given by the event `since` ended; None: they have had it ever since."""
        held = next((each for each in self.grants.values() if each.since == since), None)
        if held is None:
            return self.over.get(since, now)
        return held.until if held.until is not None and held.until <= now else None


def grant(practitioner: Practitioner, granted: RoleGranted, now: datetime) -> Sequence[AnyPractitionerEvent]:
    """Give a role. Raises Refused without a reason, for an end that has passed, or where they have it.

    And to oneself: who may let others in gives themselves nothing.
    """
    _reasoned(granted.reason)
    if granted.by.person == practitioner.person:
        raise Refused("nobody gives themselves a role")
    if granted.until is not None and granted.until <= now:
        raise Refused("the end of the grant has passed already")
    held = practitioner.grants.get(granted.role)
    if held is not None and held in practitioner.roles(now) and held.until == granted.until:
        raise Refused("they have this role already")
    return [granted]


def withdraw(practitioner: Practitioner, role: str, by: By, reason: str) -> Sequence[AnyPractitionerEvent]:
    """Take a role back. Raises Refused without a reason, or where they do not have it."""
    _reasoned(reason)
    if role not in practitioner.grants:
        raise Refused("they do not have this role")
    return [RoleWithdrawn(role=role, by=by, reason=reason)]


def depart(practitioner: Practitioner, by: By, reason: str) -> Sequence[AnyPractitionerEvent]:
    """Let them leave. Raises Refused without a reason, or where they have no role to leave."""
    _reasoned(reason)
    if not practitioner.grants:
        raise Refused("they have no role here")
    return [Departed(by=by, reason=reason)]


def evolve_practitioner(practitioner: Practitioner, event: Any, at: datetime) -> None:
    """Change the state by one event."""
    practitioner.version += 1
    match event:
        case RoleGranted():
            practitioner.issuer, practitioner.subject = event.issuer, event.subject
            held = practitioner.grants.get(event.role)
            goes_on = held is not None and held.agency == event.agency and _runs(held, at)
            if not goes_on:
                _end(practitioner, event.role, at)
            since = held.since if held is not None and goes_on else practitioner.version
            practitioner.grants[event.role] = Grant(
                event.role, event.agency, event.until, practitioner.version, since
            )
        case RoleWithdrawn():
            _end(practitioner, event.role, at)
        case Departed():
            for role in list(practitioner.grants):
                _end(practitioner, role, at)
            practitioner.departures += 1
        case SignedIn():
            practitioner.signed_in_at = at


def _runs(held: Grant, at: datetime) -> bool:
    return held.until is None or at < held.until


def _end(practitioner: Practitioner, role: str, at: datetime) -> None:
    held = practitioner.grants.pop(role, None)
    if held is not None:
        practitioner.over[held.since] = at if held.until is None else min(at, held.until)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused("a reason is needed")
