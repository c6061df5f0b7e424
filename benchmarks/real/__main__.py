"""Run the benchmarks of the real engines, all or some by name; `--events N` makes the long ones shorter."""

import argparse
import sys

from benchmarks.real import afternoon, growth, intake, latency, rebuild, stock, workers
from benchmarks.real.site import site
from hub.compose import settle

ALL = ("intake", "stock", "afternoon", "workers", "latency", "growth", "rebuild")


def main(arguments: list[str]) -> None:
    """Print the ratios. What is measured against the hub is told what an event cost it in this run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ALL))
    asked.add_argument("--events", type=int, default=1_000_000, help="of growth (children) and rebuild")
    asked.add_argument(
        "--sizes", type=_sizes, help="of growth, instead: 1000,1000000; the first is the floor"
    )
    asked.add_argument("--filled", action="store_true", help="growth: register only who is drawn")
    said = asked.parse_args(arguments)
    if unknown := [name for name in said.names if name not in ALL]:
        asked.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(ALL)}")
    names = said.names or ALL
    settle()  # as the workers do
    with site() as here:
        each = intake.main(here) if {"intake", "stock", "afternoon"} & set(names) else 0.0
        if "stock" in names:
            stock.main(here, each)
        if "afternoon" in names:
            afternoon.main(here, each)
        rate = workers.main(here) if {"workers", "latency"} & set(names) else 0.0
        if "latency" in names:
            latency.main(here, rate)
        if "growth" in names:
            sizes = said.sizes or [size for size in growth.SIZES if size <= said.events]
            growth.main(here, sizes, filled=said.filled)
        if "rebuild" in names:
            rebuild.main(here, said.events)


def _sizes(said: str) -> list[int]:
    return sorted(int(size) for size in said.split(","))


if __name__ == "__main__":
    main(sys.argv[1:])
