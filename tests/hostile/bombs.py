"""Files made to blow up in a reader: expanding entities, deep nesting, huge numbers, open quotes."""

import re
from collections.abc import Callable, Mapping
from random import Random

from tests.hostile.mutations import Change

_ROOT = re.compile(rb"<([A-Za-z][\w:.-]*)([^>]*)>")
_DEPTHS = [300, 2_000, 20_000, 60_000]


def entities(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A billion laughs, in a text or in an attribute."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    inside = b'[<!ENTITY l0 "%s">%s]' % (canary, laughs)
    return _with_doctype(raw, r, inside, b"&l9;")


def one_long_entity(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Quadratic: one long entity, used often."""
    return _with_doctype(raw, r, b'[<!ENTITY a "%s">]' % (canary * 3_000), b"&a;" * 3_000)


def outside_entity(raw: bytes, r: Random, canary: bytes) -> bytes:
    """An entity, or the document type itself, from a file or another machine."""
    where = r.choice([b"file:///etc/passwd", b"http://127.0.0.1:9/x", b"/dev/zero", b"php://filter", b""])
    inside = r.choice(
        [
            b'SYSTEM "%s"' % where,
            b'PUBLIC "x" "%s" [<!ENTITY a "b">]' % where,
            b'[<!ENTITY a SYSTEM "%s">]' % where,
            b'[<!ENTITY %% p SYSTEM "%s"> %%p;]' % where,
        ]
    )
    return _with_doctype(raw, r, inside, b"&a;")


def deep_elements(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Elements within elements, closed or not, in the root or instead of it."""
    depth = r.choice(_DEPTHS)
    name = r.choice([b"a", b"Child", b"Pupil", b"entry", b"contained", canary])
    nest = b"<%s>" % name * depth + (b"</%s>" % name * depth if r.random() < 0.7 else b"")
    return _in_root(raw, nest) if r.random() < 0.7 else nest


def many_attributes(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Thousands of attributes or name spaces, the same one twice, one of a megabyte."""
    how = r.randrange(4)
    if how == 0:
        said = b"".join(b' a%d="%s"' % (n, canary) for n in range(r.choice([10, 20_000])))
    elif how == 1:
        said = b"".join(b' xmlns:a%d="urn:%d"' % (n, n) for n in range(r.choice([10, 5_000])))
    elif how == 2:
        said = b' x="1" x="%s"' % canary
    else:
        said = b' x="%s"' % (b"A" * 1_000_000)
    return _ROOT.sub(lambda m: b"<" + m[1] + said + m[2] + b">", raw, count=r.choice([1, 1, 2]))


def odd_markup(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Comments, instructions, inclusions and marked sections where none are expected."""
    said = r.choice(
        [
            b"<!-- %s -->",
            b"<!-- -- %s -->",
            b"<?php %s ?>",
            b'<?xml version="1.0"?>%s',
            b"<![CDATA[%s]]>",
            b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd">%s</xi:include>',
            b"<![INCLUDE[%s]]>",
            b"<%s/>",
            b"<:%s:/>",
        ]
    )
    return _in_root(raw, said % canary)


def deep_json(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Lists or objects within each other, in a value or instead of the file."""
    depth = r.choice(_DEPTHS)
    opening, closing = r.choice([(b"[", b"]"), (b'{"a":', b"}"), (b'{"%s":' % canary, b"}")])
    nest = opening * depth + b"1" + (closing * depth if r.random() < 0.7 else b"")
    return _json_value(raw, r, nest) if r.random() < 0.7 else nest


def odd_number(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Numbers too large, too exact, or none."""
    numbers = [
        b"9" * 5_000,
        b"1e400",
        b"-1e999",
        b"NaN",
        b"Infinity",
        b"-0",
        b"0" * 500,
        b"1" + b"0" * 400_000,
    ]
    return _json_value(
        raw, r, r.choice([*numbers, b"1.%s1" % (b"0" * 5_000), b"18446744073709551616", b"-1"])
    )


def said_twice(raw: bytes, r: Random, canary: bytes) -> bytes:
    """The same name twice in an object; which of them counts is a matter of taste."""
    members = list(re.finditer(rb'"(\w+)"\s*:\s*', raw))
    if not members:
        return raw
    member = r.choice(members)
    again = b'"%s": %s, ' % (member[1], r.choice([b"null", b'"%s"' % canary, b"[]", b"1", b"{}"]))
    return raw[: member.start()] + again + raw[member.start() :]


def other_kind(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A list where a text was expected, a truth where a list was: every kind of value in every place."""
    kinds = [b"null", b"true", b"0", b"-1.5", b'""', b'"%s"' % canary, b"[]", b"{}", b"[null]", b"[[]]"]
    kinds += [b'[{"%s": 1}]' % canary, b'["%s"]' % canary, b'{"%s": "x"}' % canary, b"[1, 2]", b"[{}]"]
    for _ in range(r.randint(1, 3)):
        raw = _json_value(raw, r, r.choice(kinds))
    return raw


def open_quote(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A quote that nobody closes, doubled ones, and one in the middle of a word."""
    at = r.randint(0, len(raw))
    said = r.choice([b'"', b'"""', b',"', b'"\n', b'"%s' % canary, b'"' * 501, b'""', b'"\r\n"'])
    return raw[:at] + said + raw[at:]


def wide_rows(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Thousands of cells, one cell of half a megabyte, or thousands of rows of nothing."""
    at = r.choice([m.end() for m in re.finditer(rb"\n", raw)] or [len(raw)])
    delimiter = r.choice([b",", b";", b"\t", b"|"])
    said = r.choice(
        [
            (canary + delimiter) * 5_000,
            b'"%s"' % (b"A" * 500_000),
            b'"%s"' % (canary + b"\n") * 300,
            delimiter * 3_000 + b"\n",
            b"\n" * 3_000,
            b",,,,\n" * 1_000,
            b"sep=%s\n" % delimiter,
        ]
    )
    return raw[:at] + said + raw[at:]


def other_delimiter(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Another sign between the cells, everywhere or now and then."""
    old = r.choice([b",", b"|", b"^"])
    return raw.replace(old, r.choice([b";", b"\t", b"|", b"||", b"\x1f", canary]), r.choice([-1, 1, 5, 40]))


def odd_separators(raw: bytes, r: Random, canary: bytes) -> bytes:
    """A message header that names other separators, none, the same five times, or letters."""
    said = r.choice(
        [b"", b"|", b"||||", b"|^^^^", b"|\r\r\r\r", b"M^~\\&", b"|^~\\&#", b"|aSEI", b"|\0\1\2\3", b"|-+*."]
    )
    return re.sub(rb"(?<=MSH).{5}", lambda _: said, raw, count=r.choice([0, 1]))


def many_repetitions(raw: bytes, r: Random, canary: bytes) -> bytes:
    """Fields repeated, components and escapes by the thousand, segments without end."""
    at = r.choice([m.end() for m in re.finditer(rb"[|\r\n]", raw)] or [len(raw)])
    said = r.choice(
        [
            (canary + b"~") * 5_000,
            b"^" * 20_000,
            b"&" * 20_000,
            b"|" * 20_000,
            b"\\X" + b"41" * 5_000 + b"\\",
            b"\\" * 5_001,
            b"\\.sp9999999\\" * 100,
            b"\rZZZ|%s" % canary * 3_000,
            b"\rPID|1||%s^^^X^MR" % canary,
            b"\rMSH|^~\\&|A|B",
            b"\x0b" + raw + b"\x1c\r",
        ]
    )
    return raw[:at] + said + raw[at:]


_XML = (entities, one_long_entity, outside_entity, deep_elements, many_attributes, odd_markup)
_JSON = (deep_json, odd_number, said_twice, other_kind, other_kind, other_kind)
_CSV = (open_quote, open_quote, wide_rows, other_delimiter)
_HL7 = (odd_separators, many_repetitions, many_repetitions, other_delimiter)

BOMBS: Mapping[str, tuple[Change, ...]] = {
    ".xml": _XML,
    ".json": _JSON,
    ".ndjson": _JSON,
    ".csv": _CSV,
    ".hl7": _HL7,
}
"""What blows up in a reader of each syntax, by the suffix of its sample."""
ALL: tuple[Callable[[bytes, Random, bytes], bytes], ...] = tuple(
    dict.fromkeys(bomb for bombs in BOMBS.values() for bomb in bombs)
)


def _with_doctype(raw: bytes, r: Random, inside: bytes, use: bytes) -> bytes:
    root = _ROOT.search(raw)
    name = root[1] if root else b"x"
    declared = r.choice([b"<!DOCTYPE %s %s>", b"<!DOCTYPE\n%s %s>", b"<!doctype %s %s>"]) % (name, inside)
    if root is None:
        return declared + b"<x>%s</x>" % use
    if r.random() < 0.5:
        used = raw[: root.start()] + declared + b"<%s%s a='%s'>" % (root[1], root[2], use) + raw[root.end() :]
    else:
        used = raw[: root.start()] + declared + raw[root.start() : root.end()] + use + raw[root.end() :]
    return used.decode("utf-8", "replace").encode("utf-16") if r.random() < 0.15 else used


def _in_root(raw: bytes, said: bytes) -> bytes:
    root = _ROOT.search(raw)
    at = root.end() if root else len(raw)
    return raw[:at] + said + raw[at:]


_JSON_VALUE = re.compile(rb':\s*("(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null|\[\]|[\[{])')


def _json_value(raw: bytes, r: Random, new: bytes) -> bytes:
    found = _JSON_VALUE.search(raw, r.randint(0, len(raw))) or _JSON_VALUE.search(raw)
    if found is None:
        return new
    start, end = found.span(1)
    if raw[start:end] in (b"[", b"{"):
        end = _closing(raw, start)
    return raw[:start] + new + raw[end:]


def _closing(raw: bytes, start: int) -> int:
    """The end of the list or object that begins there, by counting; good enough for a file we know."""
    depth = 0
    for at in range(start, len(raw)):
        depth += raw[at] in b"[{"
        depth -= raw[at] in b"]}"
        if depth == 0:
            return at + 1
    return len(raw)
