"""Whatever a database administrator does to the store or to the ledger, the first bad position is named."""

import sqlite3
import tracemalloc
from collections import Counter
from contextlib import contextmanager
from itertools import zip_longest

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.audit.checkpoint import sign
from hub.audit.ledger import Leaf, Ledger
from hub.audit.ledger_sqlite import SqliteLedger
from hub.audit.suspect import Wrong
from hub.audit.verify import verify
from hub.audit.walk import Fault
from tests.audit.archives import INSERT, KEY, ORIGIN, Kept, follow_to_the_end, note_at, opened, row

ROWS, FIRST_NOTE = 100, 80
PUBLIC = KEY.public_key()
CHANGE = "UPDATE events SET {} WHERE position=?"
DROP = [f"DROP TRIGGER {t}_{v}" for t in ("ledger", "nodes", "checkpoints") for v in ("update", "delete")]


def filled(folder, rows=ROWS, notes=(FIRST_NOTE, ROWS), step=1) -> Kept:
    kept = opened(folder)
    kept.archive.record(*(row(position * step) for position in range(1, rows + 1)))
    follow_to_the_end(kept.ledger)
    kept.notes.extend(note_at(kept.ledger, size) for size in notes)
    return kept


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """100 rows, checkpoints at 80 and 100 held outside; every test leaves it as it was."""
    kept = filled(tmp_path_factory.mktemp("kept"))
    for statement in DROP:  # whoever can write the file can do this
        kept.tables._connection.execute(statement)
    yield kept
    assert checked(kept).holds
    kept.close()


@pytest.fixture
def own(tmp_path):
    """A store that the test may spoil."""
    kept = filled(tmp_path)
    yield kept
    kept.close()


def checked(kept, **changes):
    kept = kept._replace(**changes)
    return verify(kept.archive, kept.ledger, kept.notes, PUBLIC)


@contextmanager
def undone(connection):
    """What happens inside is undone at the end."""
    connection.execute("BEGIN")
    try:
        yield connection.execute
    finally:
        connection.execute("ROLLBACK")


# ---------------------------------------------------------------- ways to tamper with the store


def state_bit(execute, p, place):
    state = bytearray(row(p).state)
    at = {"first": 0, "middle": len(state) // 2, "last": len(state) - 1}[place]
    state[at] ^= 1 << p % 8
    execute(CHANGE.format("state=?"), (bytes(state), p))


def topic_bit(execute, p):
    topic = bytearray(row(p).topic.encode())
    topic[p % len(topic)] ^= 1 << p % 8  # the highest bit too: no longer UTF-8
    execute("UPDATE events SET topic=CAST(? AS TEXT) WHERE position=?", (bytes(topic), p))


def stream_bit(execute, p):
    stream = bytearray(row(p).stream)
    stream[p % 16] ^= 1 << p % 8
    execute(CHANGE.format("stream=?"), (bytes(stream), p))


def version(execute, p):
    execute(CHANGE.format("version=version+1"), (p,))


def delete(execute, p):
    execute("DELETE FROM events WHERE position=?", (p,))


def truncate(execute, p):
    execute("DELETE FROM events WHERE position>?", (p,))


def swap_states(execute, p, q=None):
    for at, other in ((p, q or p + 1), (q or p + 1, p)):
        execute(CHANGE.format("state=?"), (row(other).state, at))


def reorder(execute, p, q=None):
    q = q or p + 1
    for at, to in ((p, -1), (q, p), (-1, q)):
        execute(CHANGE.format("position=?"), (to, at))


def insert(execute, p):
    shift(execute, p, 1)
    execute(INSERT, row(p, text="forged"))


def rewrite(execute, p):
    execute("DELETE FROM events WHERE position>=?", (p,))
    for position in range(p, ROWS + 1):
        execute(INSERT, row(position, text="forged"))


def delete_and_close_up(execute, p):
    execute("DELETE FROM events WHERE position=?", (p,))
    shift(execute, p, -1)


def shift(execute, p, by):
    """Number the rows from p on anew, over negative positions so that none collide."""
    execute("UPDATE events SET position=-position WHERE position>=?", (p,))
    execute("UPDATE events SET position=-position+? WHERE position<0", (by,))


EVERY, BUT_LAST = range(1, ROWS + 1), range(1, ROWS)
MATRIX = [
    # what is done, where, detected as, how often, first bad position (of p)
    ("one bit of state", state_bit, EVERY, Wrong.ROW_ALTERED, 300, lambda p: p),
    ("topic", topic_bit, EVERY, Wrong.ROW_ALTERED, 100, lambda p: p),
    ("stream id", stream_bit, EVERY, Wrong.ROW_ALTERED, 100, lambda p: p),
    ("version", version, EVERY, Wrong.ROW_ALTERED, 100, lambda p: p),
    ("delete a row", delete, BUT_LAST, Wrong.ROW_MISSING, 99, lambda p: p),
    ("delete the last row", delete, [ROWS], Wrong.STORE_SHORTER, 1, lambda p: p),
    ("truncate to k", truncate, BUT_LAST, Wrong.STORE_SHORTER, 99, lambda p: p + 1),
    ("swap two states", swap_states, BUT_LAST, Wrong.ORDER, 99, lambda p: p),
    ("reorder two rows", reorder, BUT_LAST, Wrong.ORDER, 99, lambda p: p),
    ("insert before the checkpoint", insert, EVERY, Wrong.ROW_INSERTED, 100, lambda p: p),
    ("rewrite from k on", rewrite, EVERY, Wrong.ROW_ALTERED, 100, lambda p: p),
]


def test_every_way_of_tampering_is_detected_with_its_first_bad_position_and_its_kind(kept):
    """The matrix of the design, 1,197 cases on a real file."""
    detected, missed = Counter(), []
    for name, tamper, places, what, _, bad in MATRIX:
        for p in places:
            for where in (("first",), ("middle",), ("last",)) if tamper is state_bit else ((),):
                with undone(kept.archive.connection) as execute:
                    tamper(execute, p, *where)
                    faults = checked(kept).faults
                if faults == (Fault(what, bad(p)),):
                    detected[name] += 1
                else:
                    missed.append((name, p, faults))

    assert [] == missed
    assert {name: times for name, *_, times, _ in MATRIX} == detected
    assert 1197 == detected.total()


def test_a_row_deleted_and_the_others_numbered_anew_is_missed_where_it_stood(kept):
    found = set()
    for p in BUT_LAST:
        with undone(kept.archive.connection) as execute:
            delete_and_close_up(execute, p)
            found |= {(p, checked(kept).faults)}

    assert {(p, (Fault(Wrong.ROW_MISSING, p),)) for p in BUT_LAST} == found


@pytest.mark.parametrize("exchange", [swap_states, reorder])
@pytest.mark.parametrize(("p", "q"), [(1, 100), (7, 30), (50, 81), (79, 90), (82, 100)])
def test_rows_exchanged_far_apart_are_told_from_altered_rows(kept, exchange, p, q):
    with undone(kept.archive.connection) as execute:
        exchange(execute, p, q)
        faults = checked(kept).faults

    assert (Fault(Wrong.ORDER, p),) == faults


def test_a_row_forged_while_the_true_one_is_kept_elsewhere_is_a_row_moved(kept):
    with undone(kept.archive.connection) as execute:
        for at, now in ((10, row(10, text="forged")), (50, row(10))):
            execute(CHANGE.format("stream=?, version=?, topic=?, state=?"), (*now[1:], at))
        faults = checked(kept).faults

    assert (Fault(Wrong.ORDER, 10),) == faults


def test_a_row_written_over_with_a_copy_of_a_later_one_is_an_altered_row(kept):
    with undone(kept.archive.connection) as execute:
        execute(CHANGE.format("stream=?, version=?, topic=?, state=?"), (*row(50)[1:], 10))
        faults = checked(kept).faults

    assert (Fault(Wrong.ROW_ALTERED, 10),) == faults


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", None),
        ("state", "text"),
        ("state", b""),
        ("stream", None),
        ("stream", b""),
        ("stream", row(40).stream + b"\0"),
        ("version", None),
        ("version", "six"),
        ("version", 5.5),
        ("version", -(2**63)),
        ("topic", None),
        ("topic", b"hub.topic.1"),
        ("topic", "hub.topic.1\0"),
    ],
)
def test_a_value_of_another_kind_is_a_fault_not_a_crash(kept, column, value):
    with undone(kept.archive.connection) as execute:
        execute(CHANGE.format(f"{column}=?"), (value, 40))
        faults = checked(kept).faults

    assert (Fault(Wrong.ROW_ALTERED, 40),) == faults


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(deeds=st.lists(st.tuples(st.integers(0, 10), st.integers(1, 99)), min_size=1, max_size=4))
def test_of_several_deeds_the_first_place_is_never_missed_or_passed(kept, deeds):
    with undone(kept.archive.connection) as execute:
        for deed, p in deeds:
            tamper = MATRIX[deed][1]
            tamper(execute, p, *(("middle",) if tamper is state_bit else ()))
        stands = kept.archive.rows_after(-(2**63), 1000)
        verdict = checked(kept)
    pairs = zip_longest(
        stands[:ROWS], [row(position) for position in EVERY]
    )  # what comes after is not covered
    differing = (min(side.position for side in pair if side) for pair in pairs if pair[0] != pair[1])

    assert next(differing, None) == verdict.first_bad


# ---------------------------------------------------------------- gaps, and rows in front


@pytest.fixture(scope="module")
def gapped(tmp_path_factory):
    """Positions 10, 20 … 1000, as PostgreSQL leaves them."""
    kept = filled(tmp_path_factory.mktemp("gapped"), step=10)
    yield kept
    kept.close()


@pytest.mark.parametrize("position", [-(2**63) + 1, -7, 0, 1, 9, 11, 555, 801, 999])
def test_a_row_in_a_gap_or_before_the_first_is_an_inserted_one(gapped, position):
    with undone(gapped.archive.connection) as execute:
        execute(INSERT, row(1, text="forged")._replace(position=position))
        faults = checked(gapped).faults

    assert (Fault(Wrong.ROW_INSERTED, position),) == faults


@pytest.mark.parametrize(
    ("moved", "to", "bad"),
    [(500, 505, 500), (500, 495, 495), (500, 95, 95), (10, 999, 10), (1000, 5, 5), (1000, 1001, 1000)],
)
def test_a_row_given_another_place_is_found_where_the_order_first_breaks(gapped, moved, to, bad):
    with undone(gapped.archive.connection) as execute:
        execute(CHANGE.format("position=?"), (to, moved))
        faults = checked(gapped).faults

    assert (Fault(Wrong.ORDER, bad),) == faults


# ---------------------------------------------------------------- what no checkpoint covers yet


def test_a_store_nobody_touched_holds_and_says_what_is_covered(kept):
    assert (100, 100, 0, ()) == checked(kept)
    assert checked(kept).holds
    assert checked(kept).first_bad is None


@pytest.mark.parametrize("followed", [False, True])
def test_a_forged_row_after_the_last_checkpoint_is_counted_as_not_yet_covered(own, followed):
    """By design: agencies' signatures and the next checkpoint are what finds it."""
    own.archive.record(row(101, text="forged"))
    if followed:
        own.ledger.follow()

    assert (101, 100, 1, ()) == checked(own)


def test_rows_after_the_last_checkpoint_are_still_compared_with_the_ledger(own):
    own.archive.record(*(row(position) for position in range(101, 121)))
    own.ledger.follow()
    own.archive.record(row(121))
    found = []
    for tamper in (lambda x: state_bit(x, 110, "last"), lambda x: delete(x, 105), lambda x: truncate(x, 115)):
        with undone(own.archive.connection) as execute:
            tamper(execute)
            found.append(checked(own).faults)

    assert [
        (Fault(Wrong.ROW_ALTERED, 110),),
        (Fault(Wrong.ROW_MISSING, 105),),
        (Fault(Wrong.ROW_MISSING, 116),),
    ] == found
    assert (121, 100, 21, ()) == checked(own)


def test_without_a_checkpoint_store_and_ledger_are_compared_and_nothing_is_covered(own):
    with undone(own.archive.connection) as execute:
        state_bit(execute, 5, "first")
        faults = checked(own, notes=[]).faults

    assert (Fault(Wrong.ROW_ALTERED, 5),) == faults
    assert (100, 0, 100, ()) == checked(own, notes=[])


def test_an_empty_store_holds(tmp_path):
    empty = filled(tmp_path, rows=0, notes=(0,))
    verdict = checked(empty)
    empty.close()

    assert (0, 0, 0, ()) == verdict


def test_what_is_recorded_and_followed_meanwhile_does_not_disturb(own):
    class Busy:
        def __init__(self):
            self.last = ROWS

        def rows_after(self, position, limit):
            if self.last < 2 * ROWS:
                self.last += 1
                own.archive.record(row(self.last))
                own.ledger.follow()
            return own.archive.rows_after(position, min(limit, 7))

    verdict = verify(Busy(), own.ledger, own.notes, PUBLIC)

    assert verdict.holds
    assert verdict.rows > ROWS
    assert verdict.rows - ROWS == verdict.not_covered


def test_a_ledger_that_goes_on_while_an_older_view_of_the_store_is_read_does_not_disturb(own):
    class Snapshot:
        def rows_after(self, position, limit):
            found = [one for one in own.archive.rows_after(position, limit) if one.position <= ROWS]
            own.archive.record(row(own.ledger.size() + 1))
            own.ledger.follow()
            return found

    assert (100, 100, 0, ()) == verify(Snapshot(), own.ledger, own.notes, PUBLIC)


# ---------------------------------------------------------------- tampering with the ledger


def leaf(sql):
    return lambda execute, at: execute(sql, (at,))


def swap_leaves(execute, at):
    for old, new in ((at, -1), (at + 1, at), (-1, at + 1)):
        execute("UPDATE ledger SET leaf=? WHERE leaf=?", (new, old))


LEDGER = [
    ("a hash", leaf("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=?"), range(ROWS), lambda at: at + 1),
    (
        "a hash of another kind",
        leaf("UPDATE ledger SET hash='x' WHERE leaf=?"),
        range(ROWS),
        lambda at: at + 1,
    ),
    ("a position", leaf("UPDATE ledger SET position=900+leaf WHERE leaf=?"), range(ROWS), lambda at: at + 1),
    (
        "a position that is none",
        leaf("UPDATE ledger SET position='x' WHERE leaf=?"),
        range(ROWS),
        lambda at: at,
    ),
    ("a leaf gone", leaf("DELETE FROM ledger WHERE leaf=?"), range(ROWS), lambda at: at + 1),
    ("cut short", leaf("DELETE FROM ledger WHERE leaf>=?"), range(ROWS), lambda at: at + 1),
    ("two leaves exchanged", swap_leaves, range(ROWS - 1), lambda at: at + 1),
    (
        "numbers with a gap",
        leaf("UPDATE ledger SET leaf=leaf+500 WHERE leaf>=?"),
        range(ROWS),
        lambda at: at + 1,
    ),
]


@pytest.mark.parametrize(("name", "tamper", "places", "bad"), LEDGER)
def test_a_ledger_altered_is_told_from_a_store_altered(kept, name, tamper, places, bad):
    found = {}
    for at in places:
        with undone(kept.tables._connection) as execute:
            tamper(execute, at)
            found[at] = checked(kept).faults

    assert {at: (Fault(Wrong.LEDGER_ALTERED, bad(at)),) for at in places} == found


def test_an_inner_node_altered_or_gone_is_found_where_it_was_completed(kept):
    nodes = kept.tables._connection.execute('SELECT level, "index" FROM nodes').fetchall()
    found, expected = set(), set()
    for level, index in nodes:
        for change in ("UPDATE nodes SET hash=zeroblob(32)", "DELETE FROM nodes"):
            with undone(kept.tables._connection) as execute:
                execute(f'{change} WHERE level=? AND "index"=?', (level, index))
                found.add((level, index, change, checked(kept).faults))
            fault = Fault(Wrong.LEDGER_ALTERED, (index + 1) << level)
            expected.add((level, index, change, (fault,)))

    assert 97 == len(nodes)
    assert expected == found


def test_a_ledger_altered_beyond_the_last_checkpoint_does_not_fit_itself(own):
    own.archive.record(*(row(position) for position in range(101, 121)))
    own.ledger.follow()
    with undone(own.tables._connection) as execute:
        for statement in DROP:
            execute(statement)
        execute("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=105")
        faults = checked(own).faults

    assert (Fault(Wrong.LEDGER_ALTERED, 106),) == faults


@pytest.mark.parametrize(
    ("p", "first", "through"), [(1, 1, 80), (40, 1, 80), (80, 1, 80), (81, 81, 100), (100, 81, 100)]
)
def test_a_store_and_a_ledger_rewritten_together_differ_from_the_checkpoint(
    kept, tmp_path, p, first, through
):
    """No one can say where; what the agreeing checkpoint vouches for is told from what it does not."""
    with undone(kept.archive.connection) as execute:
        state_bit(execute, p, "middle")
        tables = SqliteLedger(tmp_path / "rewritten.sqlite")
        tables.migrate()
        ledger = Ledger(tables, kept.archive)
        follow_to_the_end(ledger)
        faults = checked(kept, ledger=ledger).faults
        tables.close()

    assert (Fault(Wrong.ROOT_DIFFERS, first, through),) == faults


@pytest.mark.parametrize("k", [0, 1, 79, 80, 81, 99])
def test_a_store_and_a_ledger_cut_short_together_end_before_the_checkpoint(kept, k):
    with undone(kept.archive.connection) as store, undone(kept.tables._connection) as ledger:
        truncate(store, k)
        ledger("DELETE FROM ledger WHERE leaf>=?", (k,))
        faults = checked(kept).faults

    assert (Fault(Wrong.STORE_SHORTER, k + 1),) == faults


def test_a_store_altered_and_a_ledger_altered_are_both_told_and_the_first_comes_first(kept):
    with undone(kept.archive.connection) as store, undone(kept.tables._connection) as ledger:
        state_bit(store, 90, "first")
        ledger("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=4")
        verdict = checked(kept)

    assert (Fault(Wrong.LEDGER_ALTERED, 5), Fault(Wrong.ROW_ALTERED, 90)) == verdict.faults
    assert 5 == verdict.first_bad
    assert 80 == verdict.covered


@pytest.mark.parametrize("leaf", [4, 98])
def test_a_ledger_altered_early_does_not_hide_a_row_altered_after_the_last_checkpoint(own, leaf):
    own.archive.record(*(row(position) for position in range(101, 121)))
    own.ledger.follow()
    for statement in DROP:
        own.tables._connection.execute(statement)
    own.tables._connection.execute("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=?", (leaf,))
    state_bit(own.archive.connection.execute, 110, "last")

    assert (Fault(Wrong.LEDGER_ALTERED, leaf + 1), Fault(Wrong.ROW_ALTERED, 110)) == checked(own).faults


def test_an_inner_node_altered_before_an_altered_row_is_told_too(kept):
    with undone(kept.archive.connection) as store, undone(kept.tables._connection) as ledger:
        state_bit(store, 70, "first")
        ledger('UPDATE nodes SET hash=zeroblob(32) WHERE level=1 AND "index"=19')
        faults = checked(kept).faults

    assert (Fault(Wrong.LEDGER_ALTERED, 40), Fault(Wrong.ROW_ALTERED, 70)) == faults


@pytest.mark.parametrize(
    ("ledger_change", "bad"),
    [
        ("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=60", 51),  # it went along up to the end
        ("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=4", 1),  # it did not: no witness of where
        ("DELETE FROM ledger WHERE leaf>=50", 51),
        ("DELETE FROM ledger WHERE leaf>=40", 1),
    ],
)
def test_a_store_cut_short_is_said_whatever_the_ledger_has_become(kept, ledger_change, bad):
    with undone(kept.archive.connection) as store, undone(kept.tables._connection) as ledger:
        truncate(store, 50)
        ledger(ledger_change)
        faults = checked(kept).faults

    assert (Fault(Wrong.STORE_SHORTER, bad),) == faults


def test_a_ledger_altered_cannot_take_the_blame_for_a_row_altered_in_the_same_stretch(kept):
    """Where neither agrees with the checkpoint, the ledger is no witness of where."""
    with undone(kept.archive.connection) as store, undone(kept.tables._connection) as ledger:
        state_bit(store, 70, "first")
        ledger("UPDATE ledger SET hash=zeroblob(32) WHERE leaf=4")
        faults = checked(kept).faults

    assert (Fault(Wrong.ROOT_DIFFERS, 1, 80),) == faults


# ---------------------------------------------------------------- checkpoints


def test_a_checkpoint_that_is_not_signed_by_the_hub_vouches_for_nothing(kept):
    thief = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
    forged = sign(ORIGIN, 100, kept.ledger.root(100), thief, ORIGIN)
    altered = kept.notes[1].replace("\n100\n", "\n101\n")
    verdict = checked(kept, notes=[kept.notes[0], forged, altered])

    assert (
        Fault(Wrong.SIGNATURE_INVALID, checkpoint=1),
        Fault(Wrong.SIGNATURE_INVALID, checkpoint=2),
    ) == verdict.faults
    assert (80, 20, None) == (verdict.covered, verdict.not_covered, verdict.first_bad)


def test_a_key_is_asked_for_under_the_name_the_auditor_knows(kept):
    verdict = verify(kept.archive, kept.ledger, kept.notes, PUBLIC, name="another.example")

    assert [Wrong.SIGNATURE_INVALID] * 2 == [fault.what for fault in verdict.faults]


def test_a_signed_checkpoint_of_another_history_differs(kept):
    other = sign(ORIGIN, 90, bytes(32), KEY, ORIGIN)
    verdict = checked(kept, notes=[*kept.notes, other])

    assert (Fault(Wrong.ROOT_DIFFERS, 81, 90),) == verdict.faults
    assert 80 == verdict.covered


def test_two_checkpoints_of_one_size_cannot_both_be_right(kept):
    other = sign(ORIGIN, 80, bytes(32), KEY, ORIGIN)

    assert not checked(kept, notes=[*kept.notes, other]).holds
    assert not checked(kept, notes=[other, *kept.notes]).holds


def test_a_checkpoint_of_a_longer_store_says_that_this_one_was_cut(kept):
    longer = sign(ORIGIN, 130, bytes(32), KEY, ORIGIN)

    assert (100, 100, 0, (Fault(Wrong.STORE_SHORTER, 101),)) == checked(kept, notes=[*kept.notes, longer])


def test_a_checkpoint_vouches_for_its_size_not_for_its_root_alone(own):
    """A root of 100 rows signed as one of 101, and a ledger that claims so many."""
    own.tables.append(own.tables.tip(), [Leaf(100, 101, bytes(32))], [])
    false = sign(ORIGIN, 101, own.ledger.root(100), KEY, ORIGIN)

    assert (Fault(Wrong.STORE_SHORTER, 101),) == checked(own, notes=[*own.notes, false]).faults


def test_the_order_in_which_checkpoints_are_given_does_not_matter(kept):
    assert checked(kept) == checked(kept, notes=[*reversed(kept.notes), kept.notes[0]])


# ---------------------------------------------------------------- long stores


def test_faults_are_found_on_both_sides_of_every_batch(tmp_path):
    kept = filled(tmp_path, rows=2500, notes=(1000, 2500))
    found = {}
    for p in (1, 999, 1000, 1001, 1999, 2000, 2001, 2499, 2500):
        with undone(kept.archive.connection) as execute:
            state_bit(execute, p, "last")
            found[p] = checked(kept).faults
    progress = []
    verdict = verify(
        kept.archive, kept.ledger, kept.notes, PUBLIC, progress=lambda *step: progress.append(step)
    )
    kept.close()

    assert {p: (Fault(Wrong.ROW_ALTERED, p),) for p in found} == found
    assert (2500, 2500, 0, ()) == verdict
    assert [(1000, 2500), (2000, 2500), (2500, 2500)] == progress


@pytest.fixture
def few(tmp_path):
    """Seven rows under one checkpoint, read three at a time."""
    kept = filled(tmp_path, rows=7, notes=(7,))
    for statement in DROP:
        kept.tables._connection.execute(statement)
    yield kept
    kept.close()


def test_of_a_store_read_in_batches_no_row_and_no_leaf_is_passed_over_and_each_batch_is_told(
    few, monkeypatch
):
    monkeypatch.setattr("hub.audit.verify.BATCH", 3)
    told = []
    verdict = verify(few.archive, few.ledger, few.notes, PUBLIC, progress=lambda *step: told.append(step))

    assert (7, 7, 0, ()) == verdict
    assert [(3, 7), (6, 7), (7, 7)] == told


@pytest.mark.parametrize(("column", "at", "bad"), [("hash", 3, 4), ("position", 3, 3), ("position", 0, 0)])
def test_a_column_of_the_ledger_that_holds_a_word_is_a_ledger_altered_and_no_crash(few, column, at, bad):
    few.tables._connection.execute(f"UPDATE ledger SET {column}='x' WHERE leaf=?", (at,))

    assert (Fault(Wrong.LEDGER_ALTERED, bad),) == checked(few).faults


def test_memory_does_not_grow_with_the_store(tmp_path):
    peaks = []
    for rows in (3000, 12000):
        folder = tmp_path / str(rows)
        folder.mkdir()
        kept = filled(folder, rows=rows, notes=(rows,))
        tracemalloc.start()
        held = checked(kept).holds
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        kept.close()
        assert held

    assert peaks[1] < 1.2 * peaks[0]


def test_a_store_whose_rows_cannot_be_read_is_no_verdict(own):
    """An unreadable file is an error of its own, never a clean bill."""
    own.archive.connection.execute("DROP TABLE events")

    with pytest.raises(sqlite3.OperationalError):
        checked(own)
