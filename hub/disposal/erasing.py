"""Erases: destroys a child's keys once two persons said so, and makes it final 35 days later.

Each step may be broken off and is done again: what was confirmed is carried out, where nothing keeps it back
(decision 110). Keys go first; then the child's record says so; then the key-encryption keys are rotated; the
certificate comes last.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from hub.confidentiality.keys import KeyStore, ScopeWithdrawn
from hub.domain.child import By, KeysDestroyed
from hub.domain.disposal import (
    CertificateOfDisposal,
    DisposalEvent,
    Disposals,
    Erasure,
    ErasureAsked,
    OldKeysDestroyed,
    RecordGoing,
    ScopesRotatedLater,
    ask,
    confirm,
    evolve_disposals,
    go,
    hold,
    lift,
    not_held,
    refuse,
)
from hub.domain.strand import key_owners
from hub.errors import Conflict, Refused
from hub.records import Records
from hub.records.roles import accounts_of

STREAM = uuid5(UUID("0d8a3f44-0f0b-5a3e-8a52-3b9d3a0f7e11"), "disposals")
ATTEMPTS = 10
RESTRICTED = "the processing of an entry is restricted (UK GDPR art. 18): that is lifted first"
MOVED = "which records are this child's was answered otherwise since it was asked: refuse it, and ask again"

Decision = Callable[[Disposals], Sequence[DisposalEvent]]


def disposals(records: Records) -> Disposals:
    """Everything that was asked, confirmed, refused, held and done."""
    state = Disposals()
    for event in records.archive.stream(STREAM):
        evolve_disposals(state, event.body, event.at)
    return state


def ask_erasure(
    records: Records,
    erasure: UUID,
    child: UUID,
    scopes: Sequence[str] | None,
    reason: str,
    authority: str,
    by: By,
) -> None:
    """Ask that a child's keys be destroyed, of all their records. Raises Refused, UnknownChild, Conflict."""
    people = tuple(sorted(record.id for record in records.person(child)))
    not_restricted(records, people)
    asked = ErasureAsked(
        erasure=erasure,
        records=people,
        scopes=tuple(sorted(scopes)) if scopes else None,
        authority=authority,
        reason=reason,
        by=by,
    )
    decide(records, lambda state: ask(state, asked, came_from(records, people)))


def confirm_erasure(records: Records, store: KeyStore, erasure: UUID, by: By) -> Erasure:
    """Confirm, as a second person, and carry out. Raises Refused, Conflict, Unavailable (then: resume).

    Refused too where a person has since found that a record is another child's, or one more this child's:
    what was asked would then destroy what is another's, or leave, or pass over a hold on, what is theirs.
    """
    asked = disposals(records).erasures.get(erasure)
    people = asked.asked.records if asked else ()
    _may_go(records, people, people)
    mine = accounts_of(records, by)
    decide(records, lambda state: confirm(state, erasure, by, came_from(records, people), mine))
    return carry_out(records, store, erasure)


def refuse_erasure(records: Records, erasure: UUID, reason: str, by: By) -> None:
    """Say that it will not be done; or, of one that was confirmed and is kept back, no more of it.

    What it had destroyed by then stays destroyed; `finish` certifies that. Raises Refused, Conflict.
    """
    found = disposals(records).erasures.get(erasure)
    back = found is not None and kept_back(records, found) is not None
    decide(records, lambda state: refuse(state, erasure, reason, by, kept_back=back))


def kept_back(records: Records, erasure: Erasure) -> str | None:
    """Why what was confirmed is not carried out as things stand; None where nothing keeps it back."""
    left = [one for one in _left(records, erasure.asked) if not _without_keys(records, erasure.asked, one)]
    if not erasure.under_way or erasure.refused or not left:
        return None
    try:
        _may_go(records, left, erasure.asked.records)
    except Refused as why:
        return str(why)
    return None


def hold_child(records: Records, child: UUID, reason: str, by: By) -> list[UUID]:
    """Let nothing of a child be disposed of. Raises Refused, UnknownChild, Conflict.

    Tells the erasures for which it may have come too late: a record's keys were being destroyed.
    """
    people, late = [record.id for record in records.person(child)], list[UUID]()

    def held(state: Disposals) -> Sequence[DisposalEvent]:
        late[:] = state.being_erased(people)
        return hold(state, people, reason, by)

    decide(records, held)
    return late


def lift_hold(records: Records, child: UUID, reason: str, by: By, of: str = "") -> None:
    """Lift one's own hold, or somebody's (`of`): what nobody else holds may be disposed of.

    Raises Refused, UnknownChild, Conflict.
    """
    people = [record.id for record in records.person(child)]
    decide(records, lambda state: lift(state, people, reason, by, of))


def restricted(records: Records, people: Iterable[UUID]) -> bool:
    """Whether the processing of any entry of these is restricted: until that is lifted nothing of it goes.

    Who opposes erasure, or needs it for a legal claim, has it restricted for that (art. 18(1)(b) and (c)).
    """
    return any(records.child(record).restrictions for record in people)


def came_from(records: Records, people: Iterable[UUID]) -> dict[UUID, datetime]:
    """The records from which entries were moved to these, or to one of those, and when the last time.

    What was held there when they went is held here (decision 103).
    """
    found: dict[UUID, datetime] = {}
    waiting = list(people)
    while waiting:
        for origin, at in records.child(waiting.pop()).came_from.items():
            if origin not in found:
                waiting.append(origin)
            found[origin] = max(at, found.get(origin, at))
    return found


def not_restricted(records: Records, people: Iterable[UUID]) -> None:
    """Raise Refused where it is."""
    if restricted(records, people):
        raise Refused(RESTRICTED)


def carry_out(records: Records, store: KeyStore, erasure: UUID) -> Erasure:
    """Do what was confirmed, or what is left. Raises Unavailable, Refused: it was not, or is kept back."""
    found = disposals(records).erasures.get(erasure)
    if found is None or found.confirmed is None:
        raise Refused("this erasure was not confirmed")
    if found.certificate is None:
        _destroy(records, store, found)
    return disposals(records).erasures[erasure]


def finish(records: Records, store: KeyStore, now: datetime) -> list[UUID]:
    """Destroy the versions that only back-ups older than 35 days need; tells which erasures are final.

    And carry out what was confirmed and broken off, where nothing keeps it back, and rotate what their
    holders had withdrawn then and have given back: until that is done, and 35 days more, the erasure is not
    final. Raises Unavailable.
    """
    done = []
    for erasure in disposals(records).erasures.values():
        if erasure.under_way:
            with suppress(Refused):  # it waits for a person, as `kept_back` tells
                _destroy(records, store, erasure)
        elif erasure.certificate is not None and erasure.final_at is None:
            left = lacking(records, erasure)
            back = left - set(store.withdrawn())
            if back:
                later = ScopesRotatedLater(
                    erasure=erasure.asked.erasure, versions=_rotated(records, store, back)
                )
                decide(records, partial(_said, later))
            due = erasure.due(now)
            gone = [_destroy_before(records, store, *each) for each in due.items()]
            if all(gone) and not left and len(due) == len(erasure.rotated):
                decide(records, partial(_said, OldKeysDestroyed(erasure=erasure.asked.erasure)))
                done.append(erasure.asked.erasure)
    return done


def lacking(records: Records, erasure: Erasure) -> set[str]:
    """The scopes of an erasure that are not rotated yet: their holder had withdrawn them.

    Until they are, a back-up of keys from before opens what was erased, wherever the holder lets it.
    """
    return set(_gone(records, erasure.asked)) - erasure.rotated.keys()


def decide(records: Records, decision: Decision) -> None:
    """Record what follows from how disposals stand; again where another came first. Raises Conflict."""
    for _ in range(ATTEMPTS):
        state = disposals(records)
        try:
            records.record({STREAM: (state.version, decision(state))})
        except Conflict:
            continue
        return
    raise Conflict("disposals are being decided by others; try again")


# ------------------------------------------------------------


def _said(event: DisposalEvent, _: Disposals) -> list[DisposalEvent]:
    return [event]


def _may_go(records: Records, left: Collection[UUID], asked: Collection[UUID]) -> None:
    """Raise Refused where these, left of what was asked, are not one child's, or restricted, or held."""
    for record in left:
        person = records.person(record)
        gone = {one.record.id for one in records.parted(person)}
        if not {*left} <= {one.id for one in person} <= {*asked} or gone & {*asked}:
            raise Refused(MOVED)
    not_restricted(records, left)
    not_held(disposals(records), left, came_from(records, left))


def _left(records: Records, asked: ErasureAsked) -> list[UUID]:
    """The records that do not say yet that this erasure destroyed their keys."""
    return [one for one in asked.records if not _says_so(records, asked, one)]


def _says_so(records: Records, asked: ErasureAsked, record: UUID) -> bool:
    return any(done.erasure == asked.erasure for _, done in records.child(record).erasures)


def _without_keys(records: Records, asked: ErasureAsked, record: UUID) -> bool:
    """Whether what was asked for is destroyed of a record: it broke off before the record could say so."""
    keys = [key for owner in key_owners(record) for key in records.keys.standing(owner)]
    destroyed = [bool(key.destroyed_at) for key in keys if _is_asked(asked, key.scope)]
    return bool(destroyed) and all(destroyed)


def _gone(records: Records, asked: ErasureAsked) -> list[str]:
    """The scope of each key that is destroyed of what was asked, on the records that say so."""
    done = (record for record in asked.records if _says_so(records, asked, record))
    keys = (key for record in done for owner in key_owners(record) for key in records.keys.standing(owner))
    return [key.scope for key in keys if key.destroyed_at and _is_asked(asked, key.scope)]


def _is_asked(asked: ErasureAsked, scope: str) -> bool:
    return asked.scopes is None or scope in asked.scopes


def _rotated(records: Records, store: KeyStore, scopes: Collection[str]) -> dict[str, int]:
    """Make a newer key of each scope and wrap all that lives under it; tells the versions."""
    for scope in sorted(scopes):
        store.rotate(scope)
    records.keys.rewrap(*sorted(scopes))
    return {scope: store.scopes()[scope] for scope in sorted(scopes)}


def _destroy(records: Records, store: KeyStore, erasure: Erasure) -> None:
    asked, confirmed = erasure.asked, erasure.confirmed
    assert confirmed is not None  # noqa: S101 — for the type checker
    told = KeysDestroyed(
        erasure=asked.erasure,
        scopes=asked.scopes,
        authority=asked.authority,
        asked_by=asked.by,
        confirmed_by=confirmed.by,
    )
    while left := _left(records, asked):
        bare = [record for record in left if _without_keys(records, asked, record)]
        if erasure.refused and not bare:
            break
        record = bare[0] if bare else _next(records, asked, left)
        records.keys.destroy_all(key_owners(record), asked.scopes)
        records.append(record, [told])
    if len(left) == len(asked.records):  # it was stopped before anything was destroyed
        return
    gone = _gone(records, asked)
    versions = _rotated(records, store, set(gone) - set(store.withdrawn()))
    certificate = CertificateOfDisposal(erasure=asked.erasure, keys=len(gone), versions=versions)
    decide(records, partial(_said, certificate))


def _next(records: Records, asked: ErasureAsked, left: Sequence[UUID]) -> UUID:
    """The record that goes next, once it may: none of the others was joined into it. Raises Refused.

    An erased record forgets what was joined into it. That one goes last says until then whose the others are.
    """
    _may_go(records, left, asked.records)
    record = next(one.id for one in reversed(records.person(left[0])) if one.id in left)
    going = RecordGoing(erasure=asked.erasure, record=record)
    decide(records, lambda state: go(state, going, came_from(records, [record])))
    return record


def _destroy_before(records: Records, store: KeyStore, scope: str, version: int) -> bool:
    """Destroy all versions before one; tells whether they are gone.

    Keys that live under them are wrapped anew first. Where that cannot be done now (the scope is withdrawn, a
    row cannot be read) nothing is destroyed: with the version living children's keys would go too.
    """
    if scope in store.withdrawn():
        return False
    oldest = records.keys.oldest(scope)
    if oldest is not None and oldest < version:
        records.keys.rewrap(scope)
        oldest = records.keys.oldest(scope)
    if oldest is not None and oldest < version:
        return False
    if version > 1:
        try:
            store.destroy_version(scope, version - 1)
        except ScopeWithdrawn:  # its holder shut it just now
            return False
    return True
