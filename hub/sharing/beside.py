"""What rules say of a child beside flags: what nobody can tell, and what one agency sees alone (patterns.md).

Neither is a flag. A silence is no missed duty where the feed that would break it was not heard; and what one
agency alone holds is its own alarm, kept apart from what only becomes clear together.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from hub.patterns.catalogue import BY_CODE
from hub.patterns.explain import AGENCIES
from hub.patterns.firing import Piece, SingleSourceNote, Untold
from hub.sharing.look import Look
from hub.sharing.policy import Tier


class CannotTell(msgspec.Struct, frozen=True):
    """A question that cannot be answered yet: these agencies were not heard since the moment."""

    pattern: str
    name: str
    agencies: tuple[str, ...]
    since: datetime
    says: str


class OneAgency(msgspec.Struct, frozen=True):
    """A question that one agency's entries raise alone: that agency's own alarm, and no flag."""

    pattern: str
    name: str
    agency: str
    evidence: tuple[Piece, ...]
    says: str


class Beside(msgspec.Struct, frozen=True):
    """All that is said beside flags, as far as one reader may know what it rests on."""

    cannot_tell: tuple[CannotTell, ...]
    one_agency: tuple[OneAgency, ...]


def shared_beside(view: Look, notes: Iterable[SingleSourceNote], untold: Iterable[Untold]) -> Beside:
    """As this reader may see it: notes whose entries they all read, silences of agencies they read."""
    return Beside(
        tuple(sorted(_untold(untold, view.unseen()), key=lambda one: (one.since, one.pattern))),
        tuple(sorted(_notes(notes, view), key=lambda one: (one.pattern, one.agency))),
    )


def _untold(untold: Iterable[Untold], unseen: frozenset[str]) -> Iterator[CannotTell]:
    said = {(one.pattern, one.families, one.since) for one in untold if not unseen & {*one.families}}
    for pattern, families, since in said:
        quiet = " and ".join(AGENCIES[family] for family in families)
        says = f"Nobody can tell yet: {quiet} was not heard since. Silence is no missed duty."
        yield CannotTell(pattern, BY_CODE[pattern].name, families, since, says)


def _notes(notes: Iterable[SingleSourceNote], view: Look) -> Iterator[OneAgency]:
    for note in notes:
        if all(view.sight(piece.entry)[0] is Tier.READ for piece in note.evidence):
            says = f"{AGENCIES[note.family]} alone holds what this asks: its own alarm, and no flag."
            yield OneAgency(note.pattern, BY_CODE[note.pattern].name, note.family, note.evidence, says)
