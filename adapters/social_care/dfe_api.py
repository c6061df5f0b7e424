"""Reads what an authority sends daily to the DfE children's social care API: children's records, as JSON.

One child a document, an array of children, or a child a line. `purge` on a branch means that the authority
takes back what stands there: a withdrawal is said of it, never silence. A plan, placement or allocation is
said when it starts and completed under the same id when it ends, so that a restated record says the start
again unchanged.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.fields import Fields
from adapters.format import Finding, Format, Sender
from adapters.json_records import JsonRecord, json_records
from adapters.record import BadRecord, once
from adapters.social_care.dfe_api_branches import branches
from adapters.social_care.dfe_api_child import known_child
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Every dated thing in every child's record, a withdrawal where the record says purge, and findings.

    Raises Untranslatable where the file is not JSON, or breaks off.
    """
    yield from once(_records(file, sender))


def _records(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    for record in json_records(file):
        if isinstance(record, Finding):
            yield record
        else:
            yield from _record(record, sender)


def _record(record: JsonRecord, sender: Sender) -> Iterator[CaseEvent | Finding]:
    try:
        document = Fields(record.value, record.place)
        authority = _authority(document)
        children = list(_children(document))
    except BadRecord as bad:
        yield bad.at(record.place)
        return
    for child in children:
        if isinstance(child, BadRecord):
            yield child.at(f"{record.place}/Children")
        else:
            yield from _child(child, authority, sender, record.sha256)


def _children(document: Fields) -> Iterator[Fields | BadRecord]:
    """The children of a document: itself, or what its wrapper `Children` holds (one or many)."""
    if "Children" not in document.of:
        yield document
    elif isinstance(document.of["Children"], list):
        yield from document.each("Children")
    else:
        yield document.one("Children") or BadRecord("not-an-object", "Children")


def _authority(document: Fields) -> str | None:
    code = document.of.get("la_code")
    return str(code) if isinstance(code, int) and not isinstance(code, bool) else document.text("la_code")


def _child(
    fields: Fields, authority: str | None, sender: Sender, sha256: str
) -> Iterator[CaseEvent | Finding]:
    findings: list[Finding] = []
    try:
        child = known_child(fields, authority, sender, sha256, findings)
    except BadRecord as bad:
        yield bad.at(fields.place)
        return
    yield from findings
    yield from branches(child, fields)


FORMAT = Format(
    name="social-care.dfe-csc-api",
    agency=Agency.SOCIAL_CARE,
    kind="snapshot",
    about="DfE children's social care API: a child's record as JSON, sent daily by the authority",
    sample=Path(__file__).with_name("dfe_api.sample.json"),
    translate=translate,
)
