"""What equality monitoring counts by, opened for counting and nothing else: no rule or page sees it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from hub.confidentiality.sealing import CannotUnseal
from hub.domain.child import Child, restrictions_of
from hub.domain.chronology import Standing
from hub.records import Records
from hub.records.reading import UNRESTRICTED, Opener, facts_of
from schemas.scope import Scope
from schemas.social_care import LookedAfter

SAID = ("sex", "ethnicity", "send", "disabled")
CHARACTERISTICS = {
    "sex": "Flags by sex",
    "ethnicity": "Flags by ethnicity",
    "send": "Flags by special educational needs",
    "disabled": "Flags by disability",
    "looked-after": "Flags by being looked after",
}
"""What is counted by, and what its table is called."""
_decode = msgspec.json.Decoder().decode


def of(records: Records, people: Sequence[Child]) -> dict[str, str]:
    """What agencies last said of each of a child's characteristics; one that nobody said is left out.

    Only the identity scope is opened, the newest entry first, and no further than is needed. What is erased,
    or sealed otherwise than it should be, is not said, nor what stands in an entry whose processing is
    restricted.
    """
    root = people[0].id
    openers = {child.id: Opener(records.keys, child.id, (Scope.IDENTITY.value,), _decode) for child in people}
    found: dict[str, str] = {}
    restricted = restrictions_of(people)
    for line in reversed(records.lines(root)):
        if line.standing is Standing.CURRENT and line.entry.id not in restricted:
            try:
                opened, _ = openers[line.record].open(line.entry)
            except CannotUnseal:
                continue
            for name, value in _said(opened.values()):
                found.setdefault(name, value)
        if len(found) == len(SAID):
            break
    ever = bool(facts_of(people, records.keys, UNRESTRICTED).of(LookedAfter))
    return {
        **found,
        "looked-after": "now or before" if ever else "not recorded",
    }


def _said(opened: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for fields in opened:
        for name, value in (fields.get("characteristics") or {}).items():
            if name in SAID and value is not None:
                yield name, ("yes" if value else "no") if isinstance(value, bool) else str(value)
