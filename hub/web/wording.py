"""How pages say things: times in London, types, codes and fields as people say them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from hub.domain.calendar import LONDON
from hub.domain.strand import Opens
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

STRANDS = {
    Opens.WAS_HARMED.value: "The child as one who has been harmed",
    Opens.HAS_HARMED.value: "The child as one who has harmed",
    Opens.BOTH.value: "Both: say in your reason why one is not enough",
    Opens.NEITHER.value: "Neither: only what has nothing to do with sexual harm",
}
"""What of a child somebody asks to see (decision 78)."""

TIMES = {
    "minute": "%a %d %b %Y, %H:%M",
    "hour": "%a %d %b %Y, about %H:00",
    "day": "%a %d %b %Y",
    "month": "%B %Y",
    "year": "%Y",
}
_NAMES = {str(agency): name for agency, name in AGENCIES.items()}
_INITIALS = {"hsb": "HSB", "s47": "Section 47", "cf": "Child and family", "csa": "CSA", "abe": "ABE"}
_INITIALS |= {
    "camhs": "CAMHS",
    "mappa": "MAPPA",
    "mash": "MASH",
    "send": "SEND",
    "pace": "PACE",
    "rag": "RAG",
    "cps": "CPS",
    "dpa": "DPA",
}
_INITIALS |= {"rag": "RAG", "nhs": "NHS", "upn": "UPN", "id": "id"}


class Who(NamedTuple):
    """The child's banner."""

    name: str
    facts: tuple[tuple[str, str], ...]


@lru_cache(maxsize=2048)
def spoken(code: str) -> str:
    """A code as people say it: `social-worker` is `Social worker`, `hsb-view` is `HSB view`."""
    words = code.replace("-", " ").replace("_", " ").split(" ")
    said = " ".join(_INITIALS.get(word, word) for word in words)
    return said[:1].upper() + said[1:]


@lru_cache(maxsize=512)
def type_said(type_: str) -> str:
    """A type of event as people say it: `police.missing-episode.v1` is `Missing episode`."""
    return spoken(type_.split(".")[1])


def when(at: datetime, precision: str = "minute") -> str:
    """A time in London, no more exact than it is known."""
    there = at.astimezone(LONDON)
    if precision == "minute":
        return f"{_day(there.date())}, {there.hour:02}:{there.minute:02}"
    return _day(there.date()) if precision == "day" else there.strftime(TIMES[precision])


def hour(at: datetime) -> str:
    """The time of day in London, to the minute."""
    return at.astimezone(LONDON).strftime("%H:%M")


def day(at: date) -> str:
    """A day."""
    return at.strftime(TIMES["day"])


_day = lru_cache(maxsize=4096)(day)
"""Saying a day takes longer than anything else that is said of an entry."""


def who_is(known: Mapping[str, Any], now: datetime) -> Who:
    """Name, date of birth with age, identifiers, and where the child lives."""
    name = known.get("name", {})
    full = f"{name.get('given', '')} {name.get('family', '')}".strip() or "Name not known to you"
    facts: list[tuple[str, str]] = []
    if "date_of_birth" in known:
        born = date.fromisoformat(known["date_of_birth"])
        age = age_at(born, now.astimezone(LONDON).date())
        facts.append(("Born", f"{day(born)}, {'unborn' if age < 0 else f'aged {age}'}"))
    facts += [(system(i["system"]), str(i["value"])) for i in known.get("identifiers", ())]
    lives = ", ".join(str(known[part]) for part in ("address", "postcode") if known.get(part))
    if lives:
        facts.append(("Lives", lives))
    return Who(full, tuple(facts))


def agency_name(agency: str) -> str:
    """An agency family as people say it."""
    return _NAMES.get(agency) or spoken(agency)


def system(named: str) -> str:
    """An identifier's system, and whose it is."""
    kind, _, organisation = named.partition(":")
    name = SYSTEMS.get(kind, spoken(kind))
    return f"{name} ({spoken(organisation)})" if organisation else name


def value_said(value: Any) -> str:
    """A field's value in words."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(value_said(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(value_said(each) for each in value.values() if each is not None)
    return str(value)


def joined(words: Iterable[str]) -> str:
    """Words as a list in a sentence."""
    *some, last = list(words)
    return f"{', '.join(some)} and {last}" if some else last


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"
