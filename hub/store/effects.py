"""What one intake does beside its events, in the same transaction; and what the recorder tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from hub.errors import Conflict


class Taken(NamedTuple):
    """A source event that was taken: keyed hash of its id, keyed hash of its content, and where it went."""

    source: bytes
    digest: bytes
    child: UUID
    entry: UUID


class Held(NamedTuple):
    """A delivery that could not be taken: its place, a closed reason code, field paths; bytes sealed."""

    topic: str
    partition: int
    offset: int
    reason: str
    fields: str
    at: str
    sealed: bytes


class Quarantined(NamedTuple):
    """A held delivery as the quarantine keeps it: `held`, `retried` or `discarded`, and by whom."""

    id: int
    held: Held
    state: str
    ended_by: str | None


class Ended(NamedTuple):
    """The end of a held delivery: `retried` (taken after all) or `discarded` by a named person."""

    id: int
    state: str
    by: str


class StoredRow(NamedTuple):
    """One stored event as it lies in the store."""

    position: int
    stream: bytes
    version: int
    topic: str
    state: bytes


@dataclass(frozen=True, slots=True)
class Effects:
    """All of an intake but its events.

    `positions`: for each topic partition the offset the worker believes to be next (None: never read),
    and the offset after this batch. Another worker's write in between makes the transaction fail.
    `unmoved`: streams that were read and not written to, each of which must still stand at its version.
    """

    positions: Mapping[tuple[str, int], tuple[int | None, int]] = field(default_factory=dict)
    taken: Sequence[Taken] = ()
    held: Sequence[Held] = ()
    ended: Sequence[Ended] = ()
    unmoved: Mapping[UUID, int] = field(default_factory=dict)


class PositionMoved(Conflict):
    """Another worker read on in this partition: this one has lost it and must seek again."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"another worker moved on in {topic}/{partition}")


class StreamMoved(Conflict):
    """A stream that the batch was worked out by has moved on: look again and retry."""

    def __init__(self) -> None:
        super().__init__("what was decided by has changed meanwhile")


class EndedBefore(Conflict):
    """A held delivery was taken, or given up, meanwhile: it is not ended twice."""

    def __init__(self) -> None:
        super().__init__("what was held was taken or given up by somebody else just now")


class TakenBefore(Conflict):
    """A source event of this batch was taken meanwhile; look again and retry."""

    def __init__(self) -> None:
        super().__init__("a source event was taken meanwhile")
