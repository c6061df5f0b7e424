"""Waits for PostgreSQL to say that something was recorded; where it cannot be heard, for a while."""

import time
from contextlib import suppress

import psycopg

from hub.errors import Unavailable
from hub.postgres.access import StoreAccess
from hub.postgres.database import Row, connect


class Listening:
    """A connection of its own that listens. Lost, it is opened again at the next wait.

    A notice can be lost with its connection, so callers look for themselves after every wait (polling).
    """

    def __init__(self, access: StoreAccess) -> None:
        self._access = access
        self._connection: psycopg.Connection[Row] | None = None

    def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def wait(self, seconds: float) -> None:
        """Until something was recorded, or so long."""
        until = time.monotonic() + seconds
        try:
            if self._connection is None:
                self._connection = connect(self._access)
                self._connection.execute("LISTEN hub_events")
            for _ in self._connection.notifies(timeout=max(0.0, until - time.monotonic()), stop_after=1):
                return
        except (Unavailable, psycopg.Error):
            with suppress(psycopg.Error):
                self.close()
            time.sleep(max(0.0, min(1.0, until - time.monotonic())))
