"""A message opens at the hub only as its agency sent it: same agency, topic, key, attributes and bytes."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from adapters import seal as adapter
from adapters.seal import Session
from hub.confidentiality import bus_sessions, hub_keys
from hub.confidentiality.agency_keys import AgencyKey
from hub.confidentiality.bus_sessions import SessionOpener
from hub.confidentiality.sealing import CannotUnseal
from schemas.sealing import (
    message_aad,
    pack,
    read_token,
    session_info,
    session_statement,
    session_token,
    unpack,
)
from tests.confidentiality.envelopes import salted

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
KID, PARTS = hub_keys.generate(salted(1))
HUB = hub_keys.private(PARTS)
TO = adapter.HubKey(KID, HUB.public_key())
AAD = message_aad("safeguarding.police.v1", b"k", (b"police.missing-episode.v1",))
BODY = b"found at Skerne weir"


def keys_of(agency: str, seed: int, key_id: str = "k1") -> adapter.AgencyKeys:
    return adapter.AgencyKeys(
        agency, key_id, Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32)), bytes(32)
    )


POLICE, HEALTH = keys_of("police", 1), keys_of("health", 2)


def known(*keys, valid_from=NOW - timedelta(days=1), valid_until=None):
    return {
        (each.agency, each.key_id): AgencyKey(each.signing.public_key(), valid_from, valid_until)
        for each in keys
    }


def hub(agencies=None, **options) -> SessionOpener:
    return SessionOpener({KID: HUB}, known(POLICE, HEALTH) if agencies is None else agencies, **options)


def session(keys=POLICE, to=TO, now=NOW) -> Session:
    return Session.open(keys, to, now)


def reason(act) -> str:
    with pytest.raises(CannotUnseal) as caught:
        act()
    return caught.value.reason


def token_of(keys, encapsulated, *, opened_at=None, signing=None, kid=KID) -> bytes:
    opening = (keys.agency, keys.key_id, kid, int(NOW.timestamp()) if opened_at is None else opened_at)
    signature = (signing or keys.signing).sign(session_statement(*opening, encapsulated))
    return session_token(*opening, encapsulated, signature)


def test_a_key_of_the_hub_is_named_by_eight_bytes_of_its_own_and_made_of_64_and_32():
    asked = []
    kid, parts = hub_keys.generate(lambda n: asked.append(n) or bytes([len(asked)]) * n)

    assert [8, 64, 32] == asked
    assert ("01" * 8, {"mlkem768": "02" * 64, "x25519": "03" * 32}) == (kid, parts)


def test_what_an_agency_sealed_opens_at_the_hub():
    sending = session()
    opener = hub()
    sealed = [sending.seal(AAD, BODY + bytes([n])) for n in range(3)]

    assert [BODY + bytes([n]) for n in range(3)] == [
        opener.open("police", sending.token, AAD, each) for each in sealed
    ]


def test_both_sides_mean_the_same_suite():
    key = bytes(range(32))
    sealed = adapter.SUITE.encrypt(key, HUB.public_key(), b"info")

    assert key == bus_sessions.SUITE.decrypt(sealed, HUB, b"info")


@pytest.mark.parametrize(
    "aad",
    [
        message_aad("safeguarding.health.v1", b"k", (b"police.missing-episode.v1",)),
        message_aad("safeguarding.police.v1", b"other", (b"police.missing-episode.v1",)),
        message_aad("safeguarding.police.v1", b"k", (b"police.custody.v1",)),
        message_aad("safeguarding.police.v1", b"k", ()),
        message_aad("safeguarding.police.v1", b"k", (b"police.missing-episode.v1", b"")),
        message_aad("safeguarding.police.v1", b"kce_type", (b"police.missing-episode.v1",)),
    ],
    ids=["topic", "key", "attribute changed", "attribute dropped", "attribute added", "attribute spliced"],
)
def test_a_message_moved_or_with_other_attributes_does_not_open(aad):
    sending = session()
    sealed = sending.seal(AAD, BODY)

    assert "damaged" == reason(lambda: hub().open("police", sending.token, aad, sealed))


def test_no_message_opens_with_a_bit_changed_or_cut_short():
    sending, opener = session(), hub()
    sealed = sending.seal(AAD, BODY)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        assert "damaged" == reason(lambda c=changed: opener.open("police", sending.token, AAD, bytes(c)))
    for length in range(len(sealed)):
        assert "damaged" == reason(lambda n=length: opener.open("police", sending.token, AAD, sealed[:n]))


def test_no_session_opens_with_a_byte_of_its_token_changed_or_cut_short():
    sending, opener = session(), hub()
    sealed = sending.seal(AAD, BODY)
    reasons = set()
    for at in range(len(sending.token)):
        changed = bytearray(sending.token)
        changed[at] ^= 0x01
        reasons.add(reason(lambda c=changed: opener.open("police", bytes(c), AAD, sealed)))
        assert "damaged" == reason(lambda n=at: opener.open("police", sending.token[:n], AAD, sealed))

    assert {"damaged", "wrong-agency", "unknown-agency-key", "bad-signature"} == reasons


def test_a_session_forged_with_anothers_key_does_not_open():
    forged = token_of(POLICE, b"\0" * 1200, signing=HEALTH.signing)

    assert "bad-signature" == reason(lambda: hub().open("police", forged, AAD, b""))


def test_a_token_replayed_on_another_agencys_topic_does_not_open():
    sending = session()
    sealed = sending.seal(AAD, BODY)
    opener = hub()
    opener.open("police", sending.token, AAD, sealed)

    assert "wrong-agency" == reason(lambda: opener.open("health", sending.token, AAD, sealed))


def test_an_agency_cannot_pass_off_anothers_session_key_as_its_own():
    sending = session()
    encapsulated = read_token(sending.token)[4]
    stolen = token_of(HEALTH, encapsulated)

    assert "damaged" == reason(lambda: hub().open("health", stolen, AAD, sending.seal(AAD, BODY)))


def test_a_key_the_hub_does_not_know_opens_no_session():
    stranger = session(keys_of("police", 1, "k2"))

    assert "unknown-agency-key" == reason(lambda: hub().open("police", stranger.token, AAD, b""))
    assert "unknown-agency-key" == reason(lambda: hub({}).open("police", session().token, AAD, b""))


@pytest.mark.parametrize(
    ("opened", "opens"),
    [
        (timedelta(0), True),
        (-timedelta(days=1), True),
        (-timedelta(days=1, seconds=1), False),
        (timedelta(hours=1), False),
    ],
)
def test_a_session_opens_only_if_its_key_was_good_when_it_was_opened(opened, opens):
    opener = hub(known(POLICE, valid_until=NOW + timedelta(hours=1)))
    sending = session(now=NOW + opened)
    sealed = sending.seal(AAD, BODY)

    if opens:
        assert BODY == opener.open("police", sending.token, AAD, sealed)
    else:
        assert "unknown-agency-key" == reason(lambda: opener.open("police", sending.token, AAD, sealed))


def test_a_session_to_a_key_the_hub_no_longer_has_does_not_open():
    other = adapter.HubKey("another", HUB.public_key())

    assert "unknown-hub-key" == reason(lambda: hub().open("police", session(to=other).token, AAD, b""))


def test_a_moment_of_the_wrong_size_is_damage_and_no_crash():
    parts = unpack(session().token, 6)
    for moment in (b"", b"\0" * 9, b"\xff" * 40):
        token = pack((*parts[:3], moment, *parts[4:]))

        assert "damaged" == reason(lambda token=token: hub().open("police", token, AAD, b""))


def test_a_session_key_of_another_length_is_refused():
    opening = ("police", "k1", KID, int(NOW.timestamp()))
    short = adapter.SUITE.encrypt(bytes(16), HUB.public_key(), session_info(*opening))
    sealed = bytes(12) + AESGCM(bytes(16)).encrypt(bytes(12), BODY, AAD)

    assert "damaged" == reason(lambda: hub().open("police", token_of(POLICE, short), AAD, sealed))


@given(st.binary(max_size=200))
def test_any_bytes_for_a_token_give_a_reason_and_no_crash(token):
    assert "damaged" == reason(lambda: hub().open("police", token, AAD, b""))


def test_the_hub_remembers_a_bounded_number_of_sessions_and_opens_older_ones_again():
    opener = hub(remembered=3)
    sessions = [session() for _ in range(6)]
    for sending in [*sessions, *sessions]:
        assert BODY == opener.open("police", sending.token, AAD, sending.seal(AAD, BODY))

    assert 3 == len(opener._sessions)
    assert "SessionOpener(['health', 'police'])" == repr(opener)


def test_a_session_is_unwrapped_once_while_it_is_remembered_and_the_oldest_is_forgotten(monkeypatch):
    opener, unwrapped, unwrap = hub(remembered=2), [], bus_sessions._session
    monkeypatch.setattr(
        bus_sessions, "_session", lambda wrapped, *rest: unwrapped.append(wrapped) or unwrap(wrapped, *rest)
    )
    sessions = [session() for _ in range(3)]
    for n in (0, 1, 1, 0, 2, 2, 1, 0):
        opener.open("police", sessions[n].token, AAD, sessions[n].seal(AAD, BODY))

    assert 4 == len(unwrapped)
    assert unwrapped[0] == unwrapped[3]
    assert 3 == len(set(unwrapped))


@given(
    st.lists(st.binary(max_size=8), max_size=4),
    st.lists(st.binary(max_size=8), max_size=4),
    st.tuples(st.text(max_size=8), st.binary(max_size=8)),
    st.tuples(st.text(max_size=8), st.binary(max_size=8)),
)
def test_no_two_messages_are_said_alike(attributes, others, at, elsewhere):
    same = (at, attributes) == (elsewhere, others)

    assert same is (message_aad(*at, attributes) == message_aad(*elsewhere, others))


def test_moving_bytes_between_topic_key_and_attribute_makes_another_message():
    told = [
        ("ab", b"c", ()),
        ("a", b"bc", ()),
        ("a", b"b", (b"c",)),
        ("a", b"b", (b"", b"c")),
        ("a", b"", (b"b", b"c")),
    ]

    assert len(told) == len({message_aad(*each) for each in told})
