"""Runs a soak for as long as wanted: `python -m tests.soak.run --kills 200 --bus kafka --store postgres`."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.soak.account import reckon
from tests.soak.engines import Engine, KafkaOfThree, PostgresAlone
from tests.soak.world import World, soak


def main() -> int:
    """Soak, reckon, and say what was found; the exit code is the number of faults."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=0.0)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--bus", choices=("embedded", "kafka"), default="kafka")
    asked.add_argument("--store", choices=("sqlite", "postgres"), default="postgres")
    asked.add_argument("--every", type=float, nargs=2, default=(0.3, 2.0), metavar=("LEAST", "MOST"))
    said = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="hub-soak-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        engines: list[Engine] = [KafkaOfThree(Path(folder))] if said.bus == "kafka" else []
        engines += [PostgresAlone(Path(folder))] if said.store == "postgres" else []
        world = World(Path(folder), engines, random.Random(said.seed))
        try:
            world.begin()
            soak(world, said.kills, said.minutes * 60, tuple(said.every), _tell)
            world.finish()
            account = reckon(world.settings())
        finally:
            world.end()
    print(f"\nkills: {sum(world.kills.values())} {dict(sorted(world.kills.items()))}")
    ended = {one.name: one.ended_by_itself for one in world.kept.values() if one.ended_by_itself}
    print(f"ended by themselves (exit codes): {ended}")
    print(f"did not stop within 20 s of being asked: {world.stubborn}")
    print(account)
    return len(account.faults)


def _tell(name: str) -> None:
    print(name, end=" ", flush=True)


if __name__ == "__main__":
    sys.exit(main())
