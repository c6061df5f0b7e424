"""The chronology's lines in words: one row an entry, routine ones counted together, silences between them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from hub.domain.calendar import LONDON
from hub.sharing.view import Gap, ShownEntry, Withheld
from hub.web.selection import DEFAULT, Line
from hub.web.wording import agency_name, counted, day, joined, spoken, system, value_said, when

ROUTINE, SIGNIFICANT = "routine", "significant"
SILENCE = timedelta(days=28)
"""So long with nothing shown is said in a row of its own: gaps are part of a chronology (field.md)."""

VOICE = ("child_words", "words", "return_account")
STRENGTHS = frozenset({"strength-noted", "support-offered", "engagement"})
_GOOD = frozenset({None, "accepted", "positive"})
_BANNER = ("identifiers", "name", "date_of_birth", "postcode", "address", "age", "characteristics")
_SPINE = ("type", "system", "source_event_id", "basis", "source", "precision", "summary", "significance")
_TELLING = (
    *("summary", "details", "complaint", "description", "concern", "discussion", "question", "answer"),
    *("analysis", "reason", "reason_given", "explanation", "notes", "how", "report", "offence_wording"),
    *("account", "rationale", "contents", "opinion", "grounds", "evidence", "told", "reply"),
)
"""What says most of an entry, where its sender wrote no summary: the first of these that is there."""
_IMPACT = (
    *("injury", "hsb_class", "category_of_abuse", "finding_code", "explanation_code", "risk", "rag", "level"),
    *("at_risk", "convicted", "sessions_missed", "needs_from_behaviour", "method_class", "infection"),
)
_ACTION = (
    *("action_taken", "outcome", "decision", "decisions", "actions", "stage", "next_step", "conditions"),
    *("result", "plan", "provision", "held", "taken_to", "child_informed"),
)
_SILENT: Mapping[str, Any] = {"provenance": "not-said", "nature": "fact", "part": "subject"}
_COUNT = 4
_UNSAID = (None, "", False)
_LEFT_OUT = frozenset((*_BANNER, *_SPINE))
_DULL = frozenset(
    (
        *("incident", "recorder_role", "reason_recorded", "worker", "referral", "request", "meeting"),
        *("part", "provenance", "nature", "corrects", "completes", "children", *_IMPACT, *_ACTION),
    )
)
"""What says little of an entry on one line, or is said in another column."""


class Row(NamedTuple):
    """One line of the chronology in words.

    `kind` is what sort of row: `entry`, `withheld`, `routine` (several, counted) or `silence`. `times` says
    when the hub and the agency came to know.
    """

    kind: str
    when: str
    agency: str
    what: str = ""
    summary: str = ""
    voice: str = ""
    impact: str = ""
    action: str = ""
    significance: str = ""
    until: str = ""
    times: tuple[str, ...] = ()
    struck: bool = False
    change: str = ""
    ring: tuple[str, ...] = ()
    erased: bool = False
    strength: bool = False
    details: tuple[tuple[str, str], ...] = ()
    at: str = ""


def rows(lines: Sequence[Line], *, together: bool, silences: bool, details: bool) -> list[Row]:
    """The lines in words, oldest first as they come.

    `together` counts routine entries that follow one another in a month; `silences` adds rows for long
    stretches of nothing; `details` tells every field.
    """
    found: list[Row] = []
    waiting: list[ShownEntry] = []
    last: Line | None = None
    for line in lines:
        if silences and last is not None and line.occurred_at - last.occurred_at > SILENCE:
            found += _together(waiting, details=details)
            waiting = []
            found.append(_silence(last, line))
        last = line
        if together and isinstance(line, ShownEntry) and is_routine(line):
            if waiting and _month(waiting[-1]) != _month(line):
                found += _together(waiting, details=details)
                waiting = []
            waiting.append(line)
            continue
        if waiting:
            found += _together(waiting, details=details)
            waiting = []
        found.append(_withheld(line) if isinstance(line, Gap) else row(line, details=details))
    return found + _together(waiting, details=details)


def is_routine(line: Line) -> bool:
    """An entry that stands whole, that its sender calls routine, and in which the child says nothing."""
    if isinstance(line, Gap) or line.standing != "current" or line.withheld or line.ongoing:
        return False
    return b'"significance":"routine"' in bytes(line.open)


def strength(entry: ShownEntry, fields: Mapping[str, Any]) -> bool:
    """Whether the entry is of what protects: a strength, support taken up, work that goes well."""
    return entry.type.split(".")[1] in STRENGTHS and fields.get("stage") in _GOOD


def voice(fields: Mapping[str, Any]) -> str:
    """The child's own words, as they were written down; empty where there are none this reader may read."""
    if fields.get("nature") == "child-words" and not any(fields.get(name) for name in VOICE):
        return str(fields.get("summary") or fields.get("details") or "")
    return next((str(fields[name]) for name in VOICE if fields.get(name)), "")


def row(entry: ShownEntry, *, details: bool) -> Row:
    """One entry in words."""
    fields = entry.all_fields()
    said = voice(fields)
    summary = next((str(fields[name]) for name in _TELLING if fields.get(name)), "")
    told = "" if summary == said else summary
    return Row(
        "entry",
        when(entry.occurred_at, entry.precision),
        agency_name(entry.agency),
        spoken(entry.type.split(".")[1]),
        told or ("" if said else "; ".join(f"{name}: {value}" for name, value in _first(fields))),
        said,
        _told(fields, _IMPACT),
        _told(fields, _ACTION),
        spoken(str(fields.get("significance", DEFAULT))),
        "Still going on" if entry.ongoing else f"Until {when(entry.ended_at)}" if entry.ended_at else "",
        _times(entry),
        entry.standing != "current",
        _change(entry),
        tuple(map(_ring, entry.withheld)),
        entry.erased,
        strength(entry, fields),
        tuple(details_of(fields)) if details else (),
        str(entry.id),
    )


def details_of(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Every field that says something, with its name."""
    for name, value in fields.items():
        if name in _LEFT_OUT or value in (None, "", [], _SILENT.get(name)):
            continue
        if name == "children":  # by the hub's own ids, which say nothing to anybody
            yield "Other children", "; ".join(spoken(str(each["relation"])) for each in value)
        elif isinstance(value, Mapping):
            yield spoken(name), _reference(value)
        else:
            yield spoken(name), value_said(value)


def change_of(entry: ShownEntry) -> str:
    """Who took the entry back or said it again, and why."""
    return _change(entry)


def _reference(value: Mapping[str, Any]) -> str:
    return f"{system(str(value['system']))} {value['value']}" if "system" in value else value_said(value)


def _first(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = {name: value for name, value in fields.items() if name not in _DULL}
    return [pair for pair, _ in zip(details_of(told), range(3), strict=False)]


def _told(fields: Mapping[str, Any], names: Iterable[str]) -> str:
    said = []
    for name in names:
        value = fields.get(name)
        if value not in _UNSAID:
            told = value_said(value)
            if told.isdecimal() and len(told) > _COUNT:  # a sender's code: it says nothing here
                continue
            worded = " " in told.strip()
            said.append(told if worded else f"{spoken(name)}: {told.replace('-', ' ')}")
    return ". ".join(said)


def _times(entry: ShownEntry) -> tuple[str, ...]:
    learned = (f"Agency learned of it {when(entry.learned_at)}",) if entry.learned_at else ()
    return (*learned, f"Hub recorded it {when(entry.recorded_at)}")


def _change(entry: ShownEntry) -> str:
    if entry.change is None:
        return ""
    done = "Withdrawn" if entry.change.standing == "withdrawn" else "Corrected"
    why = f": {entry.change.reason.replace('-', ' ')}" if entry.change.reason else "; no reason was given"
    return f"{done} by {agency_name(entry.agency)} on {when(entry.change.recorded_at)}{why}"


def _ring(withheld: Withheld) -> str:
    return f"{spoken(withheld.scope)} details are withheld. Ring {withheld.contact}."


def _withheld(gap: Gap) -> Row:
    name = agency_name(gap.agency)
    says = f"{name} holds an entry that is not yours to read. Ring {gap.contact}."
    return Row("withheld", when(gap.occurred_at, "day"), name, "Withheld", says)


def _silence(before: Line, after: Line) -> Row:
    first, last = _day(before), _day(after)
    weeks = (last - first).days // 7
    between = f"Between {day(first)} and {day(last)}"
    return Row("silence", between, "", "", f"Nothing is shown here for {counted(weeks, 'week')}.")


def _together(entries: Sequence[ShownEntry], *, details: bool) -> list[Row]:
    """Several routine entries as one row; one alone stands for itself."""
    if len(entries) <= 1:
        return [row(entry, details=details) for entry in entries]
    by: dict[str, int] = {}
    for entry in entries:
        by[agency_name(entry.agency)] = by.get(agency_name(entry.agency), 0) + 1
    first, last = _day(entries[0]), _day(entries[-1])
    period = day(first) if first == last else f"{day(first)} to {day(last)}"
    what = counted(len(entries), "routine entry", "routine entries")
    says = joined(f"{name} {number}" for name, number in sorted(by.items()))
    return [Row("routine", period, joined(sorted(by)), what, says)]


def _day(line: Line) -> date:
    return line.occurred_at.astimezone(LONDON).date()


def _month(line: Line) -> tuple[int, int]:
    at = line.occurred_at
    return at.year, at.month
