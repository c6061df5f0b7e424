"""What an agency signed, with the proof that the hub holds it: for the agency itself, and for an auditor."""

from typing import Any
from uuid import UUID

from hub.audit.keeping import LedgerKeeper, proof_text
from hub.audit.ledger import BATCH, Proving, StoredRows
from hub.audit.signatures import ENTRIES, leaf_of_entry, statements
from hub.domain.entry import Entry
from hub.domain.vouched import vouched_by
from hub.errors import Refused
from hub.store.archive import Archive
from hub.store.effects import StoredRow
from hub.store.mapper import CHILD, VOUCHED, SealingMapper, said_openly

NEAR = 20_000
"""Rows after an entry among which its signature stands: both were recorded in one transaction."""


def proving_under(keeper: LedgerKeeper, note: str) -> Proving:
    """What proves that rows are under a checkpoint. Raises NotInLedger."""
    return keeper.ledger.proving(int(note.split("\n")[1]))


def evidence_of(proving: Proving, row: StoredRow, note: str) -> dict[str, Any]:
    """A row of signatures with its proof of inclusion under a checkpoint. Raises NotInLedger.

    Anyone with the log's key and the agency's can check it; no content is in it, and no child.
    """
    return {
        "row": [row.position, row.stream.hex(), row.version, row.topic, row.state.hex()],
        "proof": proof_text(proving.inclusion(row.position), note),
    }


def evidence_of_entry(keeper: LedgerKeeper, mapper: SealingMapper, position: int) -> dict[str, Any]:
    """The same for the statement of the entry that stands at a position, cosigned where a witness did.

    Raises Refused where no agency's entry stands there, or it is erased.
    """
    entry = _entry_at(keeper, mapper, position)
    row = vouched_near(keeper.ledger.rows, position, leaf_of_entry(entry))
    said = entry.said.digests.hex() if entry.said else ""
    note = keeper.vouching(row.position)
    return evidence_of(proving_under(keeper, note), row, note) | {"digests": said}


def row_proved(proving: Proving, row: StoredRow) -> dict[str, Any]:
    """A row with its way to the root of a checkpoint, for whoever holds that once. Raises NotInLedger."""
    proof = proving.inclusion(row.position)
    return {
        "row": [row.position, row.stream.hex(), row.version, row.topic, row.state.hex()],
        "index": proof.at,
        "path": [step.hex() for step in proof.path],
    }


def vouched_of(archive: Archive, entry: Entry, position: int | None) -> StoredRow:
    """The row of signatures that holds the statement of an entry, which was taken in at a position.

    None: it was split off from another record. Then all rows of its agency are looked through. Raises Refused
    where nobody signed it.
    """
    leaf = leaf_of_entry(entry)
    if position is not None:
        return vouched_near(archive.rows, position, leaf)
    stream = vouched_by(entry.agency)
    holding = (e for e in archive.stream(stream) if leaf in statements(e.body)[1].values())
    found = next(holding, None)
    if found is None:
        raise Refused("no agency signed this entry")
    (row,) = archive.rows.rows_after(dict(archive.rows.places_of(stream))[found.originator_version] - 1, 1)
    return row


def vouched_near(rows: StoredRows, position: int, leaf: bytes) -> StoredRow:
    """The row of signatures that holds an entry's statement. Raises Refused where there is none."""
    for _ in range(0, NEAR, BATCH):
        following = rows.rows_after(position, BATCH)
        for row in following:
            if row.topic == VOUCHED and leaf in statements(said_openly(row.state)[1])[1].values():
                return row
        if not following:
            break
        position = following[-1].position
    raise Refused("no agency signed this entry")


def _entry_at(keeper: LedgerKeeper, mapper: SealingMapper, position: int) -> Entry:
    for row in keeper.ledger.rows.rows_after(position - 1, 1):
        if row.position == position and row.topic == CHILD:
            stream = UUID(bytes=row.stream)
            (event,) = mapper.open_rows(stream, [(row.version, row.topic, row.state)])
            if isinstance(event.body, ENTRIES) and event.body.by is None:
                return event.body.entry
    raise Refused("no agency's entry that can be read stands at this position")
