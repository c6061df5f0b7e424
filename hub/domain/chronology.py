"""The chronology: a child's entries in the order they happened, corrected, completed and struck through."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from hub.domain.child import Child, Kept
from hub.domain.entry import Entry, Relation


class Standing(StrEnum):
    """Whether an entry still stands."""

    CURRENT = "current"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Line(NamedTuple):
    """One line of the chronology. `record` is whose stream and keys the entry stands under.

    `changed_by` is the entry that corrected or withdrew this one, `completed_by` the one that ended it.
    """

    record: UUID
    entry: Entry
    recorded_at: datetime
    standing: Standing
    changed_by: Kept | None
    completed_by: Kept | None

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, by the entry itself or by the one that completed it."""
        return self.completed_by.entry.ended_at if self.completed_by else self.entry.ended_at

    @property
    def ongoing(self) -> bool:
        """Still going on, as far as the hub was told."""
        return self.entry.ongoing and self.completed_by is None


def chronology(records: Iterable[Child]) -> tuple[Line, ...]:
    """All lines of one child, whose record may be several joined ones.

    The order, and what stands, depend on what was said and not on the order of arrival: by when it
    happened, then by event id. A change to an entry that has not arrived waits for it.
    """
    lines: list[Line] = []
    for child in records:
        lines.extend(_lines(child))
    lines.sort(key=_when)
    return tuple(lines)


def _lines(child: Child) -> Iterable[Line]:
    changes: dict[bytes, Kept] = {}
    endings: dict[bytes, Kept] = {}
    shown: list[Kept] = []
    for kept in child.entries.values():
        entry = kept.entry
        if entry.id in child.split_off:
            continue
        if entry.relation is Relation.COMPLETES:
            _keep_latest(endings, kept)
        else:
            if entry.relation is not Relation.NEW:
                _keep_latest(changes, kept)
            if entry.relation is not Relation.WITHDRAWS:
                shown.append(kept)
    for kept in shown:
        change = changes.get(kept.entry.source)
        yield Line(
            child.id, kept.entry, kept.recorded_at, _standing(change), change, endings.get(kept.entry.source)
        )


def _keep_latest(changes: dict[bytes, Kept], kept: Kept) -> None:
    target = kept.entry.target or b""
    other = changes.get(target)
    if other is None or _said(kept) > _said(other):
        changes[target] = kept


def _said(kept: Kept) -> tuple[bool, datetime, datetime, bytes]:
    entry = kept.entry
    at = entry.source_recorded_at or entry.occurred_at
    return entry.relation is Relation.WITHDRAWS, at, entry.occurred_at, entry.id.bytes


def _standing(change: Kept | None) -> Standing:
    if change is None:
        return Standing.CURRENT
    return Standing.WITHDRAWN if change.entry.relation is Relation.WITHDRAWS else Standing.CORRECTED


def _when(line: Line) -> tuple[datetime, bytes]:
    return line.entry.occurred_at, line.entry.id.bytes
