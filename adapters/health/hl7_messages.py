"""Reads HL7 v2 files message by message: any line ending, batches, MLLP frames, the usual encodings."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import hl7

from adapters.format import Finding, Untranslatable

MAX_MESSAGE = 1_000_000
"""A message of an admission is a few kilobytes; beyond this it is not read."""
_CHUNK = 65_536
_ENDS = re.compile(rb"[\r\n\x0b\x1c]+")
_ENVELOPE = (b"FHS", b"FTS", b"BHS", b"BTS")
_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_CHARACTER_SETS = {
    "": "utf-8",
    "ASCII": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "UTF-8": "utf-8",
    "8859/1": "cp1252",
    "8859/15": "iso-8859-15",
}
"""MSH-18, as messages give it. What says ASCII and is not is read as cp1252, with a warning."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its place in the file, its segments, the digest of its bytes, what was odd about it."""

    place: str
    parsed: Any
    sha256: str
    findings: tuple[Finding, ...]

    def segments(self, name: str) -> list[Any]:
        """All segments of that name, in order."""
        return [segment for segment in self.parsed if str(segment[0]) == name]

    def field(self, name: str, number: int, component: int = 1, repetition: int = 0) -> str:
        """The text of a field's component, unescaped, in the first such segment; empty where absent."""
        segments = self.segments(name)
        return self.text_of(segments[0], number, component, repetition) if segments else ""

    def text_of(self, segment: Any, number: int, component: int = 1, repetition: int = 0) -> str:
        """As `field`, of a segment at hand; its first subcomponent."""
        if number >= len(segment) or repetition >= len(segment[number]):
            return ""
        part = segment[number][repetition]
        if isinstance(part, str):
            return self._clean(part) if component == 1 else ""
        if component > len(part):
            return ""
        text = part[component - 1]
        return self._clean(text if isinstance(text, str) else str(text[0]))

    def repetitions(self, segment: Any, number: int) -> int:
        """How often a field is given."""
        return len(segment[number]) if number < len(segment) else 0

    def _clean(self, text: str) -> str:
        """The text unescaped here, for the library writes a field it cannot unescape into the log."""
        _, field, repetition, component, subcomponent = self.parsed.separators
        meant = {
            "F": field,
            "R": repetition,
            "S": component,
            "T": subcomponent,
            "E": self.parsed.esc,
            ".br": "\n",
        }
        esc = re.escape(self.parsed.esc)
        parts = re.split(f"{esc}([A-Za-z.0-9+-]{{1,60}}){esc}", text)
        plain = "".join(meant.get(part, "") if odd % 2 else part for odd, part in enumerate(parts)).strip()
        return "" if plain == '""' else plain


def messages(file: BinaryIO) -> Iterator[Message | Finding]:
    """Every message of the file, or the refused Finding why it cannot be read.

    Raises Untranslatable `empty-file`, or `not-hl7` where the file opens with no HL7 segment.
    """
    held: list[bytes] = []
    number, size, opened = 0, 0, False
    for line in _lines(file):
        kind = line[:3]
        if not opened:
            line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 — a byte order mark is no part of it
            kind = line[:3]
            if kind != b"MSH" and kind not in _ENVELOPE:
                raise Untranslatable(Finding("line 1", "not-hl7"))
            opened = True
        if kind == b"MSH" or kind in _ENVELOPE:
            if held:
                number += 1
                yield _message(held, size, f"message {number}")
            held, size = ([line], len(line)) if kind == b"MSH" else ([], 0)
        elif held:
            size += len(line)
            if size <= MAX_MESSAGE:
                held.append(line)
    if not opened:
        raise Untranslatable(Finding("document", "empty-file"))
    if held:
        yield _message(held, size, f"message {number + 1}")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Segments and what stands between them; a line longer than a message is cut to that."""
    rest = b""
    while chunk := file.read(_CHUNK):
        *lines, rest = _ENDS.split(rest + chunk)
        yield from (line for line in lines if line.strip())
        if len(rest) > MAX_MESSAGE:
            rest = rest[: MAX_MESSAGE + 1]
    if rest.strip():
        yield rest


def _message(lines: list[bytes], size: int, place: str) -> Message | Finding:
    if size > MAX_MESSAGE:
        return Finding(place, "record-too-large")
    raw = b"\r".join(lines)
    text, findings = _decoded(raw, place)
    if text is None:
        return findings[0]
    segments = [line for line in text.split("\r") if _SEGMENT.match(line)]
    if len(segments) < len(lines):
        findings = (*findings, Finding(place, "not-a-segment", refused=False))
    try:
        parsed = hl7.parse("\r".join(segments))
        str(parsed[0][9])
    except Exception:  # noqa: BLE001 — the library asserts and indexes; whatever it raises, it is no message
        return Finding(f"{place} MSH", "not-hl7")
    return Message(place, parsed, hashlib.sha256(raw).hexdigest(), findings)


def _decoded(raw: bytes, place: str) -> tuple[str | None, tuple[Finding, ...]]:
    fields = raw.split(b"\r", 1)[0].split(raw[3:4] or b"|")
    named = fields[17].split(b"~")[0].decode("ascii", "replace").strip().upper() if len(fields) > 17 else ""  # noqa: PLR2004
    encoding = _CHARACTER_SETS.get(named)
    if encoding is None:
        return None, (Finding(f"{place} MSH", "encoding-not-accepted", "MSH-18"),)
    try:
        return raw.decode(encoding), ()
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252"), (
            Finding(f"{place} MSH", "not-the-encoding-named", "MSH-18", refused=False),
        )
    except UnicodeDecodeError:
        return None, (Finding(f"{place} MSH", "encoding-unreadable", "MSH-18"),)
