"""The archive: the one event-sourced application of the hub, over whichever engine the settings name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, OperationalError
from eventsourcing.utils import Environment, EnvType

from hub.errors import Conflict, Unavailable
from hub.store.effects import Effects
from hub.store.mapper import Appended, SealingMapper, SpineKeys, StreamEvent
from hub.store.recorder import ArchiveRows


class Recorder(ArchiveRows, Protocol):
    """An engine's recorder: the port, and the event library's own."""

    def close(self) -> None:
        """Let go of the database."""
        ...


class Archive(Application[UUID]):
    """Streams of children, identifiers, questions, feeds, tellings. Each event is inserted, never changed."""

    name = "archive"

    def __init__(self, recorder: Recorder, keys: SpineKeys) -> None:
        """Stand on an engine's recorder, which closes with the archive."""
        self._recorder, self._keys = recorder, keys
        super().__init__()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Read no settings from the process environment."""
        return Environment(name, env or {})

    def construct_recorder(self) -> ApplicationRecorder:
        """The engine's, as it was opened."""
        return cast("ApplicationRecorder", self._recorder)

    def construct_mapper(self) -> SealingMapper:
        """Seal every body under its stream's own key."""
        return SealingMapper(self._keys)

    def close(self) -> None:
        """Let go of the database."""
        super().close()
        self._recorder.close()

    @property
    def rows(self) -> ArchiveRows:
        """What the recorder knows beyond the library's own questions."""
        return self._recorder

    @property
    def sealing(self) -> SealingMapper:
        """What turns events into rows."""
        return cast("SealingMapper", self.mapper)

    def record(
        self,
        events: Sequence[StreamEvent],
        effects: Effects | None = None,
        appended: Appended | None = None,
    ) -> None:
        """Insert events, events to append to their streams as they stand, and effects.

        All in one transaction, or nothing.

        Raises Conflict (PositionMoved, TakenBefore, or a version that exists) for the caller to retry,
        Unavailable where the database cannot be written (locked for too long, disk full).
        """
        try:
            self.events.put(events, effects=effects or Effects(), appended=appended)
        except IntegrityError as conflict:
            raise Conflict("another writer recorded first") from conflict
        except OperationalError as fault:
            raise Unavailable("the archive cannot be written now") from fault

    def stream(self, stream: UUID, *, after: int | None = None) -> Iterable[StreamEvent]:
        """Read one stream in order, all or after a version. Empty where there is none."""
        return self.sealing.open_rows(stream, self.rows.select_rows(stream, gt=after or None))

    def streams(self, ids: Sequence[UUID]) -> dict[UUID, list[StreamEvent]]:
        """Read several short streams at once."""
        return self._by_stream(self.rows.select_many(ids))

    def streams_since(self, versions: Mapping[UUID, int]) -> dict[UUID, list[StreamEvent]]:
        """Read what came after a version (0: all) of several streams at once; of those of which some did."""
        return self._by_stream(self.rows.select_since(versions))

    def _by_stream(self, rows: Iterable[tuple[UUID, int, str, bytes]]) -> dict[UUID, list[StreamEvent]]:
        grouped: dict[UUID, list[tuple[int, str, bytes]]] = {}
        for stream, version, topic, state in rows:
            grouped.setdefault(stream, []).append((version, topic, state))
        return {stream: list(self.sealing.open_rows(stream, rows)) for stream, rows in grouped.items()}

    def identifiers(self, ids: Sequence[UUID]) -> Iterable[StreamEvent]:
        """Read many identifiers at once: what happened to each in order, one among the other."""
        return self.sealing.open_identifiers(self.rows.select_many(ids))
