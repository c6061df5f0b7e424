"""The table of wrapped keys in its file: what it promises of the disk, and what a failed write leaves."""

import sqlite3
from contextlib import closing
from uuid import UUID

import pytest

from hub.confidentiality.child_keys import Change, ChildKey, change
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.errors import Unavailable

ANN, BEN, CAL = UUID(int=1), UUID(int=2), UUID(int=3)
LIVE = ChildKey("police", 1, 3, b"wrapped", 1000)
GONE = LIVE.destroyed(7)


@pytest.fixture
def table(tmp_path):
    with closing(SqliteChildKeys(tmp_path / "child-keys.sqlite", busy_seconds=0)) as table:
        table.migrate()
        table.change([change(ANN, None, [LIVE])])
        yield table


def test_what_is_written_is_on_the_disk_before_it_counts_as_written_and_what_is_dropped_is_overwritten(table):
    said = [
        table._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "secure_delete")
    ]

    assert ["wal", 2, 1] == said


def test_a_row_that_was_read_and_is_no_longer_there_is_not_put_back(table):
    assert 0 == table.change([change(CAL, b"as it was read", [LIVE])])
    assert {ANN} == set(table.of([ANN, CAL]))


def test_a_write_that_fails_leaves_every_row_as_it_was_and_the_next_one_goes_well(table):
    before = table.of([ANN])[ANN]
    with pytest.raises(sqlite3.IntegrityError):
        table.change([change(BEN, None, [LIVE]), Change(ANN, before, None, 0)])

    assert {ANN: before} == table.of([ANN, BEN])
    assert 1 == table.change([change(BEN, None, [LIVE])])


def test_a_table_that_another_process_is_writing_is_said_to_be_unavailable(tmp_path, table):
    with closing(sqlite3.connect(tmp_path / "child-keys.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="cannot be written now"):
            table.change([change(BEN, None, [LIVE])])

    assert 1 == table.change([change(BEN, None, [LIVE])])


def test_what_is_destroyed_is_counted_again_only_when_the_file_has_changed(tmp_path, table):
    asked = []
    table._connection.set_trace_callback(lambda words: asked.append(words) if "sum(" in words else None)

    assert [0, 0] == [table.destroyed(), table.destroyed()]
    table.change([change(ANN, table.of([ANN])[ANN], [GONE])])
    assert [1, 1] == [table.destroyed(), table.destroyed()]
    with closing(SqliteChildKeys(tmp_path / "child-keys.sqlite")) as other:
        other.change([change(BEN, None, [GONE])])
    assert [2, 2] == [table.destroyed(), table.destroyed()]
    assert 3 == len(asked)


def test_a_closed_table_tells_nothing_more(table):
    table.close()

    with pytest.raises(sqlite3.ProgrammingError):
        table.of([ANN])
