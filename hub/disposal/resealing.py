"""Seals again, under a child's newer keys, what older ones sealed; 35 days later the older go (decision 74).

Rows are never changed: what an older key sealed stays in them, and who has it, the spine's key and a copy of
the store reads that for ever. What the hub reads from then on, of now and of the past, opens with newer keys.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from hub.confidentiality.child_keys import ChildKey, newest
from hub.confidentiality.keys import SECONDS, ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal, generation_of, unseal_again
from hub.disposal.erasing import decide, disposals
from hub.domain.access import answer_of, why_of
from hub.domain.by import By
from hub.domain.child import (
    ChildLinked,
    EntryCorrected,
    EntryEvent,
    EntryRecorded,
    EntrySplitIn,
    EntryWithdrawn,
    EpisodeCompleted,
    RecordJoined,
    RecordJoinedInto,
    RecordParted,
    Registered,
    Resealed,
)
from hub.domain.disposal import KEPT_DAYS, DisposalEvent, Disposals, OlderKeysDestroyed, SealedAgain
from hub.domain.entry import Envelope
from hub.domain.question import AnswersResealed, QuestionOpened
from hub.domain.sealed_again import envelopes_in
from hub.domain.strand import key_owner, key_owners
from hub.errors import Conflict, Refused
from hub.patterns.proposed import proposal_id
from hub.records import Records
from hub.records.reading import Opener, as_sealed_now
from hub.store.mapper import QUESTION
from schemas.scope import Scope

SPINE = "spine"
TOGETHER = 1000
"""Envelopes in one event: some 700 kB where each holds a few sentences."""
ANSWERS = 50
"""How often a question of identity may have been answered: its reasons are placed by that number."""
ATTEMPTS = 10

Key = tuple[UUID, str]
"""Whose key, and for which scope."""
Place = tuple[UUID, UUID, str]
"""Where an envelope may belong: whose key seals it, what it is about, its schema."""

_json = msgspec.json.Decoder(dict[str, Any]).decode


class Done(NamedTuple):
    """How many envelopes were sealed again; the scope of each that could not be: its older keys stay."""

    envelopes: int
    left: tuple[str, ...]


class Finished(NamedTuple):
    """Older keys that are destroyed, and those that were due and stay: something stands under them."""

    destroyed: int
    kept: int


def reseal(records: Records, child: UUID, scopes: Collection[str], reason: str, by: By) -> Done:
    """Seal again what stands under older keys of a child, in these scopes (none: all but the spine).

    Of every record of the child and each strand, opened by machine and shown to nobody. Broken off, it is
    done again and goes on. Raises Refused without a reason, for the spine, where there is no older key, and
    while another process may still seal with one; UnknownChild, ScopeWithdrawn, Conflict, Unavailable.
    """
    if not reason.strip():
        raise Refused("a reason is needed")
    if SPINE in scopes:
        raise Refused("under the spine's key stands the record's own past: rows are never changed")
    keys = _Keys(records, child, scopes)
    keys.ready()
    done, left = 0, list[str]()
    for record in keys.people:
        again, not_placed = _sealed_again(records, record, keys, reason, by)
        done += again
        left += not_placed
    again, not_placed = _answers_again(records, keys)
    done += again
    left += not_placed
    bare = tuple((*key, last) for key, last in keys.older.items() if key[1] not in left)
    if bare:
        said = SealedAgain(child=child, keys=bare, by=by)
        decide(records, partial(_said if done else _if_new, said))  # the 35 days are of the last
    return Done(done, tuple(left))


def finish(records: Records, now: datetime) -> Finished:
    """Destroy older keys 35 days after what they had sealed was sealed again, where nothing is left.

    Sooner, no back-up of events from before could be read. Raises Conflict, Unavailable.
    """
    due: dict[UUID, dict[Key, int]] = {}
    for key, (child, last, at) in disposals(records).older.items():
        if now >= at + timedelta(days=KEPT_DAYS):
            due.setdefault(child, {})[key] = last
    destroyed = kept = 0
    for child, wanted in due.items():
        needed = _needed(records, child, {scope for _, scope in wanted})
        goes = {key: last for key, last in wanted.items() if key not in needed}
        for (owner, scope), last in goes.items():
            destroyed += records.keys.destroy_older(owner, scope, last)
        kept += len(wanted) - len(goes)
        if goes:
            gone = OlderKeysDestroyed(keys=tuple((*key, last) for key, last in goes.items()))
            decide(records, partial(_said, gone))
    return Finished(destroyed, kept)


# ------------------------------------------------------------


class _Keys:
    """The live keys of a child's records and strands, in some scopes: what is older, and what opens it.

    And of all records that were ever read with one of them, since they hold each other's reasons. `older` is
    of the child's own alone.
    """

    def __init__(self, records: Records, child: UUID, scopes: Collection[str]) -> None:
        own = [record.id for record in records.person(child)]
        self.people = _together(records, own)
        self.owners = [owner for record in self.people for owner in key_owners(record)]
        self._ring = ring = records.keys
        self.newest: dict[Key, ChildKey] = {}
        self.older: dict[Key, int] = {}
        """The last generation that is not the newest, where any of them lives."""
        owned = {owner for record in own for owner in key_owners(record)}
        self._live: set[tuple[UUID, str, int | None]] = set()
        self._known: set[tuple[UUID, str, int | None]] = set()
        for owner in self.owners:
            every = [key for key in ring.standing(owner) if key.scope != SPINE]
            standing = [key for key in every if not scopes or key.scope in scopes]
            last = newest(standing)
            self._known |= {(owner, key.scope, key.generation) for key in standing}
            for key in standing:
                if not key.destroyed_at:
                    self._live.add((owner, key.scope, key.generation))
                    if owner in owned and key.generation < last[key.scope].generation:
                        self.older[owner, key.scope] = key.generation
            self.newest |= {(owner, scope): key for scope, key in last.items()}
        named = {scope for _, scope in self.older}
        self.opened = {owner: ring.for_opening_all(owner, named) for owner in self.owners}

    def ready(self) -> None:
        """Raise Refused or ScopeWithdrawn where nothing can be sealed again now."""
        if not self.older:
            raise Refused("no older key of the child lives in that scope: 'hub keys renew' makes newer ones")
        shut = self._ring.withdrawn & {scope for _, scope in self.older}
        if shut:
            raise ScopeWithdrawn(min(shut))
        if not all(self._ring.settled(*key) for key in self.older):
            wait = f"the newer keys are not {SECONDS / 60:.0f} minutes old"
            raise Refused(f"{wait}: other processes may still seal with older ones")

    def may_be_older(self, envelope: Envelope) -> bool:
        """Whether it may stand under a key that lives and is not the newest of whoever it is of."""
        at = _generation(envelope)
        older = [last for (_, scope), last in self.older.items() if scope == envelope.scope]
        if at is None:
            return bool(older)
        lives = any((owner, envelope.scope, at) in self._live for owner in self.owners)
        return lives and any(at <= last for last in older)

    def erased(self, envelope: Envelope, owners: Collection[UUID]) -> bool:
        """Whether it is under a key that is destroyed: some of these had one, and none of theirs lives."""
        these = {(owner, envelope.scope, _generation(envelope)) for owner in owners}
        return bool(these & self._known) and not these & self._live

    def again(self, envelope: Envelope, places: Iterable[Place]) -> tuple[UUID, bytes] | None:
        """Whose it is, and the same sealed under their newest key; None: it opens at none of these places."""
        scope, at = envelope.scope, _generation(envelope) or 0
        for owner, about, schema in places:
            newest_ = self.newest.get((owner, scope))
            key = self.opened[owner].get((scope, at))
            latest = self.opened[owner].get((scope, newest_.generation)) if newest_ else None
            if key is None or latest is None:
                continue
            try:
                return owner, unseal_again(key, latest, owner, about, scope, schema, envelope.sealed)
            except CannotUnseal:  # another's place; or it was altered, and 'hub verify' says so
                continue
        return None

    def is_older(self, owner: UUID, envelope: Envelope) -> bool:
        """Whether the key it is under is not the newest of this owner."""
        last = self.older.get((owner, envelope.scope))
        return last is not None and (_generation(envelope) or 0) <= last


def _generation(envelope: Envelope) -> int | None:
    """Of the key it is under; None: nobody can tell."""
    try:
        return generation_of(envelope.sealed)
    except CannotUnseal:
        return None


def _together(records: Records, own: Iterable[UUID]) -> list[UUID]:
    """These records, and all that were ever read with one of them."""
    found = list(own)  # those joined now; of a parting each of the two says so
    for record in found:
        for event in records.history(record):
            if isinstance(event.body, RecordJoined | RecordParted) and event.body.other not in found:
                found.append(event.body.other)
    return found


def _sealed_again(records: Records, record: UUID, keys: _Keys, reason: str, by: By) -> tuple[int, list[str]]:
    """Seal again what a record holds under older keys; tells how much, and the scopes of what opens not."""
    for _ in range(ATTEMPTS):
        events = as_sealed_now(records.history(record))
        again: list[tuple[Envelope, bytes]] = []
        left: list[str] = []
        for envelope, found in _older_in(records, record, events, keys):
            if found is None:
                left.append(envelope.scope)
            else:
                again.append((envelope, found[1]))
        said = [
            Resealed(
                scopes=tuple(sorted({envelope.scope for envelope, _ in some})),
                envelopes=tuple((envelope.mark, newer) for envelope, newer in some),
                reason=reason,
                by=by,
            )
            for some in (again[at : at + TOGETHER] for at in range(0, len(again), TOGETHER))
        ]
        try:
            records.record({record: (events[-1].originator_version, said)})
        except Conflict:
            continue
        return len(again), left
    raise Conflict("the record is being written by others; try again")


def _older_in(
    records: Records, record: UUID, events: Sequence[Any], keys: _Keys
) -> Iterator[tuple[Envelope, tuple[UUID, bytes] | None]]:
    """What stands under older keys on a record: whose it is and the same sealed again; None: not known."""
    places = _Places(records, record, [event.body for event in events], keys.people)
    for body in places.bodies:
        for envelope in envelopes_in(body):
            if keys.may_be_older(envelope):
                tried = list(places.of(body))
                found = keys.again(envelope, tried)
                erased = found is None and keys.erased(envelope, {owner for owner, _, _ in tried})
                if not erased and (found is None or keys.is_older(found[0], envelope)):
                    yield envelope, found


class _Places:
    """Where the envelopes in a record's events may belong. In all but its own place one is tried in vain."""

    def __init__(self, records: Records, record: UUID, bodies: Sequence[Any], people: Sequence[UUID]) -> None:
        self.bodies, self._record, self._people = bodies, record, people
        self._entries = {body.entry.id: body.entry for body in bodies if isinstance(body, EntryEvent)}
        self._links = Opener(records.keys, record, (Scope.OTHER_CHILD.value,), _json)
        asked = [body.question for body in bodies if isinstance(body, RecordJoined | RecordJoinedInto)]
        self._answers = [
            uuid5(question, str(number)) for question in filter(None, asked) for number in range(ANSWERS)
        ]

    def of(self, said: Any) -> Iterator[Place]:
        """The places of an event."""
        record = self._record
        match said:
            case Registered():
                yield record, record, "known-as"
            case EntrySplitIn() | EntryRecorded() | EntryCorrected() | EpisodeCompleted() | EntryWithdrawn():
                yield key_owner(record, said.entry.strand), said.entry.id, said.entry.type
            case ChildLinked(entry=id_) if id_ in self._entries:
                entry = self._entries[id_]
                named = self._links.open(entry)[0].get(Scope.OTHER_CHILD.value, {}).get("children", ())
                for other in named:
                    yield key_owner(record, entry.strand), uuid5(id_, other["child"]), "link"
            case _:
                for about in dict.fromkeys(self._abouts(said)):
                    yield from ((owner, about, "reason") for owner in self._people)

    def _abouts(self, said: Any) -> Iterator[UUID]:
        """What a reason may be about: the record, whatever the act names, or a question of identity."""
        yield self._record
        entries = (*getattr(said, "entries", ()), *getattr(said, "others", ()))
        yield proposal_id(self._record, entries)
        for id_ in (*_ids_in(said), *entries):
            yield id_
            yield from (answer_of(id_), why_of(id_))
        if isinstance(said, RecordJoined | RecordParted):
            yield from self._answers


def _ids_in(said: Any) -> Iterator[UUID]:
    return (value for name in said.__struct_fields__ if isinstance(value := getattr(said, name), UUID))


def _answers(
    records: Records, keys: _Keys
) -> Iterator[tuple[UUID, int, list[tuple[Envelope, tuple[UUID, bytes] | None]]]]:
    """Of each question of identity its version, and what of its answers is under older keys of the child."""
    if not any(scope == Scope.IDENTITY for _, scope in keys.older):
        return
    for id_ in records.archive.rows.streams_of(QUESTION):
        events = as_sealed_now(records.history(id_))
        opened = events[0].body
        assert isinstance(opened, QuestionOpened)  # noqa: S101 — for the type checker
        whose = opened.provisional
        found = [
            # Placed by the question's version as it was answered.
            (
                envelope,
                keys.again(envelope, [(whose, uuid5(id_, str(event.originator_version - 1)), "reason")]),
            )
            for event in events
            for envelope in envelopes_in(event.body)
            if keys.is_older(whose, envelope) and keys.may_be_older(envelope)
        ]
        yield id_, events[-1].originator_version, found


def _answers_again(records: Records, keys: _Keys) -> tuple[int, list[str]]:
    """Seal again why questions of identity were answered so: that stands in streams of their own."""
    done, left = 0, list[str]()
    for id_, version, of in _answers(records, keys):
        envelopes = tuple((envelope.mark, found[1]) for envelope, found in of if found is not None)
        if envelopes:
            records.record({id_: (version, [AnswersResealed(envelopes=envelopes)])})
        done += len(envelopes)
        left += [envelope.scope for envelope, found in of if found is None]
    return done, left


def _needed(records: Records, child: UUID, scopes: Collection[str]) -> set[Key]:
    """The keys of a child under which, older as they are, something stands; all, where whose is not known."""
    keys = _Keys(records, child, scopes)
    needed: set[Key] = set()
    for record in keys.people:
        for envelope, found in _older_in(records, record, as_sealed_now(records.history(record)), keys):
            owners = keys.owners if found is None else [found[0]]
            needed.update((owner, envelope.scope) for owner in owners)
    for _, _, of in _answers(records, keys):
        needed.update((owner, envelope.scope) for envelope, _ in of for owner in keys.owners)
    return needed


def _if_new(event: SealedAgain, state: Disposals) -> list[DisposalEvent]:
    known = {(*key, last) for key, (_, last, _) in state.older.items()}
    return [] if known.issuperset(event.keys) else [event]


def _said(event: DisposalEvent, _: Disposals) -> list[DisposalEvent]:
    return [event]
