"""The chronology as text, for the command line and for golden stories: a line an entry, then what it says."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from hub.commands.saying import when
from hub.sharing.view import Archived, Gap, Lifted, Restriction, SharedChronology, ShownEntry

WIDTH = 100
INDENT = " " * 37
LATE = timedelta(days=7)
"""From here on an entry is said to have come late."""
EXACT = ("minute", "hour", "day")
"""Precisions at which lateness can be said."""

WHO = ("identifiers", "name", "date_of_birth", "postcode", "address")
HOW = ("provenance", "nature", "significance")
SPINE = ("system", "source_event_id", "basis", "source", "age", "characteristics", "type", "precision")
REFERENCES = ("incident", "corrects", "completes", "withdraws", "reason_recorded", "ongoing")
BY = ("organisation", "recorder_role")
OWN_WORDS = {
    "words": "the child's words",
    "account": "the child's words",
    "child_words": "the child's words",
    "return_account": "the child's words on return",
}
_apart = frozenset((*WHO, *HOW, *SPINE, *REFERENCES, *BY, *OWN_WORDS, "part", "summary"))
_silent = {"not-said", "fact", "notable"}
_words_of = {"child-words": "in the child's own words", "family-words": "in the family's words"}
_prose = 40
"""A value longer than this stands in a paragraph of its own."""
_moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_day = re.compile(r"\d{4}-\d\d-\d\d")


def chronology_text(shared: SharedChronology) -> str:
    """The whole chronology as one reader may see it."""
    known = f", as known at {when(shared.known_at)}" if shared.known_at else ""
    head = [
        f"Chronology for {shared.role}, for {shared.purpose}, drawn {when(shared.as_at)}{known}",
        *_wrapped(f"{_ground(shared)} · policy {shared.policy}", "  "),
        *_wrapped(who_text(shared.who), "  "),
        *_wrapped(_archived(shared.archived), "  "),
        "",
    ]
    return "\n".join([*head, *_lines(shared.lines)])


def _archived(found: Archived | None) -> str:
    """What is kept back of a closed case, for whom to ring and for what to look instead."""
    if found is None:
        return ""
    own = "what your own agency said stands here still" if found.own_words else "nothing of it stands here"
    instead = f"look for {' or '.join(found.read_for)}, or " if found.read_for else ""
    return (
        f"CLOSED on {found.closed_on:%d %b %Y}, and no longer read for this purpose: {own}. More is kept. "
        f"Where a child may be at risk, {instead}ring {found.contact}; what is recorded opens it again."
    )


def _ground(shared: SharedChronology) -> str:
    return f"{shared.basis} · {shared.policy_document}" if shared.policy_document else shared.basis


def type_name(type_: str) -> str:
    """An event type as people say it."""
    return type_.split(".")[1].replace("-", " ")


def who_text(who: Mapping[str, Any]) -> str:
    """Who the child is, in a line."""
    if not who:
        return "Who the child is, is not yours to read."
    name = who.get("name", {})
    parts = [f"{name.get('given', '')} {name.get('family', '')}".strip() or "name not given"]
    if "date_of_birth" in who:
        parts.append(f"born {date.fromisoformat(who['date_of_birth']):%d %b %Y}")
    parts += [str(who[name]) for name in ("address", "postcode") if name in who]
    parts += [f"{i['system']} {i['value']}" for i in who.get("identifiers", ())]
    return ", ".join(parts)


def value_text(value: Any) -> str:
    """A value as people read it: yes and no, days of the week, names rather than references."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value_text(v) for v in value)
    if isinstance(value, Mapping):
        return _mapping(value)
    text = str(value)
    if _moment.match(text):
        return when(datetime.fromisoformat(text))
    return when(datetime.fromisoformat(text), "day") if _day.fullmatch(text) else text


# ------------------------------------------------------------


def _lines(lines: Iterable[ShownEntry | Gap]) -> Iterator[str]:
    for gap, run in groupby(lines, lambda line: (line.agency, line.contact) if isinstance(line, Gap) else ()):
        if gap:
            yield from _gaps(*gap, [line.occurred_at for line in run])
        else:
            for entry in run:
                if isinstance(entry, ShownEntry):
                    yield from _entry(entry)


def _gaps(agency: str, contact: str, days: list[datetime]) -> Iterator[str]:
    """Entries one after another that the reader may only know of: whose, from when, whom to ring."""
    first, last = when(days[0], "day"), when(days[-1], "day")
    count = "an entry" if len(days) == 1 else f"{len(days)} entries"
    until = f" up to {last}" if first != last else ""
    words = f"({count}{until} that you may know of and not read: ring {contact})"
    yield from _entry_line(first, agency, words)


def _entry_line(date: str, agency: str, words: str) -> Iterator[str]:
    first, *rest = textwrap.wrap(words, WIDTH - len(INDENT)) or [""]
    yield f"{date:<22} {agency.replace('-', ' '):<13} {first}"
    yield from (INDENT + line for line in rest)


def _entry(entry: ShownEntry) -> Iterator[str]:
    fields = entry.all_fields()
    struck = "~~" if entry.standing != "current" else ""
    going_on = ", still going on" if entry.ongoing and not struck else ""
    until = f", until {when(entry.ended_at)}" if entry.ended_at else going_on
    how = "".join(f" · {word}" for word in _how(fields))
    title = f"{struck}{type_name(entry.type).upper()}{struck}{until}{how}"
    yield from _entry_line(when(entry.occurred_at, entry.precision), entry.agency, title)
    if entry.erased:
        yield f"{INDENT}erased"
        return
    yield from _said(fields)
    if entry.change is not None:
        why = f" ({entry.change.reason})" if entry.change.reason else ""
        yield from _wrapped(
            f"{entry.change.standing} by the agency, {when(entry.change.recorded_at)}{why}", INDENT
        )
    if entry.dispute is not None:
        why = f": {entry.dispute.reason}" if entry.dispute.reason else ""
        says = f"DISPUTED since {when(entry.dispute.since)}, recorded by {entry.dispute.agency}{why}"
        yield from _wrapped(says, INDENT)
    if entry.restriction is not None:
        yield from _wrapped(_restricted(entry.restriction), INDENT)
    if entry.lifted is not None:
        yield from _wrapped(_lifted(entry.lifted), INDENT)
    for scope in entry.withdrawn:
        yield from _wrapped(f"({scope}: withdrawn for now by whoever holds its key)", INDENT)
    for withheld in entry.withheld:
        yield from _wrapped(f"({withheld.scope} withheld: ring {withheld.contact})", INDENT)
    yield from _wrapped(_source(entry, fields), INDENT)


def _lifted(was: Lifted) -> str:
    why = f": {was.reason}" if was.reason else ""
    told = f"; told before: {was.told}" if was.told else ""
    return f"(restricted from {when(was.since)} until {when(was.until)}; lifted by {was.agency}{why}{told})"


def _restricted(said: Restriction) -> str:
    why = f": {said.reason}" if said.reason else ""
    instead = " or ".join(said.read_for)
    unread = f"; not read for this purpose: to protect a child look for {instead}, or ring {said.contact}"
    ground = said.ground.replace("-", " ")
    return (
        f"RESTRICTED since {when(said.since)}, {ground}, by {said.agency}{why}{unread if said.unread else ''}"
    )


def _how(fields: Mapping[str, Any]) -> Iterator[str]:
    part = str(fields.get("part") or "subject").replace("-", " ")
    if part != "subject":
        yield f"the child {part}" if part.startswith("has") else f"as {part}"
    for name in HOW:
        if fields.get(name) not in (None, *_silent):
            yield _words_of.get(fields[name], str(fields[name]).replace("-", " "))


def _said(fields: Mapping[str, Any]) -> Iterator[str]:
    """What the entry says: words first, then what was coded, in one paragraph."""
    if fields.get("summary"):
        yield from _wrapped(fields["summary"], INDENT)
    short: list[str] = []
    for name, value in fields.items():
        if name in _apart or value in (None, [], ""):
            continue
        said = f"{name.replace('_', ' ')}: {value_text(value)}"
        if len(said) > _prose and isinstance(value, str):
            yield from _wrapped(said, INDENT)
        else:
            short.append(said)
    for name, label in OWN_WORDS.items():
        if fields.get(name):
            yield from _wrapped(f"{label}: {fields[name]}", INDENT)
    yield from _wrapped("; ".join(short), INDENT)


def _source(entry: ShownEntry, fields: Mapping[str, Any]) -> str:
    by = ", ".join(str(fields[name]) for name in BY if fields.get(name)) or "the agency"
    known = when(entry.recorded_at)
    if when(entry.occurred_at, "day") == when(entry.recorded_at, "day"):
        known = f"the same day, {known[-5:]}"
    late = entry.recorded_at - max(entry.occurred_at, entry.ended_at or entry.occurred_at)
    days = f", {late.days} days later" if late >= LATE and entry.precision in EXACT else ""
    return f"— {by}; known here {known}{days}"


def _mapping(value: Mapping[str, Any]) -> str:
    if "child" in value:
        return f"another child {value['child'][:8]} ({value_text(value['relation']).replace('-', ' ')})"
    if "relation" in value:
        return f"{value.get('name') or 'not named'} ({value['relation'].replace('-', ' ')})"
    if "reference" in value:
        return str(value.get("label") or value_text(value["reference"]))
    if value.keys() == {"system", "value"}:
        return str(value["value"])
    return ", ".join(value_text(v) for v in value.values() if v is not None)


def _wrapped(text: str, indent: str) -> list[str]:
    paragraphs = (line for line in text.splitlines() if line.strip())
    return [
        indent + line for paragraph in paragraphs for line in textwrap.wrap(paragraph, WIDTH - len(indent))
    ]
