"""Malformed inputs found by what code they reach: `python -m tests.hostile.guided [TARGET…] --minutes M`.

atheris gives each target what it begins with (`aimed.py`), and goes on from whatever reached code that none
before it had. Prints how many inputs that were, and how many edges of the code the first and all of them
reached. An input of which something must not be is kept under `build/guided`; `--again FILE` gives it to its
target once more. `make fuzz-guided` installs atheris, which the hub and its other tests do without.
"""

# ruff: noqa: T201 — what it prints is what it is run for
import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from tests.hostile.aimed import TARGETS

ERROR = re.compile(r"(\w+\.)*\w*(Error|Exception|Warning)\b.*|ERROR: libFuzzer.*", re.MULTILINE)


class Found(NamedTuple):
    """What became of one target. `failed` is empty where nothing was found."""

    inputs: int
    first: int
    last: int
    failed: str


def main(arguments: list[str] | None = None) -> int:
    """Fuzz every target in a process of its own, print a line of each, and answer with the exit code."""
    asked = _asked(arguments)
    if asked.again:
        return subprocess.call(_command(asked.targets[0], 0, asked.again))
    workers = os.cpu_count() or 1
    seconds = max(1, int(asked.minutes * 60 * workers / len(asked.targets)))
    with ThreadPoolExecutor(workers) as threads:
        found = list(threads.map(lambda target: _run(target, seconds), asked.targets))
    for target, one in zip(asked.targets, found, strict=True):
        reached = f"{one.inputs:>9,} inputs, edges {one.first:,} to {one.last:,}"
        print(f"{target:28} {reached}  {one.failed or 'sound'}")
    print(f"{sum(one.inputs for one in found):,} inputs")
    return 1 if any(one.failed or not one.inputs for one in found) else 0


def _run(target: str, seconds: int) -> Found:
    done = subprocess.run(
        _command(target, seconds), capture_output=True, text=True, errors="replace", check=False
    )
    said = done.stdout + done.stderr
    edges = [int(cov) for cov in re.findall(r"(?:INITED|DONE) +cov: (\d+)", said)] or [0]
    inputs = re.search(r"number_of_executed_units: (\d+)", said)
    kept = re.search(r"Test unit written to (\S+)", said)
    failed = f"{kept[1] if kept else 'no input kept'}: {_why(said)}" if done.returncode else ""
    return Found(int(inputs[1]) if inputs else 0, edges[0], edges[-1], failed)


def _why(said: str) -> str:
    why = ERROR.search(said)
    return (why[0] if why else said[-200:].strip())[:200]


def _command(target: str, seconds: int, again: str = "") -> list[str]:
    return [
        sys.executable,
        "-m",
        "tests.hostile.guided_at",
        target,
        str(seconds),
        *([again] if again else []),
    ]


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"all, or some of {', '.join(TARGETS)}")
    parser.add_argument("--minutes", type=float, default=10.0, help="in all")
    parser.add_argument("--again", default="", metavar="FILE", help="an input that was kept, to its target")
    asked = parser.parse_args(arguments)
    if not {*asked.targets} <= {*TARGETS}:
        parser.error(f"no target of that name; there are: {', '.join(TARGETS)}")
    if asked.again and len(asked.targets) != 1:
        parser.error("an input is given again to the one target that is named")
    asked.targets = asked.targets or list(TARGETS)
    return asked


if __name__ == "__main__":
    sys.exit(main())
