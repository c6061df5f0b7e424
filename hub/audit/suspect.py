"""What happened at the first place where a store and its ledger disagree, as far as later rows tell."""

from enum import StrEnum

from hub.audit.ledger import Leaf, MalformedRow, leaf_of
from hub.store.effects import StoredRow


class Wrong(StrEnum):
    """What is wrong at the first bad position."""

    ROW_ALTERED = "the row's state, topic, stream or version was altered"
    ROW_MISSING = "the row is missing"
    ROW_INSERTED = "a row was inserted"
    ORDER = "rows were moved or exchanged"
    STORE_SHORTER = "the store ends before the checkpoint"
    LEDGER_ALTERED = "the ledger was altered, the store was not"
    ROOT_DIFFERS = "the checkpoint's root differs, and the ledger cannot say where"
    SIGNATURE_INVALID = "a checkpoint's signature is not valid"


class Suspect:
    """The first pair that disagrees; the pairs after it show what became of its row."""

    def __init__(self, row: StoredRow | None, leaf: Leaf | None) -> None:
        self._row, self._leaf, self._later = row, leaf, 0
        self._stands_next = self._came_from_next = False
        # One row on its own that was given another place is both: the next in line in store and ledger.
        moved = row is not None and leaf is not None and _is(row, leaf)
        self._stands_later = self._came_from_later = moved
        self._state_moved = False
        self.position = min(side.position for side in (row, leaf) if side is not None)

    @property
    def store_ended(self) -> bool:
        """Whether the ledger remembers a row here and the store has no more rows."""
        return self._row is None

    def see(self, row: StoredRow | None, leaf: Leaf | None) -> None:
        """Look whether a later row is the one that belongs here, or the one here belongs to a later place."""
        self._later += 1
        here, expected = self._row, self._leaf
        if row is not None and expected is not None and _is(row, expected):
            self._stands_later = True
            self._stands_next |= self._later == 1
        if here is not None and leaf is not None and _is(here, leaf):
            self._came_from_later = True
            self._came_from_next |= self._later == 1
        if row is not None and here is not None and expected is not None:
            self._state_moved |= _is(here._replace(state=row.state), expected)

    @property
    def what(self) -> Wrong:
        """What is known by now."""
        if self._row is None:
            return Wrong.ROW_MISSING
        if self._leaf is None:
            return Wrong.LEDGER_ALTERED
        if self._row.position < self._leaf.position:
            return Wrong.ORDER if self._came_from_later else Wrong.ROW_INSERTED
        if self._row.position > self._leaf.position:
            return Wrong.ORDER if self._stands_later else Wrong.ROW_MISSING
        return self._in_place()

    def _in_place(self) -> Wrong:
        """One position, two contents. Rows numbered anew move by one place, all in the same direction."""
        if self._state_moved or (self._stands_later and self._came_from_later):
            return Wrong.ORDER
        if self._stands_later:
            return Wrong.ROW_INSERTED if self._stands_next else Wrong.ORDER
        return Wrong.ROW_MISSING if self._came_from_next else Wrong.ROW_ALTERED


def hash_of(row: StoredRow | None) -> bytes | None:
    """A row's leaf hash; None where there is no row, or none the store could have written."""
    try:
        return leaf_of(row) if row is not None else None
    except MalformedRow:
        return None


def _is(row: StoredRow, leaf: Leaf) -> bool:
    return hash_of(row._replace(position=leaf.position)) == leaf.hash
