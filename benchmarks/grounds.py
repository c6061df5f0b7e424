"""A hub to measure on: invented children of four agencies, on real files in a folder of its own."""

import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from adapters import seal
from adapters.publish import BATCH as SIGNED
from hub import compose
from hub.confidentiality import bus_sessions
from hub.domain.entry import Entry
from hub.settings import Settings
from schemas import topic_log, wire
from schemas.case_event import CaseEvent
from schemas.health import EmergencyAttendance
from schemas.police import MissingEpisode
from schemas.schools import ConcernLogged
from schemas.social_care import Referral
from schemas.vocabulary import Agency

START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = [
    "seen",
    "after",
    "school",
    "with",
    "an",
    "older",
    "friend;",
    "said",
    "little;",
    "mother",
    "was",
    "told;",
    "to",
    "be",
    "followed",
    "up",
    "on",
    "Monday",
]


def besides() -> float:
    """Seconds of processor that the processes beside this one have taken (`hub/intake/beside.py`)."""
    children = [pid for of in Path("/proc/self/task").glob("*/children") for pid in of.read_text().split()]
    clocks = [
        ~int(pid) << 3 | 2  # as clock_getcpuclockid makes a clock's id
        for pid in children
        if b"hub.intake.beside" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return sum(map(time.clock_gettime, clocks))


def ratio(name: str, value: float, target: float | str, *, more: str = "") -> None:
    """Print one line of the report."""
    target_ = f"{target:.1f}" if isinstance(target, float) else target
    print(f"ratio {name} {value:.2f} target {target_}{'  ' + more if more else ''}")


def timed(work: Callable[[], object]) -> float:
    """Seconds one call took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def middle(times: list[float]) -> float:
    """The median: the machine is shared."""
    return median(times)


class Ground:
    """A founded hub with every agency enrolled, and invented children."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.settings = Settings(data=folder)
        compose.found(self.settings, demo=True)
        self._random = random.Random(seed)
        self.enrol()

    def enrol(self) -> None:
        """Give each agency that speaks a key the hub knows, and a session."""
        hub_key = seal.load_hub_key(self.settings.hub_public_key)
        self.outgoing = {}
        for agency in (Agency.POLICE, Agency.HEALTH, Agency.SCHOOLS, Agency.SOCIAL_CARE):
            path = self.settings.agencies / agency.value / "signing-key.json"
            public = seal.create_agency_keys(path, agency.value)
            keys = seal.load_agency_keys(path)
            bus_sessions.add_agency_key(self.settings.agency_keys, agency.value, keys.key_id, public, START)
            session = seal.Session.open(keys, hub_key, datetime.now(UTC))
            self.outgoing[agency] = wire.Outgoing(session, keys.reference_secret)

    def event(self, number: int, child: int) -> CaseEvent:
        """One event of a child, of one of four agencies in turn."""
        said = {
            "source_event_id": f"e{number}",
            "identifiers": ({"system": "nhs-number", "value": f"999{child:07d}"},),
            "name": {"family": f"Family{child}", "given": "Given"},
            "date_of_birth": "2012-03-04",
            "postcode": "DL1 1AA",
            "occurred_at": START + timedelta(hours=number % 20_000),
            "summary": " ".join(self._random.choices(WORDS, k=40)),
        }
        match number % 4:
            case 0:
                return MissingEpisode(agency="police", system="niche", times_missing_before=2, **said)
            case 1:
                return EmergencyAttendance(agency="health", system="epr", unexplained=True, **said)
            case 2:
                return ConcernLogged(agency="schools", system="log", category="behaviour", **said)
        return Referral(agency="social-care", system="mosaic", source_agency="schools", **said)

    def publish(self, count: int, children: int, first: int = 0, child: int = 0) -> None:
        """Put events on the topics, in order, of so many children from `child` on."""
        numbers = range(first, first + count)
        self.append([self.event(number, child + (number // 4) % children) for number in numbers])

    def append(self, events: Iterable[CaseEvent]) -> None:
        """Put these events on their topics."""
        log = topic_log.TopicLog(self.settings.topic_log)
        for batch in self.signed(events):
            log.append(batch[0].topic, [(m.key, m.headers, m.value) for m in batch])
        log.close()

    def signed(self, events: Iterable[CaseEvent]) -> Iterator[list[wire.Message]]:
        """Events as each agency's spool signs and seals its own: a batch, a signature."""
        by_agency: dict[Agency, list[CaseEvent]] = {}
        for event in events:
            by_agency.setdefault(event.agency, []).append(event)
        for agency, theirs in by_agency.items():
            for at in range(0, len(theirs), SIGNED):
                now = datetime.now(UTC)
                yield wire.event_messages(theirs[at : at + SIGNED], self.outgoing[agency], now)


@contextmanager
def ground(seed: int = 1) -> Iterator[Ground]:
    """A hub in a folder that goes when the measuring is over."""
    with TemporaryDirectory() as folder:
        yield Ground(Path(folder) / "data", seed)


def durable(path: Path) -> sqlite3.Connection:
    """A bare connection with the durability the hub's own has."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def sizes(entry: Entry) -> list[int]:
    """Lengths of an entry's envelopes."""
    return [len(envelope.sealed) for envelope in entry.envelopes]
