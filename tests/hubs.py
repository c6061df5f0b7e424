"""A whole hub in a folder, with agencies enrolled: what journeys, contracts and properties run on."""

import atexit
import copy
import shutil
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from adapters import seal
from adapters.bus_kafka import KafkaProducing
from hub import compose
from hub.confidentiality import bus_sessions
from hub.confidentiality.vault_access import VaultAccess
from hub.domain.child import By
from hub.intake.keeping_on import take_what_is_there
from hub.postgres.access import StoreAccess
from hub.settings import Settings, Stage, write_stage
from hub.sharing.look import Reader
from schemas import topic_log, wire
from schemas.bus_access import BusAccess
from schemas.vocabulary import Agency

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
AGENCIES = tuple(Agency)

SOCIAL_WORKER = Reader(By("sw", "social-worker", "social-care"), "section-47")
POLICE_OFFICER = Reader(By("po", "police-officer", "police"), "section-47")
INTELLIGENCE_OFFICER = Reader(By("io", "intelligence-officer", "police"), "section-47")
SCHOOL_LEAD = Reader(By("dsl", "school-lead", "schools"), "section-17")


class Desk:
    """A hub's folder, and the agencies' side of it."""

    def __init__(
        self,
        folder: Path,
        bus: BusAccess | None = None,
        store: StoreAccess | None = None,
        vault: VaultAccess | None = None,
        *,
        anew: bool = False,
        live: bool = False,
    ) -> None:
        """On files alone it is a copy of one that this process founded, unless it is to have its own keys.

        `live`: founded for live data, and anew.
        """
        self.settings = Settings(data=folder, bus=bus, store=store, vault=vault)
        self.outgoing = {}
        if (bus, store, vault) == (None, None, None) and not (anew or live):
            shutil.copytree(_founded(), folder, dirs_exist_ok=True)
        else:
            _found(self.settings, demo=not live)
        self.agencies = {agency: seal.load_agency_keys(_agency_key(folder, agency)) for agency in AGENCIES}

    def copied(self, folder):
        """This hub's files as they stand, in another folder."""
        shutil.copytree(self.settings.data, folder)
        other = copy.copy(self)
        other.settings = self.settings.model_copy(update={"data": folder})
        return other

    def messages(self, *events, now=None):
        """Events as the bus will hold them."""
        made, now = {}, now or datetime.now(UTC)
        for agency in {event.agency for event in events}:
            at = [place for place, event in enumerate(events) if event.agency == agency]
            signed = wire.event_messages([events[place] for place in at], self._outgoing(agency), now)
            made |= dict(zip(at, signed, strict=True))
        return [made[place] for place in sorted(made)]

    def heartbeat(self, agency):
        self.send(wire.heartbeat_message(agency, "feed", self._outgoing(agency), datetime.now(UTC)))

    def publish(self, *events):
        """Put events on the bus, sealed and signed, in this order."""
        self.send(*self.messages(*events))

    def send(self, *messages):
        """Put messages on the bus as they are."""
        if self.settings.bus is not None:
            with closing(KafkaProducing(self.settings.bus)) as producing:
                producing.send(messages)
            return
        log = topic_log.TopicLog(self.settings.topic_log)
        for message in messages:
            log.append(message.topic, [(message.key, message.headers, message.value)])
        log.close()

    @contextmanager
    def open(self, at=None):
        """The hub, open; `at`: with its clock put to a moment."""
        settings = self.settings
        if at is not None:
            write_stage(settings.data, at, datetime.now(UTC))
            stage = Stage(stands_at=at, since=datetime.now(UTC))
            settings = settings.model_copy(update={"stage": stage})
        with compose.open_hub(settings) as hub:
            yield hub

    def take_in(self, *events, at=None):
        """Publish, take in all there is, and tell the total."""
        self.publish(*events)
        with self.open(at) as hub:
            return take_all(hub)

    def _outgoing(self, agency):
        if agency not in self.outgoing:
            keys = self.agencies[Agency(agency)]
            hub_key = seal.load_hub_key(self.settings.hub_public_key)
            session = seal.Session.open(keys, hub_key, datetime.now(UTC) - timedelta(minutes=1))
            self.outgoing[agency] = wire.Outgoing(session, keys.reference_secret)
        return self.outgoing[agency]


def _found(settings, *, demo=True):
    """Found a hub, and give every agency its keys."""
    compose.found(settings, demo=demo)
    for agency in AGENCIES:
        path = _agency_key(settings.data, agency)
        public = seal.create_agency_keys(path, agency.value)
        key = seal.load_agency_keys(path).key_id
        since = datetime(2020, 1, 1, tzinfo=UTC)
        bus_sessions.add_agency_key(settings.agency_keys, agency.value, key, public, since)


def _agency_key(folder, agency):
    return folder / "agencies" / agency.value / "signing-key.json"


@cache
def _founded():
    """The hub that others are copies of: founding one waits for the disk some twenty times."""
    folder = Path(tempfile.mkdtemp(prefix="hub-founded-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _found(Settings(data=folder / "data"))
    return folder / "data"


def take_all(hub):
    """Take in everything on the bus."""
    with compose.open_intake(hub) as intake:
        return take_what_is_there(intake, lambda _: None)


def only_child(hub):
    """The one child the hub has a record of."""
    (child,) = hub.records.children()
    return child
