"""The hub's records as they stood once: what readers' functions are asked over again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Protocol
from uuid import UUID

from hub.domain.child import Child, Disclosed
from hub.errors import UnknownChild
from hub.follow import Looking
from hub.patterns.flags import Flag
from hub.patterns.settings import Settings
from hub.protocol.packs import Packs
from hub.protocol.worklist import Item
from hub.records import Records
from hub.records.reading import as_sealed_now
from hub.sharing.drawing import (
    NOTHING_LESS,
    FlagsProjection,
    Less,
    Rest,
    WorklistProjection,
    flags_of,
    items_of,
    rest_of,
    worklist_id,
)
from hub.sharing.front_door import FrontDoor
from hub.sharing.policy import Policy
from hub.store.mapper import StreamEvent


class Past(Records):
    """Records as they stood at a moment, whose pen writes nothing.

    Records whose `versions` are known are read as far as these; others up to a position of the store, or,
    where none is known, as far as they were recorded by the moment. Whatever is asked, the clock stands
    still. What would have been recorded as shown is in `told`.
    """

    def __init__(
        self,
        records: Records,
        at: datetime,
        versions: Mapping[UUID, int] | None = None,
        position: int | None = None,
    ) -> None:
        super().__init__(records.archive, records.keys, records.index, lambda: at)
        self._at, self._versions, self._position = at, dict(versions or {}), position
        self.told: list[Disclosed] = []

    def _events(self, id_: UUID, after: int | None = None) -> list[StreamEvent]:
        if after and not list(self._then(id_, super()._events(id_, after))):
            return []
        # The keys that sealed it then may be gone: what came later says how it is sealed now.
        now = self._then(id_, as_sealed_now(super()._events(id_)))
        return [event for event in now if event.originator_version > (after or 0)]

    def history(self, id_: UUID) -> list[StreamEvent]:
        """Everything that had happened to one record by then."""
        return list(self._then(id_, super().history(id_)))

    def _then(self, id_: UUID, events: Iterable[StreamEvent]) -> Iterable[StreamEvent]:
        last = self._versions.get(id_)
        if last is None and self._position is not None:
            here = (v for v, place in self.archive.rows.places_of(id_) if place <= self._position)
            last = self._versions[id_] = max(here, default=0)
        if last is None:
            return takewhile(lambda event: event.at <= self._at, events)
        return (event for event in events if event.originator_version <= last)

    def children(self) -> list[UUID]:
        """Every record there was by then."""
        return [child for child in super().children() if self._events(child)]

    def preload(self, ids: Sequence[UUID]) -> None:
        """Nothing is read ahead."""

    def record(
        self,
        bodies: Mapping[UUID, tuple[int, Iterable[Any]]],  # noqa: ARG002 — as the pen that writes
        effects: Any = None,  # noqa: ARG002
        appended: Mapping[UUID, Sequence[Any]] | None = None,
        spines: Any = None,  # noqa: ARG002
    ) -> None:
        """Write nothing. That something is shown again is recorded elsewhere, of who looks now."""
        for following in (appended or {}).values():
            self.told.extend(body for body in following if isinstance(body, Disclosed))


class Drawing(Protocol):
    """What the projections know today that a drawing of then needs."""

    @property
    def settings(self) -> Settings:
        """The numbers the rules go by."""

    @property
    def packs(self) -> Packs:
        """The procedures the protocol goes by."""

    def flags(self, child: UUID) -> list[Flag]:
        """The flags of a child."""

    def worklist(self, child: UUID) -> list[Item]:
        """What the protocol asks for on a child."""

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency was last heard."""

    def drawn_to(self) -> int:
        """The position of the last event that was drawn."""

    def involved(self, child: UUID) -> Iterable[UUID]:
        """The other children by whom the child's worklist may be drawn otherwise."""

    def tied(self, hashed: str) -> Iterable[UUID]:
        """Children whose worklist is tied to the child of this keyed hash."""

    def crossed(self, child: UUID) -> Iterable[UUID]:
        """The other children by whom the child's flags may be drawn otherwise."""

    def tied_to(self, projection: str, ties: Iterable[str]) -> set[UUID]:
        """Children whose drawing, by this projection, is tied by one of these."""

    def knowing(self, child: UUID, less: Less) -> tuple[list[Flag], Rest]:
        """Flags and what is said beside them as if of these other children no more were known than this."""

    def late(self) -> bool:
        """Whether something that should have been drawn by now is not: then what is drawn may not be all."""


class DrawnThen:
    """What the projections had drawn: drawn again from records as they stood, with what was heard by then.

    Which children are tied to one another is asked of today's drawing: a tie that was undone since is missed.
    """

    def __init__(
        self,
        past: Past,
        drawing: Drawing,
        door: FrontDoor,
        heard: Mapping[str, datetime],
        drawn_to: int,
        *,
        stood: bool = True,
    ) -> None:
        """`stood`: whether they had drawn all that the policy of then asks; else nothing is had of them."""
        self._drawn_to, self.door, self._stood = drawn_to, door, stood
        self._past, self._drawing, self._heard = past, drawing, heard
        self.settings, self.packs = drawing.settings, drawing.packs

    def stands(self, policy: Policy) -> bool:
        """Whether the reader was shown what had been drawn."""
        return self._stood and self.door.fits(policy, self._past.clock())

    def flags(self, child: UUID) -> list[Flag]:
        """The flags of a child, as they were."""
        return self.knowing(child, NOTHING_LESS)[0]

    def beside(self, child: UUID) -> Rest:
        """What rules said of a child beside flags."""
        return self.knowing(child, NOTHING_LESS)[1]

    def knowing(self, child: UUID, less: Less) -> tuple[list[Flag], Rest]:
        """Both, as if of these other children no more had been known than this."""
        projection = FlagsProjection(self._past.keys, self._past.index, self.settings, self.door, less)
        rows = projection.draw(self._looking(child, projection.name)).rows
        return flags_of(rows, child), rest_of(rows, child)

    def crossed(self, child: UUID) -> Iterable[UUID]:
        """The other children by whom the child's flags may be drawn otherwise, as they are tied today."""
        return self._drawing.crossed(child)

    def worklist(self, child: UUID) -> list[Item]:
        """What the protocol asked for on a child."""
        projection = WorklistProjection(self._past.keys, self._past.index, self.packs, self.door)
        row = projection.draw(self._looking(child, projection.name)).rows.get(worklist_id(child))
        return items_of(row) if row else []

    def involved(self, child: UUID) -> Iterable[UUID]:
        """The other children by whom the child's worklist may be drawn otherwise, as they are tied today."""
        return self._drawing.involved(child)

    def tied(self, hashed: str) -> Iterable[UUID]:
        """Children whose worklist is tied to the child of this keyed hash, as they are tied today."""
        return self._drawing.tied(hashed)

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency had last been heard."""
        return self._heard

    def drawn_to(self) -> int:
        """The position of the last event that had been drawn."""
        return self._drawn_to

    def _looking(self, child: UUID, name: str) -> Looking:
        past, people = self._past, self._past.person(child)

        def tied(ties: Iterable[str]) -> Mapping[UUID, tuple[Child, ...]]:
            found: dict[UUID, tuple[Child, ...]] = {}
            for other in sorted(self._drawing.tied_to(name, ties) - {child}):
                try:
                    records = past.person(other)
                except UnknownChild:  # nobody had said anything of them yet
                    continue
                if records[0].id != child:
                    found[records[0].id] = records
            return found

        return Looking(people, past.clock(), self._heard, tied, past.once_theirs(people))
