"""Examines modules by wrong copies of them: `python -m tests.mutation.run [MODULE…] [--most n] [--anew]`.

A mutant is killed when a test fails, or takes far too long. Survivors that change nothing anybody could see
are explained in `survivors.toml`. It ends with 1 where of the others fewer than 95 % are killed in a module
(security.md section 6, row 13), or an explained one does not survive.
Verdicts are kept in `build/mutation`, by the module's text and, of survivors, by that of the tests.
"""

# ruff: noqa: T201 — what it prints is what it is run for
import argparse
import importlib
import json
import os
import random
import sys
import time
import tomllib
from pathlib import Path

from tests.mutation.examining import KEPT, ROOT, Room, Subject, digest, examine
from tests.mutation.mutants import Mutant, mutants

HERE = Path(__file__).parent
ENOUGH = 0.95
LOADED = ("fastapi", "httpx", "hypothesis", "pydantic", "cryptography", "joserfc", "lxml.etree", "msgspec")


class Verdicts:
    """What became of the mutants of one text of a module; kept, so that an interrupted run goes on."""

    def __init__(self, subject: Subject, tests: str, *, anew: bool = False) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        self._file, self._tests = KEPT / f"{subject.name}.jsonl", tests
        self._source = digest(subject.source)
        self._said: dict[str, dict[str, object]] = {}
        lines = self._file.read_text().splitlines() if self._file.exists() and not anew else []
        for row in map(json.loads, lines):
            if row["source"] == self._source:
                self._said[row["mutant"]] = row

    def of(self, mutant: Mutant) -> bool | None:
        """Whether it was killed; None: not known, or it survived other tests than there are now."""
        row = self._said.get(mutant.key)
        if row is None or not (row["killed"] or row["tests"] == self._tests):
            return None
        return bool(row["killed"])

    def keep(self, mutant: Mutant, killed: bool) -> None:
        row = {"source": self._source, "tests": self._tests, "mutant": mutant.key, "killed": killed}
        with self._file.open("a") as file:
            file.write(json.dumps(row) + "\n")


class Row:
    """A module's figures."""

    def __init__(self, name: str, every: list[Mutant], verdicts: Verdicts, explained: dict[str, str]) -> None:
        self.name, self.mutants = name, len(every)
        survivors = {mutant.key for mutant in every if not verdicts.of(mutant)}
        self.left = sorted(survivors - set(explained))
        self.explained = len(survivors & set(explained))
        self.untrue = sorted(set(explained) - survivors)

    @property
    def killed(self) -> int:
        return self.mutants - self.explained - len(self.left)

    @property
    def share(self) -> float:
        """Killed, of those that change something somebody could see."""
        return self.killed / max(self.mutants - self.explained, 1)


def main() -> int:
    asked = _asked()
    os.chdir(ROOT)
    for library in LOADED:
        importlib.import_module(library)
    explained = tomllib.loads((HERE / "survivors.toml").read_text())
    rows, began = [], time.monotonic()
    for said in tomllib.loads((HERE / "rooms.toml").read_text()).values():
        names = [name for name in said["modules"] if not asked.modules or name in asked.modules]
        room = Room(tuple(said["tests"]), tuple(said["without"]), asked.seconds, asked.at_once)
        if names:
            rows += _look_at(room, names, explained, asked)
    _print(rows, time.monotonic() - began)
    return 1 if any(row.share < ENOUGH or row.untrue for row in rows) else 0


def _look_at(room: Room, names: list[str], explained, asked) -> list[Row]:
    tests = digest("".join((ROOT / file).read_text() for file in room.files()) + str(room.seconds))
    subjects = {name: Subject(name) for name in names}
    every = {name: _chosen(mutants(each.source, each.file), asked.most) for name, each in subjects.items()}
    kept = {name: Verdicts(subject, tests, anew=asked.anew) for name, subject in subjects.items()}
    work = [
        (subjects[name], mutant) for name in names for mutant in every[name] if kept[name].of(mutant) is None
    ]
    if work:
        print(f"{len(work)} mutants of {', '.join(names)}", flush=True)
        examine(room, work, lambda subject, mutant, killed: kept[subject.name].keep(mutant, killed))
    verdicts = {name: Verdicts(subjects[name], tests) for name in names}
    return [Row(name, every[name], verdicts[name], _of(explained, name, asked)) for name in names]


def _of(explained, name: str, asked) -> dict[str, str]:
    return {} if asked.most else explained.get(name, {})


def _chosen(every: list[Mutant], most: int) -> list[Mutant]:
    return random.Random(1).sample(every, min(most, len(every))) if most else every


def _print(rows: list[Row], took: float) -> None:
    for row in rows:
        for key in row.left:
            print(f"SURVIVED {row.name}: {key}")
        for key in row.untrue:
            print(f"EXPLAINED, AND IS NO SURVIVOR {row.name}: {key}")
    print(f"\n{'module':<44}{'mutants':>8}{'killed':>8}{'':>8}{'explained':>10}{'left':>6}")
    for row in rows:
        share = f"{100 * row.share:.1f} %"
        print(f"{row.name:<44}{row.mutants:>8}{row.killed:>8}{share:>8}{row.explained:>10}{len(row.left):>6}")
    every, killed = sum(row.mutants for row in rows), sum(row.killed for row in rows)
    explained = sum(row.explained for row in rows)
    print(f"{'all':<44}{every:>8}{killed:>8}{f'{100 * killed / max(every - explained, 1):.1f} %':>8}", end="")
    print(f"{explained:>10}{sum(len(row.left) for row in rows):>6}; {took:.0f} s")


def _asked():
    parser = argparse.ArgumentParser(description="Wrong copies of the guards, and whether tests notice.")
    parser.add_argument("modules", nargs="*", help="those of rooms.toml; without: all")
    parser.add_argument("--most", type=int, default=0, help="at most so many of a module, always the same")
    parser.add_argument("--seconds", type=float, default=10.0, help="of tests for one mutant")
    parser.add_argument("--at-once", type=int, default=2, help="processes")
    parser.add_argument("--anew", action="store_true", help="believe no verdict that was kept")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
