"""What waits for a second person, over all children: one stream of references, so no list reads them all."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.domain.by import By


class Waits(StrEnum):
    """What waits."""

    REVIEW = "review"
    """The glass was broken: a second person looks at why."""
    REQUEST = "request"
    """Somebody asked to see a record: a named person answers."""
    QUESTION = "question"
    """Who works with a child asked the MASH whether there is more: a person answers."""


class DeskEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of what waits. It says nothing that the child's own record does not say."""


class Brought(DeskEvent, frozen=True, tag="brought"):
    """Something waits from now on, until `due` in its time. `child` is None where there is no such record.

    A request for no record is kept so that whoever asked cannot tell it from one that is not granted.
    `sought`: the keyed hash, or the record's id, by which a record was asked for.
    """

    item: UUID
    what: Waits
    child: UUID | None
    who: By
    purpose: str
    due: datetime
    sought: UUID | None = None


class Settled(DeskEvent, frozen=True, tag="settled"):
    """It waits no longer: the child's record says what came of it."""

    item: UUID


AnyDeskEvent = Brought | Settled


class Item(NamedTuple):
    """One thing that waits, or waited."""

    at: datetime
    brought: Brought
    settled: bool = False


@dataclass(slots=True)
class AccessDesk:
    """Everything that was ever brought, in order."""

    version: int = 0
    items: dict[UUID, Item] = field(default_factory=dict)
    waiting: dict[UUID, None] = field(default_factory=dict)


def evolve_desk(desk: AccessDesk, event: Any, at: datetime) -> None:
    """Change the state by one event."""
    desk.version += 1
    match event:
        case Brought():
            desk.items[event.item] = Item(at, event)
            if event.child is not None:
                desk.waiting[event.item] = None
        case Settled():
            desk.waiting.pop(event.item, None)
            if event.item in desk.items:
                desk.items[event.item] = desk.items[event.item]._replace(settled=True)
