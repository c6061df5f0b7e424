"""Given / when / then for the child: events happened, a person or an agency acts, events follow."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from hub.domain.child import Child, entry_event, evolve
from hub.domain.entry import Entry, Envelope, Relation

CHILD = UUID("00000000-0000-4000-8000-00000000000a")
OTHER = UUID("00000000-0000-4000-8000-00000000000b")
DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)
REASON = Envelope("social-care", b"sealed reason")


def given(*events, at=DAY):
    child = Child(CHILD)
    for number, event in enumerate(events):
        evolve(child, event, at + timedelta(minutes=number))
    return child


def entry(
    name="a",
    *,
    day=0,
    agency="police",
    type_="police.missing-episode.v1",
    relation=Relation.NEW,
    of=None,
    **more,
):
    fields = {
        "id": uuid5(CHILD, name),
        "source": name.encode(),
        "digest": b"said " + name.encode(),
        "agency": agency,
        "type": type_,
        "occurred_at": DAY + timedelta(days=day),
        "precision": "minute",
        "ended_at": None,
        "ongoing": False,
        "learned_at": None,
        "source_recorded_at": None,
        "relation": relation,
        "target": of.encode() if of else None,
        "supersedes": None,
        "open": b"{}",
        "envelopes": (),
    }
    return Entry(**{**fields, **more})


def said(*args, **kwargs):
    return entry_event(entry(*args, **kwargs))
