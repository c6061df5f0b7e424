"""Why each signed-in person opened which child: said once, remembered here, and never part of an address."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Annotated, NamedTuple, cast
from uuid import UUID

from fastapi import Depends, Request

from hub.errors import HubError
from hub.sharing.look import Reader
from hub.web.sessions import LONGEST
from hub.web.signed_in import Viewer, vouching_of

AT_MOST = 20_000


class PurposeNotSaid(HubError):
    """The child was not opened in this sitting: the reader is asked why they look."""

    status, title = 403, "Say why you are looking"

    def __init__(self, child: UUID) -> None:
        """Name the record that was asked for."""
        super().__init__()
        self.child = child


class _Said(NamedTuple):
    purpose: str
    at: float
    name: str = ""


class Opened:
    """Purposes in memory, by session, as long as one may last. Safe to use from several threads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._said: OrderedDict[tuple[bytes, UUID], _Said] = OrderedDict()
        self._lock = Lock()

    def say(self, sitting: bytes, child: UUID, purpose: str) -> None:
        """Remember why somebody looks at a child; what they said before no longer counts."""
        with self._lock:
            self._said[sitting, child] = _Said(purpose, self._now())
            self._said.move_to_end((sitting, child))
            while len(self._said) > AT_MOST:
                self._said.popitem(last=False)

    def of(self, sitting: bytes, child: UUID) -> str:
        """Why they look at the child. Raises PurposeNotSaid."""
        with self._lock:
            said = self._said.get((sitting, child))
        if said is None or self._now() - said.at > LONGEST:
            raise PurposeNotSaid(child)
        return said.purpose

    def carry(self, before: bytes, after: bytes) -> None:
        """Let what was said in one session stand in the next of the same person, who signed in again."""
        with self._lock:
            for there, child in [at for at in self._said if at[0] == before]:
                self._said[after, child] = self._said.pop((there, child))

    def named(self, sitting: bytes, child: UUID, name: str) -> None:
        """Remember the name the child was shown under, for the head of the child's other pages."""
        with self._lock:
            said = self._said.get((sitting, child))
            if said is not None:
                self._said[sitting, child] = said._replace(name=name)

    def name_of(self, sitting: bytes, child: UUID) -> str:
        """The name the child was last shown under to this reader; empty where none was."""
        with self._lock:
            said = self._said.get((sitting, child))
        return said.name if said is not None else ""


async def opened_of(request: Request) -> Opened:
    """What was said to this app."""
    return cast("Opened", request.app.state.opened)


async def sitting_of(request: Request) -> bytes:
    """A digest of the session that a page is asked for in: another session says its purposes anew."""
    return sitting(request.cookies.get(vouching_of(request).cookie, ""))


def sitting(session: str) -> bytes:
    """The same, of a session's id."""
    return hashlib.sha256(session.encode("utf-8", "surrogateescape")).digest()


Sitting = Annotated[bytes, Depends(sitting_of)]
TheOpened = Annotated[Opened, Depends(opened_of)]


async def reader_of(child: UUID, by: Viewer, sitting: Sitting, opened: TheOpened) -> Reader:
    """Who looks at the child of this address, and why. Raises PurposeNotSaid."""
    return Reader(by, opened.of(sitting, child))


TheReader = Annotated[Reader, Depends(reader_of)]
