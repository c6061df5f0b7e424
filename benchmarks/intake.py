"""Intake on SQLite in batches of 1,000, against the same bytes written and the same envelopes sealed."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import UUID

from benchmarks.grounds import besides, durable, ground, middle, ratio, timed
from hub import compose
from hub.confidentiality.sealing import seal
from hub.records.reading import Opener
from hub.store.mapper import VOUCHED
from hub.store.sqlite import CACHE, CHECKPOINT, MIGRATION

ROUNDS, BATCHES, BATCH, CHILDREN = 5, 12, 1000, 200
AHEAD = 4
"""Batches more than are measured: to the last, some lie read and fetched before their turn."""
WARM = 40
"""Batches by which the reading process has started: it is part of intake, and works while the hub records."""


def main() -> None:
    """Measure and print."""
    with ground() as here:
        here.publish(BATCH * (WARM + ROUNDS * BATCHES + AHEAD), CHILDREN)
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            for _ in range(WARM):  # children, identifiers and keys come to be here
                intake.step(BATCH)
            with TemporaryDirectory() as folder:
                empty, filled = _floor_of(Path(folder) / "empty"), _floor_of(Path(folder) / "filled")
                _fill(filled, here.settings.archive)
                rounds = [_round(hub, intake, empty, filled) for _ in range(ROUNDS)]
                empty.close()
                filled.close()
    _say("intake-sqlite", [(one.hub, one.filled) for one in rounds])
    _say("intake-sqlite-floor-empty", [(one.hub, one.empty) for one in rounds], target="reported")


class Round(NamedTuple):
    """What some batches cost, and their floors beside as many rows as the hub had, and in an empty store."""

    hub: "Cost"
    filled: "Cost"
    empty: "Cost"


class Cost(NamedTuple):
    """Seconds that passed; of processor, this process's and that of those beside it."""

    passed: float
    here: float
    beside: float


def _say(name: str, pairs: Sequence[tuple[Cost, Cost]], target: float | str = 2.0) -> None:
    """Print the ratio, and what it is made of, per event."""

    def each(which: Callable[[tuple[Cost, Cost]], float]) -> str:
        return f"{middle([which(pair) for pair in pairs]) / (BATCHES * BATCH) * 1e6:.0f}"

    passed = f"{each(lambda p: p[0].passed)} us an event, floor {each(lambda p: p[1].passed)} us"
    busy = (
        f"of processor: recording {each(lambda p: p[0].here)}, beside {each(lambda p: p[0].beside)},"
        f" floor {each(lambda p: p[1].here)} us"
    )
    ratio(name, middle([hub.passed / floor.passed for hub, floor in pairs]), target, more=f"{passed}; {busy}")


def _round(hub, intake, empty, filled) -> Round:
    """Some batches taken in one after the other, and at once their floors: the machine is shared.

    As in a long run, two batches are begun when the clock starts, and two when it stops.
    """
    last = hub.records.archive.rows.max_notification_id()
    taken = _cost(lambda: [intake.step(BATCH) for _ in range(BATCHES)])
    work = [_work(hub, row) for row in hub.records.archive.rows.rows_after(last, BATCHES * BATCH)]
    parts = [work[at : at + BATCH] for at in range(0, len(work), BATCH)]
    floors = [_cost(lambda into=into: [_write(into, part) for part in parts]) for into in (filled, empty)]
    return Round(taken, *floors)


def _cost(work: Callable[[], object]) -> Cost:
    """What one call costs, here and in the processes beside."""
    there, here = besides(), time.process_time()
    passed = timed(work)
    return Cost(passed, time.process_time() - here, besides() - there)


def _floor_of(path: Path) -> sqlite3.Connection:
    """A database of the same shape, as well tuned as the hub's."""
    connection = durable(path)
    connection.execute(f"PRAGMA cache_size={CACHE}")
    connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT}")
    for statement in MIGRATION:
        connection.execute(statement.format(events="events"))
    return connection


def _fill(floor: sqlite3.Connection, store: Path) -> None:
    """Put beside the floor's rows those that stand in the hub's store: a bare insert pays for them too."""
    floor.execute("ATTACH ? AS hub", (str(store),))
    columns = "originator_id, originator_version, topic, state"
    floor.execute(f"INSERT INTO events ({columns}) SELECT {columns} FROM hub.events ORDER BY position")
    floor.execute("INSERT INTO taken SELECT * FROM hub.taken")
    floor.execute("DETACH hub")


def _work(hub, row):
    """The same bodies to seal and the same row to write."""
    child = UUID(bytes=row.stream)
    if row.topic == VOUCHED:  # what agencies signed: a row a batch, and nothing to seal
        return [], (row.stream, row.version, row.topic, row.state), None
    (event,) = hub.records.archive.mapper.open_rows(child, [(row.version, row.topic, row.state)])
    entry = event.body.entry
    opened, _ = Opener(hub.keys, child, [e.scope for e in entry.envelopes], bytes).open(entry)
    seals = [
        (hub.keys.for_sealing(child, scope), child, entry.id, scope, entry.type, body)
        for scope, body in opened.items()
    ]
    taken = (entry.source, entry.digest, child.bytes, entry.id.bytes)
    return seals, (row.stream, row.version, row.topic, row.state), taken


def _write(connection, batch) -> None:
    for seals, _, _ in batch:
        for args in seals:
            seal(*args)
    connection.execute("BEGIN IMMEDIATE")
    columns = "originator_id, originator_version, topic, state"
    connection.executemany(f"INSERT INTO events ({columns}) VALUES (?,?,?,?)", [row for _, row, _ in batch])
    connection.executemany("INSERT INTO taken VALUES (?,?,?,?)", [taken for _, _, taken in batch if taken])
    connection.execute("COMMIT")


if __name__ == "__main__":
    main()
