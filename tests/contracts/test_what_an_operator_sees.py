"""What whoever runs the bus can read: the raw segments of a real Kafka, and the embedded log's file.

In clear stays what security.md 2.5 names and the hub needs to find the way: sender, coarse type, when it was
sent, keyed hashes. Every field of every type bears a word of its own, and none of them is found.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from kafka.record import MemoryRecords

from adapters.bus_kafka import KafkaProducing
from schemas.sealing import read_token
from schemas.topic_log import unpack_headers
from schemas.vocabulary import Agency
from schemas.wire import SESSION_TOKEN, first_headers
from tests.canaries import canaries
from tests.hubs import Desk

CLEAR = {
    "ce_specversion": r"1\.0",
    "ce_id": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "ce_source": f"/({'|'.join(Agency)})/[!-~]+",
    "ce_time": r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z",
    "ce_partitionkey": r"[0-9a-f]{64}",
    "content-type": r"application/octet-stream",
    "ce_sessiontoken": r"[A-Za-z0-9+/=]+",
}
"""Every header there is but the type, and all it can say."""
TEXT = re.compile(rb"[\t\n -~]{24,}")
"""Random bytes hold no run of so many printable ones (less than one in 10^7 kilobytes)."""


@pytest.fixture(params=["embedded", "kafka"])
def seen(request, tmp_path):
    """All bytes that a bus keeps on disk of every planted event, and the records in them."""
    if request.param == "embedded":
        desk = Desk(tmp_path / "data")
        desk.publish(*(event for event, _ in canaries()))
        return embedded(desk.settings.topic_log)
    access = request.getfixturevalue("kafka_access").model_copy(update={"compression": "none"})
    broker = request.getfixturevalue("broker")
    if "folder" not in broker:
        pytest.skip("another's broker: its disk is not ours to read")
    desk = Desk(tmp_path / "data", access)
    with closing(KafkaProducing(access)) as producing:
        producing.send(desk.messages(*(event for event, _ in canaries())))
    return segments(Path(broker["folder"]), access.on_bus(""))


def embedded(file):
    """The file of the embedded log, its write-ahead log, and its records as they lie."""
    raw = b"".join(path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as log:
        rows = log.execute("SELECT key, headers, value FROM records").fetchall()
    return raw, [(key, unpack_headers(headers), value) for key, headers, value in rows]


def segments(folder, namespace):
    """The raw segments of our topics on the broker's disk, and the records in them."""
    files = sorted(p for p in folder.rglob(f"{namespace}*/*") if p.is_file())
    records = []
    for file in files:
        if file.suffix == ".log":
            batches = MemoryRecords(file.read_bytes().rstrip(b"\0"))
            while batches.has_next():
                records += [(r.key, tuple(r.headers), r.value) for r in batches.next_batch()]
    return b"".join(file.read_bytes() for file in files), records


@pytest.mark.slow
def test_whoever_reads_the_disk_of_the_bus_finds_no_word_of_any_field_and_what_is_clear_is_named(seen):
    raw, records = seen
    words = [w for _, planted in canaries() for name, w in planted.items() if name != "system"]
    systems = [planted["system"] for _, planted in canaries() if "system" in planted]

    assert len(canaries()) == len(records)
    assert len(words) > 600
    assert [] == [word for word in words if word.encode() in raw]
    assert all(word.encode() in raw for word in systems), "the search finds what is in clear"
    assert [] == [said for said in (b"9449305552", b"Marsh", b"2012-04-05", b"2026-10-01") if said in raw]
    what_stays_in_clear_is_what_the_design_names(records)


def what_stays_in_clear_is_what_the_design_names(records):
    clear = CLEAR | {"ce_type": "|".join(re.escape(event.public_type) for event, _ in canaries())}
    for key, headers, value in records:
        odd = [n for n, said in headers if not re.fullmatch(clear.get(n, "(?!)"), said.decode())]
        agency, *_, encapsulated, signature = read_token(first_headers(headers)[SESSION_TOKEN])

        assert sorted(clear) == sorted(name for name, _ in headers)
        assert [] == odd
        assert re.fullmatch(rb"[0-9a-f]{64}", key)
        assert agency in {a.value for a in Agency}
        assert (64, True) == (len(signature), len(encapsulated) > 1000)
        assert not TEXT.search(value)
    hidden = {event.type for event, _ in canaries() if event.restricted}
    shown = {first_headers(headers)["ce_type"].decode() for _, headers, _ in records}
    assert len(hidden) == 3
    assert hidden.isdisjoint(shown)
