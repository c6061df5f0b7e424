"""The worklist: what is due on one or many children, most pressing first, and how it is told."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from hub.protocol.obligation import Due, State, told

CORRECTION = "Art. 16"
"""Stands where a row of the guidance does: somebody says that the entry `started_by` is not right."""

RESTRICTION = "Art. 18"
"""The same: the processing of the entry `started_by` is restricted, and is to be looked at again."""
OF_AN_ENTRY = (CORRECTION, RESTRICTION)
"""What is asked of one entry, on its page."""
ACCESS = "Art. 15"
"""The same: an agency is to say whether its words in a copy of the record may be handed out."""
PART = "Part"
"""Stands where a row of the guidance does: people are to review whether a child's part is still shown."""


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
    why: str = ""


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
        due.why,
    )


def text(found: Item) -> str:
    """One line a practitioner reads: the row, its state, what is asked, of whom, by when, what met it, the source."""
    by = f"by {told(found.due_at)}" if found.due_at else f"no time is set, asked since {told(found.start)}"
    by_entry = f" by entry {str(found.met_by)[:8]}" if found.met_by else ""
    met = f", met {told(found.met_at)}{by_entry}" if found.met_at else ""
    which = f"; entry {found.started_by}" if found.obligation in OF_AN_ENTRY else ""
    why = f"; {found.why}" if found.why else ""
    reason = f"; {_departed(found)}, no reason is recorded: say why" if found.asks_reason else ""
    return (
        f"{found.obligation:<4} {found.state:<11} {found.title}: {found.asks} ({found.of}) {by}{which}{met}{why}{reason}"
        f" [{found.source}]"
    )


def waiting_for(items: Iterable[Item], of: str) -> list[Item]:
    """What waits for one team or agency, under the name the pack gives it, what is due first in front."""
    found = [one for one in items if one.of == of and one.met_at is None and one.state != State.SUPERSEDED]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or one.start, one.obligation))


def counts(items: Iterable[Item]) -> Mapping[str, int]:
    """How many items stand in each state."""
    found: dict[str, int] = {}
    for one in items:
        found[one.state] = found.get(one.state, 0) + 1
    return found


def _departed(found: Item) -> str:
    return "met late" if found.met_at else "the guidance asks for it"
