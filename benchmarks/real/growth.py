"""(e) What an event costs as children become more, and (f) the memory of intake meanwhile."""

import random
from contextlib import AbstractContextManager

from benchmarks.grounds import ratio, timed
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
    known = number = 0
    opened: AbstractContextManager = compose.open_hub(here.settings)
    with opened as hub, compose.open_intake(hub) as intake:
        for size in (size for size in SIZES if size <= most):
            while known < size:  # a little at a time: the topics hold no more than that
                some = min(50_000, size - known)
                here.send(range(number, number + some), lambda n, at=number, from_=known: from_ + n - at)
                _take(intake, some)
                known, number = known + some, number + some
            drawn = {n: chance.randrange(size) for n in range(number, number + EVENTS * 2 + AHEAD)}
            here.send(list(drawn), drawn.__getitem__)
            number += EVENTS * 2 + AHEAD
            _take(intake, EVENTS)
            each = timed(lambda: _take(intake, EVENTS)) / EVENTS
            first = first or each
            more = f"{each * 1e6:.0f} us an event; the process holds {_resident()} MB after {number:,} events"
            ratio(f"growth-{size}-children", each / first, "at most 1.3", more=more)


def _take(intake: Intake, count: int) -> None:
    taken = 0
    while taken < count:
        taken += intake.step(min(BATCH, count - taken), timeout=5.0).read


def _resident() -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123 — not a file of ours
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024
