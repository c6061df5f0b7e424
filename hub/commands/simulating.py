"""Simulating a population of invented children, to see what the rules would ask of people."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.saying import AsJson, progress, say, say_json
from hub.patterns import settings as pattern_settings
from hub.patterns.catalogue import CATALOGUE
from hub.simulation.running import run
from hub.simulation.table import tables


def simulate(
    children: Annotated[int, typer.Option("--children", min=1, max=1_000_000, help="How many.")] = 2_000,
    years: Annotated[int, typer.Option("--years", min=1, max=18, help="Over how many years.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same children.")] = 1,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Other numbers than those shipped.")
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes.")] = 1,
    json: AsJson = False,
) -> None:
    """Invent children, plant stories and near-misses, and report what the rules flag. No hub is needed.

    Background rates, with their sources, are in hub/simulation/rates.toml; docs/patterns.md says what may
    and may not be concluded.
    """
    numbers = pattern_settings.load(CATALOGUE, settings or pattern_settings.SHIPPED)
    with progress("asking the rules", children) as advance:
        report = run(numbers, children=children, years=years, seed=seed, workers=workers, done=advance)
    if json:
        say_json(report)
        return
    for line in tables(report):
        say(line)
