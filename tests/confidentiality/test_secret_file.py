"""A file of secrets: its owner's alone from its first moment, whole or not at all, and on the disk."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from hub.confidentiality import secret_file
from hub.confidentiality.agency_keys import AgencyKeysUnusable
from hub.confidentiality.secret_file import KeyFileUnusable, alone, create, read, replace, stamp
from tests.journeys.commands import hub


@pytest.fixture
def synced(monkeypatch):
    """What was put on the disk, in order: a file by its size, a folder as one."""
    done, fsync, opened, close, open_ = [], os.fsync, set(), os.close, os.open

    def note(handle):
        there = os.fstat(handle)
        done.append("folder" if stat.S_ISDIR(there.st_mode) else there.st_size)
        fsync(handle)

    def opening(path, *how, **more):
        handle = open_(path, *how, **more)
        if Path(path).is_dir():
            opened.add(handle)
        return handle

    def closing(handle):
        opened.discard(handle)
        close(handle)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "open", opening)
    monkeypatch.setattr(os, "close", closing)
    yield done
    assert set() == opened


def test_a_file_is_made_in_a_folder_of_its_owners_and_is_on_the_disk_with_its_name(tmp_path, synced):
    path = tmp_path / "deep" / "folder" / "keys.json"
    create(path, {"a": 1})

    assert '{\n "a": 1\n}' == path.read_text()
    assert [path.stat().st_size, "folder"] == synced
    assert (0o600, 0o700) == tuple(stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent))
    assert [path] == list(path.parent.iterdir())
    create(path.with_name("other.json"), {"b": 2})
    with pytest.raises(KeyFileUnusable, match="exists"):
        create(path, {"c": 3})
    assert {"a": 1} == read(path)
    assert {"keys.json", "other.json"} == {file.name for file in path.parent.iterdir()}


def test_a_new_body_takes_the_place_of_the_old_and_is_on_the_disk_with_its_name(tmp_path, synced):
    path = tmp_path / "keys.json"
    create(path, {"a": 1})
    before = stamp(path)
    replace(path, {"a": 22})

    assert [path.stat().st_size, "folder"] == synced[2:]
    assert {"a": 22} == read(path)
    assert before != stamp(path) == (path.stat().st_ino, path.stat().st_mtime_ns)
    assert [path] == list(tmp_path.iterdir())


def test_what_cannot_be_read_is_named_with_its_reason(tmp_path):
    with pytest.raises(KeyFileUnusable, match="is missing"):
        read(tmp_path / "none.json")
    tmp_path.chmod(0o700)
    with pytest.raises(KeyFileUnusable, match="cannot be read: Is a directory"):
        read(tmp_path)
    assert (0, 0) == stamp(tmp_path / "none.json")


def test_a_file_in_whose_place_others_could_put_their_own_is_refused(tmp_path):
    path = tmp_path / "keys.json"
    create(path, {"a": 1})
    for mode in (0o757, 0o752):
        tmp_path.chmod(mode)
        with pytest.raises(KeyFileUnusable, match="could put another file there"):
            read(path)
    tmp_path.chmod(0o1777)  # in which nobody takes away what is another's

    assert {"a": 1} == read(path)


def test_a_file_half_written_is_found_beside_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(secret_file.os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        create(tmp_path / "keys.json", {"a": 1})

    assert [True] == [file.name.startswith(".keys-") and len(file.name) == 14 for file in tmp_path.iterdir()]


def test_one_at_a_time_changes_the_file(tmp_path):
    path, told = tmp_path / "keys.json", []

    def other():
        with alone(path):
            told.append("other")

    with alone(path):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.05)
        told.append("first")
    thread.join(timeout=60)

    assert ["first", "other"] == told
    assert 0o600 == stat.S_IMODE(path.with_name("keys.json.lock").stat().st_mode)


def test_a_command_that_cannot_use_a_file_of_keys_ends_with_4(desk, monkeypatch, capsys):
    """What runs commands by itself tells by it that keys, and not the store, want looking after."""
    desk.settings.agency_keys.chmod(0o646)
    believed = hub(monkeypatch, capsys, "keys", "agencies", data=desk.settings.data)
    desk.settings.agency_keys.chmod(0o644)
    desk.settings.key_file.chmod(0o640)
    opened = hub(monkeypatch, capsys, "keys", "erasures", data=desk.settings.data)

    assert (4, 4) == (believed.code, opened.code)
    assert "written by others" in believed.err
    assert "read by others" in opened.err
    assert [503, 503] == [error.status for error in (KeyFileUnusable, AgencyKeysUnusable)]
