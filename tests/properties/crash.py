"""An intake that is killed at a named point; run as a process of its own, so that the kill is a real one."""

import os
import signal
import sys
from pathlib import Path

from hub import compose
from hub.confidentiality.keys import KeyRing
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.intake.deliveries_kafka import KafkaDeliveries
from hub.settings import load
from hub.store.archive import Archive
from hub.store.sqlite import SqliteRecorder


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def after(method):
    def dying(*args, **kwargs):
        if method(*args, **kwargs) != []:  # an empty poll is not yet the point
            die()
        return []

    return dying


POINTS = {
    "after poll": (EmbeddedDeliveries, "poll", after(EmbeddedDeliveries.poll)),
    "after poll of Kafka": (KafkaDeliveries, "poll", after(KafkaDeliveries.poll)),
    "after looking up what was taken": (SqliteRecorder, "taken", after(SqliteRecorder.taken)),
    "before keys are made": (KeyRing, "for_sealing_many", die),
    "after keys are made": (KeyRing, "for_sealing_many", after(KeyRing.for_sealing_many)),
    "before the transaction": (Archive, "record", die),
    "inside the transaction, after its positions": (SqliteRecorder, "_apply", after(SqliteRecorder._apply)),
    "inside the transaction, after its events": (
        SqliteRecorder,
        "_insert_events",
        after(SqliteRecorder._insert_events),
    ),
    "after the transaction": (Archive, "record", after(Archive.record)),
}


def main(folder: str, point: str) -> None:
    where, name, dying = POINTS[point]
    with compose.open_hub(load(Path(folder))) as hub, compose.open_intake(hub) as intake:
        setattr(where, name, dying)
        while intake.step(limit=7).read:
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
