"""Reads FHIR R4 as it comes, JSON or XML, and hands over its resources one by one, each checked by itself.

One resource that is not FHIR never spoils its bundle. Promised of XML: no DOCTYPE, no entity, UTF-8 only.
Not promised: that a resource fits a profile or a value set; the library checks structure only.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

from fhir.resources.R4B import get_fhir_model_class
from lxml import etree
from pydantic import ValidationError

from adapters.format import Finding, Untranslatable
from adapters.json_records import MAX_BYTES, JsonRecord, json_records

FHIR = "{http://hl7.org/fhir}"
MAX_ENTRIES = 20_000
MAX_PREFIXES = 64
"""Names of name spaces: the library compares each with each, in every element; thousands take minutes."""
READ = frozenset({"Appointment", "CarePlan", "Condition", "Encounter", "Flag", "Observation", "Patient"})
"""The resources something may be made of; the rest are counted and not read further."""

_FORBIDDEN = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_KIND = re.compile(r"[A-Z][A-Za-z]{2,40}")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*?\?>")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: where it stood, its kind, its model where that is read, its full URL in a bundle."""

    place: str
    kind: str
    model: Any
    sha256: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One bundle, or one resource by itself, with what could not be read of it."""

    place: str
    resources: tuple[Resource, ...]
    findings: tuple[Finding, ...]


def documents(file: BinaryIO) -> Iterator[Document]:
    """Every document of the file: one XML or JSON document, or a document a line.

    Raises Untranslatable: `empty-file`, `file-too-large`, `not-utf-8`, `not-json`, `not-xml`,
    `doctype-refused`, `too-many-name-spaces`, `not-fhir`.
    """
    first = file.readline(MAX_BYTES + 1)
    if first.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        yield _xml_document(first + file.read(MAX_BYTES + 1))
        return
    for record in json_records(file, MAX_BYTES, first):
        if isinstance(record, Finding):
            yield Document(record.place, (), (record,))
        else:
            yield _json_document(record)


def _json_document(record: JsonRecord) -> Document:
    kind = record.value.get("resourceType")
    if not isinstance(kind, str):
        if record.place == "document":
            raise Untranslatable(Finding("document", "not-fhir", "resourceType"))
        return Document(record.place, (), (Finding(record.place, "not-fhir", "resourceType"),))
    if kind != "Bundle":
        return _document(record.place, [_of_json(record.place, record.value, record.sha256, None)])
    entries = record.value.get("entry", [])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        return Document(record.place, (), (Finding(record.place, "not-fhir", "Bundle.entry"),))
    return _document(record.place, [_of_entry(record, index, e) for index, e in enumerate(entries)])


def _of_entry(record: JsonRecord, index: int, entry: Any) -> Resource | Finding:
    place = f"{record.place}/entry/{index}/resource"
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        return Finding(place, "not-fhir", "Bundle.entry.resource")
    url = entry.get("fullUrl")
    return _of_json(place, resource, record.sha256, url if isinstance(url, str) else None)


def _of_json(place: str, resource: dict[str, Any], sha256: str, url: str | None) -> Resource | Finding:
    kind = resource.get("resourceType")
    return _resource(place, kind, sha256, url, lambda model: model.model_validate(resource))


def _xml_document(raw: bytes) -> Document:
    if len(raw) > MAX_BYTES:
        _refuse("file-too-large")
    root = _safe_root(raw)
    if not isinstance(root.tag, str) or not root.tag.startswith(FHIR):
        _refuse("not-fhir")
    digest = hashlib.sha256(raw).hexdigest()
    if root.tag != f"{FHIR}Bundle":
        return _document("document", [_of_xml("document", root, digest, None)])
    resources: list[Resource | Finding] = []
    for index, entry in enumerate(root.iterfind(f"{FHIR}entry")):
        place = f"document/entry/{index}/resource"
        held = entry.find(f"{FHIR}resource/*")
        if held is None:
            resources.append(Finding(place, "not-fhir", "Bundle.entry.resource"))
            continue
        url = entry.find(f"{FHIR}fullUrl")
        resources.append(_of_xml(place, held, digest, None if url is None else url.get("value")))
    return _document("document", resources)


def _safe_root(raw: bytes) -> etree._Element:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Untranslatable(Finding("document", "not-utf-8")) from None
    if _FORBIDDEN.search(text):
        _refuse("doctype-refused")
    if text.count("xmlns:") > MAX_PREFIXES:
        _refuse("too-many-name-spaces")
    try:
        return etree.fromstring(_DECLARATION.sub("", text).encode(), _parser())
    except etree.LxmlError:
        raise Untranslatable(Finding("document", "not-xml")) from None  # lxml's own words carry input


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _of_xml(place: str, element: etree._Element, sha256: str, url: str | None) -> Resource | Finding:
    kind = etree.QName(element).localname
    raw = etree.tostring(element, encoding="utf-8", with_tail=False)
    return _resource(
        place, kind, sha256, url, lambda model: model.model_validate_xml(raw, xmlparser=_parser())
    )


def _resource(
    place: str, kind: object, sha256: str, url: str | None, build: Callable[[Any], Any]
) -> Resource | Finding:
    if not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return Finding(place, "unknown-resource")
    try:
        model = get_fhir_model_class(kind)
    except Exception:  # noqa: BLE001 — the library raises whatever its own lookup raised
        return Finding(place, "unknown-resource")
    if kind not in READ:
        return Resource(place, kind, None, sha256, url)
    try:
        return Resource(place, kind, build(model), sha256, url)
    except Exception as error:  # noqa: BLE001 — a bare KeyError, TypeError or AttributeError on bad XML
        return Finding(place, "not-fhir", _element_of(error, model, kind))


def _element_of(error: Exception, model: Any, kind: str) -> str:
    """The element a validation error names, where it is one of the resource's own; else the resource."""
    if isinstance(error, ValidationError):
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        if where and where[0] in model.elements_sequence():
            return f"{kind}.{where[0]}"
    return kind


def _document(place: str, read: list[Resource | Finding]) -> Document:
    resources = tuple(one for one in read if isinstance(one, Resource))
    return Document(place, resources, tuple(one for one in read if isinstance(one, Finding)))


def _refuse(code: str) -> NoReturn:
    raise Untranslatable(Finding("document", code))
