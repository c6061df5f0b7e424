"""An agency's side of the seal: sessions that end in time, and key files that are its own."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from adapters import seal
from adapters.seal import KeyFileUnusable, Session, SessionSpent
from schemas.sealing import read_token, session_statement

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path):
    seal.create_agency_keys(tmp_path / "police.json", "police")
    return seal.load_agency_keys(tmp_path / "police.json")


@pytest.fixture
def hub_file(tmp_path):
    path = tmp_path / "hub.json"
    mlkem = MLKEM768PrivateKey.from_seed_bytes(bytes(64)).public_key().public_bytes_raw().hex()
    x25519 = X25519PrivateKey.from_private_bytes(bytes([1] * 32)).public_key().public_bytes_raw().hex()
    path.write_text(json.dumps({"kid": "hub-1", "mlkem768": mlkem, "x25519": x25519}))
    return path


@pytest.fixture
def session(keys, hub_file):
    return Session.open(keys, seal.load_hub_key(hub_file), NOW)


def test_a_session_says_who_opened_it_and_is_signed(keys, session):
    agency, key_id, kid, opened_at, encapsulated, signature = read_token(session.token)

    assert ("police", keys.key_id, "hub-1", NOW) == (
        agency,
        key_id,
        kid,
        datetime.fromtimestamp(opened_at, UTC),
    )
    statement = session_statement(agency, key_id, kid, opened_at, encapsulated)
    keys.signing.public_key().verify(signature, statement)
    assert len(session.token) < 1400


def test_no_two_sessions_share_a_key(keys, hub_file):
    hub = seal.load_hub_key(hub_file)
    one, other = Session.open(keys, hub, NOW), Session.open(keys, hub, NOW)

    assert one.token != other.token
    assert one.seal(b"", b"same")[12:] != other.seal(b"", b"same")[12:]


@pytest.mark.parametrize(
    ("later", "spent"),
    [(timedelta(0), False), (timedelta(minutes=59, seconds=59), False), (timedelta(hours=1), True)],
)
def test_a_session_is_spent_after_an_hour(session, later, spent):
    assert spent is session.spent(NOW + later)


def test_a_session_is_spent_after_a_million_messages_and_seals_no_more(session, monkeypatch):
    monkeypatch.setattr(seal, "MESSAGES", 3)
    nonces = [session.seal(b"", b"x")[:12] for _ in range(3)]

    assert session.spent(NOW)
    with pytest.raises(SessionSpent):
        session.seal(b"", b"x")
    with pytest.raises(SessionSpent):
        session.seal(b"", b"x")
    assert 3 == len(set(nonces))


def test_a_million_is_the_limit():
    assert (1_000_000, timedelta(hours=1)) == (seal.MESSAGES, seal.LASTS)


def test_threads_that_share_a_session_never_share_a_nonce(session):
    with ThreadPoolExecutor(4) as threads:
        nonces = list(threads.map(lambda _: session.seal(b"", b"x")[:12], range(4000)))

    assert 4000 == len(set(nonces))


def test_an_agencys_keys_are_its_owners_only_and_never_written_over(tmp_path):
    path = tmp_path / "deep" / "police.json"
    public = seal.create_agency_keys(path, "police")
    keys = seal.load_agency_keys(path)
    before = path.read_bytes()

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    Ed25519PublicKey.from_public_bytes(public).verify(keys.signing.sign(b"x"), b"x")
    with pytest.raises(KeyFileUnusable, match="never written over"):
        seal.create_agency_keys(path, "police")
    assert before == path.read_bytes()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_keys_that_others_can_reach_are_refused(tmp_path, mode):
    path = tmp_path / "police.json"
    seal.create_agency_keys(path, "police")
    path.chmod(mode)

    with pytest.raises(KeyFileUnusable, match="others"):
        seal.load_agency_keys(path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"agency": "police", "key_id": "k", "signing": "secretword"}']
)
def test_what_is_no_key_file_is_refused_without_saying_what_it_holds(tmp_path, text):
    path = tmp_path / "police.json"
    path.touch(0o600)
    path.write_text(text)
    for load in (seal.load_agency_keys, seal.load_hub_key):
        with pytest.raises(KeyFileUnusable) as caught:
            load(path)

        assert "secretword" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("load", [seal.load_agency_keys, seal.load_hub_key])
def test_a_missing_file_is_named(tmp_path, load):
    with pytest.raises(KeyFileUnusable, match=r"none\.json is missing"):
        load(tmp_path / "none.json")


def test_no_secret_is_in_a_name(keys, session):
    words = repr(keys) + str(keys) + repr(session) + str(session)

    assert f"AgencyKeys(police, {keys.key_id})" == repr(keys)
    assert keys.signing.private_bytes_raw().hex() not in words
    assert keys.reference_secret.hex() not in words
    assert repr(keys.reference_secret)[2:-1] not in words
