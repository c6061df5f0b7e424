"""The ledger: a hash tree over every stored row, so that no row can be changed, dropped or moved unseen."""

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from hub.audit import merkle
from hub.audit.checkpoint import Checkpoint
from hub.audit.merkle import Node, Proof, leaf_hash
from hub.errors import Conflict, HubError, Refused
from hub.store.effects import StoredRow

BATCH = 1000
START = -(2**63)
"""Before any position: a row put in front of the first must be met too."""
NODES = 10_000
"""Nodes of the tree that are kept while many rows are proved."""
LENGTH = struct.Struct(">I").pack
NUMBERS = struct.Struct(">IqI").pack


class StoredRows(Protocol):
    """The event store's rows as they lie, in order of position.

    Text that is not UTF-8 comes with `surrogateescape`: a damaged row must be named, not stop the reading.
    """

    def rows_after(self, position: int, limit: int) -> Sequence[StoredRow]:
        """The next rows after a position."""
        ...


class MalformedRow(HubError):
    """A row holds other kinds of values than the store writes. The text names its position only."""

    title = "A stored row is damaged"


class NotInLedger(HubError):
    """The ledger does not hold this row, or not so many rows, yet."""

    status, title = 404, "Not in the ledger"


class Tip(NamedTuple):
    """How far the ledger is: its number of leaves, and the store's position of the last (START: none)."""

    size: int
    position: int


class Leaf(NamedTuple):
    """One row as the ledger remembers it. `leaf` is the ledger's own count: positions may have gaps."""

    leaf: int
    position: int
    hash: bytes


class Kept(NamedTuple):
    """A checkpoint as the ledger keeps it; what counts in an audit are the copies kept elsewhere."""

    size: int
    root: bytes
    note: str
    made_at: datetime


class LedgerTables(Protocol):
    """Where a ledger is kept. Nothing is ever changed or deleted there; engines: `ledger_<engine>.py`."""

    def migrate(self) -> None:
        """Make the tables, where they are not."""
        ...

    def tip(self) -> Tip:
        """How far the ledger is."""
        ...

    def append(self, after: Tip, leaves: Sequence[Leaf], nodes: Sequence[Node]) -> None:
        """Add leaves and the inner nodes they complete, in one transaction.

        Raises Conflict where the tip is another: somebody else followed.
        """
        ...

    def leaves(self, first: int, limit: int) -> Sequence[Leaf]:
        """Leaves in order, from one on."""
        ...

    def leaf_at(self, position: int) -> int | None:
        """The leaf of a row."""
        ...

    def node(self, level: int, place: int) -> bytes:
        """One complete node; level 0 are leaves. Raises NotInLedger."""
        ...

    def completed(self, first: int, end: int) -> Mapping[tuple[int, int], bytes]:
        """The inner nodes (level, place) that leaves from `first` up to before `end` completed."""
        ...

    def keep(self, checkpoint: Kept) -> None:
        """Keep a checkpoint. The same size and note again changes nothing."""
        ...

    def checkpoints(self) -> Sequence[Kept]:
        """Every checkpoint kept, smallest first."""
        ...


class Ledger:
    """Follows a store's rows and proves what it holds, on any engine."""

    def __init__(self, tables: LedgerTables, rows: StoredRows) -> None:
        self.tables, self.rows = tables, rows

    def follow(self, limit: int = BATCH) -> int:
        """Take in the next rows, at most `limit`, and say how many. One follower of several does it.

        Raises Conflict where another follower was first, MalformedRow for a row that cannot be taken in.
        """
        tip = self.tables.tip()
        rows = self.rows.rows_after(tip.position, limit)
        if not rows:
            return 0
        tree, leaves, nodes = merkle.frontier(self.tables.node, tip.size), list[Leaf](), list[Node]()
        for leaf, row in enumerate(rows, tip.size):
            found = leaf_of(row)
            leaves.append(Leaf(leaf, row.position, found))
            nodes.extend(tree.append(found))
        self.tables.append(tip, leaves, nodes)
        return len(leaves)

    def size(self) -> int:
        """How many rows the ledger holds."""
        return self.tables.tip().size

    def behind(self, last: int) -> int:
        """How far the ledger is from the store's last position: 0 when every row is taken in.

        In positions, which may have gaps; so at most this many rows wait.
        """
        return max(0, last - max(0, self.tables.tip().position))

    def root(self, size: int) -> bytes:
        """The root at a size. Raises NotInLedger beyond the tip."""
        self._reaches(size)
        return merkle.root(self.tables.node, size)

    def inclusion(self, position: int, size: int | None = None) -> Proof:
        """Proof that the row at a position is in the ledger, of now or of a size. Raises NotInLedger."""
        return self.proving(size).inclusion(position)

    def proving(self, size: int | None = None) -> "Proving":
        """What proves rows, one after the other, in the ledger of now or of a size. Raises NotInLedger."""
        size = self.size() if size is None else size
        self._reaches(size)
        return Proving(self.tables, size)

    def consistency(self, old_size: int, new_size: int) -> Proof:
        """Proof that nothing below the old size changed until the new. Raises NotInLedger, Refused."""
        self._reaches(new_size)
        if not 0 <= old_size <= new_size:
            raise Refused("the older size is the smaller one")
        return merkle.consistency(self.tables.node, old_size, new_size)

    def keep(self, checkpoint: Checkpoint, note: str, made_at: datetime) -> None:
        """Keep a signed checkpoint. Raises Conflict where it is not this ledger's, NotInLedger beyond it."""
        if self.root(checkpoint.size) != checkpoint.root:
            raise Conflict("the checkpoint's root is not the ledger's at its size")
        self.tables.keep(Kept(checkpoint.size, checkpoint.root, note, made_at))

    def _reaches(self, size: int) -> None:
        if not 0 <= size <= self.size():
            raise NotInLedger("the ledger does not hold so many rows")


class Proving:
    """Proves that rows are in the ledger of one size. Ways share most of their nodes: each is read once."""

    def __init__(self, tables: LedgerTables, size: int) -> None:
        self._tables, self._size = tables, size
        self._node = lru_cache(NODES)(tables.node)

    def inclusion(self, position: int) -> Proof:
        """Proof that the row at a position is in the ledger. Raises NotInLedger."""
        leaf = self._tables.leaf_at(position)
        if leaf is None or leaf >= self._size:
            raise NotInLedger("no row of this position is in a ledger of this size")
        return merkle.inclusion(self._node, leaf, self._size)


def leaf_of(row: StoredRow) -> bytes:
    """The hash of one stored row: SHA-256 of 0x00 and, each after its length, its five parts.

    It covers ciphertext, so destroying keys does not disturb it. Raises MalformedRow.
    """
    try:
        topic = row.topic.encode(errors="surrogateescape")
        return leaf_hash(
            b"".join(
                (
                    NUMBERS(8, row.position, len(row.stream)),
                    row.stream,
                    NUMBERS(8, row.version, len(topic)),
                    topic,
                    LENGTH(len(row.state)),
                    row.state,
                )
            )
        )
    except (TypeError, AttributeError, struct.error, UnicodeEncodeError):
        raise MalformedRow(f"the row at position {row.position} is not what the store writes") from None
