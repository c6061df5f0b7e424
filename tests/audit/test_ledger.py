"""The ledger follows the store, proves what it holds, and is never changed."""

import base64
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from hub.audit import merkle
from hub.audit.checkpoint import Checkpoint, CheckpointInvalid, parse_and_verify, sign
from hub.audit.ledger import START, Leaf, Ledger, MalformedRow, NotInLedger, Tip, leaf_of
from hub.audit.ledger_sqlite import SqliteLedger
from hub.errors import Conflict, Refused, Unavailable
from hub.store.effects import StoredRow
from tests.audit.archives import KEY, ORIGIN, follow_to_the_end, note_at, opened, row

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path, any_store):
    """A store and its ledger, on either engine."""
    kept = opened(tmp_path, any_store)
    yield kept
    kept.close()


@pytest.fixture
def file_kept(tmp_path):
    """The same in files, for tests that look into them."""
    kept = opened(tmp_path)
    yield kept
    kept.close()


def naive_root(rows):
    tree = merkle.Frontier()
    for one in rows:
        tree.append(leaf_of(one))
    return tree.root()


# ---------------------------------------------------------------- following


def test_following_takes_in_every_row_in_order_and_then_has_nothing_to_do(kept):
    rows = [row(position) for position in range(1, 26)]
    kept.archive.record(*rows)
    taken = [kept.ledger.follow(10) for _ in range(4)]

    assert [10, 10, 5, 0] == taken
    assert naive_root(rows) == kept.ledger.root(25)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 64, 1000])
def test_the_size_of_the_batches_leaves_no_trace(kept, limit):
    rows = [row(position) for position in range(1, 68)]
    kept.archive.record(*rows)
    while kept.ledger.follow(limit):
        pass

    assert [naive_root(rows[:size]) for size in range(68)] == [kept.ledger.root(s) for s in range(68)]


def test_positions_may_have_gaps_the_leaves_have_none(kept):
    kept.archive.record(*(row(position) for position in (3, 4, 9, 1000)))
    kept.ledger.follow()

    assert [(0, 3), (1, 4), (2, 9), (3, 1000)] == [(r.leaf, r.position) for r in kept.tables.leaves(0, 9)]
    assert 3 == kept.ledger.inclusion(1000).at


def test_how_far_the_ledger_is_behind_is_counted_in_positions(kept):
    assert [0, 0, 7] == [kept.ledger.behind(last) for last in (-1, 0, 7)]

    kept.archive.record(*(row(position) for position in (1, 2, 9)))
    kept.ledger.follow()

    assert [0, 0, 1, 5] == [kept.ledger.behind(last) for last in (3, 9, 10, 14)]


def test_a_ledger_opened_again_goes_on_where_it_was(tmp_path, any_store):
    first = opened(tmp_path, any_store)
    rows = [row(position) for position in range(1, 12)]
    first.archive.record(*rows[:6])
    first.ledger.follow()
    first.close()
    second = opened(tmp_path, any_store)
    second.archive.record(*rows[6:])
    taken, root = second.ledger.follow(), second.ledger.root(11)
    second.close()

    assert 5 == taken
    assert naive_root(rows) == root


def test_the_slower_of_two_followers_is_told_and_nothing_is_taken_in_twice(kept, tmp_path, any_store):
    """The other follows between this one's reading and its writing."""
    kept.archive.record(*(row(position) for position in range(1, 8)))
    other = opened(tmp_path, any_store)

    class Overtaken:
        def rows_after(self, position, limit):
            rows = kept.archive.rows_after(position, limit)
            other.ledger.follow(3)
            return rows

    with pytest.raises(Conflict):
        Ledger(kept.tables, Overtaken()).follow()
    size = kept.ledger.size()
    follow_to_the_end(kept.ledger)
    other.close()

    assert 3 == size
    assert naive_root(row(position) for position in range(1, 8)) == kept.ledger.root(7)


def test_a_batch_that_fails_half_way_leaves_nothing(kept):
    kept.archive.record(*(row(position) for position in range(1, 5)))
    kept.ledger.follow()
    before = kept.tables.tip()
    leaves = [merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")]
    with pytest.raises(Conflict):
        kept.tables.append(before, [(4, 5, leaves[0]), (5, 4, leaves[1])], [])

    assert before == kept.tables.tip()
    assert 4 == len(kept.tables.leaves(0, 100))


def test_what_does_not_join_on_to_the_tip_is_refused(kept):
    with pytest.raises(Conflict):
        kept.tables.append(Tip(7, 7), [Leaf(7, 8, bytes(32))], [])
    assert (0, START) == kept.tables.tip()


def test_a_row_the_store_cannot_have_written_stops_the_follower_and_is_named(kept):
    kept.archive.record(row(1), row(2))
    kept.archive.connection.execute("UPDATE events SET state='text' WHERE position=2")

    with pytest.raises(MalformedRow, match="position 2") as refusal:
        kept.ledger.follow()
    assert "text" not in str(refusal.value)
    assert 0 == kept.ledger.size()


# ---------------------------------------------------------------- the leaf

PARTS = st.tuples(
    st.integers(-(2**63), 2**63 - 1),
    st.binary(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=5),
    st.binary(max_size=6),
)


def test_a_leaf_is_the_hash_of_its_five_parts_each_after_its_length():
    one = StoredRow(258, b"s" * 16, 3, "hub.child", b"\x01\x02")
    written = (
        b"\x00"
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x01\x02"
        b"\x00\x00\x00\x10ssssssssssssssss"
        b"\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x03"
        b"\x00\x00\x00\x09hub.child"
        b"\x00\x00\x00\x02\x01\x02"
    )

    assert sha256(written).digest() == leaf_of(one)


@given(one=PARTS, other=PARTS)
def test_two_rows_have_one_leaf_only_if_they_are_one(one, other):
    assert (one == other) == (leaf_of(StoredRow(*one)) == leaf_of(StoredRow(*other)))


@given(stream=st.binary(max_size=12), topic=st.text("ab", max_size=12), cut=st.integers(0, 12))
def test_bytes_cannot_be_moved_from_one_part_to_the_next(stream, topic, cut):
    moved = StoredRow(1, stream, 1, topic[:cut], topic[cut:].encode())

    assert (moved == StoredRow(1, stream, 1, topic, b"")) == (
        leaf_of(moved) == leaf_of(StoredRow(1, stream, 1, topic, b""))
    )


def test_two_damaged_topics_are_two_leaves():
    leaves = {leaf_of(row(1)._replace(topic=topic)) for topic in ("\udcff", "\udcfe", "?", "\ufffd")}

    assert 4 == len(leaves)


@pytest.mark.parametrize(
    "damaged",
    [
        {"state": None},
        {"state": "text"},
        {"stream": None},
        {"stream": "sixteen letters."},
        {"version": "1"},
        {"version": 1.5},
        {"topic": b"hub.child"},
        {"topic": None},
    ],
)
def test_a_value_of_another_kind_is_refused(damaged):
    with pytest.raises(MalformedRow):
        leaf_of(row(1)._replace(**damaged))


# ---------------------------------------------------------------- proofs


def test_every_row_is_proved_to_be_in_every_later_ledger(kept):
    rows = [row(position) for position in range(5, 42)]
    kept.archive.record(*rows)
    kept.ledger.follow()
    proofs = [
        (kept.ledger.inclusion(one.position, size), leaf_of(one), kept.ledger.root(size))
        for leaf, one in enumerate(rows)
        for size in range(leaf + 1, len(rows) + 1)
    ]

    assert 37 * 38 // 2 == len(proofs)
    assert all(merkle.verify_inclusion(*proof) for proof in proofs)


def test_who_proves_many_rows_reads_each_node_once(kept, monkeypatch):
    rows = [row(position) for position in range(5, 42)]
    kept.archive.record(*rows)
    kept.ledger.follow()
    alone = [kept.ledger.inclusion(one.position, 30) for one in rows[:30]]
    read, node = [], kept.tables.node
    monkeypatch.setattr(kept.tables, "node", lambda *at: read.append(at) or node(*at))
    proving = kept.ledger.proving(30)

    assert alone == [proving.inclusion(one.position) for one in rows[:30]]
    assert sorted(set(read)) == sorted(read)
    with pytest.raises(NotInLedger):
        proving.inclusion(rows[30].position)


def test_every_earlier_ledger_is_proved_to_be_the_start_of_every_later(kept):
    kept.archive.record(*(row(position) for position in range(1, 38)))
    kept.ledger.follow()
    root = kept.ledger.root
    proofs = [
        (kept.ledger.consistency(old, new), root(old), root(new))
        for new in range(38)
        for old in range(new + 1)
    ]

    assert 38 * 39 // 2 == len(proofs)
    assert all(merkle.verify_consistency(*proof) for proof in proofs)


def test_what_the_ledger_does_not_hold_is_said_so(kept):
    kept.archive.record(*(row(position) for position in range(1, 6)))
    kept.ledger.follow()

    for ask in (
        lambda: kept.ledger.root(6),
        lambda: kept.ledger.root(-1),
        lambda: kept.ledger.inclusion(99),
        lambda: kept.ledger.inclusion(5, 4),
        lambda: kept.ledger.inclusion(1, 6),
        lambda: kept.ledger.consistency(1, 6),
        lambda: kept.ledger.consistency(6, 6),
        lambda: kept.tables.node(1, 2),
    ):
        with pytest.raises(NotInLedger):
            ask()
    with pytest.raises(Refused):
        kept.ledger.consistency(3, 2)


# ---------------------------------------------------------------- the file


def test_making_the_tables_again_changes_nothing_and_opening_makes_none(tmp_path):
    tables = SqliteLedger(tmp_path / "ledger.sqlite")
    with pytest.raises(Unavailable):
        tables.tip()
    tables.migrate()
    tables.append(tables.tip(), [(0, 1, bytes(32))], [])
    tables.migrate()
    tip = tables.tip()
    tables.close()

    assert (1, 1) == tip


@pytest.mark.parametrize("table", ["ledger", "nodes", "checkpoints"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {}", "DELETE FROM {}"])
def test_a_row_of_the_ledger_cannot_be_changed_or_deleted(file_kept, tmp_path, table, change):
    file_kept.archive.record(row(1), row(2))
    file_kept.ledger.follow()
    note = note_at(file_kept.ledger, 2)
    file_kept.ledger.keep(Checkpoint(ORIGIN, 2, file_kept.ledger.root(2)), note, NOON)
    column = {"ledger": "hash=x'00'", "nodes": "hash=x'00'", "checkpoints": "note=''"}[table]
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    before = connection.execute(f"SELECT * FROM {table}").fetchall()

    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute(change.format(table, column))
    assert before
    assert before == connection.execute(f"SELECT * FROM {table}").fetchall()
    connection.close()


def test_a_commit_is_on_the_disk_before_it_is_believed(file_kept):
    connection = file_kept.tables._connection

    assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()
    assert (2,) == connection.execute("PRAGMA synchronous").fetchone()


def test_a_writer_waits_half_a_minute_for_another_and_any_thread_may_ask(file_kept):
    (waits,) = file_kept.tables._connection.execute("PRAGMA busy_timeout").fetchone()
    with ThreadPoolExecutor(1) as another:
        tip = another.submit(file_kept.tables.tip).result(timeout=60)

    assert (30_000, (0, START)) == (waits, tip)


def test_a_ledger_that_was_let_go_of_says_nothing(tmp_path):
    tables = SqliteLedger(tmp_path / "ledger.sqlite")
    tables.migrate()
    tables.close()

    with pytest.raises(Unavailable):
        tables.tip()


def test_a_file_that_is_no_ledger_is_named_without_a_traceback(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all, but long enough to be looked at" * 20)

    with pytest.raises(Unavailable):
        SqliteLedger(tmp_path / "ledger.sqlite")


# ---------------------------------------------------------------- checkpoints


def test_a_checkpoint_is_kept_once_and_only_if_it_is_this_ledgers(kept):
    kept.archive.record(*(row(position) for position in range(1, 10)))
    kept.ledger.follow()
    for size in (9, 4, 9):
        note = note_at(kept.ledger, size)
        kept.ledger.keep(parse_and_verify(note, KEY.public_key()), note, NOON)
    found = kept.tables.checkpoints()

    with pytest.raises(Conflict):
        kept.ledger.keep(Checkpoint(ORIGIN, 9, bytes(32)), "note", NOON)
    with pytest.raises(NotInLedger):
        kept.ledger.keep(Checkpoint(ORIGIN, 10, bytes(32)), "note", NOON)
    assert [(4, note_at(kept.ledger, 4), NOON), (9, note_at(kept.ledger, 9), NOON)] == [
        (one.size, one.note, one.made_at) for one in found
    ]
    assert kept.ledger.root(4) == found[0].root


def test_a_checkpoint_is_a_signed_note_laid_out_line_by_line():
    note = sign(ORIGIN, 7, bytes(32), KEY, "name")
    body, signature = note.split("\n\n")
    dash, name, value = signature.removesuffix("\n").split(" ")

    assert f"{ORIGIN}\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" == body
    assert ("\u2014", "name") == (dash, name)
    assert 4 + 64 == len(base64.b64decode(value))
    assert Checkpoint(ORIGIN, 7, bytes(32)) == parse_and_verify(note, KEY.public_key(), "name")


def test_a_key_is_known_by_the_hash_of_its_name_and_itself():
    key = KEY.public_key()
    digest = sha256(b"name\n\x01" + key.public_bytes_raw()).digest()
    value = sign(ORIGIN, 7, bytes(32), KEY, "name").removesuffix("\n").rsplit(" ", 1)[1]

    assert digest[:4] == base64.b64decode(value)[:4]


def test_a_checkpoint_signed_by_a_witness_too_is_still_the_hubs():
    note = sign(ORIGIN, 7, bytes(32), KEY, ORIGIN)
    witness = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    line = sign(ORIGIN, 7, bytes(32), witness, "witness").split("\n\n")[1]
    body, own = note.split("\n\n")

    for both in (f"{note}{line}", f"{body}\n\n{line}{own}"):
        assert 7 == parse_and_verify(both, KEY.public_key()).size
        assert 7 == parse_and_verify(both, witness.public_key(), "witness").size
    with pytest.raises(CheckpointInvalid):
        parse_and_verify(f"{body}\n\n{line}", KEY.public_key())


def signed(text):
    """Any text, signed as a note under the hub's key."""
    key_hash = sha256(f"{ORIGIN}\n\x01".encode() + KEY.public_key().public_bytes_raw()).digest()[:4]
    return f"{text}\n\u2014 {ORIGIN} {base64.b64encode(key_hash + KEY.sign(text.encode())).decode()}\n"


def test_lines_after_the_root_are_signed_with_it():
    note = signed(f"{ORIGIN}\n7\n{'A' * 43}=\nmore\n")

    assert 7 == parse_and_verify(note, KEY.public_key()).size
    with pytest.raises(CheckpointInvalid):
        parse_and_verify(note.replace("more", "mort"), KEY.public_key())


@pytest.mark.parametrize("size", ["", "07", "+7", "-7", " 7", "7.0", "0x7", "\u0667", "9" * 30])
def test_a_size_is_written_in_one_way_even_by_the_hub(size):
    with pytest.raises(CheckpointInvalid, match="size or the root"):
        parse_and_verify(signed(f"{ORIGIN}\n{size}\n{'A' * 43}=\n"), KEY.public_key())


@pytest.mark.parametrize("root", ["", "A" * 43, "A" * 42 + "B=", "A" * 44, "AAAA", "A" * 43 + "= "])
def test_a_root_is_32_bytes_in_one_spelling_even_by_the_hub(root):
    with pytest.raises(CheckpointInvalid, match="size or the root"):
        parse_and_verify(signed(f"{ORIGIN}\n7\n{root}\n"), KEY.public_key())


def test_no_character_of_a_checkpoint_can_be_changed_dropped_or_doubled():
    note = sign(ORIGIN, 1203, bytes(range(32)), KEY, ORIGIN)
    others = set()
    for i, letter in enumerate(note):
        others |= {note[:i] + note[i + 1 :], note[:i] + letter + note[i:], note[:i] + "9" + note[i + 1 :]}
        others |= {note[:i] + "\n" + note[i:], note[:i] + chr(ord(letter) ^ 1) + note[i + 1 :]}
    others.discard(note)
    for other in others:
        with pytest.raises(CheckpointInvalid):
            parse_and_verify(other, KEY.public_key())

    assert len(others) > 4 * len(note)


@pytest.mark.parametrize(
    "note", ["", "\n", "\n\n", "a\n\nb", "\u2014", "a\n1\nAA==\n\n\u2014 a AA==\n", "\ud800\n\n"]
)
def test_what_is_no_note_is_refused_in_one_line(note):
    with pytest.raises(CheckpointInvalid):
        parse_and_verify(note, KEY.public_key())


def test_a_note_without_an_origin_is_none_even_by_the_hub():
    text = f"\n7\n{base64.b64encode(bytes(32)).decode()}\n"
    key_hash = sha256(b"\n\x01" + KEY.public_key().public_bytes_raw()).digest()[:4]
    said = base64.b64encode(key_hash + KEY.sign(text.encode())).decode()

    with pytest.raises(CheckpointInvalid, match="an origin"):
        parse_and_verify(f"{text}\n\u2014  {said}\n", KEY.public_key())


def test_another_key_or_another_name_does_not_verify():
    note = sign(ORIGIN, 7, bytes(32), KEY, ORIGIN)
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key()

    with pytest.raises(CheckpointInvalid):
        parse_and_verify(note, other)
    with pytest.raises(CheckpointInvalid):
        parse_and_verify(note, KEY.public_key(), "another")


@pytest.mark.parametrize(
    ("origin", "size", "root", "name"),
    [
        ("", 1, bytes(32), "name"),
        ("two\nlines", 1, bytes(32), "name"),
        (ORIGIN, -1, bytes(32), "name"),
        (ORIGIN, 1, bytes(31), "name"),
        (ORIGIN, 1, bytes(32), ""),
        (ORIGIN, 1, bytes(32), "two words"),
        (ORIGIN, 1, bytes(32), "a+b"),
    ],
)
def test_a_checkpoint_that_could_be_read_otherwise_is_not_signed(origin, size, root, name):
    with pytest.raises(ValueError):
        sign(origin, size, root, KEY, name)
