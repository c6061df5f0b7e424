"""Malformed deliveries for the hub's intake, and what must hold of what it does with them.

Two kinds: what was altered on the way (headers, key, value, token, topic), and what an agency itself sealed
properly though it is no case event. Each says which reason must be given, or that any outcome will do.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from random import Random
from typing import NamedTuple
from uuid import uuid4

from hub.compose import fetcher_of
from hub.confidentiality import bus_sessions
from hub.confidentiality.bus_sessions import SessionOpener
from hub.domain.child import allocate
from hub.intake.ahead import ReadAhead
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.fetching import Fetching
from hub.intake.ingest import Intake, Limit, Tally
from hub.intake.opening import REASONS, Reader
from schemas import topic_log
from schemas.wire import Message
from tests.hostile.alterations import ALTERED, ANY, HELD, Case
from tests.hostile.bodies import SEALED, sound_events
from tests.hubs import SOCIAL_WORKER, Desk

KINDS = {**ALTERED, **SEALED, "sound": (lambda case: (case.sound, ANY), 1)}
"""Every kind and how often it is drawn."""
NEVER = Limit(share=1.0)
"""Intake stops itself where all is bad; here all is bad on purpose."""


class MalformedDelivery(NamedTuple):
    """One message as it will stand on the bus, what was done to it, and how it must end."""

    message: Message
    how: str
    must: str
    canary: str


class Taken(NamedTuple):
    """What intake made of a batch: the tally, and the reason at each place that was held."""

    tally: Tally
    held: dict[tuple[str, int, int], str]
    fields: str


def malformed(desk: Desk, seed: int, index: int) -> MalformedDelivery:
    """The delivery of this index; its changes are the same each time, its keys are the desk's."""
    r = Random(f"bus {seed}/{index}")
    canary = "zq" + "".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))
    event = r.choice(sound_events())
    if r.random() < 0.8:
        event = event.model_copy(update={"source_event_id": f"{canary} {index}"})
    kind = r.choices(list(KINDS), [weight for _, weight in KINDS.values()])[0]
    message, must = KINDS[kind][0](Case(desk, event, r, canary))
    return MalformedDelivery(message, kind, must, canary)


def put(desk: Desk, messages: Iterable[Message]) -> list[tuple[str, int, int]]:
    """Put messages on the bus in this order, a transaction a topic; tells where each of them stands."""
    log = topic_log.TopicLog(desk.settings.topic_log)
    messages = list(messages)
    places: dict[int, tuple[str, int, int]] = {}
    for topic in dict.fromkeys(m.topic for m in messages):
        log.create_topic(topic)
        mine = [n for n, m in enumerate(messages) if m.topic == topic]
        stand = log.append(topic, [(messages[n].key, messages[n].headers, messages[n].value) for n in mine])
        places.update((n, (topic, *at)) for n, at in zip(mine, stand, strict=True))
    log.close()
    return [places[n] for n in range(len(messages))]


def take(desk: Desk, limit: Limit = NEVER) -> Taken:
    """Take in all there is on the bus; afterwards nothing may be waiting."""
    with desk.open() as hub:
        deliveries = EmbeddedDeliveries(desk.settings.topic_log)
        keys = bus_sessions.load_agency_keys(desk.settings.agency_keys)
        reader = Reader(SessionOpener(hub.key_file.bus_keys(), keys), hub.records.hashes)
        fetching = Fetching(partial(fetcher_of, desk.settings), cores=1)
        intake = Intake(deliveries, hub.records, ReadAhead(lambda: reader, cores=1), fetching, uuid4, limit)
        before = {row.id for row in hub.records.archive.rows.quarantined()}
        total = Tally()
        while (step := intake.step()).read:
            total = total + step
        lag = intake.lag()
        deliveries.close()
        held = [row.held for row in hub.records.archive.rows.quarantined() if row.id not in before]
    assert not any(lag.values()), "something on the bus was not read"
    places = {(h.topic, h.partition, h.offset): h.reason for h in held}
    return Taken(total, places, " ".join(h.fields for h in held))


def readable(desk: Desk, look_at: int = 10) -> int:
    """Draw every child's lines, and what a social worker sees of some; tells how many entries there are."""
    entries = 0
    with desk.open() as hub:
        children = hub.records.children()
        for child in children:
            entries += len(hub.records.child(child).entries)
            hub.records.lines(child)
        for child in children[:look_at]:
            hub.records.act(child, lambda c: allocate(c, SOCIAL_WORKER.by, None, SOCIAL_WORKER.by))
            assert hub.share.chronology(SOCIAL_WORKER, child).child == hub.records.person(child)[0].id
    return entries


def examined(sent: Sequence[MalformedDelivery], places: Sequence[tuple[str, int, int]], taken: Taken) -> None:
    """Raises AssertionError, which says what must not be."""
    tally, reasons = taken.tally, set(taken.held.values())

    assert tally.read == len(sent), "not everything was read once"
    assert tally.read == tally.recorded + tally.resent + tally.held + tally.heartbeats, (
        "the counts do not add up"
    )
    assert tally.held == len(taken.held), "what was held is not in the quarantine"
    assert dict(Counter(taken.held.values())) == tally.reasons, "the quarantine names other reasons"
    assert reasons <= REASONS, f"a reason of no list: {reasons - REASONS}"
    assert not [s for s in sent if s.canary in taken.fields.casefold()], "the quarantine's fields carry input"
    for one, place in zip(sent, places, strict=True):
        reason = taken.held.get(place)
        if one.must == HELD:
            assert reason is not None, f"taken though it was altered: {one.how}"
        elif one.must != ANY:
            assert reason == one.must, f"{one.how}: {reason}, not {one.must}"
