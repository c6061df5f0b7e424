"""Sign-ins that were begun and not finished: secrets kept here, an opaque id with the browser."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from hub.identity.oidc import Begun
from hub.identity.tokens import Proven

LASTS = 600.0
AT_MOST = 10_000
"""More than may be begun in that time from one address, or through one proxy (`allowance`)."""


class Waiting(NamedTuple):
    """A browser on its way to a provider, or, with `proven`, back and about to choose a role."""

    begun: Begun
    proven: Proven | None = None
    role: str = ""
    """The role to go on in, where who they are was only to be shown again."""


class Pending:
    """Sign-ins in memory, each for ten minutes and to be taken once. Safe to use from several threads."""

    def __init__(self, monotonic: Callable[[], float], new_id: Callable[[], str]) -> None:
        self._now, self._new_id = monotonic, new_id
        self._held: OrderedDict[bytes, tuple[float, Waiting]] = OrderedDict()
        self._lock = Lock()

    def keep(self, waiting: Waiting) -> str:
        """Keep it and tell its id. Where there are too many, the oldest goes."""
        id_ = self._new_id()
        with self._lock:
            self._held[_hash(id_)] = self._now(), waiting
            while len(self._held) > AT_MOST:
                self._held.popitem(last=False)
        return id_

    def take(self, id_: str) -> Waiting | None:
        """Take it out, if it is there and not too old: nothing is taken twice."""
        with self._lock:
            at, waiting = self._held.pop(_hash(id_), (0.0, None))
        return waiting if waiting is not None and self._now() - at <= LASTS else None

    def look(self, id_: str) -> Waiting | None:
        """The same, left where it is."""
        with self._lock:
            at, waiting = self._held.get(_hash(id_), (0.0, None))
        return waiting if waiting is not None and self._now() - at <= LASTS else None


def _hash(id_: str) -> bytes:
    return hashlib.sha256(id_.encode("utf-8", "surrogateescape")).digest()
