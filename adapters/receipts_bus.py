"""Takes the hub's receipts from the bus, checks each, and keeps what holds: once, however often it comes."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from adapters.receipts import Compared
from adapters.spool import Spool
from schemas import bus_key
from schemas.bus_key import NoBusKey
from schemas.receipts import ReceiptInvalid, read_receipt
from schemas.topic_log import TopicLog
from schemas.vocabulary import Agency
from schemas.whole_file import write_whole
from schemas.wire import receipts_topic_of

AT_ONCE = 500
"""Receipts read together."""


class Arrived(Protocol):
    """One message of the topic of receipts."""

    @property
    def offset(self) -> int:
        """Its place."""

    @property
    def value(self) -> bytes:
        """The receipt."""


class Reading(Protocol):
    """Reads an agency's topic of receipts, which has one partition."""

    def earliest(self) -> int:
        """The first offset the bus still holds. Raises BusUnavailable."""

    def read(self, offset: int, limit: int) -> Sequence[Arrived]:
        """What stands from an offset on, to the end there is now. Raises BusUnavailable."""

    def close(self) -> None:
        """Let go of the bus."""


def take(
    spool: Spool, agency: Agency, reading: Reading, keep_in: Path, ledger_key: str, hub_key: Path
) -> Compared:
    """Read on where the last call ended, check, keep, and mark what is proved.

    A receipt is on disk before the spool says it was read; killed between, it is read again and is the same
    file. One that does not hold is named by its place on the bus and not kept. Which key to seal to comes on
    the same topic: a newer one of the same hub, signed by its ledger's key, takes the place of `hub_key`.
    Raises BusUnavailable, SpoolUnavailable.
    """
    found = Compared()
    topic = receipts_topic_of(agency)
    following = spool.read_to(topic)
    earliest = reading.earliest()
    if following < earliest:
        found.lost, following = earliest - following, earliest
    while arrived := reading.read(following, AT_ONCE):
        for one in arrived:
            try:
                if bus_key.is_said(one.value):
                    found.key = _taken_over(one.value, ledger_key, hub_key) or found.key
                    continue
                receipt = read_receipt(one.value, ledger_key)
                if receipt.agency != agency:
                    raise ReceiptInvalid("it is another agency's")  # noqa: TRY301 — named with its place
            except (ReceiptInvalid, NoBusKey) as why:
                found.invalid.append(f"{topic}/{one.offset}: {why}")
                continue
            _keep(keep_in, receipt.position, one.value)
            found.receipts += 1
            found.proved += spool.proved(receipt.leaves, receipt.position)
        following = arrived[-1].offset + 1
        spool.has_read(topic, following)
    found.wait, found.since = spool.unproved()
    return found


def _taken_over(said: bytes, ledger_key: str, hub_key: Path) -> str:
    """Seal to this key from now on, if it is newer; tells its id, or nothing. Raises NoBusKey.

    The file is the newest that was taken over or handed out by hand: one that comes again changes nothing,
    and one of before does not come back.
    """
    key = bus_key.read(said, ledger_key)
    try:
        standing = json.loads(hub_key.read_bytes())
        hub, kid, since = standing.get("hub"), standing["kid"], int(standing.get("since", 0))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NoBusKey(f"{hub_key.name}, which it would follow, cannot be read") from None
    if hub != key.hub:
        raise NoBusKey("it is another hub's")
    if key.kid == kid or key.since <= since:
        return ""
    write_whole(hub_key, said)
    return key.kid


def _keep(folder: Path, position: int, receipt: bytes) -> None:
    """Write it whole or not at all; another of the same position is kept beside it, never in its place."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"{position:012d}.json"
    if file.exists() and file.read_bytes() != receipt:
        file = folder / f"{position:012d}-{sha256(receipt).hexdigest()[:12]}.json"
    write_whole(file, receipt)


class EmbeddedReading:
    """Reads the embedded topic log; where the hub has sent nothing yet, there is nothing."""

    def __init__(self, path: Path, agency: Agency) -> None:
        """Open the log. Raises TopicLogUnavailable."""
        self._log, self._topic = TopicLog(path), receipts_topic_of(agency)

    def earliest(self) -> int:
        """The first offset held."""
        first = self._log.read(self._topic, 0, 0, 1) if self._there() else ()
        return first[0].offset if first else 0

    def read(self, offset: int, limit: int) -> Sequence[Arrived]:
        """What stands from an offset on."""
        return self._log.read(self._topic, 0, offset, limit) if self._there() else ()

    def close(self) -> None:
        """Let go of the file."""
        self._log.close()

    def _there(self) -> bool:
        return self._topic in self._log.topics()
