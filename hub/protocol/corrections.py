"""What is asked of one entry: a correction, of its agency; and a restriction that stands, of the agency that set it.

Source: UK GDPR art. 16 (rectification), to be answered within a month of being asked (art. 12(3)); art. 18, by which
processing is restricted for a time. That it is looked at again in a month, or in three, is a proposal [P].
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from hub.domain.child import Child, RestrictionGround
from hub.protocol.clock import Clock
from hub.protocol.obligation import state_of
from hub.protocol.pack import Pack
from hub.protocol.worklist import CORRECTION, RESTRICTION, Item

MONTH = Clock.model_validate({"months": 1, "soon-hours": 168, "mark": "S", "basis": "UK GDPR art. 12(3)"})
"""The same day of the next month, or its last, at the same time in London. A week before, it is due soon [P]."""
QUARTER = Clock.model_validate({"months": 3, "soon-hours": 168, "mark": "P", "basis": "UK GDPR art. 18"})
SOON = timedelta(hours=MONTH.soon_hours)
VERIFIED = (RestrictionGround.ACCURACY, RestrictionGround.OBJECTION)
"""Grounds that last while something is verified or considered: these are looked at monthly, the others quarterly."""
STANDS = "Restriction that stands"
STILL = "say whether the processing of the entry is still to be restricted, or have it lifted"
ART_18 = "UK GDPR art. 18; looked at again in a month, or three [P]"
TITLE = "Correction asked for"
ASKS = "correct the entry in your own system, or say why it stands"
SOURCE = "UK GDPR; within a month, art. 12(3)"


def corrections(records: Iterable[Child], pack: Pack, now: datetime) -> list[Item]:
    """Every entry of a child that was or is disputed, or is restricted, what is open first; whoever reads it.

    Of the agency whose entry it is, from when it was disputed; met when that agency answered. Of the agency that
    restricted it, from when it was restricted, or was last said to be still needed.
    """
    found = [item for record in records for item in (*_of(record, pack, now), *_standing(record, pack, now))]
    return sorted(found, key=lambda item: (item.met_at is not None, item.start, str(item.started_by)))


def next_look(items: Iterable[Item], now: datetime) -> datetime | None:
    """When time alone will change what is said of them."""
    moments = (
        at
        for item in items
        if item.met_at is None and item.due_at is not None
        for at in (item.due_at - SOON, item.due_at + datetime.resolution)
    )
    return min((at for at in moments if at > now), default=None)


def _of(record: Child, pack: Pack, now: datetime) -> Iterator[Item]:
    waiting = ((entry, at, None) for entry, (at, _) in record.disputed.items())
    answered = ((entry, since, at) for entry, (since, at) in record.answered.items())
    for entry, since, met in (*waiting, *answered):
        kept = record.entries.get(entry)
        if kept is not None and entry not in record.split_off:
            of, due = pack.called(kept.entry.agency), MONTH.ends(since)
            state = state_of(now, due, due - SOON, met)
            yield Item(CORRECTION, TITLE, ASKS, of, SOURCE, state.value, since, due, entry, met)


def _standing(record: Child, pack: Pack, now: datetime) -> Iterator[Item]:
    for entry, said in record.restrictions.items():
        since = record.looked_at.get(entry, said.since)
        due = (MONTH if said.ground in VERIFIED else QUARTER).ends(since)
        of, state = pack.called(said.by.agency), state_of(now, due, due - SOON, None)
        yield Item(RESTRICTION, STANDS, STILL, of, ART_18, state.value, since, due, entry)
