"""Intake workers as processes of their own, as an operator starts them."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hubs import Desk
from tests.warm import Begin, Started, run

ROOT = Path(__file__).parents[2]
SOON = 90.0
"""Seconds in which what is waited for happens, also on a machine that is busy."""


def environment(desk: Desk, **more: str) -> dict[str, str]:
    """What a process is told of the desk's bus and store."""
    bus, store = desk.settings.bus, desk.settings.store
    said = {"HUB_STORE": store.address} if store is not None else {}
    if bus is not None:
        said |= {
            "HUB_BUS": bus.address,
            "HUB_BUS_SESSION": str(bus.session),
            "HUB_BUS_PATIENCE": str(bus.patience),
        }
    return {**os.environ, **said, **more}


class Worker:
    """One `hub intake`, or another command that goes on until it is asked to stop, running."""

    def __init__(self, desk: Desk, command: str = "intake", start: Begin = Started, **more: str) -> None:
        arguments = ("--data", str(desk.settings.data), command, "--json")
        self._process = start("hub", *arguments, environment=environment(desk, **more))

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> tuple[int, dict[str, int], str]:
        """Ask it to stop, as a service manager would: exit code, what it took in, what it complained of."""
        self._process.send_signal(signal.SIGTERM)
        out, err = self._process.communicate(timeout=SOON)
        return self._process.wait(), json.loads(out) if out else {}, err


@contextmanager
def workers(desk: Desk, count: int) -> Iterator[list[Worker]]:
    """So many workers; whatever a test left running is killed."""
    started = [Worker(desk) for _ in range(count)]
    try:
        yield started
    finally:
        for worker in started:
            worker.kill()


def until(holds: Callable[[], bool], what: str) -> None:
    """Look again and again until it holds. Fails naming what did not come about."""
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.1)


def entries(desk: Desk) -> list:
    """The ids of all entries on all records."""
    with desk.open() as hub:
        return [e for c in hub.records.children() for e in hub.records.child(c).entries]


def publish(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `hub-publish` to its end."""
    return run("adapters", *arguments, "--data", str(desk.settings.data), environment=environment(desk))
