"""Who an identifier belongs to: keyed hashes of system and value, each an aggregate of its own."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from hub.confidentiality.blind_index import BlindIndex
from hub.domain.identifier import IdentifierState, evolve_identifier
from hub.store.archive import Archive
from schemas.case_event import Identifier, PersonName
from schemas.identifiers import normalise, normalise_name, normalise_postcode

REMEMBERED = 100_000


class Identities:
    """Looks identifiers up. What is claimed stays claimed, so answers found are remembered (bounded)."""

    def __init__(self, archive: Archive, index: BlindIndex, remembered: int = REMEMBERED) -> None:
        self._archive, self.index = archive, index
        self._known: OrderedDict[UUID, IdentifierState] = OrderedDict()
        self._remembered = remembered
        self._streams: OrderedDict[tuple[str, str], UUID] = OrderedDict()
        self._marks: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def stream(self, identifier: Identifier) -> UUID:
        """The stream of an identifier: half of its keyed hash."""
        at = (identifier.system, identifier.value)
        found = self._streams.get(at)
        if found is None:
            found = self._hash("identifier", f"{at[0]}|{normalise(*at)}")
            _remember(self._streams, at, found, self._remembered)
        return found

    def looks(self, name: PersonName | None, born: date | None, postcode: str | None) -> tuple[UUID, ...]:
        """Streams under which children who look alike meet: only ever to ask a person, never to merge.

        Full name with date of birth; and first name, date of birth and postcode (a changed surname).
        """
        if name is None or born is None or not name.given:
            return ()
        given = normalise_name(name.given)
        looks = [f"{normalise_name(name.family)}|{given}|{born.isoformat()}"]
        if postcode:
            looks.append(f"{given}|{born.isoformat()}|{normalise_postcode(postcode)}")
        return tuple(self._hash("look", look) for look in looks)

    def combination(
        self, identifiers: Iterable[Identifier], name: PersonName | None, born: date | None
    ) -> UUID:
        """The stream of this very combination, under which a provisional record is found again."""
        parts = sorted(f"{i.system}|{normalise(i.system, i.value)}" for i in identifiers)
        given = normalise_name(name.given) if name else ""
        return self._hash("look", "\x1f".join([*parts, given, born.isoformat() if born else ""]))

    def marks(self, name: PersonName | None, born: date | None) -> tuple[bytes, bytes]:
        """Keyed hashes of date of birth and of first name (empty: not given)."""
        return self._mark("born", born.isoformat() if born else ""), self._mark(
            "given", name.given if name else ""
        )

    def _mark(self, scheme: str, said: str) -> bytes:
        at = (scheme, said)
        mark = self._marks.get(at)
        if mark is None:
            text = normalise_name(said) if scheme == "given" else said
            mark = self.index.index(scheme, text) if text else b""
            _remember(self._marks, at, mark, self._remembered)
        return mark

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
            found[stream] = state
            _remember(self._known, stream, state, self._remembered)
        return found

    def forget(self) -> None:
        """Drop what is remembered: another writer may have moved an identifier."""
        self._known.clear()

    def _hash(self, scheme: str, text: str) -> UUID:
        return UUID(bytes=self.index.index(scheme, text)[:16])


def _remember(memory: OrderedDict, key: object, value: object, most: int) -> None:  # type: ignore[type-arg]
    memory[key] = value
    if len(memory) > most:
        memory.popitem(last=False)
