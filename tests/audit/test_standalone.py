"""The outsider's verifier, beside the hub's own tree, notes and vouchers: what holds, and what does not."""

import base64
import json
import sqlite3
from contextlib import closing
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import ledger, merkle, standalone
from hub.audit.checkpoint import sign, verifier_key
from hub.audit.keeping import proof_text
from hub.audit.standalone import Fails
from hub.store.effects import StoredRow
from schemas.sealing import pack
from schemas.vouching import batch_statement, beside, leaf_of, pack_batch, tree
from tests.audit.archives import KEY, ORIGIN, row

DASH = "\u2014"
PUBLIC = verifier_key(ORIGIN, KEY.public_key())
THIEF = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
POLICE, HEALTH = (Ed25519PrivateKey.from_private_bytes(each * 32) for each in (b"p", b"h"))
LEAVES = [sha256(bytes([n])).digest() for n in range(20)]
NOTE = sign(ORIGIN, 7, bytes(range(32)), KEY, ORIGIN)


def node(level, place):
    """The hash over a complete subtree, worked out anew."""
    if level == 0:
        return LEAVES[place]
    return merkle.node_hash(node(level - 1, 2 * place), node(level - 1, 2 * place + 1))


ROOTS = [merkle.root(node, size) for size in range(len(LEAVES) + 1)]


def fails(act) -> str:
    with pytest.raises(Fails) as caught:
        act()
    return str(caught.value)


# ------------------------------------------------------------ keys and notes


def test_the_key_the_hub_hands_out_is_read_and_nothing_else_is_taken_for_one():
    name, hash_, key = standalone.read_key(PUBLIC)
    other = verifier_key("another", KEY.public_key())
    said = base64.b64encode(standalone.WITNESS + KEY.public_key().public_bytes_raw()).decode()
    raw = KEY.public_key().public_bytes_raw()
    as_witness = f"{ORIGIN}+{standalone.key_hash(ORIGIN, standalone.WITNESS, raw).hex()}+{said}"
    of_witness = f"{ORIGIN}+{standalone.key_hash(ORIGIN, standalone.LOG, raw).hex()}+{said}"

    assert (ORIGIN, PUBLIC.split("+")[1]) == (name, hash_.hex())
    assert KEY.public_key() == key
    for no_key in ("", "a+b", "a+00+!!"):
        assert "not a verifier key" == fails(lambda said=no_key: standalone.read_key(said))
    for unfit in (
        PUBLIC.replace(ORIGIN, "x"),
        as_witness,
        of_witness,
        other.replace("another", "b"),
    ):
        assert "does not fit its own hash" in fails(lambda said=unfit: standalone.read_key(said))


def test_a_checkpoint_of_the_log_is_read_whoever_else_signed_it():
    text, mine = NOTE.split("\n\n")
    others = f"{DASH} {ORIGIN} AAAA\n{DASH} x {mine.split(' ')[2]}{DASH} {ORIGIN}\n"
    others += f"* {ORIGIN} AAAA\n{DASH} a b c d\n"
    read = (ORIGIN, 7, bytes(range(32)), text + "\n")

    assert read == standalone.read_note(NOTE, PUBLIC)
    assert read == standalone.read_note(f"{text}\n\n{others}{mine}", PUBLIC)
    assert read == standalone.read_note(f"{text}\n\n{mine}{others}", PUBLIC)


def test_a_checkpoint_with_a_line_more_is_read_as_it_was_signed():
    text = f"{ORIGIN}\n7\n{base64.b64encode(bytes(32)).decode()}\nand more\n"
    raw = KEY.public_key().public_bytes_raw()
    signature = standalone.key_hash(ORIGIN, standalone.LOG, raw) + KEY.sign(text.encode())
    note = f"{text}\n{DASH} {ORIGIN} {base64.b64encode(signature).decode()}\n"

    assert (ORIGIN, 7, bytes(32), text) == standalone.read_note(note, PUBLIC)


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.replace(ORIGIN, "another", 1),
        NOTE.replace(f"{DASH} {ORIGIN}", f"{DASH} another"),
        NOTE.replace(DASH, "-"),
        NOTE.split("\n\n")[0] + "\n\n",
        sign(ORIGIN, 7, bytes(range(32)), THIEF, ORIGIN),
        sign(ORIGIN, 7, bytes(range(32)), KEY, "another"),
    ],
    ids=["size", "origin", "name", "dash", "no signature", "another's key", "another's name"],
)
def test_a_checkpoint_that_was_altered_or_is_not_this_keys_does_not_hold(note):
    assert "not signed by this key, or was altered" in fails(lambda: standalone.read_note(note, PUBLIC))


def test_a_signature_under_another_hash_of_the_same_key_does_not_count():
    head, signature = NOTE.removesuffix("\n").rsplit(" ", 1)
    raw = base64.b64decode(signature)
    other = base64.b64encode(bytes([raw[0] ^ 1]) + raw[1:]).decode()

    assert "not signed by this key" in fails(lambda: standalone.read_note(f"{head} {other}\n", PUBLIC))


@pytest.mark.parametrize("note", ["", "a\n7\nAA==\n", "a\n7\n\nsigned\n", "\n\n"])
def test_what_has_no_origin_size_root_and_signature_is_no_checkpoint(note):
    assert "not a checkpoint" == fails(lambda: standalone.read_note(note, PUBLIC))


def test_what_a_witness_cosigned_holds_for_that_witness_and_that_text_alone():
    text = standalone.read_note(NOTE, PUBLIC)[3]
    note = standalone.cosigned(NOTE, text, "police.example", WITNESS, 1_700_000_000)
    public, other = (key.public_key().public_bytes_raw() for key in (WITNESS, THIEF))
    line = note.removeprefix(NOTE)
    raw = base64.b64decode(line.split(" ")[2])
    later = base64.b64encode(raw[:4] + (1_700_000_001).to_bytes(8, "big") + raw[12:]).decode()
    unnamed = base64.b64encode(bytes(4) + raw[4:]).decode()
    signed = b"cosignature/v1\ntime 1700000000\n" + text.encode()

    def holds(note, text=text, name="police.example", public=public):
        return standalone.cosignature_holds(note, text, name, public)

    assert NOTE == note[: len(NOTE)]
    assert f"{DASH} police.example " == line[:17]
    WITNESS.public_key().verify(raw[12:], signed)
    assert sha256(b"police.example\n\x04" + public).digest()[:4] == raw[:4]  # C2SP: 4 is cosignature/v1
    assert (1_700_000_000).to_bytes(8, "big") == raw[4:12]
    assert holds(note) is True
    assert standalone.read_note(note, PUBLIC)[3] == text
    for no in (
        holds(NOTE),
        holds(note, text=text + "x"),
        holds(note, name="health.example"),
        holds(note, public=other),
        holds(f"{NOTE}{DASH} police.example {later}\n"),
        holds(f"{NOTE}{DASH} police.example {unnamed}\n"),
        holds(f"{NOTE}{line.removesuffix(chr(10))} more\n"),
    ):
        assert no is False


# ------------------------------------------------------------ the tree


def test_a_rows_leaf_is_the_hubs_own():
    odd = [StoredRow(2**40, b"", -1, "\udcff", b""), StoredRow(-(2**63), b"s" * 3, 2**63 - 1, "", b"x" * 999)]
    for one in (*map(row, range(1, 9)), *odd):
        assert ledger.leaf_of(one) == standalone.leaf_of(tuple(one))


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": None},
        {"state": "text"},
        {"topic": None},
        {"topic": b"topic"},
        {"topic": "\ud800"},
        {"stream": None},
        {"version": "six"},
        {"version": 2**63},
        {"position": None},
    ],
)
def test_a_row_of_other_kinds_of_values_is_named_and_no_crash(wrong):
    said = row(40)._replace(**wrong)

    assert f"the row at position {said.position} is not what a hub writes" == fails(
        lambda: standalone.leaf_of(tuple(said))
    )


def test_roots_are_told_smallest_first_and_once_as_far_as_the_leaves_reach_and_no_leaf_is_read_in_vain():
    every = list(enumerate(ROOTS))
    leaves = iter(LEAVES)

    assert every == list(standalone.roots(LEAVES, range(len(ROOTS))))
    assert [every[5], every[12]] == list(standalone.roots(leaves, (12, 5, 5)))
    assert LEAVES[12] == next(leaves)
    assert [every[20]] == list(standalone.roots(LEAVES, (20, 21)))
    assert [every[0]] == list(standalone.roots(iter(()), (0, 1)))
    assert [] == list(standalone.roots(LEAVES, ()))


def spoilt(path):
    """A path with each of its steps altered or left out, or one too many."""
    for at, step in enumerate(path):
        yield (*path[:at], bytes([step[0] ^ 1]) + step[1:], *path[at + 1 :])
        yield (*path[:at], *path[at + 1 :])
    yield (*path, bytes(32))


@pytest.mark.parametrize("size", range(1, 18))
def test_a_leaf_is_shown_to_be_in_a_tree_by_its_own_path_and_by_no_other(size):
    for index in range(size):
        path, root = merkle.inclusion(node, index, size).path, ROOTS[size]

        assert standalone.includes(index, size, path, LEAVES[index], root) is True
        assert standalone.includes(index, size, path, LEAVES[-1], root) is False
        assert standalone.includes(index, size, path, LEAVES[index], bytes(32)) is False
        for other in {index - 1, index + 1, size + index} - {index}:
            assert standalone.includes(other, size, path, LEAVES[index], root) is False
        for wrong in spoilt(path):
            assert standalone.includes(index, size, wrong, LEAVES[index], root) is False


@pytest.mark.parametrize("new", range(18))
def test_a_tree_is_shown_to_begin_with_an_older_one_by_its_own_path_and_by_no_other(new):
    for old in range(new + 1):
        path = merkle.consistency(node, old, new).path

        assert standalone.extends(old, new, path, ROOTS[old], ROOTS[new]) is True
        assert standalone.extends(old, new, path, bytes(32), ROOTS[new]) is False
        assert standalone.extends(old, new, path, ROOTS[old], bytes(32)) is (old == 0 < new)
        for wrong in spoilt(path):
            assert standalone.extends(old, new, wrong, ROOTS[old], ROOTS[new]) is False
    assert standalone.extends(new + 1, new, (), ROOTS[new + 1], ROOTS[new]) is False
    assert standalone.extends(-1, new, (), ROOTS[0], ROOTS[new]) is False


def test_a_root_that_was_signed_for_a_size_it_has_not_proves_nothing():
    """Whoever signs may lie of the size: a path longer than the tree is high leads nowhere."""
    one, two, three = LEAVES[:3]
    above = merkle.node_hash(one, two)

    assert standalone.includes(0, 1, (one,), two, above) is False
    assert standalone.includes(1, 2, (one, three), two, merkle.node_hash(three, above)) is False
    assert standalone.extends(1, 2, (two, three), one, merkle.node_hash(three, above)) is False
    path = merkle.consistency(node, 3, 4).path
    under = [merkle.node_hash(three, ROOTS[size]) for size in (3, 4)]
    assert standalone.extends(3, 4, (*path, three), *under) is False
    assert standalone.extends(4, 3, (), above, above) is False
    assert standalone.extends(-1, 0, (), above, above) is False
    assert standalone.extends(3, 5, (), above, above) is False


def test_a_witness_may_cosign_at_any_moment_there_is():
    text = standalone.read_note(NOTE, PUBLIC)[3]
    public = WITNESS.public_key().public_bytes_raw()
    for at in (0, 2**64 - 1):
        note = standalone.cosigned(NOTE, text, "police.example", WITNESS, at)
        assert standalone.cosignature_holds(note, text, "police.example", public)


# ------------------------------------------------------------ a store, and proofs


def filled(folder, *, lines=False):
    """A store of seven rows, with the checkpoints at four and seven, and the leaves."""
    kept = [row(position) for position in range(1, 8)]
    leaves = [ledger.leaf_of(one) for one in kept]
    grown = merkle.Frontier()
    notes = []
    for size, leaf in enumerate(leaves, 1):
        grown.append(leaf)
        if size in (4, 7):
            notes.append(sign(ORIGIN, size, grown.root(), KEY, ORIGIN))
    store = folder / ("rows.jsonl" if lines else "hub.sqlite")
    if lines:
        said = [(r.position, r.stream.hex(), r.version, r.topic, r.state.hex()) for r in kept]
        store.write_text("".join(json.dumps(each) + "\n" for each in said))
    else:
        with closing(sqlite3.connect(store)) as connection, connection:
            connection.execute(
                "CREATE TABLE events (position INTEGER PRIMARY KEY, originator_id BLOB,"
                " originator_version INTEGER, topic TEXT, state BLOB)"
            )
            connection.executemany("INSERT INTO events VALUES (?,?,?,?,?)", reversed(kept))
    return store, notes, leaves


def changed(store, statement):
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize("lines", [False, True])
def test_a_store_nobody_touched_agrees_with_checkpoints_in_any_order(tmp_path, lines):
    store, notes, _ = filled(tmp_path, lines=lines)

    assert "7 rows are as they were signed" == standalone.check_store(store, notes[::-1], PUBLIC)
    assert "4 rows are as they were signed" == standalone.check_store(store, notes[:1], PUBLIC)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE events SET state=x'00' WHERE position=2", "something was changed between row 1 and row 4"),
        ("UPDATE events SET state=x'00' WHERE position=6", "something was changed between row 5 and row 7"),
        ("UPDATE events SET topic=CAST(x'ff' AS TEXT) WHERE position=6", "between row 5 and row 7"),
        ("DELETE FROM events WHERE position=7", "the store ends before row 7, which a checkpoint covers"),
        ("DELETE FROM events WHERE position>2", "the store ends before row 4, which a checkpoint covers"),
        ("UPDATE events SET position=9 WHERE position=5", "between row 5 and row 7"),
    ],
)
def test_between_which_rows_a_store_was_changed_is_said(tmp_path, statement, says):
    store, notes, _ = filled(tmp_path)
    changed(store, statement)

    assert says in fails(lambda: standalone.check_store(store, notes, PUBLIC))


def test_a_store_is_read_and_never_written(tmp_path):
    store, notes, _ = filled(tmp_path)
    store.chmod(0o400)
    before = store.read_bytes()
    standalone.check_store(store, notes, PUBLIC)

    assert before == store.read_bytes()
    assert ["hub.sqlite"] == [file.name for file in tmp_path.iterdir()]
    with pytest.raises(sqlite3.OperationalError):
        standalone.check_store(tmp_path / "none.sqlite", notes, PUBLIC)
    assert ["hub.sqlite"] == [file.name for file in tmp_path.iterdir()]


def consistency(old, new, signed=KEY, origin=ORIGIN):
    """Two checkpoints of the tree of LEAVES, and the proof between them."""
    notes = [sign(origin, size, ROOTS[size], signed, ORIGIN) for size in (old, new)]
    path = [step.hex() for step in merkle.consistency(node, old, new).path]
    return *notes, json.dumps({"path": path})


def test_two_checkpoints_of_one_log_are_told_from_those_of_two():
    old, new, proof = consistency(5, 12)
    before, after = standalone.check_consistency(old, new, proof, PUBLIC)
    elsewhere = sign("another", 5, ROOTS[5], KEY, ORIGIN)

    assert (5, 12) == (before[1], after[1])
    for wrong in ((new, old, proof), (old, new, consistency(6, 12)[2]), (elsewhere, new, proof)):
        assert "does not begin with what the older vouched for" in fails(
            lambda said=wrong: standalone.check_consistency(*said, PUBLIC)
        )


def test_a_proof_of_inclusion_is_read_as_the_hub_writes_it():
    note = sign(ORIGIN, 12, ROOTS[12], KEY, ORIGIN)
    proof = proof_text(merkle.inclusion(node, 5, 12), note)

    assert "leaf 5 is one of the 12 that were signed" == standalone.check_inclusion(proof, LEAVES[5], PUBLIC)
    assert "does not lead from this leaf" in fails(
        lambda: standalone.check_inclusion(proof, LEAVES[6], PUBLIC)
    )
    for no_proof in (proof.replace("@v1", "@v2"), proof.replace("index 5", "place 5")):
        assert "not a proof of inclusion" == fails(
            lambda said=no_proof: standalone.check_inclusion(said, LEAVES[5], PUBLIC)
        )


# ------------------------------------------------------------ what agencies signed


def statements(count=5):
    """The leaves of what the police said, with their digests."""
    digests = [bytes([n]) * 96 for n in range(count)]
    return [leaf_of("police", each) for each in digests], digests


def vouched(position=3, *, some=(0, 2, 3), key=POLICE, size=5, **altered):
    """A row in which the statements of some places stand under the police's signature."""
    leaves, _ = statements(size)
    root, paths = tree(leaves)
    signed = ("police", "k1", "hub", 1_700_000_000, size, root)
    signature = key.sign(batch_statement(*signed))
    parts = {
        "at": (5).to_bytes(8, "big"),
        "batch": pack_batch(*signed, signature),
        "leaves": b"".join(place.to_bytes(4, "big") + leaves[place] for place in some),
        "nodes": beside(size, {place: paths[place] for place in some}),
    }
    return position, b"s" * 16, 1, "vouched", b"\0" + pack((parts | altered).values())


KEYS = {"police": [THIEF.public_key(), POLICE.public_key()], "health": [HEALTH.public_key()]}


def test_keys_are_read_by_agency_the_older_ones_too():
    raw = [key.public_key().public_bytes_raw().hex() for key in (THIEF, POLICE, HEALTH)]
    read = standalone.read_keys([f"police={raw[0]}", f"police={raw[1]}", f"health={raw[2]}"])

    assert KEYS == read
    for wrong in ("police=", "police=00", "police=zz", "police"):
        assert "not a key: police" == fails(lambda said=wrong: standalone.read_keys([said]))


def test_parts_are_taken_apart_only_where_all_of_them_are_there():
    parts = [b"one", b"", b"three"]

    assert parts == standalone.unpacked(pack(parts), 3)
    for data, count in ((pack(parts), 2), (pack(parts), 4), (pack(parts) + b"\0", 3), (b"", 1)):
        assert "cannot be taken apart" in fails(lambda d=data, n=count: standalone.unpacked(d, n))


@pytest.mark.parametrize("size", range(1, 10))
def test_some_statements_lead_to_their_root_with_the_nodes_beside_them_and_with_no_other(size):
    leaves = LEAVES[:size]
    root, paths = tree(leaves)
    for first in range(size):
        for some in {(first,), (first, size - 1), tuple(range(first, size))}:
            under = {place: leaves[place] for place in some}
            nodes = beside(size, {place: paths[place] for place in some})

            assert root == ROOTS[size] == standalone.leads_to(size, under, nodes)
            assert standalone.leads_to(size, under, nodes + bytes(32)) is None
            assert standalone.leads_to(size, {}, nodes) is None
            for stranger in (-1, size):
                assert standalone.leads_to(size, under | {stranger: bytes(32)}, nodes) is None


def test_what_an_agency_signed_is_read_with_the_statements_that_stand_in_the_row():
    leaves, _ = statements()

    assert ("police", [leaves[0], leaves[2], leaves[3]]) == standalone.read_vouched(vouched(), KEYS)
    assert ("police", leaves[:1]) == standalone.read_vouched(vouched(size=1, some=(0,)), KEYS)


def test_a_row_that_an_agency_did_not_sign_so_is_named_by_its_position():
    _, _, _, _, state = vouched()
    wrong_leaf = vouched(leaves=(0).to_bytes(4, "big") + bytes(32), nodes=b"")
    beyond = vouched(leaves=(5).to_bytes(4, "big") + bytes(32))
    said = [
        (vouched(key=HEALTH), KEYS, "the signature at position 3 is not police's"),
        (
            vouched(),
            {"health": KEYS["health"]},
            "no key of police was given, whose signature is at position 3",
        ),
        (vouched(), {"police": KEYS["health"]}, "the signature at position 3 is not police's"),
        (wrong_leaf, KEYS, "the statements at position 3 are not those that police signed"),
        (beyond, KEYS, "the statements at position 3 are not those that police signed"),
        (vouched(leaves=b""), KEYS, "the statements at position 3 are not those that police signed"),
        ((3, b"s", 1, "child", state), KEYS, "the row at position 3 holds no signatures"),
        ((3, b"s", 1, "vouched", b"\1" + state[1:]), KEYS, "the row at position 3 holds no signatures"),
    ]

    for row_, keys, says in said:
        assert says == fails(lambda r=row_, k=keys: standalone.read_vouched(r, k))


def signed_store(folder, *rows):
    """A store of these rows as lines, and the checkpoint over them."""
    grown = merkle.Frontier()
    for one in rows:
        grown.append(standalone.leaf_of(one))
    lines = [(at, stream.hex(), version, topic, state.hex()) for at, stream, version, topic, state in rows]
    store = folder / "rows.jsonl"
    store.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return store, sign(ORIGIN, len(rows), grown.root(), KEY, ORIGIN)


def test_all_that_agencies_signed_in_a_store_is_counted_by_agency(tmp_path):
    plain = [tuple(row(position)) for position in (1, 2)]
    store, note = signed_store(tmp_path, *plain, vouched(3), vouched(4, some=(1, 4)))

    assert "4 rows are as they were signed; statements that agencies signed: police 5" == (
        standalone.check_signatures(store, [note], PUBLIC, KEYS)
    )
    store, note = signed_store(tmp_path, *plain)
    assert standalone.check_signatures(store, [note], PUBLIC, {}).endswith("agencies signed: none")
    store, note = signed_store(tmp_path, *plain, vouched(3, key=HEALTH))
    assert "is not police's" in fails(lambda: standalone.check_signatures(store, [note], PUBLIC, KEYS))


def evidence(**more):
    """The row at position 3 of three, with its proof; each value in hexadecimal."""
    rows = [*(tuple(row(position)) for position in (1, 2)), vouched()]
    leaves = [standalone.leaf_of(one) for one in rows]
    root = merkle.node_hash(merkle.node_hash(*leaves[:2]), leaves[2])
    proof = proof_text(
        merkle.Proof(2, 3, (merkle.node_hash(*leaves[:2]),)), sign(ORIGIN, 3, root, KEY, ORIGIN)
    )
    position, stream, version, topic, state = rows[2]
    return {"row": (position, stream.hex(), version, topic, state.hex()), "proof": proof} | more


def test_one_statement_is_proved_to_be_its_agencys_and_another_is_not():
    _, digests = statements()
    said = [
        standalone.check_said(json.dumps(evidence(**each)), PUBLIC, KEYS)
        for each in ({}, {"digests": digests[2].hex()})
    ]

    assert ["police signed 3 statements; leaf 2 is one of the 3 that were signed",
            "police said this, in 2 parts; leaf 2 is one of the 3 that were signed"] == said  # fmt: skip
    for no in (digests[1], digests[2][:-1] + b"x", b""):
        assert "this statement is not among those police signed here" == fails(
            lambda d=no: standalone.check_said(json.dumps(evidence(digests=d.hex())), PUBLIC, KEYS)
        )
    moved = evidence()
    moved["row"] = (4, *moved["row"][1:])
    assert "does not lead" in fails(lambda: standalone.check_said(json.dumps(moved), PUBLIC, KEYS))


# ------------------------------------------------------------ as it is typed


def typed(capsys, *words):
    code = standalone.main([*map(str, words), "--key", PUBLIC])
    said = capsys.readouterr()
    return code, said.out, said.err


def laid(folder, **texts):
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def test_each_question_is_answered_in_one_line_and_its_exit_code(tmp_path, capsys):
    store, notes, _ = filled(tmp_path)
    old, new, proof = laid(tmp_path, **dict(zip(("old", "new", "proof"), consistency(5, 12), strict=True)))
    at = [*laid(tmp_path, four=notes[0], seven=notes[1])]
    note = sign(ORIGIN, 12, ROOTS[12], KEY, ORIGIN)
    (leads,) = laid(tmp_path, leads=proof_text(merkle.inclusion(node, 5, 12), note))
    (said,) = laid(tmp_path, said=json.dumps(evidence()))
    lines, over = signed_store(tmp_path, vouched(1))
    (over_,) = laid(tmp_path, over=over)
    police = f"police={POLICE.public_key().public_bytes_raw().hex()}"

    assert (0, "7 rows are as they were signed\n", "") == typed(capsys, "store", store, *at)
    assert (0, "the 12 rows begin with the 5\n", "") == typed(capsys, "consistency", old, new, proof)
    assert (0, "leaf 5 is one of the 12 that were signed\n", "") == typed(
        capsys, "inclusion", leads, LEAVES[5].hex()
    )
    assert (0, "1 rows are as they were signed; statements that agencies signed: police 3\n", "") == typed(
        capsys, "signatures", lines, over_, "--agency", police
    )
    assert (0, "police signed 3 statements; leaf 2 is one of the 3 that were signed\n", "") == typed(
        capsys, "said", said, "--agency", police
    )
    assert (1, "DOES NOT HOLD: no key of police was given, whose signature is at position 3\n", "") == typed(
        capsys, "said", said
    )
    assert (1, "DOES NOT HOLD: no key of police was given, whose signature is at position 1\n", "") == typed(
        capsys, "signatures", lines, over_
    )


def test_a_witness_cosigns_at_the_moment_what_begins_with_what_it_saw(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(standalone.time, "time", lambda: 1_700_000_000.9)
    old, new, proof = laid(tmp_path, **dict(zip(("old", "new", "proof"), consistency(5, 12), strict=True)))
    (secret,) = laid(tmp_path, secret=WITNESS.private_bytes_raw().hex() + "\n")
    own = ("--name", "police.example", "--secret", secret)
    text = standalone.read_note(new.read_text(), PUBLIC)[3]
    wanted = standalone.cosigned(new.read_text(), text, "police.example", WITNESS, 1_700_000_000)

    assert (0, wanted, "") == typed(capsys, "cosign", new, *own)
    assert (0, wanted, "") == typed(capsys, "cosign", new, *own, "--seen", old, "--proof", proof)
    code, said, _ = typed(capsys, "cosign", old, *own, "--seen", new, "--proof", proof)
    assert (1, True) == (code, said.startswith("DOES NOT HOLD: the newer checkpoint"))


def test_what_cannot_be_read_is_said_so_and_is_neither_held_nor_broken(tmp_path, capsys):
    store, notes, _ = filled(tmp_path)
    seven, noise, empty = laid(tmp_path, seven=notes[1], noise="{}", empty="")
    for words in (
        ("store", store, tmp_path / "none"),
        ("store", noise, seven),
        ("consistency", seven, seven, empty),
        ("consistency", seven, seven, noise),
        ("said", noise),
        ("inclusion", seven, "zz"),
    ):
        code, out, err = typed(capsys, *words)

        assert (2, "") == (code, out)
        assert err.startswith("cannot be read: ")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("another",),
        ("store", "hub.sqlite", "--key", "k"),
        ("store", "hub.sqlite", "a.checkpoint"),
        ("cosign", "a.checkpoint", "--key", "k", "--name", "n"),
        ("cosign", "a.checkpoint", "--key", "k", "--secret", "s"),
        ("store", "hub.sqlite", "a.checkpoint", "--key", "k", "--agency", "police=00"),
        ("inclusion", "proof", "00", "--key", "k", "--name", "n"),
    ],
)
def test_wrong_usage_is_said_and_ends_with_two(words, capsys):
    with pytest.raises(SystemExit) as ended:
        standalone.main(words)

    assert 2 == ended.value.code
    assert "usage:" in capsys.readouterr().err
