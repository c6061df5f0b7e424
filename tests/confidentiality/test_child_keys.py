"""A child's row of keys: what is left of a destroyed one, and that it stays destroyed in an older copy."""

from contextlib import closing
from uuid import UUID

import msgspec
import pytest

from hub.confidentiality.child_keys import (
    ChildKey,
    Tombstone,
    Wrapped,
    change,
    context_of,
    entomb,
    newest,
    read,
    tombstones,
)
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.errors import Conflict

ANN, BEN, CAL = UUID(int=1), UUID(int=2), UUID(int=3)
LIVE = ChildKey("police", 1, 3, b"wrapped", 1000)
LATER = ChildKey("police", 2, 4, b"wrapped too", 2000)
HEALTH = ChildKey("health", 1, 4, b"another", 1500)


@pytest.fixture
def table(tmp_path):
    with closing(SqliteChildKeys(tmp_path / "child-keys.sqlite")) as table:
        table.migrate()
        table.change([change(ANN, None, [LATER, HEALTH, LIVE]), change(BEN, None, [LIVE])])
        yield table


def test_of_a_destroyed_key_its_number_and_times_are_left_and_of_a_rewrapped_one_all_but_its_version():
    assert ("police", 1, 0, b"", 1000, 5000) == tuple(
        getattr(LIVE.destroyed(5000), name) for name in LIVE.__struct_fields__
    )
    assert ChildKey("police", 1, 7, b"anew", 1000) == LIVE.wrapped_anew(Wrapped(7, b"anew"))


def test_a_row_holds_its_keys_in_order_and_says_how_many_are_destroyed():
    said = change(ANN, b"before", [LATER, HEALTH.destroyed(9), LIVE.destroyed(9)])

    assert (ANN, b"before", 2) == (said.child, said.before, said.destroyed)
    assert [HEALTH.destroyed(9), LIVE.destroyed(9), LATER] == read(said.after)
    assert {"police": LATER, "health": HEALTH.destroyed(9)} == newest(read(said.after))
    assert [] == read(None)


def test_a_wrapping_is_bound_to_child_generation_and_scope_laid_out_for_ever():
    assert b"hub/dek" + ANN.bytes + b"\0\1\2\3police" == context_of(ANN, "police", 0x010203)


def test_a_row_is_laid_out_for_ever_and_a_key_once_read_is_not_changed():
    """Rows written by an earlier release are read by position: a name or an order changed would lose them."""
    said = change(ANN, None, [LIVE, HEALTH.destroyed(9)])

    assert [["health", 1, 0, b"", 1500, 9], ["police", 1, 3, b"wrapped", 1000, 0]] == msgspec.msgpack.decode(
        said.after
    )
    with pytest.raises(AttributeError):
        LIVE.destroyed_at = 9


def test_what_was_destroyed_is_told_and_nothing_else(table):
    row = table.of([ANN])[ANN]
    table.change([change(ANN, row, [LIVE.destroyed(7), LATER, HEALTH])])

    assert [Tombstone(ANN, "police", 1, 7)] == tombstones(table)


def test_what_was_destroyed_is_destroyed_in_an_older_copy_too_even_where_that_never_knew_it(
    table, monkeypatch
):
    scrubbed, scrub = [], table.scrub
    monkeypatch.setattr(table, "scrub", lambda: scrubbed.append(len(tombstones(table))) or scrub())
    graves = [
        Tombstone(ANN, "police", 1, 7),
        Tombstone(ANN, "spine", 2, 8),
        Tombstone(UUID(int=3), "health", 1, 9),
    ]
    entomb(table, graves)

    assert [3] == scrubbed
    assert sorted(graves) == sorted(tombstones(table))
    assert [HEALTH, ChildKey("police", 1, 0, b"", 7, 7), LATER, ChildKey("spine", 2, 0, b"", 8, 8)] == sorted(
        read(table.of([ANN])[ANN]), key=lambda key: (key.scope, key.generation)
    )
    assert [LIVE] == read(table.of([BEN])[BEN])


def test_nothing_to_bury_changes_nothing_and_a_table_in_use_is_said_to_be(table, monkeypatch):
    asked = []
    monkeypatch.setattr(table, "change", lambda changes: asked.append(len(changes)) or 0)
    entomb(table, [])

    assert [] == asked
    with pytest.raises(Conflict):
        entomb(table, [Tombstone(ANN, "police", 1, 7)])
    assert [1] == asked
