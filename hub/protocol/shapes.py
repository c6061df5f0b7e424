"""The shapes of obligations: what a row of the pack says as data is judged here, the same for every row."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact, Facts
from hub.protocol.episodes import Episode, day_of, episodes, since, since_day
from hub.protocol.judges import JUDGES
from hub.protocol.meetings import meetings
from hub.protocol.obligation import Due, Obligation, Situation, State, first
from hub.protocol.rows import After, Again, Asked, Coded, Departs, Since, Strand, Whilst
from hub.protocol.selector import Selector
from hub.protocol.strands import PARTS, age_of, hsb, of_age, strands


class Start(NamedTuple):
    """What set a row going: the entry, the incident it belongs to, and the strand (empty: the child's)."""

    fact: Fact
    episode: Episode
    strand: str


def judge(row: Obligation, situation: Situation) -> Iterable[Due]:
    """Everything one obligation asks in this situation."""
    match row.ask:
        case Coded(judge=name):
            return JUDGES[name](row, situation)
        case After() as ask:
            return _after(row, ask, situation)
        case Again() as ask:
            return _again(row, ask, situation)
        case Whilst() as ask:
            return _whilst(row, ask, situation)
        case Departs() as ask:
            return _departs(row, ask, situation)


def _after(row: Obligation, ask: After, situation: Situation) -> Iterator[Due]:
    clock = row.clock(situation) if ask.within else None
    for start in _picked(ask, _starts(ask, ask.when, situation)):
        met = first(_meeting_it(ask, start, situation))
        ends = _end(start.fact.get(ask.ends)) if ask.ends else None
        ends = _begin(start.fact.get(ask.before)) if ask.before else ends
        due = row.due(
            situation, start.fact, met, clock, ends=ends, strand=start.strand, asks_reason=ask.reason
        )
        yield _needless(due, ask, start, situation)


def _picked(ask: After, starts: Iterable[Start]) -> Iterable[Start]:
    """Every start, or for each strand the first or the last alone."""
    if ask.each == "each":
        return starts
    found: dict[str, Start] = {}
    for start in sorted(starts, key=lambda s: (s.fact.at, s.fact.entry.bytes), reverse=ask.each == "first"):
        found[start.strand] = start
    return found.values()


def _meeting_it(ask: After, start: Start, situation: Situation) -> Facts:
    """The entries that meet it, the first of them first."""
    done = _speaking_of("" if ask.across else start.strand, situation.chosen(ask.met_by))
    if ask.same and start.fact.get(ask.same) is not None:
        done = done.where(lambda f: f.get(ask.as_ or ask.same or "") == start.fact.get(ask.same or ""))
    match ask.met_from:
        case Since.EVER:
            return done
        case Since.DAY:
            return since_day(done, start.fact)
        case Since.INCIDENT:
            return since_day(done, start.episode.start)
        case Since.START:
            return since(done, start.fact)


def _again(row: Obligation, ask: Again, situation: Situation) -> Iterator[Due]:
    clock = row.clock(situation) if ask.within else None
    for start in _firsts(_starts(ask, ask.since, situation)):
        for one, following in _times(ask, start, situation):
            ends = _at_frequency(ask, one, situation)
            yield row.due(situation, one, following, clock, ends=ends, strand=start.strand)


def _times(ask: Again, start: Start, situation: Situation) -> Iterator[tuple[Fact, Fact | None]]:
    """Each time it was done with the next, the last with None; no more once what it belongs to is over."""
    done = _speaking_of(start.strand, since(situation.chosen(ask.met_by), start.fact))
    marks = [start.fact, *(f for f in done if f.entry != start.fact.entry)]
    yield from pairwise(marks)
    if not since_day(situation.chosen(ask.until), start.fact):
        yield marks[-1], None


def _firsts(starts: Iterable[Start]) -> Iterable[Start]:
    found: dict[str, Start] = {}
    for start in starts:
        if start.strand not in found or start.fact.at < found[start.strand].fact.at:
            found[start.strand] = start
    return found.values()


def _at_frequency(ask: Again, mark: Fact, situation: Situation) -> datetime | None:
    """When it is due again, by the frequency that was set last at the mark, else by the first set after it."""
    told = situation.chosen(ask.frequency).where(lambda f: f.get(ask.every or "") is not None)
    set_ = told.where(lambda f: f.at <= mark.at).last or first(told)
    return mark.at + timedelta(days=int(set_.get(ask.every or ""))) if set_ else None


def _whilst(row: Obligation, ask: Whilst, situation: Situation) -> Iterator[Due]:
    clock = row.clock(situation) if ask.within else None
    for start in _firsts(s for s in _starts(ask, ask.when, situation) if not _over(ask, s, situation)):
        live = first(_live(ask, start, situation))
        yield row.due(situation, start.fact, live, clock, strand=start.strand)


def _live(ask: Whilst, start: Start, situation: Situation) -> Facts:
    """What holds now of that which must: not ended since, and not past its own end."""
    has = _speaking_of(start.strand, situation.chosen(ask.has))
    has = since_day(has, start.fact) if ask.has_from == "start" else has
    lost = situation.chosen(ask.lost)
    return has.where(lambda f: _holds(f, situation.now) and not lost.where(lambda other: other.at >= f.at))


def _over(ask: Whilst, start: Start, situation: Situation) -> bool:
    return bool(
        situation.chosen(ask.to).where(lambda f: f.at >= start.fact.at and f.entry != start.fact.entry)
    )


def _holds(fact: Fact, now: datetime) -> bool:
    until = _end(fact.get("until"))
    return until is None or now < until


def _departs(row: Obligation, ask: Departs, situation: Situation) -> Iterator[Due]:
    for start in _starts(ask, ask.when, situation):
        said = first(since_day(situation.chosen(ask.reasoned_by), start.episode.start))
        met = start.fact if start.fact.get("reason_recorded") else said
        due = row.due(situation, start.fact, met, strand=start.strand, asks_reason=True)
        yield _needless(due, ask, start, situation)


# ------------------------------------------------------------ where it starts


def _starts(ask: Asked, when: tuple[Selector, ...], situation: Situation) -> Iterator[Start]:
    """Everything that sets it going, on each strand it is about, where the child's age is the one asked for."""
    if ask.only_if and not situation.chosen(ask.only_if):
        return
    for fact, episode in _facts(when, situation):
        for strand in _strands(ask.strand, fact, episode, situation):
            own = episode.strands.get(strand, episode.facts)
            if of_age(ask.age, age_of(own)) and (age_of(own) is not None or not ask.age_known):
                yield Start(own[0] if _is_incident(fact, episode, strand) else fact, episode, strand)


def _facts(when: tuple[Selector, ...], situation: Situation) -> Iterator[tuple[Fact, Episode]]:
    for selector in when:
        if selector.kind is not None:
            continue
        for episode in episodes(situation):
            fact = _found(selector.text, episode, situation)
            if fact is not None:
                yield fact, episode
    for fact in since_day(situation.chosen(when), situation.once("opened", _opened)):
        yield fact, episode_of(situation, fact)


def _opened(situation: Situation) -> Fact:
    """What opened the pathway first."""
    opened: Fact = hsb(situation.timeline)[0]
    return opened


def _found(text: str, episode: Episode, situation: Situation) -> Fact | None:
    if text == "the incident":
        return episode.start
    if text == "the referral" or episode.referral is None:
        return episode.referral
    return the_meeting(situation, episode.referral)


def the_meeting(situation: Situation, referral: Fact) -> Fact | None:
    """The first strategy meeting since a referral: that it was held, else that it was arranged."""
    return first(Facts(m.start for m in meetings(situation) if since(Facts([m.start]), referral)))


def episode_of(situation: Situation, fact: Fact) -> Episode:
    """The incident an entry belongs to: the last that had begun by its day."""
    found = episodes(situation)
    return next((e for e in reversed(found) if day_of(e.start.at) <= day_of(fact.at)), found[0])


def _is_incident(fact: Fact, episode: Episode, strand: str) -> bool:
    return fact is episode.start and strand in episode.strands


def _strands(strand: Strand, fact: Fact, episode: Episode, situation: Situation) -> Iterator[str]:
    """The strands on which an entry sets a row going: its incident's, and where that says none, the child's."""
    if strand in (Strand.ANY, Strand.BOTH):
        if strand is Strand.ANY or len(strands(situation.timeline)) > 1:
            yield ""
        return
    known = episode.strands or strands(situation.timeline)
    own = fact is episode.start or fact is episode.referral
    for part in known:
        if strand in (Strand.EACH, part) and (own or _of_strand(fact, part)):
            yield part


def _of_strand(fact: Fact, strand: str) -> bool:
    """Whether an entry may speak of a strand: one that says the other part, or is for the other, does not."""
    said = {fact.get("part"), fact.get("for_child")} & set(PARTS)
    return not strand or not said or strand in said


def _speaking_of(strand: str, facts: Facts) -> Facts:
    return facts.where(lambda f: _of_strand(f, strand))


# ------------------------------------------------------------ when it ends


def _needless(due: Due, ask: Asked, start: Start, situation: Situation) -> Due:
    """What something later made needless is superseded, unless it was done."""
    if due.met_at is not None or not since_day(situation.chosen(ask.unless), start.fact):
        return due
    return replace(due, state=State.SUPERSEDED, asks_reason=False, why="something later took its place")


def _end(said: object) -> datetime | None:
    """Until when a signal says: a moment, or the end of a day."""
    at = _when(said)
    return (
        start_of_day(at + timedelta(days=1)) if isinstance(at, date) and not isinstance(at, datetime) else at
    )


def _begin(said: object) -> datetime | None:
    """Before what a signal says: a moment, or the beginning of a day."""
    at = _when(said)
    return start_of_day(at) if isinstance(at, date) and not isinstance(at, datetime) else at


def _when(said: object) -> date | datetime | None:
    if not isinstance(said, str):
        return None
    return date.fromisoformat(said) if len(said) == len("2026-03-02") else datetime.fromisoformat(said)
