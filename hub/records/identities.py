"""Who an identifier belongs to: keyed hashes of system and value, each an aggregate of its own."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from uuid import UUID

from hub.domain.identifier import IdentifierState, evolve_identifier
from hub.records.whose import REMEMBERED
from hub.store.archive import Archive

Elsewhere = Callable[[Sequence[UUID]], Mapping[UUID, IdentifierState] | None]
"""Fetches identifiers as `Identities.fetched` does, in another process; None: it could not."""


class Identities:
    """Looks identifiers up. What is claimed stays claimed, so answers found are remembered (bounded)."""

    def __init__(self, archive: Archive, remembered: int = REMEMBERED) -> None:
        self._archive = archive
        self._known: OrderedDict[UUID, IdentifierState] = OrderedDict()
        self._remembered, self._forgotten = remembered, 0
        self._lock = Lock()

    def look_up(
        self, streams: Iterable[UUID], elsewhere: Elsewhere = lambda _: None
    ) -> dict[UUID, IdentifierState]:
        """What is known of these identifiers; those never claimed are left out.

        What is not remembered is fetched `elsewhere` where that can be.
        """
        found: dict[UUID, IdentifierState] = {}
        missing: list[UUID] = []
        since = self._forgotten
        for stream in set(streams):
            state = self._known.get(stream)
            if state is None:
                missing.append(stream)
            else:
                found[stream] = state
        if missing:
            fetched = elsewhere(missing)
            if fetched is None:
                fetched = self.fetched(missing)
            self._remember(fetched, since)
            found.update(fetched)
        return found

    def fetched(self, streams: Sequence[UUID]) -> dict[UUID, IdentifierState]:
        """The same, as it stands in the store, and remembering nothing."""
        found: dict[UUID, IdentifierState] = {}
        for stream, _, at, body in self._archive.identifiers(streams):
            state = found.get(stream)
            if state is None:
                state = found[stream] = IdentifierState()
            evolve_identifier(state, body, at)
        return found

    def forget(self) -> None:
        """Drop what is remembered: another writer may have moved an identifier."""
        with self._lock:
            self._forgotten += 1
            self._known.clear()

    def _remember(self, fetched: Mapping[UUID, IdentifierState], since: int) -> None:
        """Keep what was fetched, unless all was forgotten meanwhile: another thread may have said so."""
        with self._lock:
            if since == self._forgotten:
                self._known.update(fetched)
                while len(self._known) > self._remembered:
                    self._known.popitem(last=False)
