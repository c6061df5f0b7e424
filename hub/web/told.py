"""The lines of a chronology with their fields decoded: once, for rows, picture and accounts alike."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from hub.sharing.view import Gap, ShownEntry
from hub.web.selection import DEFAULT, Line
from schemas.vocabulary import Significance

VOICE = ("child_words", "words", "return_account")
STRENGTHS = frozenset({"strength-noted", "support-offered", "engagement"})
_GOOD = frozenset({None, "accepted", "positive"})
_CHILD_WORDS = "child-words"
_ROUTINE = Significance.ROUTINE.value


class Told(NamedTuple):
    """One entry, and what it tells.

    `significance` is how much its sender says it matters; `voice` the child's own words, empty where there
    are none this reader may read; `strength`: it is of what protects; `routine`: it may be counted with
    others of its kind.
    """

    entry: ShownEntry
    fields: Mapping[str, Any]
    significance: str
    voice: str
    strength: bool
    routine: bool


def told(lines: Iterable[Line]) -> list[Told | Gap]:
    """Decode every line that may be read, in their order."""
    return [line if isinstance(line, Gap) else told_of(line) for line in lines]


def told_of(entry: ShownEntry) -> Told:
    """Decode one entry."""
    fields = entry.all_fields()
    significance = str(fields.get("significance", DEFAULT))
    return Told(
        entry,
        fields,
        significance,
        _voice(fields),
        _kind(entry.type) in STRENGTHS and fields.get("stage") in _GOOD,
        # Routine as its sender calls it, standing whole.
        significance == _ROUTINE
        and entry.standing == "current"
        and not (entry.withheld or entry.ongoing or entry.erased or entry.restriction),
    )


def _kind(type_: str) -> str:
    return type_.split(".", 2)[1]


def _voice(fields: Mapping[str, Any]) -> str:
    """The child's own words, as they were written down."""
    for name in VOICE:
        if fields.get(name):
            return str(fields[name])
    if fields.get("nature") == _CHILD_WORDS:
        return str(fields.get("summary") or fields.get("details") or "")
    return ""
