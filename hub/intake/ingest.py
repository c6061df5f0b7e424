"""Intake: from polled deliveries to recorded entries, each batch in one transaction with its positions."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import generation_of, seal, unseal
from hub.errors import Conflict, HubError
from hub.intake.ahead import ReadAhead
from hub.intake.beforehand import Beforehand, Fetched
from hub.intake.deliveries import Deliveries, Delivery
from hub.intake.fetching import Fetching
from hub.intake.lag import Waiting, behind, waiting
from hub.intake.matching import HashedBefore, Matcher
from hub.intake.met import Met
from hub.intake.opening import Read, Refusal
from hub.intake.work import Tally, Work
from hub.records import Records
from hub.store.effects import Ended, Held, PositionMoved, Quarantined, TakenBefore
from hub.store.mapper import HUB
from schemas.tracing import NoTracing, Tracing
from schemas.wire import TRACEPARENT

HELD = UUID("0d8a3f44-0f0b-5a3e-8a52-3b9d3a0f7e12")
BATCH = 1000
ATTEMPTS = 10


class IntakeStopped(HubError):
    """Too many of several agencies' last deliveries were bad: a wrong deployment. Nothing was moved on."""

    status, title, exit_code = 503, "Intake has stopped itself", 4


class SetAside(Exception):
    """An agency's last deliveries were bad; the others' are to be read again without them."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Set a topic aside when over `share` of its last `window` deliveries (at least `least`) were refused."""

    share: float = 0.5
    window: int = 1000
    least: int = 50


class Begun(NamedTuple):
    """A batch that is being read, and since when (nanoseconds of the epoch)."""

    batch: Sequence[Delivery]
    since: int
    found: Callable[[], Fetched]


class Intake:
    """One intake worker: reads past the store's own positions, records each event once."""

    def __init__(
        self,
        deliveries: Deliveries,
        records: Records,
        ahead: ReadAhead,
        fetching: Fetching,
        new_id: Callable[[], UUID],
        limit: Limit | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._deliveries, self._records, self._ahead = deliveries, records, ahead
        self._beforehand = Beforehand(ahead, records, fetching)
        self._begun: deque[Begun] = deque()
        self._lost = False
        self._met = Met(records)
        self._matcher = Matcher(records, new_id)
        self._limit = limit or Limit()
        self._tracing = tracing or NoTracing()
        self._recent: dict[str, deque[bool]] = {}
        self.aside: set[str] = set()
        """Topics that this worker reads no further until it is started again: most of it was bad."""
        self._positions: dict[tuple[str, int], int] = {}
        self.seek()

    def seek(self) -> None:
        """Go to where the store says this hub is; the bus's own idea of it does not count.

        Raises DeliveriesLost where the bus does not hold what comes next, or a topic was made anew.
        """
        self._begun.clear()
        self._lost = False
        self._positions = dict(self._records.archive.rows.positions())
        self._met.meet(self._deliveries.ids(), self._positions)
        self._deliveries.seek(self._positions)

    def step(self, limit: int = BATCH, timeout: float = 0.0) -> Tally:
        """Take in one batch. An empty tally: there was nothing to read.

        An agency whose deliveries are past the limit is set aside, with nothing of it moved on. Raises
        IntakeStopped where that is so of several and of all; Unavailable where the store cannot be reached.
        """
        if not self._has_begun(limit, timeout):
            return Tally()
        batch, began, found = self._begun.popleft()
        self._begin_more(limit)
        fetched = found()
        for _ in range(ATTEMPTS):
            try:
                tally = self._take(batch, fetched)
            except PositionMoved:
                self.seek()
                return Tally()
            except (HashedBefore, SetAside) as again:
                if isinstance(again, HashedBefore):
                    self._beforehand.renew()
                self.seek()
                return self.step(limit, timeout)
            except TakenBefore:
                fetched = Fetched(fetched.read)
            except Conflict:
                self._records.identities.forget()
            else:
                self._tracing.went_on("intake", _traces(batch), began)
                return tally
        self.seek()
        raise Conflict("the store is being written by others; try again")

    def close(self) -> None:
        """Let go of what was begun beforehand. Bus, store and reader are their openers' to close."""
        self._beforehand.close()

    def hold(self, seconds: float) -> None:
        """Wait without reading, still a worker: bus or store cannot be reached. Seek afterwards."""
        self._deliveries.hold(seconds)

    def lag(self) -> dict[tuple[str, int], int]:
        """How many deliveries wait in each partition, whichever worker reads it."""
        return behind(self._deliveries.end_offsets(), self._records.archive.rows.positions())

    def waiting(self) -> dict[tuple[str, int], Waiting]:
        """What waits in each partition not read to its end, and since when. Not for a busy worker."""
        found = waiting(self._deliveries, self._records.archive.rows.positions())
        self.seek()
        return found

    def retry(self, held: Quarantined, by: str) -> Refusal | None:
        """Try a held delivery again, after an upgrade or a correction. None: it was taken."""
        return retry(self._records, self._matcher, self._ahead.here, held, by)

    # ------------------------------------------------------------

    def _has_begun(self, limit: int, timeout: float) -> bool:
        """Whether there is a batch to take in; one is read where none was."""
        if self._lost or self._deliveries.gained():
            self.seek()
        return bool(self._begun) or self._begin(self._poll(limit, timeout))

    def _poll(self, limit: int, timeout: float) -> list[Delivery]:
        batch = self._deliveries.poll(limit, timeout)
        while batch and self.aside:
            if others := [delivery for delivery in batch if delivery.topic not in self.aside]:
                return others
            batch = self._deliveries.poll(limit, 0.0)
        return batch

    def _begin(self, batch: Sequence[Delivery]) -> bool:
        if batch:
            self._begun.append(Begun(batch, time.time_ns(), self._beforehand.begin(batch)))
        return bool(batch)

    def _begin_more(self, limit: int) -> None:
        """Begin the next batches, where they can be read while this one is recorded."""
        try:
            while len(self._begun) < self._beforehand.batches and self._begin(self._poll(limit, 0.0)):
                pass
        except HubError:  # told when the next batch's turn comes; the one at hand is recorded first
            self._lost = True

    def _take(self, batch: Sequence[Delivery], fetched: Fetched) -> Tally:
        work = Work(self._records, self._matcher)
        work.add(list(zip(batch, fetched.read, strict=True)), fetched.taken)
        bad = {id(delivery) for delivery, _ in work.held}
        recent = self._judged([(delivery.topic, id(delivery) in bad) for delivery in batch])
        moved = _moved(batch, self._positions)
        now = self._records.clock()
        held = [_hold(d, r, now, self._records.keys) for d, r in work.held]
        tally = work.commit(moved, held, [])
        self._recent = recent
        following = {at: after for at, (_, after) in moved.items()}
        self._positions.update(following)
        self._deliveries.taken(following)
        tally.read = len(batch)
        return tally

    def _judged(self, judged: Iterable[tuple[str, bool]]) -> dict[str, deque[bool]]:
        """The last deliveries of each topic. Raises SetAside, IntakeStopped.

        One agency that sends rubbish is set aside; where several do and nobody else is heard, it is this hub.
        """
        recent = {topic: deque(last, self._limit.window) for topic, last in self._recent.items()}
        for topic, bad in judged:
            recent.setdefault(topic, deque(maxlen=self._limit.window)).append(bad)
        past = {topic for topic, last in recent.items() if self._is_past(last)} - self.aside
        if not past:
            return recent
        self.aside |= past
        if len(self.aside) > 1 and recent.keys() <= self.aside:
            counted = [bad for last in recent.values() for bad in last]
            raise IntakeStopped(
                f"{sum(counted)} of the last {len(counted)} deliveries were refused; "
                "look at the reasons with 'hub status' before going on"
            )
        raise SetAside

    def _is_past(self, last: deque[bool]) -> bool:
        return len(last) >= self._limit.least and sum(last) > self._limit.share * len(last)


def retry(
    records: Records,
    matcher: Matcher,
    read: Callable[[Sequence[Delivery]], list[Read]],
    held: Quarantined,
    by: str,
) -> Refusal | None:
    """Take a held delivery in on its own, without the bus. None: it was taken."""
    if not held.held.sealed:
        return Refusal(held.held.reason)
    delivery = _unhold(held.held, records.keys)
    (found,) = read([delivery])
    if isinstance(found, Refusal):
        return found
    work = Work(records, matcher)
    work.add([(delivery, found)])
    if work.held:
        return work.held[0][1]
    work.commit({}, [], [Ended(held.id, "retried", by)])
    return None


def _traces(batch: Iterable[Delivery]) -> Iterable[str]:
    """What senders said their messages are part of."""
    for delivery in batch:
        for name, value in delivery.headers:
            if name == TRACEPARENT:
                yield value.decode("ascii", "replace")


def _moved(
    batch: Iterable[Delivery], known: dict[tuple[str, int], int]
) -> dict[tuple[str, int], tuple[int | None, int]]:
    following: dict[tuple[str, int], int] = {}
    for delivery in batch:
        following[delivery.topic, delivery.partition] = delivery.offset + 1
    return {at: (known.get(at), next_) for at, next_ in following.items()}


def _hold(delivery: Delivery, refusal: Refusal, at: datetime, keys: KeyRing) -> Held:
    """Keep a delivery as it came, sealed once more under the quarantine's own key; of a picture, nothing."""
    sealed = b""
    if refusal.reason != "image-refused":
        place = _held_place(delivery.topic, delivery.partition, delivery.offset)
        body = msgspec.msgpack.encode(delivery._replace(held=delivery.headers))
        sealed = seal(keys.for_sealing(HUB, "quarantine"), HUB, place, "quarantine", "delivery", body)
    paths = msgspec.json.encode(refusal.fields).decode()
    return Held(
        delivery.topic, delivery.partition, delivery.offset, refusal.reason, paths, at.isoformat(), sealed
    )


def _unhold(held: Held, keys: KeyRing) -> Delivery:
    place = _held_place(held.topic, held.partition, held.offset)
    key = keys.for_opening(HUB, "quarantine", generation_of(held.sealed))
    body = unseal(key, HUB, place, "quarantine", "delivery", held.sealed)
    return msgspec.msgpack.decode(body, type=Delivery)


def _held_place(topic: str, partition: int, offset: int) -> UUID:
    return uuid5(HELD, f"{topic}/{partition}/{offset}")
