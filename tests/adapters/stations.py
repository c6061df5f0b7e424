"""An agency's publishing side for tests, all real: keys, spool, topic log, and a hub's key to open with."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters import spool as spools
from adapters.format import Finding, Format, Sender, SourceKind
from adapters.publish import BusUnavailable, EmbeddedProducer, Producer, Station
from adapters.seal import create_agency_keys, load_agency_keys, load_hub_key
from adapters.spool import Spool
from adapters.station import sessions
from hub.confidentiality import bus_sessions, key_file
from hub.intake.deliveries import Delivery
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.opening import Heartbeat, Opened, Refusal, open_deliveries
from schemas import topic_log
from schemas.case_event import CaseEvent, Identifier, SourceRecord
from schemas.police import MissingEpisode
from schemas.topic_log import TopicLog
from schemas.vocabulary import Agency
from schemas.wire import Message

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SENDER = Sender("Wearside", "niche", NOW)


@dataclass
class Post:
    """A data folder with one agency in it."""

    data: Path
    opened: list[Spool | TopicLog] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.data / "agencies" / "police"

    def station(self, producer: Producer | None = None) -> Station:
        keys = load_agency_keys(self.folder / "signing-key.json")
        outgoing = sessions(keys, lambda: load_hub_key(self.data / "hub-public-key.json"), lambda: NOW)
        spools.migrate(self.folder / "spool.sqlite")
        spool = Spool(self.folder / "spool.sqlite", keys.reference_secret, busy=0.1)
        self.opened.append(spool)
        return Station(spool, producer or EmbeddedProducer(self.log()), outgoing, lambda: NOW)

    def log(self) -> TopicLog:
        log = TopicLog(self.data / "bus.sqlite")
        self.opened.append(log)
        return log

    def close(self) -> None:
        for thing in self.opened:
            thing.close()

    def deliveries(self) -> list[Delivery]:
        reader = EmbeddedDeliveries(self.data / "bus.sqlite")
        found = reader.poll(100_000, 0.0)
        reader.close()
        return found

    def heard(self) -> list[CaseEvent | Heartbeat | Refusal]:
        """What the hub makes of everything on the bus."""
        agencies = bus_sessions.load_agency_keys(self.data / "agency-keys.json")
        opener = bus_sessions.SessionOpener(key_file.load(self.data / "keys.json").bus_keys(), agencies)
        heard = open_deliveries(self.deliveries(), opener)
        return [one.event if isinstance(one, Opened) else one for one in heard]

    def events(self) -> list[CaseEvent]:
        return [heard for heard in self.heard() if isinstance(heard, CaseEvent)]


def founded(data: Path) -> Post:
    file = key_file.create(data / "keys.json", ("identity",), demo=True)
    (data / "hub-public-key.json").write_text(json.dumps(file.bus_public()))
    post = Post(data)
    public = create_agency_keys(post.folder / "signing-key.json", "police")
    key_id = load_agency_keys(post.folder / "signing-key.json").key_id
    bus_sessions.add_agency_key(
        data / "agency-keys.json", "police", key_id, public, datetime(2020, 1, 1, tzinfo=UTC)
    )
    topic_log.migrate(data / "bus.sqlite")
    return post


def episode(source_event_id: str = "MP-1", child: str = "C-1", place: str = "/0", **said) -> MissingEpisode:
    return MissingEpisode(
        **{
            "agency": Agency.POLICE,
            "system": "niche",
            "source_event_id": source_event_id,
            "identifiers": (Identifier("police:wearside", child),),
            "occurred_at": NOW,
            "source": SourceRecord("0" * 64, place),
            **said,
        }
    )


Said = CaseEvent | Finding | Exception


def saying(*said: Said, kind: SourceKind = "message", edition: str | None = None) -> Format:
    """A format of which every file says the same."""

    def translate(file, sender) -> Iterator[CaseEvent | Finding]:
        for what in said:
            file.read(1)
            if isinstance(what, Exception):
                raise what
            yield what

    reads: Callable | None = None if edition is None else lambda _: edition
    return Format("police.test", Agency.POLICE, kind, "for tests", Path("none"), translate, reads)


def a_file(content: bytes = b"a file of the police") -> io.BytesIO:
    return io.BytesIO(content)


class Failing:
    """A bus that goes away after some batches, or dies having taken one."""

    def __init__(self, inner: Producer, after: int, *, having_taken: bool = False) -> None:
        self._inner, self._left, self._having_taken = inner, after, having_taken

    def send(self, messages: Sequence[Message]) -> None:
        if self._left == 0:
            if self._having_taken:
                self._inner.send(messages)
            raise BusUnavailable("the bus is away")
        self._left -= 1
        self._inner.send(messages)
