"""The composition root: what the hub is made of, written down and read from top to bottom."""

import gc
import json
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from hub.audit.checkpoint import verifier_key
from hub.audit.keeping import ORIGIN, LedgerKeeper
from hub.audit.ledger import Ledger
from hub.audit.posting import ReceiptPost
from hub.audit.receipts import Receipts
from hub.backtest.replaying import Backtest
from hub.casework.calendars import Calendars
from hub.casework.disputing import Disputes
from hub.casework.flagging import FlagWork
from hub.casework.grouping import IncidentWork
from hub.casework.holding import HeldDesk
from hub.casework.identity import IdentityDesk
from hub.casework.recording import Recorder
from hub.casework.restricting import Restrictions
from hub.casework.worklists import Worklists, agency_of, workers
from hub.confidentiality import bus_sessions, holder
from hub.confidentiality.bus_sessions import SessionOpener
from hub.confidentiality.holder import Holder
from hub.confidentiality.house import House
from hub.confidentiality.keys import KeyRing, KeyStore
from hub.domain.by import By
from hub.domain.calendar import LONDON
from hub.domain.feed import StoreFounded
from hub.engines import NotFounded, lay_down, open_engines
from hub.errors import HubError, Unavailable, WrongKind
from hub.follow import Follower
from hub.identity.practitioners import Practitioners
from hub.intake.ahead import ReadAhead
from hub.intake.deliveries import Deliveries
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.fetching import Fetcher, Fetching
from hub.intake.ingest import Intake, retry
from hub.intake.matching import Matcher
from hub.intake.opening import Reader, Refusal
from hub.intake.sending import EmbeddedSending, Sending
from hub.intake.topics import Topics
from hub.oversight.desk import Partnership
from hub.patterns import settings as pattern_settings
from hub.patterns.catalogue import CATALOGUE
from hub.protocol import packs
from hub.protocol.worklist import CORRECTION
from hub.records import Records
from hub.records.clock import Clock, staged_clock, system_clock
from hub.records.identities import Identities
from hub.records.roles import accounts_of
from hub.records.whose import Hashes
from hub.settings import Settings
from hub.sharing import acts
from hub.sharing.access import Gates
from hub.sharing.access_desk import Desk
from hub.sharing.answering import AnsweringProjection, answered_of
from hub.sharing.drawing import (
    FlagsProjection,
    WorklistProjection,
    corrections_id,
    flag_of,
    items_of,
    rest_id,
    shares_id,
)
from hub.sharing.drawn import Drawn, Sight
from hub.sharing.front_door import FrontDoor
from hub.sharing.letting_in import LettingIn
from hub.sharing.policy import Policy, PolicyInvalid, PolicyStale, read
from hub.sharing.policy_file import PolicyFile
from hub.sharing.policy_in_force import PolicyInForce
from hub.sharing.refusals import BarsMet, Refusals
from hub.sharing.relationship import barred
from hub.sharing.share import Share
from hub.store.archive import Archive
from hub.store.effects import Quarantined
from hub.store.mapper import HUB
from hub.store.views import Views
from hub.telling import settings as telling_settings
from hub.telling.drawn import Anew, DrawnMatters, in_hand, of_flag, of_item
from hub.telling.matter import Matter
from hub.telling.settings import TellingSettings
from hub.telling.teller import Teller
from schemas import topic_log, wire
from schemas.bus_access import BusAccess
from schemas.scope import SIGNALS, Scope
from schemas.tracing import TracingUnavailable, tracing_to
from schemas.vocabulary import Agency

MACHINE_SCOPES = (SIGNALS, "spine", "quarantine")
TOGETHER = (Scope.IDENTITY, Scope.WHEREABOUTS, Scope.SOCIAL_CARE, Scope.POLICE, Scope.HEALTH, Scope.EDUCATION)
"""With signals, the scopes in which nearly every child comes to have entries: one's key comes with all."""
LONGEST_MONTH = timedelta(days=31)
"""So long before its end a correction is told of: as soon as it is asked for."""
SCOPES = (*(scope.value for scope in Scope), *MACHINE_SCOPES)


@dataclass(frozen=True)
class Hub:
    """One hub, open: everything a command, a page or a worker asks."""

    settings: Settings
    engine: str
    clock: Clock
    keys: KeyRing
    key_file: House
    key_store: KeyStore
    records: Records
    views: Views
    share: Share
    policies: PolicyInForce
    drawn: Drawn
    ledger: LedgerKeeper
    receipts: Receipts
    post: ReceiptPost
    recorder: Recorder
    gates: Gates
    letting_in: LettingIn
    disputes: Disputes
    restrictions: Restrictions
    flag_work: FlagWork
    incident_work: IncidentWork
    identity: IdentityDesk
    held: HeldDesk
    backtest: Backtest
    worklists: Worklists
    calendars: Calendars
    partnership: Partnership
    teller: Teller
    demo: bool

    @property
    def policy(self) -> Policy:
        """The policy in force: adopted last, or on disk where none was. Raises PolicyInvalid."""
        return self.policies()

    @property
    def followers(self) -> tuple[Follower, ...]:
        """What draws under the policy in force. Raises PolicyInvalid, Unavailable."""
        self.policies.look()
        sight = self.drawn.sight()
        return (*sight.shown, sight.answering)

    def wait(self, seconds: float) -> None:
        """Wait until something was recorded, or so long."""
        self.records.archive.rows.wait(seconds)

    def follower(self, name: str) -> Follower:
        """The follower of a projection. Raises NotFounded for a name there is none of."""
        for follower in self.followers:
            if follower.projection.name == name:
                return follower
        names = ", ".join(f.projection.name for f in self.followers)
        raise HubError(f"no projection of that name; there are: {names}")


def clock_of(settings: Settings) -> Clock:
    """The hub's clock: the machine's, or a demonstration's."""
    if settings.stage is None:
        return system_clock
    return staged_clock(settings.stage.stands_at, settings.stage.since)


def found(settings: Settings, *, demo: bool) -> None:
    """Make a hub in a folder: keys, tables, and the first event, which says what kind it is.

    Raises KeyFileUnusable where there is one already.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lay_down(settings)
    file, store = holder.create(
        settings.key_file,
        SCOPES,
        settings.key_services,
        demo=demo,
        at=int(clock_of(settings)().timestamp()),
        monotonic=time.monotonic,
        random=secrets.token_bytes,
    )
    settings.hub_public_key.write_text(json.dumps(file.bus_public()))
    settings.ledger_public_key.write_text(verifier_key(ORIGIN, file.ledger_key().public_key()) + "\n")
    with open_engines(settings) as engines:
        keys = KeyRing(engines.child_keys, store, time.monotonic, together=_together(settings))
        with closing(Archive(engines.recorder, keys)) as archive:
            records = Records(archive, keys, file.blind_index(), clock_of(settings))
            records.record({HUB: (0, [StoreFounded(kind="demo" if demo else "live")])})
    topic_log.migrate(settings.topic_log)
    with closing(topic_log.TopicLog(settings.topic_log)) as log:
        for topic in wire.TOPICS:
            log.create_topic(topic)


@contextmanager
def open_hub(settings: Settings, *, adopting: bool = False) -> Iterator[Hub]:
    """Open a hub. Raises NotFounded, KeyFileUnusable, PolicyInvalid or WrongKind, naming the matter.

    `adopting`: where the policy adopted last cannot be read back, under the file on disk, for who signs in
    and adopts another: neither shows anything.
    """
    with open_engines(settings) as engines:
        file, store = holder_of(settings)
        clock = clock_of(settings)
        keys = KeyRing(engines.child_keys, store, time.monotonic, together=_together(settings))
        post = ReceiptPost(settings.receipts, partial(_sending, settings), clock)
        with closing(Archive(engines.recorder, keys)) as archive, closing(post):
            records = Records(archive, keys, file.blind_index(), clock, file.blind_index)
            demo = _kind(records) == "demo"
            if demo != file.demo or (settings.stage is not None and not demo):
                raise WrongKind("the key file, the store and the clock are not of one kind")
            policies = _policies(settings, records, demo=demo, adopting=adopting)
            drawn = _drawn(settings, records, engines.views, policies)
            ledger = Ledger(engines.ledger, archive.rows)
            keeper = LedgerKeeper(ledger, file.ledger_key(), settings.checkpoints, clock)
            whom = telling_settings.load(settings.telling or settings.data / "telling.toml")
            share = Share(records, policies, drawn, Refusals(records).note)
            there = _anybody if demo else Practitioners(records, policies()).has
            gates = Gates(records, policies, share, whom, uuid4, there)
            worklists = Worklists(records, share, drawn)
            yield Hub(
                settings=settings,
                engine=engines.name,
                clock=clock,
                keys=keys,
                key_file=file,
                key_store=store,
                records=records,
                views=engines.views,
                share=share,
                policies=policies,
                drawn=drawn,
                ledger=keeper,
                receipts=Receipts(keeper, settings.receipts),
                post=post,
                teller=_teller(whom, records, policies, drawn, share, gates.desk),
                gates=gates,
                letting_in=LettingIn(records, policies, gates.desk),
                disputes=Disputes(records, policies),
                restrictions=Restrictions(records, policies),
                flag_work=FlagWork(records, policies, share, there),
                incident_work=IncidentWork(records, share),
                identity=IdentityDesk(records, share, uuid4),
                held=HeldDesk(records, partial(_retry, settings, records, policies)),
                backtest=Backtest(records, policies, share, drawn, drawn.redrawn),
                recorder=Recorder(records, policies, acts.load(), drawn, uuid4, share),
                worklists=worklists,
                calendars=Calendars(records, worklists, lambda: secrets.token_urlsafe(32)),
                partnership=Partnership(records, policies, drawn),
                demo=demo,
            )


def _anybody(_: By) -> bool:
    """A demonstration invents its people: whoever is named is there."""
    return True


def _policies(settings: Settings, records: Records, *, demo: bool, adopting: bool) -> PolicyInForce:
    on_disk = PolicyFile(settings.policy, settings.agreements)
    found = PolicyInForce(records, on_disk, time.monotonic, adopts=not demo)
    if adopting:
        try:
            found()
        except PolicyInvalid:
            return PolicyInForce(records, on_disk, time.monotonic, adopts=False)
    return found


def holder_of(settings: Settings) -> Holder:
    """Open the keys the settings name. Raises KeyFileUnusable, Unavailable."""
    return holder.load(settings.key_file, SCOPES, settings.key_services, time.monotonic)


def _together(settings: Settings) -> set[str]:
    """Scopes with one holder: that a scope's own holder cannot be reached stops nobody else's events."""
    return {SIGNALS, *(scope.value for scope in TOGETHER)} - settings.key_services.keys()


def settle() -> None:
    """For a process that only works: have the garbage collector look seldom.

    A batch makes and drops hundreds of thousands of values without a cycle; looking through them and through
    the keys and records that are remembered cost 40 % of intake (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


@contextmanager
def open_intake(hub: Hub, new_id: Callable[[], UUID] = uuid4, *, shares: bool = False) -> Iterator[Intake]:
    """One intake worker on the bus the settings name; with `shares` it leaves partitions to other workers.

    Raises Unavailable where the bus cannot be reached.
    """
    try:
        tracing = tracing_to(hub.settings.otlp_endpoint, "hub-intake")
    except TracingUnavailable as missing:
        raise Unavailable(str(missing)) from None
    with closing(tracing), closing(_deliveries(hub.settings, shares=shares)) as deliveries:
        recipe, stamp = ReaderRecipe(hub.settings, hub.policies), partial(_stamp, hub)
        first = _reader(hub.settings, hub.key_file, hub.policy)
        with (
            closing(ReadAhead(recipe, stamp=stamp, first=first)) as ahead,
            closing(Fetching(partial(fetcher_of, hub.settings))) as fetching,
            closing(Intake(deliveries, hub.records, ahead, fetching, new_id, tracing=tracing)) as intake,
        ):
            yield intake


@dataclass(frozen=True)
class ReaderRecipe:
    """Makes a reader from the keys and the policy as they are now; another process is sent that text."""

    settings: Settings
    policies: Callable[[], Policy]

    def __call__(self) -> Reader:
        """The reader."""
        return reader_of(self.settings, self.policies().texts)

    def __reduce__(self) -> tuple[object, ...]:
        return partial, (reader_of, self.settings, self.policies().texts)


def _retry(
    settings: Settings, records: Records, policies: Callable[[], Policy], one: Quarantined, by: str
) -> Refusal | None:
    """Read a held delivery with the keys as they are now, and take it in."""
    reader = reader_of(settings, policies().texts)
    return retry(records, Matcher(records, uuid4), reader.read, one, by)


def reader_of(settings: Settings, policy: tuple[bytes, bytes]) -> Reader:
    """What deliveries are read with, here or in another process, from the keys as they are now.

    `policy`: the texts of the policy in force, which says whose feed is taken.
    """
    return _reader(settings, holder_of(settings).house, read(policy))


def _reader(settings: Settings, house: House, policy: Policy) -> Reader:
    agencies = bus_sessions.load_agency_keys(settings.agency_keys)
    agreed = policy.parties(clock_of(settings)())
    return Reader(SessionOpener(house.bus_keys(), agencies), Hashes(house.blind_index()), agreed)


@contextmanager
def fetcher_of(settings: Settings) -> Iterator[Fetcher]:
    """What fetches identifiers and keys for a worker, in a process beside it."""
    with open_engines(settings) as engines:
        keys = KeyRing(engines.child_keys, holder_of(settings).store, time.monotonic)
        with closing(Archive(engines.recorder, keys)) as archive:
            yield Fetcher(Identities(archive), keys)


def _stamp(hub: Hub) -> tuple[object, ...]:
    """What changes when the hub's own keys or the agencies' do: `hub keys roll`, `end`, `stolen`.

    Or whose feed is taken: the policy in force with its agreements, and the day on which they hold.
    """
    files = (hub.settings.key_file, hub.settings.agency_keys)
    day = hub.clock().astimezone(LONDON).toordinal()
    return (hub.policy.digest, day, *(file.stat().st_mtime_ns for file in files if file.exists()))


def _sending(settings: Settings) -> Sending:
    if settings.bus is None:
        return EmbeddedSending(settings.topic_log)
    from hub.intake.sending_kafka import KafkaSending  # noqa: PLC0415 — a hub runs without the extra

    return KafkaSending(settings.bus)


def _deliveries(settings: Settings, *, shares: bool) -> Deliveries:
    if settings.bus is None:
        return EmbeddedDeliveries(settings.topic_log)
    from hub.intake.deliveries_kafka import KafkaDeliveries  # noqa: PLC0415 — a hub runs without the extra

    return KafkaDeliveries(settings.bus, shares=shares, worker=settings.worker)


@contextmanager
def open_topics(access: BusAccess) -> Iterator[Topics]:
    """The administrator's side of the bus. Raises Unavailable."""
    from hub.intake.topics_kafka import KafkaTopics  # noqa: PLC0415 — a hub runs without the extra

    bus = KafkaTopics(access)
    try:
        yield bus
    finally:
        bus.close()


def _drawn(settings: Settings, records: Records, views: Views, policies: PolicyInForce) -> Drawn:
    """Every projection there is, under each policy and on each day; a new one adds its line here."""
    numbers = pattern_settings.load(CATALOGUE, settings.patterns or pattern_settings.SHIPPED)
    guide = packs.load_all(settings.pack or packs.SHIPPED)

    def under(table: Policy, now: datetime, was: Sight | None) -> Sight:
        door = FrontDoor(table, now)
        answering = Follower(AnsweringProjection(records, table, numbers), records, views)
        if was is not None and was.door.mark == door.mark:  # it sees the same: nothing is drawn anew
            return Sight(table, now, door, was.flags, was.worklist, answering)
        flags = FlagsProjection(records.keys, records.index, numbers, door)
        worklist = WorklistProjection(records.keys, records.index, guide, door)
        return Sight(
            table, now, door, Follower(flags, records, views), Follower(worklist, records, views), answering
        )

    return Drawn(numbers, guide, records, views, policies, under)


def _teller(
    whom: TellingSettings,
    records: Records,
    policies: PolicyInForce,
    drawn: Drawn,
    share: Share,
    desk: Desk,
) -> Teller:
    """Who tells people, and of what that is drawn or overdue; what a command tells of, it decides itself."""
    notice = timedelta(hours=whom.notice_hours)

    def now() -> Sight | None:
        try:
            policies().check_in_force(records.clock())
            return drawn.sight()
        except (PolicyInvalid, PolicyStale):
            return None

    def sources(sight: Sight) -> list[DrawnMatters]:
        coordinators = tuple(name for name, role in sight.policy.roles.items() if role.coordinates)

        def of_flags(child: UUID, id_: UUID, row: bytes) -> Iterable[Matter]:
            if id_ == rest_id(child):
                return ()
            flag = flag_of(row)
            told = flag.owner is not None and share.shown_alike(flag.owner, child, flag)
            return of_flag(child, flag, (*(in_hand(flag) if told else ()), *coordinators))

        def of_items(child: UUID, id_: UUID, row: bytes) -> Iterable[Matter]:
            if id_ == shares_id(child):
                return ()
            people = records.person(child)
            at = records.clock()
            working = workers(
                people, at, lambda by: share.here(by) and not barred(people, by, accounts_of(records, by))
            )
            pack = drawn.packs.at(at)
            asked = id_ == corrections_id(child)
            return (
                matter
                for item in items_of(row)
                if not asked or sight.door.knows(people, item.started_by)
                for matter in of_item(
                    child,
                    item,
                    LONGEST_MONTH if item.obligation == CORRECTION else notice,
                    working.get(agency_of(pack, item.of), ()),
                )
            )

        def of_answering(child: UUID, _: UUID, row: bytes) -> Iterable[Matter]:
            one, roles = answered_of(row), sight.policy.roles
            agency = roles[one.role].agency.value
            to = (n for n in one.names if n in roles or share.here(By(n, one.role, agency)))
            return of_flag(child, one.flag, tuple(to))

        def answering() -> bool:
            return drawn.drew(sight.answering) and _same_policy(policies, sight.policy)

        return [
            DrawnMatters(sight.flags, of_flags, partial(drawn.drew, sight.flags)),
            DrawnMatters(sight.worklist, of_items, partial(drawn.drew, sight.worklist)),
            DrawnMatters(sight.answering, of_answering, answering),
        ]

    return Teller(records, whom, [BarsMet(records), desk], Anew(now, sources))


def _same_policy(policies: Callable[[], Policy], drawn_under: Policy) -> bool:
    try:
        return policies().digest == drawn_under.digest
    except PolicyInvalid:
        return False


def enrol(hub: Hub, file: Path) -> tuple[str, str]:
    """Take an agency's public key on. Raises HubError where the file is not one."""
    try:
        said = json.loads(file.read_text())
        agency, key_id = Agency(said["agency"]).value, str(said["key_id"])
        public = bytes.fromhex(said["public"])
        bus_sessions.add_agency_key(hub.settings.agency_keys, agency, key_id, public, hub.clock())
    except (OSError, ValueError, KeyError, TypeError):
        raise HubError(f"{file} is not an agency's public key") from None
    return agency, key_id


def _kind(records: Records) -> str:
    return _founding(records)[1].kind


def founded_at(records: Records) -> datetime:
    """When the hub was founded: its keys are as old where they were never rotated."""
    return _founding(records)[0]


def _founding(records: Records) -> tuple[datetime, StoreFounded]:
    for event in records.archive.stream(HUB):
        if isinstance(event.body, StoreFounded):
            return event.at, event.body
    raise NotFounded("the store holds no hub; run 'hub keys init' first")
