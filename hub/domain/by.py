"""Who did something, and what every event of a child's record is."""

import msgspec


class By(msgspec.Struct, frozen=True, array_like=True):
    """Who did it: the person's opaque id at their agency, the role they acted in, their agency."""

    person: str
    role: str
    agency: str


def same_person(one: By, other: By) -> bool:
    """True where both are one person, in whatever role: what a second person is for, the first may not do."""
    return (one.person, one.agency) == (other.person, other.agency)


class ChildEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """Something that became true of a child's record. Subclasses are past tense and final."""
