"""Disposal: what persons asked to have erased, confirmed or refused, held back, and what became of it.

All of it stands in one stream of the hub's own, sealed under the hub's key and not the child's: it is still
there when nothing of the child is. Reasons are for the record; they name no one who is not an official.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from hub.domain.by import Accounts, By
from hub.errors import Refused

NONE_WAITS = "no erasure of this id waits for a second person"
KEPT_DAYS = 35
"""Days that back-ups of keys live: so long an older key-encryption key is kept after an erasure."""


NOWHERE: Mapping[UUID, datetime] = MappingProxyType({})
"""Of a child to whose records no entry was moved."""


class DisposalEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of disposals. Subclasses are past tense and final."""


class ErasureAsked(DisposalEvent, frozen=True, tag="erasure-asked"):
    """A person, or the retention schedule, asked that a child's keys be destroyed; nothing is destroyed yet.

    `records` are all records of the child; `scopes` None: everything. `authority` is the ground: the law, the
    order or the schedule's class.
    """

    erasure: UUID
    records: tuple[UUID, ...]
    scopes: tuple[str, ...] | None
    authority: str
    reason: str
    by: By


class ErasureConfirmed(DisposalEvent, frozen=True, tag="erasure-confirmed"):
    """A second person confirmed it: from here on it is carried out, whatever breaks off."""

    erasure: UUID
    by: By


class ErasureRefused(DisposalEvent, frozen=True, tag="erasure-refused"):
    """It will not be done, and why; of one that was confirmed: no more of it will be."""

    erasure: UUID
    reason: str
    by: By


class RecordGoing(DisposalEvent, frozen=True, tag="record-going"):
    """A record's keys are destroyed next, under a confirmed erasure: a hold after this may be too late."""

    erasure: UUID
    record: UUID


class CertificateOfDisposal(DisposalEvent, frozen=True, tag="disposed"):
    """The keys are destroyed: how many, and the newer version of each scope that rotating made.

    What is wrapped under an older version is in back-ups alone; 35 days later that version is destroyed.
    """

    erasure: UUID
    keys: int
    versions: Mapping[str, int]


class ScopesRotatedLater(DisposalEvent, frozen=True, tag="scopes-rotated-later"):
    """Scopes of an erasure that their holder had withdrawn then have come back, and are rotated now.

    What is wrapped under an older version is in back-ups alone; 35 days from now that version is destroyed.
    """

    erasure: UUID
    versions: Mapping[str, int]


class OldKeysDestroyed(DisposalEvent, frozen=True, tag="old-keys-destroyed"):
    """35 days later: the versions that old back-ups need are gone, and the erasure is final."""

    erasure: UUID


class SealedAgain(DisposalEvent, frozen=True, tag="sealed-again"):
    """What older keys of a child had sealed stands under newer ones: 35 days later the older may go.

    `keys`: whose, for which scope, and the last generation that may go.
    """

    child: UUID
    keys: tuple[tuple[UUID, str, int], ...]
    by: By


class OlderKeysDestroyed(DisposalEvent, frozen=True, tag="older-keys-destroyed"):
    """35 days later nothing stood under them, and they are gone."""

    keys: tuple[tuple[UUID, str, int], ...]


class HoldPlaced(DisposalEvent, frozen=True, tag="hold-placed"):
    """Nothing of a child may be disposed of: an inquiry, a claim, an investigation."""

    child: UUID
    reason: str
    by: By


class HoldLifted(DisposalEvent, frozen=True, tag="hold-lifted"):
    """The holds of one person (`of`) have ended, and why; before it was said whose, all there were."""

    child: UUID
    reason: str
    by: By
    of: str = ""


AnyDisposalEvent = (
    ErasureAsked
    | ErasureConfirmed
    | ErasureRefused
    | RecordGoing
    | CertificateOfDisposal
    | ScopesRotatedLater
    | OldKeysDestroyed
    | SealedAgain
    | OlderKeysDestroyed
    | HoldPlaced
    | HoldLifted
)


@dataclass(slots=True)
class Erasure:
    """One erasure as it stands."""

    asked: ErasureAsked
    asked_at: datetime
    confirmed: ErasureConfirmed | None = None
    refused: ErasureRefused | None = None
    certificate: CertificateOfDisposal | None = None
    disposed_at: datetime | None = None
    final_at: datetime | None = None
    going: set[UUID] = field(default_factory=set)
    """The records whose keys are destroyed, or next."""
    rotated: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """By scope: the version that rotating made, and when. Back-ups from before it need an older one."""

    @property
    def open(self) -> bool:
        """Waits for a second person."""
        return self.confirmed is None and self.refused is None

    @property
    def under_way(self) -> bool:
        """Confirmed, and not yet known to be done: to be carried out (again)."""
        return self.confirmed is not None and self.certificate is None

    @property
    def state(self) -> str:
        """In a word, for a person."""
        if self.confirmed and self.refused:
            return "stopped"
        if self.final_at:
            return "final"
        if self.certificate:
            return "erased"
        if self.refused:
            return "refused"
        return "confirmed" if self.confirmed else "asked"

    def due(self, now: datetime) -> dict[str, int]:
        """The scopes whose versions before this one may go: no back-up that needs them is kept any more."""
        kept = timedelta(days=KEPT_DAYS)
        return {scope: version for scope, (version, at) in self.rotated.items() if now >= at + kept}


@dataclass(slots=True)
class Disposals:
    """Everything that stands in the stream."""

    version: int = 0
    erasures: dict[UUID, Erasure] = field(default_factory=dict)
    holds: dict[UUID, list[tuple[HoldPlaced, datetime]]] = field(default_factory=dict)
    """Those that stand, by record, and since when: each who holds a child does so by themself."""
    older: dict[tuple[UUID, str], tuple[UUID, int, datetime]] = field(default_factory=dict)
    """By owner and scope: the child, up to which generation keys may go, since when nothing needs them."""

    def being_erased(self, records: Collection[UUID]) -> list[UUID]:
        """The erasures that are being carried out, or broke off, on any of these records."""
        under_way = (one for one in self.erasures.values() if one.under_way and not one.refused)
        return [one.asked.erasure for one in under_way if not one.going.isdisjoint(records)]

    def held(
        self, records: Collection[UUID], came_from: Mapping[UUID, datetime] = NOWHERE
    ) -> HoldPlaced | None:
        """A hold on any of a child's records, or on one that entries were moved from while it was held."""
        here = (hold for record in records for hold, _ in self.holds.get(record, ()))
        origins = (
            hold for one, at in came_from.items() for hold, since in self.holds.get(one, ()) if since <= at
        )
        return next(iter((*here, *origins)), None)


def evolve_disposals(state: Disposals, event: Any, at: datetime) -> None:
    """Change the state by one event that happened."""
    state.version += 1
    match event:
        case SealedAgain():
            state.older |= {(owner, scope): (event.child, last, at) for owner, scope, last in event.keys}
        case OlderKeysDestroyed():
            state.older = {key: of for key, of in state.older.items() if (*key, of[1]) not in event.keys}
        case HoldPlaced():
            state.holds.setdefault(event.child, []).append((event, at))
        case HoldLifted():
            standing = state.holds.get(event.child, [])
            state.holds[event.child] = [h for h in standing if event.of not in ("", h[0].by.person)]
        case _:
            _evolve_erasures(state, event, at)


def _evolve_erasures(state: Disposals, event: Any, at: datetime) -> None:
    match event:
        case ErasureAsked():
            state.erasures[event.erasure] = Erasure(event, at)
        case ErasureConfirmed():
            state.erasures[event.erasure].confirmed = event
        case ErasureRefused():
            state.erasures[event.erasure].refused = event
        case RecordGoing():
            state.erasures[event.erasure].going.add(event.record)
        case CertificateOfDisposal():
            erasure = state.erasures[event.erasure]
            erasure.certificate, erasure.disposed_at = event, at
            _rotated(erasure, event.versions, at)
        case ScopesRotatedLater():
            _rotated(state.erasures[event.erasure], event.versions, at)
        case OldKeysDestroyed():
            state.erasures[event.erasure].final_at = at


def _rotated(erasure: Erasure, versions: Mapping[str, int], at: datetime) -> None:
    erasure.rotated |= {scope: (version, at) for scope, version in versions.items()}


# ------------------------------------------------------------------ decide


def ask(
    state: Disposals, asked: ErasureAsked, came_from: Mapping[UUID, datetime] = NOWHERE
) -> list[DisposalEvent]:
    """Ask. Raises Refused without reason and authority, under a hold, or where it is asked already."""
    if not asked.reason.strip() or not asked.authority.strip():
        raise Refused("a reason and an authority are needed")
    not_held(state, asked.records, came_from)
    for other in state.erasures.values():
        if other.open and other.asked.records == asked.records and other.asked.scopes == asked.scopes:
            raise Refused(f"this is asked already: {other.asked.erasure}")
    return [asked]


def confirm(
    state: Disposals,
    erasure: UUID,
    by: By,
    came_from: Mapping[UUID, datetime] = NOWHERE,
    accounts: Accounts = (),
) -> list[DisposalEvent]:
    """Confirm. Raises Refused by the person who asked, under a hold, or for one that is not open."""
    found = _open(state, erasure)
    if found.asked.by.person in (by.person, *accounts):
        raise Refused("a second person confirms: not the one who asked")
    not_held(state, found.asked.records, came_from)
    return [ErasureConfirmed(erasure=erasure, by=by)]


def go(
    state: Disposals, going: RecordGoing, came_from: Mapping[UUID, datetime] = NOWHERE
) -> list[DisposalEvent]:
    """Let a record's keys be destroyed. Raises Refused under a hold.

    Whoever holds the child decides in the same stream: one of the two comes first, and the other hears of it.
    """
    not_held(state, [going.record], came_from)
    return [] if going.record in state.erasures[going.erasure].going else [going]


def refuse(
    state: Disposals, erasure: UUID, reason: str, by: By, *, kept_back: bool = False
) -> list[DisposalEvent]:
    """Say that it will not be done, or no more of one that was confirmed and is kept back.

    Raises Refused without a reason, or for one that neither waits for a second person nor is kept back.
    """
    found = state.erasures.get(erasure)
    if not (kept_back and found and found.under_way and not found.refused):
        _open(state, erasure)
    if not reason.strip():
        raise Refused("a reason is needed")
    return [ErasureRefused(erasure=erasure, reason=reason, by=by)]


def hold(state: Disposals, records: Iterable[UUID], reason: str, by: By) -> list[DisposalEvent]:
    """Hold all records of a child, whoever else holds them. Raises Refused without a reason."""
    if not reason.strip():
        raise Refused("a reason is needed")
    placed = (HoldPlaced(child=child, reason=reason, by=by) for child in records)
    return [one for one in placed if one not in (held for held, _ in state.holds.get(one.child, ()))]


def lift(
    state: Disposals, records: Collection[UUID], reason: str, by: By, of: str = ""
) -> list[DisposalEvent]:
    """Lift one's own hold, or that of whoever it is said to be (`of`), or the only one there is.

    Raises Refused where there is none, without a reason, or where it is not said which of several.
    """
    held = {hold.by.person: hold for child in records for hold, _ in state.holds.get(child, ())}
    whose = of or (by.person if by.person in held or len(held) != 1 else next(iter(held)))
    if not held or not reason.strip():
        raise Refused("there is no hold on this child" if not held else "a reason is needed")
    if whose not in held:
        there = "; ".join(f"{person}: {hold.reason}" for person, hold in held.items())
        raise Refused(f"there is no hold of theirs on this child: say whose is lifted. It is held by {there}")
    return [
        HoldLifted(child=child, reason=reason, by=by, of=whose)
        for child in records
        if any(hold.by.person == whose for hold, _ in state.holds.get(child, ()))
    ]


def not_held(state: Disposals, records: Collection[UUID], came_from: Mapping[UUID, datetime]) -> None:
    """Raise Refused where any of a child's records is held, or what was moved to them is."""
    held = state.held(records, came_from)
    if held is not None:
        raise Refused(f"held back by {held.by.person}: {held.reason}")


def _open(state: Disposals, erasure: UUID) -> Erasure:
    found = state.erasures.get(erasure)
    if found is None or not found.open:
        raise Refused(NONE_WAITS)
    return found
