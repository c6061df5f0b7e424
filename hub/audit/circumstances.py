"""What practitioners declared of themselves, as keyed hashes, compared with where and who a child is.

Neither side can be read back: of a practitioner the hub holds hashes, of the child this tells one word.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.sealing import CannotUnseal
from hub.domain.child import By
from hub.domain.feed import OwnCircumstances
from hub.errors import Refused, UnknownChild
from hub.records import Records
from hub.records.reading import Opener
from hub.store.mapper import HUB
from schemas.identifiers import normalise_name, normalise_postcode
from schemas.scope import Scope

STREAM = uuid5(HUB, "own circumstances")
WHO, WHERE = Scope.IDENTITY.value, Scope.WHEREABOUTS.value
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Closeness(StrEnum):
    """How near a child is to what somebody declared of themselves; the value is the sign's name."""

    HOUSEHOLD = "same-household"
    STREET = "own-street"
    SURNAME = "same-surname"


class Circumstances:
    """Who declared what. Read once; children are opened one at a time, when asked about."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._declared: Mapping[tuple[str, str], frozenset[bytes]] = _declared(records)
        self._of_child = cache(self._hashes_of)

    def of(self, person: str, agency: str, child: UUID) -> list[Closeness]:
        """How near this child is to this person, by what they declared; nothing: not at all."""
        own = self._declared.get((person, agency), frozenset())
        near = [kind for kind, hashes in self._of_child(child).items() if own & hashes] if own else []
        return [kind for kind in near if not (kind is Closeness.STREET and Closeness.HOUSEHOLD in near)]

    def _hashes_of(self, child: UUID) -> Mapping[Closeness, frozenset[bytes]]:
        index, found = self._records.index, defaultdict[Closeness, set[bytes]](set)
        for said in self._said(child):
            name = said.get("name") or {}
            if name.get("family"):
                found[Closeness.SURNAME].add(_surname(index, name["family"]))
            if said.get("postcode"):
                found[Closeness.STREET].add(_street(index, said["postcode"]))
            if said.get("address"):
                found[Closeness.HOUSEHOLD].add(_household(index, said["address"]))
        order = (Closeness.HOUSEHOLD, Closeness.STREET, Closeness.SURNAME)
        return {kind: frozenset(found[kind]) for kind in order}

    def _said(self, child: UUID) -> Iterable[Mapping[str, Any]]:
        """What any entry ever said of who and where: opened for this comparison alone, and told to nobody."""
        try:
            people = self._records.person(child)
        except UnknownChild:
            return
        for record in people:
            opener = Opener(self._records.keys, record.id, (WHO, WHERE), _decode)
            for kept in record.entries.values():
                try:
                    yield from opener.open(kept.entry)[0].values()
                except CannotUnseal:
                    continue


def declare(
    records: Records,
    person: str,
    agency: str,
    by: By,
    family: Iterable[str],
    homes: Iterable[tuple[str, str]],
) -> None:
    """Take down a person's family names, and homes as (postcode, address): kept as keyed hashes alone.

    What they declared before is replaced. Raises Refused where nothing is said.
    """
    index = records.index
    hashes = {_surname(index, name) for name in family if name.strip()}
    for postcode, address in homes:
        hashes |= {_street(index, postcode)} if postcode.strip() else set()
        hashes |= {_household(index, address)} if address.strip() else set()
    if not hashes:
        raise Refused("say a family name, a postcode or an address")
    declared = OwnCircumstances(person=person, agency=agency, hashes=tuple(sorted(hashes)), by=by)
    records.record({}, appended={STREAM: [declared]})


def _declared(records: Records) -> Mapping[tuple[str, str], frozenset[bytes]]:
    return {
        (event.body.person, event.body.agency): frozenset(event.body.hashes)
        for event in records.history(STREAM)
        if isinstance(event.body, OwnCircumstances)
    }


def _surname(index: BlindIndex, family: str) -> bytes:
    return index.index("person", f"surname\x1f{normalise_name(family)}")


def _street(index: BlindIndex, postcode: str) -> bytes:
    return index.index("place", f"postcode\x1f{normalise_postcode(postcode)}")


def _household(index: BlindIndex, address: str) -> bytes:
    return index.index("place", f"address\x1f{' '.join(address.casefold().replace(',', ' ').split())}")
