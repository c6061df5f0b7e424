"""Under which keyed hashes a child is found: what matching compares, and nothing that can be read."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar
from uuid import UUID

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.errors import Unavailable
from hub.records.peppers import PeppersKept
from schemas.case_event import CaseEvent, Identifier, LinkedChild
from schemas.identifiers import meant, normalise, normalise_name, normalise_postcode

V = TypeVar("V")
_SIXTEEN = b"\xc4\x10"
_uuid = msgspec.msgpack.Decoder(UUID).decode
"""Makes a UUID of 16 bytes in a fifth of the time of `UUID(bytes=…)`: once for every stranger."""

REMEMBERED = 100_000
MARKS = 20_000
"""Dates of birth and first names whose marks are remembered."""


class Whose(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an event says of who its child is, hashed under one generation of the peppers.

    `streams` are the identifiers' own; `born` and `given` mark date of birth and first name (empty: not
    given).
    """

    streams: tuple[UUID, ...]
    born: bytes
    given: bytes


class Called(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The same in its own words (empty: not given), `known_by` as system and value, `born` as YYYY-MM-DD.

    Looks and combination are hashed from it where they are asked for: most events are of a child who is found
    by an identifier.
    """

    known_by: tuple[tuple[str, str], ...]
    family: str = ""
    given: str = ""
    born: str = ""
    postcode: str = ""


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
        self._marks: OrderedDict[Hashable, bytes] = OrderedDict()

    def know(self, version: int, generations: Iterable[int]) -> None:
        """Take up what became of the peppers by this version of their stream.

        Raises Unavailable where there is no pepper of a generation that is needed.
        """
        if version != self._version and self._again is not None:
            self.index, self._version = self._again(), version
            self._streams.clear()
            self._marks.clear()
        lacking = set(generations) - set(self.index.generations)
        if lacking:
            raise Unavailable(f"the peppers that children are found by have no generation {min(lacking)}")

    def stream(self, identifier: Identifier) -> UUID:
        """The stream an identifier is found by now."""
        return self._stream(identifier.system, identifier.value, self._live())

    def whose(self, called: Called) -> dict[int, Whose]:
        """Hash what is said of who a child is, by generation."""
        return {
            generation: Whose(
                tuple([self._stream(system, value, generation) for system, value in called.known_by]),
                self._mark("born", called.born, generation),
                self._mark("given", called.given, generation),
            )
            for generation in self.index.generations
        }

    def looks_of(self, called: Called, generation: int) -> tuple[UUID, ...]:
        """Where children who look alike meet: only ever to ask a person, never to merge.

        Full name with date of birth; first name, date of birth and postcode (a changed surname).
        """
        if not (called.born and called.given):
            return ()
        given = normalise_name(called.given)
        looks = [f"{normalise_name(called.family)}|{given}|{called.born}"]
        if called.postcode:
            looks.append(f"{given}|{called.born}|{normalise_postcode(called.postcode)}")
        return tuple([self._hash("look", look, generation) for look in looks])

    def combination_of(self, called: Called, generation: int) -> UUID:
        """Where what cannot be placed is found again."""
        parts = sorted(f"{meant(system)}|{normalise(system, value)}" for system, value in called.known_by)
        words = "\x1f".join([*parts, normalise_name(called.given), called.born])
        return self._hash("look", words, generation)

    def linked(self, child: LinkedChild) -> Linked:
        """Hash what an event says of another child."""
        known_by = [(i.system, i.value) for i in child.identifiers]
        streams = {
            generation: tuple([self._stream(system, value, generation) for system, value in known_by])
            for generation in self.index.generations
        }
        return Linked(str(child.relation), streams, msgspec.json.encode(known_by))

    def looks(self, called: Called) -> tuple[UUID, ...]:
        """What somebody is found by now who looks like this."""
        return self.looks_of(called, self._live())

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
            kind = meant(system)
            digest = self.index.identifier(kind, f"{kind}|{normalise(system, value)}", generation)
            found = _uuid(_SIXTEEN + digest[:16])
            _remember(self._streams, at, found, self._most)
        return found

    def _mark(self, scheme: str, words: str, generation: int) -> bytes:
        """The mark of a date of birth or a first name: many children share one."""
        if not words:
            return b""
        at = (scheme, words, generation)
        found = self._marks.get(at)
        if found is None:
            normal = normalise_name(words) if scheme == "given" else words
            found = self.index.index(scheme, normal, generation)
            _remember(self._marks, at, found, MARKS)
        return found

    def _hash(self, scheme: str, text: str, generation: int) -> UUID:
        return UUID(bytes=self.index.index(scheme, text, generation)[:16])


def called(event: CaseEvent) -> Called:
    """What an event says of who its child is."""
    name, born = event.name, event.date_of_birth
    return Called(
        tuple([(i.system, i.value) for i in event.identifiers]),
        name.family if name else "",
        name.given if name else "",
        born.isoformat() if born else "",
        event.postcode or "",
    )


def _remember(memory: OrderedDict[Hashable, V], key: Hashable, value: V, most: int) -> None:
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
