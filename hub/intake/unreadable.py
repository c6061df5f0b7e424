"""Reads on past a record that the client cannot parse: one sender must not stop the intake of all others.

kafka-python 3.0.12 reads header names as strict UTF-8, which no broker checks, and after one that fails so
it never comes to rest again. Here such a record is delivered empty: intake holds it, with its place, as no
CloudEvent.
"""

from typing import Any

from kafka.errors import CorruptRecordError
from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint


class ForgivingBatch(DefaultRecordBatch):  # type: ignore[misc]
    """A batch in which a record that cannot be parsed is an empty one, at its offset."""

    def _read_msg(self) -> Any:
        begin = self._pos
        try:
            return super()._read_msg()
        except (ValueError, IndexError, CorruptRecordError):
            return self._empty(begin)

    def _empty(self, begin: int) -> DefaultRecord:
        length, at = decode_varint(self._buffer, begin)
        end = at + length
        for _ in ("attributes", "timestamp"):
            _, at = decode_varint(self._buffer, at)
        delta, _ = decode_varint(self._buffer, at)
        if not begin < end <= len(self._buffer):
            raise CorruptRecordError("a record is longer than its batch")
        self._pos = end
        return DefaultRecord(length, self.base_offset + delta, -1, self.timestamp_type, None, None, [])


def forgive() -> None:
    """Let every consumer of this process read so."""
    memory_records.DefaultRecordBatch = ForgivingBatch
