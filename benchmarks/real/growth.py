"""(e) What an event costs as children become more, and (f) the memory of intake meanwhile."""

import random
import time
from contextlib import AbstractContextManager

from benchmarks.grounds import ratio
from benchmarks.real.site import Site
from hub import compose
from hub.intake.ingest import Intake

SIZES = (1_000, 100_000, 1_000_000)
EVENTS, BATCH = 10_000, 1_000
AHEAD = 4 * BATCH
"""Events more than are measured: to the last, some lie read and fetched before their turn."""


def main(site: Site, most: int = SIZES[-1]) -> None:
    """Register children up to each size, then take in events of children drawn at random among them."""
    here, chance = site.ground(seed=4), random.Random(4)
    first: float | None = None
    known = number = taken = 0
    opened: AbstractContextManager = compose.open_hub(here.settings)
    with opened as hub, compose.open_intake(hub) as intake:
        for size in (size for size in SIZES if size <= most):
            while known < size:  # a little at a time: the topics hold no more than that
                some = min(50_000, size - known)
                here.send(range(number, number + some), lambda n, at=number, from_=known: from_ + n - at)
                known, number = known + some, number + some
                taken = _take(intake, taken, number)
            drawn = {n: chance.randrange(size) for n in range(number, number + EVENTS * 2 + AHEAD)}
            here.send(list(drawn), drawn.__getitem__)
            number += EVENTS * 2 + AHEAD
            before = _take(intake, taken, number - EVENTS - AHEAD)
            start = time.perf_counter()
            taken = _take(intake, before, before + EVENTS)
            each = (time.perf_counter() - start) / (taken - before)
            first = first or each
            more = f"{each * 1e6:.0f} us an event; the process holds {_resident()} MB after {number:,} events"
            ratio(f"growth-{size}-children", each / first, "at most 1.3", more=more)


def _take(intake: Intake, taken: int, until: int) -> int:
    """Take in what was sent, until at least so many events of all are taken; how many are."""
    while taken < until:
        taken += intake.step(min(BATCH, until - taken), timeout=5.0).read
    return taken


def _resident() -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123 — not a file of ours
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024
