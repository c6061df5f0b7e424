"""(e) What an event costs as children become more, and (f) the memory of intake meanwhile."""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.grounds import besides, middle, ratio
from benchmarks.real.filling import surround
from benchmarks.real.site import RealGround, Site
from hub import compose
from hub.intake.ingest import Intake

SIZES = (1_000, 100_000, 1_000_000)
EVENTS, BATCH = 10_000, 1_000
WARM = 50_000
"""Events taken before any is measured: a connection's first keys cost three times what later ones do."""
AHEAD = 4 * BATCH
"""Events before those measured, and after: to the last, some lie read and fetched before their turn."""
ROUND = AHEAD + EVENTS + AHEAD
ROUNDS = 5
"""How often sizes are measured in turns: the machine's pace differs from minute to minute."""


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
            taking.send(EVENTS, lambda _, size=size: chance.randrange(size))
            taking.take(taking.sent)
            cost = taking.measured(lambda _, size=size: chance.randrange(size))
            first = first or cost.seconds
            _say(size, cost.seconds / first, [cost], taking)


def _filled(site: Site, sizes: Sequence[int]) -> None:
    """Each size has a hub of its own, whose worker begins when all is there: it remembers nobody.

    They are measured in turns, and each is compared with the first size of the same turn.
    """
    with ExitStack() as held:
        among = [(size, *held.enter_context(_among(site, size))) for size in sizes]
        turns = [[taking.measured(drawn) for _, taking, drawn in among] for _ in range(ROUNDS)]
    for (size, taking, _), costs in zip(among, zip(*turns, strict=True), strict=True):
        each = [cost.seconds / turn[0].seconds for cost, turn in zip(costs, turns, strict=True)]
        _say(size, middle(each), costs, taking, f"{min(each):.2f} to {max(each):.2f}; ")


@contextmanager
def _among(site: Site, size: int) -> Iterator[tuple["_Taking", Callable[[int], int]]]:
    """A hub of so many children that takes in, and who is drawn among them, as a registered one's number."""
    here, chance = site.ground(seed=4), random.Random(4)
    real = min(size, WARM + ROUND * ROUNDS)
    opened: AbstractContextManager = compose.open_hub(here.settings)
    with opened as hub, compose.open_intake(hub) as intake:
        taking = _Taking(here, intake)
        taking.send(real, lambda n: n)
        taking.take(real)
    if size > real:
        surround(here.settings.store, size, seed=4)
    whose: dict[int, int] = {}  # of the children drawn among all, which registered one each is

    def drawn(_: int) -> int:
        return whose.setdefault(chance.randrange(size), len(whose))

    opened = compose.open_hub(here.settings)
    with opened as hub, compose.open_intake(hub) as intake:
        taking = _Taking(here, intake, real)
        taking.send(WARM, drawn)
        taking.take(taking.sent)
        yield taking, drawn


class Cost(NamedTuple):
    """Of each event measured: seconds, processor seconds of the worker, of the processes beside it, and of
    the database for its hub, and bytes of the database's log."""

    seconds: float
    worker: float
    beside: float
    database: float
    log: float


class _Taking:
    """Events that are sent to one hub and taken in, in order."""

    def __init__(self, here: RealGround, intake: Intake, so_far: int = 0) -> None:
        self._here, self._intake = here, intake
        self.sent = self.taken = so_far

    def send(self, count: int, child_of: Callable[[int], int]) -> None:
        """Send so many events more, the first of them number 0."""
        at, self.sent = self.sent, self.sent + count
        self._here.send(range(at, at + count), lambda number: child_of(number - at))

    def take(self, until: int) -> None:
        """Take in what was sent, until at least so many events of all are taken."""
        while self.taken < until:
            self.taken += self._intake.step(min(BATCH, until - self.taken), timeout=5.0).read

    def measured(self, child_of: Callable[[int], int]) -> Cost:
        """Send and take in some events more, measure those in the middle, and leave none waiting."""
        drawn = [child_of(number) for number in range(ROUND)]
        self.send(ROUND, drawn.__getitem__)
        self.take(self.sent - EVENTS - AHEAD)
        before, spent, start = self.taken, self._spent(), time.perf_counter()
        self.take(before + EVENTS)
        seconds, count = time.perf_counter() - start, self.taken - before
        worker, beside, database, log = (now - then for now, then in zip(self._spent(), spent, strict=True))
        self.take(self.sent)
        return Cost(seconds / count, worker / count, beside / count, database / count, log / count)

    def _spent(self) -> tuple[float, float, float, float]:
        """Processor seconds of this process, of those beside, and of the database's for this hub; where its
        log is."""
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self._here.settings.store.address) as connection:
            pids = connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {others}").fetchall()
            (log,) = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for (pid,) in pids]
        backend = sum(int(of[11]) + int(of[12]) for of in stats) / os.sysconf("SC_CLK_TCK")
        return time.process_time(), besides(), backend, float(log)


def _say(size: int, value: float, costs: Sequence[Cost], taking: _Taking, spread: str = "") -> None:
    cost = Cost(*(middle(list(of)) for of in zip(*costs, strict=True)))
    more = (
        f"{spread}{cost.seconds * 1e6:.0f} us an event; processor of the worker {cost.worker * 1e6:.0f}, "
        f"beside it {cost.beside * 1e6:.0f}, of the database {cost.database * 1e6:.0f}; "
        f"{cost.log / 1000:.1f} kB of its log; "
        f"the process holds {_resident()} MB after {taking.taken:,} events"
    )
    ratio(f"growth-{size}-children", value, "at most 1.3", more=more)


def _resident() -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123 — not a file of ours
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024
