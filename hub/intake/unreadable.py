"""Reads on past what the client cannot parse, or should not unpack: one sender must not stop all others.

kafka-python 3.0.12 reads header names as strict UTF-8, which no broker checks, and after one that fails so
it never comes to rest again; and it unpacks whatever a batch holds, a gigabyte out of four megabytes. Here
such a record is delivered empty, and a batch that cannot be unpacked as one empty record at its last offset:
intake holds it, with its place, as no CloudEvent.
"""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

from kafka.errors import CorruptRecordError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint
from lz4.frame import LZ4FrameDecompressor

FREE = 1024
"""Bytes that any batch may hold unpacked."""
TIMES = 32
"""And so many times its packed size. Sealed bytes do not shrink, the session's token beside each does: a
batch of nothing but signs of life, whose tokens are nearly all of it, comes to 25."""
GZIP = 31
"""What zlib calls gzip's own framing."""
UNPACK: Mapping[int, Callable[[bytes, int], bytes]] = {
    DefaultRecordBatch.CODEC_GZIP: lambda packed, most: zlib.decompressobj(GZIP).decompress(packed, most),
    DefaultRecordBatch.CODEC_LZ4: lambda packed, most: LZ4FrameDecompressor().decompress(packed, most),
}
"""By codec: unpacks up to so many bytes. Topics repack to lz4: others come where somebody set them so."""


class ForgivingBatch(DefaultRecordBatch):  # type: ignore[misc]
    """A batch in which a record that cannot be parsed is an empty one, at its offset."""

    _buffer: bytearray
    _pos: int
    _num_records: int
    _next_record_index: int
    _decompressed: bool

    def __next__(self) -> Any:
        if self._next_record_index >= self._num_records:
            self._pos = len(self._buffer)  # what lies behind the last record is no reason to stop
        return super().__next__()

    next = __next__

    def _maybe_uncompress(self) -> None:
        unpack = None if self._decompressed else UNPACK.get(self.compression_type)
        if unpack is None:
            super()._maybe_uncompress()
            return
        packed = bytes(self._buffer[self._pos :])
        most = FREE + TIMES * len(packed)
        try:
            found = unpack(packed, most + 1)
        except (RuntimeError, zlib.error):
            found = None
        if found is None or len(found) > most:
            self._num_records, found = 1, b""  # nothing in it can be read: `_read_msg` says where it was
        self._buffer, self._pos, self._decompressed = bytearray(found), 0, True

    def _read_msg(self) -> Any:
        begin = self._pos
        try:
            return super()._read_msg()
        except (ValueError, IndexError, CorruptRecordError):
            return self._empty(begin)

    def _empty(self, begin: int) -> DefaultRecord:
        try:
            length, at = decode_varint(self._buffer, begin)
            end = at + length
            for _ in ("attributes", "timestamp"):
                _, at = decode_varint(self._buffer, at)
            delta, _ = decode_varint(self._buffer, at)
        except (ValueError, IndexError):
            end = delta = 0
        if not begin < end <= len(self._buffer):  # where the next one begins cannot be known
            end, delta, length = len(self._buffer), self.last_offset_delta, 0
            self._next_record_index = self._num_records - 1
        self._pos = end
        return DefaultRecord(length, self.base_offset + delta, -1, self.timestamp_type, None, None, [])


def forgive() -> None:
    """Let every consumer of this process read so."""
    memory_records.DefaultRecordBatch = ForgivingBatch
