"""Tells an open page that its chronology changed for its reader: that it did, and nothing of what."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from sse_starlette import EventSourceResponse

from hub.errors import HubError
from hub.sharing.look import Reader
from hub.web.asking import Question, asks
from hub.web.opened import TheReader
from hub.web.served import Window
from hub.web.sessions import IDLE, NotSignedIn
from hub.web.signed_in import TheSessions, TheVouching, TheWindow
from hub.web.vouching import goes_on

EVERY = 1.0
"""Seconds between two looks."""

router = APIRouter(include_in_schema=False)


@router.get("/children/{child}/changes")
@asks(Question.CHANGES)
async def changes(
    request: Request,
    window: TheWindow,
    sessions: TheSessions,
    vouching: TheVouching,
    child: UUID,
    reader: TheReader,
    seen: str = "",
) -> Response:
    """Messages `changed`, numbered from 1, as long as a session may be idle; then `end`.

    `seen` is the digest of what the page shows, so that nothing is missed between page and stream.

    An open page is no sign of anybody reading it: the stream ends with the time that an idle session has,
    and does not lengthen it. Where somebody signs out, or ends this session from another, it ends with it.
    """
    id_ = request.cookies.get(vouching.cookie, "")
    told = Seen(window, reader, child, seen, lambda: goes_on(id_, sessions, vouching.still))
    return EventSourceResponse(messages(told, IDLE, EVERY))


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

        The record is drawn again only where something was recorded at all, or another policy was adopted;
        what the reader may not see makes no difference to what they are told.
        """
        if not self._still():
            raise NotSignedIn
        with self._window.open() as hub:
            told = sum(record.told for record in hub.records.person(self._child))
            under = hub.policy.digest
            if (told, under) == (self._told, self._under):
                return False
            digest = hub.share.as_seen(self._reader, self._child).hex()
        self._told, self._under = told, under
        before, self._digest = self._digest, digest
        return bool(before) and before != digest


async def messages(seen: Seen, seconds: float, every: float) -> AsyncIterator[dict[str, Any]]:
    """The messages of one stream."""
    version, ends = 0, anyio.current_time() + seconds
    while anyio.current_time() < ends:
        try:
            changed = await run_sync(seen.changed)
        except HubError:  # the right to look has ended: the page will be told so when it asks
            break
        if changed:
            version += 1
            yield {"event": "changed", "id": str(version), "data": f"changed, version {version}"}
        await anyio.sleep(every)
    yield {"event": "end", "data": "ended"}
