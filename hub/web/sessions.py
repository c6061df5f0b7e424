"""Who is signed in: opaque ids given to browsers and programs, everything else kept here."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from hub.domain.child import By
from hub.errors import HubError

IDLE = 15 * 60.0
LONGEST = 10 * 3600.0
FRESH = 5 * 60.0
"""Seconds for which who somebody is need not be shown again before the gravest acts."""
AT_MOST = 1_000


class NotSignedIn(HubError):
    """No session, or one that has ended."""

    status, title, exit_code = 401, "Sign in first", 3


class SessionEnded(NotSignedIn):
    """There was a session: it was idle for too long, or has lasted long enough."""

    def __init__(self, session: "Session") -> None:
        super().__init__("your session has ended")
        self.session = session


class StepUpNeeded(NotSignedIn):
    """The act is grave, and it was some time ago that they showed who they are."""

    title = "Show again who you are"


class Session(NamedTuple):
    """One signed-in practitioner, and who vouched for them. Times are of a clock that only goes forward.

    `grant` is the event that gave `practitioner` the role they act in (none in a demonstration).
    """

    by: By
    issuer: str
    began: float
    seen: float
    authenticated: float
    practitioner: UUID | None = None
    grant: int = 0
    provider: str = ""


class Own(NamedTuple):
    """One of somebody's own sessions, as they are told of it: seconds since it began and was last used.

    `handle` stands for it and opens nothing; `here`: it is the one that asks.
    """

    handle: str
    by: By
    began: float
    seen: float
    here: bool


class Sessions:
    """Sessions in memory: they end with the process, after 15 idle minutes, or after 10 hours.

    Only a hash of each id is kept. Safe to use from several threads.
    """

    def __init__(self, monotonic: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._now, self.new_id = monotonic, new_id
        self._held: OrderedDict[bytes, Session] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """How many are going on."""
        now = self._now()
        with self._lock:
            return sum(not _over(session, now) for session in self._held.values())

    def start(
        self,
        by: By,
        issuer: str,
        *,
        ago: float = 0.0,
        practitioner: UUID | None = None,
        grant: int = 0,
        provider: str = "",
    ) -> str:
        """Begin a session and tell its id. Where there are too many, the longest unused one ends.

        `ago`: seconds since the person showed who they are.
        """
        id_, now = self.new_id(), self._now()
        begun = Session(by, issuer, now, now, now - ago, practitioner, grant, provider)
        with self._lock:
            self._held[_kept(id_)] = begun
            while len(self._held) > AT_MOST:
                self._held.popitem(last=False)
        return id_

    def of(self, id_: str) -> Session:
        """The session of this id. Raises NotSignedIn where there is none, SessionEnded where it is over.

        One that is over is remembered for a while, so that what its holder wrote is kept for them alone.
        """
        key, now = _kept(id_), self._now()
        with self._lock:
            session = self._held.get(key)
            if session is None:
                raise NotSignedIn
            if _over(session, now):
                raise SessionEnded(session)
            self._held[key] = session = session._replace(seen=now)
            self._held.move_to_end(key)
        return session

    def last_of(self, id_: str) -> Session | None:
        """The session of this id, whether it goes on or is over; None where nothing is remembered of it."""
        with self._lock:
            return self._held.get(_kept(id_))

    def is_fresh(self, session: Session) -> bool:
        """Whether the person showed who they are within the last five minutes."""
        return self._now() - session.authenticated <= FRESH

    def end(self, id_: str) -> None:
        """End a session, if there is one."""
        with self._lock:
            self._held.pop(_kept(id_), None)

    def left(self, id_: str) -> float:
        """Seconds until a session ends, were nothing done meanwhile; 0 where it is over, or none."""
        now, session = self._now(), self.last_of(id_)
        if session is None:
            return 0.0
        return max(0.0, min(session.seen + IDLE, session.began + LONGEST) - now)

    def longest(self, id_: str) -> float:
        """Seconds until a session ends whatever is done meanwhile; 0 where it is over, or none."""
        session = self.last_of(id_)
        return 0.0 if session is None else max(0.0, session.began + LONGEST - self._now())

    def of_same(self, session: Session, id_: str) -> list[Own]:
        """Every session of the same person that goes on, in whatever role: this one first, then by use."""
        now, here = self._now(), _kept(id_)
        with self._lock:
            found = [
                Own(_handle(key), one.by, now - one.began, now - one.seen, key == here)
                for key, one in self._held.items()
                if _same(one, session) and not _over(one, now)
            ]
        return sorted(found, key=lambda own: (not own.here, own.seen))

    def end_own(self, session: Session, handle: str) -> None:
        """End a session of the same person; nothing where it is not theirs."""
        with self._lock:
            for key in [k for k, s in self._held.items() if _handle(k) == handle and _same(s, session)]:
                del self._held[key]


def _over(session: Session, now: float) -> bool:
    return now - session.seen > IDLE or now - session.began > LONGEST


def _same(one: Session, other: Session) -> bool:
    if one.practitioner is not None or other.practitioner is not None:
        return one.practitioner == other.practitioner
    return (one.by.person, one.by.agency, one.issuer) == (other.by.person, other.by.agency, other.issuer)


def _handle(key: bytes) -> str:
    """What a session is called on its owner's page: a hash of what is kept of its id, of no other use."""
    return hashlib.sha256(b"handle" + key).hexdigest()[:32]


def _kept(id_: str) -> bytes:
    return hashlib.sha256(id_.encode("utf-8", "surrogateescape")).digest()
