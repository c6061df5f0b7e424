"""Intake on SQLite in batches of 1,000, against writing the same bytes and sealing the same envelopes bare."""

from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from benchmarks.grounds import durable, ground, middle, ratio, timed
from hub import compose
from hub.confidentiality.sealing import seal
from hub.records.reading import Opener
from hub.store.sqlite import MIGRATION

BATCHES, BATCH, CHILDREN = 8, 1000, 200


def main() -> None:
    """Measure and print."""
    with ground() as here:
        here.publish(BATCH * (BATCHES + 2), CHILDREN)
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            for _ in range(2):  # children, identifiers and keys come to be here
                intake.step(BATCH)
            last = hub.records.archive.rows.max_notification_id()
            hub_times = [timed(lambda: intake.step(BATCH)) for _ in range(BATCHES)]
            rows = hub.records.archive.rows.rows_after(last, BATCH * BATCHES * 2)
            floor_times = _floor(hub, rows)
    hub_time, floor_time = middle(hub_times), middle(floor_times)
    events = f"{hub_time / BATCH * 1e6:.0f} us an event, floor {floor_time / BATCH * 1e6:.0f} us"
    ratio("intake-sqlite", hub_time / floor_time, 2.0, more=events)


def _floor(hub: compose.Hub, rows: list) -> list[float]:  # type: ignore[type-arg]
    """Seal the same bodies and write the same rows, with nothing else done."""
    work = []
    for row in rows:
        child = UUID(bytes=row.stream)
        (event,) = hub.records.archive.mapper.open_rows(child, [(row.version, row.topic, row.state)])
        entry = event.body.entry
        opener = Opener(hub.keys, child, [e.scope for e in entry.envelopes], bytes)
        seals = [
            (hub.keys.for_sealing(child, scope), child, entry.id, scope, entry.type, body)
            for scope, body in opener.open(entry)[0].items()
        ]
        taken = (entry.source, entry.digest, child.bytes, entry.id.bytes)
        work.append((seals, (row.stream, row.version, row.topic, row.state), taken))
    with TemporaryDirectory() as folder:
        connection = durable(Path(folder) / "floor.sqlite")
        for statement in MIGRATION:
            connection.execute(statement.format(events="events"))
        times = [
            timed(lambda batch=work[start : start + BATCH]: _write(connection, batch))
            for start in range(0, len(work), BATCH)
        ]
        connection.close()
    return times


def _write(connection, batch) -> None:
    for seals, _, _ in batch:
        for args in seals:
            seal(*args)
    connection.execute("BEGIN IMMEDIATE")
    columns = "originator_id, originator_version, topic, state"
    connection.executemany(f"INSERT INTO events ({columns}) VALUES (?,?,?,?)", [row for _, row, _ in batch])
    connection.executemany("INSERT INTO taken VALUES (?,?,?,?)", [taken for _, _, taken in batch])
    connection.execute("COMMIT")


if __name__ == "__main__":
    main()
