"""Under which keyed hashes a child is found: what matching compares, and nothing that can be read."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.errors import Unavailable
from hub.records.peppers import PeppersKept
from schemas.case_event import CaseEvent, Identifier, LinkedChild, PersonName
from schemas.identifiers import normalise, normalise_name, normalise_postcode

V = TypeVar("V")

REMEMBERED = 100_000


class Whose(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an event says of who its child is, hashed under one generation of the peppers.

    `streams` are the identifiers' own; `born` and `given` mark date of birth and first name (empty: not
    given). Children who look alike meet under `looks`: only ever to ask a person, never to merge. What cannot
    be placed is found again under `combination`.
    """

    streams: tuple[UUID, ...]
    born: bytes
    given: bytes
    looks: tuple[UUID, ...]
    combination: UUID


class Linked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Another child an event names: how they are tied, and the streams of their identifiers, by generation.

    `known_as`: the identifiers, as JSON, to be sealed for that child should they be new here.
    """

    relation: str
    streams: dict[int, tuple[UUID, ...]]
    known_as: bytes


class Hashes:
    """Hashes identifiers and looks. What was hashed lately is remembered (bounded).

    Under every generation of the peppers there is: which of them counts, the store says, and who reads what
    came does not ask it.
    """

    def __init__(
        self,
        index: BlindIndex,
        remembered: int = REMEMBERED,
        peppers: PeppersKept | None = None,
        again: Callable[[], BlindIndex] | None = None,
    ) -> None:
        """`peppers`: how they stand, for who looks somebody up; `again`: the index as it is on disk now."""
        self.index, self._most, self._peppers, self._again = index, remembered, peppers, again
        self._version = 0
        self._streams: OrderedDict[Hashable, UUID] = OrderedDict()
        self._whose: OrderedDict[Hashable, dict[int, Whose]] = OrderedDict()

    def know(self, version: int, generations: Iterable[int]) -> None:
        """Take up what became of the peppers by this version of their stream.

        Raises Unavailable where there is no pepper of a generation that is needed.
        """
        if version != self._version and self._again is not None:
            self.index, self._version = self._again(), version
            self._streams.clear()
            self._whose.clear()
        lacking = set(generations) - set(self.index.generations)
        if lacking:
            raise Unavailable(f"the peppers that children are found by have no generation {min(lacking)}")

    def stream(self, identifier: Identifier) -> UUID:
        """The stream an identifier is found by now."""
        return self._stream(identifier.system, identifier.value, self._live())

    def whose(self, event: CaseEvent) -> dict[int, Whose]:
        """Hash what an event says of its child, by generation."""
        known_by = tuple([(i.system, i.value) for i in event.identifiers])
        return self.whose_is(known_by, event.name, event.date_of_birth, event.postcode)

    def whose_is(
        self,
        known_by: tuple[tuple[str, str], ...],
        name: PersonName | None,
        born: date | None,
        postcode: str | None,
    ) -> dict[int, Whose]:
        """The same of identifiers (system and value), name, date of birth and postcode."""
        at = (known_by, (name.family, name.given) if name else None, born, postcode)
        found = self._whose.get(at)
        if found is None:
            found = {
                generation: Whose(
                    tuple([self._stream(system, value, generation) for system, value in known_by]),
                    self.index.index("born", born.isoformat(), generation) if born else b"",
                    self.index.index("given", normalise_name(name.given), generation)
                    if name and name.given
                    else b"",
                    self._looks(name, born, postcode, generation),
                    self._combination(known_by, name, born, generation),
                )
                for generation in self.index.generations
            }
            _remember(self._whose, at, found, self._most)
        return found

    def linked(self, child: LinkedChild) -> Linked:
        """Hash what an event says of another child."""
        known_by = [(i.system, i.value) for i in child.identifiers]
        streams = {
            generation: tuple([self._stream(system, value, generation) for system, value in known_by])
            for generation in self.index.generations
        }
        return Linked(str(child.relation), streams, msgspec.json.encode(known_by))

    def looks(self, name: PersonName | None, born: date | None, postcode: str | None) -> tuple[UUID, ...]:
        """What somebody is found by now who looks like this."""
        return self._looks(name, born, postcode, self._live())

    def _live(self) -> int:
        if self._peppers is None:
            return self.index.generations[0]
        standing = self._peppers.standing()
        self.know(standing.version, standing.claimed)
        return standing.live

    def _stream(self, system: str, value: str, generation: int) -> UUID:
        """The stream of an identifier: half of its keyed hash."""
        at = (system, value, generation)
        found = self._streams.get(at)
        if found is None:
            found = self._hash("identifier", f"{system}|{normalise(system, value)}", generation)
            _remember(self._streams, at, found, self._most)
        return found

    def _looks(
        self, name: PersonName | None, born: date | None, postcode: str | None, generation: int
    ) -> tuple[UUID, ...]:
        """Full name with date of birth; first name, date of birth and postcode (a changed surname)."""
        if name is None or born is None or not name.given:
            return ()
        given = normalise_name(name.given)
        looks = [f"{normalise_name(name.family)}|{given}|{born.isoformat()}"]
        if postcode:
            looks.append(f"{given}|{born.isoformat()}|{normalise_postcode(postcode)}")
        return tuple([self._hash("look", look, generation) for look in looks])

    def _combination(
        self,
        known_by: tuple[tuple[str, str], ...],
        name: PersonName | None,
        born: date | None,
        generation: int,
    ) -> UUID:
        parts = sorted(f"{system}|{normalise(system, value)}" for system, value in known_by)
        given = normalise_name(name.given) if name else ""
        words = "\x1f".join([*parts, given, born.isoformat() if born else ""])
        return self._hash("look", words, generation)

    def _hash(self, scheme: str, text: str, generation: int) -> UUID:
        return UUID(bytes=self.index.index(scheme, text, generation)[:16])


def _remember(memory: OrderedDict[Hashable, V], key: Hashable, value: V, most: int) -> None:
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
