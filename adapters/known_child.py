"""The child a record is of, and how what is dated by days in the record is said of that child."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from adapters.days import LONDON, plausible, stands_at
from adapters.format import Finding, Sender
from adapters.record import BadRecord, hashed, say, source_id
from schemas.case_event import (
    CaseEvent,
    Characteristics,
    Identifier,
    PersonName,
    SourceRecord,
    Withdrawal,
    WithdrawalReason,
)
from schemas.vocabulary import Agency, Precision

On = tuple[Callable[[str], date | None], str]
"""A day of the record: how it is read, and the sender's field."""


@dataclass(frozen=True, slots=True)
class KnownChild:
    """Who the record is of.

    `key` begins every source id: the format and who keeps the record; the first identifier follows it,
    hashed, for who a child is stands in the identity scope and a source id does not. Nothing after `until`
    can have happened.
    """

    agency: Agency
    sender: Sender
    key: tuple[str, ...]
    identifiers: tuple[Identifier, ...]
    until: date
    sha256: str
    name: PersonName | None = None
    born: date | None = None
    expected: date | None = None
    characteristics: Characteristics | None = None
    postcode: str | None = None
    address: str | None = None

    @property
    def reference(self) -> str:
        """The child as source ids have it."""
        return hashed(self.identifiers[0])

    def id_of(self, *parts: str) -> str:
        """The source id of one thing said of this child. Raises BadRecord as `source_id` does."""
        return source_id(*self.key, self.reference, *parts)

    def day(self, read: Callable[[str], date | None], field: str) -> datetime:
        """When a dated thing stands. Raises BadRecord where the day is missing or cannot be true."""
        day = read(field)
        if day is None:
            raise BadRecord("no-date", field)
        return stands_at(plausible(day, field, until=self.until, born=self.born or self.expected))

    def event(
        self,
        kind: type[CaseEvent],
        place: str,
        key: tuple[str, ...],
        on: On,
        /,
        **fields: Any,
    ) -> CaseEvent | Finding:
        """One dated event of this child, or why there is none. What it says is in `fields`."""

        def make() -> CaseEvent:
            at = self.day(*on)
            said = {"source_event_id": self.id_of(*key), "occurred_at": at, **self.said(place, at), **fields}
            return kind(**said)

        return say(place, make)

    def ending(
        self,
        kind: type[CaseEvent],
        place: str,
        key: tuple[str, ...],
        span: tuple[On, On],
        /,
        **fields: Any,
    ) -> CaseEvent | Finding:
        """The completion of the ongoing event said under `key`; `span` is its first and last day."""

        def make() -> CaseEvent:
            at, end = self.day(*span[0]), self.day(*span[1])
            if end < at:
                raise BadRecord("ends-before-it-starts", span[1][1])
            ids = {"source_event_id": self.id_of(*key, "ended"), "completes": self.id_of(*key)}
            return kind(**ids, occurred_at=at, ended_at=end, **self.said(place, at), **fields)

        return say(place, make)

    def withdrawal(self, place: str, key: tuple[str, ...]) -> CaseEvent | Finding:
        """The sender takes back what it said under `key`; it happened when the file was read."""

        def make() -> CaseEvent:
            said = self.said(place, self.sender.read_at) | {"precision": Precision.MINUTE}
            return Withdrawal(
                type=f"{self.agency.value}.withdrawal.v1",
                source_event_id=self.id_of(*key, "withdrawn"),
                withdraws=self.id_of(*key),
                reason=WithdrawalReason.PURGED_AT_SOURCE,
                occurred_at=self.sender.read_at,
                **said,
            )

        return say(place, make)

    def said(self, place: str, at: datetime) -> dict[str, Any]:
        """What every event of this child's record says."""
        expected = self.expected if self.born is None else None
        unborn = expected is not None and at.astimezone(LONDON).date() < expected
        return {
            "agency": self.agency,
            "system": self.sender.system,
            "organisation": self.sender.organisation,
            "identifiers": self.identifiers,
            "name": self.name,
            "date_of_birth": self.born,
            "age": -1 if unborn else None,
            "characteristics": self.characteristics,
            "postcode": self.postcode,
            "address": self.address,
            "precision": Precision.DAY,
            "source": SourceRecord(self.sha256, place[:300] or "document"),
        }
