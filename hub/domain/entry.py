"""One entry of a child's record: the spine in clear to the hub, every field sealed by scope."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from hub.domain.by import By

MARK = 1 + 4 + 24
"""Bytes of an envelope's version, generation and salt (security.md 2.3)."""


class Relation(StrEnum):
    """What an entry is to an earlier entry of the same agency."""

    NEW = "new"
    CORRECTS = "corrects"
    COMPLETES = "completes"
    WITHDRAWS = "withdraws"


class Envelope(NamedTuple):
    """All fields of one event in one scope, sealed under the child's key for that scope."""

    scope: str
    sealed: bytes

    @property
    def mark(self) -> bytes:
        """What tells it from every other: version, generation and salt, the first bytes of what is sealed."""
        return self.sealed[:MARK]


class Said(NamedTuple):
    """What the agency signed of an entry: the digests of its parts, and the salt of those that lie open.

    The salts of sealed parts lie sealed with them; the signature stands apart (`vouched.py`).
    """

    digests: bytes
    salt: bytes


class Entry(msgspec.Struct, frozen=True, array_like=True, kw_only=True, gc=False):
    """What the record keeps of one case event.

    `source` and `target` are keyed hashes of the agency's own event ids (this one's; the earlier one's
    it corrects, completes or withdraws); an ending said again also `supersedes` the ending said before.
    `digest` is a keyed hash of the whole content: the same source
    with another digest is a conflicting resend. `open` is the JSON of the fields that anyone who may see
    the entry may read. Envelopes are opened by hub.sharing and by the pattern engine only. `said`: what the
    agency signed of it; acts, which people record in the hub, have none.
    """

    id: UUID
    source: bytes
    digest: bytes
    agency: str
    type: str
    occurred_at: datetime
    precision: str
    ended_at: datetime | None
    ongoing: bool
    learned_at: datetime | None
    source_recorded_at: datetime | None
    relation: Relation
    target: bytes | None
    supersedes: bytes | None
    open: bytes
    envelopes: tuple[Envelope, ...]
    said: Said | None = None
    strand: str = ""
    """The strand whose keys seal it and whose workers see it; none for entries older than strands."""

    @property
    def restricted(self) -> bool:
        """True: to a reader without its home scope this entry does not exist."""
        return self.type.endswith(".restricted.v1")


class Kept(NamedTuple):
    """An entry as the record keeps it: with when the hub recorded it, and whose act it is, if a person's."""

    entry: Entry
    recorded_at: datetime
    by: By | None = None
