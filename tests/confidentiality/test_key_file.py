"""The key file: its owner's only, never written over, changed whole and by one process at a time."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.confidentiality import key_file
from hub.confidentiality.blind_index import SCHEMES
from hub.confidentiality.child_keys import Wrapped
from hub.confidentiality.key_file import KeyFileUnusable
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.errors import Refused, Unavailable

SECRET = bytes(range(64))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "keys.json"
    key_file.create(path, ("police", "health"), demo=True)
    return path


def reason(act) -> str:
    with pytest.raises(CannotUnseal) as caught:
        act()
    return caught.value.reason


def test_what_was_wrapped_unwraps_after_loading_again(path):
    wrapped = key_file.load(path).wrap("police", b"context", SECRET)

    assert SECRET == key_file.load(path).unwrap("police", b"context", wrapped)


def test_what_an_earlier_release_wrapped_still_unwraps(tmp_path):
    """Twelve bytes of nonce, then what AES-256-GCM makes of the key with its context: for ever."""
    file = key_file.create(tmp_path / "old.json", ("police",), demo=True, random=lambda n: bytes([7]) * n)
    wrapped = b"twelve bytes" + AESGCM(b"\7" * 32).encrypt(b"twelve bytes", SECRET, b"context")

    assert SECRET == file.unwrap("police", b"context", Wrapped(1, wrapped))
    assert 12 + len(SECRET) + 16 == len(file.wrap("police", b"context", SECRET).wrapped)


@pytest.mark.parametrize(("scope", "context"), [("health", b"context"), ("police", b"other")])
def test_what_was_wrapped_unwraps_in_its_scope_and_context_only(path, scope, context):
    file = key_file.load(path)
    wrapped = file.wrap("police", b"context", SECRET)

    assert "wrong-key-or-place" == reason(lambda: file.unwrap(scope, context, wrapped))


def test_no_wrapped_key_unwraps_with_a_bit_changed_or_cut_short(path):
    file = key_file.load(path)
    version, wrapped = file.wrap("police", b"context", SECRET)
    for bit in range(len(wrapped) * 8):
        changed = bytearray(wrapped)
        changed[bit // 8] ^= 1 << bit % 8
        assert [None] == file.unwrap_many([("police", b"context", key_file.Wrapped(version, bytes(changed)))])
    for length in range(len(wrapped)):
        cut = key_file.Wrapped(version, wrapped[:length])
        assert [None] == file.unwrap_many([("police", b"context", cut)])


def test_many_are_wrapped_and_unwrapped_in_order_and_a_bad_one_spoils_no_other(path):
    file = key_file.load(path)
    items = [("police", b"1", b"a" * 64), ("health", b"2", b"b" * 64), ("police", b"3", b"c" * 64)]
    wrapped = file.wrap_many(items)
    asked = [(scope, context, w) for (scope, context, _), w in zip(items, wrapped, strict=True)]
    asked[1] = ("health", b"another", wrapped[1])

    assert [b"a" * 64, None, b"c" * 64] == file.unwrap_many(asked)
    assert [True, False, True] == [anew is not None for anew in file.rewrap(asked)]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_file_that_others_can_reach_is_refused(path, mode):
    path.chmod(mode)
    with pytest.raises(KeyFileUnusable, match="chmod 600"):
        key_file.load(path)


def test_the_file_is_its_owners_only_from_the_first_and_after_every_change(path):
    old = os.umask(0)
    try:
        key_file.load(path).rotate("police")
        key_file.create(path.with_name("other.json"), ("police",), demo=False)
    finally:
        os.umask(old)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}

    assert {"keys.json": 0o600, "keys.json.lock": 0o600, "other.json": 0o600} == modes


def test_keys_are_never_written_over(path):
    before = path.read_bytes()
    with pytest.raises(KeyFileUnusable, match="never written over"):
        key_file.create(path, ("police",), demo=True)

    assert before == path.read_bytes()
    assert ["keys.json"] == [each.name for each in path.parent.iterdir()]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"id": "demo:1"}',
        '{"id":1,"keks":{},"peppers":{},"bus":{},"ledger":""}',
        "\udcff",
    ],
)
def test_what_is_not_a_key_file_is_refused_without_saying_what_it_holds(path, text):
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(KeyFileUnusable) as caught:
        key_file.load(path)

    assert f"{path} is not a key file" == str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(KeyFileUnusable, match="hub keys init"):
        key_file.load(tmp_path / "none.json")


def test_demonstration_and_live_keys_are_told_apart(path, tmp_path):
    live = key_file.create(tmp_path / "live.json", ("police",), demo=False)

    assert key_file.load(path).demo
    assert key_file.load(path).id.startswith("demo:")
    assert not live.demo
    assert live.id.startswith("live:")


def test_a_scope_added_later_takes_nothing_from_the_others(path):
    file = key_file.load(path)
    wrapped = file.wrap("police", b"context", SECRET)
    before = json.loads(path.read_text())
    key_file.load(path).add_scopes(("police", "education"))
    after = json.loads(path.read_text())

    assert {**before["keks"], "education": after["keks"]["education"]} == after["keks"]
    assert {key: before[key] for key in before if key != "keks"} == {
        key: after[key] for key in after if key != "keks"
    }
    assert SECRET == key_file.load(path).unwrap("police", b"context", wrapped)
    assert file.wrap("education", b"context", SECRET)


def test_changes_made_at_once_are_all_kept(path):
    files = [key_file.load(path) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda at: at[1].add_scopes((f"scope-{at[0]}",)), enumerate(files)))

    assert {"police", "health", *(f"scope-{n}" for n in range(8))} == set(key_file.load(path).scopes())


def test_a_new_key_is_kept_though_another_thread_takes_up_the_file_meanwhile(path):
    keys = key_file.load(path)
    key_file.load(path).rotate("health")  # by another process: what this one remembers is older

    def meanwhile(count):
        reading = pool.submit(keys.scopes)
        wait([reading], timeout=0.3)
        return bytes(count)

    with ThreadPoolExecutor(1) as pool:
        told = keys.rotate("police", meanwhile)

    assert (2, 2) == (told, keys.scopes()["police"])
    assert {"police": 2, "health": 2}.items() <= key_file.load(path).scopes().items()


def test_a_rotation_adds_a_version_and_older_ones_still_unwrap(path):
    file = key_file.load(path)
    first = file.wrap("police", b"context", SECRET)

    assert 2 == file.rotate("police")
    second = file.wrap("police", b"context", SECRET)
    assert (1, 2) == (first.version, second.version)
    assert SECRET == file.unwrap("police", b"context", first) == file.unwrap("police", b"context", second)
    assert {"police": 2, "health": 1} == file.scopes()


def test_what_another_process_wrapped_under_a_version_it_made_unwraps_here(path):
    here, there = key_file.load(path), key_file.load(path)
    there.rotate("police")
    wrapped = there.wrap("police", b"context", SECRET)

    assert SECRET == here.unwrap("police", b"context", wrapped)


def test_a_version_that_never_was_unwraps_nothing_and_the_newest_does_not_stand_in_for_it(path):
    file = key_file.load(path)
    wrapped = file.wrap("police", b"context", SECRET).wrapped

    assert ["key-destroyed"] * 3 == [
        reason(lambda v=version: file.unwrap("police", b"context", Wrapped(v, wrapped)))
        for version in (0, -1, 2)
    ]


def test_a_scope_that_is_withdrawn_is_shut_at_once_beside_those_that_were_until_it_is_back(path):
    file = key_file.load(path)
    wrapped = {scope: file.wrap(scope, b"context", SECRET) for scope in ("police", "health")}
    file.withdraw("police")
    file.withdraw("health")
    file.withdraw("health")

    assert {"police", "health"} == set(file.withdrawn()) == set(key_file.load(path).withdrawn())
    for scope, held in wrapped.items():
        with pytest.raises(ScopeWithdrawn):
            file.unwrap(scope, b"context", held)
        with pytest.raises(ScopeWithdrawn):
            file.wrap(scope, b"context", SECRET)
    file.withdraw("police", back=True)
    assert {"health"} == set(file.withdrawn())
    assert SECRET == file.unwrap("police", b"context", wrapped["police"])


def test_a_scope_there_is_no_key_of_cannot_be_withdrawn(path):
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="no key for scope gardening"):
        key_file.load(path).withdraw("gardening")

    assert before == path.read_bytes()


def test_a_destroyed_version_is_out_of_the_file_and_unwraps_nothing(path):
    file = key_file.load(path)
    wrapped = file.wrap("police", b"context", SECRET)
    kek = json.loads(path.read_text())["keks"]["police"][0]
    file.rotate("police")
    file.destroy_version("police", 1)

    assert kek not in path.read_text()
    assert "key-destroyed" == reason(lambda: file.unwrap("police", b"context", wrapped))
    assert SECRET == file.unwrap("police", b"context", file.wrap("police", b"context", SECRET))


@pytest.mark.parametrize("version", [0, 1, 2, -1])
def test_the_newest_version_cannot_be_destroyed(path, version):
    with pytest.raises(Refused):
        key_file.load(path).destroy_version("police", version)


def test_a_scope_without_a_key_is_refused(path):
    file = key_file.load(path)
    with pytest.raises(Unavailable):
        file.wrap("gardening", b"context", SECRET)
    with pytest.raises(Unavailable):
        file.rotate("gardening")


def test_every_scheme_has_a_pepper_that_stays(path):
    one, again = key_file.load(path).blind_index(), key_file.load(path).blind_index()

    for scheme in SCHEMES:
        assert one.index(scheme, "9990000018") == again.index(scheme, "9990000018")


def test_the_newest_pepper_of_a_scheme_is_used(path):
    body = json.loads(path.read_text())
    before = key_file.load(path).blind_index()
    body["peppers"]["person"].append("11" * 32)
    path.write_text(json.dumps(body))
    after = key_file.load(path).blind_index()

    assert before.index("person", "9990000018") != after.index("person", "9990000018")
    assert before.index("place", "9990000018") == after.index("place", "9990000018")


def test_a_newer_bus_key_is_given_out_and_the_older_one_still_opens(path):
    file = key_file.load(path)
    old = file.bus_public()["kid"]
    new = file.add_bus_key()

    assert new == file.bus_public()["kid"]
    assert [old, new] == list(key_file.load(path).bus_keys())


def test_two_files_have_nothing_secret_in_common(path, tmp_path):
    other = tmp_path / "other.json"
    key_file.create(other, ("police", "health"), demo=True)

    assert not set(_secrets(path)) & set(_secrets(other))
    assert len(set(_secrets(path))) == len(_secrets(path))


def test_no_secret_is_in_its_name_or_in_an_error(path):
    file = key_file.load(path)
    with pytest.raises(CannotUnseal) as caught:
        file.unwrap("police", b"other", file.wrap("police", b"context", SECRET))
    words = repr(file) + str(file) + repr(caught.value) + str(caught.value)

    assert f"KeyFile({file.id})" == repr(file)
    assert not any(secret in words for secret in _secrets(path))


def _secrets(path):
    body = json.loads(path.read_text())
    nested = [*body["keks"].values(), *body["peppers"].values(), *(b.values() for b in body["bus"].values())]
    found = [secret for group in nested for secret in group if isinstance(secret, str)]
    return [*found, body["ledger"]]
