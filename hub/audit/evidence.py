"""What an agency signed, with the proof that the hub holds it: for the agency itself, and for an auditor."""

from typing import Any
from uuid import UUID

from hub.audit.keeping import LedgerKeeper, proof_text
from hub.audit.signatures import ENTRIES, leaf_of_entry, statements
from hub.domain.entry import Entry
from hub.errors import Refused
from hub.store.effects import StoredRow
from hub.store.mapper import CHILD, VOUCHED, SealingMapper, said_openly

NEAR = 20_000
"""Rows after an entry among which its signature stands: both were recorded in one transaction."""


def evidence_of(keeper: LedgerKeeper, row: StoredRow, note: str) -> dict[str, Any]:
    """A row of signatures with its proof of inclusion under a checkpoint. Raises NotInLedger.

    Anyone with the log's key and the agency's can check it; no content is in it, and no child.
    """
    proof = keeper.ledger.inclusion(row.position, int(note.split("\n")[1]))
    return {
        "row": [row.position, row.stream.hex(), row.version, row.topic, row.state.hex()],
        "proof": proof_text(proof, note),
    }


def evidence_of_entry(keeper: LedgerKeeper, mapper: SealingMapper, position: int) -> dict[str, Any]:
    """The same for the statement of the entry that stands at a position, cosigned where a witness did.

    Raises Refused where no agency's entry stands there, or it is erased.
    """
    entry = _entry_at(keeper, mapper, position)
    leaf = leaf_of_entry(entry)
    for row in keeper.ledger.rows.rows_after(position, NEAR):
        if row.topic == VOUCHED and leaf in statements(said_openly(row.state)[1])[1].values():
            said = entry.said.digests.hex() if entry.said else ""
            return evidence_of(keeper, row, keeper.vouching(row.position)) | {"digests": said}
    raise Refused("no agency signed this entry")


def _entry_at(keeper: LedgerKeeper, mapper: SealingMapper, position: int) -> Entry:
    for row in keeper.ledger.rows.rows_after(position - 1, 1):
        if row.position == position and row.topic == CHILD:
            stream = UUID(bytes=row.stream)
            (event,) = mapper.open_rows(stream, [(row.version, row.topic, row.state)])
            if isinstance(event.body, ENTRIES) and event.body.by is None:
                return event.body.entry
    raise Refused("no agency's entry that can be read stands at this position")
