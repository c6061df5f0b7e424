"""Starts a module of this project as a process of its own, without reading all its code again each time.

The process is forked from one that has done so (`multiprocessing`'s fork server, one a test worker), and then
runs `python -m MODULE …` with its own arguments, environment and standard streams: signals, kills, locks and
files are a real process's. That a fresh interpreter can start the commands is shown where that is asked
(`tests/journeys/test_demo_command.py`, `tests/faults/test_clock.py`), and by `make soak`.
"""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import IO, Protocol

ROOT = Path(__file__).parents[1]
READ_ALREADY = ["tests.warmed"]


class Started:
    """`python -m MODULE ARGUMENTS…`, running; as far as tests ask, a `subprocess.Popen` that says text."""

    def __init__(
        self, module: str, *arguments: str, environment: Mapping[str, str], log: Path | None = None
    ) -> None:
        """Start it. With a log both streams are added to it; else they are kept until it has ended."""
        self._folder = tempfile.TemporaryDirectory(prefix="hub-said-") if log is None else None
        said = log or Path(self._folder.name if self._folder else "")
        self._streams = (said, said) if log else (said / "out", said / "err")
        self._said = ("", "")
        self._process = _server().Process(
            target=_run, args=(module, arguments, dict(environment), self._streams)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The number the system knows it by."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, or the negative number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def complaint(self) -> str:
        """What it has complained of so far; asked while it runs."""
        said = self._streams[1]
        return said.read_text() if said.exists() else ""

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("python -m", timeout or 0)
        if self._folder is not None:
            out, err = (path.read_text() if path.exists() else "" for path in self._streams)
            self._said = (out, err)
            self._folder.cleanup()
            self._folder = None
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end: what it said, and what it complained of. Raises TimeoutExpired."""
        self.wait(timeout)
        return self._said


def run(
    module: str, *arguments: str, environment: Mapping[str, str], timeout: float = 90
) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE ARGUMENTS…` to its end. Raises TimeoutExpired, and kills it."""
    started = Started(module, *arguments, environment=environment)
    try:
        out, err = started.communicate(timeout)
    finally:
        started.kill()
        code = started.wait()
    return subprocess.CompletedProcess([module, *arguments], code, out, err)


def afresh(
    module: str, *arguments: str, environment: Mapping[str, str], log: Path | None = None
) -> subprocess.Popen[str]:
    """Start the same in an interpreter of its own, as an operator does."""
    with ExitStack() as opened:
        said: IO[str] | int = opened.enter_context(log.open("a")) if log else subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            text=True,
        )


class Begin(Protocol):
    """Either way to start a process: `Started` or `afresh`."""

    def __call__(
        self, module: str, /, *arguments: str, environment: Mapping[str, str], log: Path | None = None
    ) -> "Started | subprocess.Popen[str]":
        """Start `python -m MODULE ARGUMENTS…`."""


@cache
def _server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(READ_ALREADY)
    return context


def _run(
    module: str, arguments: tuple[str, ...], environment: dict[str, str], streams: tuple[Path, Path]
) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams, start=1):
        os.dup2(os.open(stream, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), number)
    sys.argv = [module, *arguments]
    sys.modules.pop(f"{module}.__main__", None)  # what it imports has been read; it is run, not imported
    runpy.run_module(module, run_name="__main__", alter_sys=True)
