"""Who is signed in: opaque ids given to browsers and programs, everything else kept here."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from hub.domain.child import By
from hub.errors import HubError

DEMO_ISSUER = "https://demo.invalid"
"""Who vouches for a demonstration's practitioners. No such host can exist (RFC 6761)."""
IDLE = 15 * 60.0
LONGEST = 10 * 3600.0
AT_MOST = 1_000


class NotSignedIn(HubError):
    """No session, or one that has ended."""

    status, title, exit_code = 401, "Sign in first", 3


class Session(NamedTuple):
    """One signed-in practitioner, and who vouched for them."""

    by: By
    issuer: str
    began: float
    seen: float


class Sessions:
    """Sessions in memory: they end with the process, after 15 idle minutes, or after 10 hours.

    Only a hash of each id is kept. Safe to use from several threads.
    """

    def __init__(self, monotonic: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._now, self._new_id = monotonic, new_id
        self._held: OrderedDict[bytes, Session] = OrderedDict()
        self._lock = Lock()

    def start(self, by: By, issuer: str) -> str:
        """Begin a session and tell its id. Where there are too many, the longest unused one ends."""
        id_, now = self._new_id(), self._now()
        with self._lock:
            self._held[_kept(id_)] = Session(by, issuer, now, now)
            while len(self._held) > AT_MOST:
                self._held.popitem(last=False)
        return id_

    def of(self, id_: str, issuer: str) -> By:
        """Who holds this id. Raises NotSignedIn where nobody does, or another issuer vouched for them."""
        key, now = _kept(id_), self._now()
        with self._lock:
            session = self._held.get(key)
            if session is None or session.issuer != issuer:
                raise NotSignedIn
            if now - session.seen > IDLE or now - session.began > LONGEST:
                del self._held[key]
                raise NotSignedIn("your session has ended")
            self._held[key] = session._replace(seen=now)
            self._held.move_to_end(key)
        return session.by

    def end(self, id_: str) -> None:
        """End a session, if there is one."""
        with self._lock:
            self._held.pop(_kept(id_), None)


def _kept(id_: str) -> bytes:
    return hashlib.sha256(id_.encode("utf-8", "surrogateescape")).digest()
