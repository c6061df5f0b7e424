"""One database, open: its connections, its transactions, and its faults as the hub names them."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import Cursor
from psycopg.adapt import AdaptersMap
from psycopg.rows import tuple_row
from psycopg.types.array import ListBinaryDumper
from psycopg_pool import ConnectionPool, PoolTimeout

from hub.errors import Conflict, Unavailable
from hub.postgres.access import StoreAccess

CONNECTIONS = 4
WAIT = 5.0
"""Seconds to wait for a connection before the database counts as unreachable."""

RESTED = 1.0
"""Seconds after which a connection is looked over before it is used: it costs a question."""

Row = tuple[Any, ...]

_ADAPTERS = AdaptersMap(psycopg.adapters)
_ADAPTERS.register_dumper(list, ListBinaryDumper)
"""Lists travel in binary: the library's text of 32 bytes in a list takes 29 µs, this 0.2."""
_WAYS: dict[str, Any] = {"autocommit": True, "row_factory": tuple_row, "context": _ADAPTERS}

# The pool tells of every attempt, in the server's words; whoever asked is told once, in one line.
logging.getLogger("psycopg.pool").addHandler(logging.NullHandler())


class Database:
    """Connections to one database, handed out one a transaction and looked over before they are."""

    def __init__(self, access: StoreAccess, *, connections: int = CONNECTIONS, wait: float = WAIT) -> None:
        """Open; the server is not asked anything yet. Raises Unavailable for a password's file not there."""
        self.access = access
        self._used: WeakKeyDictionary[psycopg.Connection[Row], float] = WeakKeyDictionary()
        self._pool: ConnectionPool[psycopg.Connection[Row]] = ConnectionPool(
            access.address,
            kwargs={**_parameters(access), **_WAYS},
            min_size=0,
            max_size=connections,
            timeout=wait,
            max_idle=60.0,
            reconnect_timeout=wait,
            check=self._look_over,
            open=True,
        )

    def _look_over(self, connection: psycopg.Connection[Row]) -> None:
        """Ask a connection that has rested whether it still stands; one that just answered does."""
        now = time.monotonic()
        if now - self._used.get(connection, float("-inf")) > RESTED:
            ConnectionPool.check_connection(connection)
        self._used[connection] = now

    def __repr__(self) -> str:
        return f"Database({self.access.database})"

    def close(self) -> None:
        """Let go of every connection."""
        self._pool.close()

    @contextmanager
    def transaction(self) -> Iterator[Cursor[Row]]:
        """One transaction, all or nothing. Values come in binary.

        Raises Unavailable where the server cannot be reached, went away, or may not be written to (a stand-by
        after a fail-over); Conflict where it broke a tie against us. What the database itself forbids
        (`psycopg.IntegrityError`) is for the caller to name.
        """
        with (
            faults(),
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor(binary=True) as cursor,
        ):
            yield cursor

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Row]:
        """Ask one question; again where the connection was lost meanwhile. Raises as `transaction` does."""
        with faults():
            try:
                return self._ask(query, values)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                return self._ask(query, values)

    def _ask(self, query: str, values: Sequence[Any]) -> list[Row]:
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            return cursor.execute(query.encode(), values).fetchall()


def connect(access: StoreAccess) -> psycopg.Connection[Row]:
    """A connection of its own: to migrate, or to listen. Raises Unavailable."""
    with faults():
        return psycopg.connect(access.address, **_parameters(access), **_WAYS)


@contextmanager
def faults() -> Iterator[None]:
    """Name a database's faults as the hub does, without the server's own text: it may quote values."""
    try:
        yield
    except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as tie:
        raise Conflict("another writer was first") from tie
    except psycopg.errors.InsufficientPrivilege as refused:
        raise Unavailable("the database does not let this role do that") from refused
    except PoolTimeout as away:
        raise Unavailable("the database cannot be reached") from away
    except (
        psycopg.OperationalError,
        psycopg.InterfaceError,
        psycopg.errors.ReadOnlySqlTransaction,
    ) as fault:
        raise Unavailable(f"the database cannot be used now ({fault.sqlstate or 'no answer'})") from fault


def _parameters(access: StoreAccess) -> dict[str, Any]:
    try:
        return access.parameters()
    except OSError:
        raise Unavailable("the file with the database's password cannot be read") from None
