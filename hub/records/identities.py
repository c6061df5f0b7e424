"""Who an identifier belongs to: keyed hashes of system and value, each an aggregate of its own."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from hub.domain.identifier import IdentifierState, evolve_identifier
from hub.records.whose import REMEMBERED
from hub.store.archive import Archive


class Identities:
    """Looks identifiers up. What is claimed stays claimed, so answers found are remembered (bounded)."""

    def __init__(self, archive: Archive, remembered: int = REMEMBERED) -> None:
        self._archive = archive
        self._known: OrderedDict[UUID, IdentifierState] = OrderedDict()
        self._remembered = remembered

    def look_up(self, streams: Iterable[UUID]) -> dict[UUID, IdentifierState]:
        """What is known of these identifiers; those never claimed are left out."""
        found: dict[UUID, IdentifierState] = {}
        missing: list[UUID] = []
        for stream in set(streams):
            state = self._known.get(stream)
            if state is None:
                missing.append(stream)
            else:
                found[stream] = state
        for stream, events in self._archive.streams(missing).items():
            state = IdentifierState()
            for event in events:
                evolve_identifier(state, event.body, event.at)
            found[stream] = self._known[stream] = state
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        return found

    def forget(self) -> None:
        """Drop what is remembered: another writer may have moved an identifier."""
        self._known.clear()
