"""The hash tree against the RFC's own recursive definition, and against roots everyone knows."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    Proof,
    consistency,
    frontier,
    inclusion,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

KNOWN_LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
KNOWN_LEAVES.append(bytes(range(0x60, 0x70)))
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = st.integers(0, 140)


# The reference: RFC 9162 2.1.1, 2.1.3.1 and 2.1.4.1, as defined there, on lists.


def mth(leaves):
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def reference_path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*reference_path(m, leaves[:k]), mth(leaves[k:])]
    return [*reference_path(m - k, leaves[k:]), mth(leaves[:k])]


def reference_subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*reference_subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*reference_subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def leaves_of(size, text="leaf"):
    return [f"{text} {i}".encode() for i in range(size)]


def grown(leaves):
    """The tree of some leaves as a ledger keeps it: its complete nodes, and its frontier."""
    tree, nodes = Frontier(), {}
    for index, leaf in enumerate(map(leaf_hash, leaves)):
        nodes[0, index] = leaf
        nodes.update({(node.level, node.place): node.hash for node in tree.append(leaf)})
    return tree, lambda level, place: nodes[level, place]


@pytest.mark.parametrize("size", range(9))
def test_the_well_known_trees_have_their_well_known_roots(size):
    tree, node = grown(KNOWN_LEAVES[:size])

    assert KNOWN_ROOTS[size] == tree.root().hex()
    assert KNOWN_ROOTS[size] == root(node, size).hex()


def test_the_empty_tree_is_the_hash_of_nothing():
    assert sha256(b"").digest() == EMPTY_ROOT == Frontier().root()


@given(size=SIZES)
def test_a_grown_tree_has_the_root_the_definition_gives(size):
    leaves = leaves_of(size)
    tree, node = grown(leaves)

    assert mth(leaves) == tree.root() == root(node, size)


@given(size=SIZES, earlier=SIZES)
def test_the_root_of_any_earlier_size_can_still_be_told(size, earlier):
    earlier = min(size, earlier)
    leaves = leaves_of(size)
    _, node = grown(leaves)

    assert mth(leaves[:earlier]) == root(node, earlier)


@given(before=SIZES, after=SIZES)
def test_a_frontier_read_back_grows_as_if_it_had_never_stopped(before, after):
    leaves = leaves_of(before + after)
    _, node = grown(leaves[:before])
    tree = frontier(node, before)
    for leaf in leaves[before:]:
        tree.append(leaf_hash(leaf))

    assert mth(leaves) == tree.root()


def test_a_copied_frontier_grows_on_its_own():
    tree, _ = grown(leaves_of(5))
    other = tree.copy()
    other.append(leaf_hash(b"more"))

    assert mth(leaves_of(5)) == tree.root()
    assert mth([*leaves_of(5), b"more"]) == other.root()


@given(size=st.integers(1, 140), place=st.integers(0, 139))
def test_an_inclusion_proof_is_the_definitions_and_verifies(size, place):
    place %= size
    leaves = leaves_of(size)
    _, node = grown(leaves)
    proof = inclusion(node, place, size)

    assert reference_path(place, leaves) == list(proof.path)
    assert verify_inclusion(proof, leaf_hash(leaves[place]), mth(leaves))


@given(new=SIZES, old=SIZES)
def test_a_consistency_proof_is_the_definitions_and_verifies(new, old):
    old = min(old, new)
    leaves = leaves_of(new)
    _, node = grown(leaves)
    proof = consistency(node, old, new)

    assert (reference_subproof(old, leaves, True) if old else []) == list(proof.path)
    assert verify_consistency(proof, mth(leaves[:old]), mth(leaves))


def bent(path):
    """A proof's path damaged in every small way: a bit, a step dropped, doubled, added, cut short."""
    for i, step in enumerate(path):
        yield (*path[:i], bytes([step[0] ^ 1]) + step[1:], *path[i + 1 :])
        yield (*path[:i], *path[i + 1 :])
        yield (*path[:i], step, *path[i:])
        yield (*path[:i], step[:-1], *path[i + 1 :])
    yield (*path, bytes(32))
    yield (bytes(32), *path)


@given(size=st.integers(1, 40), place=st.integers(0, 39))
def test_no_damaged_inclusion_proof_verifies(size, place):
    place %= size
    leaves = leaves_of(size)
    _, node = grown(leaves)
    proof, leaf, top = inclusion(node, place, size), leaf_hash(leaves[place]), mth(leaves)
    others = {Proof(place, size, path) for path in bent(proof.path)}
    others |= {proof._replace(at=at) for at in range(-1, size + 1) if at != place}

    assert not any(verify_inclusion(other, leaf, top) for other in others)
    assert not verify_inclusion(proof, leaf_hash(b"another"), top)
    assert not verify_inclusion(proof, leaf, mth(leaves_of(size, "other")))
    assert not verify_inclusion(proof, leaf[:-1], top)
    assert not verify_inclusion(proof, leaf, top + b"\0")


@given(new=st.integers(1, 40), old=st.integers(0, 40))
def test_no_damaged_consistency_proof_verifies(new, old):
    old = min(old, new)
    leaves = leaves_of(new)
    _, node = grown(leaves)
    proof, old_root, new_root = consistency(node, old, new), mth(leaves[:old]), mth(leaves)
    others = {Proof(old, new, path) for path in bent(proof.path)}
    others |= {proof._replace(at=at) for at in range(-1, new + 1) if at != old}

    assert not any(verify_consistency(other, old_root, new_root) for other in others)
    assert not verify_consistency(proof, mth(leaves_of(max(old, 1), "other")), new_root)
    assert not verify_consistency(proof, old_root[:-1], new_root)
    assert not verify_consistency(proof, old_root, new_root[:-1])
    assert not old or not verify_consistency(proof, old_root, mth(leaves_of(new, "other")))


def test_a_tree_is_the_start_of_no_smaller_tree_and_has_no_leaf_beyond_its_end():
    _, node = grown(leaves_of(4))

    with pytest.raises(ValueError, match="larger"):
        consistency(node, 4, 3)
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion(node, 4, 4)
    assert not verify_consistency(Proof(4, 3, ()), mth(leaves_of(4)), mth(leaves_of(3)))


@pytest.mark.parametrize("size", range(2, 18))
def test_a_path_longer_than_the_tree_is_high_does_not_verify_even_if_it_leads_to_the_root(size):
    leaves, more = leaves_of(size), leaf_hash(b"more")
    _, node = grown(leaves)
    found = inclusion(node, size - 1, size)
    grew = consistency(node, size - 1, size)
    above, above_old = (sha256(b"\x01" + more + mth(tree)).digest() for tree in (leaves, leaves[:-1]))

    assert not verify_inclusion(found._replace(path=(*found.path, more)), leaf_hash(leaves[-1]), above)
    assert not verify_consistency(grew._replace(path=(*grew.path, more)), above_old, above)


def test_the_empty_tree_is_the_start_of_every_tree_but_only_with_its_own_root():
    top = mth(leaves_of(5))

    assert verify_consistency(Proof(0, 5, ()), EMPTY_ROOT, top)
    assert not verify_consistency(Proof(0, 5, ()), top, top)
    assert not verify_consistency(Proof(0, 5, (top,)), EMPTY_ROOT, top)
