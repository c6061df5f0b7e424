"""An intake that is killed at a named point; run as a process of its own, so that the kill is a real one."""

import os
import signal
import sys
from pathlib import Path

from hub import compose
from hub.confidentiality.keys import KeyRing
from hub.settings import load
from hub.store.archive import Archive


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def before(_):
    return die


def after(method):
    def dying(*args, **kwargs):
        if method(*args, **kwargs) != []:  # an empty poll is not yet the point
            die()
        return []

    return dying


POINTS = {
    "after poll": ("deliveries", "poll", after),
    "after looking up what was taken": ("recorder", "taken", after),
    "before keys are made": (KeyRing, "for_sealing_many", before),
    "after keys are made": (KeyRing, "for_sealing_many", after),
    "before the transaction": (Archive, "record", before),
    "inside the transaction, after its positions": ("recorder", "_apply", after),
    "inside the transaction, after its events": ("recorder", "_insert_events", after),
    "after the transaction": (Archive, "record", after),
}
"""Where (a class, or the engine's own of a port), in which method, and whether before it or after it."""


def main(folder: str, point: str) -> None:
    place, name, when = POINTS[point]
    with compose.open_hub(load(Path(folder))) as hub, compose.open_intake(hub) as intake:
        engines = {"deliveries": type(intake._deliveries), "recorder": type(hub.records.archive.rows)}
        where = engines.get(place, place)
        setattr(where, name, when(getattr(where, name)))
        while intake.step(limit=7).read:
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
