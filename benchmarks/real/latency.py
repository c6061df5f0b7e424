"""(g) How long from publishing until an entry can be read, and until its child's flags are drawn again."""

import time
from contextlib import closing
from dataclasses import dataclass, field
from statistics import quantiles

from adapters.bus_kafka import KafkaProducing
from benchmarks.grounds import timed
from benchmarks.real.site import RealGround, Site
from benchmarks.real.workers import running
from hub import compose
from hub.postgres.database import Database

CHILDREN, WARM = 2_000, 4_000
SECONDS, SLICE, SHARES = 15.0, 0.02, (0.1, 0.5, 0.9)


@dataclass
class Timed:
    """Seconds until the sampled could be read, and were drawn; those recorded and not drawn yet, by place."""

    sent: list[tuple[int, float]] = field(default_factory=list)
    read: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)


def main(site: Site, capacity: float) -> None:
    """Measure at shares of what one worker takes in, and of what one follower draws. Print percentiles."""
    here = site.ground(seed=5)
    here.send(range(WARM), lambda number: number % CHILDREN)
    drawing = _warm_up(here)
    print(f"capacity: intake {capacity:,.0f} events a second, follower {drawing:,.0f}")
    with running(here, ["intake"], ["follow"]):
        time.sleep(8)  # both have joined and caught up
        number = WARM
        # flags first: what the follower cannot keep up with would stand before them
        for name, most in (("flag", min(drawing, capacity)), ("chronology", capacity)):
            for share in SHARES:
                rate = most * share
                found = _at(here, rate, number)
                number += int(rate * SECONDS) + 1
                times = found.read if name == "chronology" else found.drawn
                _say(f"latency-{name}-{share:.0%}", rate, times)


def _warm_up(here: RealGround) -> float:
    """Take all in; the children a second that a follower draws, one event each."""
    with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
        while any(intake.lag().values()):
            intake.step(timeout=1.0)
        took = sum(timed(follower.catch_up) for follower in hub.followers)
        return CHILDREN / took


def _at(here: RealGround, rate: float, number: int) -> Timed:
    """Publish at a rate, a slice at a time, and look which of the sampled can be read and are drawn."""
    found, database = Timed(), Database(here.settings.store)
    waiting: dict[int, float] = {}
    count = 0
    base = _events(database)
    with closing(KafkaProducing(here.settings.bus)) as producing:
        began = time.perf_counter()
        while (now := time.perf_counter() - began) < SECONDS or (
            (waiting or found.sent) and now < SECONDS * 3
        ):
            due = int(min(now, SECONDS) * rate)
            if due > count:
                some = range(number + count, number + due)
                sent = time.perf_counter()
                producing.send([here.message(n, n * 31 % CHILDREN) for n in some])
                waiting[due] = sent
                count = due
            _look(database, base, waiting, found)
            time.sleep(SLICE / 4)
    database.close()
    return found


def _look(database: Database, base: int, waiting: dict[int, float], found: Timed) -> None:
    """An event can be read once so many are recorded; it is drawn once every view has passed its place."""
    (recorded, last, drawn) = database.rows(
        "SELECT (SELECT coalesce(sum(next), 0)::bigint FROM hub.positions),"
        " (SELECT max(position) FROM hub.events), (SELECT min(position) FROM hub_views.view_positions)"
    )[0]
    now = time.perf_counter()
    for due in [due for due in waiting if due <= recorded - base]:
        sent = waiting.pop(due)
        found.read.append(now - sent)
        found.sent.append((last, sent))
    arrived = [(at, sent) for at, sent in found.sent if at <= (drawn or 0)]
    found.drawn.extend(now - sent for _, sent in arrived)
    found.sent = [one for one in found.sent if one not in arrived]


def _events(database: Database) -> int:
    return database.rows("SELECT coalesce(sum(next), 0)::bigint FROM hub.positions")[0][0]


def _say(name: str, rate: float, times: list[float]) -> None:
    if len(times) < 10:
        print(f"{name}: only {len(times)} of the sampled arrived at {rate:,.0f} events a second")
        return
    cuts = quantiles(times, n=100)
    said = f"p50 {cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms ({len(times)} timed)"
    print(f"{name} at {rate:,.0f}/s: {said}")
