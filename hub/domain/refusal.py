"""A look that was refused as a whole: recorded before the answer, alike whatever it was refused for."""

from enum import IntEnum
from uuid import UUID, uuid5

import msgspec

from hub.domain.by import By

REFUSALS = UUID("5e0a7f1c-2d83-5c4e-9b16-7a40d3c95e28")
"""Namespace of the streams of refused looks."""
NO_BAR = UUID(int=0)


class Rule(IntEnum):
    """What refused a look, the first that did. Each takes one byte, so that no event is longer for it."""

    NOT_KEPT = 0
    """Of before it was kept."""
    ROLE = 1
    PURPOSE = 2
    NO_RECORD = 3
    BARRED = 4
    CLOSED = 5
    RELATIONSHIP = 6
    ROW = 7
    NOT_SO_CALLED = 8
    ACT = 9

    @property
    def words(self) -> str:
        """For an auditor."""
        return WORDS[self]


WORDS = {
    Rule.NOT_KEPT: "",
    Rule.ROLE: "no such role at this agency",
    Rule.PURPOSE: "the role may not look for this purpose",
    Rule.NO_RECORD: "there was no such record",
    Rule.BARRED: "the record is barred to this person",
    Rule.CLOSED: "the record was closed to them",
    Rule.RELATIONSHIP: "they did not work with the child",
    Rule.ROW: "policy and agreements let the role read nothing for this purpose",
    Rule.NOT_SO_CALLED: "what was looked for is not what they read of the child",
    Rule.ACT: "this is not for the role",
}


class LookRefused(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="look-refused"):
    """Somebody asked about a record and was told there is none, or that they may not ask.

    `sought` is what they asked about as the hub knows it: a record's id, or the keyed hash of a number or of
    name and birthday. `bar` is the restriction they came against; `NO_BAR`, as long as any other: none.
    `rule` is what refused it, and is never said to who asked.
    """

    reader: By
    purpose: str
    question: str
    sought: UUID
    bar: UUID = NO_BAR
    rule: Rule = Rule.NOT_KEPT


RefusalEvent = LookRefused


def refusals_of(sought: UUID) -> UUID:
    """The stream of refused looks at what was asked about."""
    return uuid5(REFUSALS, sought.hex)
