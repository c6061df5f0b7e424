"""Corrections that are asked for: what waits for the agency whose entry somebody says is not right.

Source: UK GDPR art. 16 (rectification), to be answered within a month of being asked (art. 12(3)).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from hub.domain.child import Child
from hub.protocol.clock import Clock
from hub.protocol.obligation import State
from hub.protocol.pack import Pack
from hub.protocol.worklist import CORRECTION, Item

MONTH = Clock.model_validate({"months": 1, "soon-hours": 168, "mark": "S", "basis": "UK GDPR art. 12(3)"})
"""The same day of the next month, or its last, at the same time in London. A week before, it is due soon [P]."""
TITLE = "Correction asked for"
ASKS = "correct the entry in your own system, or say why it stands"
SOURCE = "UK GDPR; within a month, art. 12(3)"


def corrections(records: Iterable[Child], pack: Pack, now: datetime) -> list[Item]:
    """Every entry of a child that was or is disputed, what is still open first; whoever may read it.

    Of the agency whose entry it is, from when it was disputed; met when that agency answered.
    """
    found = [item for record in records for item in _of(record, pack, now)]
    return sorted(found, key=lambda item: (item.met_at is not None, item.start, str(item.started_by)))


def next_look(items: Iterable[Item], now: datetime) -> datetime | None:
    """When time alone will change what is said of them."""
    moments = (
        at
        for item in items
        if item.met_at is None and item.due_at is not None
        for at in (MONTH.soon(item.start), item.due_at + datetime.resolution)
    )
    return min((at for at in moments if at > now), default=None)


def _of(record: Child, pack: Pack, now: datetime) -> Iterator[Item]:
    waiting = ((entry, at, None) for entry, (at, _) in record.disputed.items())
    answered = ((entry, since, at) for entry, (since, at) in record.answered.items())
    for entry, since, met in (*waiting, *answered):
        kept = record.entries.get(entry)
        if kept is not None and entry not in record.split_off:
            of, due = pack.called(kept.entry.agency), MONTH.ends(since)
            state = _state(since, due, met, now)
            yield Item(CORRECTION, TITLE, ASKS, of, SOURCE, state.value, since, due, entry, met)


def _state(since: datetime, due: datetime, met: datetime | None, now: datetime) -> State:
    if met is not None:
        return State.MET if met <= due else State.MET_LATE
    if now > due:
        return State.OVERDUE
    return State.DUE_SOON if now >= MONTH.soon(since) else State.OPEN
