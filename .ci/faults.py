"""Known faults in libraries, and how long each may wait: the terms of docs/operating.md, counted.

`faults.toml` is the register. What is not in it, or waits longer than its gravity lets it, stops a build.
"""

# ruff: noqa: INP001 — beside scan.py, which is run as a file
import tomllib
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

REGISTER = Path(__file__).with_name("faults.toml")
DAYS = {"exploited": 2, "critical": 2, "critical-out-of-reach": 14, "high": 14, "medium": 30, "low": 90}
"""Days that a fault of each gravity may wait, from when it was published or named, whichever is first."""
LIBRARIES_LOOKED_AT = timedelta(days=92)
"""A quarter: how old the lock may be before somebody looks what is newer."""


class Waiting(NamedTuple):
    """A fault that somebody has looked at, and why it waits."""

    id: str
    gravity: str
    since: date
    why: str
    by: str

    @property
    def until(self) -> date:
        """The last day on which it may still be there."""
        return self.since + timedelta(days=DAYS[self.gravity])


def registered(text: str) -> tuple[Waiting, ...]:
    """Read the register. Raises ValueError for a line that is not whole."""
    found = []
    for line in tomllib.loads(text).get("fault", ()):
        try:
            one = Waiting(**line)
        except TypeError:
            raise ValueError(f"a fault has {', '.join(Waiting._fields)}, and nothing else") from None
        if one.gravity not in DAYS or type(one.since) is not date or not (one.why.strip() and one.by.strip()):
            raise ValueError(
                f"{one.id}: gravity is one of {', '.join(DAYS)}; since is a day; why and by are said"
            )
        found.append(one)
    return tuple(found)


def late(register: Collection[Waiting], named: Collection[Collection[str]], today: date) -> Iterator[str]:
    """What stops a build, a line each. `named`: of every fault that the service names, all its names."""
    known = {one.id for one in register}
    for names in named:
        if not known & set(names):
            yield f"{'/'.join(sorted(names))}: in no line of .ci/faults.toml; mend it, or judge it there"
    for one in register:
        if today > one.until:
            yield f"{one.id}: {one.gravity}, was to be mended by {one.until}; {one.by} let it wait: {one.why}"
