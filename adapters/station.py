"""Opens an agency's folder: its keys, its spool and the way to the bus, ready to publish with."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from adapters import spool
from adapters.bus_kafka import KafkaProducing
from adapters.publish import EmbeddedProducer, Producer, Station
from adapters.receipts_bus import EmbeddedReading, Reading
from adapters.receipts_kafka import KafkaReading
from adapters.seal import AgencyKeys, HubKey, Session, load_agency_keys, load_hub_key
from adapters.spool import Spool
from schemas.bus_access import BusAccess, BusMisdescribed, read_access
from schemas.topic_log import TopicLog
from schemas.tracing import tracing_to
from schemas.vocabulary import Agency
from schemas.wire import Outgoing

HUB_KEY = "hub-public-key.json"
"""The file with the key that is sealed to: handed out by hand at first, then taken from the bus."""


def sessions(
    keys: AgencyKeys, hub: Callable[[], HubKey], clock: Callable[[], datetime]
) -> Callable[[], Outgoing]:
    """Hands out the current seal session; opens another when it is spent (an hour, or a million messages).

    `hub` tells the key to seal to, asked at each opening: it may have been rolled.
    """
    current: list[Outgoing] = []
    session: list[Session] = []

    def outgoing() -> Outgoing:
        now = clock()
        if not session or session[0].spent(now):
            session[:] = [Session.open(keys, hub(), now)]
            current[:] = [Outgoing(session[0], keys.reference_secret)]
        return current[0]

    return outgoing


@contextmanager
def open_station(
    data: Path, agency: Agency, clock: Callable[[], datetime], environment: Mapping[str, str] | None = None
) -> Iterator[Station]:
    """What `hub keys init` laid down in DATA for an agency; its spool is made when it is first used.

    The bus is the one that HUB_BUS in `environment` or DATA/settings.toml names, else the topic log in DATA.
    Raises KeyFileUnusable, TopicLogUnavailable or SpoolUnavailable, each naming the file; BusMisdescribed.
    """
    folder = data / "agencies" / agency.value
    keys = load_agency_keys(folder / "signing-key.json")
    outgoing = sessions(keys, partial(load_hub_key, data / HUB_KEY), clock)
    environment = environment or {}
    tracing = tracing_to(environment.get("HUB_OTLP_ENDPOINT"), f"hub-publish-{agency.value}")
    with _producer(data, environment) as producer, closing(_spool(folder, keys)) as kept, closing(tracing):
        yield Station(kept, producer, outgoing, clock, tracing)


def open_spool(data: Path, agency: Agency) -> Spool:
    """The agency's spool alone, to look into. Raises KeyFileUnusable, SpoolUnavailable."""
    folder = data / "agencies" / agency.value
    return _spool(folder, load_agency_keys(folder / "signing-key.json"))


@contextmanager
def open_receipts(
    data: Path, agency: Agency, environment: Mapping[str, str] | None = None
) -> Iterator[Reading]:
    """The agency's topic of receipts, on the bus that is named as in `open_station`.

    Raises TopicLogUnavailable, BusUnavailable, BusMisdescribed.
    """
    access = read_access(_settings(data), environment or {})
    with closing(_reading(data, agency, access)) as reading:
        yield reading


def _reading(data: Path, agency: Agency, access: BusAccess | None) -> Reading:
    if access is None:
        return EmbeddedReading(data / "bus.sqlite", agency)
    return KafkaReading(access, agency)


@contextmanager
def _producer(data: Path, environment: Mapping[str, str]) -> Iterator[Producer]:
    access = read_access(_settings(data), environment)
    if access is None:
        with closing(TopicLog(data / "bus.sqlite")) as log:
            yield EmbeddedProducer(log)
    else:
        with closing(KafkaProducing(access)) as producing:
            yield producing


def _settings(data: Path) -> Mapping[str, Any]:
    file = data / "settings.toml"
    try:
        return tomllib.loads(file.read_text()) if file.exists() else {}
    except (OSError, tomllib.TOMLDecodeError):
        raise BusMisdescribed(f"{file} cannot be read") from None


def _spool(folder: Path, keys: AgencyKeys) -> Spool:
    path = folder / "spool.sqlite"
    spool.migrate(path)
    return Spool(path, keys.reference_secret)
