"""What auditors and witnesses run: one file that knows nothing of the hub, on the hub's real files."""

import ast
import base64
import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import standalone
from tests.events import attendance, missing
from tests.journeys.commands import hub as typed

WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NAME = "police.example"


@pytest.fixture
def outside(desk, monkeypatch, capsys, tmp_path):
    """A hub with two checkpoints handed out, and what its auditor was given."""
    here = Outside(desk, monkeypatch, capsys, tmp_path)
    desk.take_in(missing())
    here.first = here.file("first", "ledger", "checkpoint")
    desk.take_in(attendance(), missing("m2", day=3))
    here.second = here.file("second", "ledger", "checkpoint")
    here.key = here.run("ledger", "key").out.strip()
    return here


class Outside:
    def __init__(self, desk, monkeypatch, capsys, folder):
        self.desk, self.patch, self.capsys, self.folder = desk, monkeypatch, capsys, folder

    def run(self, *arguments):
        return typed(self.patch, self.capsys, *arguments, data=self.desk.settings.data)

    def file(self, name, *arguments):
        path = self.folder / name
        said = self.run(*arguments, "--to", str(path))
        assert 0 == said.code, said.err
        self.said = said.out
        return path

    def verifier(self, *arguments):
        self.capsys.readouterr()
        code = standalone.main([*map(str, arguments), "--key", self.key])
        return code, "".join(self.capsys.readouterr())

    def rows(self):
        with closing(sqlite3.connect(self.desk.settings.archive)) as store:
            return store.execute("SELECT max(position) FROM events").fetchone()[0]

    def sizes(self):
        return [int(path.read_text().split("\n")[1]) for path in (self.first, self.second)]


def test_the_verifier_is_one_file_of_python_and_cryptography(outside):
    copy = outside.folder / "verify_ledger.py"
    outside.run("ledger", "verifier", str(copy))
    tree = ast.parse(copy.read_text())
    roots = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import)
            else [node.module] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", str(copy), "store", str(outside.desk.settings.archive), str(outside.second),
         "--key", outside.key],
        capture_output=True, text=True, check=False, cwd=outside.folder,
    )  # fmt: skip

    assert {"cryptography"} == roots - sys.stdlib_module_names
    assert (0, "") == (done.returncode, done.stderr)
    assert "rows are as they were signed" in done.stdout


def test_the_store_agrees_with_both_checkpoints_as_a_file_and_as_lines(outside):
    lines = outside.file("rows.jsonl", "ledger", "rows")
    for store in (outside.desk.settings.archive, lines):
        code, said = outside.verifier("store", store, outside.first, outside.second)

        assert (0, f"{outside.sizes()[1]} rows are as they were signed\n") == (code, said)


def spoil(outside, statement, *values):
    with closing(sqlite3.connect(outside.desk.settings.archive)) as store, store:
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            store.execute(f"DROP TRIGGER {name}")
        store.execute(statement, values)


SPOILED = [
    ("UPDATE events SET state='text' WHERE position=2", "the row at position 2 is not what a hub writes"),
    ("UPDATE events SET state=zeroblob(length(state)) WHERE position=2", "between row 1 and"),
    ("UPDATE events SET topic='other' WHERE position=2", "between row 1 and"),
    ("UPDATE events SET originator_id=randomblob(16) WHERE position=2", "between row 1 and"),
    ("UPDATE events SET originator_version=99 WHERE position=2", "between row 1 and"),
    ("DELETE FROM events WHERE position=2", "between row 1 and"),
    ("DELETE FROM events WHERE position=(SELECT max(position) FROM events)", "the store ends before row"),
    ("UPDATE events SET position=-1 WHERE position=3", "between row 1 and"),
    ("UPDATE events SET state=x'00' WHERE position=(SELECT max(position) FROM events)", "between row"),
]


@pytest.mark.parametrize(("statement", "says"), SPOILED)
def test_what_was_done_to_the_real_file_is_found_from_outside_and_within(outside, statement, says):
    spoil(outside, statement)
    code, said = outside.verifier("store", outside.desk.settings.archive, outside.first, outside.second)
    within = outside.run("ledger", "verify")

    assert 1 == code
    assert says in said
    assert 1 == within.code


def test_a_row_is_proved_to_be_in_and_no_other_leaf_is(outside):
    proof = outside.file("proof", "ledger", "prove", "3")
    leaf = outside.said.split()[1]
    other = leaf[:-1] + ("0" if leaf[-1] != "0" else "1")

    assert (0, f"leaf 2 is one of the {outside.sizes()[1]} that were signed\n") == outside.verifier(
        "inclusion", proof, leaf
    )
    assert 1 == outside.verifier("inclusion", proof, other)[0]


def test_a_witness_cosigns_what_begins_with_what_it_saw_and_nothing_else(outside):
    old, new = outside.sizes()
    proof = outside.file("consistency", "ledger", "consistency", str(old), str(new))
    secret = outside.folder / "secret"
    secret.write_text(WITNESS.private_bytes_raw().hex())
    ask = ("cosign", outside.second, "--name", NAME, "--secret", secret, "--proof", proof, "--seen")
    code, said = outside.verifier(*ask, outside.first)
    cosigned = outside.folder / "cosigned"
    cosigned.write_text(said)
    public = WITNESS.public_key().public_bytes_raw().hex()
    kept = outside.run("ledger", "cosigned", str(cosigned), "--witness", NAME, "--key", public)
    other = outside.run("ledger", "cosigned", str(outside.second), "--witness", NAME, "--key", public)

    assert (0, 0, 1) == (code, kept.code, other.code)
    assert f"cosigned by {NAME}" in kept.out
    assert 0 == outside.run("ledger", "verify").code
    assert 1 == outside.verifier(*ask, outside.second)[0]


def cosign(outside, name, secret, seen=()):
    """A witness cosigns the second checkpoint, and the hub keeps what it gives back."""
    kept = outside.folder / f"secret-{name}"
    kept.write_text(secret.private_bytes_raw().hex())
    _, said = outside.verifier("cosign", outside.second, "--name", name, "--secret", kept, *seen)
    note = outside.folder / f"cosigned-{name}"
    note.write_text(said)
    public = secret.public_key().public_bytes_raw().hex()
    assert 0 == outside.run("ledger", "cosigned", str(note), "--witness", name, "--key", public).code
    return note


def test_what_is_proved_is_proved_under_what_the_witnesses_cosigned(outside):
    others = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    cosign(outside, NAME, WITNESS)
    cosign(outside, "health.example", others)
    outside.desk.take_in(missing("m9", day=9))
    outside.file("third", "ledger", "checkpoint")
    proof = outside.file("proof", "ledger", "prove", "3")
    note = "\n\n".join(proof.read_text().split("\n\n")[1:])
    text = standalone.read_note(note, outside.key)[3]
    leaf = outside.said.split()[1]
    outside.file("later", "ledger", "prove", str(outside.rows()))

    assert 0 == outside.verifier("inclusion", proof, leaf)[0]
    for name, witness in ((NAME, WITNESS), ("health.example", others)):
        assert standalone.cosignature_holds(note, text, name, witness.public_key().public_bytes_raw())
    assert "\u2014 police" not in (outside.folder / "later").read_text()


def test_what_a_witness_cosigned_is_asked_for_though_the_hub_signed_all_anew(outside):
    note, settings = cosign(outside, NAME, WITNESS), outside.desk.settings
    spoil(outside, "DELETE FROM events WHERE position=(SELECT max(position) FROM events)")
    with closing(sqlite3.connect(settings.ledger)) as ledger, ledger:
        names = ledger.execute("SELECT type, name FROM sqlite_master WHERE type<>'index'").fetchall()
        for kind, name in sorted(names, reverse=True):
            ledger.execute(f"DROP TRIGGER {name}" if kind == "trigger" else f"DELETE FROM {name}")
    for file in settings.checkpoints.glob("*.checkpoint"):
        file.unlink()
    outside.file("anew", "ledger", "checkpoint")
    found = outside.run("ledger", "verify")
    for file in settings.checkpoints.glob("*.cosigned"):
        file.unlink()

    kept = [outside.run("ledger", "verify", "--kept", str(file)) for file in (note, outside.second)]

    ends = "the store ends before the checkpoint"
    assert ends in found.out
    assert ends not in outside.run("ledger", "verify").out
    assert all(ends in each.out for each in kept)
    assert 1 == outside.run("ledger", "verify", "--kept", str(outside.folder / "nothing")).code


def test_a_checkpoint_that_was_altered_or_is_anothers_is_refused(outside):
    altered = outside.folder / "altered"
    altered.write_text(outside.second.read_text().replace(f"\n{outside.sizes()[1]}\n", "\n1\n", 1))
    outside_key = outside.key
    assert 1 == outside.verifier("store", outside.desk.settings.archive, altered)[0]
    outside.key = outside_key[:-4] + "AAA="

    assert 1 == outside.verifier("store", outside.desk.settings.archive, outside.second)[0]


def vouched_row(agency, size):
    parts = [agency, b"", b"", b"", size, bytes(32), bytes(64)]
    batch = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    laid = b"".join(len(part).to_bytes(4, "big") + part for part in (b"", batch, bytes(36), b""))
    return json.dumps({"row": [5, "00" * 16, 1, "vouched", (b"\0" + laid).hex()], "proof": ""})


@pytest.mark.parametrize(
    ("question", "file", "code", "says"),
    [
        (("inclusion", "{}", "00"), "c2sp.org/tlog-proof@v1", 2, "IndexError"),
        (("said", "{}"), "[" * 100_000, 2, "RecursionError"),
        (("said", "{}"), '"a word"', 2, "TypeError"),
        (
            ("said", "{}"),
            vouched_row(b"\x1b[2J12 entries hold\x9b8m", bytes([0, 1])),
            2,
            "UnicodeDecodeError",
        ),
        (
            ("said", "{}"),
            vouched_row(b"\x1b[2J12 entries hold", bytes([0, 1])),
            1,
            r"\u001b[2J12 entries hold",
        ),
        (("said", "{}"), vouched_row(b"police", b"\x7f" * 1_000_000), 1, "not what a hub writes"),
    ],
)
def test_a_hostile_file_is_told_of_in_a_line_that_no_terminal_obeys(
    tmp_path, capsys, question, file, code, says
):
    hostile, public = tmp_path / "hostile", WITNESS.public_key().public_bytes_raw()
    hostile.write_text(file)
    hash_ = standalone.key_hash("a", standalone.LOG, public).hex()
    key = f"a+{hash_}+{base64.b64encode(standalone.LOG + public).decode()}"

    assert code == standalone.main([*(part.format(hostile) for part in question), "--key", key])
    told = "".join(capsys.readouterr())
    assert says in told
    assert told.removesuffix("\n").isprintable()
