"""One pass over store and ledger side by side, leaf by leaf, settled at each signed checkpoint."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hub.audit.checkpoint import Checkpoint
from hub.audit.ledger import Leaf
from hub.audit.merkle import Frontier, Node
from hub.audit.suspect import Suspect, Wrong, hash_of
from hub.store.effects import StoredRow


class Fault(NamedTuple):
    """What is wrong, and the first bad position.

    Where store and ledger were both rewritten no one can say where: then `position` is the first that no
    agreeing checkpoint vouches for, and `through` the last that the differing one covers. A checkpoint whose
    signature is not valid has no position; `checkpoint` is its place among those given.
    """

    what: Wrong
    position: int | None = None
    through: int | None = None
    checkpoint: int | None = None


class Recorded(NamedTuple):
    """A leaf as the ledger has it, and the inner nodes of its batch by level and place."""

    leaf: Leaf
    completed: Mapping[tuple[int, int], bytes]


class Walk:
    """Compares, and says whose fault a disagreement is.

    Where the root over the store's own rows is the signed one, it is the ledger's; where the root over the
    ledger's leaves is, it is the store's, and the ledger says where. Where neither is, it cannot be said.
    """

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self.index = self.rows = self.vouched = 0
        self._left = list(reversed(checkpoints))
        self._reach = checkpoints[-1].size if checkpoints else 0
        self._store_tree = self._ledger_tree = Frontier()  # one tree, until store and ledger disagree
        self._suspect: Suspect | None = None
        self._suspect_at = 0
        self._broken: int | None = None  # where the ledger's own leaves and nodes do not fit
        self._first: int | None = None  # of the rows no agreeing checkpoint vouches for
        self._last = 0
        self._condemned = False
        self._of_store: Fault | None = None
        self._of_ledger: Fault | None = None

    def step(self, row: StoredRow | None, recorded: Recorded | None) -> None:
        """Take the next row and the next leaf; either may have come to its end."""
        self._settle()
        leaf = recorded.leaf if recorded else None
        self._last = (row or leaf or Leaf(0, self._last, b"")).position
        self._first = self._last if self._first is None else self._first
        if self._condemned:
            if self._suspect is not None:
                self._suspect.see(row, leaf)
        else:
            self._compare(row, recorded)
        self.index += 1
        self.rows += row is not None

    def end(self) -> None:
        """Settle what is left: checkpoints beyond the end, and what no checkpoint covers."""
        self._settle()
        if self._condemned:
            return
        if self._left:
            self._store_ended(self._last + 1 if self._suspect is None else self._first)
        elif self._broken is not None:
            self._blame_ledger()
        else:
            self._condemned = self._suspect is not None

    def faults(self) -> list[Fault]:
        """What was found, first position first."""
        of_store = self._of_store
        if self._condemned and self._suspect is not None:
            short = self._suspect.store_ended and self._suspect_at < self._reach
            of_store = Fault(Wrong.STORE_SHORTER if short else self._suspect.what, self._suspect.position)
        found = [fault for fault in (of_store, self._of_ledger) if fault is not None]
        return sorted(found, key=lambda fault: fault.position or 0)

    # ------------------------------------------------------------ comparing

    def _compare(self, row: StoredRow | None, recorded: Recorded | None) -> None:
        leaf, hash_ = recorded.leaf if recorded else None, hash_of(row)
        if self._suspect is not None:
            self._suspect.see(row, leaf)
        elif not self._agree(row, hash_, leaf):
            self._suspect, self._suspect_at = Suspect(row, leaf), self.index
            self._ledger_tree = self._store_tree.copy()
        one = self._ledger_tree is self._store_tree
        completed = self._store_tree.append(hash_ or b"") if row is not None else []
        if recorded is not None:
            self._check(recorded, completed if one else self._ledger_tree.append(recorded.leaf.hash))

    def _agree(self, row: StoredRow | None, hash_: bytes | None, leaf: Leaf | None) -> bool:
        if leaf is None:
            return self.index >= self._reach  # not yet in the ledger
        return row is not None and row.position == leaf.position and hash_ == leaf.hash

    def _check(self, recorded: Recorded, completed: Sequence[Node]) -> None:
        """The ledger's count goes up by one, and its nodes are those of its leaves."""
        fits = recorded.leaf.leaf == self.index
        for level, place, hash_ in completed:
            fits = fits and recorded.completed.get((level, place)) == hash_
        if not fits and self._broken is None:
            self._broken = recorded.leaf.position

    # ------------------------------------------------------------ settling

    def _settle(self) -> None:
        while self._left and self._left[-1].size == self.index:
            checkpoint = self._left.pop()
            if not self._condemned:
                self._settle_at(checkpoint)

    def _settle_at(self, checkpoint: Checkpoint) -> None:
        if _is(self._store_tree, checkpoint):
            self._blame_ledger()
            self.vouched, self._first = checkpoint.size, None
            self._suspect, self._broken, self._ledger_tree = None, None, self._store_tree
        elif self._suspect is not None and _is(self._ledger_tree, checkpoint):
            self._condemned = True
            if self._broken is not None:
                self._of_ledger = self._of_ledger or Fault(Wrong.LEDGER_ALTERED, self._broken)
        elif self._store_tree.size < checkpoint.size:
            self._store_ended(self._first)
        else:
            self._condemned, self._suspect = True, None
            self._of_store = Fault(Wrong.ROOT_DIFFERS, self._first, self._last)

    def _store_ended(self, position: int | None) -> None:
        """The store is too short, and the ledger is no witness; it still names the place if it went along."""
        if self._suspect is not None and self._suspect.store_ended:
            position = self._suspect.position
        self._condemned, self._suspect = True, None
        self._of_store = Fault(Wrong.STORE_SHORTER, position)

    def _blame_ledger(self) -> None:
        suspected = self._suspect.position if self._suspect is not None else None
        places = [place for place in (suspected, self._broken) if place is not None]
        if places:
            self._of_ledger = self._of_ledger or Fault(Wrong.LEDGER_ALTERED, min(places))


def _is(tree: Frontier, checkpoint: Checkpoint) -> bool:
    return tree.size == checkpoint.size and tree.root() == checkpoint.root
