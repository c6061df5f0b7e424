"""What each caller of a window may ask, and what is noticed when somebody looks at many children."""

import logging
from collections.abc import Callable
from uuid import UUID

from hub.domain.child import By
from hub.web.limits import Buckets, ChildrenSeen, Rate, TooMany
from hub.web.watching import Watching
from schemas.tls import is_loopback

PRACTITIONER = Rate(60, 2)
"""Sixty at once, two a second after that: a person who reads is far below it, a script is not."""
SHARED = Rate(2_000, 200)
"""In a demonstration, where one practitioner is everybody who tries a role."""
STRANGER = Rate(20, 0.5)
"""For an address that is not signed in: sign-in and tokens."""
OF_ONE_PROXY = Rate(200, 10)
"""The same where all come through this machine's proxy, and it does not say whence."""
REPORTS = Rate(20, 0.1)
"""For reports of what browsers refused, by address: twenty at once, and one in ten seconds after that."""
MANY_CHILDREN = 30
"""Different children in an hour that a person is told of; it hinders nobody (docs/decisions/0020)."""
TOO_MANY_CHILDREN = 200
"""… and from which on the window is shut to one who asks: no work at the front door comes near it."""

_log = logging.getLogger("hub.web")


class Allowance:
    """Counts what callers ask. Raises TooMany; a person is told of many children by figures and the log."""

    def __init__(
        self, monotonic: Callable[[], float], watching: Watching, people: Rate = PRACTITIONER
    ) -> None:
        self._people, self._strangers = Buckets(people, monotonic), Buckets(STRANGER, monotonic)
        self._proxied, self._reports = Buckets(OF_ONE_PROXY, monotonic), Buckets(REPORTS, monotonic)
        self._seen, self._watching = ChildrenSeen(monotonic), watching

    def take(self, by: By, child: UUID | None) -> None:
        """One question of somebody signed in. Raises TooMany."""
        caller = f"{by.agency}/{by.person}"
        self._take(self._people, caller)
        if child is None:
            return
        children, new = self._seen.count(caller, child)
        if new and children == MANY_CHILDREN:
            self._watching.many_children(by.role)
            _log.warning("many-children: %s of %s asked for %d in an hour", by.person, by.agency, children)
        if children > TOO_MANY_CHILDREN:
            self._watching.limited("children")
            raise TooMany(3600)

    def take_stranger(self, address: str) -> None:
        """One request of an address that is not signed in. Raises TooMany."""
        self._take(self._proxied if is_loopback(address) else self._strangers, address)

    def take_report(self, address: str) -> None:
        """One report of an address's browser. Raises TooMany."""
        self._take(self._reports, address)

    def _take(self, buckets: Buckets, caller: str) -> None:
        try:
            buckets.take(caller)
        except TooMany:
            self._watching.limited("requests")
            raise
