"""One envelope opens in its own place, whole, or not at all."""

import os
import traceback
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from hub.confidentiality.sealing import (
    HEADER,
    CannotUnseal,
    DataKey,
    Filled,
    Opening,
    Place,
    Sealing,
    drawn,
    filled,
    generation_of,
    padded_length,
    seal,
    seal_spine,
    unseal,
    unseal_again,
    unseal_spine,
    unseal_with,
)
from tests.confidentiality.envelopes import CANARY, CHILD, EVENT, KEY, SCHEMA, SCOPE, salted, sealed

OTHER = UUID("99999999-2222-4333-8444-555555555555")
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
PLACES = st.builds(
    Place,
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**32 - 1),
    TEXT,
    TEXT,
)


def open_here(envelope: bytes, key: DataKey = KEY) -> bytes:
    return unseal(key, CHILD, EVENT, SCOPE, SCHEMA, envelope)


def refusal(act) -> CannotUnseal:
    with pytest.raises(CannotUnseal) as caught:
        act()
    return caught.value


def test_what_is_sealed_again_says_the_same_in_the_same_place_under_the_newer_key_alone():
    newer, salt = DataKey(8, bytes(range(64, 128))), bytes(range(24))
    ((_, first),) = Sealing(CHILD, {SCOPE: KEY}).seal(EVENT, SCHEMA, {SCOPE: filled(b"said", b"its salt")})
    again = unseal_again(KEY, newer, CHILD, EVENT, SCOPE, SCHEMA, first, random=lambda size: salt[:size])

    assert (b"said", b"its salt") == unseal_with(newer, CHILD, EVENT, SCOPE, SCHEMA, again, 8)
    assert (len(first), 8, salt) == (len(again), generation_of(again), again[5:29])
    assert again != unseal_again(KEY, newer, CHILD, EVENT, SCOPE, SCHEMA, first)
    for of, place in ((KEY, (OTHER, EVENT, SCOPE, SCHEMA)), (newer, (CHILD, EVENT, SCOPE, SCHEMA))):
        told = refusal(lambda of=of, place=place: unseal_again(of, newer, *place, first))
        assert "wrong-key-or-place" == told.reason
    numbered = DataKey(8, bytes(range(64)))  # the right bytes under another number are not the key
    wrong = refusal(lambda: unseal_again(numbered, newer, CHILD, EVENT, SCOPE, SCHEMA, first))
    other = refusal(lambda: unseal_again(KEY, newer, CHILD, EVENT, SCOPE, SCHEMA, b"x"))
    assert ("wrong-key-or-place", "unknown-version") == (wrong.reason, other.reason)


@given(st.binary(max_size=3000))
def test_what_was_sealed_opens_in_its_place(body):
    assert body == open_here(seal(KEY, CHILD, EVENT, SCOPE, SCHEMA, body))


def test_no_envelope_opens_with_any_single_bit_changed(counted):
    envelope = sealed()
    refused = 0
    for bit in range(len(envelope) * 8):
        changed = bytearray(envelope)
        changed[bit // 8] ^= 1 << bit % 8
        refused += bool(refusal(lambda changed=changed: open_here(bytes(changed))).reason)

    counted(2, "envelopes with one bit changed, each refused", refused)
    assert len(envelope) * 8 == refused


def test_no_envelope_opens_cut_short_or_with_more_behind_it():
    envelope = sealed()
    reasons = {refusal(lambda n=n: open_here(envelope[:n])).reason for n in range(len(envelope))}

    assert {"damaged"} == reasons
    assert "damaged" == refusal(lambda: open_here(envelope + b"\0")).reason


@pytest.mark.parametrize(
    "place",
    [
        pytest.param((OTHER, EVENT, SCOPE, SCHEMA), id="another child"),
        pytest.param((CHILD, OTHER, SCOPE, SCHEMA), id="another event"),
        pytest.param((CHILD, EVENT, "health", SCHEMA), id="another scope"),
        pytest.param((CHILD, EVENT, SCOPE, "police.missing-episode.v2"), id="another schema"),
        pytest.param((EVENT, CHILD, SCOPE, SCHEMA), id="child and event exchanged"),
        pytest.param((CHILD, EVENT, SCOPE + SCHEMA[:1], SCHEMA[1:]), id="a letter moved over"),
    ],
)
def test_an_envelope_opens_in_no_other_place(place):
    assert "wrong-key-or-place" == refusal(lambda: unseal(KEY, *place, sealed())).reason


def test_an_envelope_does_not_open_as_another_generation():
    later = DataKey(2, KEY.secret)
    relabelled = sealed()[:1] + (2).to_bytes(4, "big") + sealed()[5:]

    assert "wrong-key-or-place" == refusal(lambda: open_here(sealed(), later)).reason
    assert "wrong-key-or-place" == refusal(lambda: open_here(relabelled, later)).reason


def test_an_envelope_does_not_open_under_another_key():
    assert "wrong-key-or-place" == refusal(lambda: open_here(sealed(), DataKey(1, os.urandom(64)))).reason


def test_a_damaged_body_is_told_from_a_wrong_key():
    envelope = bytearray(sealed())
    envelope[HEADER] ^= 1

    assert "damaged" == refusal(lambda: open_here(bytes(envelope))).reason


def test_an_unknown_version_is_said_to_be_one():
    assert "unknown-version" == refusal(lambda: open_here(b"\x02" + sealed()[1:])).reason
    assert "unknown-version" == refusal(lambda: generation_of(b"{}")).reason


def test_a_body_said_to_be_longer_than_it_is_does_not_open():
    salt = bytes(24)
    place = Place(CHILD.bytes, EVENT.bytes, 1, SCOPE, SCHEMA).encoded()
    derived = KEY.expand(salt + place)
    lie = (61).to_bytes(4, "big") + bytes(60)
    envelope = KEY.prefix + salt + derived[32:] + AESGCM(derived[:32]).encrypt(bytes(12), lie, None)

    assert "damaged" == refusal(lambda: open_here(envelope)).reason


@given(PLACES, PLACES)
def test_no_two_places_are_said_alike(one, other):
    assert (one == other) is (one.encoded() == other.encoded())


@given(TEXT, TEXT, st.integers(0, 40))
def test_moving_letters_between_scope_and_schema_makes_another_place(scope, schema, cut):
    both = scope + schema
    moved = Place(bytes(16), bytes(16), 1, both[:cut], both[cut:])
    here = Place(bytes(16), bytes(16), 1, scope, schema)

    assert (moved == here) is (moved.encoded() == here.encoded())


@pytest.mark.parametrize("short", [(b"", bytes(16)), (bytes(17), bytes(15))])
def test_a_place_without_two_whole_ids_is_none(short):
    with pytest.raises(ValueError, match="16 bytes"):
        Place(*short, 1, SCOPE, SCHEMA).encoded()


def test_the_derivation_is_the_one_of_the_standard():
    for size in (0, 1, 47, 119, 300):
        info = os.urandom(size)

        assert HKDFExpand(SHA512(), 64, info).derive(KEY.secret) == KEY.expand(info)


@given(st.one_of(st.integers(0, 600), st.integers(0, 5_000_000)))
def test_padding_hides_the_length_at_little_cost(length):
    padded = padded_length(length)

    assert padded >= length
    assert padded == padded_length(padded)
    if length <= 512:
        assert padded % 64 == 0
        assert padded - length <= 64
    else:
        assert padded - length <= length * 0.12


def test_steps_of_64_go_up_to_512_and_then_padme_takes_over():
    assert [64, 64, 128, 512, 512, 544, 4096, 4352] == [
        padded_length(length) for length in (0, 64, 65, 449, 512, 513, 4096, 4100)
    ]


def test_bodies_of_alike_length_cannot_be_told_apart_by_size():
    sizes = {len(sealed(b"x" * n)) for n in range(61)}

    assert {HEADER + 64 + 16} == sizes


def test_two_envelopes_of_one_body_have_nothing_in_common_but_their_header():
    one, other = sealed(seed=1), sealed(seed=2)

    assert one[:5] == other[:5]
    assert one[5:29] != other[5:29]
    assert one[29:61] != other[29:61]
    assert one[HEADER:] != other[HEADER:]


@pytest.mark.parametrize("generation", [70_000, 0x81_02_03_04])
def test_an_envelope_says_its_generation(generation):
    assert generation == generation_of(sealed(key=DataKey(generation, KEY.secret)))
    assert "damaged" == refusal(lambda: generation_of(sealed()[:4])).reason


def test_nothing_of_a_body_or_key_is_in_an_error_or_a_name():
    envelope = bytearray(sealed())
    envelope[-1] ^= 1
    error = refusal(lambda: open_here(bytes(envelope)))
    words = "".join(traceback.format_exception(error)) + repr(error) + repr(KEY) + str(KEY) + f"{vars(error)}"

    assert CANARY.decode() not in words
    assert KEY.secret.hex() not in words
    assert repr(KEY.secret)[2:20] not in words
    assert "DataKey(generation=1)" == repr(KEY)


def test_a_key_cannot_be_changed_and_has_64_bytes():
    with pytest.raises(AttributeError):
        KEY.generation = 2
    with pytest.raises(ValueError, match="64 bytes"):
        DataKey(1, bytes(32))


def test_a_stored_body_opens_where_it_was_put():
    assert CANARY == unseal_spine(KEY, b"child 1", seal_spine(KEY, b"child 1", CANARY))


def test_a_stored_body_opens_nowhere_else_and_with_no_bit_changed():
    stored = seal_spine(KEY, b"child 1", CANARY)
    assert "damaged" == refusal(lambda: unseal_spine(KEY, b"child 2", stored)).reason
    assert "damaged" == refusal(lambda: unseal_spine(DataKey(1, bytes(64)), b"child 1", stored)).reason
    later = DataKey(2, KEY.secret)
    assert "wrong-key-or-place" == refusal(lambda: unseal_spine(later, b"child 1", stored)).reason
    for bit in range(len(stored) * 8):
        changed = bytearray(stored)
        changed[bit // 8] ^= 1 << bit % 8
        assert refusal(lambda changed=changed: unseal_spine(KEY, b"child 1", bytes(changed))).reason
    for length in range(len(stored)):
        assert (
            "damaged" == refusal(lambda length=length: unseal_spine(KEY, b"child 1", stored[:length])).reason
        )
    assert "unknown-version" == refusal(lambda: unseal_spine(KEY, b"child 1", b"\x02" + stored[1:])).reason


def test_spine_and_envelopes_use_different_keys():
    salt = salted(7)(24)
    place = Place(CHILD.bytes, EVENT.bytes, 1, SCOPE, SCHEMA).encoded()

    assert KEY.expand(b"hub/spine")[:32] != KEY.expand(salt + place)[:32]
    assert CANARY == AESGCM(KEY.expand(b"hub/spine")[:32]).decrypt(
        (s := seal_spine(KEY, b"aad", CANARY))[5:17], s[17:], s[:5] + b"aad"
    )


# ---------------------------------------------------------------- many at once

KEYS = {scope: DataKey(n, bytes([n]) * 64) for n, scope in enumerate(("police", "health", "core"), 1)}
BODIES = {"health": b"one", "police": b"another", "core": b""}
FILLED = {scope: filled(body) for scope, body in BODIES.items()}


def test_many_bodies_are_sealed_as_one_by_one_each_with_the_next_salt():
    salts = [salted(7)(72)[at : at + 24] for at in (0, 24, 48)]
    together = Sealing(CHILD, KEYS, drawn(3, 24, salted(7))).seal(EVENT, SCHEMA, FILLED)
    alone = [
        (scope, seal(KEYS[scope], CHILD, EVENT, scope, SCHEMA, body, random=lambda _, salt=salt: salt))
        for salt, (scope, body) in zip(salts, BODIES.items(), strict=True)
    ]

    assert alone == together
    assert salts == [envelope[5:29] for _, envelope in together]


def test_salts_and_nonces_of_many_are_all_different_and_none_is_given_past_those_drawn():
    salts = drawn(6, 24)
    two = [Sealing(CHILD, KEYS, salts).seal(EVENT, SCHEMA, FILLED) for _ in range(2)]
    nonces = drawn(2, 12)
    stored = [seal_spine(KEY, b"aad", CANARY, nonces) for _ in range(2)]

    assert 6 == len({envelope[5:29] for sealed in two for _, envelope in sealed})
    assert 2 == len({body[5:17] for body in stored})
    with pytest.raises(StopIteration):
        Sealing(CHILD, KEYS, salts).seal(EVENT, SCHEMA, FILLED)
    with pytest.raises(StopIteration):
        seal_spine(KEY, b"aad", CANARY, nonces)


def test_what_lies_behind_a_body_comes_back_with_it_and_zeros_where_nothing_does():
    after = {"health": b"salt of sixteen b"}
    bodies = {scope: filled(body, after.get(scope, b"")) for scope, body in BODIES.items()}
    together = dict(Sealing(CHILD, KEYS).seal(EVENT, SCHEMA, bodies))
    opened = {
        scope: unseal_with(KEYS[scope], CHILD, EVENT, scope, SCHEMA, envelope, 17)
        for scope, envelope in together.items()
    }

    assert {
        "health": (b"one", after["health"]),
        "police": (b"another", bytes(17)),
        "core": (b"", bytes(17)),
    } == opened
    assert b"one" == unseal(KEYS["health"], CHILD, EVENT, "health", SCHEMA, together["health"])


def test_one_opening_opens_events_of_several_generations_in_any_order():
    keys = {("police", n): DataKey(n, bytes([n]) * 64) for n in (1, 2)}
    opening = Opening(CHILD, keys, {"police", "erased"}, bytes.decode)
    sealed_under = {
        n: seal(key, CHILD, EVENT, "police", SCHEMA, f"under {n}".encode()) for (_, n), key in keys.items()
    }
    for n in (1, 1, 2, 2, 1):
        others = [("health", sealed()), ("erased", sealed())]

        assert ({"police": f"under {n}"}, ["health"]) == opening.open(
            EVENT, SCHEMA, [*others, ("police", sealed_under[n])]
        )
    assert (
        "wrong-key-or-place"
        == refusal(lambda: opening.open(EVENT, "another.v1", [("police", sealed_under[1])])).reason
    )
    assert "damaged" == refusal(lambda: opening.open(EVENT, SCHEMA, [("police", b"\x01\0")])).reason


def test_an_envelope_that_was_cut_short_and_whose_key_is_gone_keeps_nothing_else_shut():
    opening = Opening(CHILD, {(SCOPE, KEY.generation): KEY}, {"erased", SCOPE}, bytes)
    cut = sealed()[:20]

    assert ({SCOPE: CANARY}, []) == opening.open(EVENT, SCHEMA, [("erased", cut), (SCOPE, sealed())])


def test_an_opening_refuses_what_is_refused_alone_and_for_the_same_reason():
    whole = sealed()
    opening = Opening(CHILD, {(SCOPE, KEY.generation): KEY}, {SCOPE}, bytes)
    turned = [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(5, len(whole))]
    lying = [Filled(n.to_bytes(4, "big") + bytes(60)) for n in (60, 61)]
    ((_, long),), ((_, too_long),) = [
        Sealing(CHILD, {SCOPE: KEY}).seal(EVENT, SCHEMA, {SCOPE: b}) for b in lying
    ]

    for bad in [*turned, *[whole[:length] for length in range(5, len(whole))], too_long]:
        alone = refusal(lambda bad=bad: open_here(bad)).reason
        assert alone == refusal(lambda bad=bad: opening.open(EVENT, SCHEMA, [(SCOPE, bad)])).reason
    assert ({SCOPE: bytes(60)}, []) == opening.open(EVENT, SCHEMA, [(SCOPE, long)])


def test_what_a_key_works_out_once_it_keeps():
    key = DataKey(1, bytes(64))
    key.expand(b"it was used before")

    assert key.aead is key.aead
    assert key.keyed is key.keyed


def test_a_keys_generation_is_told_up_to_the_largest_there_can_be():
    assert [1, 0x01020304, 2**32 - 1] == [
        DataKey(n, bytes(64)).generation for n in (1, 0x01020304, 2**32 - 1)
    ]


def test_what_a_key_blinds_is_blinded_alike_for_ever():
    """Kept with every entry, to know again what was sent twice: another hash would take all for new."""
    key = DataKey(1, bytes(range(64)))

    assert "27350c28b184381783777db8dca10ef05c75d927b8652bface44a127896ede7e" == key.blinds(b"digest").hex()


def test_a_key_of_which_the_spine_was_worked_out_already_opens_and_seals_the_same():
    plain = DataKey(1, bytes(range(64)))
    fetched = DataKey(1, plain.secret, plain.spine)
    first, second, third = (fetched.aead for _ in range(3))

    assert CANARY == unseal_spine(plain, b"", seal_spine(fetched, b"", CANARY))
    assert CANARY == unseal_spine(fetched, b"", seal_spine(plain, b"", CANARY))
    assert plain.expand(b"any") == fetched.expand(b"any")
    assert first is not second
    assert second is third


def test_a_key_used_once_keeps_nothing_of_it_and_one_used_again_what_it_works_with():
    once, again, spine = (DataKey(1, bytes(64)) for _ in range(3))
    once.expand(b"one")
    for info in (b"one", b"another"):
        again.expand(info)
    first, second, third = (spine.aead for _ in range(3))

    assert (True, False) == (once._keyed is None, again._keyed is None)
    assert first is not second
    assert second is third


def test_the_key_of_stored_bodies_is_derived_for_them_alone():
    key = DataKey(3, bytes(range(64)))
    stored = seal_spine(key, b"aad", CANARY)

    assert CANARY == AESGCM(DataKey(3, key.secret).expand(b"hub/spine")[:32]).decrypt(
        stored[5:17], stored[17:], stored[:5] + b"aad"
    )


def test_what_does_not_open_says_why_in_one_word_and_is_the_houses_fault():
    error = CannotUnseal("damaged")

    assert ("damaged", "damaged", 500) == (str(error), error.reason, error.status)


def test_a_place_cannot_be_changed_nor_added_to():
    place = Place(CHILD.bytes, EVENT.bytes, 1, SCOPE, SCHEMA)
    with pytest.raises(AttributeError):
        place.scope = "health"
    assert not hasattr(place, "__dict__")
