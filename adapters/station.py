"""Opens an agency's folder: its keys, its spool and the way to the bus, ready to publish with."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from adapters import spool
from adapters.publish import EmbeddedProducer, Station
from adapters.seal import AgencyKeys, HubKey, Session, load_agency_keys, load_hub_key
from adapters.spool import Spool
from schemas.topic_log import TopicLog
from schemas.vocabulary import Agency
from schemas.wire import Outgoing


def sessions(keys: AgencyKeys, hub: HubKey, clock: Callable[[], datetime]) -> Callable[[], Outgoing]:
    """Hands out the current seal session; opens another when it is spent (an hour, or a million messages)."""
    current: list[Outgoing] = []
    session: list[Session] = []

    def outgoing() -> Outgoing:
        now = clock()
        if not session or session[0].spent(now):
            session[:] = [Session.open(keys, hub, now)]
            current[:] = [Outgoing(session[0], keys.reference_secret)]
        return current[0]

    return outgoing


@contextmanager
def open_station(data: Path, agency: Agency, clock: Callable[[], datetime]) -> Iterator[Station]:
    """What `hub keys init` laid down in DATA for an agency; its spool is made when it is first used.

    Raises KeyFileUnusable, TopicLogUnavailable or SpoolUnavailable, each naming the file.
    """
    folder = data / "agencies" / agency.value
    keys = load_agency_keys(folder / "signing-key.json")
    outgoing = sessions(keys, load_hub_key(data / "hub-public-key.json"), clock)
    with closing(TopicLog(data / "bus.sqlite")) as log, closing(_spool(folder, keys)) as kept:
        yield Station(kept, EmbeddedProducer(log), outgoing, clock)


def open_spool(data: Path, agency: Agency) -> Spool:
    """The agency's spool alone, to look into. Raises KeyFileUnusable, SpoolUnavailable."""
    folder = data / "agencies" / agency.value
    return _spool(folder, load_agency_keys(folder / "signing-key.json"))


def _spool(folder: Path, keys: AgencyKeys) -> Spool:
    path = folder / "spool.sqlite"
    spool.migrate(path)
    return Spool(path, keys.reference_secret)
