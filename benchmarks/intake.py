"""Intake on SQLite in batches of 1,000, against the same bytes written and the same envelopes sealed."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from benchmarks.grounds import durable, ground, middle, ratio, timed
from hub import compose
from hub.confidentiality.sealing import seal
from hub.records.reading import Opener
from hub.store.mapper import VOUCHED
from hub.store.sqlite import MIGRATION

ROUNDS, BATCHES, BATCH, CHILDREN = 3, 8, 1000, 200
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
                connection = _floor_of(Path(folder))
                pairs = [_pair(hub, intake, connection) for _ in range(ROUNDS)]
                connection.close()
    count = BATCHES * BATCH
    hub_time, floor_time = middle([h for h, _ in pairs]), middle([f for _, f in pairs])
    events = f"{hub_time / count * 1e6:.0f} us an event, floor {floor_time / count * 1e6:.0f} us"
    ratio("intake-sqlite", middle([h / f for h, f in pairs]), 2.0, more=events)


def _pair(hub, intake, connection) -> tuple[float, float]:
    """Some batches taken in one after the other, and at once their floor: the machine is shared.

    As in a long run, two batches are begun when the clock starts, and two when it stops.
    """
    last = hub.records.archive.rows.max_notification_id()
    hub_time = timed(lambda: [intake.step(BATCH) for _ in range(BATCHES)])
    work = [_work(hub, row) for row in hub.records.archive.rows.rows_after(last, BATCHES * BATCH)]
    parts = [work[at : at + BATCH] for at in range(0, len(work), BATCH)]
    return hub_time, timed(lambda: [_write(connection, part) for part in parts])


def _floor_of(folder: Path):
    """A database of the same shape."""
    connection = durable(folder / "floor.sqlite")
    for statement in MIGRATION:
        connection.execute(statement.format(events="events"))
    return connection


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
