"""Under which keyed hashes a child is found: what matching compares, and nothing that can be read."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from schemas.case_event import CaseEvent, Identifier, LinkedChild, PersonName
from schemas.identifiers import normalise, normalise_name, normalise_postcode

V = TypeVar("V")

REMEMBERED = 100_000


class Whose(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What an event says of who its child is, hashed.

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
    """Another child an event names: how they are tied, and the streams of their identifiers."""

    relation: str
    streams: tuple[UUID, ...]


class Hashes:
    """Hashes identifiers and looks. What was hashed lately is remembered (bounded)."""

    def __init__(self, index: BlindIndex, remembered: int = REMEMBERED) -> None:
        self.index, self._most = index, remembered
        self._streams: OrderedDict[Hashable, UUID] = OrderedDict()
        self._whose: OrderedDict[Hashable, Whose] = OrderedDict()

    def stream(self, identifier: Identifier) -> UUID:
        """The stream of an identifier: half of its keyed hash."""
        at = (identifier.system, identifier.value)
        found = self._streams.get(at)
        if found is None:
            found = self._hash("identifier", f"{at[0]}|{normalise(*at)}")
            _remember(self._streams, at, found, self._most)
        return found

    def whose(self, event: CaseEvent) -> Whose:
        """Hash what an event says of its child."""
        name, born = event.name, event.date_of_birth
        known_by = tuple([(i.system, i.value) for i in event.identifiers])
        at = (known_by, (name.family, name.given) if name else None, born, event.postcode)
        found = self._whose.get(at)
        if found is None:
            found = Whose(
                tuple(map(self.stream, event.identifiers)),
                self.index.index("born", born.isoformat()) if born else b"",
                self.index.index("given", normalise_name(name.given)) if name and name.given else b"",
                self.looks(name, born, event.postcode),
                self._combination(known_by, name, born),
            )
            _remember(self._whose, at, found, self._most)
        return found

    def linked(self, child: LinkedChild) -> Linked:
        """Hash what an event says of another child."""
        return Linked(str(child.relation), tuple(map(self.stream, child.identifiers)))

    def looks(self, name: PersonName | None, born: date | None, postcode: str | None) -> tuple[UUID, ...]:
        """Full name with date of birth; first name, date of birth and postcode (a changed surname)."""
        if name is None or born is None or not name.given:
            return ()
        given = normalise_name(name.given)
        looks = [f"{normalise_name(name.family)}|{given}|{born.isoformat()}"]
        if postcode:
            looks.append(f"{given}|{born.isoformat()}|{normalise_postcode(postcode)}")
        return tuple(self._hash("look", look) for look in looks)

    def _combination(
        self, known_by: tuple[tuple[str, str], ...], name: PersonName | None, born: date | None
    ) -> UUID:
        parts = sorted(f"{system}|{normalise(system, value)}" for system, value in known_by)
        given = normalise_name(name.given) if name else ""
        return self._hash("look", "\x1f".join([*parts, given, born.isoformat() if born else ""]))

    def _hash(self, scheme: str, text: str) -> UUID:
        return UUID(bytes=self.index.index(scheme, text)[:16])


def _remember(memory: OrderedDict[Hashable, V], key: Hashable, value: V, most: int) -> None:
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
