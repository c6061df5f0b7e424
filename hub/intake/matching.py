"""Finds the child an event is about. What cannot be known for certain is asked of a person, never guessed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from hub.confidentiality.sealing import seal
from hub.domain.child import By, Child, RecordJoined, RecordJoinedInto, Registered
from hub.domain.entry import Envelope
from hub.domain.identifier import IdentifierClaimed, IdentifierState
from hub.domain.pepper import Peppers
from hub.domain.question import QuestionKind, QuestionOpened
from hub.errors import Conflict
from hub.records import Records
from hub.records.entries import Bodies
from hub.records.whose import Linked, Whose
from schemas.scope import Scope

INTAKE = By("intake", "intake", "hub")
QUESTIONS = UUID("4f9d1d0a-5b1e-5d57-9f0a-51d9f6d3c7aa")


class HashedBefore(Conflict):
    """A batch was read before the peppers it is to be found by were there: read it again."""

    def __init__(self) -> None:
        super().__init__("the peppers have been turned meanwhile")


@dataclass(slots=True)
class Plan:
    """What a batch will write besides its entries: new streams and their first events.

    `peppers`, as the batch found them; `known_as`: what is to be sealed for children that others named first.
    """

    peppers: Peppers = field(default_factory=Peppers)
    known_as: dict[UUID, bytes] = field(default_factory=dict)
    streams: dict[UUID, list[Any]] = field(default_factory=dict)
    begun: set[UUID] = field(default_factory=set)
    identifiers: dict[UUID, IdentifierState] = field(default_factory=dict)
    registered: set[UUID] = field(default_factory=set)
    placeholders: set[UUID] = field(default_factory=set)

    def write(self, stream: UUID, event: Any) -> None:
        """Plan one event more of a stream."""
        self.streams.setdefault(stream, []).append(event)

    def begin(self, stream: UUID, event: Any) -> None:
        """Plan the first event of a stream. Where another worker began it, the batch is worked anew."""
        self.begun.add(stream)
        self.write(stream, event)


class Placement(NamedTuple):
    """Where an event goes: the child's record, and the records of the other children it names, in order."""

    child: UUID
    linked: Sequence[UUID]


class Matcher:
    """Places a batch of events. New ids come from `new_id`, passed in."""

    def __init__(self, records: Records, new_id: Any) -> None:
        self._records, self._new_id = records, new_id
        self._identities = records.identities

    def place(self, events: Sequence[Bodies]) -> tuple[list[Placement], Plan]:
        """Place every event; the plan holds what must be written with them."""
        plan = self._plan(events)
        return [self._place(event, plan) for event in events], plan

    def link(self, event: Bodies) -> tuple[list[UUID], Plan]:
        """Find the records of the other children an event names, where its own child is known."""
        plan = self._plan([event])
        return [self._linked(other, plan) for other in event.linked], plan

    def _plan(self, events: Sequence[Bodies]) -> Plan:
        """Begin a plan with the peppers as they stand, and what is known by all that events are found by."""
        plan = Plan(self._records.peppers.standing())
        self._records.hashes.know(plan.peppers.version, plan.peppers.claimed)
        plan.identifiers = self._identities.look_up(_streams(events, plan.peppers.claimed))
        return plan

    def _place(self, event: Bodies, plan: Plan) -> Placement:
        child = self._child(event, plan)
        return Placement(child, [self._linked(other, plan) for other in event.linked])

    def _child(self, event: Bodies, plan: Plan) -> UUID:
        whose = event.whose[plan.peppers.live]
        streams, born, given = whose.streams, whose.born, whose.given
        known = [state for s in streams if (state := plan.identifiers.get(s)) is not None]
        owners = {state.child for state in known if state.child is not None}
        if len(owners) > 1:
            owners = {owner if owner in plan.registered else self._root(owner) for owner in owners}
        if len(owners) > 1:
            owners = self._without_placeholders(owners, plan)
        if len(owners) > 1:
            return self._provisional(event, QuestionKind.IDENTIFIERS_DISAGREE, owners, plan)
        if not owners:
            return self._new(event, plan)
        if _looks_different(known, born, given):
            return self._provisional(event, QuestionKind.LOOKS_DIFFERENT, owners, plan)
        child = next(iter(owners))
        if plan.placeholders:
            plan.placeholders.discard(child)
        if len(known) < len(streams):
            self._claim(_known_by(event.whose), event.whose, child, plan)
        return child

    def _without_placeholders(self, owners: set[UUID], plan: Plan) -> set[UUID]:
        """A record that holds no entry, only a reference another child's event named, gives way at once.

        No agency has said anything of that child but who it is; now one says it is this one.
        """
        empty = {owner for owner in owners if self._is_placeholder(owner, plan)}
        child = min(owners - empty or owners)
        if len(owners - empty) > 1:
            return owners
        for other in sorted(empty - {child}):
            reason = self._reason(child, other)
            joined = RecordJoined(other=other, question=None, by=INTAKE, reason=reason)
            plan.write(child, joined)
            plan.write(other, RecordJoinedInto(survivor=child, question=None, by=INTAKE))
        for stream, state in plan.identifiers.items():
            if state.child in empty:
                plan.identifiers[stream] = replace(state, child=child)
        return {child}

    def _is_placeholder(self, owner: UUID, plan: Plan) -> bool:
        if owner in plan.registered:
            return owner in plan.placeholders
        return not self._records.child(owner).entries

    def _reason(self, child: UUID, other: UUID) -> Envelope:
        scope = Scope.IDENTITY.value
        key = self._records.keys.for_sealing(child, scope)
        words = b"the other record held nothing but an identifier of this child"
        return Envelope(scope, seal(key, child, other, scope, "reason", words))

    def _new(self, event: Bodies, plan: Plan) -> UUID:
        child = self._register("first-event", plan)
        self._claim(_known_by(event.whose), event.whose, child, plan)
        who, looks_of = event.who, self._records.hashes.looks_of
        every = {n: looks_of(who, n) for n in plan.peppers.claimed}
        looks = {look for of in every.values() for look in of}
        plan.identifiers.update(self._identities.look_up(looks - plan.identifiers.keys()))
        live = every[plan.peppers.live]
        alike = {s.child for look in live if (s := plan.identifiers.get(look)) and s.child}
        if alike:
            self._ask(event, QuestionKind.LOOK_ALIKE, child, alike, plan)
        self._claim(every, event.whose, child, plan)
        return child

    def _provisional(self, event: Bodies, kind: QuestionKind, owners: set[UUID], plan: Plan) -> UUID:
        """A record of its own for what cannot be placed, found again by this very combination."""
        who, combination_of = event.who, self._records.hashes.combination_of
        every = {n: combination_of(who, n) for n in plan.peppers.claimed}
        plan.identifiers.update(self._identities.look_up(set(every.values()) - plan.identifiers.keys()))
        state = plan.identifiers.get(every[plan.peppers.live])
        if state is not None and state.child is not None:
            return state.child
        child = self._register("provisional", plan)
        self._claim_blank({n: (at,) for n, at in every.items()}, child, plan)
        self._ask(event, kind, child, owners, plan)
        return child

    def _linked(self, other: Linked, plan: Plan) -> UUID:
        """The record of another child in the event; a child not known yet gets one (guidance L163; R133)."""
        for stream in other.streams[plan.peppers.live]:
            state = plan.identifiers.get(stream)
            if state is not None and state.child is not None:
                return state.child
        child = self._register("linked-by-another", plan)
        plan.placeholders.add(child)
        plan.known_as[child] = other.known_as
        self._claim_blank(other.streams, child, plan)
        return child

    def _register(self, because: str, plan: Plan) -> UUID:
        child: UUID = self._new_id()
        plan.registered.add(child)
        plan.begin(child, Registered(because=because))
        return child

    def _claim(
        self,
        streams: Mapping[int, Sequence[UUID]],
        whose: Mapping[int, Whose],
        child: UUID,
        plan: Plan,
    ) -> None:
        """Claim what nobody has claimed, as given with this date of birth and first name."""
        self._claim_each(streams, {n: (one.born, one.given) for n, one in whose.items()}, child, plan)

    def _claim_blank(self, streams: Mapping[int, Sequence[UUID]], child: UUID, plan: Plan) -> None:
        self._claim_each(streams, dict.fromkeys(streams, (b"", b"")), child, plan)

    def _claim_each(
        self,
        streams: Mapping[int, Sequence[UUID]],
        look: Mapping[int, tuple[bytes, bytes]],
        child: UUID,
        plan: Plan,
    ) -> None:
        """Claim under every generation that counts what is not claimed under the one that is found by."""
        known = plan.identifiers
        fresh = [at for at, stream in enumerate(streams[plan.peppers.live]) if stream not in known]
        for generation in plan.peppers.claimed:
            born, given = look[generation]
            for stream in [streams[generation][at] for at in fresh]:
                if stream not in known:
                    claimed = IdentifierClaimed(child=child, born=born, given=given, generation=generation)
                    plan.begin(stream, claimed)
                    known[stream] = IdentifierState(child, born, given, 1, generation)

    def _ask(
        self, event: Bodies, kind: QuestionKind, child: UUID, owners: Iterable[UUID], plan: Plan
    ) -> None:
        candidates = tuple(sorted(owners))
        question = uuid5(QUESTIONS, f"{child}{candidates}")
        opened = QuestionOpened(
            kind=kind,
            provisional=child,
            candidates=candidates,
            entry=event.entry.id,
            agency=event.entry.agency,
        )
        plan.begin(question, opened)

    def _root(self, owner: UUID) -> UUID:
        """Records a person has already joined are one child."""
        first: Child = self._records.person(owner)[0]
        return first.id


def _streams(events: Iterable[Bodies], generations: Sequence[int]) -> Iterable[UUID]:
    """What events are found by, under these generations of the peppers. Raises HashedBefore."""
    for event in events:
        for generation in generations:
            if generation not in event.whose:
                raise HashedBefore
            yield from event.whose[generation].streams
            for other in event.linked:
                yield from other.streams[generation]


def _known_by(whose: Mapping[int, Whose]) -> dict[int, Sequence[UUID]]:
    return {generation: one.streams for generation, one in whose.items()}


def _looks_different(known: Iterable[IdentifierState], born: bytes, given: bytes) -> bool:
    """Both the date of birth and the first name differ from what was given with one of these identifiers."""
    for state in known:
        if state.born != born and state.given != given and state.born and born and state.given and given:
            return True
    return False
