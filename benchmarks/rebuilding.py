"""What it costs to draw all flags of a simulated population anew, in processor time, and where it goes."""

import cProfile
import pstats
from datetime import UTC, datetime, timedelta
from itertools import groupby
from time import process_time

from adapters import seal
from benchmarks.grounds import START, Ground, ground, ratio
from hub import compose
from hub.confidentiality import bus_sessions
from hub.simulation.population import invented
from hub.simulation.running import end_of
from schemas import wire
from schemas.vocabulary import Agency

CHILDREN, YEARS, SEED = 1_000, 3, 1
SLICE = timedelta(days=30)
"""The hub's clock is moved by so much at a time: what came meanwhile is recorded together."""


def main() -> None:
    """Measure and print."""
    with ground() as here:
        enrol_all(here)
        children = [invented(SEED, number, YEARS) for number in range(CHILDREN)]
        sent = sorted(
            ((h.since, h.event(c.who)) for c in children for h in c.happenings), key=lambda one: one[0]
        )
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            moment = START
            hub.records.clock = lambda: moment
            for slice_, together in groupby(sent, key=lambda one: (one[0] - START) // SLICE):
                moment = START + SLICE * (slice_ + 1)
                here.append([event for _, event in together])
                while intake.step().read:
                    pass
            moment = end_of(YEARS)
            flags = next(f for f in hub.followers if f.name.startswith("flags."))
            before = process_time()
            flags.rebuild()
            spent = process_time() - before
            profile = cProfile.Profile()
            profile.runcall(flags.rebuild)
            records = len(hub.records.children())
    each = f"records a second, {spent / records * 1e3:.2f} ms of processor each"
    much = f"{records:,} records of {len(sent):,} reports"
    ratio("flags-rebuild", records / spent, "reported", more=f"{each}; {much}; {where(profile)}")


def where(profile: cProfile.Profile) -> str:
    """Shares of the time, by the rooms of the house."""
    rooms: dict[str, float] = {}
    for (file, _, _), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        room = file.partition("/hub/")[2].partition("/")[0] or "libraries and the interpreter"
        rooms[room] = rooms.get(room, 0) + own
    total = sum(rooms.values())
    most = sorted(rooms.items(), key=lambda room: -room[1])[:6]
    return ", ".join(f"{name} {100 * own / total:.0f} %" for name, own in most)


def enrol_all(here: Ground) -> None:
    """Give the agencies that the ground has not enrolled a key and a session too."""
    hub_key = seal.load_hub_key(here.settings.hub_public_key)
    for agency in set(Agency) - set(here.outgoing):
        path = here.settings.agencies / agency.value / "signing-key.json"
        public = seal.create_agency_keys(path, agency.value)
        keys = seal.load_agency_keys(path)
        bus_sessions.add_agency_key(here.settings.agency_keys, agency.value, keys.key_id, public, START)
        session = seal.Session.open(keys, hub_key, datetime.now(UTC))
        here.outgoing[agency] = wire.Outgoing(session, keys.reference_secret)


if __name__ == "__main__":
    main()
