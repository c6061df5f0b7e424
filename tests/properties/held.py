"""A hub whose records are held in memory: real keys, policy, projections and questions; no disk between.

Two histories under one child's id are told to two of them, and every question of a reader is put to both.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from typing import NamedTuple
from uuid import UUID, uuid5

from hub.casework.worklists import Whose, Worklists
from hub.confidentiality.sealing import Sealing
from hub.domain.child import Registered, entry_event
from hub.domain.strand import key_owner
from hub.errors import HubError
from hub.follow import Looking
from hub.records import Records
from hub.records.entries import bodies_of, scopes_of, seal_entry
from hub.sharing.drawing import (
    FlagsProjection,
    WorklistProjection,
    flags_of,
    items_of,
    rest_of,
    worklist_id,
)
from hub.sharing.national_export import national_export
from hub.sharing.programs import rules
from hub.sharing.share import Share
from hub.simulation.drawn import STORIES
from hub.store.effects import Effects
from hub.store.mapper import StreamEvent
from schemas.vocabulary import Agency

EARLIER = timedelta(days=30)
"""How long before now a reader asks what was known then."""
CHILD = UUID("3f3c0a52-0000-4000-8000-0000000000aa")


class Told(NamedTuple):
    """Something recorded on a child's record at a moment."""

    at: datetime
    child: UUID
    body: object


def child_named(name: str | None) -> UUID:
    """The id of the child a story calls so (None: the story's own)."""
    return CHILD if name is None else uuid5(STORIES, f"child {name}")


class Held(Records):
    """Records in memory, over the keys of a real hub."""

    def __init__(self, hub, told: Iterable[Told], now: datetime) -> None:
        super().__init__(hub.records.archive, hub.keys, hub.records.index, lambda: now)
        self.hashes = hub.records.hashes
        self.held: dict[UUID, list[StreamEvent]] = {}
        for one in sorted(told, key=lambda t: t.at):
            if one.child not in self.held:
                self._add(one.child, one.at, Registered(because="first-event"))
            self._add(one.child, one.at, one.body)

    def _add(self, child, at, body):
        stream = self.held.setdefault(child, [])
        stream.append(StreamEvent(child, len(stream) + 1, at, body))

    def _events(self, id_, after=None):
        return [e for e in self.held.get(id_, ()) if after is None or e.originator_version > after]

    def preload(self, ids):
        """All of them are in memory."""

    def children(self):
        return list(self.held)

    def record(self, bodies, effects=None, appended=None, spines=None):
        assert (not bodies, effects or Effects(), spines) == (True, Effects(), None)
        for child, following in (appended or {}).items():
            for body in following:
                if child in self.held:
                    self._add(child, self.clock(), body)


class Drawn:
    """What the projections of the hub make of records held in memory, whenever it is asked."""

    def __init__(self, hub, records: Held, feeds: Mapping[str, datetime]) -> None:
        drawn = hub.drawn
        self.settings, self.packs, self.door = drawn.settings, drawn.packs, drawn.door
        self._of_flags = partial(FlagsProjection, hub.keys, hub.records.index, self.settings, self.door)
        self._flags = self._of_flags()
        self._worklist = WorklistProjection(hub.keys, hub.records.index, self.packs, self.door)
        self._records, self._feeds = records, feeds
        self._ties: dict[str, dict[UUID, frozenset[str]]] = {}

    def stands(self, policy):
        return self.door.fits(policy, self._records.clock())

    def feeds(self):
        return self._feeds

    def drawn_to(self):
        return 0

    def flags(self, child):
        return self.knowing(child, {})[0]

    def beside(self, child):
        return self.knowing(child, {})[1]

    def knowing(self, child, less):
        rows = self._draw(self._of_flags(less) if less else self._flags, child).rows
        return flags_of(rows, child), rest_of(rows, child)

    def crossed(self, child):
        ties = self._tied(self._flags, child)
        return [o for o in self._records.children() if o != child and ties & self._tied(self._flags, o)]

    def worklist(self, child):
        row = self._draw(self._worklist, child).rows.get(worklist_id(child))
        return items_of(row) if row else []

    def involved(self, child):
        return [other for other in self._records.children() if other != child]

    def tied(self, hashed):
        return [o for o in self._records.children() if f"child:{hashed}" in self._tied(self._worklist, o)]

    def on_worklists(self):
        return self.worklists()

    def worklists(self):
        return {child: items for child in self._records.children() if (items := self.worklist(child))}

    def _draw(self, projection, child, *, alone=False):
        def tied(ties):
            if alone:
                return {}
            wanted = frozenset(ties)
            others = (
                o for o in self._records.children() if o != child and wanted & self._tied(projection, o)
            )
            return {other: self._records.person(other) for other in sorted(others)}

        people = self._records.person(child)
        return projection.draw(Looking(people, self._records.clock(), self._feeds, tied))

    def _tied(self, projection, child):
        ties = self._ties.setdefault(projection.name, {})
        if child not in ties:
            ties[child] = frozenset(self._draw(projection, child, alone=True).ties)
        return ties[child]


class World:
    """A real hub, open, that lends its keys, policy and projections."""

    def __init__(self, hub) -> None:
        self.hub = hub
        self.told = cache(self._told)
        self._rules = rules(hub.drawn.settings, hub.drawn.packs)

    def _told(self, child: UUID, since: datetime, event, by=None) -> Told:
        """An event of a child as the record keeps it, sealed."""
        bodies = bodies_of(event, self.hub.records.hashes)
        owner = key_owner(child, bodies.entry.strand)
        keys = self.hub.keys.for_sealing_many({owner: {*scopes_of(bodies)}})[owner]
        linked = [child_named(other.identifiers[0].value) for other in dict.fromkeys(event.children)]
        entry = seal_entry(bodies, Sealing(owner, keys), linked, self.hub.records.index)
        return Told(since, child, entry_event(entry, by))

    def raised(self, told: Iterable[Told], now, feeds):
        """The flags that are raised to the coordinator."""
        return Drawn(self.hub, Held(self.hub, told, now), feeds).flags(CHILD)

    def answers(self, told: Iterable[Told], now, feeds, reader, asked=None) -> dict[str, bytes]:
        """What a reader gets of the child, by question (None: all): bytes, or how they are refused."""
        records = Held(self.hub, told, now)
        drawn = Drawn(self.hub, records, feeds)
        share = Share(records, self.hub.policies, drawn, lambda *_: None)
        share._rules = self._rules  # a hub makes this digest once, of what all of these have in common
        worklists = Worklists(records, share, drawn)
        whose = Whose(agency=Agency(reader.by.agency))
        questions = {
            "chronology": lambda: share.chronology(reader, CHILD),
            "as known": lambda: share.chronology(reader, CHILD, now - EARLIER),
            "export": lambda: json.dumps(
                national_export(share.chronology(reader, CHILD)), default=str
            ).encode(),
            "changes": lambda: share.as_seen(reader, CHILD),
            "flags": lambda: share.flags(reader, CHILD),
            "pathway": lambda: share.pathway(reader, CHILD),
            "due": lambda: share.due(reader, CHILD),
            "beside": lambda: share.beside(reader, CHILD),
            "incidents": lambda: share.incidents(reader, CHILD),
            "worklist": lambda: worklists.of(reader, whose),
            "calendar": lambda: worklists.outlook(reader, whose),
        }
        return {name: _answer(ask) for name, ask in questions.items() if asked is None or name in asked}


def _answer(ask) -> bytes:
    from hub.sharing.view import encode

    try:
        found = ask()
    except HubError as refused:
        return f"{type(refused).__name__}: {refused.title}: {refused}".encode()
    return found if isinstance(found, bytes) else encode(found)
