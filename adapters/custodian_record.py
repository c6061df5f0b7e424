"""Reads one custodian record (version 1): what an agency answers about one child, as JSON.

The record itself does not name the child: the NHS number stands in the document where the sender put it
there (`nhsNumber`, beside the record or beside its envelope's `payload`), else in the file's name
(`9449303223_CrimeDataRecordV1.json`), which is read from the open file's `.name`.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import Any, BinaryIO, NoReturn

from adapters.days import LONDON, Moment, iso_day, stands_at
from adapters.format import Finding, Sender, Untranslatable
from adapters.identifiers import nhs_identifier
from adapters.json_records import BadJson, strict_json
from adapters.record import BadRecord, say, source_id
from adapters.times import happened
from schemas.case_event import CaseEvent, Identifier, SourceRecord
from schemas.vocabulary import Precision

MAX_BYTES = 1_000_000
"""A record of one child is a few kilobytes; beyond this it is not read."""

_NAME = re.compile(r"^(\d{10})_[A-Za-z]+V1\.json$")


@dataclass(frozen=True, slots=True)
class CustodianRecord:
    """One answer: its fields as sent, the child asked about, and the SHA-256 of the bytes read."""

    fields: dict[str, Any]
    child: Identifier
    sha256: str


def read_record(file: BinaryIO, sender: Sender) -> tuple[dict[str, Any], Identifier]:
    """The record's fields and the child it is about.

    Raises Untranslatable where the file is too large, not one JSON object, or names no (valid) NHS number.
    """
    record = open_record(file, sender)
    return record.fields, record.child


def open_record(file: BinaryIO, sender: Sender) -> CustodianRecord:  # noqa: ARG001 — a format's reader takes its sender
    """As `read_record`, with the digest of the bytes that an auditor can go back to."""
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        _refuse("file-too-large")
    document = _object(raw)
    payload = document.get("payload", document)
    if not isinstance(payload, dict):
        _refuse("not-an-object", "payload")
    child = _nhs_number(document, payload, file)
    fields = {key: value for key, value in payload.items() if key != "nhsNumber"}
    return CustodianRecord(fields, child, hashlib.sha256(raw).hexdigest())


def _object(raw: bytes) -> dict[str, Any]:
    try:
        document = strict_json(raw)
    except BadJson as error:
        _refuse(error.code)
    if not isinstance(document, dict):
        _refuse("not-an-object")
    return document


def _nhs_number(document: dict[str, Any], payload: dict[str, Any], file: BinaryIO) -> Identifier:
    said = payload.get("nhsNumber", document.get("nhsNumber"))
    if said is None:
        said = _number_in_name(file)
    if said is None:
        _refuse("no-nhs-number", "nhsNumber")
    try:
        return nhs_identifier(str(said), "nhsNumber")
    except BadRecord as error:
        _refuse(error.code, error.field)


def _number_in_name(file: BinaryIO) -> str | None:
    name = getattr(file, "name", None)
    match = _NAME.match(PurePath(name).name) if isinstance(name, str) else None
    return match.group(1) if match else None


def _refuse(code: str, name: str | None = None) -> NoReturn:
    raise Untranslatable(Finding("document", code, name))


@dataclass(frozen=True, slots=True)
class Answer:
    """One item of a record's list, or one field of it: where it stands, and its fields."""

    place: str
    item: dict[str, Any]

    def text(self, name: str) -> str | None:
        """The text of a field; None where it is null or absent. Raises BadRecord `not-text`."""
        value = self.item.get(name)
        if value is not None and not isinstance(value, str):
            raise BadRecord("not-text", name)
        return value

    def truth(self, name: str) -> bool | None:
        """Yes, no, or None: not said. Raises BadRecord `not-yes-or-no`."""
        value = self.item.get(name)
        if value is not None and not isinstance(value, bool):
            raise BadRecord("not-yes-or-no", name)
        return value

    def day(self, name: str, sender: Sender) -> Moment:
        """The day a field says. Raises BadRecord: `no-date`, or as `iso_day` and `happened` do."""
        text = self.text(name)
        if not text:
            raise BadRecord("no-date", name)
        return happened(Moment(stands_at(iso_day(text, name)), Precision.DAY), sender.read_at, name)


def answers(record: CustodianRecord, name: str) -> Iterator[Answer | Finding]:
    """The items of a list the record holds; what is not an object is a refused Finding."""
    held = record.fields.get(name)
    for index, item in enumerate(held if isinstance(held, list) else []):
        place = f"/{name}/{index}"
        yield Answer(place, item) if isinstance(item, dict) else Finding(place, "not-an-object", name)
    if held is not None and not isinstance(held, list):
        yield Finding(f"/{name}", "not-a-list", name)


def left_out(record: CustodianRecord, used: Collection[str], known: Collection[str]) -> Iterator[Finding]:
    """A warning for every field that says something and was not used, by name if the record has such one."""
    for name, value in record.fields.items():
        if value in (None, [], {}, "") or name in used:
            continue
        if name in known:
            yield Finding(f"/{name}", "unused-field", name, refused=False)
        else:
            yield Finding("document", "unknown-field", refused=False)


@dataclass(slots=True)
class Reading:
    """One record being read for one sender; it numbers what happened twice on one day."""

    record: CustodianRecord
    sender: Sender
    times: Counter[str] = field(default_factory=Counter)

    def spine(self, place: str, when: Moment, kind: str) -> dict[str, Any]:
        """What every event of this record says.

        The record has no ids: the child (hashed), the kind and the day make one, so that asking again
        makes the same event.
        """
        key = f"{kind} {when.at.date()}"
        self.times[key] += 1
        child = self.record.child
        hashed = hashlib.sha256(f"{child.system}/{child.value}".encode()).hexdigest()[:16]
        organisation = self.sender.organisation
        return {
            "system": self.sender.system,
            "source_event_id": source_id(organisation, "custodian", hashed, key, str(self.times[key])),
            "identifiers": (child,),
            "organisation": organisation,
            "occurred_at": when.at,
            "precision": when.precision,
            "source": SourceRecord(self.record.sha256, place),
        }

    def each(
        self, name: str, make: Callable[["Reading", Answer], CaseEvent]
    ) -> Iterator[CaseEvent | Finding]:
        """The event `make` reads from every item of a list of the record, or the finding why not."""
        for answer in answers(self.record, name):
            if isinstance(answer, Finding):
                yield answer
            else:
                yield say(answer.place, partial(make, self, answer))


def asked_on(sender: Sender) -> Moment:
    """The day the question was asked: a state without a date was so on that day (formats.md 1.0)."""
    return Moment(stands_at(sender.read_at.astimezone(LONDON).date()), Precision.DAY)
