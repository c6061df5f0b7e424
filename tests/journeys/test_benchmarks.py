"""What the hub is measured against on the real engines does the work it says, on what the hub does today."""

from contextlib import closing

import psycopg
import pytest

from benchmarks.real.intake import _Floor, _work
from benchmarks.real.reading import Plain
from benchmarks.real.site import RealGround
from hub import compose
from hub.settings import Settings
from hub.store.mapper import VOUCHED

CHILDREN, EVENTS = 3, 12


@pytest.mark.slow
def test_a_floor_reads_opens_seals_and_writes_what_the_hub_recorded(kafka_access, postgres_store, tmp_path):
    here = RealGround(Settings(data=tmp_path / "data", bus=kafka_access, store=postgres_store), seed=1)
    here.send(range(EVENTS * 2), lambda number: number // 4 % CHILDREN)
    with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
        _take(intake, EVENTS)  # from here on every child is known
        last = hub.records.archive.rows.max_notification_id()
        _take(intake, EVENTS)
        rows = hub.records.archive.rows.rows_after(last, 1000)
        work = [_work(hub, row) for row in rows if row.topic != VOUCHED]
    with closing(Plain(here)) as plain:
        said = list(plain.events(EVENTS * 2))
    with closing(_Floor(here)) as floor:
        floor.take(work)
    with psycopg.connect(postgres_store.address) as connection:
        ((written,),) = connection.execute("SELECT count(*) FROM floor")
        ((taken,),) = connection.execute("SELECT count(*) FROM floor_taken")

    assert (EVENTS * 2, EVENTS, EVENTS) == (len({one.event_id for one in said}), written, taken)


def _take(intake, count):
    while count:
        count -= intake.step(count, timeout=1.0).read
