"""Connections at a door, from the first packet on: none waits longer for its client than the door bears."""

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from schemas.bounds import LEAST_RATE, Bounds


class Door:
    """All connections of one door."""

    def __init__(self, bounds: Bounds, context: ssl.SSLContext | None = None) -> None:
        self.bounds, self.context = bounds, context
        self._here: set[Connection] = set()
        self._said = float("-inf")

    def connection(self, **how: Any) -> "Connection":
        """One more, as uvicorn asks for it."""
        return Connection(self, **how)

    def admit(self, new: "Connection", say: Callable[[str], None]) -> bool:
        """Take one more in. False: there is no place, since none waits for its client."""
        if len(self._here) >= self.bounds.most:
            if new.since - self._said > self.bounds.patience:
                self._said = new.since
                say(
                    f"All {self.bounds.most} connections are taken: one that waits is closed for each new one"
                )
            waiting = [each for each in self._here if each.waits()]
            if not waiting:
                return False
            min(waiting, key=lambda each: each.since).drop()
        self._here.add(new)
        return True

    def leave(self, gone: "Connection") -> None:
        """It is closed."""
        self._here.discard(gone)


class Connection(H11Protocol):
    """One connection. It tells the app which certificate the client came with: its SHA-256 in `state`.

    uvicorn bounds the time between two requests alone, and hears of a connection only after its handshake: so
    uvicorn listens without TLS, and the handshake is begun here. A header that tells of a certificate is
    believed of nobody.
    """

    def __init__(self, door: Door, **how: Any) -> None:
        super().__init__(**how)
        self._door = door
        self._raw: asyncio.Transport | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._early = b""
        self._answered = self._moved = self._unread = 0
        self._wait: tuple[str, int] | None = None
        self._again: asyncio.TimerHandle | None = None
        self.since = self.loop.time()
        """Since when it waits for the client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first packet came."""
        self._raw = transport
        if not self._door.admit(self, self.logger.warning):
            transport.abort()
            return
        self._look()
        if self._door.context is None:
            self._begin(transport)
        else:
            transport.pause_reading()  # until TLS is there to read it
            self._handshake = self.loop.create_task(self._shake_hands(transport, self._door.context))

    async def _shake_hands(self, raw: asyncio.Transport, context: ssl.SSLContext) -> None:
        try:
            # Its own bound is further out, so that one place decides.
            late = 3 * self._door.bounds.patience
            over_tls = await self.loop.start_tls(
                raw, self, context, server_side=True, ssl_handshake_timeout=late
            )
        except OSError:  # ssl's own are of this kind: a client that speaks something else, or left
            over_tls = None
        if over_tls is None or over_tls.is_closing():
            self._gone()
            return
        self._begin(over_tls)
        early, self._early = self._early, b""
        if early:
            self.data_received(early)

    def _begin(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        certificate = connection.getpeercert(binary_form=True) if connection is not None else None
        if certificate:
            self.app_state = {**self.app_state, "certificate": hashlib.sha256(certificate).digest()}
        self.waits()  # from now on

    def data_received(self, data: bytes) -> None:
        """Something of a request came: maybe in a handshake's last packet, before that is said to be over."""
        self._moved += len(data)
        if self.transport is None:
            self._early += data
        else:
            super().data_received(data)

    def on_response_complete(self) -> None:
        """What is waited for now is another request."""
        self._answered += 1
        super().on_response_complete()

    def resume_writing(self) -> None:
        """What waited to be read was read."""
        self._moved, self._unread = self._moved + self._unread, 0
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self._gone()
        if self.transport is not None:
            super().connection_lost(exc)

    def drop(self) -> None:
        """Close it now, whatever is not yet sent."""
        self._gone()
        if self._raw is not None:
            self._raw.abort()

    def waits(self) -> bool:
        """Whether it is the client's turn; False: the hub is about to answer."""
        unread = self._buffered()
        wait = self._waiting(unread)
        if wait != self._wait:
            self._wait, self.since, self._moved = wait, self.loop.time(), 0
        else:
            self._moved += max(0, self._unread - unread)
        self._unread = unread
        return wait is not None

    def _look(self) -> None:
        """Close it if the client takes too long, else look again."""
        patience = self._door.bounds.patience
        if self.waits() and self.loop.time() - self.since > patience + self._moved / LEAST_RATE:
            self.drop()
        else:
            self._again = self.loop.call_later(patience / 4, self._look)

    def _waiting(self, unread: int) -> tuple[str, int] | None:
        """What it waits for, and of which request."""
        if self.transport is None:
            return "handshake", 0
        if unread:
            return "reading", self._answered
        asked = self.cycle is not None and not self.cycle.response_complete
        if asked and (not self.cycle.more_body or self.flow.read_paused):
            return None
        return "request", self._answered

    def _buffered(self) -> int:
        """Bytes of answers that wait here for the client to read."""
        if self._raw is None or self.transport is None:
            return 0
        held = self._raw.get_write_buffer_size()
        if self.transport is not self._raw and not self.transport.is_closing():
            held += self.transport.get_write_buffer_size()
        return held

    def _gone(self) -> None:
        self._door.leave(self)
        if self._again is not None:
            self._again.cancel()
