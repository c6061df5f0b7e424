"""The strategy meetings of a child: arranged here, held here or in social care's own system, as one list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.domain.calendar import LONDON
from hub.domain.timeline import Fact, Facts
from hub.protocol.obligation import Situation
from schemas import protocol, social_care

UNDECIDED = (None, protocol.SeparateMeeting.TO_BE_DECIDED.value)


@dataclass(frozen=True)
class Meeting:
    """One strategy meeting: arranged, held, or both."""

    facts: Facts

    @property
    def start(self) -> Fact:
        """Its latest word: that it was held, else that it was arranged."""
        return self.held or self.facts[-1]

    @property
    def held(self) -> Fact | None:
        """That it took place: as recorded here, which says most, else as social care's system says."""
        here = self.facts.of(protocol.StrategyMeetingHeld)
        told = self.facts.of(social_care.StrategyMeeting).where(held=True)
        return here.last or told.last

    @property
    def reason_given(self) -> bool:
        """True where somebody wrote down why it departed from the guidance."""
        return any(fact.get("reason_recorded") for fact in self.facts)

    @property
    def references(self) -> frozenset[Any]:
        """The keyed hashes it is known by."""
        return frozenset(f.get("meeting") for f in self.facts) - {None}

    def says(self, *names: str) -> frozenset[str]:
        """All codes said of it in these fields."""
        return frozenset(code for fact in self.facts for name in names for code in fact.get(name) or ())


def meetings(situation: Situation) -> list[Meeting]:
    """Every meeting arranged and not cancelled, or held. Same reference, or held on the same day: one meeting."""
    return situation.once("meetings", _meetings)


def _meetings(situation: Situation) -> list[Meeting]:
    groups: list[list[Fact]] = []
    told = situation.timeline.of(
        protocol.StrategyMeetingArranged, protocol.StrategyMeetingHeld, social_care.StrategyMeeting
    )
    for fact in told:
        if _cancelled(fact, situation):
            continue
        group = next((g for g in groups if any(_one(fact, other) for other in g)), None)
        if group is None:
            groups.append([fact])
        else:
            group.append(fact)
    return [Meeting(Facts(group)) for group in groups]


def took_place(found: Iterable[Meeting]) -> Facts:
    """That meetings were held, each once."""
    return Facts(m.held for m in found if m.held is not None)


def arranged(found: Iterable[Meeting]) -> Facts:
    """That meetings were arranged."""
    return Facts(
        fact
        for m in found
        for fact in m.facts
        if fact.kind is protocol.StrategyMeetingArranged
        or (fact.kind is social_care.StrategyMeeting and fact.get("held") is False)
    )


def _cancelled(fact: Fact, situation: Situation) -> bool:
    """True where it was cancelled after it was arranged; arranged again under the same reference, it stands."""
    return fact.kind is protocol.StrategyMeetingArranged and any(
        cancel.get("meeting") == fact.get("meeting")
        for cancel in situation.timeline.of(protocol.StrategyMeetingCancelled)
        if cancel.at >= fact.at
    )


def _one(fact: Fact, other: Fact) -> bool:
    reference = fact.get("meeting")
    if reference is not None and other.get("meeting") is not None:
        return bool(reference == other.get("meeting"))
    return fact.kind is not other.kind and bool(_days(fact) & _days(other))


def _days(fact: Fact) -> set[date]:
    """The day it was said of, and the day it was planned for."""
    planned = fact.get("planned_for")
    moments = [fact.at, *([datetime.fromisoformat(planned)] if isinstance(planned, str) else [])]
    return {moment.astimezone(LONDON).date() for moment in moments}
