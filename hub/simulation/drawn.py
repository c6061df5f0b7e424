"""Stories of invented children as drawn tables: a line an entry, read into case events and what rules see.

    day 0       police   missing-episode
    day 5.5     schools  concern-logged  category=gifts  teller=aunt  known=9
    @ben day 6  police   missing-episode place=public-place:park
    now 20
    silent social-care 10

A bare word is a signal that is true; `a+b` a list; `@20` a date; `incident=`, `teller=`, `place=kind:name`,
`child=relation:name`, `person=relation:name` become references, and to rules keyed hashes; `known=` is the
day the hub recorded it (else when it happened), `gone=` the day it was withdrawn. `@ben` puts the entry on
another child's record. The tests of the rules and the simulation draw from the same stories (`stories.py`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, get_origin
from uuid import UUID, uuid5

from pydantic_core import to_json

from hub.domain.knowledge import Known
from hub.domain.timeline import Fact, Tie
from schemas.case_event import CaseEvent, Identifier
from schemas.catalogue import TYPE_BY_NAME, split
from schemas.incidents import ANY, sorts_told
from schemas.vocabulary import Agency

START = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday
STORIES = UUID("3f3c0a52-0000-4000-8000-000000000001")
SYSTEM = "story"
WHO: Mapping[str, Any] = {"identifiers": ({"system": "nhs-number", "value": "9449305552"},)}
TIES = {"child": "children", "person": "people", "place": "places"}


class Said(NamedTuple):
    """One line of a story: whose record it is on (None: the story's own child), and what an agency says.

    `since` is when the hub records it, `until` when it is withdrawn (None: it stands).
    """

    child: str | None
    entry: UUID
    event: CaseEvent
    since: datetime
    until: datetime | None

    @property
    def known(self) -> Known:
        """What the hub knows by it, as rules see it."""
        return Known(fact_of(self.event, self.entry, self.since), self.since, self.until)


@dataclass(frozen=True)
class Drawing:
    """A story as drawn: what was said, the moment it is looked at, and when each agency was last heard."""

    said: tuple[Said, ...]
    now: datetime
    feeds: Mapping[str, datetime]


def draw(text: str, who: Mapping[str, Any] = WHO) -> Drawing:
    """Read a drawn story, told of `who`. Raises ValueError or pydantic's own for a line that says nothing."""
    said: list[Said] = []
    silent: dict[str, datetime] = {}
    now: datetime | None = None
    times: Counter[str] = Counter()
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.split()
        match words[0]:
            case "now":
                now = day(words[1])
            case "silent":
                silent[words[1]] = day(words[2])
            case _:
                times[line] += 1
                said.append(_said(words, uuid5(STORIES, f"{line}#{times[line]}"), who))
    now = now or max(one.since for one in said) + timedelta(hours=1)
    feeds = {agency.value: silent.get(agency.value, now) for agency in Agency}
    return Drawing(tuple(said), now, feeds)


def event_of(words: str, at: datetime, entry: UUID, who: Mapping[str, Any]) -> CaseEvent:
    """The case event that words such as `schools suspension` stand for, at a moment."""
    agency, short, *values = words.split()
    said = {key: value or "true" for key, _, value in (word.partition("=") for word in values)}
    return _event(at, agency, short, said, entry, who)


def day(number: float | str) -> datetime:
    """The moment of a day's number in a story."""
    return START + timedelta(days=float(number))


@cache
def hashed(name: str) -> str:
    """Stands for the hub's keyed hash of a reference."""
    return hashlib.sha256(name.encode()).hexdigest()


def fact_of(event: CaseEvent, entry: UUID, recorded_at: datetime) -> Fact:
    """A case event as rules see it, without a hub between: the same signals, plain hashes for keyed ones."""
    signals = json.loads(to_json(split(event).signals))
    return Fact(
        entry=entry,
        kind=type(event),
        family=event.agency.value,
        at=event.occurred_at,
        recorded_at=recorded_at,
        ended_at=event.ended_at,
        ongoing=event.ongoing,
        signals={key: value for key, value in signals.items() if key != "type"},
        incident=hashed(event.incident.value) if event.incident else None,
        teller=hashed(event.first_teller.value) if event.first_teller else None,
        children=tuple(Tie(c.relation.value, hashed(c.identifiers[0].value)) for c in event.children),
        people=tuple(Tie(p.relation.value, hashed(p.reference.value)) for p in event.people if p.reference),
        places=tuple(Tie(p.kind.value, hashed(p.reference.value)) for p in event.places),
        sorts=sorts_told(type(event), signals) or ANY,
    )


# ------------------------------------------------------------


def _said(words: list[str], entry: UUID, who: Mapping[str, Any]) -> Said:
    child = words.pop(0)[1:] if words[0].startswith("@") else None
    if words[0] != "day":
        raise ValueError(f"a line begins with a day: {' '.join(words)}")
    at, agency, short = day(words[1]), words[2], words[3]
    values = {key: value or "true" for key, _, value in (word.partition("=") for word in words[4:])}
    since = day(values.pop("known")) if "known" in values else at
    until = day(values.pop("gone")) if "gone" in values else None
    return Said(child, entry, _event(at, agency, short, values, entry, who), since, until)


def _event(
    at: datetime, agency: str, short: str, said: dict[str, str], entry: UUID, who: Mapping[str, Any]
) -> CaseEvent:
    name = _type_named(agency, short)
    kind = TYPE_BY_NAME[name]
    linked: dict[str, Any] = {
        field: tuple(_linked(field, one) for one in said.pop(word).split("+"))
        for word, field in TIES.items()
        if word in said
    }
    for word, field in (("incident", "incident"), ("teller", "first_teller")):
        if word in said:
            linked[field] = _reference(said.pop(word))
    ended = day(said.pop("ended")) if "ended" in said else None
    values = {key: _value(kind, key, value) for key, value in said.items()}
    needed = {n: _filler(n, at) for n, f in kind.model_fields.items() if f.is_required() and n not in values}
    head = {"type": name, "agency": agency, "system": SYSTEM, "source_event_id": str(entry)}
    return kind(**{**needed, **head, **who, "occurred_at": at, "ended_at": ended, **linked, **values})


def _type_named(agency: str, short: str) -> str:
    names: Iterable[str] = (f"{family}.{short}" for family in (agency, "protocol"))
    wanted = set(names)
    return next(name for name in TYPE_BY_NAME if name.rpartition(".")[0] in wanted)


def _linked(field: str, said: str) -> dict[str, Any]:
    relation, name = said.split(":")
    if field == "children":
        return {"relation": relation, "identifiers": (_reference(name),)}
    return {"kind" if field == "places" else "relation": relation, "reference": _reference(name)}


def _reference(name: str) -> Identifier:
    return Identifier(system=SYSTEM, value=name)


def _filler(name: str, at: datetime) -> Any:
    """What a type demands and no rule reads."""
    references = ("action", "meeting", "referral", "request", "worker")
    return {"system": "hub", "value": "1"} if name in references else at if name.endswith("_at") else "said"


def _value(kind: type[CaseEvent], key: str, value: str) -> date | list[str] | str:
    if value.startswith("@"):
        return day(value[1:]).date()
    return value.split("+") if get_origin(kind.model_fields[key].annotation) is tuple else value
