"""How much one caller may ask: a token bucket each, and how many different children in an hour."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from hub.errors import HubError

HOUR = 3600.0
AT_MOST = 10_000


class TooMany(HubError):
    """More than a person asks; the answer says when to ask again, and nothing else."""

    status, title, exit_code = 429, "Too many requests", 4

    def __init__(self, seconds: float) -> None:
        super().__init__("ask again a little later")
        self.seconds = max(1, round(seconds))


class Rate(NamedTuple):
    """So many at once, and so many a second after that."""

    burst: float
    a_second: float


class Buckets:
    """A bucket of tokens for each caller. Safe to use from several threads."""

    def __init__(self, rate: Rate, monotonic: Callable[[], float]) -> None:
        self._rate, self._now = rate, monotonic
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: str) -> None:
        """Take a token. Raises TooMany where there is none."""
        now = self._now()
        with self._lock:
            tokens, at = self._held.pop(caller, (self._rate.burst, now))
            tokens = min(self._rate.burst, tokens + (now - at) * self._rate.a_second)
            taken = tokens >= 1
            self._held[caller] = (tokens - 1 if taken else tokens), now
            if len(self._held) > AT_MOST:
                self._held.popitem(last=False)
        if not taken:
            raise TooMany((1 - tokens) / self._rate.a_second)


class ChildrenSeen:
    """How many different children a caller asked for within an hour: the real sign of an insider."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._held: OrderedDict[str, dict[UUID, float]] = OrderedDict()
        self._lock = Lock()

    def count(self, caller: str, child: UUID) -> tuple[int, bool]:
        """Note that a child was asked for: how many now, and whether this one is new in the hour."""
        now = self._now()
        with self._lock:
            seen = self._held.pop(caller, {})
            for old in [c for c, at in seen.items() if now - at > HOUR]:
                del seen[old]
            new = child not in seen
            seen[child] = now
            self._held[caller] = seen
            if len(self._held) > AT_MOST:
                self._held.popitem(last=False)
            return len(seen), new
