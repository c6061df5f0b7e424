"""Whether an event says in words who another child is: that child is meant by a pointer, never by a copy.

Only national identifiers of the children an event links are looked for. Names are not known where this is
asked (a link has none), nicknames could not be: words of a person are words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas.case_event import CaseEvent, Identifier
from schemas.identifiers import SYSTEMS, Strength, meant, normalise

_BETWEEN = r"[\s\u2010-\u2015-]*"
_TIDY = b" -"


def another_child_in(event: CaseEvent, body: bytes) -> str | None:
    """The field in which a linked child's NHS number, UPN or the like stands in words; None: in none.

    `body`: the event as JSON, for a glance by which nearly all are let go.
    """
    if not event.children:
        return None
    told = [said for child in event.children for said in _national(child.identifiers)]
    others = set(told).difference(_national(event.identifiers))
    glance = body.upper().translate(None, _TIDY)
    often = [value for value in others if glance.count(value.encode()) > told.count(value)]
    if not often:
        return None
    spelt = "|".join(_BETWEEN.join(map(re.escape, value)) for value in sorted(often))
    looked = re.compile(rf"(?<![0-9A-Za-z])(?:{spelt})(?![0-9A-Za-z])", re.IGNORECASE)
    fields = event.model_dump(mode="json", exclude={"children", "identifiers", "type"})
    return next((name for name, said in fields.items() if any(map(looked.search, _texts(said)))), None)


def _national(identifiers: Iterable[Identifier]) -> Iterator[str]:
    for system, value in ((each.system, each.value) for each in identifiers):
        known = SYSTEMS.get(meant(system))
        if known is not None and known.strength is Strength.NATIONAL:
            yield normalise(system, value).upper()


def _texts(said: Any) -> Iterator[str]:
    """Every text in a value; an identifier by itself is a pointer and no words."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        if said.keys() != {"system", "value"}:
            for each in said.values():
                yield from _texts(each)
    elif isinstance(said, list | tuple):
        for each in said:
            yield from _texts(each)
