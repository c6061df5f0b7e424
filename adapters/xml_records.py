"""Reads a large XML file record by record, and lets nothing hostile in.

Promised: no DOCTYPE and no entity is ever read (an entity inside an attribute is expanded even with
`resolve_entities=False`, formats.md), nothing is fetched, one record is held at a time, and a record over
`MAX_ELEMENTS` is passed over and named. Not promised: that what came before a break in the file is complete;
a break raises Untranslatable, and then nothing of the file counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, NoReturn

from lxml import etree
from lxml.etree import _Element as Element

from adapters.format import Finding, Untranslatable

MAX_ELEMENTS = 5_000
"""One child's record with more elements than this is not a child's record."""

_ENCODINGS = {"utf-8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252"}
_DECLARED = re.compile(rb"""^<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]*)["']""")
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)")


@dataclass(frozen=True, slots=True)
class XmlRecord:
    """One element as read, its XPath, the digest of it as XML. `element` is None if too large."""

    tag: str
    path: str
    element: Element | None
    sha256: str = ""


class _Guarded:
    """The file, refusing a DOCTYPE in whatever encoding before the parser sees it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._tail, self._begun = file, b"", False

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        if not self._begun:
            self._begun = True
            _check_start(chunk)
        seen = self._tail + chunk.replace(b"\0", b"")
        if _FORBIDDEN.search(seen):
            _refuse("document", "doctype-refused")
        self._tail = seen[-10:]
        return chunk


def xml_records(file: BinaryIO, root: str, paths: dict[str, str]) -> Iterator[XmlRecord]:
    """Every element at one of `paths` (`Message/Children/Child`: the path below the document, `root` first).

    `paths` maps a path to the tag its record is handed over as; the element is emptied when the next is asked
    for. Raises Untranslatable: `doctype-refused`, `encoding-not-accepted`, `not-xml` (also: breaks off),
    `unexpected-root`, `too-much-outside-records`.
    """
    reading = _Reading(root, paths)
    try:
        for event, element in etree.iterparse(
            _Guarded(file),
            events=("start", "end"),
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if event == "start":
                reading.start(element)
            elif (record := reading.end(element)) is not None:
                yield record
                _drop(record.element)
    except etree.LxmlError:
        raise Untranslatable(Finding("document", "not-xml")) from None  # lxml's own words carry input


class _Reading:
    """Where in the document the parser stands."""

    def __init__(self, root: str, paths: dict[str, str]) -> None:
        self._root, self._paths = root, paths
        self._stack: list[str] = []
        self._counts: dict[str, int] = {}
        self._inside, self._size, self._outside = 0, 0, 0

    def start(self, element: Element) -> None:
        name = local_name(element)
        self._stack.append(name)
        if len(self._stack) == 1 and (name != self._root or element.getroottree().docinfo.doctype):
            _refuse("/", "unexpected-root")
        path = "/".join(self._stack)
        if self._inside:
            self._size += 1
        elif path in self._paths:
            self._inside, self._size = len(self._stack), 0
            self._counts[path] = self._counts.get(path, 0) + 1
        else:
            self._outside += 1
            if self._outside > MAX_ELEMENTS:
                _refuse("/", "too-much-outside-records")

    def end(self, element: Element) -> XmlRecord | None:
        path, depth = "/".join(self._stack), len(self._stack)
        self._stack.pop()
        if self._inside == depth:
            self._inside = 0
            return self._record(path, element)
        if self._size > MAX_ELEMENTS:
            _drop(element)
        return None

    def _record(self, path: str, element: Element) -> XmlRecord:
        place = f"/{path}[{self._counts[path]}]"
        if self._size > MAX_ELEMENTS:
            _drop(element)
            return XmlRecord(self._paths[path], place, None)
        digest = sha256(etree.tostring(element, encoding="utf-8", with_tail=False)).hexdigest()
        return XmlRecord(self._paths[path], place, element, digest)


def local_name(element: Element) -> str:
    """The tag without its namespace: senders differ in whether they write one."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child_text(element: Element, tag: str) -> str | None:
    """The text of the first child named `tag`, without white space around it; None where absent or empty."""
    for child in element:
        if local_name(child) == tag:
            return " ".join((child.text or "").split()) or None
    return None


def children(element: Element, path: str, *tags: str) -> Iterator[tuple[str, Element]]:
    """The children named by `tags`, each with its XPath below `path`."""
    seen: dict[str, int] = {}
    for child in element:
        name = local_name(child)
        if name in tags:
            seen[name] = seen.get(name, 0) + 1
            yield f"{path}/{name}[{seen[name]}]", child


def only(element: Element, tag: str) -> Element | None:
    """The first child named `tag`."""
    return next((child for _, child in children(element, "", tag)), None)


def _check_start(chunk: bytes) -> None:
    start = chunk.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    start = start[:400].replace(b"\0", b"").lstrip()
    if not start.startswith(b"<"):
        _refuse("document", "not-xml")
    declared = _DECLARED.match(start)
    if declared and declared.group(1).decode("ascii").lower() not in _ENCODINGS:
        _refuse("document", "encoding-not-accepted")


def _drop(element: Element | None) -> None:
    """Forget an element and its elder siblings, so that memory does not grow with the file."""
    if element is None:
        return
    parent = element.getparent()
    element.clear()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _refuse(place: str, code: str) -> NoReturn:
    raise Untranslatable(Finding(place, code))
