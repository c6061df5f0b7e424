"""The chronology as text, for the command line and for golden stories: one line an entry, then its words."""

from collections.abc import Iterable, Mapping
from typing import Any

from hub.commands.saying import when
from hub.sharing.view import Gap, SharedChronology, ShownEntry

SPINE = ("system", "source_event_id", "basis", "source", "age", "characteristics", "type", "precision")
WHO = ("identifiers", "name", "date_of_birth", "postcode", "address")
HOW = ("provenance", "nature", "significance")
_silent = {"not-said", "fact", "subject", "notable"}


def chronology_text(shared: SharedChronology) -> str:
    """The whole chronology as one reader may see it."""
    head = [
        f"Chronology for {shared.role}, for {shared.purpose}",
        f"  basis: {shared.basis}",
        f"  policy {shared.policy}; drawn {when(shared.as_at)}"
        + (f"; as known at {when(shared.known_at)}" if shared.known_at else ""),
        f"  child: {_who(shared.who)}",
        "",
    ]
    return "\n".join([*head, *_lines(shared.lines)])


def type_name(type_: str) -> str:
    """An event type as people say it."""
    return type_.split(".")[1].replace("-", " ")


def _lines(lines: Iterable[ShownEntry | Gap]) -> Iterable[str]:
    for line in lines:
        if isinstance(line, Gap):
            agency = line.agency.replace("-", " ")
            yield f"{when(line.occurred_at, 'day'):<22} {agency:<14} (withheld: {agency} holds an entry; "
            yield f"{'':<37} ring {line.contact})"
        else:
            yield from _entry(line)


def _entry(entry: ShownEntry) -> Iterable[str]:
    fields = entry.all_fields()
    struck = "~~ " if entry.standing != "current" else ""
    until = (
        f", until {when(entry.ended_at)}" if entry.ended_at else ", still going on" if entry.ongoing else ""
    )
    yield (
        f"{when(entry.occurred_at, entry.precision):<22} {entry.agency.replace('-', ' '):<14} "
        f"{struck}{type_name(entry.type)}{until}"
    )
    indent = " " * 38
    if entry.erased:
        yield f"{indent}erased"
        return
    how = [str(fields[name]) for name in HOW if fields.get(name) not in (None, *_silent)]
    if fields.get("part") not in (None, "subject"):
        how.insert(0, f"the child {str(fields['part']).replace('-', ' ')}")
    if how:
        yield f"{indent}{'; '.join(how).replace('-', ' ')}"
    for name, value in fields.items():
        if name not in (*SPINE, *WHO, *HOW, "part", "summary"):
            yield f"{indent}{name.replace('_', ' ')}: {_value(value)}"
    if "summary" in fields:
        yield f"{indent}{fields['summary']}"
    if entry.change is not None:
        why = f" ({entry.change.reason})" if entry.change.reason else ""
        yield f"{indent}{entry.change.standing} by the agency on {when(entry.change.recorded_at)}{why}"
    for withheld in entry.withheld:
        yield f"{indent}(withheld: {withheld.scope}; ring {withheld.contact})"
    yield f"{indent}recorded by the hub {when(entry.recorded_at)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_value(v) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(_value(v) for v in value.values() if v is not None)
    return str(value)


def _who(who: Mapping[str, Any]) -> str:
    if not who:
        return "who the child is, is not yours to read"
    name = who.get("name", {})
    parts = [f"{name.get('given', '')} {name.get('family', '')}".strip() or "name not given"]
    if "date_of_birth" in who:
        parts.append(f"born {who['date_of_birth']}")
    parts += [f"{i['system']} {i['value']}" for i in who.get("identifiers", ())]
    parts += [str(who[name]) for name in ("address", "postcode") if name in who]
    return ", ".join(parts)
