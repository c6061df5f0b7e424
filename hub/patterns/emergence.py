"""The engine: a rule counts only where it holds on all agencies together and on no single agency alone."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import NOBODY, Elsewhere, OthersFact
from hub.patterns.firing import Alone, Firing, SingleSourceNote, Untold, piece, protection
from hub.patterns.incidents import stands
from hub.patterns.rule import ALWAYS, CannotTell, Evidence, Outcome, Pattern, Waiting
from hub.patterns.settings import RuleSettings, Settings
from hub.patterns.sight import Sight

INSTANT = timedelta(microseconds=1)
BESIDE = timedelta(days=1)
"""What protects is shown from so long before the evidence on."""


class Holding(NamedTuple):
    """A rule that holds on the union and on no agency alone, before it is told how and since when."""

    evidence: Evidence
    alone: tuple[Alone, ...]


class Look(NamedTuple):
    """One look of one rule at one timeline, by root."""

    holding: dict[str, Holding]
    notes: tuple[SingleSourceNote, ...]
    waiting: tuple[Waiting, ...]
    untold: tuple[CannotTell, ...]


class Seen(NamedTuple):
    """What all rules make of a timeline. `look_at` is when to look again though nothing may arrive."""

    firings: list[Firing]
    notes: list[SingleSourceNote]
    untold: list[Untold]
    look_at: datetime | None


def evaluate(
    timeline: Timeline, settings: Settings, patterns: Iterable[Pattern], elsewhere: Elsewhere = NOBODY
) -> Seen:
    """Ask every rule about a child as it stands. The same entries give the same answer in any order."""
    seen = Seen([], [], [], None)
    moments: list[datetime] = []
    for rule in patterns:
        narrowed = narrow(rule, timeline, settings)
        if not narrowed.facts:
            continue
        numbers = settings.rule(rule.code)
        others = narrowed_elsewhere(rule, elsewhere)
        found = look(rule, narrowed, numbers, others)
        protecting = protection(timeline.facts)
        for holding in found.holding.values():
            seen.firings.append(firing(rule, holding, narrowed, settings, others, protecting))
        seen.notes.extend(found.notes)
        seen.untold.extend(untold(rule, found))
        moments.extend(look_again(found, timeline.now, settings))
    return seen._replace(look_at=min(moments, default=None))


def next_look(
    timeline: Timeline, settings: Settings, patterns: Iterable[Pattern], elsewhere: Elsewhere = NOBODY
) -> datetime | None:
    """When time alone may change what the rules say of this child; None: never."""
    return evaluate(timeline, settings, patterns, elsewhere).look_at


def look(rule: Pattern, narrowed: Timeline, numbers: RuleSettings, elsewhere: Elsewhere) -> Look:
    """Ask one rule of the union, and where it holds, of every agency alone (patterns.md: emergent).

    Whatever the rule says, one second-hand account is no evidence (R35).
    """
    together = rule.look(narrowed, numbers, elsewhere)
    evidences = [outcome for outcome in together if isinstance(outcome, Evidence)]
    waiting = tuple(o for o in together if isinstance(o, Waiting))
    cannot = tuple(o for o in together if isinstance(o, CannotTell))
    if not evidences:
        return Look({}, (), waiting, cannot)
    alone = {
        family: _evidences(rule.look(narrowed.only(family), numbers, elsewhere.only(family)))
        for family in sorted({family for evidence in evidences for family in evidence.families})
    }
    holding: dict[str, Holding] = {}
    notes: list[SingleSourceNote] = []
    for evidence in evidences:
        apart = _apart(evidence, alone)
        by_one = [a.family for a in apart if a.holds]
        notes.extend(_note(rule, evidence, family) for family in by_one)
        told = stands([*evidence.facts, *evidence.elsewhere])
        if not by_one and told and len(evidence.families) >= rule.min_families:
            holding[evidence.root] = Holding(evidence, apart)
    return Look(holding, tuple(notes), waiting, cannot)


def narrow(rule: Pattern, timeline: Timeline, settings: Settings) -> Timeline:
    """Only what the rule says it reads, as far back as it sees: all else is out of its sight."""
    mine = (narrowed_fact(rule, fact) for fact in timeline.of(*rule.kinds))
    seen = Sight(settings.counting, (fact for fact in mine if fact is not None))
    return replace(timeline, facts=seen.facts)


def narrowed_fact(rule: Pattern, fact: Fact) -> Fact | None:
    """The fact as the rule may see it; None where it may not, or where it makes no difference to the rule."""
    signals = rule.reads.get(fact.kind)
    if signals is None:
        return None
    narrowed = with_signals(fact, signals)
    return narrowed if rule.counts(narrowed) else None


def narrowed_elsewhere(rule: Pattern, elsewhere: Elsewhere) -> Elsewhere:
    """Other children's entries as the rule may see them."""
    if not rule.crosses or not elsewhere.by_key:
        return NOBODY
    by_key: dict[str, list[OthersFact]] = {}
    for key, other in elsewhere:
        fact = narrowed_fact(rule, other.fact)
        if fact is not None:
            by_key.setdefault(key, []).append(OthersFact(other.child, fact))
    return Elsewhere({key: tuple(others) for key, others in by_key.items()})


def with_signals(fact: Fact, signals: tuple[str, ...]) -> Fact:
    """The fact with these of its signals, beside those that every rule may see."""
    allowed = (*ALWAYS, *signals)
    kept = {name: value for name, value in fact.signals.items() if name in allowed}
    return fact if len(kept) == len(fact.signals) else replace(fact, signals=kept)


def firing(
    rule: Pattern,
    holding: Holding,
    narrowed: Timeline,
    settings: Settings,
    elsewhere: Elsewhere,
    protecting: Facts,
    since: datetime | None = None,
    before: Firing | None = None,
) -> Firing:
    """Tell a holding in full: since when, by whom completed, how much earlier it could have been seen.

    `since` is when it began to hold, where a replay of the history has told; `before` how it was told then:
    by whom it was completed, and when it could have been seen, stays as it was.
    """
    evidence = holding.evidence
    numbers = settings.rule(rule.code)
    facts = evidence.facts
    entries = [*facts, *evidence.elsewhere]
    if before is not None:
        completed, possible, by = before.completed_at, before.could_have_been_seen_at, before.completed_by
    else:
        completed = since or _known_since(rule, evidence, narrowed, numbers, elsewhere)
        possible = _could_be_seen_since(rule, evidence, narrowed, numbers, elsewhere)
        by = tuple(sorted({f.family for f in entries if f.recorded_at == completed}))
    judged = before.judged if before else any(f.judged_at == completed for f in facts)
    possible = max([possible, *(f.judged_at for f in facts if f.judged_at is not None)])
    start = min(f.at for f in entries)
    end = max(*(f.ended_at or f.at for f in entries), evidence.due or start)
    return Firing(
        pattern=rule.code,
        version=rule.version,
        settings=settings.name,
        root=evidence.root,
        severity=evidence.severity or numbers.severity.value,
        evidence=tuple(piece(fact) for fact in facts),
        elsewhere=len(evidence.elsewhere),
        families=tuple(sorted(evidence.families)),
        alone=holding.alone,
        window=(start, end),
        due=evidence.due,
        completed_at=completed,
        completed_by=by,
        could_have_been_seen_at=min(possible, completed),
        protects=tuple(piece(f) for f in protecting if start - BESIDE <= f.at),
        judged=judged,
    )


def untold(rule: Pattern, found: Look) -> Iterable[Untold]:
    """What the rule could not tell, for showing."""
    return (Untold(rule.code, c.root, tuple(sorted(c.families)), c.since) for c in found.untold)


def look_again(found: Look, now: datetime, settings: Settings) -> Iterable[datetime]:
    """When time alone may change what the rule says."""
    yield from (w.until for w in found.waiting if w.until > now)
    if found.untold:
        yield now + timedelta(hours=settings.life.look_again_hours.value)


def _evidences(outcomes: Iterable[Outcome]) -> list[Evidence]:
    return [outcome for outcome in outcomes if isinstance(outcome, Evidence)]


def _apart(evidence: Evidence, alone: Mapping[str, Iterable[Evidence]]) -> tuple[Alone, ...]:
    """Whether one agency alone would have put the same question, of each that holds evidence.

    The same: of the same root, or of no entry that the union does not show. A root that names an entry may
    differ where the agency alone does not hold that entry.
    """
    entries = {fact.entry for fact in evidence.facts}
    together = [*evidence.facts, *evidence.elsewhere]
    own = Counter(fact.family for fact in together)
    return tuple(
        Alone(
            family,
            own[family],
            len(together),
            any(e.root == evidence.root or entries.issuperset(f.entry for f in e.facts) for e in seen),
        )
        for family, seen in alone.items()
        if family in own
    )


def _note(rule: Pattern, evidence: Evidence, family: str) -> SingleSourceNote:
    own = tuple(piece(fact) for fact in evidence.facts.by(family))
    return SingleSourceNote(rule.code, evidence.root, family, own)


def _known_since(
    rule: Pattern, evidence: Evidence, narrowed: Timeline, numbers: RuleSettings, elsewhere: Elsewhere
) -> datetime:
    """Since when the rule has held, without a break, on what was known."""

    def held(moment: datetime) -> bool:
        known = narrowed.known_at(moment)
        return evidence.root in look(rule, known, numbers, elsewhere.known_at(moment)).holding

    return _unbroken(held, evidence, narrowed.facts, lambda f: f.recorded_at)


def _could_be_seen_since(
    rule: Pattern, evidence: Evidence, narrowed: Timeline, numbers: RuleSettings, elsewhere: Elsewhere
) -> datetime:
    """The same, had every entry arrived when it happened."""

    def held(moment: datetime) -> bool:
        happened = replace(narrowed, now=moment, facts=narrowed.facts.where(lambda f: f.at <= moment))
        return evidence.root in look(rule, happened, numbers, elsewhere.happened_by(moment)).holding

    return _unbroken(held, evidence, narrowed.facts, lambda f: f.at)


def _unbroken(
    held: Callable[[datetime], bool], evidence: Evidence, facts: Facts, when: Callable[[Fact], datetime]
) -> datetime:
    """The first moment of the evidence at which it held, after the last at which something else broke it."""
    entries = {f.entry for f in evidence.facts}
    moments = {when(f) for f in (*evidence.facts, *evidence.elsewhere)}
    moments |= {evidence.due} if evidence.due else set()
    first, last = min(moments), max(moments)
    others = {when(f) for f in facts if f.entry not in entries and first < when(f) < last}
    broken = next((m for m in sorted(others, reverse=True) if not held(m)), first - INSTANT)
    return next((m for m in sorted(moments) if m > broken and held(m)), last)
