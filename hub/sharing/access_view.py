"""What people are shown of access itself: what waits, what a second person is told, what is closed."""

from datetime import datetime
from uuid import UUID

import msgspec

from hub.domain.access_desk import Waits
from hub.domain.child import By
from hub.domain.strand import Opens


class AccessWaiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that waits for a second person, or waited. The reason stands in `Brief` alone."""

    item: UUID
    what: Waits
    child: UUID
    who: By
    purpose: str
    at: datetime
    due: datetime
    overdue: bool = False
    until: datetime | None = None
    """Until when the record is open: under the glass, or because it was granted."""
    reviewer: By | None = None
    settled_by: By | None = None
    outcome: str | None = None
    lead: str = ""
    """The agency that led for the child when the glass was broken; empty: none did."""
    guardians: tuple[str, ...] = ()
    """The roles that are to look at why."""
    opens: Opens | None = None
    """What of the child it lets near; none: of before that was named."""


class Taken(msgspec.Struct, frozen=True):
    """A request was taken. Whether there is a record, and who is asked, is not said."""

    request: UUID
    answer_by: datetime


class Seen(msgspec.Struct, frozen=True):
    """Something that was shown under the glass: when, which question, which scopes could be read."""

    at: datetime
    question: str
    scopes: tuple[str, ...]


class Brief(msgspec.Struct, frozen=True):
    """What a second person is shown before they settle it: the reason, and what was seen under the glass.

    Of a question to the MASH `reason` is what was asked; `answer` and `kept` what came of it, once answered.
    """

    waiting: AccessWaiting
    reason: str
    seen: tuple[Seen, ...] = ()
    answer: str = ""
    """What whoever asked the MASH was told."""
    kept: str = ""
    """How far something was shared and what for, or why it was not: not told to whoever asked."""


class MashTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question to the MASH as whoever asked it sees it: nothing of what was decided about what is held."""

    item: UUID
    purpose: str
    at: datetime
    due: datetime
    question: str
    answered_at: datetime | None = None
    answered_by: By | None = None
    answer: str = ""


class Mine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of a person's own breakings or requests. `child` stands only where the record is open to them."""

    item: UUID
    what: Waits
    purpose: str
    at: datetime
    state: str
    due: datetime
    until: datetime | None = None
    child: UUID | None = None


class Closed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A restriction that stands: what it closes, to whom not, why, by whom and since when."""

    restriction: UUID
    what: str
    at: datetime
    by: By
    reason: str
    named: tuple[By, ...] = ()
    agency: str = ""
    entries: tuple[UUID, ...] = ()
    interest: str = ""


class LetNear(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lets an agency or the members of a meeting near, or the other child's name be known, until when.

    `opens` none: of before a strand was named, or for another child, where none is. `reason` empty: of
    before one was asked. `meeting`: by what a meeting is ended early; of before that was possible none.
    """

    what: str
    by: By
    until: datetime | None
    reason: str
    agency: str = ""
    members: tuple[By, ...] = ()
    other: UUID | None = None
    opens: Opens | None = None
    meeting: UUID | None = None
