"""A practitioner: someone an agency's provider vouches for, and the roles the partnership gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.domain.by import Accounts, By
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


class OnePerson(PractitionerEvent, frozen=True, tag="one-person"):
    """They are who has the other account: both are one person's. It stands with both."""

    other: str
    by: By
    reason: str


class TwoPersons(PractitionerEvent, frozen=True, tag="two-persons"):
    """They are two persons' after all: what was said before is undone, from now on. It stands with both."""

    other: str
    by: By
    reason: str


AnyPractitionerEvent = RoleGranted | RoleWithdrawn | Departed | SignedIn | OnePerson | TwoPersons


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
    had: set[str] = field(default_factory=set)
    """Roles that ended once, whether or not they were given anew since."""
    one_with: set[str] = field(default_factory=set)
    """Accounts of which it was said that they are the same person's, and that stands."""
    said: list[tuple[datetime, OnePerson | TwoPersons]] = field(default_factory=list)
    """All that was said of whether another account is theirs, oldest first."""

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

    def has_anew(self, role: str) -> bool:
        """Whether the last that became true of them is that a role they had once was given them anew."""
        held = self.grants.get(role)
        return held is not None and held.since == self.version and role in self.had

    def ended(self, since: int, now: datetime) -> datetime | None:
        """When the role that was given by the event `since` ended; None: they have had it ever since."""
        held = next((each for each in self.grants.values() if each.since == since), None)
        if held is None:
            return self.over.get(since, now)
        return held.until if held.until is not None and held.until <= now else None


def grant(
    practitioner: Practitioner, granted: RoleGranted, now: datetime, accounts: Accounts = ()
) -> Sequence[AnyPractitionerEvent]:
    """Give a role. Raises Refused without a reason, for an end that has passed, or where they have it.

    And to oneself, in another of one's accounts too: who may let others in gives themselves nothing.
    """
    _reasoned(granted.reason)
    if practitioner.person in (granted.by.person, *accounts):
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


def one_person(practitioner: Practitioner, said: OnePerson) -> Sequence[AnyPractitionerEvent]:
    """Say that two accounts are one person's. Raises Refused without a reason, for one account, or again."""
    _reasoned(said.reason)
    if said.other == practitioner.person:
        raise Refused("this is one account: name two")
    if said.other in practitioner.one_with:
        raise Refused("this is said already")
    return [said]


def two_persons(
    practitioner: Practitioner, said: TwoPersons, accounts: Accounts = ()
) -> Sequence[AnyPractitionerEvent]:
    """Undo it. Raises Refused without a reason, where nobody said it, or of one's own accounts."""
    _reasoned(said.reason)
    if said.other not in practitioner.one_with:
        raise Refused("nobody said that these two are one person")
    if practitioner.person in (said.by.person, *accounts):
        raise Refused("nobody says of their own accounts that they are two persons'")
    return [said]


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
        case OnePerson():
            practitioner.one_with.add(event.other)
            practitioner.said.append((at, event))
        case TwoPersons():
            practitioner.one_with.discard(event.other)
            practitioner.said.append((at, event))


def _runs(held: Grant, at: datetime) -> bool:
    return held.until is None or at < held.until


def _end(practitioner: Practitioner, role: str, at: datetime) -> None:
    held = practitioner.grants.pop(role, None)
    if held is not None:
        practitioner.had.add(role)
        practitioner.over[held.since] = at if held.until is None else min(at, held.until)


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Refused("a reason is needed")
