"""Decides tellings, once each, and hands them over; what a receiver does not take is tried again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from hub.domain.telling import (
    Telling,
    TellingDecided,
    TellingDelayed,
    TellingDone,
    TellingLapsed,
    TellingTried,
    evolve_telling,
)
from hub.errors import Conflict, UnknownChild
from hub.records import Records
from hub.records.roles import left
from hub.store.mapper import TELLING
from hub.telling.channel import Channel, NotTaken, Why
from hub.telling.channel_smtp import Mail
from hub.telling.channel_webhook import Post
from hub.telling.matter import Matter, decided
from hub.telling.message import Message, message_of
from hub.telling.settings import MAIL, WEBHOOK, Kind, TellingSettings, name_of

PAGE = 1000
DRAWN = frozenset((Kind.FLAG_RAISED, Kind.FLAG_WAITS, Kind.ITEM_DUE, Kind.ITEM_OVERDUE))
"""What is told as it was drawn of what agencies said: all else is told of what a person did."""


class Source(Protocol):
    """Where matters come from that no command tells of: what was drawn, as it stands."""

    def until(self, now: datetime) -> list[Matter]:
        """What is to be told by now; again and again, until `settled`."""
        ...

    def settled(self) -> None:
        """What `until` told last is recorded."""
        ...


class Standing(Source, Protocol):
    """A source of what may cease to be so before somebody is told: it is asked again as they are."""

    def of(self, child: UUID) -> Sequence[Matter] | None:
        """What it would tell of a child as it stands, by whatever moment; None: it cannot be said now."""
        ...


class _NoWay:
    """The way to somebody the settings named once and no longer do, or who has left."""

    def __init__(self, why: Why) -> None:
        self._why = why

    def send(self, _message: Message, _now: datetime) -> None:
        raise NotTaken(self._why)


UNNAMED, LEFT = _NoWay(Why.UNNAMED), _NoWay(Why.LEFT)


@dataclass(slots=True)
class Told:
    """What one step did. Counts only."""

    decided: int = 0
    told: int = 0
    delayed: int = 0


class Teller:
    """Tells the people the settings name. Any number may run: a telling is in the hand of one at a time."""

    def __init__(
        self,
        records: Records,
        settings: TellingSettings,
        sources: Sequence[Source] = (),
        drawn: Standing | None = None,
    ) -> None:
        """`drawn`: of what is `DRAWN`; it is another of the sources."""
        self._records, self.settings, self._drawn = records, settings, drawn
        self._sources = sources if drawn is None else (drawn, *sources)
        self._channels = channels(settings)
        self._open: dict[UUID, Telling] = {}
        self._position: int | None = None

    def decide(self, matters: Iterable[Matter]) -> int:
        """Record that these are to be told; how many had not been decided before.

        Nobody is told by name who has left: then whoever comes after them in the matter is.
        """
        wanted: dict[UUID, tuple[int, list[Any]]] = {}
        for matter in matters:
            here = tuple(name for name in matter.to if not self._left(name))
            wanted.update(decided(matter._replace(to=here), self.settings))
        ids = list(wanted)
        for first in range(0, len(ids), PAGE):
            for known, events in self._records.archive.streams(ids[first : first + PAGE]).items():
                if isinstance(events[-1].body, TellingLapsed):
                    wanted[known] = len(events), wanted[known][1]
                else:
                    del wanted[known]
        count = 0
        for id_, bodies in wanted.items():
            count += self._recorded({id_: bodies})
        return count

    def step(self, stopping: Callable[[], bool] = lambda: False) -> Told:
        """Decide what has come about, then hand over what waits, or until `stopping`, asked before each.

        Raises Unavailable as the archive does.
        """
        told = Told()
        for source in self._sources if self.settings.to else ():
            told.decided += self.decide(source.until(self._records.clock()))
            source.settled()
        self._look()
        for telling in sorted(self._open.values(), key=_pressing):
            if stopping():
                break
            if not telling.waits(self._records.clock()) or not self._is_so(telling):
                continue
            if self._write(telling, TellingTried()):
                if self._hand_over(telling):
                    told.told += 1
                else:
                    told.delayed += 1
        self._open = {id_: telling for id_, telling in self._open.items() if not telling.over}
        return told

    def untold(self) -> list[Telling]:
        """What has been decided and not yet taken over by its receiver, the most pressing first."""
        self._look()
        return sorted(self._open.values(), key=_pressing)

    # ------------------------------------------------------------

    def _is_so(self, telling: Telling) -> bool:
        """Whether what it tells is so now, and for whom it was meant; where not, whoever it is for is told.

        What was decided may have waited for a receiver, over the last day of an agreement, or while somebody
        answered it. Where nothing can be said, as no policy is in force, it waits.
        """
        said = telling.decided
        assert said is not None  # noqa: S101 — only what is decided waits
        if self._drawn is None or said.kind not in DRAWN:
            return True
        found = self._drawn.of(self._records.person(said.child)[0].id)
        if found is None:
            return False
        alike = [one for one in found if one.kind == said.kind]
        same = (one for one in alike if (one.subject, one.version) == (said.subject, said.version))
        if any(name_of(said.recipient) in one.to for one in same):
            return True
        self._write(telling, TellingLapsed())
        self.decide(one for one in alike if one.at <= self._records.clock())
        return False

    def _hand_over(self, telling: Telling) -> bool:
        assert telling.decided is not None  # noqa: S101 — only what is decided waits
        message = message_of(telling.id, telling.decided, self.settings.address)
        gone = self._left(name_of(telling.decided.recipient))
        channel = LEFT if gone else self._channels.get(telling.decided.recipient, UNNAMED)
        try:
            channel.send(message, self._records.clock())
        except NotTaken as refused:
            self._write(telling, TellingDelayed(why=refused.why.value))
            return False
        self._write(telling, TellingDone())
        return True

    def _left(self, name: str) -> bool:
        return name in self.settings.to and left(self._records, name)

    def _write(self, telling: Telling, event: Any) -> bool:
        """Record it at the version that was seen; False where another worker came first."""
        if not self._recorded({telling.id: (telling.version, [event])}):
            self._read([telling.id])
            return False
        evolve_telling(telling, event, self._records.clock())
        return True

    def _recorded(self, bodies: Mapping[UUID, tuple[int, list[Any]]]) -> bool:
        try:
            self._records.record(bodies)
        except Conflict:
            return False
        return True

    def _look(self) -> None:
        """Take note of what was decided since; at first of all that is not done."""
        rows = self._records.archive.rows
        if self._position is None:
            self._position = rows.max_notification_id() or 0
            ids = rows.streams_of(TELLING)
            for first in range(0, len(ids), PAGE):
                self._read(ids[first : first + PAGE])
        while page := rows.rows_after(self._position, PAGE):
            self._read(list({UUID(bytes=row.stream) for row in page if row.topic == TELLING}))
            self._position = page[-1].position

    def _read(self, ids: list[UUID]) -> None:
        for id_, events in self._records.archive.streams(ids).items() if ids else ():
            telling = Telling(id_)
            for event in events:
                evolve_telling(telling, event.body, event.at)
            if not telling.over:
                self._open[id_] = telling
            else:
                self._open.pop(id_, None)


def channels(settings: TellingSettings) -> dict[str, Channel]:
    """Every way to everyone the settings name; a new way adds its line here."""
    found: dict[str, Channel] = {}
    for name, to in settings.to.items():
        if to.email and settings.smtp is not None:
            found[f"{name} by {MAIL}"] = Mail(settings.smtp, to.email)
        if to.webhook is not None:
            found[f"{name} by {WEBHOOK}"] = Post(to.webhook)
    return found


def _pressing(telling: Telling) -> tuple[bool, datetime, bytes]:
    assert telling.decided is not None  # noqa: S101 — a stream begins with its decision
    assert telling.decided_at is not None  # noqa: S101
    return not telling.decided.urgent, telling.decided.due or telling.decided_at, telling.id.bytes


def told_of(records: Records, telling: UUID) -> TellingDecided:
    """What a telling is about: where its link leads. Raises UnknownChild for no such telling."""
    for event in records.archive.stream(telling):
        if isinstance(event.body, TellingDecided):
            return event.body
    raise UnknownChild


def record_told_of(records: Records, telling: UUID) -> UUID:
    """The record a telling is about. Raises UnknownChild for no such telling."""
    return records.person(told_of(records, telling).child)[0].id
