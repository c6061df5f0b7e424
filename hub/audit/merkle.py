"""The hash tree of RFC 9162 section 2.1 (and RFC 6962): roots, and short proofs that anyone can check."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH = 32
EMPTY_ROOT = sha256(b"").digest()
NodeAt = Callable[[int, int], bytes]
"""The hash of the complete subtree over leaves `index << level` up to `(index + 1) << level`."""


class Node(NamedTuple):
    """One complete subtree; level 0 are the leaves' hashes."""

    level: int
    place: int
    hash: bytes


class Proof(NamedTuple):
    """That a leaf stands at its place in a tree of a size, or that a tree of a size is the start of another.

    `at` is the leaf, or the older size.
    """

    at: int
    size: int
    path: tuple[bytes, ...]


def leaf_hash(data: bytes) -> bytes:
    """A leaf's hash; the prefix keeps leaves and inner nodes apart."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """An inner node's hash."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """The complete subtrees a growing tree consists of, largest first: all that is needed to go on."""

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)

    def copy(self) -> "Frontier":
        """Another one that grows on its own."""
        return Frontier(self.size, self.peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Grow by one leaf's hash; returns the inner nodes it completes, lowest first."""
        index, level, completed = self.size, 0, list[Node]()
        while index & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            index, level = index >> 1, level + 1
            completed.append(Node(level, index, leaf))
        self.peaks.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.peaks:
            return EMPTY_ROOT
        *larger, found = self.peaks
        for peak in reversed(larger):
            found = node_hash(peak, found)
        return found


def frontier(node: NodeAt, size: int) -> Frontier:
    """The frontier of a tree whose complete nodes are kept."""
    levels = [level for level in reversed(range(size.bit_length())) if size >> level & 1]
    return Frontier(size, [node(level, (size >> level) - 1) for level in levels])


def root(node: NodeAt, size: int) -> bytes:
    """The root the tree had at a size."""
    return frontier(node, size).root()


def inclusion(node: NodeAt, leaf: int, size: int) -> Proof:
    """Proof that a leaf is in the tree of a size (RFC 9162 2.1.3.1). Raises ValueError outside it."""
    if not 0 <= leaf < size:
        raise ValueError("no such leaf in a tree of this size")
    return Proof(leaf, size, tuple(_path(node, leaf, 0, size)))


def consistency(node: NodeAt, old: int, new: int) -> Proof:
    """Proof that the tree of the old size is the start of the new (2.1.4.1). Raises ValueError if older."""
    if not 0 <= old <= new:
        raise ValueError("a tree is the start of a larger one only")
    path = _subproof(node, old, 0, new, whole=True) if old else []
    return Proof(old, new, tuple(path))


def verify_inclusion(proof: Proof, leaf: bytes, root: bytes) -> bool:
    """Whether a proof leads from a leaf's hash to a root (2.1.3.2)."""
    place, last, found = proof.at, proof.size - 1, leaf
    if not 0 <= place <= last or not _hashes(leaf, root, *proof.path):
        return False
    for step in proof.path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            place, last = _above_right_edge(place, last)
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(proof: Proof, old_root: bytes, new_root: bytes) -> bool:
    """Whether a proof shows that the tree under the old root is the start of the new (2.1.4.2)."""
    old, new, path = proof.at, proof.size, list(proof.path)
    if not 0 <= old <= new or not _hashes(old_root, new_root, *path):
        return False
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if old & (old - 1) == 0:  # one complete subtree: its root is the first step, and is not repeated
        path.insert(0, old_root)
    return bool(path) and _leads_to_both(path, old - 1, new - 1, old_root, new_root)


def _leads_to_both(path: Sequence[bytes], place: int, last: int, old_root: bytes, new_root: bytes) -> bool:
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = new_found = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_found, new_found = node_hash(step, old_found), node_hash(step, new_found)
            place, last = _above_right_edge(place, last)
        else:
            new_found = node_hash(new_found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old_found == old_root and new_found == new_root


def _above_right_edge(place: int, last: int) -> tuple[int, int]:
    """Climb, at the right edge, past levels where there is no sibling."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _path(node: NodeAt, leaf: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if leaf < middle:
        return [*_path(node, leaf, start, middle), _over(node, middle, end)]
    return [*_path(node, leaf, middle, end), _over(node, start, middle)]


def _subproof(node: NodeAt, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [_over(node, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(node, old, start, middle, whole=whole), _over(node, middle, end)]
    return [*_subproof(node, old, middle, end, whole=False), _over(node, start, middle)]


def _over(node: NodeAt, start: int, end: int) -> bytes:
    """The hash over a range that the tree's own splits lead to: only its right edge can be ragged."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_over(node, start, middle), _over(node, middle, end))


def _split(width: int) -> int:
    """The largest power of two smaller than a width."""
    return 1 << (width - 1).bit_length() - 1


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH for value in values)
