"""The worklist: what is due on one or many children, most pressing first, and how it is told."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from hub.domain.calendar import LONDON
from hub.protocol.obligation import Due


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """One obligation on one child, as it is kept and shown. It holds no name and no word anybody said."""

    obligation: str
    title: str
    asks: str
    of: str
    source: str
    state: str
    start: datetime
    due_at: datetime | None
    started_by: UUID
    met_at: datetime | None = None
    met_by: UUID | None = None
    asks_reason: bool = False
    strand: str = ""


def item(due: Due) -> Item:
    """An obligation as it is kept."""
    return Item(
        due.obligation,
        due.title,
        due.asks,
        due.of,
        due.source,
        due.state.value,
        due.start,
        due.due_at,
        due.started_by,
        due.met_at,
        due.met_by,
        due.asks_reason,
        due.strand,
    )


def text(found: Item) -> str:
    """One line a practitioner reads: the row, its state, what is asked, of whom, by when, and the source."""
    by = f"by {_when(found.due_at)}" if found.due_at else "no time is set"
    met = f", met {_when(found.met_at)}" if found.met_at else ""
    reason = "; met late, no reason is recorded: say why" if found.asks_reason else ""
    return (
        f"{found.obligation:<4} {found.state:<11} {found.title}: {found.asks} ({found.of}) {by}{met}{reason}"
        f" [{found.source}]"
    )


def counts(items: Iterable[Item]) -> Mapping[str, int]:
    """How many items stand in each state."""
    found: dict[str, int] = {}
    for one in items:
        found[one.state] = found.get(one.state, 0) + 1
    return found


def _when(at: datetime) -> str:
    return at.astimezone(LONDON).strftime("%a %d %b %Y %H:%M")
