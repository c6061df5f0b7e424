"""(e) What an event costs as children become more, and (f) the memory of intake meanwhile."""

import os
import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg

from benchmarks.grounds import ratio
from benchmarks.real.filling import surround
from benchmarks.real.site import RealGround, Site
from hub import compose
from hub.intake.ingest import Intake

SIZES = (1_000, 100_000, 1_000_000)
EVENTS, BATCH = 10_000, 1_000
AHEAD = 4 * BATCH
"""Events more than are measured: to the last, some lie read and fetched before their turn."""
DRAWN = EVENTS * 2 + AHEAD


def main(site: Site, sizes: Sequence[int] = SIZES, *, filled: bool = False) -> None:
    """Register children up to each size, then take in events of children drawn at random among them.

    `filled`: of a size, only children who are drawn are registered; the tables are filled with rows of the
    same kinds and sizes around theirs.
    """
    (_filled if filled else _grown)(site, sizes)


def _grown(site: Site, sizes: Sequence[int]) -> None:
    here, chance = site.ground(seed=4), random.Random(4)
    known, first = 0, 0.0
    opened: AbstractContextManager = compose.open_hub(here.settings)
    with opened as hub, compose.open_intake(hub) as intake:
        taking = _Taking(here, intake)
        for size in sizes:
            while known < size:  # a little at a time: the topics hold no more than that
                some = min(50_000, size - known)
                taking.send(some, lambda n, from_=known: from_ + n)
                taking.take(taking.sent)
                known += some
            each = taking.measured(lambda _, size=size: chance.randrange(size))
            first = first or each
            _say(taking, size, each, first)


def _filled(site: Site, sizes: Sequence[int]) -> None:
    """Each size has a hub of its own, whose worker begins when all is there: it remembers nobody."""
    first = 0.0
    for size in sizes:
        here, chance = site.ground(seed=4), random.Random(4)
        real = min(size, DRAWN)
        opened: AbstractContextManager = compose.open_hub(here.settings)
        with opened as hub, compose.open_intake(hub) as intake:
            taking = _Taking(here, intake)
            taking.send(real, lambda n: n)
            taking.take(real)
        if size > real:
            surround(here.settings.store, size, seed=4)
        whose: dict[int, int] = {}  # of the children drawn among all, which registered one each is
        opened = compose.open_hub(here.settings)
        with opened as hub, compose.open_intake(hub) as intake:
            taking = _Taking(here, intake, real)
            each = taking.measured(lambda _: whose.setdefault(chance.randrange(size), len(whose)))  # noqa: B023
            first = first or each
            _say(taking, size, each, first)


class _Taking:
    """Events that are sent to one hub and taken in, in order."""

    def __init__(self, here: RealGround, intake: Intake, so_far: int = 0) -> None:
        self._here, self._intake = here, intake
        self.sent = self.taken = so_far
        self.worker = self.backend = self.log = 0.0
        """Of each event measured: processor seconds of this process and of the database's for this hub, and
        bytes of the database's log."""

    def send(self, count: int, child_of: Callable[[int], int]) -> None:
        """Send so many events more, the first of them number 0."""
        at, self.sent = self.sent, self.sent + count
        self._here.send(range(at, at + count), lambda number: child_of(number - at))

    def take(self, until: int) -> None:
        """Take in what was sent, until at least so many events of all are taken."""
        while self.taken < until:
            self.taken += self._intake.step(min(BATCH, until - self.taken), timeout=5.0).read

    def measured(self, child_of: Callable[[int], int]) -> float:
        """Send events, take some, and measure some more: seconds of each."""
        drawn = [child_of(number) for number in range(DRAWN)]
        self.send(DRAWN, drawn.__getitem__)
        self.take(self.sent - EVENTS - AHEAD)
        before, spent, start = self.taken, self._spent(), time.perf_counter()
        self.take(before + EVENTS)
        seconds, count = time.perf_counter() - start, self.taken - before
        self.worker, self.backend, self.log = (
            (now - then) / count for now, then in zip(self._spent(), spent, strict=True)
        )
        return seconds / count

    def _spent(self) -> tuple[float, float, float]:
        """Processor seconds of this process and of the database's for this hub, and where its log is."""
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self._here.settings.store.address) as connection:
            pids = connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {others}").fetchall()
            (log,) = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for (pid,) in pids]
        backend = sum(int(of[11]) + int(of[12]) for of in stats) / os.sysconf("SC_CLK_TCK")
        return time.process_time(), backend, float(log)


def _say(taking: _Taking, size: int, each: float, first: float) -> None:
    more = (
        f"{each * 1e6:.0f} us an event; processor of the worker {taking.worker * 1e6:.0f}, "
        f"of the database {taking.backend * 1e6:.0f}; {taking.log / 1000:.1f} kB of its log; "
        f"the process holds {_resident()} MB after {taking.taken:,} events"
    )
    ratio(f"growth-{size}-children", each / first, "at most 1.3", more=more)


def _resident() -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123 — not a file of ours
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024
