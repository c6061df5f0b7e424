"""`hub evidence`: what stands now, kept for whoever assesses the hub, and nothing of a child."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from hashlib import sha256

from typer.testing import CliRunner

from hub.__main__ import app
from hub.commands.evidence import COMPONENTS, INDEX, PIECES
from hub.domain.child import By
from hub.domain.strand import Opens
from hub.sharing.look import Reader
from tests.disposal.test_erasing import erase
from tests.events import BEN, missing
from tests.hubs import NOW

REASON = "A child at the door, hurt, and nobody to ask at this hour"


def kept_in(desk, folder, *words):
    done = CliRunner().invoke(app, ["--data", str(desk.settings.data), "evidence", str(folder), *words])
    packs = sorted(folder.iterdir())
    return done, packs[-1]


def index_of(pack):
    """Each file's line of the index: what it shows, who prints it, whether it changed, its digest."""
    lines = (pack / INDEX).read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return {file: rest for file, *rest in rows[1:]}


def test_each_file_is_what_a_command_prints_and_the_index_names_it_with_its_digest(desk, tmp_path):
    drill = tmp_path / "drill.txt"
    drill.write_text("restored on 3 November, verified")
    done, pack = kept_in(desk, tmp_path / "packs", "--beside", str(drill))
    index = index_of(pack)

    assert 0 == done.exit_code, done.output
    assert [*(piece.file for piece in PIECES), COMPONENTS, "beside/drill.txt"] == list(index)
    for file, (*_, digest) in index.items():
        assert f"`{sha256((pack / file).read_bytes()).hexdigest()}`" == digest
    assert "all 208 decided" in (pack / "policy-check.txt").read_text()
    assert "nothing was changed, dropped, reordered or inserted" in (pack / "verified.txt").read_text()
    assert "cryptography" in [one["name"] for one in json.loads((pack / COMPONENTS).read_text())]
    assert "There is no pack before this one." in (pack / INDEX).read_text()
    assert 0o700 == pack.stat().st_mode & 0o777


def test_two_files_of_one_name_are_refused_before_anything_is_kept(desk, tmp_path):
    beside = [tmp_path / folder / "drill.txt" for folder in ("march", "june")]
    for file in beside:
        file.parent.mkdir()
        file.write_text("restored")
    words = [
        "evidence",
        str(tmp_path / "packs"),
        *(word for file in beside for word in ("--beside", str(file))),
    ]
    done = CliRunner().invoke(app, ["--data", str(desk.settings.data), *words])

    assert "two files are called drill.txt" == str(done.exception)
    assert not (tmp_path / "packs").exists()


def test_a_later_pack_says_what_is_the_same_and_what_changed(desk, tmp_path):
    with desk.open(at=NOW):
        first, earlier = kept_in(desk, tmp_path / "packs")
    desk.take_in(missing(), at=NOW + timedelta(days=1))
    with desk.open(at=NOW + timedelta(days=365)):
        done, pack = kept_in(desk, tmp_path / "packs")
    since = {file: row[2] for file, row in index_of(pack).items()}

    assert (0, 0) == (first.exit_code, done.exit_code), done.output
    assert f"Compared with the pack of {earlier.name}." in (pack / INDEX).read_text()
    assert "the same" == since["policy.txt"] == since["retention.json"] == since["people.json"]
    assert "changed" == since["verified.txt"] == since["status.json"]


def test_nothing_in_it_is_of_a_child_also_where_one_was_erased_or_the_glass_was_broken(desk, tmp_path):
    desk.take_in(missing(), missing("m2", who=BEN), at=NOW)
    with desk.open(at=NOW) as hub:
        children = hub.records.children()
        erase(hub, children[0])
        worker = By("sw", "social-worker", "social-care")
        hub.gates.break_glass(Reader(worker, "section-47"), children[1], REASON, Opens.BOTH)
        done, pack = kept_in(desk, tmp_path / "packs")
    said = b"".join(file.read_bytes() for file in pack.iterdir())

    assert 0 == done.exit_code, done.output
    assert {"erased": 1} == json.loads((pack / "erasures.json").read_text())
    counted = {"broken": 1, "reviewed": 0, "waiting": 1, "overdue": 0}
    assert counted == json.loads((pack / "glass.json").read_text())
    told = [str(child) for child in children] + [child.hex for child in children]
    assert [] == [each for each in [*told, REASON, "asked for"] if each.encode() in said]


def test_what_is_out_of_order_is_kept_and_said(desk, tmp_path):
    desk.take_in(missing(), at=NOW)
    with desk.open() as hub:
        hub.ledger.catch_up()
    with closing(sqlite3.connect(desk.settings.archive)) as store:
        for (trigger,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER {trigger}")
        store.execute("DELETE FROM events WHERE position = 3")
        store.commit()
    done, pack = kept_in(desk, tmp_path / "packs")

    assert 1 == done.exit_code
    assert "verified.txt: exit code 1: something was found\n" in done.output
    assert "**exit code 1: something was found**" in index_of(pack)["verified.txt"][0]
