"""Who did something, and what every event of a child's record is."""

from collections.abc import Collection

import msgspec

Accounts = Collection[str]
"""What else records call a person who has several accounts: ids of theirs beside the one they act by."""


class By(msgspec.Struct, frozen=True, array_like=True):
    """Who did it: the person's opaque id at their agency, the role they acted in, their agency."""

    person: str
    role: str
    agency: str


def same_person(one: By, other: By, accounts: Accounts = ()) -> bool:
    """True where both are one person, in whatever role: what a second person is for, the first may not do.

    `accounts` are the other's further accounts (`hub.records.roles.accounts_of`, decision 109).
    """
    return (one.person, one.agency) == (other.person, other.agency) or one.person in accounts


class ChildEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """Something that became true of a child's record. Subclasses are past tense and final."""
