"""What one agency packs cannot stop the intake of all others."""

from random import Random

import lz4.frame
import pytest
from kafka.record.default_records import DefaultRecordBatchBuilder

from hub.intake.unreadable import FREE, TIMES, ForgivingBatch

LZ4, GZIP = 3, 1
HEADER = ForgivingBatch.HEADER_STRUCT.size
SEALED = bytes(range(256))


def batch(codec, *values, packed=None):
    """As a broker keeps it, from offset 0 on; `packed`: what lies in it instead."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 10**8)
    for at, value in enumerate(values):
        builder.append(at, 0, None, value, [])
    raw = bytes(builder.build())
    return ForgivingBatch(raw if packed is None else raw[:HEADER] + packed(raw[HEADER:]))


def read(found):
    return [(record.offset, record.value) for record in found]


@pytest.mark.parametrize("codec", [LZ4, GZIP])
def test_a_batch_is_unpacked_to_so_many_times_its_size_and_no_further(codec):
    assert [(0, SEALED), (1, SEALED)] == read(batch(codec, SEALED, SEALED))
    alive = [Random(n).randbytes(80) + b"token" * 400 for n in range(200)]
    assert alive == [value for _, value in read(batch(codec, *alive))]
    assert [(0, bytes(FREE - 20))] == read(batch(codec, bytes(FREE - 20)))

    bomb = batch(codec, SEALED, bytes(1_000_000))
    assert [(1, None)] == read(bomb)
    assert len(bomb._buffer) <= FREE + TIMES * 10_000


@pytest.mark.parametrize(
    "packed",
    [
        lambda _: b"no frame",
        lambda packed: packed[:-20],
        lambda _: lz4.frame.compress(b""),
        lambda _: lz4.frame.compress(b"\xff" * 30),
        lambda _: lz4.frame.compress(b"\x7e" + bytes(5)),
    ],
    ids=["no frame", "cut off", "empty", "no numbers", "longer than all there is"],
)
def test_what_cannot_be_unpacked_or_parsed_is_one_empty_record_at_its_last_offset(packed):
    assert (1, None) == read(batch(LZ4, SEALED, SEALED, packed=packed))[-1]


def test_what_lies_behind_the_last_record_changes_nothing():
    behind = batch(LZ4, 2 * SEALED, packed=lambda said: lz4.frame.compress(lz4.frame.decompress(said) + b"?"))

    assert [(0, 2 * SEALED)] == read(behind)
