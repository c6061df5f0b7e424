"""What the pages and the API need of a hub, and the turn they take: one question at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Protocol

from hub.audit.keeping import LedgerKeeper
from hub.audit.past import Drawing
from hub.casework.calendars import Calendars
from hub.casework.disputing import Disputes
from hub.casework.flagging import FlagWork
from hub.casework.grouping import IncidentWork
from hub.casework.holding import HeldDesk
from hub.casework.identity import IdentityDesk
from hub.casework.recording import Recorder
from hub.casework.restricting import Restrictions
from hub.casework.worklists import Worklists
from hub.domain.feed import PolicyAdopted
from hub.oversight.desk import Partnership
from hub.records import Records
from hub.records.clock import Clock
from hub.sharing.access import Gates
from hub.sharing.letting_in import LettingIn
from hub.sharing.policy import Policy
from hub.sharing.policy_in_force import PolicyInForce, Waiting
from hub.sharing.share import Share
from schemas.bounds import Bounds


class Bind(Protocol):
    """Where to listen, and how people come in."""

    @property
    def host(self) -> str:
        """The address."""

    @property
    def port(self) -> int:
        """The port; 0: any that is free."""

    @property
    def public_url(self) -> str | None:
        """The address people know a live hub by."""

    @property
    def identity_providers(self) -> Path:
        """The file of the providers that a live hub trusts."""

    @property
    def tls_cert(self) -> Path | None:
        """The hub's own certificate, where it ends TLS itself."""

    @property
    def tls_key(self) -> Path | None:
        """Its private key."""

    @property
    def tls_client_ca(self) -> Path | None:
        """Whose certificates systems may come with."""

    @property
    def proxy_header(self) -> str | None:
        """The header in which a proxy on this machine says who connected to it."""

    @property
    def bounds(self) -> Bounds:
        """What is borne of those who connect."""


class Served(Protocol):
    """A hub, as far as it is shown. `hub.compose.Hub` is one."""

    @property
    def settings(self) -> Bind:
        """Where to listen."""

    @property
    def share(self) -> Share:
        """Answers a reader's questions."""

    @property
    def records(self) -> Records:
        """What the auditor replays, and what readiness looks at."""

    @property
    def policy(self) -> Policy:
        """Who may see what."""

    @property
    def policies(self) -> PolicyInForce:
        """Which policy that is, and what waits to be adopted."""

    @property
    def recorder(self) -> Recorder:
        """Records what people do."""

    @property
    def letting_in(self) -> LettingIn:
        """Acts that let an agency or a meeting near."""

    @property
    def disputes(self) -> Disputes:
        """Marks entries that somebody says are not right."""

    @property
    def restrictions(self) -> Restrictions:
        """Restricts the processing of entries."""

    @property
    def gates(self) -> Gates:
        """Who comes near a record, and what waits for a second person."""

    @property
    def flag_work(self) -> FlagWork:
        """What people do about flags."""

    @property
    def incident_work(self) -> IncidentWork:
        """What people say is one incident."""

    @property
    def identity(self) -> IdentityDesk:
        """Questions of identity."""

    @property
    def held(self) -> HeldDesk:
        """What could not be taken."""

    @property
    def drawn(self) -> Drawing:
        """What the projections have drawn."""

    @property
    def ledger(self) -> LedgerKeeper:
        """What proves that nothing was changed."""

    @property
    def worklists(self) -> Worklists:
        """Whose turn it is."""

    @property
    def calendars(self) -> Calendars:
        """What is due, for calendar programs."""

    @property
    def partnership(self) -> Partnership:
        """Counts for those who answer for the whole."""

    @property
    def clock(self) -> Clock:
        """The hub's time."""

    @property
    def demo(self) -> bool:
        """Whether the store was founded as a demonstration."""


class Window:
    """A hub behind one lock.

    Its database connections may be used by any thread but not by two at once, and routes run on a pool of
    threads: so nothing of the hub that touches a database is reached but inside `open()`. The lock is taken
    on the route's own thread and not in a dependency, which could starve the pool and wait for itself.
    """

    def __init__(self, hub: Served) -> None:
        self._hub = hub
        self._turn = Lock()

    @property
    def policy(self) -> Policy:
        """Who may see what, as of the last turn. Immutable, and asks no store: any thread may read it."""
        return self._hub.policies.seen()

    def adopted(self) -> tuple[Policy, list[tuple[datetime, PolicyAdopted]], Waiting | None]:
        """The policy in force, who adopted it and when, and what waits to be adopted: of no child."""
        with self.open() as hub:
            policy = hub.policy
            return policy, hub.share.disclosures.adopted(policy.name), hub.policies.waiting()

    @property
    def demo(self) -> bool:
        """Whether every page wears the banner of a demonstration."""
        return self._hub.demo

    @property
    def clock(self) -> Clock:
        """The hub's time."""
        return self._hub.clock

    @contextmanager
    def open(self) -> Iterator[Served]:
        """The hub, for the time of one question."""
        with self._turn:
            self._hub.policies.look()
            yield self._hub
