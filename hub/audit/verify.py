"""Checks a store against its ledger and signed checkpoints kept elsewhere; names the first bad position."""

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.audit.checkpoint import Checkpoint, CheckpointInvalid, parse_and_verify
from hub.audit.ledger import BATCH, START, Leaf, Ledger, StoredRows
from hub.audit.suspect import Wrong
from hub.audit.walk import Fault, Recorded, Walk
from hub.store.effects import StoredRow

Progress = Callable[[int, int], None]


class Verdict(NamedTuple):
    """What was looked at and what was found: at most one fault of the store, one of the ledger, one a note.

    `covered` rows are vouched for by a checkpoint that agrees; `not_covered` were recorded after the last.
    """

    rows: int
    covered: int
    not_covered: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    @property
    def first_bad(self) -> int | None:
        """The first bad position, where one is known."""
        return next((fault.position for fault in self.faults if fault.position is not None), None)


def verify(
    rows: StoredRows,
    ledger: Ledger,
    checkpoints: Sequence[str],
    public_key: Ed25519PublicKey,
    *,
    name: str | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Verdict:
    """Derive every leaf again from the store's rows; compare with the ledger and each checkpoint's root.

    Reads in batches: memory does not grow with the store. Rows recorded after the last checkpoint are
    compared with the ledger where it has them, and counted as not covered: a forged one among them is
    not found before the next checkpoint. What is recorded meanwhile does not disturb.
    """
    signed, unsigned = _read(checkpoints, public_key, name)
    size = ledger.size()  # before the first row is read: the ledger must not be ahead of what we see
    walk = Walk(signed)
    for row, recorded in zip_longest(_stored(rows), _recorded(ledger, size)):
        walk.step(row, recorded)
        if walk.index % BATCH == 0:
            progress(walk.index, max(walk.index, size))
    walk.end()
    progress(walk.index, walk.index)
    last = signed[-1].size if signed else 0
    return Verdict(walk.rows, walk.vouched, max(0, walk.rows - last), (*walk.faults(), *unsigned))


def _read(
    notes: Sequence[str], key: Ed25519PublicKey, name: str | None
) -> tuple[list[Checkpoint], list[Fault]]:
    signed, unsigned = list[Checkpoint](), list[Fault]()
    for place, note in enumerate(notes):
        try:
            signed.append(parse_and_verify(note, key, name))
        except CheckpointInvalid:
            unsigned.append(Fault(Wrong.SIGNATURE_INVALID, checkpoint=place))
    return sorted(signed, key=lambda checkpoint: checkpoint.size), unsigned


def _stored(rows: StoredRows) -> Iterator[StoredRow]:
    position = START
    while batch := rows.rows_after(position, BATCH):
        yield from batch
        position = batch[-1].position


def _recorded(ledger: Ledger, size: int) -> Iterator[Recorded]:
    first, position = 0, 0
    while first < size and (batch := ledger.tables.leaves(first, BATCH)):
        following = batch[-1].leaf + 1
        completed = ledger.tables.completed(first, following)
        for leaf in batch:
            if leaf.leaf >= size:
                return
            readable = _readable(leaf, position)
            position = readable.position
            yield Recorded(readable, completed)
        first = following


def _readable(leaf: Leaf, before: int) -> Leaf:
    """A leaf whose columns were given other kinds of values is one that disagrees, not one that stops us."""
    position = leaf.position if isinstance(leaf.position, int) else before
    return Leaf(leaf.leaf, position, leaf.hash if isinstance(leaf.hash, bytes) else b"")
