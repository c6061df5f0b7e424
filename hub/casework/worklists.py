"""Worklists: what waits for a person, a team or an agency, on which children, as far as one may see."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import chain
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from hub.domain.child import By, Child
from hub.errors import UnknownChild
from hub.protocol.obligation import State
from hub.protocol.pack import Pack
from hub.protocol.packs import Packs
from hub.protocol.worklist import Item
from hub.records import Records
from hub.sharing.look import Reader
from hub.sharing.share import Share
from schemas.vocabulary import Agency

TEAMS: Mapping[str, Agency] = {
    **{agency.value: agency for agency in Agency},
    "front-door": Agency.SOCIAL_CARE,
    "out-of-hours": Agency.SOCIAL_CARE,
    "the chair": Agency.SOCIAL_CARE,
    "the meeting": Agency.SOCIAL_CARE,
}
"""The generic roles of the rows, and the agency each is of; the pack gives them their local names."""
SETTLED = (State.MET, State.MET_LATE, State.SUPERSEDED)
ORDER = {State.OVERDUE: 0, State.DUE_SOON: 1, State.OPEN: 2, State.CANNOT_TELL: 3, State.PROMPT: 4}


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that waits: on which child, what, and which agency's turn it is."""

    child: UUID
    item: Item
    agency: str | None = None


class Whose(NamedTuple):
    """Whose worklist: a person's own children, or what waits for a team or an agency. One of them is said."""

    person: str | None = None
    team: str | None = None
    agency: Agency | None = None


class Drawn(Protocol):
    """What the projections have drawn."""

    @property
    def packs(self) -> Packs:
        """The procedures, by date."""

    def on_worklists(self) -> Iterable[UUID]:
        """Every child on whom the protocol may ask for anything: of whom to ask."""


class Worklists:
    """Answers whose turn it is."""

    def __init__(self, records: Records, share: Share, drawn: Drawn) -> None:
        self._records, self._share, self._drawn = records, share, drawn

    def of(self, reader: Reader, whose: Whose) -> tuple[Waiting, ...]:
        """What waits, most pressing first. That it was shown is recorded on each child it is shown of.

        Only children this reader works with, and of those what they may see; raises NotAllowed where role and
        purpose give no right to ask.
        """
        asked = self._asked(reader, whose)
        return _in_order(self._share.due_where(reader, asked, partial(self._waits, whose)))

    def outlook(self, reader: Reader, whose: Whose) -> tuple[Waiting, ...]:
        """The same, for what leaves without its child: titles and times. Nothing of it is recorded."""
        found: list[Waiting] = []
        for child in chain.from_iterable(self._records.some_at_once(self._asked(reader, whose))):
            with suppress(UnknownChild):
                found += self._waits(whose, child, self._share.outlook(reader, child))
        return _in_order(found)

    def _asked(self, reader: Reader, whose: Whose) -> list[UUID]:
        """Of whom it is asked what this reader may see.

        Were it asked first whether anything waits by what was drawn for the front door, a child that is not
        on the list would tell them of what they may not see.
        """
        children = list(self._drawn.on_worklists())
        if whose.person is None:
            return children
        read = self._records.some_at_once(children)
        return [child for some in read for child in some if self._theirs(whose.person, reader, child)]

    def _theirs(self, person: str, reader: Reader, child: UUID) -> bool:
        people, now = self._records.person(child), self._records.clock()
        return works_with(people, person, reader.by.agency, now)

    def _waits(self, whose: Whose, child: UUID, items: Iterable[Item]) -> list[Waiting]:
        return [w for w in self._on(child, items) if whose.person is not None or _waits_for(w, whose)]

    def _on(self, child: UUID, items: Iterable[Item]) -> Iterator[Waiting]:
        waiting = [item for item in items if item.state not in SETTLED or item.asks_reason]
        if waiting:
            pack, records = self._drawn.packs.at(self._records.clock()), self._records.person(child)
            for item in waiting:
                yield Waiting(child, item, agency_of(pack, item.of) or _began(records, item))


def _began(records: Iterable[Child], item: Item) -> str | None:
    """Where `who was told` is asked: the agency whose entry set it going."""
    kept = (child.entries.get(item.started_by) for child in records)
    return next((found.entry.agency for found in kept if found is not None), None)


def agency_of(pack: Pack, of: str) -> str | None:
    """The agency of a team by the name the pack gives it; None for "who was told" and the like."""
    return next((agency.value for role, agency in TEAMS.items() if of in (role, pack.called(role))), None)


def works_with(records: Iterable[Child], person: str, agency: str, now: datetime) -> bool:
    """True where the person is allocated to the child now."""
    return (person, agency) in {(by.person, by.agency) for by in _allocated(records, now)}


def workers(
    records: Iterable[Child], now: datetime, reached: Callable[[By], bool]
) -> Mapping[str | None, tuple[str, ...]]:
    """Who is allocated to the child now, by agency, of those who are `reached` by what they are told."""
    found: dict[str | None, tuple[str, ...]] = {}
    for by in _allocated(records, now):
        if by.person not in found.get(by.agency, ()) and reached(by):
            found[by.agency] = (*found.get(by.agency, ()), by.person)
    return found


def _allocated(records: Iterable[Child], now: datetime) -> Iterator[By]:
    """Those whose work goes on: without an end of its own, or before it."""
    for child in records:
        yield from (by for by, until in child.worked.items() if until is None or now <= until)


def _waits_for(waiting: Waiting, whose: Whose) -> bool:
    if whose.team is not None:
        return waiting.item.of == whose.team
    return waiting.agency == whose.agency


def _in_order(waiting: Iterable[Waiting]) -> tuple[Waiting, ...]:
    return tuple(sorted(waiting, key=_pressing))


def _pressing(waiting: Waiting) -> tuple[int, float, str, str, str]:
    item = waiting.item
    at = (item.due_at or item.start).timestamp()
    return ORDER.get(State(item.state), 5), at, item.obligation, str(waiting.child), item.asks
