"""Broken glass as it stands: it opens a record no longer than somebody has the role they broke it in."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from hub.domain.access import Glass, opened
from hub.domain.by import By
from hub.domain.child import Child
from hub.domain.feed import PolicyAdopted, PolicyInUse
from hub.records import Records
from hub.records.roles import ended
from hub.sharing.disclosing import POLICIES
from hub.sharing.policy import PolicyInvalid, read


def as_it_stands(records: Records, glass: Glass) -> Glass:
    """The glass, ended for good where its role was withdrawn, ran out, or its person left (decision 100).

    Or where a policy was adopted that has the role no more, whatever was adopted after it.
    """
    ends = ended(records, glass.who, glass.broken.grant), _dropped(records, glass.who, glass.at)
    return glass._replace(ended_at=min((at for at in ends if at is not None), default=None))


def glass_of(
    records: Records, people: Iterable[Child], reader: By, purpose: str, now: datetime
) -> Glass | None:
    """The breaking under which this reader may look for this purpose now, if there is one.

    The streams of a practitioner and of policies are read for none but who would look under it.
    """
    mine = (g for child in people for g in child.access.glass.values() if g.opens(reader, purpose, now))
    return opened((as_it_stands(records, g) for g in mine), reader, purpose, now)


def over_of(records: Records, child: Child, reader: By) -> frozenset[UUID]:
    """What this reader broke of a child and has ended with its role, whatever its hours."""
    mine = ((id_, glass) for id_, glass in child.access.glass.items() if glass.who == reader)
    return frozenset(id_ for id_, glass in mine if as_it_stands(records, glass).ended_at is not None)


def _dropped(records: Records, who: By, since: datetime) -> datetime | None:
    """When a policy was in force, from a moment on, that does not have somebody's role; None: never.

    The one adopted last before that moment counts, too: a process may have gone on under another for a
    second.
    """
    texts: dict[str, tuple[bytes, bytes]] = {}
    adopted: list[tuple[datetime, str]] = []
    for event in records.history(POLICIES):
        match event.body:
            case PolicyInUse(name=name, policy=policy, agreements=agreements):
                texts.setdefault(name, (policy, agreements))
            case PolicyAdopted(name=name):
                adopted = [one for one in adopted if one[0] > since] if event.at <= since else adopted
                adopted.append((event.at, name))
    without = (at for at, name in adopted if (who.role, who.agency) not in _roles_in(texts.get(name)))
    return next((max(at, since) for at in without), None)


@lru_cache(maxsize=16)
def _roles_in(texts: tuple[bytes, bytes] | None) -> frozenset[tuple[str, str]]:
    """The roles that a policy has, each with its agency; none where it cannot be read back."""
    try:
        roles = read(texts).roles if texts is not None else {}
    except PolicyInvalid:
        return frozenset()
    return frozenset((name, role.agency.value) for name, role in roles.items())
