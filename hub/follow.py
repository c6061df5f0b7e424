"""Follows the archive and draws projections from it: incremental, rebuilt beside, woken as time passes."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import generation_of, seal, unseal
from hub.domain.child import Child, Disclosed, EntryCorrected, EntryRecorded, EntryWithdrawn, EpisodeCompleted
from hub.domain.feed import FeedHeard
from hub.errors import Conflict, HubError
from hub.records import Records
from hub.records.reading import Parted
from hub.store.effects import StoredRow
from hub.store.mapper import CHILD, FEED, StreamEvent, topic_of
from hub.store.views import Drawing, Row, View, Views

BATCH = 1000
DRAWN = 200
"""Children read together and drawn in one transaction."""
READ = 50
"""Children read together: between two readings, and between two children, a follower may stop."""
AT_ONCE = 1_000_000
"""Events read before their children are drawn: a child that came often among them is drawn once.

Who is stopped meanwhile reads them again: there is a bound. A rebuild broken off is of no use: it has none.
"""
SOON = timedelta(minutes=1)
"""What is younger is on its way to be drawn, and nobody need be told that it is not yet."""
ENTRIES = (EntryRecorded, EntryCorrected, EpisodeCompleted, EntryWithdrawn)


HEEDED = (CHILD, FEED)
"""What is opened of the log: of all else only the position counts."""


def never() -> bool:
    """Nobody asks to stop."""
    return False


def untold(_: int) -> None:
    """Nobody is told."""


AWAITED = "feed:"
"""Prefix of the tie of a child whose drawing waits for an agency to be heard."""


class Drawn(NamedTuple):
    """What a projection makes of one child.

    Rows by id; when to look again; `ties` (keyed hashes) by which a change of this child makes others look
    again and theirs this one; the agencies it `awaits`: hearing one makes it look again.
    """

    rows: Mapping[UUID, bytes]
    look_at: datetime | None = None
    ties: Sequence[str] = ()
    awaits: Sequence[str] = ()


class Looking(NamedTuple):
    """What a projection may look at: the child's records, the moment, the feeds, and children tied to it.

    `parted` are records that were once read with the child's, and entries that were moved to others.
    """

    records: tuple[Child, ...]
    now: datetime
    feeds: Mapping[str, datetime]
    tied: Callable[[Iterable[str]], Mapping[UUID, tuple[Child, ...]]]
    parted: tuple[Parted, ...] = ()


class Projection(Protocol):
    """A question asked of every child's record again whenever it changes."""

    name: str

    @property
    def version(self) -> int | str:
        """Another version is drawn from the beginning, beside what was drawn before."""

    def draw(self, looking: Looking) -> Drawn:
        """Draw one child. Pure but for opening signals: the same record gives the same rows."""


class AheadOfLog(HubError):
    """The view has drawn events the archive does not hold: it was drawn from another archive."""

    status, title, exit_code = 503, "A projection is ahead of the archive", 4


@dataclass(slots=True)
class Followed:
    """What one step did. Counts only."""

    events: int = 0
    children: int = 0
    woken: int = 0
    parked: int = 0


class Follower:
    """Keeps one projection up with the archive."""

    def __init__(self, projection: Projection, records: Records, views: Views) -> None:
        self.projection, self._records, self._views = projection, records, views
        self.name = f"{projection.name}.{projection.version}"

    @property
    def live(self) -> View:
        """The generation readers see."""
        return self._views.live(self.name)

    def lag(self) -> int:
        """How many events are not yet drawn. Raises AheadOfLog."""
        position, last = self._stands(self.live)
        return last - position

    def undrawn_since(self, view: View | None = None) -> datetime | None:
        """When the oldest event that is not drawn was recorded; None: all are drawn."""
        found = next(iter(self._events(self._views.position(view or self.live), 1)), None)
        return found[1].at if found else None

    def late(self) -> bool:
        """Whether something is not drawn that was recorded, or whose time came, longer than SOON ago.

        What was recorded by a clock that went ahead of today's is of no known age: it is late too.
        """
        now, view = self._records.clock(), self.live
        since = self.undrawn_since(view)
        young = since is None or now - SOON <= since <= now
        return not young or bool(self._views.due(view, now - SOON, 1))

    def step(
        self,
        limit: int | None = None,
        view: View | None = None,
        stopping: Callable[[], bool] = never,
        told: Callable[[int], None] = untold,
    ) -> Followed:
        """Draw what changed since last time, and what time has changed. Raises AheadOfLog.

        However many events came of a child, it is drawn once: who is far behind catches up child by child.
        `limit` is about how many events are read for that, AT_ONCE by default. `stopping` is asked between
        two pages and between two children; what is broken off is drawn again. `told` hears how many more of
        the events are drawn, as their children are.
        """
        view = view or self.live
        position, last = self._stands(view)
        new = last > position
        changes = self._changes(position, limit or AT_ONCE, stopping) if new else _Changes(position)
        if changes is None:
            return Followed()
        now = self._records.clock()
        woken = set(self._views.due(view, now, BATCH))
        if changes.heard:
            woken |= self._views.tied(view, [AWAITED + agency for agency in changes.heard])
        asked = [*changes.touched, *sorted(woken - changes.touched.keys())]
        if not asked and not changes.events:
            return Followed()
        feeds = {**self._views.heard(view), **changes.heard}
        drawn = parked = 0
        for first in range(0, len(asked) or 1, DRAWN):
            step = _Step(self, self._records, self._views, view, now, feeds)
            drawings = step.draw(asked[first : first + DRAWN], stopping)
            if drawings is None:
                break
            done = first + DRAWN >= len(asked)
            # The position moves with the last of them: broken off before, all are drawn again.
            self._views.draw(view, drawings, (position, changes.last if done else position), feeds, now)
            drawn += len(drawings)
            parked += sum(d.parked is not None for d in drawings)
            of_all = len(asked) or 1
            until = min(first + DRAWN, of_all) * changes.events // of_all
            told(until - first * changes.events // of_all)
        return Followed(changes.events, drawn, len(woken), parked)

    def catch_up(
        self,
        limit: int | None = None,
        view: View | None = None,
        stopping: Callable[[], bool] = never,
        told: Callable[[int], None] = untold,
    ) -> Followed:
        """Step until nothing is left to draw, or `stopping`; what is broken off is drawn again next time."""
        total = Followed()
        while not stopping():
            try:
                step = self.step(limit, view, stopping, told)
            except Conflict:  # another follower of the same view; it did the work
                continue
            total.events += step.events
            total.children += step.children
            total.parked = step.parked
            if not step.events and not step.woken:
                break
        return total

    def rebuild(self, told: Callable[[int], None] = untold) -> tuple[int, int]:
        """Draw everything again beside the live view, each child once, then let readers see it.

        Returns the number of rows before and after. Readers see the old view until the new one is whole.
        """
        old = self.live
        new = View(self.name, old.generation + 1)
        self._views.drop(new)
        self.catch_up(sys.maxsize, new, told=told)
        counts = len(self._views.rows(old)), len(self._views.rows(new))
        self._views.flip(new)
        return counts

    def parked(self) -> list[tuple[UUID, str]]:
        """Children that could not be drawn, with the kind of error: never skipped silently."""
        return self._views.parked(self.live)

    def rows(self, child: UUID | None = None) -> dict[UUID, dict[UUID, bytes]]:
        """Read the drawn rows, opened, by child. Rows whose key was destroyed are left out."""
        found: dict[UUID, dict[UUID, bytes]] = {}
        for row in self._views.rows(self.live, child):
            found.setdefault(row.stream, {})[row.id] = self.open(row)
        return found

    def sealed(self, child: UUID | None = None) -> list[Row]:
        """The drawn rows as they lie, of one child or of all: for who looks at those that changed since."""
        return self._views.rows(self.live, child)

    # ------------------------------------------------------------

    def _stands(self, view: View) -> tuple[int, int]:
        """The position of the last event a view has drawn, and of the last there is. Raises AheadOfLog."""
        position = self._views.position(view)
        last = self._records.archive.recorder.max_notification_id() or 0
        if position > last:
            raise AheadOfLog(f"{self.name} stands at {position}, the archive ends at {last}")
        return position, last

    def _changes(self, position: int, limit: int, stopping: Callable[[], bool]) -> "_Changes | None":
        """What came after a position, at most about so many events; None: asked to stop meanwhile."""
        changes, more = _Changes(position), True
        while more and changes.events < limit:
            if stopping():
                return None
            most = min(BATCH, limit - changes.events)
            rows = self._records.archive.rows.rows_after(changes.last, most)
            if rows:
                changes.add(len(rows), rows[-1].position, self._opened(r for r in rows if r.topic in HEEDED))
            more = len(rows) == most
        return changes

    def _events(self, position: int, limit: int) -> Iterable[tuple[int, StreamEvent]]:
        rows = self._records.archive.rows.rows_after(position, limit)
        return zip((row.position for row in rows), self._opened(rows), strict=True)

    def _opened(self, rows: Iterable[StoredRow]) -> Iterable[StreamEvent]:
        mapper: Any = self._records.archive.mapper
        for row in rows:
            (event,) = mapper.open_rows(UUID(bytes=row.stream), [(row.version, row.topic, row.state)])
            yield event

    def seal(self, child: UUID, id_: UUID, body: bytes) -> bytes:
        """Seal a row under the child's own key."""
        keys: KeyRing = self._records.keys
        return seal(keys.for_drawing(child, "spine"), child, id_, "spine", self.name, body)

    def open(self, row: Row) -> bytes:
        """Open a row. Raises CannotUnseal where the child's key was destroyed."""
        key = self._records.keys.for_opening(row.stream, "spine", generation_of(row.sealed))
        return unseal(key, row.stream, row.id, "spine", self.name, row.sealed)


class _Step:
    """One step of a follower: draws what changed, then again whoever is tied to it."""

    def __init__(
        self,
        follower: Follower,
        records: Records,
        views: Views,
        view: View,
        now: datetime,
        feeds: Mapping[str, datetime],
    ) -> None:
        self._follower, self._records, self._views, self._view = follower, records, views, view
        self._now, self._feeds = now, feeds
        self._ties: dict[UUID, frozenset[str]] = {}
        self._here: dict[str, set[UUID]] = {}
        """Children drawn in this step, by tie."""

    def draw(
        self, children: Sequence[UUID], stopping: Callable[[], bool] = never
    ) -> Sequence[Drawing] | None:
        """Draw children and whoever shares a tie with one of them, as it was or as it is now.

        None: asked to stop meanwhile, and nothing of it is to be kept.
        """
        drawings: dict[UUID, Drawing] = {}
        persons: Mapping[UUID, tuple[Child, ...]] = {}
        for at, id_ in enumerate(children):
            if stopping():
                return None
            if at % READ == 0:
                persons = self._records.persons(children[at : at + READ])
            records = persons[id_]
            root = records[0].id
            if root != id_:
                drawings[id_] = Drawing(id_, ())  # what stood here is drawn where it was joined to
                self._note(id_, ())
            if root not in self._ties:
                drawings[root] = self._drawing(records)
                self._note(root, drawings[root].ties)
        for root in sorted(self._to_draw_again()):
            if stopping():
                return None
            drawings[root] = self._drawing(self._records.person(root))
        return list(drawings.values())

    def _note(self, root: UUID, ties: Sequence[str]) -> None:
        self._ties[root] = frozenset(ties)
        for tie in ties:
            self._here.setdefault(tie, set()).add(root)

    def _to_draw_again(self) -> set[UUID]:
        """Whoever was drawn earlier and shares a tie, as it was or is, with a child of this step.

        And children of this step who share one: the first was drawn before the second was known to.
        """
        ties = self._views.ties_of(self._view, list(self._ties)) | self._here.keys()
        others = self._views.tied(self._view, [tie for tie in ties if not tie.startswith(AWAITED)])
        together = (who for tie, who in self._here.items() if len(who) > 1 and not tie.startswith(AWAITED))
        return (others - self._ties.keys()).union(*together)

    def _holders(self, tie: str) -> set[UUID]:
        """Children with a tie: as drawn in this step, or as last drawn."""
        return (self._views.tied(self._view, [tie]) - self._ties.keys()) | self._here.get(tie, set())

    def _drawing(self, records: tuple[Child, ...]) -> Drawing:
        root = records[0].id
        follower = self._follower

        def tied(ties: Iterable[str]) -> Mapping[UUID, tuple[Child, ...]]:
            others = set().union(*map(self._holders, ties)) - {root}
            return {other: self._records.person(other) for other in sorted(others)}

        try:
            parted = self._records.once_theirs(records)
            drawn = follower.projection.draw(Looking(records, self._now, self._feeds, tied, parted))
        except HubError as error:
            return Drawing(root, (), parked=type(error).__name__)
        rows = [Row(root, id_, follower.seal(root, id_, body)) for id_, body in drawn.rows.items()]
        return Drawing(root, rows, drawn.look_at, [*drawn.ties, *(AWAITED + a for a in drawn.awaits)])


@dataclass(slots=True)
class _Changes:
    """What came of children and feeds: whom to draw again, who was heard and when, up to which position."""

    last: int
    events: int = 0
    touched: dict[UUID, None] = field(default_factory=dict)
    heard: dict[str, datetime] = field(default_factory=dict)

    def add(self, events: int, last: int, page: Iterable[StreamEvent]) -> None:
        """Take note of some events. An agency is heard when its system's entry or heartbeat is recorded.

        What its people record in the hub itself tells nothing of its feed.
        """
        for event in page:
            body = event.body
            if isinstance(body, FeedHeard):
                self.heard[body.agency] = event.at
            elif isinstance(body, ENTRIES) and body.by is None:
                self.heard[body.entry.agency] = event.at
            if topic_of(body) == CHILD and not isinstance(body, Disclosed):
                self.touched[event.originator_id] = None
        self.events += events
        self.last = last
