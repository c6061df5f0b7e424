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
    happened, then by event id. A withdrawal of an entry that has not arrived waits for it; the end of an
    episode whose beginning has not arrived is a line of its own until it does.
    """
    lines: list[Line] = []
    for child in records:
        lines.extend(_lines(child))
    lines.sort(key=_when)
    return tuple(lines)


def _lines(child: Child) -> Iterable[Line]:
    said = _Said(child)
    for kept in said.standing_apart:
        change = said.withdrawal(kept) or said.corrections.get(kept.entry.source)
        yield Line(child.id, kept.entry, kept.recorded_at, _standing(change), change, said.ending(kept))


class _Said:
    """What one record's agencies said of their own earlier entries; chains are followed to their start."""

    def __init__(self, child: Child) -> None:
        here = [kept for kept in child.entries.values() if kept.entry.id not in child.split_off]
        self._by_source = {kept.entry.source: kept for kept in here}
        again = {kept.entry.supersedes for kept in here}
        self.standing_apart: list[Kept] = []
        self.corrections: dict[bytes, Kept] = {}
        self._withdrawals: dict[bytes, Kept] = {}
        self._endings: dict[bytes, Kept] = {}
        changes = {
            Relation.CORRECTS: self.corrections,
            Relation.WITHDRAWS: self._withdrawals,
            Relation.COMPLETES: self._endings,
        }
        for kept in here:
            relation, target = kept.entry.relation, kept.entry.target
            ends_nothing = relation is Relation.COMPLETES and target not in self._by_source
            if relation in (Relation.NEW, Relation.CORRECTS) or ends_nothing:
                self.standing_apart.append(kept)
            if relation is not Relation.NEW and kept.entry.source not in again:
                _keep_latest(changes[relation], kept)

    def withdrawal(self, kept: Kept) -> Kept | None:
        """What took the entry back, or took back the entry it corrects."""
        return self._first(kept, self._withdrawals)

    def ending(self, kept: Kept) -> Kept | None:
        """What ended the episode, said of this entry or of the one it corrects."""
        ending = self._first(kept, self._endings)
        return None if ending is None or ending.entry.source in self._withdrawals else ending

    def _first(self, kept: Kept | None, changes: dict[bytes, Kept]) -> Kept | None:
        if not changes:
            return None
        seen: set[bytes] = set()
        while kept is not None and kept.entry.source not in seen:
            seen.add(kept.entry.source)
            found = changes.get(kept.entry.source)
            if found is not None:
                return found
            corrects = kept.entry.relation is Relation.CORRECTS
            kept = self._by_source.get(kept.entry.target or b"") if corrects else None
        return None


def _keep_latest(changes: dict[bytes, Kept], kept: Kept) -> None:
    target = kept.entry.target or b""
    other = changes.get(target)
    if other is None or _said(kept) > _said(other):
        changes[target] = kept


def _said(kept: Kept) -> tuple[datetime, datetime, bytes]:
    entry = kept.entry
    return entry.source_recorded_at or entry.occurred_at, entry.occurred_at, entry.id.bytes


def _standing(change: Kept | None) -> Standing:
    if change is None:
        return Standing.CURRENT
    return Standing.WITHDRAWN if change.entry.relation is Relation.WITHDRAWS else Standing.CORRECTED


def _when(line: Line) -> tuple[datetime, int]:
    return line.entry.occurred_at, line.entry.id.int
