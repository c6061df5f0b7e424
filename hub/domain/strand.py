"""A strand: what is kept of a child as one who has harmed, or has been harmed, apart from the other.

The guidance wants each considered separately, with workers of their own (L12, L86; R4), also where one child
is both (L77; R30). A strand has its own keys, its own workers and its own chronology.
"""

from enum import StrEnum
from uuid import UUID, uuid5

from schemas.vocabulary import ChildPart

WHOLE = ""
"""What is of the child and of neither strand: attendance, health, being witness or sibling."""
HAS_HARMED = ChildPart.HAS_SEXUALLY_HARMED.value
WAS_HARMED = ChildPart.HAS_BEEN_SEXUALLY_HARMED.value
STRANDS = (HAS_HARMED, WAS_HARMED)


class Strand(StrEnum):
    """The child as one who has harmed, or as one who has been harmed: how a reader names a strand."""

    HAS_HARMED = HAS_HARMED
    WAS_HARMED = WAS_HARMED


class Opens(StrEnum):
    """What of a child somebody is let near: one strand, both, or only what is of neither (decision 78)."""

    NEITHER = "neither"
    HAS_HARMED = HAS_HARMED
    WAS_HARMED = WAS_HARMED
    BOTH = "both"

    @property
    def strands(self) -> tuple[str, ...]:
        """As it is recorded: never empty, which means that nothing was said, before it was asked."""
        return STRANDS if self is Opens.BOTH else (self.value,)


def opened_by(strands: tuple[str, ...]) -> Opens | None:
    """What was named when these were recorded; None: of before it was asked."""
    if len(strands) > 1:
        return Opens.BOTH
    return Opens(strands[0]) if strands else None


def strand_of(part: str) -> str:
    """The strand that an entry with the child in this part belongs to."""
    return part if part in STRANDS else WHOLE


def key_owner(record: UUID, strand: str) -> UUID:
    """Whose keys seal what is kept on a record in a strand: the record's own, or the strand's."""
    return record if strand == WHOLE else uuid5(record, f"strand/{strand}")


def key_owners(record: UUID) -> tuple[UUID, ...]:
    """All whose keys may seal what is kept on a record."""
    return tuple(key_owner(record, strand) for strand in (WHOLE, *STRANDS))
