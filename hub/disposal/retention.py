"""How long what is kept, by kind of entry, on a cited ground; what is due; and a person's approval of it.

Nothing is ever disposed of by itself. What is due is a list; a hold keeps a child off it.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.keys import KeyStore
from hub.confidentiality.sealing import CannotUnseal
from hub.disposal.erasing import (
    RESTRICTED,
    came_from,
    carry_out,
    decide,
    disposals,
    not_restricted,
    restricted,
)
from hub.domain.child import By, Child
from hub.domain.disposal import DisposalEvent, Disposals, Erasure, ErasureAsked, ErasureConfirmed, ask
from hub.domain.entry import Entry
from hub.domain.strand import key_owners
from hub.errors import HubError, Refused
from hub.records import Records
from hub.records.reading import Opener
from schemas.catalogue import RESTRICTED_HOME, TYPE_BY_NAME
from schemas.scope import Scope

SHIPPED = Path(__file__).with_name("retention.toml")
SCHEDULE = By("retention", "schedule", "hub")
IDENTITY = Scope.IDENTITY.value
_decode = msgspec.json.Decoder().decode


class RetentionInvalid(HubError):
    """The schedule cannot be used; the text says where and why."""

    title, exit_code = "The retention schedule cannot be used", 2


class Class(NamedTuple):
    """Entries that are kept equally long: `years` from birth (a birthday) or from the child's last entry."""

    code: str
    kinds: tuple[str, ...]
    until: str
    years: int
    birthday: bool
    ground: str


class Schedule(NamedTuple):
    """Every class, the first that matches a type decides."""

    name: str
    classes: tuple[Class, ...]

    def of(self, type_: str) -> Class:
        """The class of a type. Every type there is has one: `load` saw to it."""
        return next(c for c in self.classes if any(fnmatchcase(type_, kind) for kind in c.kinds))

    def kinds_of(self, class_: Class) -> Iterable[str]:
        """The types that are kept so."""
        return (type_ for type_ in _types() if self.of(type_) is class_)


class Due(NamedTuple):
    """What may be disposed of: of a child some scopes, or (None) everything; since when, on which ground."""

    child: UUID
    scopes: tuple[str, ...] | None
    since: date
    authority: str
    held: str | None


def load(file: Path) -> Schedule:
    """Read a schedule. Raises RetentionInvalid: not one, a class without a ground, a type without a class."""
    try:
        said: Mapping[str, Any] = tomllib.loads(file.read_text())
        schedule = Schedule(str(said["name"]), tuple(_class(row) for row in said["class"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise RetentionInvalid(f"{file.name}: {type(wrong).__name__}: {wrong}") from None
    for type_ in _types():
        if not any(fnmatchcase(type_, kind) for c in schedule.classes for kind in c.kinds):
            raise RetentionInvalid(f"{file.name}: no class for {type_}")
    return schedule


def due(records: Records, schedule: Schedule, now: datetime) -> list[Due]:
    """Everything that is due, child by child; what a hold keeps back is named with it."""
    state, found = disposals(records), []
    for child in records.children():
        if records.child(child).joined_into is not None:
            continue
        people = records.person(child)
        one = _due(records, schedule, people, now)
        if one is not None:
            ids = [record.id for record in people]
            held = state.held(ids, came_from(records, ids))
            why = RESTRICTED if restricted(records, ids) else None
            found.append(one._replace(held=held.reason if held else why))
    return found


def approve(
    records: Records,
    store: KeyStore,
    schedule: Schedule,
    child: UUID,
    erasure: UUID,
    now: datetime,
    by: By,
    reason: str,
) -> Erasure:
    """Approve what is due of a child, and dispose of it. Raises Refused: nothing is due, or it is held.

    The schedule asks, the person confirms: two, as with every erasure. Refused too where it is being disposed
    of: of two who approve it at once one does, and the other is told. Raises Conflict, Unavailable.
    """
    before = {id_ for id_, one in disposals(records).erasures.items() if one.confirmed}
    people = records.person(child)
    not_restricted(records, [record.id for record in people])
    what = _due(records, schedule, people, now)
    if what is None:
        raise Refused("nothing of this child is due")
    asked = ErasureAsked(
        erasure=erasure,
        records=tuple(sorted(record.id for record in people)),
        scopes=what.scopes,
        authority=what.authority,
        reason=reason,
        by=SCHEDULE,
    )
    origins = came_from(records, asked.records)

    def approved(state: Disposals) -> list[DisposalEvent]:
        for id_, other in state.erasures.items():
            going = other.under_way or (other.confirmed is not None and id_ not in before)
            if going and other.refused is None and _overlap(other.asked, asked):
                raise Refused(f"this is being disposed of already: {id_}")
        return [*ask(state, asked, origins), ErasureConfirmed(erasure=erasure, by=by)]

    decide(records, approved)
    return carry_out(records, store, erasure)


# ------------------------------------------------------------


def _due(records: Records, schedule: Schedule, people: Iterable[Child], now: datetime) -> Due | None:
    people = tuple(people)
    kept = [(record, held.entry) for record in people for held in record.entries.values()]
    if not kept:
        return None
    born = _born(records, people)
    last = max(entry.occurred_at for _, entry in kept).date()
    ends: dict[str, tuple[date, Class]] = {}
    for _, entry in kept:
        class_ = schedule.of(entry.type)
        end = _end(class_, entry, born, last)
        for scope in (envelope.scope for envelope in entry.envelopes):
            if scope not in ends or end > ends[scope][0]:
                ends[scope] = end, class_
    owners = [owner for record in people for owner in key_owners(record.id)]
    live = {k.scope for owner in owners for k in records.keys.standing(owner) if not k.destroyed_at}
    over = {scope: at for scope, at in ends.items() if at[0] <= now.date() and scope in live}
    if not over:
        return None
    everything = all(end <= now.date() for end, _ in ends.values())
    since = max(end for end, _ in over.values())
    grounds = sorted({class_.code for _, class_ in over.values()})
    authority = f"retention schedule {schedule.name}: {', '.join(grounds)}"
    return Due(people[0].id, None if everything else tuple(sorted(over)), since, authority, None)


def _overlap(one: ErasureAsked, other: ErasureAsked) -> bool:
    """Whether both are of some record in common, and of some scope of it."""
    if {*one.records}.isdisjoint(other.records):
        return False
    return one.scopes is None or other.scopes is None or not {*one.scopes}.isdisjoint(other.scopes)


def _end(class_: Class, entry: Entry, born: date | None, last: date) -> date:
    """The day from which an entry need not be kept."""
    if not class_.birthday:
        return _years_after(last, class_.years)
    return _years_after(born or entry.occurred_at.date(), class_.years)


def _born(records: Records, people: Iterable[Child]) -> date | None:
    """The latest date of birth anybody gave: opened for this reckoning alone, and told to nobody."""
    found = []
    for record in people:
        opener = Opener(records.keys, record.id, (IDENTITY,), _decode)
        for kept in record.entries.values():
            try:
                said = opener.open(kept.entry)[0].get(IDENTITY, {}).get("date_of_birth")
            except CannotUnseal:
                continue
            if said:
                found.append(date.fromisoformat(said))
    return max(found, default=None)


def _years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _class(row: Mapping[str, Any]) -> Class:
    until, ground = str(row["until"]), str(row["ground"]).strip()
    match until.split():
        case ["birthday", years]:
            birthday = True
        case [years, "years"]:
            birthday = False
        case _:
            raise ValueError(f"until is 'birthday N' or 'N years', not {until!r}")
    if not ground or not row["kinds"]:
        raise ValueError(f"class {row['code']} says no ground, or no kinds")
    return Class(str(row["code"]), tuple(row["kinds"]), until, int(years), birthday, ground)


def _types() -> Iterable[str]:
    return (*TYPE_BY_NAME, *RESTRICTED_HOME)
