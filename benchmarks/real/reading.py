"""The topics of a site's hub, read plainly: what the programs that the hub is measured against share."""

from collections.abc import Iterator

from kafka import KafkaConsumer, TopicPartition

from benchmarks.real.site import RealGround
from schemas import wire
from schemas.case_event import CaseEvent
from schemas.catalogue import parse_event
from schemas.sealing import message_aad
from schemas.vouching import taken_apart


class Plain:
    """A consumer of all topics from their beginning, and the sessions that open what it reads."""

    def __init__(self, here: RealGround) -> None:
        bus = here.settings.bus
        self._names = {bus.on_bus(topic): topic for topic in wire.TOPICS}
        self._consumer = KafkaConsumer(
            bootstrap_servers=bus.servers, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        self._consumer.assign([TopicPartition(n, p) for n in self._names for p in range(wire.PARTITIONS)])
        # the sender's own side of each session: the same cipher, come by without its key exchange
        self._sessions = {o.session.token: o.session._aead for o in here.outgoing.values()}
        self._waiting: list = []

    def poll(self, count: int) -> list:
        """So many records, or what there is."""
        while len(self._waiting) < count:
            found = self._consumer.poll(timeout_ms=1000, max_records=count)
            if not found:
                break
            for records in found.values():
                self._waiting.extend(records)
        mine, self._waiting = self._waiting[:count], self._waiting[count:]
        return mine

    def open(self, record) -> bytes:
        """The event in a record, as its agency said it."""
        headers = wire.first_headers(record.headers)
        aad = message_aad(self._names[record.topic], record.key, wire.sealed_attributes(headers))
        return self._sessions[headers[wire.SESSION_TOKEN]].decrypt(record.value[:12], record.value[12:], aad)

    def events(self, count: int) -> Iterator[CaseEvent]:
        """So many events, parsed and checked."""
        for record in self.poll(count):
            _, said = taken_apart(self.open(record))
            yield parse_event(said)

    def close(self) -> None:
        """Let go of the bus."""
        self._consumer.close()
