"""How a rule that holds is told: entries by agency, day and kind; never a name, never a word of theirs."""

from datetime import datetime
from functools import cache, lru_cache
from uuid import UUID

import msgspec

from hub.domain.timeline import Fact, Facts
from schemas.any_agency import Engagement, StrengthNoted, SupportOffered
from schemas.case_event import CaseEvent, types_of

PROTECTING = (StrengthNoted, SupportOffered, Engagement)
RESTRICTED = "restricted"
"""Said of an entry in the place of its type, where that must not be said."""
GOOD = frozenset({None, "accepted", "positive"})


class Piece(msgspec.Struct, frozen=True):
    """One entry as a flag shows it; `kind` is its type in short, `restricted` where that must not be said."""

    entry: str
    family: str
    kind: str
    at: datetime
    recorded_at: datetime


class Alone(msgspec.Struct, frozen=True):
    """What one agency alone would have seen: so many pieces of the evidence, and whether the rule held."""

    family: str
    pieces: int
    of: int
    holds: bool


class Firing(msgspec.Struct, frozen=True):
    """A rule that holds, and how. Entries are named, never their content.

    `completed_at` is when the hub first knew enough, by an entry of `completed_by` (empty: by time passing);
    `could_have_been_seen_at` is when it would have, had every entry arrived as it happened. `elsewhere`
    counts entries on other children's records. `protects` stands beside the evidence and is no part of it.
    """

    pattern: str
    version: int
    settings: str
    root: str
    severity: int
    evidence: tuple[Piece, ...]
    elsewhere: int
    families: tuple[str, ...]
    alone: tuple[Alone, ...]
    window: tuple[datetime, datetime]
    due: datetime | None
    completed_at: datetime
    completed_by: tuple[str, ...]
    could_have_been_seen_at: datetime
    protects: tuple[Piece, ...]
    judged: bool = False
    """It was completed by what people said is one incident, and what is two."""

    @property
    def days_earlier(self) -> int:
        """How many whole days earlier it could have been seen."""
        return max(0, (self.completed_at - self.could_have_been_seen_at).days)

    @property
    def entries(self) -> frozenset[str]:
        """The entries of this child that are the evidence."""
        return frozenset(piece.entry for piece in self.evidence)


class SingleSourceNote(msgspec.Struct, frozen=True):
    """The rule holds on one agency's entries alone: that agency's own alarm, kept apart from flags."""

    pattern: str
    root: str
    family: str
    evidence: tuple[Piece, ...]


class Untold(msgspec.Struct, frozen=True):
    """The rule cannot tell: these agencies' feeds were not heard since the deadline."""

    pattern: str
    root: str
    families: tuple[str, ...]
    since: datetime


def protection(facts: Facts) -> Facts:
    """Entries of what protects: strengths, support taken up, work that goes well."""
    return facts.where(protects)


def protects(fact: Fact) -> bool:
    """The entry is of something that protects."""
    return fact.kind in PROTECTING and fact.get("stage") in GOOD


def piece(fact: Fact) -> Piece:
    """An entry as a flag shows it."""
    kind = RESTRICTED if fact.kind.restricted else short(fact.kind)
    return Piece(text_of(fact.entry), fact.family, kind, fact.at, fact.recorded_at)


@lru_cache(maxsize=50_000)
def text_of(entry: UUID) -> str:
    """An entry's id as text; a rule names the same few again at every look."""
    return str(entry)


@cache
def short(kind: type[CaseEvent]) -> str:
    """A type's name without agency and version."""
    return types_of(kind)[0].partition(".")[2].rpartition(".")[0]
