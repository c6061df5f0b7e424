"""Compares the hub's receipts with what an agency sent: which events are proved to be in the hub's ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from adapters.spool import Spool
from schemas.receipts import ReceiptInvalid, read_receipt
from schemas.vocabulary import Agency


@dataclass(slots=True)
class Compared:
    """Counts. `proved`: events newly proved to be taken; `wait`: sent, and not proved by any receipt yet.

    `since`: when the oldest of those was taken into the spool. `invalid`: receipts that do not hold, and why.
    `lost`: receipts that the bus held no longer; the hub's operator has them still. `key`: the hub's key that
    was announced, and is sealed to from now on; empty: none newer.
    """

    receipts: int = 0
    proved: int = 0
    wait: int = 0
    since: str = ""
    lost: int = 0
    key: str = ""
    invalid: list[str] = field(default_factory=list)


def compare(spool: Spool, agency: Agency, places: Iterable[Path], ledger_key: str) -> Compared:
    """Read every receipt in these files and folders, check it, and mark what it proves.

    An event that the hub holds back or never got has no receipt: it waits, and the agency can ask. So does
    one that was said before and is said again from another file: the hub kept the first.
    """
    found = Compared()
    for file in _files(places):
        try:
            receipt = read_receipt(file.read_bytes(), ledger_key)
            if receipt.agency != agency:
                raise ReceiptInvalid("it is another agency's")  # noqa: TRY301 — named with its file like the rest
        except ReceiptInvalid as why:
            found.invalid.append(f"{file.name}: {why}")
            continue
        found.receipts += 1
        found.proved += spool.proved(receipt.leaves, receipt.position)
    found.wait, found.since = spool.unproved()
    return found


def _files(places: Iterable[Path]) -> Iterable[Path]:
    for place in places:
        yield from sorted(place.glob("*.json")) if place.is_dir() else (place,)
