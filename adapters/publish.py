"""From an agency's file to its topic: read, seal, spool, send. One bad record never spoils the file."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from adapters.door import Progress, Report, checked, digest
from adapters.format import Finding, Format, Sender, Untranslatable
from adapters.snapshots import Difference, Edition, Known, differences
from adapters.spool import Spool
from schemas.case_event import CaseEvent, Withdrawal
from schemas.topic_log import TopicLog, TopicLogUnavailable
from schemas.tracing import NoTracing, Tracing
from schemas.vocabulary import Agency
from schemas.wire import Message, Outgoing, heartbeat_message, signed_messages

BATCH = 500


class BusUnavailable(Exception):
    """The bus did not take a batch; it stays in the spool and is sent later."""


class Producer(Protocol):
    """Puts messages on the bus: in order for each key; on return all of them are there to stay."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send a batch. Raises BusUnavailable; part of the batch may then be there, and comes again."""


class EmbeddedProducer:
    """Writes to the embedded topic log; a topic that is not there yet is made."""

    def __init__(self, log: TopicLog) -> None:
        self._log = log

    def send(self, messages: Sequence[Message]) -> None:
        """Append a batch, a transaction a topic. Raises BusUnavailable."""
        try:
            for topic in dict.fromkeys(m.topic for m in messages):
                self._log.create_topic(topic)
                self._log.append(topic, [(m.key, m.headers, m.value) for m in messages if m.topic == topic])
        except TopicLogUnavailable as error:
            raise BusUnavailable(str(error)) from error


@dataclass(frozen=True, slots=True)
class Station:
    """What an agency publishes with. `outgoing` gives a seal session that is not spent, whenever asked."""

    spool: Spool
    producer: Producer
    outgoing: Callable[[], Outgoing]
    clock: Callable[[], datetime]
    tracing: Tracing = field(default_factory=NoTracing)


def publish_file(
    station: Station,
    format_: Format,
    file: BinaryIO,
    sender: Sender,
    progress: Progress = lambda read: None,  # noqa: ARG005
) -> Report:
    """Take in one file whole, or nothing of it, then send what is spooled, and a heartbeat.

    What is refused in it is in the report and in the spool. Where the bus cannot be reached the report says
    so and the events wait. Raises SpoolUnavailable.
    """
    report = Report(format_.name, digest(file))
    with station.spool.turn(), station.tracing.span("publish") as traceparent:
        if _take(station, format_, file, sender, progress, report, traceparent):
            try:
                _beat(station, format_.agency, sender.system)
                report.sent = _send(station)
            except BusUnavailable as error:
                report.unavailable = str(error)
    return report


def flush(station: Station) -> int:
    """Send what is still spooled; tells how many. Raises BusUnavailable, SpoolUnavailable."""
    with station.spool.turn():
        return _send(station)


def heartbeat(station: Station, agency: Agency, system: str) -> int:
    """Say that the feed is alive, after all that was spooled before. Raises as `flush` does."""
    with station.spool.turn():
        _beat(station, agency, system)
        return _send(station)


# ------------------------------------------------------------


def _take(
    station: Station,
    format_: Format,
    file: BinaryIO,
    sender: Sender,
    progress: Progress,
    report: Report,
    traceparent: str | None,
) -> bool:
    spool = station.spool
    reading = spool.begin(report.sha256, format_.name, station.clock())
    source = f"{format_.name}/{sender.organisation}"
    learned: dict[bytes, Known] = {}
    batch = _Batch(station, reading, traceparent)
    try:
        for what in _said(station, format_, file, sender, report):
            if isinstance(what, Difference):
                learned.update((known.key, known) for known in what.known)
                report.withdrawn += isinstance(what.event, Withdrawal)
            said = what.event if isinstance(what, Difference) else what
            report.count(said)
            batch.add(said)
            progress(file.tell())
    except Untranslatable as error:
        batch.add(error.finding)
        batch.put()
        spool.abandon(reading)
        report.nothing_taken(error.finding)
        return False
    batch.put()
    spool.complete(reading, source, learned.values())
    return True


def _said(
    station: Station, format_: Format, file: BinaryIO, sender: Sender, report: Report
) -> Iterable[CaseEvent | Finding | Difference]:
    """Everything the file says; of a snapshot, only what is new in it."""
    said = checked(format_, file, sender)
    if format_.kind != "snapshot":
        return said
    of = format_.edition(file) if format_.edition else ""
    file.seek(0)
    edition = Edition(of, format_.agency, sender.system, sender.organisation, sender.read_at, report.sha256)
    previous = station.spool.readings(f"{format_.name}/{sender.organisation}")
    return differences(previous, said, station.outgoing().hash, edition)


class _Batch:
    """What is signed and put on disk together."""

    def __init__(self, station: Station, reading: int, traceparent: str | None) -> None:
        self._station, self._reading, self._traceparent = station, reading, traceparent
        self.events: list[CaseEvent] = []
        self.findings: list[Finding] = []

    def add(self, what: CaseEvent | Finding | None) -> None:
        """Keep an event or a finding; put them down when there are enough."""
        if isinstance(what, Finding):
            self.findings.append(what)
        elif what is not None:
            self.events.append(what)
        if len(self.events) + len(self.findings) >= BATCH:
            self.put()

    def put(self) -> None:
        """Sign and seal what is there, and put it on disk."""
        station = self._station
        now = station.clock()
        messages, leaves = signed_messages(self.events, station.outgoing(), now, self._traceparent)
        station.spool.accept(self._reading, messages, self.findings, leaves)
        self.events, self.findings = [], []


def _beat(station: Station, agency: Agency, system: str) -> None:
    now = station.clock()
    reading = station.spool.begin("", "heartbeat", now)
    station.spool.accept(reading, [heartbeat_message(agency, system, station.outgoing(), now)], [])
    station.spool.complete(reading)


def _send(station: Station) -> int:
    sent = 0
    while batch := station.spool.pending(BATCH):
        station.producer.send([spooled.message for spooled in batch])
        station.spool.mark_sent(batch)
        sent += len(batch)
    return sent
