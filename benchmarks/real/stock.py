"""(b) The event library as it comes, doing the same work: own aggregates, own cipher, one save an event."""

from uuid import NAMESPACE_OID, uuid5

from eventsourcing.application import AggregateNotFoundError, Application
from eventsourcing.cipher import AESCipher
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from benchmarks.grounds import ratio, timed
from benchmarks.real.reading import Plain
from benchmarks.real.site import RealGround, Site

CHILDREN, EVENTS, BATCH, A_SAVE = 200, 2000, 500, 100


class Record(Aggregate):
    """A child's record, as the library's own documentation would write it."""

    @event("Registered")
    def __init__(self, key: str) -> None:
        self.key = key
        self.entries: list[str] = []

    @staticmethod
    def create_id(key: str):
        return uuid5(NAMESPACE_OID, key)

    @event("Recorded")
    def record(self, said: str) -> None:
        self.entries.append(said)


def main(site: Site, hub_each: float) -> None:
    """Measure and print, against what an event cost the hub in the same run."""
    here = site.ground(seed=2)
    here.send(range(EVENTS * 2 + 500), lambda number: number // 4 % CHILDREN)
    plain, application = Plain(here), _application(here)
    _take(application, plain, 500, 1)
    one = timed(lambda: _take(application, plain, EVENTS, 1)) / EVENTS
    many = timed(lambda: _take(application, plain, EVENTS, A_SAVE)) / EVENTS
    application.close()
    plain.close()
    ratio(
        "stock-library", one / hub_each, "at least 8", more=f"{one * 1e6:.0f} us an event, one save an event"
    )
    more = f"{many * 1e6:.0f} us an event, {A_SAVE} events a save (about 600 and more can hang)"
    ratio("stock-library-batched", many / hub_each, "reported", more=more)


def _take(application: Application, plain: Plain, count: int, a_save: int) -> None:
    changed: dict = {}
    for said, one in enumerate(plain.events(count), 1):
        key = one.identifiers[0].value
        id_ = Record.create_id(key)
        record = changed.get(id_)
        if record is None:
            try:
                record = application.repository.get(id_)
            except AggregateNotFoundError:
                record = Record(key)
            changed[id_] = record
        record.record(one.model_dump_json(exclude_none=True))
        if said % a_save == 0:
            application.save(*changed.values())
            changed.clear()
    application.save(*changed.values())


def _application(here: RealGround) -> Application:
    told = conninfo_to_dict(here.settings.store.address)
    return Application(
        {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": told["dbname"],
            "POSTGRES_HOST": told["host"],
            "POSTGRES_PORT": told["port"],
            "POSTGRES_USER": told["user"],
            "POSTGRES_PASSWORD": "",
            "CIPHER_TOPIC": "eventsourcing.cipher:AESCipher",
            "CIPHER_KEY": AESCipher.create_key(32),
        }
    )
