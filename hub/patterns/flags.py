"""Flags of one child, drawn from the record alone: rebuilt from nothing they are the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from hub.domain.child import By, FlagAct, FlagDecision
from hub.domain.knowledge import Known, known_at
from hub.domain.timeline import Fact, Facts
from hub.patterns.elsewhere import NOBODY, Elsewhere
from hub.patterns.emergence import firing, look_again, untold
from hub.patterns.firing import Firing, SingleSourceNote, Untold, protection
from hub.patterns.life import Life, State, Turn, Why
from hub.patterns.replay import Step, replay
from hub.patterns.rule import Pattern
from hub.patterns.settings import Settings

FLAGS = UUID("0d0b5a5e-9d3b-5c55-8a0e-7d1f0b2c9a11")
"""Namespace of flag ids."""

ReviewEvent = FlagAct
Reviews = Mapping[UUID, Sequence[tuple[datetime, ReviewEvent]]]
"""What people did about flags, by flag: `Child.flags`, of all records of the child together."""


class Flag(msgspec.Struct, frozen=True):
    """A question to people about one child, and its life so far.

    `firing` is how the rule holds, or last held. `tells` is all that a role is told to whom the flag was
    released. `turns` is the whole life; the last is the present state.
    """

    id: UUID
    pattern: str
    name: str
    says: str
    tells: str
    state: State
    severity: int
    raised_at: datetime
    acknowledge_by: datetime | None
    expires_at: datetime | None
    decision: FlagDecision | None
    released_to: tuple[str, ...]
    turns: tuple[Turn, ...]
    firing: Firing
    owner: By | None = None
    """Who has it in hand."""
    disagreed: int = 0
    """How often somebody did not agree."""

    @property
    def standing(self) -> bool:
        """True unless it was withdrawn or has expired."""
        return self.state not in (State.WITHDRAWN, State.EXPIRED)

    def overdue(self, now: datetime) -> bool:
        """True where nobody has looked in time."""
        waits = self.state in (State.RAISED, State.REOPENED)
        return waits and self.acknowledge_by is not None and self.acknowledge_by < now


class Flags(NamedTuple):
    """All the rules say of one child: flags; single-source notes apart from them; what could not be told.

    `look_at` is when to look again though nothing may arrive; `awaits` the agencies whose being heard would
    settle what could not be told.
    """

    flags: list[Flag]
    notes: list[SingleSourceNote]
    untold: list[Untold]
    look_at: datetime | None

    @property
    def awaits(self) -> frozenset[str]:
        """The agencies whose being heard would settle what could not be told."""
        return frozenset(family for one in self.untold for family in one.families)


def flag_id(child: UUID, pattern: str, root: str) -> UUID:
    """The same question about the same child is the same flag, whoever draws it and whenever."""
    return uuid5(FLAGS, f"{child.hex}/{pattern}/{root}")


def flags(
    children: Sequence[UUID],
    known: Sequence[Known],
    *,
    now: datetime,
    feeds: Mapping[str, datetime],
    reviews: Reviews,
    settings: Settings,
    patterns: Iterable[Pattern],
    elsewhere: Elsewhere = NOBODY,
) -> Flags:
    """Draw all flags of a child from what the hub knew and when, and from what people did.

    `children` are the records read as this child, the surviving one first: its id makes the flags' ids, and
    reviews of a flag that stood on a record joined later still count. Nothing drawn before is needed: what
    once stood and fell is found again by replaying the history.
    """
    drawn = Flags([], [], [], None)
    moments: list[datetime] = []
    for rule in patterns:
        steps = list(replay(rule, known, now, feeds, settings.rule(rule.code), elsewhere))
        if not steps:
            continue
        for root in dict.fromkeys(root for step in steps for root in step.look.holding):
            acts = sorted(_acts(children, rule, root, reviews, now), key=lambda act: act[0])
            flag = _draw(children[0], rule, root, steps, acts, settings, elsewhere, known)
            drawn.flags.append(flag)
            if flag.standing and flag.expires_at is not None:
                moments.append(flag.expires_at)
        last = steps[-1].look
        drawn.notes.extend(last.notes)
        drawn.untold.extend(untold(rule, last))
        moments.extend(look_again(last, now, settings))
    return drawn._replace(look_at=min((m for m in moments if m > now), default=None))


def crossing_places(facts: Iterable[Fact], patterns: Iterable[Pattern]) -> frozenset[str]:
    """The places that rules across children look up on other records, and tie this child to them."""
    own = Facts(facts)
    return frozenset(place for rule in patterns if rule.crosses for place in rule.crosses(own))


def _acts(
    children: Sequence[UUID], rule: Pattern, root: str, reviews: Reviews, now: datetime
) -> Iterator[tuple[datetime, ReviewEvent]]:
    for child in children:
        acts = reviews.get(flag_id(child, rule.code, root), ())
        yield from (act for act in acts if act[0] <= now)


def _draw(
    child: UUID,
    rule: Pattern,
    root: str,
    steps: Sequence[Step],
    acts: Sequence[tuple[datetime, ReviewEvent]],
    settings: Settings,
    elsewhere: Elsewhere,
    known: Sequence[Known],
) -> Flag:
    life, held, since = _live(rule, root, steps, acts, settings)
    told = firing(
        rule,
        held.look.holding[root],
        held.timeline,
        settings,
        elsewhere.known_at(held.at) if rule.crosses else NOBODY,
        protection(known_at(known, held.at)),
        since,
    )
    return Flag(
        id=flag_id(child, rule.code, root),
        pattern=rule.code,
        name=rule.name,
        says=rule.says,
        tells=rule.tells,
        state=life.turns[-1].state,
        severity=life.severity,
        raised_at=life.turns[0].at,
        acknowledge_by=life.acknowledge_by,
        expires_at=life.expires_at,
        decision=life.decision,
        released_to=tuple(sorted(life.released_to)),
        turns=tuple(life.turns),
        firing=told,
        owner=life.owner,
        disagreed=life.disagreed,
    )


def _live(
    rule: Pattern,
    root: str,
    steps: Sequence[Step],
    acts: Sequence[tuple[datetime, ReviewEvent]],
    settings: Settings,
) -> tuple[Life, Step, datetime]:
    """Fold the evidence and the acts in order.

    Returns the life, the last step at which the rule held, and since when it then had held without a break.
    """
    life, waiting = Life(settings), list(acts)
    usual = settings.rule(rule.code).severity.value
    held, since, off = steps[0], steps[0].at, True
    for step in steps:
        while waiting and waiting[0][0] < step.at:
            life.person(*waiting.pop(0))
        holding = step.look.holding.get(root)
        if holding is not None:
            held, since, off = step, step.at if off else since, False
            evidence = holding.evidence
            own, beyond = (
                frozenset(str(f.entry) for f in some) for some in (evidence.facts, evidence.elsewhere)
            )
            life.holds(step.at, own, beyond, evidence.severity or usual)
        else:
            off = True
            life.falls(step.at, _why(step, root, life))
    for act in waiting:
        life.person(*act)
    life.until(steps[-1].at)
    return life, held, since


def _why(step: Step, root: str, life: Life) -> Why:
    here = {str(f.entry) for f in step.timeline.facts}
    if not life.entries - life.beyond <= here:
        return Why.CHANGED_AT_SOURCE
    if any(note.root == root for note in step.look.notes):
        return Why.ONE_AGENCY
    arrived = any(f.recorded_at == step.at for f in step.timeline.facts)
    return Why.ANSWERED if arrived else Why.TIME
