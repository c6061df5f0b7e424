"""The port of the archive: what every engine's recorder answers beyond the event library's own questions."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from hub.store.effects import Quarantined, StoredRow, Taken


class ArchiveRows(Protocol):
    """Stored rows, what was taken, positions and quarantine. Engines: `<engine>.py` beside this file.

    Promised by each: positions become visible in their order, so that whoever has read up to one misses
    none before it; they may have gaps. Raises Unavailable where the database cannot be reached.
    """

    def max_notification_id(self) -> int | None:
        """The last position; None: nothing is recorded."""
        ...

    def select_rows(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[tuple[int, str, bytes]]:
        """One stream's (version, topic, state) in order, without an object per event."""
        ...

    def select_many(self, originator_ids: Sequence[UUID]) -> list[tuple[UUID, int, str, bytes]]:
        """All events of several short streams, each in order of version."""
        ...

    def select_since(self, versions: Mapping[UUID, int]) -> list[tuple[UUID, int, str, bytes]]:
        """What came after a version (0: all) of several streams, each in order of version."""
        ...

    def streams_of(self, topic: str) -> list[UUID]:
        """Every stream under a topic, in the order of their first events."""
        ...

    def places_of(self, stream: UUID) -> list[tuple[int, int]]:
        """One stream's (version, position) in order: where each event is in the store and the ledger."""
        ...

    def rows_after(self, position: int, limit: int) -> list[StoredRow]:
        """Stored rows as they are, for the ledger and for projections."""
        ...

    def taken(self, sources: Sequence[bytes]) -> dict[bytes, Taken]:
        """What was taken before, of these source events."""
        ...

    def positions(self) -> Mapping[tuple[str, int], int]:
        """The next offset to read of every topic partition read so far."""
        ...

    def quarantined(self, state: str | None = "held", id_: int | None = None) -> list[Quarantined]:
        """What is held (or was), oldest first."""
        ...

    def held(self) -> Mapping[str, int]:
        """How many deliveries are held, by reason: for figures, without reading what is held."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait until somebody has recorded something, or so long; it may return early for nothing."""
        ...
