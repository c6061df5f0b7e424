"""(h) Every projection drawn again from the beginning."""

from benchmarks.grounds import timed
from benchmarks.real.site import Site
from hub import compose

EVENTS, A_CHILD = 1_000_000, 10
"""So many events; each child has ten of them."""


def main(site: Site, events: int = EVENTS) -> None:
    """Take the events in, draw every projection anew beside what readers see, and print what that took."""
    here = site.ground(seed=6)
    children = events // A_CHILD
    with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
        for first in range(0, events, 50_000):
            here.send(range(first, min(first + 50_000, events)), lambda number: number % children)
            while any(intake.lag().values()):
                intake.step(timeout=1.0)
        for follower in hub.followers:
            took = timed(follower.rebuild)
            each = f"{took / children * 1e6:.0f} us a child, {took / events * 1e6:.0f} us an event"
            name = follower.projection.name
            print(f"rebuild-{name} {took:.0f} s for {events:,} events of {children:,} children ({each})")
        took = timed(hub.ledger.catch_up)
        print(f"ledger {took:.0f} s, {took / events * 1e6:.0f} us an event")
