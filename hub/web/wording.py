"""How pages say things: times in London, types and codes as people say them, one row for each line."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from hub.sharing.view import Gap, SharedChronology, ShownEntry, Withheld
from hub.web.selection import DEFAULT, LONDON, Line
from schemas.case_event import age_at
from schemas.vocabulary import Agency

AGENCIES = {
    Agency.POLICE: "Police",
    Agency.HEALTH: "Health",
    Agency.SCHOOLS: "Schools",
    Agency.SOCIAL_CARE: "Social care",
    Agency.YOUTH_JUSTICE: "Youth justice",
    Agency.EARLY_HELP: "Early help",
    Agency.HOUSING: "Housing",
    Agency.PROBATION: "Probation",
}
SYSTEMS = {
    "nhs-number": "NHS number",
    "upn": "Unique pupil number (UPN)",
    "pnc": "Police National Computer id (PNC)",
    "sui": "Single unique identifier",
    "la-child-id": "Local authority's child id",
    "social-care": "Social care number",
    "police": "Police number",
    "hospital": "Hospital number",
    "school": "School's own number",
    "youth-justice": "Youth justice number",
}
"""The systems a child can be looked for by. The last six belong to one organisation, which is named too."""

_TIMES = {
    "minute": "%a %d %b %Y, %H:%M",
    "hour": "%a %d %b %Y, about %H:00",
    "day": "%a %d %b %Y",
    "month": "%B %Y",
    "year": "%Y",
}
_BANNER = ("identifiers", "name", "date_of_birth", "postcode", "address", "age", "characteristics")
_SPINE = ("type", "system", "source_event_id", "basis", "source", "precision", "summary", "significance")
_TELLING = (
    *("summary", "details", "complaint", "description", "concern", "discussion", "question", "answer"),
    *("analysis", "reason", "reason_given", "explanation", "notes", "action_taken", "next_step", "how"),
)
"""What says most of an entry, where its sender wrote no summary: the first of these that is there."""
_SILENT = {"provenance": "not-said", "nature": "fact", "part": "subject"}


class Who(NamedTuple):
    """The child's banner."""

    name: str
    facts: tuple[tuple[str, str], ...]


class Row(NamedTuple):
    """One line of the chronology in words. A gap has no `what`, only its agency and whom to ring."""

    when: str
    until: str
    agency: str
    what: str
    significance: str
    summary: str
    details: tuple[tuple[str, str], ...]
    recorded: str
    learned: str
    struck: bool
    change: str
    ring: tuple[str, ...]
    erased: bool


def spoken(code: str) -> str:
    """A code as people say it: `social-worker` is `Social worker`."""
    words = code.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def when(at: datetime, precision: str = "minute") -> str:
    """A time in London, no more exact than it is known."""
    return at.astimezone(LONDON).strftime(_TIMES[precision])


def day(at: date) -> str:
    """A day."""
    return at.strftime(_TIMES["day"])


def who(shared: SharedChronology) -> Who:
    """Who the child is, as far as this reader may know."""
    return who_is(shared.who, shared.as_at)


def who_is(known: Mapping[str, Any], now: datetime) -> Who:
    """Name, date of birth with age, identifiers, and where the child lives."""
    name = known.get("name", {})
    full = f"{name.get('given', '')} {name.get('family', '')}".strip() or "Name not known to you"
    facts: list[tuple[str, str]] = []
    if "date_of_birth" in known:
        born = date.fromisoformat(known["date_of_birth"])
        age = age_at(born, now.astimezone(LONDON).date())
        facts.append(("Born", f"{day(born)}, {'unborn' if age < 0 else f'aged {age}'}"))
    facts += [(_system(i["system"]), str(i["value"])) for i in known.get("identifiers", ())]
    lives = ", ".join(str(known[part]) for part in ("address", "postcode") if known.get(part))
    if lives:
        facts.append(("Lives", lives))
    return Who(full, tuple(facts))


def rows(lines: Iterable[Line]) -> list[Row]:
    """The lines in words, in their order."""
    return [_gap(line) if isinstance(line, Gap) else _row(line) for line in lines]


def _gap(gap: Gap) -> Row:
    ring = (f"Ring {gap.contact}.",)
    return Row(
        when(gap.occurred_at, "day"), "", _agency(gap.agency), "", "", "", (), "", "", False, "", ring, False
    )


def _row(entry: ShownEntry) -> Row:
    fields = entry.all_fields()
    until = "Still going on" if entry.ongoing else f"Until {when(entry.ended_at)}" if entry.ended_at else ""
    return Row(
        when=when(entry.occurred_at, entry.precision),
        until=until,
        agency=_agency(entry.agency),
        what=spoken(entry.type.split(".")[1]),
        significance=spoken(str(fields.get("significance", DEFAULT))),
        summary=_summary(fields),
        details=tuple(_details(fields)),
        recorded=when(entry.recorded_at),
        learned=when(entry.learned_at) if entry.learned_at else "",
        struck=entry.standing != "current",
        change=_change(entry),
        ring=tuple(_ring(withheld) for withheld in entry.withheld),
        erased=entry.erased,
    )


def _summary(fields: Mapping[str, Any]) -> str:
    """One line of what happened: the sender's words, else up to three of its coded facts."""
    told = next((str(fields[name]) for name in _TELLING if fields.get(name)), "")
    return told or "; ".join(f"{name}: {value}" for name, value in list(_details(fields))[:3])


def _details(fields: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in fields.items():
        said = value not in (None, "", [], _SILENT.get(name))
        if said and name not in _BANNER and name not in _SPINE:
            yield spoken(name), _value(value)


def _change(entry: ShownEntry) -> str:
    if entry.change is None:
        return ""
    done = "Withdrawn" if entry.change.standing == "withdrawn" else "Corrected"
    why = f": {entry.change.reason.replace('-', ' ')}" if entry.change.reason else "; no reason was given"
    return f"{done} by {_agency(entry.agency)} on {when(entry.change.recorded_at)}{why}"


def _ring(withheld: Withheld) -> str:
    return f"{spoken(withheld.scope)} details are withheld. Ring {withheld.contact}."


def _agency(agency: str) -> str:
    return AGENCIES.get(Agency(agency), agency)


def _system(system: str) -> str:
    kind, _, organisation = system.partition(":")
    name = SYSTEMS.get(kind, spoken(kind))
    return f"{name} ({spoken(organisation)})" if organisation else name


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_value(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(_value(each) for each in value.values() if each is not None)
    return str(value)
