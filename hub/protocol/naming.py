"""What a pack names and is not there: a clock, a judge, a row, a list of codes. Each with its place in the pack."""

from collections.abc import Iterator

from hub.protocol.judges import JUDGES
from hub.protocol.pack import Pack, Vocabulary
from hub.protocol.places import Place
from hub.protocol.rows import Ask, Coded
from schemas import vocabulary
from schemas.protocol import ContextKind
from schemas.protocol.planning import Vulnerability

LISTS = {
    "feature": vocabulary.RecognitionFeature,
    "form": vocabulary.HsbForm,
    "class": vocabulary.BehaviourClass,
    "part": vocabulary.ChildPart,
    "provenance": vocabulary.Provenance,
    "context": ContextKind,
    "setting": vocabulary.PlaceKind,
    "vulnerability": Vulnerability,
}
"""The hub's own lists that a pack puts words to."""


def unknown(pack: Pack) -> Iterator[tuple[Place, str]]:
    """Everything the pack names that is nowhere."""
    listed = {v.name for v in pack.vocabularies}
    for n, row in enumerate(pack.rows):
        for m, ask in enumerate(row.asks):
            yield from _ask(("rows", n, "asks", m), ask, pack)
        for name in set(row.vocabularies) - listed:
            yield ("rows", n, "vocabularies"), f"there is no vocabulary {name}"
    rows = {row.id for row in pack.rows}
    for n, checklist in enumerate(pack.checklists):
        for m, item in enumerate(checklist.items):
            if item.row not in rows:
                yield ("checklists", n, "items", m), f"there is no row {item.row}"
    for n, said in enumerate(pack.vocabularies):
        yield from _codes(("vocabularies", n), said)


def _ask(place: Place, ask: Ask, pack: Pack) -> Iterator[tuple[Place, str]]:
    if ask.within is not None and ask.within not in pack.clocks:
        yield (*place, "within"), f"there is no clock {ask.within}"
    if isinstance(ask, Coded) and ask.judge not in JUDGES:
        yield (*place, "judge"), f"there is no judge {ask.judge}"


def _codes(place: Place, said: Vocabulary) -> Iterator[tuple[Place, str]]:
    if said.of not in LISTS:
        yield (*place, "of"), f"there is no list {said.of}: one of {', '.join(sorted(LISTS))}"
        return
    known = {one.value for one in LISTS[said.of]}
    for n, code in enumerate(said.codes):
        if (code.as_ or code.code) not in known:
            yield (*place, "codes", n), f"{code.as_ or code.code} is no code of {said.of}"
