"""A million recorded events, verified: the tree within and from outside, and every agency's signature.

`python -m benchmarks.million [EVENTS]`; about a gigabyte and some minutes. The rows are as long as the hub's,
sealed and signed by its own code, and written straight into its file: intake is another benchmark.
"""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from uuid import UUID, uuid4

from benchmarks.grounds import Ground, durable, timed
from hub import compose
from hub.audit import standalone
from hub.audit.checkpoint import verifier_key
from hub.audit.keeping import ORIGIN
from hub.audit.signatures import check
from hub.confidentiality.agency_keys import load_agency_keys
from hub.domain.child import EntryRecorded
from hub.domain.entry import Entry, Relation, Said
from hub.domain.vouched import Vouched
from hub.store.mapper import SealingMapper
from schemas.vocabulary import Agency
from schemas.vouching import HASH, leaf_of, tree

EVENTS, BATCH, OPEN = 1_000_000, 500, 600
AT = datetime(2026, 11, 1, tzinfo=UTC)
INSERT = "INSERT INTO events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"


def main(count: int) -> None:
    """Print a line for each way of checking."""
    with TemporaryDirectory() as folder:
        here = Ground(Path(folder) / "data")
        with compose.open_hub(here.settings) as hub:
            fill(here, hub.records.archive.sealing, count)
            total = hub.records.archive.rows.max_notification_id() or 0
            said("ledger-follow", total, hub.ledger.catch_up)
            verdicts = []
            said("ledger-verify", total, lambda: verdicts.append(hub.ledger.verify()))
            archive, agencies = hub.records.archive, load_agency_keys(here.settings.agency_keys)
            said(
                "signatures",
                total,
                lambda: verdicts.append(check(archive.rows, archive.sealing, agencies)),
            )
            key = verifier_key(ORIGIN, hub.key_file.ledger_key().public_key())
            note = hub.ledger.latest()
        said("from-outside", total, lambda: print(standalone.check_store(here.settings.archive, [note], key)))
        if not all(verdict.holds for verdict in verdicts) or verdicts[1].statements != count:
            raise SystemExit(f"what was just written does not verify: {verdicts}")


def said(name: str, total: int, work) -> None:
    """Time one way over all rows."""
    before = process_time()
    wall = timed(work)
    used = process_time() - before
    each = f"{used / total * 1e6:.1f} us of processor an event"
    print(f"time {name} {total:,} rows: {wall:.0f} s, {each}, {total / wall:,.0f} rows/s", flush=True)


def fill(here: Ground, mapper: SealingMapper, count: int) -> None:
    """Entries of one agency in batches, each with its signature, as intake writes them."""
    connection = durable(here.settings.archive)
    connection.execute("PRAGMA synchronous=OFF")
    children = [uuid4() for _ in range(max(1, count // 100))]
    versions = dict.fromkeys(children, 0)
    feed = uuid4()
    for batch, first in enumerate(range(0, count, BATCH), 1):
        connection.execute("BEGIN")
        connection.executemany(INSERT, _rows(here, mapper, children, versions, feed, batch, first, count))
        connection.execute("COMMIT")
    connection.close()


def _rows(
    here, mapper, children, versions, feed, batch, first, count
) -> Iterator[tuple[bytes, int, str, bytes]]:
    entries = [_entry(f"e{number}") for number in range(first, min(first + BATCH, count))]
    leaves = [leaf_of(entry.agency, entry.said.digests) for entry in entries]
    for number, entry in enumerate(entries, first):
        child = children[number // 100 % len(children)]
        (row,) = mapper.seal_rows(child, versions[child], AT, [EntryRecorded(entry=entry)], None)
        versions[child] += 1
        yield row
    session = here.outgoing[Agency.POLICE].session
    signed = session.vouch(int(datetime.now(UTC).timestamp()), len(leaves), tree(leaves)[0])
    placed = b"".join(place.to_bytes(4, "big") + leaf for place, leaf in enumerate(leaves))
    (row,) = mapper.seal_rows(feed, batch - 1, AT, [Vouched(batch=signed, leaves=placed, nodes=b"")], None)
    yield row


def _entry(source: str) -> Entry:
    random = os.urandom(HASH * 8)
    return Entry(
        id=UUID(bytes=random[:16]),
        source=random[:32],
        digest=random[32:64],
        agency="police",
        type="police.missing-episode.v1",
        occurred_at=AT,
        precision="minute",
        ended_at=None,
        ongoing=False,
        learned_at=None,
        source_recorded_at=None,
        relation=Relation.NEW,
        target=None,
        supersedes=None,
        open=source.encode() + bytes(OPEN),
        envelopes=(),
        said=Said(random[64 : 64 + HASH * 5], random[-16:]),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)
