"""(a) The hub on Kafka and PostgreSQL against a floor by hand: the same polls, opens, seals and COPYs."""

from uuid import UUID

import psycopg

from benchmarks.grounds import middle, ratio, timed
from benchmarks.real.reading import Plain
from benchmarks.real.site import RealGround, Site
from hub import compose
from hub.confidentiality.sealing import seal
from hub.records.reading import Opener
from hub.store.copying import event_rows, taken_rows
from hub.store.effects import Taken
from hub.store.mapper import VOUCHED

ROUNDS, BATCHES, BATCH, CHILDREN, WARM = 3, 6, 1000, 1000, 40


def main(site: Site) -> float:
    """Measure and print; the seconds of an event."""
    here = site.ground()
    here.send(range(BATCH * (ROUNDS * BATCHES + WARM + 4)), lambda number: number // 4 % CHILDREN)
    with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
        floor = _Floor(here)
        for _ in range(WARM):  # children, identifiers, keys and the reading process come to be here
            intake.step(BATCH)
            floor.plain.poll(BATCH)
        pairs = []
        for _ in range(ROUNDS):  # as in a long run, two batches are begun when each round begins and ends
            last = hub.records.archive.rows.max_notification_id()
            hub_time = timed(lambda: [_whole(intake) for _ in range(BATCHES)])
            rows = hub.records.archive.rows.rows_after(last, BATCH * BATCHES * 2)
            work = [_work(hub, row) for row in rows if row.topic != VOUCHED]
            parts = [work[at : at + BATCH] for at in range(0, len(work), BATCH)]
            bare_time = timed(lambda parts=parts: [floor.take(part) for part in parts])
            pairs.append((hub_time, bare_time, len(work)))
        floor.close()
    each = middle([h / n for h, _, n in pairs])
    bare = middle([f / n for _, f, n in pairs])
    more = f"{each * 1e6:.0f} us an event ({1 / each:,.0f}/s), floor {bare * 1e6:.0f} us"
    ratio("intake-kafka-postgres", middle([h / f for h, f, _ in pairs]), 1.5, more=more)
    return each


def _whole(intake) -> None:
    """One batch: what one poll brings may be a little less than asked for."""
    while not intake.step(BATCH, timeout=1.0).read:
        pass


def _work(hub, row):
    """The same bodies to seal and the same row to write."""
    child = UUID(bytes=row.stream)
    (event,) = hub.records.archive.mapper.open_rows(child, [(row.version, row.topic, row.state)])
    entry = event.body.entry
    opened, _ = Opener(hub.keys, child, [e.scope for e in entry.envelopes], bytes).open(entry)
    seals = [
        (hub.keys.for_sealing(child, scope), child, entry.id, scope, entry.type, body)
        for scope, body in opened.items()
    ]
    stored = row.stream, row.version, row.topic, row.state
    return seals, stored, Taken(entry.source, entry.digest, child, entry.id)


class _Floor:
    """What any program must do: fetch, open, seal, write. No check, no lookup, no decision."""

    def __init__(self, here: RealGround) -> None:
        self.plain = Plain(here)
        self._connection = psycopg.connect(here.settings.store.address)
        self._connection.execute("CREATE TABLE floor (LIKE hub.events INCLUDING ALL)")
        self._connection.execute("CREATE TABLE floor_taken (LIKE hub.taken INCLUDING ALL)")
        self._connection.commit()

    def take(self, work) -> None:
        for record in self.plain.poll(len(work)):
            self.plain.open(record)
        for seals, _, _ in work:
            for args in seals:
                seal(*args)
        events, taken = event_rows([row for _, row, _ in work]), taken_rows([t for _, _, t in work])
        columns = "originator_id, originator_version, topic, state"
        with self._connection.cursor() as c:
            with c.copy(f"COPY floor ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(events)
            with c.copy("COPY floor_taken (source, digest, child, entry) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(taken)
        self._connection.commit()

    def close(self) -> None:
        self.plain.close()
        self._connection.close()
