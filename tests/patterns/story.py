"""Stories of invented children as drawn tables: a line an entry, read into what rules see.

    day 0       police   missing-episode
    day 5.5     schools  concern-logged  category=gifts  teller=aunt  known=9
    @ben day 6  police   missing-episode place=public-place:park
    now 20
    silent social-care 10

A bare word is a signal that is true; `a+b` a list; `@20` a date; `incident=`, `teller=`, `place=kind:name`,
`child=relation:name`, `person=relation:name` become keyed hashes; `known=` is the day the hub recorded it
(else when it happened), `gone=` the day it was withdrawn. `@ben` puts the entry on another child's record.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import get_origin
from uuid import UUID, uuid5

from pydantic_core import to_json

from hub.domain.knowledge import Known
from hub.domain.timeline import Fact, Facts, Tie, Timeline
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.elsewhere import Elsewhere, OthersFact
from hub.patterns.emergence import evaluate
from hub.patterns.settings import Settings, load
from schemas.catalogue import TYPE_BY_NAME, split
from schemas.vocabulary import Agency

START = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday
STORIES = UUID("3f3c0a52-0000-4000-8000-000000000001")
CHILD = UUID("3f3c0a52-0000-4000-8000-0000000000aa")
WHO = {"identifiers": ({"system": "nhs-number", "value": "9449305552"},)}


@cache
def settings() -> Settings:
    return load(CATALOGUE)


def day(number) -> datetime:
    return START + timedelta(days=float(number))


def hashed(name) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@dataclass(frozen=True)
class Story:
    known: tuple[Known, ...]
    now: datetime
    feeds: dict = field(default_factory=dict)
    others: tuple[tuple[str, Fact], ...] = ()

    @property
    def facts(self) -> Facts:
        return Facts(k.fact for k in self.known if k.at(self.now))

    @property
    def timeline(self) -> Timeline:
        return Timeline(self.facts, self.now, self.feeds)

    @property
    def elsewhere(self) -> Elsewhere:
        places: dict[str, list[OthersFact]] = {}
        for name, fact in self.others:
            for tie in fact.places:
                places.setdefault(tie.hashed, []).append(OthersFact(hashed(name), fact))
        return Elsewhere({place: tuple(facts) for place, facts in places.items()})

    def seen(self, *codes):
        return evaluate(self.timeline, settings(), chosen(*codes), self.elsewhere)

    def days(self, code) -> list[float]:
        """The days of the evidence of all firings of a rule."""
        return sorted({_number(piece.at) for firing in self.seen(code).firings for piece in firing.evidence})

    def without(self, family) -> "Story":
        return replace(
            self,
            known=tuple(k for k in self.known if k.fact.family != family),
            others=tuple(o for o in self.others if o[1].family != family),
        )

    def without_entry(self, entry) -> "Story":
        return replace(self, known=tuple(k for k in self.known if str(k.fact.entry) != entry))

    def at(self, number) -> "Story":
        """The same story looked at on another day: feeds that were heard until then."""
        moment = day(number)
        heard = {f: moment if at == self.now else min(at, moment) for f, at in self.feeds.items()}
        return replace(self, now=moment, feeds=heard)


def chosen(*codes):
    return [p for p in CATALOGUE if not codes or p.code in codes]


def story(text: str) -> Story:
    known: list[Known] = []
    others: list[tuple[str, Fact]] = []
    silent: dict[str, datetime] = {}
    now, said = None, Counter()
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.split()
        if words[0] == "now":
            now = day(words[1])
            continue
        if words[0] == "silent":
            silent[words[1]] = day(words[2])
            continue
        name = words.pop(0)[1:] if words[0].startswith("@") else None
        said[line] += 1
        one = _known(words, uuid5(STORIES, f"{line}#{said[line]}"))
        if name is None:
            known.append(one)
        else:
            others.append((name, one.fact))
    now = now or max([k.since for k in known] + [f.recorded_at for _, f in others]) + timedelta(hours=1)
    feeds = {agency.value: silent.get(agency.value, now) for agency in Agency}
    return Story(tuple(known), now, feeds, tuple(others))


def _known(words, entry) -> Known:
    assert words[0] == "day", words
    at, agency, short = day(words[1]), words[2], words[3]
    said = dict(word.split("=", 1) if "=" in word else (word, "true") for word in words[4:])
    since = day(said.pop("known")) if "known" in said else at
    until = day(said.pop("gone")) if "gone" in said else None
    return Known(_fact(at, agency, short, said, entry, since), since, until)


def _fact(at, agency, short, said, entry, since) -> Fact:
    name = next(
        n for n in TYPE_BY_NAME for f in (agency, "protocol") if n.rpartition(".")[0] == f"{f}.{short}"
    )
    kind = TYPE_BY_NAME[name]
    incident, teller = said.pop("incident", None), said.pop("teller", None)
    ties = {tie: _ties(said.pop(tie, "")) for tie in ("child", "person", "place")}
    ended = day(said.pop("ended")) if "ended" in said else None
    values = {key: _value(kind, key, value) for key, value in said.items()}
    needed = {n: _filler(n, at) for n, f in kind.model_fields.items() if f.is_required() and n not in values}
    head = {"type": name, "agency": agency, "system": "story", "source_event_id": str(entry)}
    event = kind(**{**needed, **head, **WHO, "occurred_at": at, "ended_at": ended, **values})
    signals = json.loads(to_json(split(event).signals))
    return Fact(
        entry=entry,
        kind=kind,
        family=agency,
        at=at,
        recorded_at=since,
        ended_at=ended,
        ongoing=event.ongoing,
        signals={key: value for key, value in signals.items() if key != "type"},
        incident=incident and hashed(incident),
        teller=teller and hashed(teller),
        children=ties["child"],
        people=ties["person"],
        places=ties["place"],
    )


def _filler(name, at):
    """What a type demands and no rule reads."""
    references = ("meeting", "referral", "request", "worker")
    return {"system": "hub", "value": "1"} if name in references else at if name.endswith("_at") else "said"


def _ties(said) -> tuple[Tie, ...]:
    return tuple(Tie(r, hashed(n)) for r, n in (one.split(":") for one in filter(None, said.split("+"))))


def _value(kind, key, value):
    if value.startswith("@"):
        return day(value[1:]).date()
    return value.split("+") if get_origin(kind.model_fields[key].annotation) is tuple else value


def _number(at) -> float:
    days = (at - START) / timedelta(days=1)
    return int(days) if days == int(days) else round(days, 3)
