"""The commands as a newcomer types them: help, JSON, one-line errors; and `hub demo` as its own process."""

import json
import os
import shutil
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub import compose
from hub.settings import load
from tests.events import missing
from tests.hubs import NOW
from tests.journeys import commands
from tests.journeys.demonstration import Played
from tests.journeys.workers import until

demo = import_module("hub.commands.demo")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
FIRST_STEPS = 4
COMMANDS = (
    "demo",
    "status",
    "children",
    "chronology",
    "flags",
    "flags acknowledge",
    "flags own",
    "flags review",
    "flags disagree",
    "flags renew",
    "flags release",
    "no-longer-true",
    "backtest",
    "simulate",
    "explain",
    "due",
    "history",
    "intake",
    "follow",
    "tell",
    "serve",
    "keys",
    "keys init",
    "keys enrol",
    "keys status",
    "matching",
    "matching list",
    "matching confirm",
    "matching separate",
    "quarantine",
    "quarantine list",
    "quarantine show",
    "quarantine retry",
    "quarantine discard",
    "rebuild",
    "verify",
)


@pytest.fixture
def hub(monkeypatch, capsys):
    return lambda *arguments, data=None: commands.hub(monkeypatch, capsys, *arguments, data=data)


@pytest.fixture
def typed(told, hub):
    """Run `hub` on the demonstration; CHILD stands for its first record."""

    def run(*arguments):
        child = json.loads(hub("children", "--json", data=told.settings.data).out)[0]["child"]
        return hub(*(child if a == "CHILD" else a for a in arguments), data=told.settings.data)

    return run


def test_the_demonstration_ends_well_and_says_all_its_parts(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "hub", "--data", str(tmp_path / "demo"), "demo", "--no-serve"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100"},
    )
    lines = done.stdout.splitlines()

    assert ("", 0) == (done.stderr, done.returncode)
    for words in (
        "SOCIAL WORKER SEES IT",
        "DESIGNATED LEAD SEES IT",
        "that you may know of and not read: ring",
        "HARMED CHILD GETTING WORSE",
        "No agency alone would have raised it",
        "Strategy meeting within 72 hours",
        "conflicting-resend",
        "look-alike-without-shared-identifier",
        "verify",
    ):
        assert words in done.stdout
    assert [] == [line for line in lines if len(line) > 100 and "--data" not in line]


def test_a_demonstration_is_made_anew_in_its_own_folder(told, tmp_path):
    """Only how it begins is played: already there it would meet what lay in the folder before."""
    again = shutil.copytree(told.settings.data, tmp_path / "again")
    made = [Played.anew(folder, FIRST_STEPS) for folder in (again, tmp_path / "new")]
    with made[0].open() as opened, made[1].open() as new, told.open() as before:
        children = [set(hub.records.children()) for hub in (opened, new, before)]

    assert made[0].played == made[1].played
    assert made[0].played.tally.recorded > 0
    assert 0 < len(children[0]) == len(children[1])
    assert not children[0] & children[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_how_it_is_used(hub, command):
    done = hub(*command.split(), "--help")

    assert 0 == done.code
    assert "Usage:" in done.out


def test_the_help_lists_the_commands_and_the_version_is_told(hub):
    listed = hub("--help").out

    assert all(command.split()[0] in listed for command in COMMANDS)
    assert hub("--version").out.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        "children",
        "status",
        "history CHILD",
        "chronology CHILD --as social-worker --purpose section-47",
        "flags",
        "due",
        "quarantine list",
        "matching list",
        "keys status",
        "verify",
    ],
)
def test_what_a_program_reads_is_one_json_document(typed, arguments):
    done = typed(*arguments.split(), "--json")

    assert (0, "") == (done.code, done.err)
    read = json.loads(done.out)
    if arguments == "quarantine list":
        assert read, "the demonstration holds deliveries"
        assert all(datetime.fromisoformat(held["held_at"]).tzinfo for held in read)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("chronology abcdef12 --as social-worker --purpose section-47", 1),
        ("chronology CHILD --as neighbour --purpose section-47", 1),
        ("chronology CHILD --as social-worker --purpose curiosity", 1),
        ("chronology CHILD --as school-lead --purpose screening", 3),
        ("chronology CHILD --as auditor --purpose audit", 1),
        ("chronology CHILD --as social-worker --purpose section-47 --known-at soon", 1),
        ("explain abcdef12", 1),
        ("quarantine show 999", 1),
        ("matching separate nonsense --reason none", 1),
        ("rebuild nothing", 1),
    ],
)
def test_a_common_mistake_is_one_line_and_an_exit_code(typed, arguments, code):
    done = typed(*arguments.split())

    assert (code, "", 1) == (done.code, done.out, len(done.err.strip().splitlines()))


@pytest.mark.parametrize(
    "arguments",
    ["chronology", "chronologies", "rebuild", "quarantine show one", "intake --metrics-port 70000"],
)
def test_a_command_typed_wrong_says_how_it_is_used(typed, arguments):
    done = typed(*arguments.split())

    assert (2, "", 1) == (done.code, done.out, len(done.err.splitlines()))
    assert "Usage: hub" in done.err
    assert "--help" in done.err


def test_where_there_is_no_hub_it_says_so_in_one_line(hub, tmp_path):
    done = hub("children", data=tmp_path / "nothing")

    assert (4, 1) == (done.code, len(done.err.strip().splitlines()))


@pytest.mark.parametrize(
    ("file", "left", "code"),
    [
        ("hub.sqlite", b"no database", 4),
        ("child-keys.sqlite", b"no database", 4),
        ("views.sqlite", b"no database", 4),
        ("ledger.sqlite", b"no database", 4),
        ("child-keys.sqlite", None, 4),
        ("ledger.sqlite", None, 4),
        ("settings.toml", b"\xff\xfe", 2),
    ],
)
def test_a_file_of_the_folder_that_cannot_be_used_is_named_in_one_line(told, hub, tmp_path, file, left, code):
    data = shutil.copytree(told.settings.data, tmp_path / "data")
    (data / file).unlink()
    if left is not None:
        (data / file).write_bytes(left)
    done = hub("children", data=data)

    assert (code, "", 1) == (done.code, done.out, len(done.err.splitlines()))
    assert file in done.err
    assert left is not None or not (data / file).exists(), "an empty file in its place would hide the loss"


def test_drawn_views_that_are_lost_stop_nobody_and_are_drawn_anew(told, hub, tmp_path):
    data = shutil.copytree(told.settings.data, tmp_path / "data")
    before = hub("flags", "--json", data=data).out
    (data / "views.sqlite").unlink()

    assert 0 == hub("children", data=data).code
    assert 0 == hub("follow", "--once", data=data).code
    assert before == hub("flags", "--json", data=data).out


@pytest.mark.parametrize("question", ["flags", "due", "worklist --agency police"])
def test_a_list_that_is_not_drawn_yet_does_not_pass_for_an_empty_one(hub, desk, question):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW + timedelta(hours=1)):
        data = desk.settings.data
    before = hub(*question.split(), data=data).err
    hub("follow", "--once", data=data)
    after = hub(*question.split(), data=data).err

    assert "this may not be all" in before
    assert "" == after


def test_while_the_demonstration_is_served_what_is_recorded_is_drawn(told, tmp_path):
    data = shutil.copytree(told.settings.data, tmp_path / "data")
    (data / "views.sqlite").unlink()
    with compose.open_hub(load(data, {})) as hub:
        lost = [follower.lag() for follower in hub.followers]
        with demo._drawn_meanwhile(SimpleNamespace(obj=data)):
            until(lambda: not any(follower.lag() for follower in hub.followers), "all is drawn")

    assert all(lost)
    assert "follow" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize("arguments", ["children", "keys init", "demo --no-serve"])
def test_a_data_folder_that_is_none_is_said_in_one_line(hub, tmp_path, arguments):
    (tmp_path / "file").write_text("a letter")
    done = hub(*arguments.split(), data=tmp_path / "file")

    assert (2, 1) == (done.code, len(done.err.splitlines()))
    assert "is not a folder" in done.err


def test_what_the_system_refuses_is_one_line(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("a letter")
    done = hub("keys", "init", data=Path("file/below"))

    assert (4, "Not available now: file/below: Not a directory\n") == (done.code, done.err)


def test_a_folder_of_somebody_elses_is_refused_before_anything_is_started(hub, tmp_path, monkeypatch):
    (tmp_path / "letters.txt").write_text("not ours")
    monkeypatch.setattr(subprocess, "Popen", None)
    done = hub("demo", "--no-serve", data=tmp_path)

    assert (3, 1) == (done.code, len(done.err.strip().splitlines()))
    assert ["letters.txt"] == [file.name for file in tmp_path.iterdir()]
