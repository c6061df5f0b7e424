"""Tells one incident from the next: each has its own referral, its own clocks, its own strategy meeting."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from hub.domain.calendar import LONDON
from hub.domain.timeline import Fact, Facts, Timeline
from hub.protocol.obligation import Situation, first
from hub.protocol.pack import Pack
from hub.protocol.strands import hsb, strands_of
from schemas.case_event import PROTOCOL, CaseEvent
from schemas.protocol import PROTOCOL_TYPES, ReferralMade, ReferralReceived
from schemas.schools import SexualBehaviourIncident
from schemas.social_care import Contact, Referral

FRONT_DOOR = (ReferralReceived, ReferralMade, Referral, Contact)
COARSE = ("day", "month", "year")


@dataclass(frozen=True)
class Episode:
    """What opened or renewed the pathway, and the referral that took it to the front door.

    Incidents that one referral took there are one episode; an incident after it that nobody referred is another.
    """

    facts: Facts
    referral: Fact | None
    contacted: Fact | None = None
    """The first contact with the front door about it: made, received or taken as a referral."""

    @property
    def start(self) -> Fact:
        """The first that was recorded of it."""
        fact: Fact = self.facts[0]
        return fact

    @property
    def strands(self) -> dict[str, Facts]:
        """The strands this episode belongs to, each with its entries."""
        return strands_of(self.facts)


def episodes(situation: Situation) -> tuple[Episode, ...]:
    """The episodes of a pathway, as they happened."""
    return situation.once("episodes", _episodes)


def _episodes(situation: Situation) -> tuple[Episode, ...]:
    found: list[Episode] = []
    groups = incidents(situation.timeline, situation.pack)
    for facts in groups:
        others = frozenset(f.incident for group in groups if group is not facts for f in group)
        reached = _Reached(situation.timeline, facts, others)
        referral = reached.by(ReferralReceived, Referral) or reached.by(ReferralMade, Contact)
        same = next((e for e in found if referral is not None and e.referral == referral), None)
        if same is None:
            found.append(Episode(facts, referral, reached.by(*FRONT_DOOR)))
        else:
            found[found.index(same)] = replace(same, facts=Facts((*same.facts, *facts)))
    return tuple(found)


def referred(situation: Situation) -> Iterator[tuple[Episode, Fact]]:
    """The episodes that reached the front door, each with its referral."""
    for episode in episodes(situation):
        if episode.referral is not None:
            yield episode, episode.referral


def others(situation: Situation, episode: Episode) -> list[Facts]:
    """What is known of the other children of this episode: those its entries name.

    One whom no entry of any episode names, and who is linked all the same, may be of each.
    """
    ours = _named(episode)
    named = situation.once("named", lambda s: {h for one in episodes(s) for h in _named(one)})
    return [facts for hashed, facts in situation.linked.items() if hashed in ours or hashed not in named]


def _named(episode: Episode) -> frozenset[str]:
    return frozenset(tie.hashed for fact in episode.facts for tie in fact.children)


def incidents(timeline: Timeline, pack: Pack) -> list[Facts]:
    """Group what opens a pathway into incidents.

    The same reference is one incident; two references of one keeper are two. Behaviour is one incident where it
    lies close in time; an account, a report or a referral is of the latest incident before it. In doubt it is
    another incident: asking twice is safer than not at all.
    """
    groups: list[list[Fact]] = []
    for fact in hsb(timeline):
        group = next((g for g in reversed(groups) if _same(g, fact)), None)
        if group is None and groups and _close(groups[-1], fact, pack):
            group = groups[-1]
        if group is None:
            groups.append([fact])
        else:
            group.append(fact)
    return [Facts(group) for group in groups]


def since(facts: Facts, start: Fact) -> Facts:
    """Only those from the start on; where either is known by the day only, the day itself counts."""
    return facts.where(
        lambda f: f.at >= start.at or ((coarse(f) or coarse(start)) and day_of(f.at) >= day_of(start.at))
    )


def since_day(facts: Facts, start: Fact) -> Facts:
    """Only those from the start's day on: people act first and write down afterwards."""
    return facts.where(lambda f: day_of(f.at) >= day_of(start.at))


def coarse(fact: Fact) -> bool:
    """True where only the day, or less, is known: such a time stands at midnight."""
    return fact.get("precision") in COARSE


def exact(fact: Fact | None, among: Facts) -> Fact | None:
    """The fact, or, where only its day is known, the one of that day that says the hour: the same act, told twice.

    Else a system that gives days only would start a clock at midnight, hours before anybody rang.
    """
    if fact is None or not coarse(fact):
        return fact
    return first(among.where(lambda f: not coarse(f) and day_of(f.at) == day_of(fact.at))) or fact


class _Reached(NamedTuple):
    """What took an incident to the front door: what names it, else what names no other incident."""

    timeline: Timeline
    incident: Facts
    others: frozenset[str | None]

    def by(self, *kinds: type[CaseEvent]) -> Fact | None:
        own = frozenset(f.incident for f in self.incident) - {None}
        said = since_day(self.timeline.of(*kinds), self.incident[0])
        named = said.where(lambda f: f.incident in own)
        rest = said.where(lambda f: f.incident is None or f.incident not in self.others)
        return exact(first(named) or first(rest), said)


def _same(group: list[Fact], fact: Fact) -> bool:
    return fact.incident is not None and any(fact.incident == other.incident for other in group)


def _close(group: list[Fact], fact: Fact, pack: Pack) -> bool:
    if any(_told_apart(other, fact) for other in group):
        return False
    if fact.kind is SexualBehaviourIncident:
        return fact.at - group[0].at <= timedelta(hours=pack.same_incident_hours)
    return fact.at - group[-1].at <= timedelta(days=pack.same_account_days)


def _told_apart(fact: Fact, other: Fact) -> bool:
    """True where one keeper of records names two incidents; two keepers' references cannot be compared."""
    known = fact.incident is not None and other.incident is not None
    return known and fact.incident != other.incident and _keeper(fact) == _keeper(other)


def _keeper(fact: Fact) -> str:
    return PROTOCOL if issubclass(fact.kind, PROTOCOL_TYPES) else fact.family


def day_of(at: datetime) -> date:
    """A moment's day in London."""
    return at.astimezone(LONDON).date()
