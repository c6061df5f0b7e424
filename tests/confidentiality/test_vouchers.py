"""What an agency signed is believed: for this hub, at its place, and nothing beside it."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.confidentiality import vouchers
from hub.confidentiality.agency_keys import AgencyKey
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.vouchers import LEVEL, Vouchers
from schemas.vouching import Voucher, batch_statement, node_of, pack_batch, read_batch, tree

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
AT = int(NOON.timestamp())
LEAVES = [sha256(bytes([n])).digest() for n in range(11)]


def hub(**how) -> Vouchers:
    known = {("police", "k1"): AgencyKey(KEY.public_key(), NOON, None)}
    return Vouchers(known, {"hub-1"}, **how)


def batch(size, root, agency="police", key_id="k1", audience="hub-1", at=AT, key=KEY) -> bytes:
    said = agency, key_id, audience, at, size, root
    return pack_batch(*said, key.sign(batch_statement(*said)))


def vouched(leaves) -> list[Voucher]:
    root, paths = tree(leaves)
    packed = batch(len(leaves), root)
    return [Voucher(packed, place, path, b"", b"") for place, path in enumerate(paths)]


def batch_root(leaves) -> bytes:
    return tree(leaves)[0]


def reason(act) -> str:
    with pytest.raises(CannotUnseal) as caught:
        act()
    return caught.value.reason


def refused(voucher, leaf) -> str:
    return reason(lambda: hub().check("police", voucher, leaf))


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_every_leaf_is_believed_at_its_place_and_nowhere_else_in_any_order(size):
    leaves, each = LEAVES[:size], vouched(LEAVES[:size])
    for together in (hub(), None):  # what one leaf showed is remembered for the next; and without
        for n in reversed(range(size)):
            (together or hub()).check("police", each[n], leaves[n])
    for n in range(size):
        for place in set(range(2 * size)) - {n}:
            assert "not-as-signed" == refused(each[n]._replace(place=place), leaves[n])
        assert "not-as-signed" == refused(each[n], bytes(32))


def test_what_is_remembered_of_a_batch_lets_no_other_leaf_in():
    leaves, each = LEAVES[:7], vouched(LEAVES[:7])
    one = hub()
    one.check("police", each[2], leaves[2])

    assert "not-as-signed" == reason(lambda: one.check("police", each[3], bytes(32)))
    one.check("police", each[3]._replace(path=b""), leaves[3])  # its neighbour is known already
    assert "not-as-signed" == reason(lambda: one.check("police", each[6]._replace(path=b""), leaves[5]))


def test_what_led_to_a_root_is_remembered_at_its_level_and_place():
    leaves, each = LEAVES[:5], vouched(LEAVES[:5])
    one = hub()
    one.check("police", each[1], leaves[1])
    (size, known) = one._known["police", each[1].batch]
    (a, b), (ab, cd) = leaves[:2], (node_of(*leaves[:2]), node_of(*leaves[2:4]))

    assert (5, {a, b, ab, cd, node_of(ab, cd), leaves[4], batch_root(leaves)}) == (size, set(known.values()))
    assert {a: (0, 0), b: (0, 1), ab: (1, 0), cd: (1, 1), node_of(ab, cd): (2, 0), leaves[4]: (2, 1)} == {
        node: divmod(at, 1 << LEVEL) for at, node in known.items() if node != batch_root(leaves)
    }
    assert batch_root(leaves) == known[3 << LEVEL]


def test_a_batch_of_nothing_vouches_for_nothing():
    empty = Voucher(batch(0, LEAVES[0]), 0, b"", b"", b"")

    assert "not-as-signed" == refused(empty, LEAVES[0])


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (b"", "unsigned"),
        (batch(1, LEAVES[0])[:-70], "unsigned"),
        (batch(1, LEAVES[0], agency="health"), "wrong-agency"),
        (batch(1, LEAVES[0], key_id="k2"), "unknown-agency-key"),
        (batch(1, LEAVES[0], at=AT - 1), "unknown-agency-key"),
        (batch(1, LEAVES[0], audience="hub-2"), "wrong-audience"),
        (batch(1, LEAVES[0], key=OTHER), "bad-signature"),
        (batch(1, LEAVES[0])[:-1] + b"\0", "bad-signature"),
    ],
)
def test_a_root_that_is_not_this_agencys_for_this_hub_is_refused_with_its_reason(packed, why):
    assert why == refused(Voucher(packed, 0, b"", b"", b""), LEAVES[0])


def test_a_root_is_checked_once_while_it_is_remembered_and_the_oldest_is_forgotten(monkeypatch):
    many = [vouched([leaf])[0] for leaf in LEAVES[:3]]
    asked = []
    monkeypatch.setattr(vouchers, "read_batch", lambda packed: asked.append(packed) or read_batch(packed))
    one = hub(remembered=2)
    for n in (0, 1, 1, 0, 2, 2, 1, 0):
        one.check("police", many[n], LEAVES[n])

    assert [many[n].batch for n in (0, 1, 2, 0)] == asked
