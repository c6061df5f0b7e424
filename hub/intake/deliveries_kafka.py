"""Reads Kafka for the hub: whatever a group thinks, the positions are those of the hub's own store."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NoReturn

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import CorruptRecordError, KafkaError, OffsetOutOfRangeError, UnsupportedCodecError

from hub.errors import HubError, Unavailable
from hub.intake.bus_client import connecting, explained
from hub.intake.changing_hands import ChangingHands
from hub.intake.deliveries import GROUP, DeliveriesLost, Delivery, to_go_on
from hub.intake.lanes import Lanes
from hub.intake.unreadable import forgive
from schemas.bus_access import BusAccess
from schemas.wire import LARGEST, TOPICS

At = tuple[str, int]

BEAT = 3_000
"""Milliseconds between two signs of life, at most."""
LOOK = 100
"""Milliseconds a broker holds a fetch that finds nothing: other questions queue behind it."""
APPLY = "'hub topics apply' makes topics and access rules"
TOLD = 5.0
"""Seconds between two commits."""
LAST = 5_000
"""Milliseconds the last one may take, as a worker leaves."""
ABSENT = 300_000
"""Milliseconds a worker may take over a batch before others get its partitions."""
HELD_BYTES = 16 * 1024 * 1024
"""Read ahead at most about this much, and one answer more: back-pressure is not asking."""


class BatchUnreadable(HubError):
    """A whole batch on the bus cannot be read. This reader is spent; nothing was skipped."""

    status, title, exit_code = 503, "A batch on the bus cannot be read", 4


class KafkaDeliveries:
    """One reader of all agencies' topics; with `shares`, a worker of a group that divides the partitions.

    A group decides who reads a partition and nothing else. What it commits is for tools that show lag; the
    hub never reads it. To be used by one thread at a time.
    """

    def __init__(
        self,
        access: BusAccess,
        *,
        shares: bool = False,
        worker: str | None = None,
        reads: Callable[[str], bool] = lambda topic: True,  # noqa: ARG005
    ) -> None:
        """Reach the bus. `worker`: a name that stays, so that a restart keeps its partitions.

        Raises Unavailable where the bus cannot be reached or refuses this hub.
        """
        self._access, self._shares = access, shares
        self._patience = int(access.patience * 1000)
        self._names = {access.on_bus(topic): topic for topic in TOPICS if reads(topic)}
        self._lanes: Lanes[TopicPartition, Any] = Lanes()
        self._taken: dict[TopicPartition, OffsetAndMetadata] = {}
        self._told = 0.0
        self._wanted: dict[At, int] = {}
        self._ids: dict[str, str] = {}
        self._hands = ChangingHands()
        forgive()
        with connecting(access) as config:
            connection = config["kafka_client"]

            def kept(**how: Any) -> Any:
                self._client = connection(**how)
                return self._client

            self._consumer = KafkaConsumer(**config | {"kafka_client": kept}, **self._config(worker))
        with explained():
            self._hands.of(self._consumer)
            self._read_of = {tp: (self._names[tp.topic], tp.partition) for tp in self._all()}
            if shares:
                self._consumer.subscribe(topics=sorted(self._names), listener=self._hands)
            else:
                self._consumer.assign(list(self._read_of))
        missing = sorted(set(self._names.values()) - {topic for topic, _ in self._read_of.values()})
        if missing:
            self.close()
            raise Unavailable(f"not on the bus, or not for the hub to read: {', '.join(missing)}; {APPLY}")
        if not shares:
            self.seek({})

    def partitions(self) -> list[At]:
        """Every topic and partition this hub reads, whichever worker has it."""
        return list(self._read_of.values())

    def ids(self) -> dict[str, str]:
        """Each topic's id, as far as the brokers tell (Kafka 2.8 and later do; KIP-516)."""
        found = {topic: self._client.cluster.topic_id(name) for name, topic in self._names.items()}
        return {topic: str(id_) for topic, id_ in found.items() if id_}

    def gained(self) -> bool:
        """Whether partitions came to this worker since it last sought, or a topic was made anew."""
        return bool(self._hands.gained) or self.ids() != self._ids

    def seek(self, positions: Mapping[At, int]) -> None:
        """Read on from these offsets; a partition not named, from the earliest one held.

        Raises DeliveriesLost where an offset is not on the bus, Unavailable where the bus does not answer.
        """
        self._wanted, self._ids = dict(positions), self.ids()
        self._lanes.clear()
        with explained():
            mine = self._hands.take()
            if mine:
                for tp, offset in self._places(mine).items():
                    if tp in self._consumer.assignment():
                        self._consumer.seek(tp, offset)
                        self._consumer.resume(tp)

    def poll(self, limit: int, timeout: float) -> list[Delivery]:
        """Up to `limit` deliveries, fair over partitions; waits at most `timeout` seconds for a first one.

        An empty list: at some moment of this call there was nothing to read. Raises Unavailable,
        DeliveriesLost.
        """
        self._tell()
        until = time.monotonic() + timeout
        with explained():
            try:
                self._fetch(0 if self._lanes else timeout)
                while not self._lanes and self._behind():
                    self._fetch(max(until - time.monotonic(), self._access.patience))
            except OffsetOutOfRangeError as error:
                self._explain(error.args[0])
            except (CorruptRecordError, UnsupportedCodecError) as error:
                raise BatchUnreadable(f"{type(error).__name__}; see 'When something is wrong'") from None
        return self._share(limit)

    def hold(self, seconds: float) -> None:
        """Remain a worker of the group for so long without reading: the store cannot take anything."""
        self._lanes.clear()
        paused = self._consumer.assignment()
        self._consumer.pause(*paused)
        try:
            self._consumer.poll(timeout_ms=int(seconds * 1000))
        except KafkaError:
            time.sleep(seconds)

    def taken(self, positions: Mapping[At, int]) -> None:
        """Commit, every few seconds, what the store has read up to: for tools that show lag, and no more."""
        self._taken |= {
            TopicPartition(self._access.on_bus(t), p): OffsetAndMetadata(offset, "", -1)
            for (t, p), offset in positions.items()
        }
        self._tell()

    def _tell(self) -> None:
        """Say it, and again while nothing comes: one that is said amid a rebalance is not heard."""
        if self._shares and self._taken and time.monotonic() >= self._told + TOLD:
            self._told = time.monotonic()
            with suppress(KafkaError):
                self._consumer.commit_async(self._taken_of_mine())

    def _taken_of_mine(self) -> dict[TopicPartition, OffsetAndMetadata]:
        """Of partitions that others read by now they tell themselves."""
        mine = self._consumer.assignment()
        self._taken = {at: offset for at, offset in self._taken.items() if at in mine}
        return self._taken

    def end_offsets(self) -> dict[At, int]:
        """The offset the next message will get, for every partition."""
        with explained():
            ends = self._consumer.end_offsets(list(self._read_of), timeout_ms=self._patience)
        return {self._read_of[tp]: offset for tp, offset in ends.items()}

    def close(self) -> None:
        """Leave the group, so that others go on at once, and let go of the bus.

        All is committed once more: what was said a moment ago may be under way still, and would be dropped.
        """
        if self._shares and self._taken:
            with suppress(KafkaError):
                self._consumer.commit(self._taken_of_mine(), timeout_ms=LAST)
        self._consumer.close(autocommit=False, timeout_ms=self._patience)

    # ------------------------------------------------------------

    def _config(self, worker: str | None) -> dict[str, Any]:
        config: dict[str, Any] = {}
        if self._shares:
            session = int(self._access.session * 1000)
            config |= {
                "group_id": self._access.on_bus(GROUP),
                "group_instance_id": worker,
                "partition_assignment_strategy": [CooperativeStickyAssignor],
                "session_timeout_ms": session,
                "heartbeat_interval_ms": min(BEAT, session // 3),
                "max_poll_interval_ms": ABSENT,
            }
        return config | {
            "client_id": "hub-intake",
            "enable_auto_commit": False,
            "auto_offset_reset": "none",  # an offset that is not there is an error, never a jump
            "allow_auto_create_topics": False,
            "max_partition_fetch_bytes": LARGEST,
            "fetch_max_bytes": HELD_BYTES,
            "fetch_max_wait_ms": LOOK,
            "reconnect_backoff_max_ms": 1000,
            "metadata_max_age_ms": 30_000,
            "metrics_enabled": False,
        }

    def _all(self) -> list[TopicPartition]:
        return [
            TopicPartition(topic, part)
            for topic in sorted(self._names)
            for part in sorted(self._consumer.partitions_for_topic(topic))
        ]

    def _places(self, mine: list[TopicPartition]) -> dict[TopicPartition, int]:
        """Where to read on. A hub that reads here at all has read a partition from its first offset."""
        first = self._consumer.beginning_offsets(mine, timeout_ms=self._patience)
        ends = self._consumer.end_offsets(mine, timeout_ms=self._patience)
        places: dict[TopicPartition, int] = {}
        for tp in mine:
            at = self._read_of.setdefault(tp, (self._names[tp.topic], tp.partition))
            never = 0 if self._wanted else first[tp]
            places[tp] = self._wanted.get(at, never)
            if not first[tp] <= places[tp] <= ends[tp]:
                raise _lost(at, places[tp], first[tp], ends[tp])
        return places

    def _explain(self, gone: Mapping[TopicPartition, int]) -> NoReturn:
        for tp, offset in gone.items():
            first = self._consumer.beginning_offsets([tp], timeout_ms=self._patience)[tp]
            end = self._consumer.end_offsets([tp], timeout_ms=self._patience)[tp]
            raise _lost(self._read_of[tp], offset, first, end) from None
        raise Unavailable("the bus says that offsets are missing, but not which")

    def _fetch(self, timeout: float) -> None:
        """Take what has come into the lanes, unless they hold enough."""
        if self._lanes.held >= HELD_BYTES:
            return
        found = self._consumer.poll(timeout_ms=int(timeout * 1000), max_records=1_000_000)
        for tp, records in found.items():
            self._lanes.add(tp, records)

    def _behind(self) -> bool:
        """Whether the bus holds more of this worker's partitions than was read. Asks the bus anew."""
        if self._hands.gained:
            return False
        mine = self._consumer.assignment()
        ends = self._consumer.end_offsets(list(mine or self._read_of), timeout_ms=self._patience)
        return any((self._consumer.position(tp, timeout_ms=0) or 0) < ends[tp] for tp in mine)

    def _share(self, limit: int) -> list[Delivery]:
        for tp in self._hands.gone():
            self._lanes.drop(tp)
        return [_delivery(self._read_of[tp], record) for tp, record in self._lanes.share(limit)]


def _delivery(at: At, record: Any) -> Delivery:
    headers = tuple((name, value or b"") for name, value in record.headers)
    return Delivery(*at, record.offset, bytes(record.key or b""), headers, bytes(record.value or b""))


def _lost(at: At, wanted: int, first: int, end: int) -> DeliveriesLost:
    place = f"{at[0]}/{at[1]}"
    if wanted < first:
        return DeliveriesLost(
            f"{place}: offsets {wanted} to {first - 1} are no longer on the bus; have them sent again, "
            f"or go on without them: {to_go_on(place, wanted, first)}"
        )
    return DeliveriesLost(
        f"{place}: the hub has read up to {wanted}, the bus ends at {end}: another bus, or one restored "
        f"from before; if it is the right one: {to_go_on(place, wanted, end)}"
    )
