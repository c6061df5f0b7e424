"""Which generation of the peppers a store's identifiers stand under: the store says so to every process."""

from dataclasses import replace
from uuid import UUID

from hub.domain.pepper import Peppers, evolve_peppers
from hub.store.archive import Archive

PEPPERS = UUID("0d8a3f44-0f0b-5a3e-8a52-3b9d3a0f7e14")
"""The stream of what became of the peppers."""


class PeppersKept:
    """The peppers as the store says they stand. Only what came since the last look is read."""

    def __init__(self, archive: Archive) -> None:
        self._archive, self._known = archive, Peppers()

    def standing(self) -> Peppers:
        """How they stand now; what is given out does not change any more."""
        for event in self._archive.stream(PEPPERS, after=self._known.version):
            evolve_peppers(self._known, event.body, event.at)
        return replace(self._known)
