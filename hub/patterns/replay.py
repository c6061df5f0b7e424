"""One rule asked of one child at every moment at which the hub came to know something, or a deadline passed.

The history alone decides: an `Asked` that was told all at once has said the same as one that was told entry
by entry, so a rebuilt view and one kept up step by step are the same. Where what it is told belongs before
what it already said (a feed heard again, another child's entry taken back), it starts over by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from hub.domain.child import FlagAct
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import NOBODY, Elsewhere
from hub.patterns.emergence import Holding, Look, firing, look, narrowed_elsewhere
from hub.patterns.firing import Firing, Piece, text_of
from hub.patterns.life import Life, State, Why
from hub.patterns.rule import CannotTell, Pattern
from hub.patterns.settings import Settings
from hub.patterns.sight import Sight

ReviewEvent = FlagAct
Reviews = Mapping[UUID, Sequence[tuple[datetime, ReviewEvent]]]
"""What people did about flags, by flag: `Child.flags`, of all records of the child together."""
NOTHING = Look({}, (), (), ())


class _Change(NamedTuple):
    """From a moment on a fact stands, or stands no longer; or nothing changes but the time (None)."""

    at: datetime
    order: int
    fact: Fact | None
    stands: bool


@dataclass(slots=True)
class Standing:
    """One question that once was raised: its life so far, and how it holds or last held."""

    life: Life
    ids: Sequence[UUID]
    told: Firing | None = None
    holding: bool = False
    acts: int = 0
    """How many of the acts of people are in the life already."""

    def again(self, at: datetime, new: Sequence[Fact | Piece]) -> None:
        """Raised once more while it holds: told of what came since somebody looked, not of the first time."""
        if self.told is not None:
            self.told = replace(
                self.told,
                completed_at=at,
                completed_by=tuple(sorted({one.family for one in new})),
                could_have_been_seen_at=min(at, max((one.at for one in new), default=at)),
                judged=False,
            )


@dataclass(slots=True)
class Asked:
    """What one rule has said of one child so far. One more entry costs one look of the rule at its sight."""

    rule: Pattern
    settings: Settings
    ids: Callable[[str], Sequence[UUID]]
    """The ids a flag of that root has, on this child's record first and on those joined into it."""
    standing: dict[str, Standing] = field(default_factory=dict)
    look: Look = NOTHING
    steps: int = 0
    """How often the rule was looked at: what a back-test and a benchmark count."""
    _history: list[_Change] = field(default_factory=list)
    _ahead: list[_Change] = field(default_factory=list)
    _moments: set[datetime] = field(default_factory=set)
    _sight: Sight = field(init=False)
    _here: set[str] = field(default_factory=set)
    _until: datetime | None = None
    """The latest moment that anything said so far belongs to."""
    _untold: set[tuple[str, datetime]] = field(default_factory=set)
    _others: Elsewhere = NOBODY
    _keys: frozenset[str] = frozenset()
    _over: bool = False

    def __post_init__(self) -> None:
        """Nothing is seen yet."""
        self._sight = Sight(self.settings.counting)

    def learn(self, fact: Fact, since: datetime, until: datetime | None) -> None:
        """Be told of a fact, narrowed to what the rule reads, that stands from one moment to another.

        What was recorded and taken back at one moment never stood.
        """
        if until is not None and until <= since:
            return
        for at, stands in ((since, True), (until, False)):
            if at is not None:
                change = _Change(at, len(self._history), fact, stands)
                self._history.append(change)
                heappush(self._ahead, change)
                self._over = self._over or (self._until is not None and at <= self._until)

    @property
    def idle(self) -> bool:
        """Nothing the rule reads was ever told."""
        return not self._history

    @property
    def waits_until(self) -> datetime | None:
        """When time alone may change what it says."""
        return self._ahead[0].at if self._ahead else None

    def ask(
        self, now: datetime, feeds: Mapping[str, datetime], elsewhere: Elsewhere, reviews: Reviews
    ) -> None:
        """Look at every moment up to now that was not looked at yet, and take in what people did."""
        for _ in self.each(now, feeds, elsewhere, reviews):
            pass

    def each(
        self, now: datetime, feeds: Mapping[str, datetime], elsewhere: Elsewhere, reviews: Reviews
    ) -> Iterator[datetime]:
        """The same moment by moment: after each, what stands then can be read."""
        if self.rule.crosses:
            self._meet(narrowed_elsewhere(self.rule, elsewhere), frozenset(elsewhere.by_key))
        if self._over or any(feeds.get(f) and feeds[f] >= since for f, since in self._untold):
            self._start_over()
        while self._ahead and self._ahead[0].at <= now:
            moment = self._ahead[0].at
            arrived = self._take_in(moment)
            self._step(moment, arrived, feeds, reviews)
            yield moment
        for standing in self.standing.values():
            self._people(standing, reviews, lambda at: at <= now)
            self._pass(standing, now)

    # ------------------------------------------------------------

    def _meet(self, others: Elsewhere, keys: frozenset[str]) -> None:
        """Other children's entries as they are now; where one belongs before what was said, start over.

        `keys` are all that were looked up, those too under which nothing stands yet: a child may be drawn
        before the other whose entries are older than its own.
        """
        was, now = _named(self._others), _named(others)
        self._others = others
        self._over = self._over or not was.keys() <= now.keys()
        known_keys, self._keys = self._keys, keys
        for named in now.keys() - was.keys():
            recorded_at = now[named]
            if self._until is None or recorded_at > self._until:
                self._wait_for(recorded_at)
            else:  # a key this child has only now named had no part in what was said before
                self._over = self._over or named[0] in known_keys

    def _start_over(self) -> None:
        self.standing, self.look, self._until, self._over = {}, NOTHING, None, False
        self._sight, self._here = Sight(self.settings.counting), set()
        self._untold.clear()
        self._moments.clear()
        self._ahead = sorted(self._history)
        for _, other in self._others:
            self._wait_for(other.fact.recorded_at)

    def _wait_for(self, moment: datetime) -> None:
        if moment not in self._moments:
            self._moments.add(moment)
            heappush(self._ahead, _Change(moment, -1, None, stands=False))

    def _take_in(self, moment: datetime) -> list[Fact]:
        """All that changes at this moment. Returns what arrived."""
        arrived: list[Fact] = []
        changes: list[_Change] = []
        while self._ahead and self._ahead[0].at == moment:
            changes.append(heappop(self._ahead))
        self._moments.discard(moment)
        for change in sorted(changes, key=lambda c: c.stands):  # what ceases, before what begins
            if change.fact is None:
                continue
            if change.stands:
                arrived.append(change.fact)
                self._sight.add(change.fact)
                self._here.add(text_of(change.fact.entry))
            else:
                self._sight.remove(change.fact)
                self._here.discard(text_of(change.fact.entry))
        return arrived

    def _step(
        self, moment: datetime, arrived: Sequence[Fact], feeds: Mapping[str, datetime], reviews: Reviews
    ) -> None:
        timeline = Timeline(self._sight.facts, moment, feeds)
        others = self._others.known_at(moment) if self.rule.crosses else NOBODY
        self.look = look(self.rule, timeline, self.settings.rule(self.rule.code), others)
        self.steps += 1
        self._settled(moment)
        for waiting in self.look.waiting:
            if waiting.until > moment:
                self._wait_for(waiting.until)
        for cannot in self.look.untold:
            self._untold.update(_silent(cannot, feeds))
        for root in self.look.holding:
            if root not in self.standing:
                self.standing[root] = Standing(Life(self.settings), self.ids(root))
        for root, standing in self.standing.items():
            self._people(standing, reviews, lambda at: at < moment)
            holding = self.look.holding.get(root)
            if holding is not None:
                self._holds(standing, holding, timeline, others)
            else:
                standing.holding = False
                standing.life.falls(moment, self._why(moment, root, standing.life, arrived))

    def _holds(self, standing: Standing, holding: Holding, timeline: Timeline, others: Elsewhere) -> None:
        evidence, at = holding.evidence, timeline.now
        own, beyond = (
            frozenset(text_of(f.entry) for f in some) for some in (evidence.facts, evidence.elsewhere)
        )
        severity = evidence.severity or self.settings.rule(self.rule.code).severity.value
        before = standing.told if standing.holding else None
        if before is None or _differs(before, holding, severity):
            standing.told = firing(
                self.rule, holding, timeline, self.settings, others, Facts(()), since=at, before=before
            )
        standing.holding = True
        seen, turns = standing.life.seen, len(standing.life.turns)
        standing.life.holds(at, own, beyond, severity)
        if before is not None and len(standing.life.turns) > turns and standing.life.state is State.REOPENED:
            entries = (*evidence.facts, *evidence.elsewhere)
            standing.again(at, [fact for fact in entries if text_of(fact.entry) not in seen])

    def _why(self, at: datetime, root: str, life: Life, arrived: Sequence[Fact]) -> Why:
        if not life.entries - life.beyond <= self._here:
            return Why.CHANGED_AT_SOURCE
        if any(note.root == root for note in self.look.notes):
            return Why.ONE_AGENCY
        if arrived and all(fact.judged_at == at for fact in arrived):
            return Why.INCIDENTS
        return Why.ANSWERED if arrived else Why.TIME

    def _people(self, standing: Standing, reviews: Reviews, by: Callable[[datetime], bool]) -> None:
        """What people did about this flag that is not in its life yet."""
        acts = [act for id_ in standing.ids for act in reviews.get(id_, ())]
        if len(acts) == standing.acts:
            return
        acts.sort(key=lambda act: act[0])
        for at, event in acts[standing.acts :]:
            if not by(at):
                break
            turns = len(standing.life.turns)
            standing.life.person(at, event)
            if standing.told and any(turn.why is Why.NEW_EVIDENCE for turn in standing.life.turns[turns:]):
                reviewed = standing.life.reviewed
                new = [piece for piece in standing.told.evidence if piece.entry not in reviewed]
                standing.again(max((piece.recorded_at for piece in new), default=at), new)
            standing.acts += 1
            self._settled(at)

    def _pass(self, standing: Standing, now: datetime) -> None:
        """Let time pass: the flag may expire."""
        turns = len(standing.life.turns)
        standing.life.until(now)
        if len(standing.life.turns) > turns:
            self._settled(standing.life.turns[-1].at)

    def _settled(self, moment: datetime) -> None:
        self._until = moment if self._until is None else max(self._until, moment)


def _silent(cannot: CannotTell, feeds: Mapping[str, datetime]) -> Iterator[tuple[str, datetime]]:
    """Which feed, once heard past which moment, would settle it."""
    for family in cannot.families:
        heard = feeds.get(family)
        if heard is None or heard < cannot.since:
            yield family, cannot.since


def _differs(before: Firing, holding: Holding, severity: int) -> bool:
    evidence = holding.evidence
    return (
        before.severity != severity
        or before.due != evidence.due
        or before.elsewhere != len(evidence.elsewhere)
        or before.alone != holding.alone
        or [piece.entry for piece in before.evidence] != [text_of(fact.entry) for fact in evidence.facts]
    )


def _named(others: Elsewhere) -> dict[tuple[object, ...], datetime]:
    return {
        (
            key,
            other.child,
            other.fact.entry,
            other.fact.recorded_at,
            other.fact.ended_at,
        ): other.fact.recorded_at
        for key, other in others
    }
