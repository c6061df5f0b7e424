"""Turns the peppers that children are found by: the living are claimed anew, the dead go dark.

While it goes on the older generation is what children are found by, and whatever is claimed is claimed under
both, so intake goes on. Each step may be broken off and is done again. Once the living are claimed the newer
is what is found by; the older is destroyed 35 days later, as no back-up from before could be used without it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.child_keys import newest
from hub.confidentiality.house import House
from hub.confidentiality.sealing import Opening
from hub.domain.child import Child
from hub.domain.disposal import KEPT_DAYS
from hub.domain.identifier import IdentifierClaimed
from hub.domain.pepper import PepperDestroyed, Peppers, PepperTurned, PepperTurning
from hub.domain.strand import key_owners
from hub.errors import Conflict, Refused
from hub.records import Records
from hub.records.peppers import PEPPERS
from hub.records.reading import Opener
from hub.records.whose import Called, Hashes
from hub.store.effects import Effects
from hub.store.mapper import IDENTIFIER
from schemas.scope import Scope

READ = (Scope.IDENTITY.value, Scope.WHEREABOUTS.value)
"""The scopes that say whose a record is."""
TOGETHER = 100
"""Children whose identifiers are claimed in one transaction."""
SCANNED = 1000
"""Identifiers read together."""
ATTEMPTS = 10

_json: Callable[[bytes], Any] = msgspec.json.Decoder().decode


class Turned(NamedTuple):
    """What a turn did: identifiers claimed under the newer generation; left behind, of the dead; unreadable.

    Unreadable are those of the living that no entry says: of children whom only others' events named, in
    records from before the hub kept those identifiers for them (0.1).
    """

    generation: int
    claimed: int
    dark: int
    unreadable: int


class Unfinished(Refused):
    """The turn waits: identifiers of living children would be lost with it. Nothing was left behind."""

    title = "The peppers are not turned yet"


def turn(
    records: Records,
    house: House,
    *,
    let_go_dark: bool = False,
    told: Callable[[int], None] = lambda _: None,
) -> Turned:
    """Turn to a newer generation, or finish a turn that was broken off. `told` hears of each few children.

    Raises Refused while the holder of identity or whereabouts has withdrawn it; Unfinished where living
    children's identifiers cannot be read, unless these shall go dark too; Unavailable.
    """
    shut = records.keys.withdrawn.intersection(READ)
    if shut:
        raise Refused(f"scope {min(shut)} is withdrawn: whose records are cannot be read now")
    standing = records.peppers.standing()
    if standing.turning is None:
        standing = _begin(records, house, standing)
    newer, said = standing.claimed[-1], set[UUID]()
    claimed = _claim_all_anew(records, records.children(), standing, said, told)
    left = _left(records, standing, said)
    # What was claimed since its owner's turn came is claimed under both; its owner's record says so by now.
    owners = {record.id for child in set(left.values()) for record in records.person(child)}
    claimed += _claim_all_anew(records, sorted(owners), standing, said, lambda _: None)
    silent = [_is_erased(records, child) for stream, child in left.items() if stream not in said]
    dark = sum(silent)
    unreadable = len(silent) - dark
    if records.keys.withdrawn.intersection(READ):
        raise Unfinished("a scope was withdrawn meanwhile: turn again once it is back")
    if unreadable and not let_go_dark:
        raise Unfinished(
            f"{unreadable} identifiers of living children can be read nowhere: of children whom only others "
            "named, long ago. Intake goes on under both generations; --let-go-dark leaves them behind"
        )
    records.record({PEPPERS: (standing.version, [PepperTurned(generation=newer, dark=dark + unreadable)])})
    return Turned(newer, claimed, dark, unreadable)


def destroy(records: Records, house: House, generation: int) -> None:
    """Destroy a generation that was turned away from, now. Raises Refused for any other, Conflict."""
    standing = records.peppers.standing()
    if generation not in standing.left or generation in standing.destroyed:
        raise Refused(f"generation {generation} of the peppers is not one that was turned away from")
    house.destroy_peppers(generation)
    records.record({PEPPERS: (standing.version, [PepperDestroyed(generation=generation)])})


def finish(records: Records, house: House, now: datetime) -> list[int]:
    """Destroy the generations that only back-ups older than 35 days need; tells which."""
    standing = records.peppers.standing()
    old = now - timedelta(days=KEPT_DAYS)
    due = [n for n, at in standing.left.items() if n not in standing.destroyed and at <= old]
    for generation in due:
        destroy(records, house, generation)
    return due


# ------------------------------------------------------------


def _begin(records: Records, house: House, standing: Peppers) -> Peppers:
    """The secret first, then the word: whoever reads that it is turned finds the pepper there."""
    there = house.blind_index().generations[-1]
    newer = there if there > max([standing.live, *standing.left]) else house.add_peppers()
    records.record({PEPPERS: (standing.version, [PepperTurning(generation=newer)])})
    return records.peppers.standing()


def _claim_all_anew(
    records: Records,
    children: Sequence[UUID],
    standing: Peppers,
    said: set[UUID],
    told: Callable[[int], None],
) -> int:
    claimed = 0
    for first in range(0, len(children), TOGETHER):
        some = children[first : first + TOGETHER]
        claimed += _claim_anew(records, some, standing, said)
        told(len(some))
    return claimed


def _claim_anew(records: Records, children: Sequence[UUID], standing: Peppers, said: set[UUID]) -> int:
    """Claim what these children's records say of whose they are; again where another claimed meanwhile."""
    for _ in range(ATTEMPTS):
        anew = _anew(records, children, standing, said)
        try:
            if anew:
                fence = Effects(unmoved={PEPPERS: standing.version})
                records.record({stream: (0, [claim]) for stream, claim in anew.items()}, fence)
        except Conflict:
            continue
        return len(anew)
    raise Conflict("identifiers are being claimed by others; turn again: it goes on where it was")


def _anew(
    records: Records, children: Sequence[UUID], standing: Peppers, said: set[UUID]
) -> dict[UUID, IdentifierClaimed]:
    """The claims that are lacking, by their new streams. `said` learns what any record still says."""
    records.hashes.know(standing.version, standing.claimed)
    older, newer = standing.claimed
    records.preload(children)
    said_of = {child: list(_said(records, records.child(child))) for child in children}
    names = {
        child: {old: new for one in of for old, new in _named(records.hashes, one, older, newer)}
        for child, of in said_of.items()
    }
    asked = [stream for of in names.values() for pair in of.items() for stream in pair]
    records.identities.forget()
    states = records.identities.look_up(asked)
    found: dict[UUID, IdentifierClaimed] = {}
    for child, of in names.items():
        marks = list(map(records.hashes.whose, said_of[child]))
        born = {one[older].born: one[newer].born for one in marks}
        given = {one[older].given: one[newer].given for one in marks}
        for old, new in of.items():
            state = states.get(old)
            if state is None or state.child is None or not _are_one(records, child, state.child):
                continue
            said.add(old)
            if new not in states:
                found[new] = IdentifierClaimed(
                    child=state.child,
                    born=born.get(state.born, b""),
                    given=given.get(state.given, b""),
                    generation=newer,
                )
    return found


def _named(hashes: Hashes, called: Called, older: int, newer: int) -> Iterable[tuple[UUID, UUID]]:
    """Every stream somebody may be found by, under the older and under the newer generation."""
    whose = hashes.whose(called)
    yield from zip(whose[older].streams, whose[newer].streams, strict=True)
    yield from zip(hashes.looks_of(called, older), hashes.looks_of(called, newer), strict=True)
    yield hashes.combination_of(called, older), hashes.combination_of(called, newer)


def _are_one(records: Records, child: UUID, other: UUID) -> bool:
    """Whether they are one record, or read as one."""
    return child == other or records.person(child)[0].id == records.person(other)[0].id


def _said(records: Records, child: Child) -> Iterable[Called]:
    """What each entry of a record, and whoever named the child first, says of whose it is."""
    opener = Opener(records.keys, child.id, READ, _json)
    for kept in child.entries.values():
        said, _ = opener.open(kept.entry)
        who = said.get(Scope.IDENTITY.value)
        if who:
            yield _called(who, said.get(Scope.WHEREABOUTS.value, {}))
    if child.known_as is not None:
        opening = opener.opening("")
        known_as = _known_as(opening, child)
        if known_as is not None:
            yield Called(known_as)


def _known_as(opening: Opening[Any], child: Child) -> tuple[tuple[str, str], ...] | None:
    assert child.known_as is not None  # noqa: S101 — asked only then
    found, _ = opening.open(child.id, "known-as", (child.known_as,))
    said = found.get(Scope.IDENTITY.value)
    return None if said is None else tuple((system, value) for system, value in said)


def _called(who: Mapping[str, Any], where: Mapping[str, Any]) -> Called:
    name = who.get("name") or {}
    return Called(
        tuple((one["system"], one["value"]) for one in who["identifiers"]),
        name.get("family", ""),
        name.get("given", ""),
        who.get("date_of_birth") or "",
        where.get("postcode") or "",
    )


def _left(records: Records, standing: Peppers, said: set[UUID]) -> dict[UUID, UUID]:
    """The identifiers of the older generation that no record has said yet, and whose they are."""
    left = {}
    streams = [stream for stream in records.archive.rows.streams_of(IDENTIFIER) if stream not in said]
    for first in range(0, len(streams), SCANNED):
        for stream, state in records.identities.look_up(streams[first : first + SCANNED]).items():
            if state.generation == standing.live and state.child is not None:
                left[stream] = state.child
    return left


def _is_erased(records: Records, child: UUID) -> bool:
    """Whether what said whose the record is was erased, or some of it."""
    last = (newest(records.keys.standing(owner)) for owner in key_owners(child))
    return any(key.destroyed_at for of in last for scope, key in of.items() if scope in READ)
