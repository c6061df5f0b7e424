"""Receipts: laid down for each agency, once what it signed stands under a signed checkpoint."""

import json
from collections.abc import Callable
from pathlib import Path

from hub.audit.evidence import evidence_of, proving_under
from hub.audit.keeping import LedgerKeeper
from hub.audit.ledger import BATCH, START, NotInLedger, Proving
from hub.audit.signatures import statements
from hub.store.effects import StoredRow
from hub.store.mapper import VOUCHED, said_openly
from schemas.whole_file import write_whole


class Receipts:
    """One folder an agency, one file a row of signatures, named by its position; nothing is written over.

    In earnest each folder is the agency's own, or is copied to it: there is no word of anybody in it.
    """

    def __init__(self, keeper: LedgerKeeper, folder: Path) -> None:
        self._keeper, self._folder = keeper, folder
        self._done: int | None = None

    def lay_down(self, stopping: Callable[[], bool] = lambda: False) -> list[Path]:
        """Write what is not written yet and covered by a checkpoint, or until `stopping`; tells which."""
        self._done = self._last() if self._done is None else self._done
        written: list[Path] = []
        note, proving = "", None
        while rows := self._keeper.ledger.rows.rows_after(self._done, BATCH):
            for row in rows:
                if stopping():
                    return written
                if row.topic == VOUCHED:
                    try:
                        if proving is None:
                            note = self._keeper.latest()
                            proving = proving_under(self._keeper, note)
                        written.append(self._write(row, proving, note))
                    except NotInLedger:  # recorded since the last checkpoint: its turn comes with the next
                        return written
                self._done = row.position
        return written

    def _last(self) -> int:
        return max((int(file.stem) for file in self._folder.glob("*/*.json")), default=START)

    def _write(self, row: StoredRow, proving: Proving, note: str) -> Path:
        receipt = json.dumps(evidence_of(proving, row, note))
        batch, _ = statements(said_openly(row.state)[1])
        folder = self._folder / batch.agency
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        file = folder / f"{row.position:012d}.json"
        write_whole(file, receipt.encode())
        return file
