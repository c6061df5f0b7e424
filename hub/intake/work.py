"""One batch worked out and recorded: what is new, what came before, what cannot be taken."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID, uuid5

import msgspec

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import SALT, DataKey, Sealing, drawn, seal
from hub.domain.child import By, ChildLinked, Registered, entry_event
from hub.domain.entry import Entry, Envelope
from hub.domain.feed import FeedHeard
from hub.domain.strand import key_owner
from hub.domain.vouched import Vouched, vouched_by
from hub.intake.deliveries import Delivery
from hub.intake.matching import Matcher, Placement, Plan
from hub.intake.opening import Heartbeat, Read, Refusal
from hub.records import Records
from hub.records.entries import Bodies, Vouching, bodies_of, scopes_by_owner, scopes_of, seal_entry
from hub.records.peppers import PEPPERS
from hub.store.effects import Effects, Ended, Held, Taken
from schemas.case_event import CaseEvent
from schemas.scope import Scope
from schemas.vouching import beside, read_batch

FEEDS = UUID("0d8a3f44-0f0b-5a3e-8a52-3b9d3a0f7e11")


@dataclass(slots=True)
class Tally:
    """What one call took in: for `hub intake` to say, and for metrics. Counts only."""

    read: int = 0
    recorded: int = 0
    resent: int = 0
    held: int = 0
    heartbeats: int = 0
    registered: int = 0
    questions: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        total = Tally(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in COUNTS})
        total.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        return total


COUNTS = [f for f in fields(Tally) if f.name != "reasons"]


class Work:
    """One batch being worked out: what to record, what to hold, what was there before."""

    def __init__(self, records: Records, matcher: Matcher) -> None:
        self._records, self._matcher = records, matcher
        self.held: list[tuple[Delivery, Refusal]] = []
        self._heard: set[str] = set()
        self._resent = self._beats = 0
        self._fresh: list[tuple[Bodies, Placement]] = []
        self._plan = Plan(records.peppers.standing())
        records.hashes.know(self._plan.peppers.version, self._plan.peppers.claimed)
        self._by: By | None = None

    def add(self, read: Sequence[tuple[Delivery, Read]], taken: Mapping[bytes, Taken] | None = None) -> None:
        """Sort a batch into events to place, heartbeats and refusals; place; drop what came before.

        `taken`: what of it had been taken when that was last asked; None: it is asked now. What was taken
        since is seen when it is recorded (TakenBefore).
        """
        events: list[tuple[Delivery, Bodies]] = []
        shut = self._records.keys.withdrawn
        for delivery, found in read:
            if isinstance(found, Bodies):
                if shut and not shut.isdisjoint(scopes_of(found)):
                    self.held.append((delivery, Refusal("scope-withdrawn")))
                else:
                    events.append((delivery, found))
            elif isinstance(found, Heartbeat):
                self._heard.add(found.agency)
                self._beats += 1
            else:
                self.held.append((delivery, found))
        if taken is None:
            taken = self._records.archive.rows.taken([bodies.entry.source for _, bodies in events])
        fresh = [bodies for _, bodies in self._unrepeated(events, taken)]
        placements, self._plan = self._matcher.place(fresh)
        self._fresh = list(zip(fresh, placements, strict=True))

    def add_act(self, child: UUID, event: CaseEvent, by: By) -> bool | None:
        """Take one act for a child that is known. Not None: it came before, True where in the same words."""
        bodies, repeated = self._act(event)
        if repeated is None:
            linked, self._plan = self._matcher.link(bodies)
            self._fresh, self._by = [(bodies, Placement(child, linked))], by
        return repeated

    def add_first(self, event: CaseEvent, by: By) -> bool | None:
        """Take one act for the child its identifiers name, known or not. Answers as `add_act` does."""
        bodies, repeated = self._act(event)
        if repeated is None:
            placements, self._plan = self._matcher.place([bodies])
            self._fresh, self._by = [(bodies, placements[0])], by
        return repeated

    def _act(self, event: CaseEvent) -> tuple[Bodies, bool | None]:
        bodies = bodies_of(event, self._records.hashes)
        said = bodies.entry
        before = self._records.archive.rows.taken([said.source]).get(said.source)
        return bodies, None if before is None else same_again(self._records, [(before, said.digest)])[0]

    def _unrepeated(
        self, said: Sequence[tuple[Delivery, Bodies]], before: Mapping[bytes, Taken]
    ) -> Iterable[tuple[Delivery, Bodies]]:
        """Leave out what was taken before, here or in this batch; the same id with other content is held."""
        again: list[tuple[Delivery, Taken, bytes]] = []
        seen: dict[bytes, bytes] = {}
        for delivery, bodies in said:
            source, digest = bodies.entry.source, bodies.entry.digest
            if source in before:
                again.append((delivery, before[source], digest))
                continue
            known = seen.setdefault(source, digest)
            if known is digest:
                yield delivery, bodies
            else:
                self._repeat(delivery, known == digest)
        same = same_again(self._records, [(taken, digest) for _, taken, digest in again])
        for (delivery, _, _), alike in zip(again, same, strict=True):
            self._repeat(delivery, alike)

    def _repeat(self, delivery: Delivery, same: bool) -> None:  # noqa: FBT001 — two words for one question
        if same:
            self._resent += 1
        else:
            self.held.append((delivery, Refusal("conflicting-resend")))

    def commit(
        self,
        positions: dict[tuple[str, int], tuple[int | None, int]],
        held: Sequence[Held],
        ended: Sequence[Ended],
    ) -> Tally:
        """Seal and record everything in one transaction."""
        keys = self._records.keys
        keys_of = self._keys_of()
        streams: dict[UUID, list[Any]] = self._plan.streams
        taken: list[Taken] = []
        for (bodies, placement), entry in zip(self._fresh, self._sealed(keys_of), strict=True):
            writes = streams.setdefault(placement.child, [])
            writes.append(entry_event(entry, self._by))
            if bodies.linked:
                writes.extend(_links(entry, bodies, placement, keys))
            blinded = keys_of[placement.child]["spine"].blinds(entry.digest)
            taken.append(Taken(entry.source, blinded, placement.child, entry.id))
        for child, known_as in self._plan.known_as.items():
            streams[child][0] = _registered(streams[child][0], child, known_as, keys_of[child])
        for agency, vouched in self._vouched():
            streams.setdefault(vouched_by(agency), []).append(vouched)
        for agency in sorted(self._heard):
            streams.setdefault(uuid5(FEEDS, agency), []).append(FeedHeard(agency=agency))
        begun = self._plan.begun
        self._records.record(
            {stream: (0, bodies) for stream, bodies in streams.items() if stream in begun},
            Effects(positions, taken, held, ended, {PEPPERS: self._plan.peppers.version}),
            {stream: bodies for stream, bodies in streams.items() if stream not in begun},
            {child: own["spine"] for child, own in keys_of.items() if "spine" in own},
        )
        return Tally(
            recorded=len(taken),
            resent=self._resent,
            held=len(held),
            heartbeats=self._beats,
            registered=len(self._plan.registered),
            reasons=dict(Counter(h.reason for h in held)),
        )

    def _sealed(self, keys_of: Mapping[UUID, Mapping[str, DataKey]]) -> list[Entry]:
        """Seal all that is new, in a step of its own as a batch is read (docs/decisions/0068)."""
        salts = drawn(sum(len(scopes_of(bodies)) for bodies, _ in self._fresh), SALT)
        sealings = {owner: Sealing(owner, own, salts) for owner, own in keys_of.items()}
        index = self._records.index
        return [
            seal_entry(bodies, sealings[key_owner(child, bodies.entry.strand)], linked, index)
            for bodies, (child, linked) in self._fresh
        ]

    def _vouched(self) -> Iterable[tuple[str, Vouched]]:
        """What agencies signed of what is taken in now: for each signed root the statements under it."""
        by_root: dict[tuple[str, bytes], dict[int, Vouching]] = {}
        for bodies, _ in self._fresh:
            said = bodies.vouching
            if said is not None:
                by_root.setdefault((bodies.entry.agency, said.batch), {})[said.place] = said
        for (agency, batch), under in by_root.items():
            leaves = b"".join(place.to_bytes(4, "big") + under[place].leaf for place in sorted(under))
            nodes = beside(read_batch(batch).size, {place: said.path for place, said in under.items()})
            yield agency, Vouched(batch=batch, leaves=leaves, nodes=nodes)

    def _keys_of(self) -> dict[UUID, Mapping[str, DataKey]]:
        """The keys of each child of the batch, by scope; those that are not there yet are made at one go."""
        scopes = scopes_by_owner((bodies, placement.child) for bodies, placement in self._fresh)
        for child in self._plan.registered:
            scopes.setdefault(child, set()).add("spine")
        for child in self._plan.known_as:
            scopes[child].add(Scope.IDENTITY.value)
        return self._records.keys.for_sealing_many(scopes)


def same_again(records: Records, asked: Sequence[tuple[Taken, bytes]]) -> list[bool]:
    """Whether what came again is what was taken: content's keyed hash against what is kept of it.

    What is kept is blinded under the child's spine key, so that it goes dark with the child; of before it is
    the hash itself. Of what was erased the id alone is known: it is taken for the same, whatever it says now.
    """
    different = [(taken, digest) for taken, digest in asked if taken.digest != digest]
    keys = records.keys.for_opening_many({taken.child for taken, _ in different}, "spine")
    return [
        taken.digest == digest
        or any(key.blinds(digest) == taken.digest for key in keys[taken.child] if key)
        or (None in keys[taken.child] and _erased_or_same(records, taken, digest))
        for taken, digest in asked
    ]


def _erased_or_same(records: Records, taken: Taken, digest: bytes) -> bool:
    """Of a child some of whose entries are erased: whether this one is, or says the same."""
    return records.child(taken.child).sources.get(taken.source, digest) == digest


def _registered(event: Registered, child: UUID, known_as: bytes, keys: Mapping[str, DataKey]) -> Registered:
    """A record begun by what another child's event said of this one, with the identifiers it said."""
    scope = Scope.IDENTITY.value
    sealed = seal(keys[scope], child, child, scope, "known-as", known_as)
    return msgspec.structs.replace(event, known_as=Envelope(scope, sealed))


def _links(entry: Entry, bodies: Bodies, placement: Placement, keys: KeyRing) -> Iterable[ChildLinked]:
    scope, owner = Scope.OTHER_CHILD.value, key_owner(placement.child, entry.strand)
    for linked, other in zip(bodies.linked, placement.linked, strict=True):
        body = msgspec.json.encode({"child": other.hex, "relation": linked.relation})
        id_ = uuid5(entry.id, other.hex)
        sealed = seal(keys.for_sealing(owner, scope), owner, id_, scope, "link", body)
        yield ChildLinked(entry=entry.id, pointer=Envelope(scope, sealed))
