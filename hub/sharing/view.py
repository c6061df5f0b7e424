"""What a reader is shown: the shapes that the API, the pages and the command line all render."""

import hashlib
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

import msgspec

from hub.domain.strand import WHOLE
from hub.protocol.worklist import Item


class Withheld(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something the policy lets this reader know of, and whom to ring about it."""

    scope: str
    agency: str
    contact: str


class Change(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the agency later said of an entry: taken back or said again, when, and why where it said so."""

    standing: str
    recorded_at: datetime
    reason: str | None = None


class Dispute(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Somebody says that the entry is not right: since when, recorded by which agency, and why.

    The reason stands where the reader reads what that agency writes.
    """

    since: datetime
    agency: str
    reason: str = ""


class Restriction(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The processing of the entry is restricted (UK GDPR art. 18): on which ground, since when, by whom.

    `unread`: for this reader's purpose the entry is named and not read; then `read_for` are those of their
    role for which it is. `contact`: whom to ring about it.
    The reason stands where the reader reads what that agency writes.
    """

    since: datetime
    ground: str
    agency: str
    contact: str
    reason: str = ""
    unread: bool = False
    read_for: tuple[str, ...] = ()


class Lifted(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The processing of the entry was restricted, the last time from `since` until `until`, by which agency.

    Why it was lifted, and who was `told` before, stand where the reader reads what that agency writes.
    """

    since: datetime
    until: datetime
    ground: str
    agency: str
    reason: str = ""
    told: str = ""


class ShownEntry(msgspec.Struct, frozen=True, omit_defaults=True, tag="entry", tag_field="line", gc=False):
    """One entry as this reader may read it.

    `occurred_at` is when it happened, to `precision`; `recorded_at` when the hub recorded it. `fields`
    holds, scope by scope, what was opened for this reader; `open` what anyone who sees the entry may read.
    `erased`: something of it opens for nobody any more; `withdrawn`: scopes their holder has shut for now.
    `strand`: the child as one who has harmed, or has been harmed; empty where it is of neither.
    `dispute`: somebody says that it is not right. `restriction`: its processing is restricted;
    `lifted`: it was.
    """

    id: UUID
    agency: str
    type: str
    occurred_at: datetime
    precision: str
    recorded_at: datetime
    open: msgspec.Raw
    fields: dict[str, msgspec.Raw]
    ended_at: datetime | None = None
    ongoing: bool = False
    learned_at: datetime | None = None
    standing: str = "current"
    change: Change | None = None
    ending: dict[str, msgspec.Raw] = {}
    withheld: tuple[Withheld, ...] = ()
    erased: bool = False
    withdrawn: tuple[str, ...] = ()
    strand: str = ""
    dispute: Dispute | None = None
    restriction: Restriction | None = None
    lifted: Lifted | None = None

    def all_fields(self) -> dict[str, Any]:
        """Decode every field this reader may read, by name. An episode's ending adds to its beginning."""
        found: dict[str, Any] = {}
        for raw in (self.open, *self.fields.values(), *self.ending.values()):
            found.update(msgspec.json.decode(raw))
        return found


class Gap(msgspec.Struct, frozen=True, tag="gap", tag_field="line", gc=False):
    """An entry this reader may only know of: which agency holds it, from which day, and whom to ring."""

    occurred_at: datetime
    agency: str
    contact: str


class Archived(msgspec.Struct, frozen=True, omit_defaults=True):
    """The case is closed, and for this reader's purpose its record is no longer read (decision 89).

    `closed_on`: the day of the closing, in London. `own_words`: what the reader's own agency said stands
    still. `read_for`: the purposes of their role that protect a child and for which all is read as before.
    `contact`: whom to ring.
    """

    closed_on: date
    own_words: bool
    read_for: tuple[str, ...]
    contact: str


class SharedChronology(msgspec.Struct, frozen=True, omit_defaults=True):
    """A child's chronology as one reader may see it, for one purpose, at one moment.

    `as_at` is when it was drawn; `known_at` the moment it was asked about, where that is not now.
    Counts and order are of what this reader sees, so that nothing hidden shines through.
    """

    child: UUID
    role: str
    purpose: str
    basis: str
    policy: str
    as_at: datetime
    who: dict[str, Any]
    lines: tuple[ShownEntry | Gap, ...]
    known_at: datetime | None = None
    policy_document: str = ""
    """Name and version of the policy document the purpose stands on; empty where it stands on none."""
    archived: Archived | None = None
    """The case is closed, and more is kept of it than is read for this purpose."""

    def digest(self) -> bytes:
        """It is another where something else is shown: lines, who the child is, a closed case."""
        return hashlib.sha256(encode((self.who, self.lines, self.archived))).digest()

    def of_strand(self, strand: str) -> Self:
        """The chronology of one strand: its entries, what is of neither, and what may only be known of."""
        lines = tuple(x for x in self.lines if isinstance(x, Gap) or x.strand in (WHOLE, strand))
        return msgspec.structs.replace(self, lines=lines)


class Found(msgspec.Struct, frozen=True):
    """A child found by an identifier this reader may read of them, and who the child is to them."""

    child: UUID
    who: dict[str, Any]


class SharedTick(msgspec.Struct, frozen=True):
    """One thing on a checklist: `done` None where nothing asks for it yet, or this reader cannot tell."""

    row: str
    text: str
    source: str
    done: bool | None


class SharedChecklist(msgspec.Struct, frozen=True):
    """A checklist of the guidance, as it stands for this reader."""

    name: str
    ticks: tuple[SharedTick, ...]


class SharedPathway(msgspec.Struct, frozen=True):
    """How far the guidance has been gone for one child, as far as this reader may see what it stands on."""

    strands: tuple[str, ...]
    stage: str | None
    items: tuple[Item, ...]
    checklists: tuple[SharedChecklist, ...]


encode = msgspec.json.Encoder().encode
