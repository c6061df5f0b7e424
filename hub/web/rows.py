"""The chronology's lines in words: one row an entry, routine ones counted together, silences between them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from hub.domain.calendar import LONDON
from hub.sharing.view import Change, Gap, Restriction, ShownEntry, Withheld
from hub.web.told import Told
from hub.web.wording import agency_name, counted, day, joined, spoken, system, type_said, value_said, when

SILENCE = timedelta(days=28)
"""So long with nothing shown is said in a row of its own: gaps are part of a chronology (field.md)."""

_BANNER = ("identifiers", "name", "date_of_birth", "postcode", "address", "age", "characteristics")
_SPINE = ("type", "system", "source_event_id", "basis", "source", "precision", "summary", "significance")
_TELLING = (
    *("summary", "details", "complaint", "description", "concern", "discussion", "question", "answer"),
    *("analysis", "reason", "reason_given", "explanation", "notes", "how", "report", "offence_wording"),
    *("account", "rationale", "contents", "opinion", "grounds", "evidence", "told", "reply"),
)
"""What says most of an entry, where its sender wrote no summary: the first of these that is there."""
_IMPACT = dict.fromkeys(
    (
        *(
            "injury",
            "hsb_class",
            "category_of_abuse",
            "finding_code",
            "explanation_code",
            "risk",
            "rag",
            "level",
        ),
        *("at_risk", "convicted", "sessions_missed", "needs_from_behaviour", "method_class", "infection"),
    )
)
_ACTION = dict.fromkeys(
    (
        *("action_taken", "outcome", "decision", "decisions", "actions", "stage", "next_step", "conditions"),
        *("result", "plan", "provision", "held", "taken_to", "child_informed"),
    )
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
    when the hub and the agency came to know. `weight` is the significance in words.
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
    weight: str = ""
    until: str = ""
    times: tuple[str, ...] = ()
    struck: bool = False
    change: str = ""
    ring: tuple[str, ...] = ()
    erased: bool = False
    strength: bool = False
    details: tuple[tuple[str, str], ...] = ()
    at: str = ""
    withdrawn: tuple[str, ...] = ()
    marked: bool = False
    """Somebody disputes it, or its processing is restricted: its page says more, and lets one answer."""


class Silence(NamedTuple):
    """A long stretch in which nothing is shown: the days of the lines before and after."""

    first: date
    last: date


Place = Told | Gap | Silence | tuple[Told, ...]
"""What one row stands for; a tuple: several routine entries, counted together."""


def arranged(lines: Iterable[Told | Gap], *, together: bool, silences: bool) -> list[Place]:
    """What each row stands for, oldest first as they come.

    `together` counts routine entries that follow one another in a month; `silences` adds rows for long
    stretches of nothing.
    """
    found: list[Place] = []
    waiting: list[Told] = []
    before: datetime | None = None
    for line in lines:
        at = line.occurred_at if isinstance(line, Gap) else line.entry.occurred_at
        silent = silences and before is not None and at - before > SILENCE
        counts = together and isinstance(line, Told) and line.routine
        if waiting and (silent or not counts or _month(waiting[-1].entry.occurred_at) != _month(at)):
            found.append(_together(waiting))
            waiting = []
        if silent and before is not None:
            found.append(Silence(_day(before), _day(at)))
        before = at
        if counts and isinstance(line, Told):
            waiting.append(line)
        else:
            found.append(line)
    return [*found, _together(waiting)] if waiting else found


def rows(places: Iterable[Place], *, times: bool = False, details: bool = False) -> list[Row]:
    """The rows in words; with when each was recorded, or with every field, where that is asked for."""
    return [_row(place, times=times, details=details) for place in places]


def _row(place: Place, *, times: bool, details: bool) -> Row:
    match place:
        case Told():
            return row(place, times=times, details=details)
        case Gap():
            return _withheld(place)
        case Silence():
            return _silence(place)
        case _:
            return _counted(place)


def row(told: Told, *, times: bool = False, details: bool = False) -> Row:
    """One entry in words."""
    entry, fields, said = told.entry, told.fields, told.voice
    summary = next((str(fields[name]) for name in _TELLING if fields.get(name)), "")
    if summary == said:
        summary = ""
    if not summary and not said:
        summary = "; ".join(f"{name}: {value}" for name, value in _first(fields))
    return Row(
        "entry",
        when(entry.occurred_at, entry.precision),
        agency_name(entry.agency),
        type_said(entry.type),
        summary,
        said,
        "" if _IMPACT.keys().isdisjoint(fields) else _said(fields, _IMPACT),
        "" if _ACTION.keys().isdisjoint(fields) else _said(fields, _ACTION),
        told.significance,
        spoken(told.significance) if entry.restriction is None or not entry.restriction.unread else "",
        "Still going on" if entry.ongoing else f"Until {when(entry.ended_at)}" if entry.ended_at else "",
        _times(entry) if times else (),
        entry.standing != "current",
        ". ".join(_marks(entry)) if entry.change or entry.dispute or entry.restriction else "",
        tuple(map(_ring, entry.withheld)) if entry.withheld else (),
        entry.erased,
        told.strength,
        tuple(details_of(fields)) if details else (),
        str(entry.id),
        tuple(map(spoken, entry.withdrawn)),
        entry.dispute is not None or entry.restriction is not None,
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


def _reference(value: Mapping[str, Any]) -> str:
    return f"{system(str(value['system']))} {value['value']}" if "system" in value else value_said(value)


def _first(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = {name: value for name, value in fields.items() if name not in _DULL}
    return [pair for pair, _ in zip(details_of(told), range(3), strict=False)]


def _said(fields: Mapping[str, Any], names: Mapping[str, None]) -> str:
    """What is said under any of the names, in the order of the names; most entries say nothing there."""
    said = []
    for name in sorted(fields.keys() & names.keys(), key=list(names).index):
        value = fields[name]
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


def _marks(entry: ShownEntry) -> Iterator[str]:
    """What happened to the entry since: taken back, said again, disputed or restricted by somebody."""
    if entry.change is not None:
        yield _change(entry.agency, entry.change)
    if entry.dispute is not None:
        why = f": {entry.dispute.reason.rstrip('.')}" if entry.dispute.reason else ""
        by = agency_name(entry.dispute.agency)
        yield f"Disputed since {when(entry.dispute.since)}, recorded by {by}{why}"
    if entry.restriction is not None:
        yield _restricted(entry.restriction)


def _restricted(said: Restriction) -> str:
    """Since when it is restricted, on which ground and by whom; where it is not read, what to do about it."""
    why = f": {said.reason.rstrip('.')}" if said.reason else ""
    by = agency_name(said.agency)
    yours = (
        f"It is not read for your purpose: to protect a child, look for {_either(said.read_for)}, or ring "
        f"{said.contact}"
        if said.unread
        else "It is read to protect a child, and for no other purpose"
    )
    ground = spoken(said.ground).lower()
    return f"Restricted since {when(said.since)}, {ground}, recorded by {by}{why}. {yours}"


def _either(purposes: Iterable[str]) -> str:
    return " or ".join(spoken(purpose).lower() for purpose in purposes)


def lifted_said(entry: ShownEntry) -> str:
    """When its processing was restricted, who lifted that and why, and who was told before; empty: never."""
    was = entry.lifted
    if was is None:
        return ""
    why = f": {was.reason.rstrip('.')}" if was.reason else ""
    told = f". Told before: {was.told.rstrip('.')}" if was.told else ""
    span = f"{when(was.since)} until {when(was.until)}, {spoken(was.ground).lower()}"
    return f"Its processing was restricted from {span}. Lifted by {agency_name(was.agency)}{why}{told}"


def _change(agency: str, change: Change) -> str:
    """Who took the entry back or said it again, and why."""
    done = "Withdrawn" if change.standing == "withdrawn" else "Corrected"
    why = f": {change.reason.replace('-', ' ')}" if change.reason else "; no reason was given"
    return f"{done} by {agency_name(agency)} on {when(change.recorded_at)}{why}"


def _ring(withheld: Withheld) -> str:
    return f"{spoken(withheld.scope)} details are withheld. Ring {withheld.contact}."


def _withheld(gap: Gap) -> Row:
    name = agency_name(gap.agency)
    says = f"{name} holds an entry that is not yours to read. Ring {gap.contact}."
    return Row("withheld", when(gap.occurred_at, "day"), name, "Withheld", says)


def _silence(silence: Silence) -> Row:
    weeks = (silence.last - silence.first).days // 7
    between = f"Between {day(silence.first)} and {day(silence.last)}"
    return Row("silence", between, "", "", f"Nothing is shown here for {counted(weeks, 'week')}.")


def _together(entries: Sequence[Told]) -> Place:
    """Several routine entries stand in one row; one alone stands for itself."""
    return tuple(entries) if len(entries) > 1 else entries[0]


def _counted(entries: Sequence[Told]) -> Row:
    by: dict[str, int] = {}
    for told in entries:
        name = agency_name(told.entry.agency)
        by[name] = by.get(name, 0) + 1
    first, last = _day(entries[0].entry.occurred_at), _day(entries[-1].entry.occurred_at)
    period = day(first) if first == last else f"{day(first)} to {day(last)}"
    what = counted(len(entries), "routine entry", "routine entries")
    says = joined(f"{name} {number}" for name, number in sorted(by.items()))
    return Row("routine", period, joined(sorted(by)), what, says)


def _day(at: datetime) -> date:
    return at.astimezone(LONDON).date()


def _month(at: datetime) -> tuple[int, int]:
    return at.year, at.month
