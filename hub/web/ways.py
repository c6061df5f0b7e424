"""The ways each role has through the pages: what stands in the menu."""

from typing import NamedTuple

from hub.audit.inspection import AUDITORS
from hub.domain.child import By
from hub.sharing.policy import Policy


class Way(NamedTuple):
    """One entry of the menu."""

    name: str
    address: str


FIND = Way("Find a child", "/children/find")
AUDIT = Way("Auditor's desk", "/audit")


def ways_of(policy: Policy, by: By) -> list[Way]:
    """What this role can go to; the pages themselves ask again who may."""
    role = policy.roles.get(by.role)
    found = [FIND] if role is not None and role.reads else []
    if by.role in AUDITORS:
        found.append(AUDIT)
    return found
