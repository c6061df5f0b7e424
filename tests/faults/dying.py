"""A process ended by SIGKILL at a chosen point of its work: before a write, in the middle, after it."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, NoReturn

from hub import compose
from hub.audit.ledger_postgres import PostgresLedger
from hub.audit.ledger_sqlite import SqliteLedger
from hub.store.archive import Archive
from hub.store.views_postgres import PostgresViews
from hub.store.views_sqlite import SqliteViews
from tests.hubs import Desk


class Point(NamedTuple):
    """Where it ends: which write, whether before, amid or after it, and at which time of asking."""

    of: tuple[type, ...]
    write: str
    when: str
    turn: int = 1


VIEWS, LEDGERS = (SqliteViews, PostgresViews), (SqliteLedger, PostgresLedger)
DRAWING = [Point(VIEWS, "draw", "before"), *(Point(VIEWS, "draw", when, 2) for when in ("amid", "after"))]
FLIPPING = [Point(VIEWS, "flip", when) for when in ("before", "after")]
KEEPING = [Point(LEDGERS, write, when) for write in ("append", "keep") for when in ("before", "after")]
RECORDING = [Point((Archive,), "record", "before"), Point((Archive,), "record", "after", 2)]


def ended_at(point: Point, desk: Desk, work: Callable[[compose.Hub], object]) -> bool:
    """Let a process of its own open the hub and work; True where it was killed at this point."""
    child = os.fork()
    if not child:
        _work(point, desk, work)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _work(point: Point, desk: Desk, work: Callable[[compose.Hub], object]) -> NoReturn:
    try:
        for engine in point.of:
            _arm(engine, point)
        with desk.open() as hub:
            work(hub)
    except BaseException:  # noqa: BLE001 — nothing of this process may go on as the test's
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(1)


def _arm(engine: Any, point: Point) -> None:
    real = getattr(engine, point.write)
    turns = 0

    def armed(self: Any, *args: Any, **more: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns != point.turn:
            return real(self, *args, **more)
        if point.when == "before":
            _end()
        if point.when == "amid":
            args = (args[0], _half(args[1]), *args[2:])
        answer = real(self, *args, **more)
        if point.when == "after":
            _end()
        return answer

    setattr(engine, point.write, armed)


def _half(some: Iterable[Any]) -> Iterator[Any]:
    """Hands over the first, then ends: what was written of it is in no transaction that was committed."""
    for one in some:
        yield one
        _end()


def _end() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")
