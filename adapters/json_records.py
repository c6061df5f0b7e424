"""Reads JSON from outside: one document, a list, or a record a line; strictly, in bounded memory.

Strictly: UTF-8, no repeated names, no NaN, no half surrogate pairs. What is refused is named by its line.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, NoReturn

from adapters.format import Finding, Untranslatable

MAX_BYTES = 8_000_000
"""The most one document or one line may hold."""


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One record: where it stood (`line 3`, `document/3`), what it says, the digest of its bytes."""

    place: str
    value: dict[str, Any]
    sha256: str


class BadJson(ValueError):
    """Bytes that are not strict JSON; `code` says in which way, never with what."""

    def __init__(self, code: str) -> None:
        """Keep the closed code."""
        super().__init__(code)
        self.code = code


def strict_json(raw: bytes) -> Any:
    """The value of strict JSON. Raises BadJson: `not-utf-8`, `not-json`."""
    try:
        text = raw.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constants)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair could not be written on
    except UnicodeDecodeError:
        raise BadJson("not-utf-8") from None
    except (ValueError, RecursionError):
        raise BadJson("not-json") from None
    return value


def json_records(
    file: BinaryIO, max_bytes: int = MAX_BYTES, begun: bytes = b""
) -> Iterator[JsonRecord | Finding]:
    """Every record of the file; a bad line is a refused Finding and the next line is read.

    `begun` is the first line, where the caller has read it to see what the file is.

    A record a line where the first line is an object of its own; else the file is one document.
    Raises Untranslatable where the file is empty, or is one document that cannot be read.
    """
    first = begun or file.readline(max_bytes + 1)
    second = file.readline(max_bytes + 1)
    while second and not second.strip():
        second = file.readline(max_bytes + 1)
    if not first.strip() and not second:
        raise Untranslatable(Finding("document", "empty-file"))
    if _is_by_line(first, second):
        yield from _lines(file, [first, second] if second else [first], max_bytes)
    else:
        yield from _document(first + second + file.read(max_bytes + 1), max_bytes)


def _is_by_line(first: bytes, second: bytes) -> bool:
    """A pretty-printed object does not close on its first line; a record does, or another follows."""
    opening = first.removeprefix(b"\xef\xbb\xbf").strip()
    return opening.startswith(b"{") and (
        (opening.endswith(b"}") and (not second or _is_object(opening))) or second.startswith(b"{")
    )


def _is_object(line: bytes) -> bool:
    """A whole record on the first line: what follows is judged line by line, however bad."""
    try:
        return isinstance(strict_json(line), dict)
    except BadJson:
        return False


def _lines(file: BinaryIO, read: list[bytes], max_bytes: int) -> Iterator[JsonRecord | Finding]:
    more = iter(lambda: file.readline(max_bytes + 1), b"")
    number, inside = 0, False
    for raw in chain(read, more):
        if not inside:
            number += 1
            if len(raw) > max_bytes:
                yield Finding(f"line {number}", "record-too-large")
            elif raw.strip():
                yield _record(raw, f"line {number}")
        inside = len(raw) > max_bytes and not raw.endswith(b"\n")


def _record(raw: bytes, place: str) -> JsonRecord | Finding:
    try:
        value = strict_json(raw)
    except BadJson as error:
        return Finding(place, error.code)
    if not isinstance(value, dict):
        return Finding(place, "not-an-object")
    return JsonRecord(place, value, hashlib.sha256(raw).hexdigest())


def _document(raw: bytes, max_bytes: int) -> Iterator[JsonRecord | Finding]:
    if len(raw) > max_bytes:
        raise Untranslatable(Finding("document", "file-too-large"))
    try:
        value = strict_json(raw)
    except BadJson as error:
        raise Untranslatable(Finding("document", error.code)) from None
    digest = hashlib.sha256(raw).hexdigest()
    if isinstance(value, dict):
        yield JsonRecord("document", value, digest)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            place = f"document/{index}"
            yield (
                JsonRecord(place, item, digest) if isinstance(item, dict) else Finding(place, "not-an-object")
            )
    else:
        raise Untranslatable(Finding("document", "not-an-object"))


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError
    return fields


def _no_constants(_: str) -> NoReturn:
    raise ValueError
