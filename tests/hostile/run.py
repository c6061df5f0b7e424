"""Runs N malformed inputs through every adapter and the bus: `python -m tests.hostile.run N [--seed S]`.

Prints a table of what became of them and, where something that must not be was, the seed and index of each
failure, which `--only file:INDEX`, `--only bus:INDEX` or `--only whole:INDEX` runs again by itself.
"""

# ruff: noqa: T201 — what it prints is what it is run for
import argparse
import contextlib
import io
import logging
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from adapters.catalogue import FORMATS
from tests.hostile import deliveries, files
from tests.hostile.whole import sent_and_taken
from tests.hubs import Desk

ON_THE_BUS = 0.4
"""The share of all inputs that are deliveries; the rest are files."""
WHOLE = 25
"""One file of so many is also published and taken in whole."""
FILES, MESSAGES = 1000, 500
"""Inputs of one task."""
LONGEST = 20.0
"""Seconds of the processor: an input that takes longer is an attack that worked."""
MEMORY = 3 << 30
"""Bytes of address space: a bomb that needs more has gone off."""


@dataclass
class Outcome:
    """What one task found: counts by what they are of, and what must not have been."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        self.counts.update(other.counts)
        self.failures += other.failures


Task = tuple[str, int, int, int]
"""What, seed, first index, the index after the last."""


def tasks(total: int, seed: int) -> list[Task]:
    """All there is to do; the long one first."""
    on_the_bus = int(total * ON_THE_BUS)
    of_files = total - on_the_bus
    return [
        ("whole", seed, 0, of_files),
        *(("file", seed, n, min(n + FILES, of_files)) for n in range(0, of_files, FILES)),
        *(("bus", seed, n, min(n + MESSAGES, on_the_bus)) for n in range(0, on_the_bus, MESSAGES)),
    ]


def done(task: Task) -> Outcome:
    """Do one task: what is printed or warned of is a failure too, and any log that carries input."""
    what, seed, first, end = task
    outcome = Outcome()
    with _listening() as (printed, logged), warnings.catch_warnings():
        warnings.simplefilter("error")
        {"file": _files, "bus": _bus, "whole": _whole}[what](seed, range(first, end), outcome)
    if "zq" in printed.getvalue() + logged.getvalue():
        outcome.failures.append(f"{what}:{first}-{end - 1} input was printed or logged")
    elif printed.getvalue():
        outcome.failures.append(f"{what}:{first}-{end - 1} something was printed or warned of")
    return outcome


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and answer with the exit code."""
    asked = _asked(arguments)
    os.nice(10)
    began = time.monotonic()
    if asked.only:
        what, _, index = asked.only.partition(":")
        outcome = done((what, asked.seed, int(index), int(index) + 1))
    else:
        outcome = _all(tasks(asked.inputs, asked.seed), asked.workers)
    _print(outcome, time.monotonic() - began, asked.seed)
    if outcome.failures:
        kept = Path(tempfile.gettempdir()) / "hostile-failures.txt"
        kept.write_text("".join(f"seed {asked.seed} {failure}\n" for failure in outcome.failures))
        print(f"kept in {kept}")
    return 1 if outcome.failures else 0


# ------------------------------------------------------------


def _files(seed: int, indexes: Iterable[int], outcome: Outcome) -> None:
    for index in indexes:
        given = files.malformed(seed, index)
        outcome.counts["inputs", given.form.name] += 1
        began = time.process_time()
        try:
            made = files.examined(given)
        except Exception as error:  # noqa: BLE001 — whatever it is, it is what we look for
            outcome.failures.append(f"file:{index} {given.form.name} {given.how}: {_said(error)}")
            continue
        if time.process_time() - began > LONGEST:
            outcome.failures.append(f"file:{index} {given.form.name} {given.how}: took too long")
        outcome.counts.update({(given.form.name, name): n for name, n in files.counted(made).items()})


def _bus(seed: int, indexes: Iterable[int], outcome: Outcome) -> None:
    indexes = list(indexes)
    try:
        counts = _batch(seed, indexes)
    except Exception as error:  # noqa: BLE001 — likewise
        if len(indexes) == 1:
            outcome.counts["inputs", "the bus"] += 1
            outcome.failures.append(f"bus:{indexes[0]} {_said(error)}")
            return
        middle = len(indexes) // 2
        found = Outcome()
        for half in (indexes[:middle], indexes[middle:]):
            _bus(seed, half, found)
        outcome.add(found)
        if len(found.failures) == 0:
            outcome.failures.append(f"bus:{indexes[0]}-{indexes[-1]} only together: {_said(error)}")
    else:
        outcome.counts.update(counts)


def _batch(seed: int, indexes: list[int]) -> Counter[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder) / "hub")
        sent = [deliveries.malformed(desk, seed, index) for index in indexes]
        places = deliveries.put(desk, [one.message for one in sent])
        taken = deliveries.take(desk)
        deliveries.examined(sent, places, taken)
        assert deliveries.readable(desk) == taken.tally.recorded, "the records hold another number of entries"
    tally = taken.tally
    counts = Counter({("inputs", "the bus"): len(sent), ("the bus", "recorded"): tally.recorded})
    counts["the bus", "resent"], counts["the bus", "heartbeats"] = tally.resent, tally.heartbeats
    counts["the bus", "held"] = tally.held
    counts.update({("the bus", f"code {reason}"): n for reason, n in tally.reasons.items()})
    return counts


def _whole(seed: int, indexes: Iterable[int], outcome: Outcome) -> None:
    indexes = list(indexes)
    chosen = indexes if len(indexes) == 1 else [n for n in indexes if n // len(FORMATS) % WHOLE == 0]
    with tempfile.TemporaryDirectory() as folder:
        try:
            total = sent_and_taken(Desk(Path(folder) / "hub"), (files.malformed(seed, n) for n in chosen))
        except Exception as error:  # noqa: BLE001 — likewise
            outcome.failures.append(f"whole:{chosen[0]}-{chosen[-1]} {_said(error)}")
        else:
            outcome.counts.update({("in whole", name): n for name, n in total.items()})


def _said(error: Exception) -> str:
    """Where it was raised; its text only where it is our own."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error).partition("\n")[0] if isinstance(error, AssertionError) else type(error).__name__
    return f"{text} ({Path(at.filename).name}:{at.lineno})"


@contextlib.contextmanager
def _listening() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """All that is printed or logged as a warning, and all that is logged at any level."""
    printed, logged = io.StringIO(), io.StringIO()
    loud, every = logging.StreamHandler(printed), logging.StreamHandler(logged)
    loud.setLevel(logging.WARNING)
    root = logging.getLogger()
    level = root.level
    root.addHandler(loud)
    root.addHandler(every)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield printed, logged
    finally:
        root.removeHandler(loud)
        root.removeHandler(every)
        root.setLevel(level)


def _all(everything: list[Task], workers: int) -> Outcome:
    outcome, began = Outcome(), time.monotonic()
    with get_context("spawn").Pool(workers, initializer=_limited) as pool:
        for number, found in enumerate(pool.imap_unordered(done, everything), 1):
            outcome.add(found)
            if sys.stderr.isatty() or number % 20 == 0:
                print(
                    f"{number} of {len(everything)} tasks, {time.monotonic() - began:.0f} s", file=sys.stderr
                )
    return outcome


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _print(outcome: Outcome, seconds: float, seed: int) -> None:
    counts = outcome.counts
    columns = ("events only", "events and findings", "findings only", "file refused")
    print(
        f"{'format':30}{'inputs':>8}"
        + "".join(f"{name:>21}" for name in columns)
        + f"{'events':>9}{'findings':>10}"
    )
    for form in FORMATS:
        row = [counts[form.name, name] for name in columns]
        said = f"{counts[form.name, 'events']:>9}{counts[form.name, 'findings']:>10}"
        print(f"{form.name:30}{counts['inputs', form.name]:>8}" + "".join(f"{n:>21}" for n in row) + said)
    bus = ", ".join(
        f"{name} {counts['the bus', name]}" for name in ("recorded", "resent", "held", "heartbeats")
    )
    print(f"{'the bus':30}{counts['inputs', 'the bus']:>8}  {bus}")
    print("\nfiles that gave a reason, and deliveries held for one:")
    codes: Counter[str] = Counter()
    for (_, name), n in counts.items():
        if name.startswith("code "):
            codes[name.removeprefix("code ")] += n
    for code, n in codes.most_common():
        print(f"{n:>8}  {code}")
    whole = ", ".join(f"{name} {n}" for (of, name), n in sorted(counts.items()) if of == "in whole")
    print(f"\npublished and taken in whole: {whole}")
    for failure in outcome.failures:
        print(f"FAILED seed {seed} {failure}")
    total = sum(n for (of, _), n in counts.items() if of == "inputs")
    print(f"{total} malformed inputs, {len(outcome.failures)} failures, seed {seed}, {seconds:.0f} s")


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Malformed inputs through every adapter and the bus.")
    parser.add_argument("inputs", type=int, nargs="?", default=100_000, help="how many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="", help="file:INDEX, bus:INDEX or whole:INDEX")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
