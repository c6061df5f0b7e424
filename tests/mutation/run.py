"""Runs the tests of the guards over wrong copies of them: `python -m tests.mutation.run [MODULE…]`.

Each mutant runs in a process of its own that has the libraries loaded already, with the wrong source in place
of the real one. It is killed when a test fails, or takes far too long. Survivors that change nothing anybody
could see are explained in `survivors.toml`; any other makes this end with 1.
"""

# ruff: noqa: ARG002, T201 — what it prints is what it is run for
import argparse
import contextlib
import importlib
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
import tomllib
from pathlib import Path

from tests.mutation.mutants import mutants

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("survivors.toml")
TESTS = {
    "hub.web.guard": ("tests/doors/test_guard_alone.py",),
    "hub.web.sessions": ("tests/doors/test_guard_alone.py",),
    "hub.confidentiality.sealing": (
        "tests/confidentiality/test_sealing.py",
        "tests/confidentiality/test_frozen_vectors.py",
        "tests/confidentiality/test_keys.py",
    ),
    "hub.identity.tokens": ("tests/doors/test_refusals.py",),
    "hub.sharing.look": (
        "tests/sharing/test_share.py",
        "tests/sharing/test_access.py",
        "tests/sharing/test_flags.py",
        "tests/web/test_api.py",
    ),
    "hub.audit.merkle": ("tests/audit/test_merkle.py",),
}
"""Each guard, and the tests that must notice when it is wrong."""
LOADED = ("fastapi", "httpx", "hypothesis", "pydantic", "cryptography", "joserfc", "lxml.etree", "msgspec")
LONGEST = 60
"""Seconds: a mutant that takes longer waits for something that never comes, and is noticed by that."""


class Instead(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Loads one module from another source."""

    def __init__(self, name, file, source):
        self._name, self._file, self._source = name, str(file), source

    def find_spec(self, name, path=None, target=None):
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._file, loader=self)

    def get_filename(self, name):
        return self._file

    def get_data(self, path):
        return self._source.encode()

    def path_stats(self, path):
        raise OSError  # no compiled copy of it is kept or taken


def survives(name, file, source, tests):
    """Whether the tests pass with this source; asked in a process of its own."""
    child = os.fork()
    if child == 0:
        os.setsid()
        _run(name, file, source, tests)
    began = time.monotonic()
    while time.monotonic() - began < LONGEST:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def _run(name, file, source, tests):
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    sys.dont_write_bytecode = True
    sys.meta_path.insert(0, Instead(name, file, source))
    import pytest

    code = 3
    with contextlib.suppress(BaseException):
        code = pytest.main(["-x", "-q", "--assert=plain", "-p", "no:xdist", "-m", "not slow", *tests])
    os._exit(int(code))


def main():
    asked = _asked()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for library in LOADED:
        importlib.import_module(library)
    explained = tomllib.loads(EXPLAINED.read_text())
    unexplained = 0
    for name in asked.modules or TESTS:
        unexplained += _look_at(name, explained.get(name, {}), asked.most)
    return 1 if unexplained else 0


def _look_at(name, explained, most):
    file = ROOT / f"{name.replace('.', '/')}.py"
    source, began = file.read_text(), time.monotonic()
    if not survives(name, file, source, TESTS[name]):
        sys.exit(f"{name}: its tests fail as it is")
    every = list(mutants(source))
    chosen = sorted(random.Random(1).sample(every, min(most or len(every), len(every))))
    lines, left, unexplained = source.splitlines(), 0, 0
    for mutant in chosen:
        if not survives(name, file, mutant.source, TESTS[name]):
            continue
        said = lines[mutant.line - 1].strip()
        why = explained.get(f"{mutant.change}: {said}", "")
        left, unexplained = left + 1, unexplained + (not why)
        print(f"  {file.name}:{mutant.line} {mutant.change}: {said}")
        print(f"      {why or 'SURVIVED, and nobody says why'}", flush=True)
    killed, took = len(chosen) - left, time.monotonic() - began
    print(
        f"{name}: {killed} of {len(chosen)} killed ({len(every)} there are), "
        f"{left - unexplained} survivors explained, {unexplained} not; {took:.0f} s",
        flush=True,
    )
    return unexplained


def _asked():
    parser = argparse.ArgumentParser(description="Wrong copies of the guards, and whether tests notice.")
    parser.add_argument("modules", nargs="*", help=f"of {', '.join(TESTS)}; without: all")
    parser.add_argument("--most", type=int, default=0, help="at most so many of a module, always the same")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
