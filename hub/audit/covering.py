"""What an auditor sees of what somebody was shown: each line and what of it was open, never what it says."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.audit.history import Happening
from hub.domain.strand import WHOLE
from hub.protocol.worklist import Item
from hub.records import Records
from hub.sharing.flagging import SharedFlag
from hub.sharing.look import who_is
from hub.sharing.view import Found, Gap, SharedChronology, SharedPathway, ShownEntry, encode
from schemas.catalogue import TYPE_BY_NAME

_decode = msgspec.json.Decoder(dict[str, Any]).decode
OPEN = "open"
"""What anyone who sees an entry may read of it."""


class CoveredLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line as it stood on the page, its words covered: `opened` names fields by scope, `withheld` scopes.

    Of a restricted entry neither its true type nor its fields are named. A `gap` showed its agency alone.
    """

    occurred_at: datetime
    agency: str
    type: str = ""
    entry: UUID | None = None
    recorded_at: datetime | None = None
    standing: str = "current"
    opened: Mapping[str, tuple[str, ...]] = {}
    withheld: tuple[str, ...] = ()
    gap: bool = False
    erased: bool = False


class Covered(msgspec.Struct, frozen=True, omit_defaults=True):
    """An answer with its words covered: which facts of the child, which lines, the rest in numbers."""

    who: tuple[str, ...] = ()
    lines: tuple[CoveredLine, ...] = ()
    parts: tuple[str, ...] = ()


def cover(answer: Any) -> Covered:
    """Cover what was shown: times, agencies, types and names of fields are left, as in a child's story."""
    match answer:
        case SharedChronology():
            return Covered(tuple(sorted(answer.who)), tuple(map(_line, answer.lines)))
        case Found():
            return Covered(who=tuple(sorted(answer.who)))
        case SharedPathway():
            ticked = sum(len(each.ticks) for each in answer.checklists)
            more = f"{len(answer.checklists)} checklists of {ticked} lines"
            return Covered(parts=(*_parts(answer.items), more))
        case tuple() | list():
            return Covered(parts=tuple(_parts(answer)))
    return Covered()


def stood_lines(records: Records, child: UUID) -> tuple[CoveredLine, ...]:
    """Every line of a child's chronology as it stands, covered; nothing of it is opened."""
    return tuple(
        CoveredLine(
            line.entry.occurred_at,
            line.entry.agency,
            line.entry.type,
            line.entry.id,
            line.recorded_at,
            str(line.standing),
        )
        for line in records.lines(child)
    )


def uncovered_for(shown: SharedChronology, now: SharedChronology) -> SharedChronology:
    """What was shown, narrowed to what another reader is shown of the same entries now, word by word.

    It only takes away: a line they have not is left out, a scope they do not read is closed, what is struck
    within one (a place that a shield shields, the part a child had) is struck, who the child is follows from
    the lines that are left, and an entry that is only named to them now is as they have it.
    """
    theirs = {line.id: line for line in now.lines if isinstance(line, ShownEntry)}
    lines = tuple(
        theirs[line.id] if _unread(theirs[line.id]) else _as_both(line, theirs[line.id])
        for line in shown.lines
        if isinstance(line, ShownEntry) and line.id in theirs
    )
    who = {name: value for name, value in who_is(lines).items() if name in shown.who and name in now.who}
    return msgspec.structs.replace(shown, lines=lines, who=who)


def _unread(line: ShownEntry) -> bool:
    return line.restriction is not None and line.restriction.unread


def _as_both(then: ShownEntry, now: ShownEntry) -> ShownEntry:
    """An entry as it was shown, without what it does not say, or is not marked with, for the other now."""
    return msgspec.structs.replace(
        then,
        fields=_both(then.fields, now.fields),
        ending=_both(then.ending, now.ending),
        ended_at=then.ended_at if then.ended_at == now.ended_at else None,
        change=then.change if then.change == now.change else None,
        strand=then.strand if then.strand == now.strand else WHOLE,
        withheld=tuple(each for each in then.withheld if each in now.withheld),
        dispute=then.dispute if then.dispute == now.dispute else None,
        restriction=then.restriction if then.restriction == now.restriction else None,
        lifted=then.lifted if then.lifted == now.lifted else None,
    )


def _both(then: Mapping[str, msgspec.Raw], now: Mapping[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    return {
        scope: raw if bytes(raw) == bytes(now[scope]) else msgspec.Raw(encode(_said_by_both(raw, now[scope])))
        for scope, raw in then.items()
        if scope in now
    }


def _said_by_both(then: msgspec.Raw, now: msgspec.Raw) -> dict[str, Any]:
    said, other = _decode(then), _decode(now)
    return {
        name: [each for each in value if each in other[name]] if isinstance(value, list) else value
        for name, value in said.items()
        if name in other and (value == other[name] or isinstance(value, list))
    }


def _line(line: ShownEntry | Gap) -> CoveredLine:
    if isinstance(line, Gap):
        return CoveredLine(line.occurred_at, line.agency, gap=True)
    restricted = TYPE_BY_NAME[line.type].restricted if line.type in TYPE_BY_NAME else True
    return CoveredLine(
        line.occurred_at,
        line.agency,
        f"{line.agency}.restricted.v1" if restricted else line.type,
        line.id,
        line.recorded_at,
        line.standing,
        {scope: () if restricted else names for scope, names in _names(line).items()},
        tuple(sorted({each.scope for each in line.withheld})),
        erased=line.erased,
    )


def _names(line: ShownEntry) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {OPEN: set(_decode(line.open))}
    for part in (line.fields, line.ending):
        for scope, raw in part.items():
            found.setdefault(scope, set()).update(_decode(raw))
    return {scope: tuple(sorted(names)) for scope, names in found.items() if names}


def _parts(things: Iterable[Any]) -> list[str]:
    return [_part(thing) for thing in things]


def _part(thing: Any) -> str:
    match thing:
        case SharedFlag():
            released = ", released" if thing.released else f", {len(thing.evidence)} entries as evidence"
            return f"flag {thing.id}, {thing.state}{released}"
        case Item():
            return f"{thing.obligation}, {thing.state}"
        case Happening():
            return f"event {thing.version}: {thing.what}"
    return type(thing).__name__
