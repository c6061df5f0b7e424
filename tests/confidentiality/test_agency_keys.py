"""The agencies' public keys, as the hub keeps them."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.confidentiality.agency_keys import (
    AgencyKeysUnusable,
    add_agency_key,
    end_agency_key,
    load_agency_keys,
    remove_agency_key,
)
from hub.errors import Refused

FROM = datetime(2026, 3, 1, tzinfo=UTC)
PUBLIC = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()


def test_no_file_means_that_no_agency_is_known(tmp_path):
    assert {} == load_agency_keys(tmp_path / "none.json")


def test_a_key_is_good_from_its_first_moment_until_before_its_last(tmp_path):
    path = tmp_path / "agencies.json"
    add_agency_key(path, "police", "k1", PUBLIC, FROM)
    add_agency_key(path, "health", "k1", PUBLIC, FROM)
    end_agency_key(path, "police", "k1", FROM + timedelta(days=1))
    start = int(FROM.timestamp())
    keys = load_agency_keys(path)

    assert [False, True, True, False] == [
        keys["police", "k1"].valid_at(at) for at in (start - 1, start, start + 86_399, start + 86_400)
    ]
    assert keys["health", "k1"].valid_at(start + 86_400)


def test_a_key_id_is_given_once(tmp_path):
    path = tmp_path / "agencies.json"
    add_agency_key(path, "police", "k1", PUBLIC, FROM)
    with pytest.raises(Refused):
        add_agency_key(path, "police", "k1", PUBLIC, FROM)


def test_a_removed_key_is_unknown(tmp_path):
    path = tmp_path / "agencies.json"
    add_agency_key(path, "police", "k1", PUBLIC, FROM)
    add_agency_key(path, "police", "k2", PUBLIC, FROM)
    remove_agency_key(path, "police", "k1")

    assert {("police", "k2")} == set(load_agency_keys(path))


@pytest.mark.parametrize("act", [remove_agency_key, lambda *a: end_agency_key(*a, FROM)])
def test_a_key_there_is_none_of_cannot_be_ended_or_removed(tmp_path, act):
    with pytest.raises(Refused):
        act(tmp_path / "agencies.json", "police", "k1")


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '[{"agency": "police"}]',
        '[{"agency": "police", "key_id": "k", "public": "00", "valid_from": "2026-03-01T00:00:00Z"}]',
        '[{"agency": "police", "key_id": "k", "public": "'
        + PUBLIC.hex()
        + '", "valid_from": "2026-03-01T00:00:00"}]',
    ],
    ids=["no json", "no rows", "half a row", "a short key", "a moment without a zone"],
)
def test_what_is_not_a_list_of_keys_is_refused(tmp_path, text):
    path = tmp_path / "agencies.json"
    path.write_text(text)
    with pytest.raises(AgencyKeysUnusable):
        load_agency_keys(path)


def test_the_file_is_laid_out_for_reading_and_is_on_the_disk_before_it_takes_the_others_place(
    tmp_path, monkeypatch
):
    path, synced, fsync = tmp_path / "agencies.json", [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.fstat(fd).st_size) or fsync(fd))
    add_agency_key(path, "police", "k1", PUBLIC, FROM)

    assert [path.stat().st_size] == synced
    assert '[\n {\n  "agency": "police"' in path.read_text()
    assert [path] == list(tmp_path.iterdir())


def test_what_was_half_written_stands_beside_the_file_and_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "agencies.json"
    add_agency_key(path, "police", "k1", PUBLIC, FROM)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        remove_agency_key(path, "police", "k1")

    assert {("police", "k1")} == set(load_agency_keys(path))
    assert ["agencies.json", "agencies.json.new"] == sorted(file.name for file in tmp_path.iterdir())


@pytest.mark.parametrize("mode", [0o646, 0o666])
def test_whom_to_believe_is_written_by_nobody_else_whatever_the_umask(tmp_path, mode):
    path, umask = tmp_path / "keys.json", os.umask(0)
    try:
        add_agency_key(path, "police", "k1", PUBLIC, FROM)
    finally:
        os.umask(umask)
    assert 0o644 == path.stat().st_mode & 0o777
    assert {("police", "k1")} == set(load_agency_keys(path))
    path.chmod(mode)
    with pytest.raises(AgencyKeysUnusable, match="written by others"):
        load_agency_keys(path)
