"""Reads CSV row by row as schools really send it: a stray quote or a wrong encoding spoils one row only."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from typing import BinaryIO

from adapters.format import Finding, Untranslatable

MAX_RECORD = 100_000
"""Bytes of one row, which may run over several lines."""
MAX_LINES = 200
"""Lines of one row: past this a quote was left open."""
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row, by the number of its first line. `cells` is None where it cannot be read; `code` says why."""

    line: int
    cells: tuple[str, ...] | None
    sha256: str = ""
    code: str | None = None
    fallback: bool = False
    """Not UTF-8: read as Windows-1252."""


class CsvRows:
    """The rows of a file, in order. Set `width` once the header is known.

    A row over several lines that has another number of cells, or holds a line that looks like a row, is an
    open quote: only its first line is given up, and no row is swallowed by another.
    """

    def __init__(self, file: BinaryIO, delimiter: str = ",") -> None:
        """Start before the first row; `delimiter` may be set before the next row is read."""
        self.width: int | None = None
        self.delimiter = delimiter
        self._file = file
        self._number = 0
        self._ahead: deque[tuple[int, bytes]] = deque()

    def __iter__(self) -> Iterator[CsvRow]:
        """Every row that is not blank. Raises Untranslatable `encoding-not-accepted` for UTF-16."""
        while (first := self._line()) is not None:
            number, raw = first
            if number == 1 and raw.startswith(_WIDE_MARKS):
                raise Untranslatable(Finding("line 1", "encoding-not-accepted"))
            if raw.strip(b" \t\r\n,;"):
                yield self._row(number, raw)

    def _line(self) -> tuple[int, bytes] | None:
        if self._ahead:
            return self._ahead.popleft()
        raw = self._file.readline(MAX_RECORD + 1)
        if not raw:
            return None
        self._number += 1
        rest = raw
        while len(raw) > MAX_RECORD and rest and not rest.endswith(b"\n"):
            rest = self._file.readline(MAX_RECORD + 1)
        return self._number, raw

    def _row(self, number: int, first: bytes) -> CsvRow:
        taken = [(number, first)]
        size, quotes = len(first), first.count(b'"')
        while quotes % 2 and size <= MAX_RECORD and len(taken) < MAX_LINES and (line := self._line()):
            taken.append(line)
            size, quotes = size + len(line[1]), quotes + line[1].count(b'"')
        whole = b"".join(raw for _, raw in taken)
        if len(first) > MAX_RECORD:
            row = CsvRow(number, None, code="record-too-large")
        elif quotes % 2:
            row = CsvRow(number, None, code="open-quote")
        else:
            row = self._parse(number, whole)
            if row.cells is not None and self._swallowed(len(row.cells), [raw for _, raw in taken[1:]]):
                row = CsvRow(number, None, code="open-quote")
        if row.cells is None:
            self._ahead.extendleft(reversed(taken[1:]))
        return row

    def _swallowed(self, cells: int, more: list[bytes]) -> bool:
        """Whether a row over several lines took in rows of their own, by their number of cells."""
        delimiter = self.delimiter.encode()
        return (
            bool(more)
            and self.width is not None
            and (cells != self.width or any(raw.count(delimiter) + 1 == self.width for raw in more))
        )

    def _parse(self, number: int, raw: bytes) -> CsvRow:
        text, fallback = _decoded(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
        if text is None or "\0" in text:
            return CsvRow(number, None, code="encoding-not-accepted")
        try:
            rows = list(csv.reader(StringIO(text, newline=""), delimiter=self.delimiter, strict=True))
        except csv.Error:
            return CsvRow(number, None, code="not-csv")
        cells = tuple(cell.replace("\xa0", " ").strip() for cell in rows[0]) if len(rows) == 1 else None
        digest = sha256(raw.strip()).hexdigest()
        return CsvRow(number, cells, digest, None if cells else "not-csv", fallback)


def _decoded(raw: bytes) -> tuple[str | None, bool]:
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), True
    except UnicodeDecodeError:
        return None, True
