"""What one agency packs cannot stop the intake of all others."""

from random import Random

import lz4.frame
import pytest
from kafka.record.default_records import DefaultRecordBatchBuilder

from hub.intake.unreadable import FREE, TIMES, ForgivingBatch

LZ4, GZIP = 3, 1
HEADER = ForgivingBatch.HEADER_STRUCT.size
SEALED = bytes(range(256))


def batch(codec, *values, packed=None, headers=()):
    """As a broker keeps it, from offset 0 on; `packed`: what lies in it instead."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 10**8)
    for at, value in enumerate(values):
        builder.append(at, 0, None, value, list(headers) if at == 1 else [])
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


@pytest.mark.parametrize("codec", [0, LZ4])
@pytest.mark.parametrize("after", [0, 2])
def test_a_record_whose_header_is_no_text_is_empty_at_its_own_offset_and_the_others_are_read(codec, after):
    def spoilt(said):
        said = lz4.frame.decompress(said) if codec else said
        said = said.replace(b"name", b"\xff\xfe\xff\xfe")
        return lz4.frame.compress(said) if codec else said

    values = [SEALED] * (2 + after)
    found = list(batch(codec, *values, packed=spoilt, headers=[("name", b"x")]))

    assert [SEALED, None, *values[2:]] == [record.value for record in found]
    assert list(range(2 + after)) == [record.offset for record in found]
    assert -1 == found[1].timestamp  # Kafka's own word for none


def test_a_batch_is_unpacked_once_however_often_it_is_begun():
    twice = batch(LZ4, SEALED, SEALED)
    iter(twice)

    assert [(0, SEALED), (1, SEALED)] == read(twice)


def test_what_unpacks_to_all_that_may_be_is_read_and_a_byte_more_is_not():
    def filled_up(more):
        def packed(said):
            records = lz4.frame.decompress(said)
            for zeros in range(40_000):
                found = lz4.frame.compress(records + bytes(zeros))
                if len(records) + zeros == FREE + TIMES * len(found) + more:
                    return found
            raise AssertionError

        return packed

    def of(more):
        return read(batch(LZ4, SEALED + SEALED, packed=filled_up(more)))

    assert ([(0, SEALED + SEALED)], [(0, None)]) == (of(0), of(1))
