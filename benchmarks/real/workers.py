"""(d) How many events a second one, two and four intake workers take in, each a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.grounds import ratio
from benchmarks.real.site import RealGround, Site
from hub.postgres.database import Database

ROOT = Path(__file__).parents[2]
EVENTS, CHILDREN = 60_000, 5_000
LOOK = 0.1


def main(site: Site) -> float:
    """Measure and print; the events a second of one worker."""
    rates = {}
    for count in (1, 2, 4):
        here = site.ground(seed=count)
        here.send(range(EVENTS), lambda number: number * 7919 % CHILDREN)
        rates[count] = _rate(here, count)
        ratio(
            f"workers-{count}",
            rates[count] / rates[1],
            "reported",
            more=f"{rates[count]:,.0f} events a second",
        )
    return rates[1]


def _rate(here: RealGround, count: int) -> float:
    """Between a tenth and nine tenths of the events: what starting and stopping costs is left out."""
    seen: list[tuple[float, int]] = []
    database = Database(here.settings.store)
    with running(here, *[["intake"]] * count):
        while (taken := _taken(database)) < EVENTS:
            seen.append((time.perf_counter(), taken))
            time.sleep(LOOK)
    database.close()
    middle = [(at, taken) for at, taken in seen if EVENTS * 0.1 <= taken <= EVENTS * 0.9]
    (began, first), (ended, last) = middle[0], middle[-1]
    return (last - first) / (ended - began)


def _taken(database: Database) -> int:
    return database.rows("SELECT coalesce(sum(next), 0)::bigint FROM hub.positions")[0][0]


@contextmanager
def running(here: RealGround, *commands: list[str]) -> Iterator[None]:
    """The hub's own commands, each a process, until the measuring is over."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "hub", "--data", str(here.settings.data), *command],
            cwd=ROOT,
            env=environment(here),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(60)


def environment(here: RealGround) -> Mapping[str, str]:
    """What chooses the engines."""
    return {
        **os.environ,
        "HUB_BUS": here.settings.bus.address,
        "HUB_STORE": here.settings.store.address,
    }
