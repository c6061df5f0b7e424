"""Tells an open page that its chronology changed for its reader: that it did, and nothing of what."""

from collections.abc import AsyncIterator, Callable
from typing import Any, cast
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse

from hub.domain.calendar import LONDON
from hub.errors import HubError, NotAllowed, Unavailable, UnknownChild
from hub.sharing.look import Reader
from hub.web.asking import Question, asks
from hub.web.opened import Sitting, TheOpened
from hub.web.served import Window
from hub.web.sessions import IDLE, NotSignedIn
from hub.web.signed_in import StandingOpen, TheSessions, TheVouching, TheWindow
from hub.web.vouching import goes_on

EVERY = 1.0
"""Seconds between two looks."""
A_PERSON = 10
"""Open pages that one person is told on; one more, and the oldest is told no more until it is asked for."""

router = APIRouter(include_in_schema=False)


@router.get("/children/{child}/changes")
@asks(Question.CHANGES)
async def changes(
    request: Request,
    window: TheWindow,
    sessions: TheSessions,
    vouching: TheVouching,
    child: UUID,
    by: StandingOpen,
    sitting: Sitting,
    opened: TheOpened,
    seen: str = "",
) -> Response:
    """Messages `changed`, numbered from 1, as long as a session may be idle; then `again`, to be asked anew.

    Before it `gone`, where nothing of the record is theirs to read any more. The page takes it from the
    screen and does not ask: to ask for what is barred is an attempt, which is recorded and told.

    `seen` is the digest of what the page shows, so that nothing is missed between page and stream.

    An open page is no sign of anybody reading it: neither this nor asking for it lengthens a session. With
    `end` it is told no more: where they sign out, end this session from another, or open too many pages.
    """
    reader = Reader(by, opened.of(sitting, child))
    id_ = request.cookies.get(vouching.cookie, "")
    told = Seen(window, reader, child, seen, lambda: goes_on(id_, sessions, vouching.still))
    place = cast("Places", request.app.state.places).take(f"{reader.by.agency}/{reader.by.person}")
    return EventSourceResponse(messages(told, IDLE, EVERY, place))


class Places:
    """The streams that are open, by person: each holds a connection, and a door has so many of these."""

    def __init__(self, most: int = A_PERSON) -> None:
        self._most, self._taken = most, dict[str, list[Place]]()

    def take(self, caller: str) -> "Place":
        """One more; of too many of one person the oldest is theirs no longer."""
        place = Place(lambda: self._leave(caller, place))
        taken = [*self._taken.get(caller, ()), place]
        for gone in taken[: -self._most]:
            gone.stands = False
        self._taken[caller] = taken[-self._most :]
        return place

    def _leave(self, caller: str, place: "Place") -> None:
        rest = [each for each in self._taken.get(caller, ()) if each is not place]
        if rest:
            self._taken[caller] = rest
        else:
            self._taken.pop(caller, None)


class Place:
    """One stream's. `stands` until a newer one takes it; `leave` where the stream is over."""

    def __init__(self, leave: Callable[[], None] = lambda: None) -> None:
        self.stands, self.leave = True, leave


class Seen:
    """What one reader would be shown of one child: asked again and again whether it is still the same."""

    def __init__(
        self,
        window: Window,
        reader: Reader,
        child: UUID,
        seen: str = "",
        still: Callable[[], bool] = lambda: True,
    ) -> None:
        self._window, self._reader, self._child, self._still = window, reader, child, still
        self._told, self._under, self._digest = -1, "", seen

    def changed(self) -> bool:
        """Whether something changed for this reader since last asked. Raises as `chronology` does.

        The record is drawn again only where something was recorded of it (that somebody was shown it is
        nothing), another policy was adopted, or the day is another, as an agreement's may be over; what the
        reader may not see makes no difference to what they are told.
        """
        if not self._still():
            raise NotSignedIn
        with self._window.open() as hub:
            told = sum(r.version - len(r.disclosures) for r in hub.records.person(self._child))
            under = f"{hub.policy.digest} {hub.records.clock().astimezone(LONDON).date()}"
            if (told, under) == (self._told, self._under):
                return False
            digest = hub.share.as_seen(self._reader, self._child).hex()
        self._told, self._under = told, under
        before, self._digest = self._digest, digest
        return bool(before) and before != digest


async def messages(
    seen: Seen, seconds: float, every: float, place: Place | None = None
) -> AsyncIterator[dict[str, Any]]:
    """The messages of one stream, as long as its place is its own."""
    version, ends, place = 0, anyio.current_time() + seconds, place or Place()
    try:
        while place.stands and anyio.current_time() < ends:
            try:
                changed = await run_sync(seen.changed)
            except Unavailable:  # nothing can be said now; what changed meanwhile is, once it is back
                changed = False
            except (NotAllowed, UnknownChild):
                yield {"event": "gone", "data": "gone"}
                break
            except HubError:  # signed out: the page will be told so when it asks
                break
            if changed:
                version += 1
                yield {"event": "changed", "id": str(version), "data": f"changed, version {version}"}
            await anyio.sleep(every)
        else:
            if place.stands:
                yield {"event": "again", "data": "again"}
                return
        yield {"event": "end", "data": "ended"}
    finally:
        place.leave()
