"""A look that was refused as a whole: recorded before the answer, alike whatever it was refused for."""

from uuid import UUID, uuid5

import msgspec

from hub.domain.by import By

REFUSALS = UUID("5e0a7f1c-2d83-5c4e-9b16-7a40d3c95e28")
"""Namespace of the streams of refused looks."""
NO_BAR = UUID(int=0)


class LookRefused(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="look-refused"):
    """Somebody asked about a record and was told there is none, or that they may not ask.

    `sought` is what they asked about as the hub knows it: a record's id, or the keyed hash of a number or of
    name and birthday. `bar` is the restriction they came against; `NO_BAR`, as long as any other: none.
    """

    reader: By
    purpose: str
    question: str
    sought: UUID
    bar: UUID = NO_BAR


RefusalEvent = LookRefused


def refusals_of(sought: UUID) -> UUID:
    """The stream of refused looks at what was asked about."""
    return uuid5(REFUSALS, sought.hex)
