"""Answers readers' questions about a child: decided by policy, recorded first, then shown."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from hub.domain.child import By, Disclosed, StoodOn
from hub.domain.knowledge import Known, known_at
from hub.domain.refusal import Rule
from hub.domain.strand import HAS_HARMED
from hub.domain.timeline import Fact, Facts, Timeline
from hub.errors import NotAllowed, UnknownChild
from hub.patterns.flags import Flag
from hub.patterns.proposed import Proposal
from hub.protocol.answers_wanted import answers_wanted
from hub.protocol.corrections import corrections
from hub.protocol.other_children import INVOLVED
from hub.protocol.packs import judged_by
from hub.protocol.part_reviews import part_reviews
from hub.protocol.pathway import Pathway, pathway
from hub.protocol.worklist import Item, item
from hub.records import Records
from hub.records.entries import child_tie
from hub.records.reading import facts_of
from hub.records.roles import held_since
from hub.records.whose import Called
from hub.sharing.beside import Beside, shared_beside
from hub.sharing.deeds import deeds
from hub.sharing.disclosing import Disclosures, Telling
from hub.sharing.drawing import Less, Rest
from hub.sharing.flagging import Raised, SharedFlag, released, shown
from hub.sharing.incidents import SharedIncidents, open_proposals, seen_of, shared_incidents
from hub.sharing.look import AsIf, Hidden, Look, Reader
from hub.sharing.policy import Policy, Tier
from hub.sharing.programs import programs, rules
from hub.sharing.redrawn import drawn_again
from hub.sharing.view import (
    Archived,
    Found,
    SharedChecklist,
    SharedChronology,
    SharedPathway,
    SharedTick,
    encode,
)
from schemas.case_event import Identifier, PersonName

NOTHING_SUPPOSED, WORKS_WITH = AsIf(), AsIf(related=True)
T = TypeVar("T")
NOBODY = UUID(int=2**128 - 1)
"""No child has this id. Asked about where nobody was found, so that both are refused alike."""


def _stands(flag: Flag) -> tuple[object, ...]:
    return flag.id, flag.turns[-1], flag.severity, flag.acknowledge_by


class Named(NamedTuple):
    """A child by full name and date of birth."""

    name: PersonName
    born: date


Sought = UUID | Identifier | Named
"""How a reader says which child they mean: by the record's id, a number, or name and date of birth."""


class Share:
    """Answers one reader's question about one child, and records that it did."""

    def __init__(
        self,
        records: Records,
        policy: Callable[[], Policy],
        raised: Raised,
        refused: Callable[[Reader, str, UUID, NotAllowed | UnknownChild | None], None],
    ) -> None:
        self._records, self._policy, self._raised, self._refused = records, policy, raised, refused
        self.disclosures = Disclosures(records)

    def chronology(self, reader: Reader, child: UUID, known_at: datetime | None = None) -> SharedChronology:
        """The chronology as this reader may see it, now or as it was known at a moment.

        Raises NotAllowed with the policy's reason where role or purpose give no right to ask; UnknownChild
        alike for a child that does not exist, is not this reader's, or shows them nothing.
        """
        view = self._look(reader, child, "chronology", known_at)
        shared = view.shared()
        self._record(reader, view, encode(shared), "chronology")
        return shared

    def flags(self, reader: Reader, child: UUID) -> tuple[SharedFlag, ...]:
        """The flags on a child that this reader may see.

        To the coordinator as they were raised; to others drawn again from what they may read, and those
        that were released to their role (patterns.md 3.1, point 9). Raises as `chronology` does.
        """
        view = self._look(reader, child, "flags")
        policy = view.policy
        done = deeds(view, policy, reader.by, self._records.keys)
        settings, seen = self._raised.settings, self._seen(reader, view)
        marked = [{str(entry) for entry in some} for some in (view.disputed, view.restrictions)]
        found = [
            shown(
                f,
                settings,
                view.sight,
                policy,
                done(f),
                *marked,
                owner_left=f.owner is not None and not self.here(f.owner),
            )
            for f in seen
        ]
        if not view.own_alone:
            found += released(view.people, reader.by.role, {f.id for f in seen}, settings, view.now)
        answer = tuple(sorted(found, key=lambda f: (-f.severity, f.raised_at, f.pattern, f.id)))
        self._record(reader, view, encode(answer), "flags", drawn=True)
        return answer

    def beside(self, reader: Reader, child: UUID) -> Beside:
        """What is said of a child beside flags: what nobody can tell yet, and what one agency sees alone.

        Raises as `chronology` does.
        """
        view, raised = self._look(reader, child, "beside-flags"), self._raised
        again = self._drawn_for(reader, view)
        rest = raised.beside(view.root) if again is None else again[1]
        answer = shared_beside(view, rest.notes, rest.untold)
        self._record(reader, view, encode(answer), "beside-flags", drawn=True)
        return answer

    def due(self, reader: Reader, child: UUID) -> tuple[Item, ...]:
        """What the protocol asks for on a child, as far as this reader may see what it stands on.

        After it the corrections that are asked for of entries they read. Raises as `chronology` does.
        """
        view = self._look(reader, child, "due")
        answer = self._due(reader, view)
        self._record(reader, view, encode(answer), "due", drawn=True)
        return answer

    def due_where(
        self, reader: Reader, children: Sequence[UUID], take: Callable[[UUID, tuple[Item, ...]], Sequence[T]]
    ) -> list[T]:
        """What a list takes of what `due` answers of each child; recorded where it takes anything.

        Raises NotAllowed as `due` does. Of a child that is not theirs there is nothing, and it is no refused
        look: a list asks of every child.
        """
        found: list[T] = []

        def tell(child: UUID) -> Telling | None:
            with self.noting(reader, "due", child, unknown=False):
                view = Look(self._records, self._policy(), reader, child, None)
            answer = self._due(reader, view)
            taken = take(child, answer)
            found.extend(taken)
            return self._telling(reader, view, encode(answer), "due", drawn=True) if taken else None

        self._tell_of(children, tell)
        return found

    def _tell_of(self, children: Sequence[UUID], tell: Callable[[UUID], Telling | None]) -> None:
        """Record what a list tells of each child, some children in one transaction; None: it tells nothing.

        What is told may be handed out when all of it is recorded.
        """
        for some in self._records.some_at_once(children):
            told: list[Telling] = []
            for child in some:
                with suppress(UnknownChild):
                    told += filter(None, [tell(child)])
            self.disclosures.record_all(told)

    def seen(self, reader: Reader, child: UUID) -> list[Flag]:
        """The flags this reader sees in full, for what they do about one of them: nothing is shown by it.

        Raises as `chronology` does.
        """
        return self._seen(reader, Look(self._records, self._policy(), reader, child, None))

    def here(self, by: By) -> bool:
        """Whether they have the role still in which something was given to them."""
        known = self._policy().role_at(by.role, by.agency)
        return known is not None and held_since(self._records, by) is not None

    def shown_alike(self, by: By, child: UUID, flag: Flag) -> bool:
        """Whether somebody who is here is shown this flag just so, for one of their purposes.

        Else they would be told by a message about it of what they may not know.
        """
        if not self.here(by):
            return False
        for purpose in sorted(self._policy().roles[by.role].purposes):
            with suppress(NotAllowed, UnknownChild):
                seen = self.seen(Reader(by, purpose), child)
                if any(_stands(one) == _stands(flag) for one in seen):
                    return True
        return False

    def _seen(self, reader: Reader, view: Look) -> list[Flag]:
        again = self._drawn_for(reader, view)
        return self._raised.flags(view.root) if again is None else again[0]

    def _drawn_for(self, reader: Reader, view: Look) -> tuple[list[Flag], Rest] | None:
        """Flags and what is said beside, drawn again for this reader; None: what was drawn is for them."""
        if not self.raised_to(reader, view):
            again = drawn_again(view, self._raised.settings, self._raised.feeds())
            return again.flags, again.beside
        less = self.less(reader, view.root)
        return self._raised.knowing(view.root, less) if less else None

    def less(self, reader: Reader, root: UUID) -> Less:
        """What this reader may know of the other children whom this child's flags count.

        Of those alone of whom it is less than the front door sees: a record that is barred to them, a case
        that has narrowed, a part that a review took out of their view, an entry whose processing is
        restricted. Whoever works with a child may not know more: it is asked as if they did.
        """
        found = {other: self._less_of(reader, other) for other in self._raised.crossed(root)}
        return {other: known for other, known in found.items() if known is not None}

    def _less_of(self, reader: Reader, other: UUID) -> Sequence[Known] | None:
        try:
            people = self._records.person(other)
        except UnknownChild:  # in what was then: nobody had said anything of them
            return None
        try:
            view = Look(self._records, self._policy(), reader, other, None, as_if=WORKS_WITH)
        except UnknownChild:
            return ()
        if self._knows_of_all(view):
            return None
        known = view.known_again(told=True)
        return [one for one in known if self._raised.door.knows(people, one.fact.entry)]

    def raised_to(self, reader: Reader, view: Look) -> bool:
        """Whether what was drawn for the front door is for this reader.

        Not where entries are closed to them that are open to the front door, nor while what was drawn was
        drawn under another policy, or not all under this one, nor for a purpose for which something of it is
        not read, or not known of since no sharing agreement is in force: then what they see is drawn again
        from what they may read. What they may know of other children is not asked here (`less`).
        """
        coordinates = view.policy.roles[reader.by.role].coordinates
        whole = coordinates and self._knows_of_all(view) and view.knows_all(self._raised.door)
        return whole and self._raised.stands(view.policy)

    def _knows_of_all(self, view: Look) -> bool:
        """Whether nothing of this child that the front door sees is closed to this reader, or not read."""
        apart = view.unread or view.narrowing or view.partless
        return not apart and view.shut <= self._raised.door.closed(view.people)

    def outlook(self, reader: Reader, child: UUID) -> tuple[Item, ...]:
        """What `due` answers, not recorded: for what leaves without its child, as titles and times do.

        Whoever calls this shows nobody of which child it is. Raises as `chronology` does.
        """
        return self._due(reader, Look(self._records, self._policy(), reader, child, None))

    def incidents(self, reader: Reader, child: UUID) -> SharedIncidents:
        """What may be one incident of a child, and what people said of it: for coordinators, who decide.

        Raises NotAllowed for who is none, and as `chronology` does.
        """
        view, facts = self._of_incidents(reader, child)
        answer = shared_incidents(view, facts, self._raised.settings, self._records.keys)
        self._record(reader, view, encode(answer), "incidents", drawn=True)
        return answer

    def proposals(self, reader: Reader, child: UUID) -> list[Proposal]:
        """What is open of it, for what they say of one: nothing is shown. Raises as `incidents` does."""
        view, facts = self._of_incidents(reader, child)
        return open_proposals(view, facts, self._raised.settings)

    def _of_incidents(self, reader: Reader, child: UUID) -> tuple[Look, list[Fact]]:
        role = self._policy().roles.get(reader.by.role)
        with self.noting(reader, "incidents", child):
            if role is not None and not role.coordinates:
                raise NotAllowed("Only the coordinator says what is one incident")
        view = self._look(reader, child, "incidents")
        return view, seen_of(self.timeline(reader, view)[0].facts, view)

    def pathway(self, reader: Reader, child: UUID) -> SharedPathway:
        """The same, with how far the newest incident has come, its strands, and what is ticked on checklists.

        Raises as `chronology` does.
        """
        view = self._look(reader, child, "due")
        found, facts = self._judged(reader, view)
        lists = tuple(
            SharedChecklist(name, tuple(SharedTick(t.row, t.text, t.source, t.done) for t in ticked))
            for name, ticked in found.checklists
        )
        stage = found.stage.value if found.stage else None
        answer = SharedPathway(found.strands, stage, self._due(reader, view, (found, facts)), lists)
        self._record(reader, view, encode(answer), "due", drawn=True)
        return answer

    def _due(
        self, reader: Reader, view: Look, judged: tuple[Pathway, Facts] | None = None
    ) -> tuple[Item, ...]:
        raised = self.raised_to(reader, view)
        # Before others are looked at: with a look another policy may come into force, and other rows.
        drawn = self._raised.worklist(view.root) if raised else ()
        if raised and all(self._whole(reader, other) for other in self._raised.involved(view.root)):
            asked = tuple(drawn)
        else:
            again = None if raised else judged
            found, facts = again or self._judged(reader, view, others=raised)
            reviews = part_reviews(view.people, facts, self._raised.packs.at(view.now), view.now)
            asked = (*(item(due) for due in found.dues), *reviews)
        return (*asked, *self._corrections(view), *self._answers_wanted(reader, view))

    def _answers_wanted(self, reader: Reader, view: Look) -> Iterator[Item]:
        """Of the reader's own agency alone, and where they read something that it wrote of the child."""
        mine = reader.by.agency
        kept = (k.entry for child in view.people for k in child.entries.values() if k.entry.agency == mine)
        if any(child.wanted for child in view.people) and any(
            view.sight(str(entry.id))[0] is Tier.READ for entry in kept
        ):
            wanted = answers_wanted(view.people, self._raised.packs.at(view.now), view.now)
            yield from (one for agency, one in wanted if agency == mine)

    def _corrections(self, view: Look) -> Iterator[Item]:
        """Never as they were drawn: who does not read the entry is not told that it is disputed."""
        for one in corrections(view.people, self._raised.packs.at(view.now), view.now):
            if view.sight(str(one.started_by))[0] is Tier.READ:
                yield one

    def _judged(self, reader: Reader, view: Look, *, others: bool = False) -> tuple[Pathway, Facts]:
        """The pathway as this reader (the coordinator: the front door) may see what it is of, and that.

        `others`: also as what they may know of the other children of its incidents has it.
        """
        timeline, unseen = self.timeline(reader, view)
        without = HAS_HARMED if view.partless else None
        linked = self.others(reader, timeline.facts) if others else {}
        return pathway(judged_by(self._raised.packs, timeline, linked, unseen), without), timeline.facts

    def others(self, reader: Reader, facts: Iterable[Fact]) -> Mapping[str, Facts]:
        """What this reader may know of the other children of these incidents, by the children's keyed hashes.

        Of a child who is not theirs it is what there is of one of whom nobody said anything: nothing.
        """
        wanted = {tie.hashed for fact in facts for tie in fact.children if tie.relation in INVOLVED}
        return {
            hashed: self._known_of(reader, other)
            for hashed in wanted
            for other in self._raised.tied(hashed)
            if child_tie(self._records.index, other) == hashed
        }

    def _known_of(self, reader: Reader, other: UUID) -> Facts:
        try:
            look = Look(self._records, self._policy(), reader, other, None)
        except UnknownChild:
            return Facts(())
        return self.timeline(reader, look)[0].facts

    def _whole(self, reader: Reader, other: UUID) -> bool:
        """Whether what was drawn for the front door of another child is for this reader."""
        try:
            return self.raised_to(reader, Look(self._records, self._policy(), reader, other, None))
        except UnknownChild:
            return False

    def timeline(self, reader: Reader, view: Look) -> tuple[Timeline, frozenset[str]]:
        """What the rows may judge by for this reader, and the agencies whose own records they do not see."""
        feeds = self._raised.feeds()
        if self.raised_to(reader, view):
            facts = facts_of(view.people, self._records.keys, self._raised.door)
            return Timeline(facts, view.now, feeds), frozenset()
        return Timeline(known_at(view.known_again(), view.now), view.now, view.hears(feeds)), view.unseen()

    def find(self, reader: Reader, identifier: Identifier) -> Found:
        """The child an identifier stands for, as far as this reader may know them.

        Only an identifier that this reader may read of the child finds the child: one that stands in an
        entry hidden from them would otherwise shine through. Raises as `chronology` does, and UnknownChild
        alike where the identifier is nobody's.
        """
        return self._found(reader, identifier)

    def find_named(self, reader: Reader, name: PersonName, born: date) -> Found:
        """The child of this full name and date of birth, as this reader may read both of the child.

        Raises as `find` does, also where either stands only where this reader may not read.
        """
        return self._found(reader, Named(name, born))

    def meant(self, reader: Reader, sought: Sought, as_if: AsIf, question: str) -> Look:
        """The look at whom a reader means, supposing what `as_if` says of them: for who asks to come near.

        By an identifier or a name only as `find` would find by it then. Nothing is shown by it, so nothing
        is recorded. Raises as `chronology` does.
        """
        with self.noting(reader, question, self.place_of(sought)):
            if isinstance(sought, UUID):
                return Look(self._records, self._policy(), reader, sought, None, as_if=as_if)
            return self._sought(reader, sought, as_if)[0]

    def place_of(self, sought: Sought) -> UUID:
        """The record's id, or the keyed hash under which somebody is looked for, whoever there is."""
        return sought if isinstance(sought, UUID) else self._stands(sought)[0]

    def _found(self, reader: Reader, sought: Identifier | Named) -> Found:
        with self.noting(reader, "find", self.place_of(sought)):
            view, found = self._sought(reader, sought)
        self._record(reader, view, encode(found), "find")
        return found

    def _sought(
        self, reader: Reader, sought: Identifier | Named, as_if: AsIf = NOTHING_SUPPOSED
    ) -> tuple[Look, Found]:
        stream, stands = self._stands(sought)
        identities = self._records.identities
        identities.forget()  # another process may have moved it to another child meanwhile
        claimed = identities.look_up([stream]).get(stream)
        child = claimed.child if claimed else None
        view = Look(self._records, self._policy(), reader, child or NOBODY, None, as_if=as_if)
        found = Found(view.root, view.shared().who)
        if not stands(found.who):
            raise Hidden(Rule.NOT_SO_CALLED)
        return view, found

    def _stands(self, sought: Identifier | Named) -> tuple[UUID, Callable[[Mapping[str, Any]], bool]]:
        """Where to look, and whether what a reader may read of a child says what was looked for."""
        hashes = self._records.hashes
        if isinstance(sought, Named):
            born, name = sought.born.isoformat(), sought.name
            looks = hashes.looks(Called((), name.family, name.given, born))

            def named(who: Mapping[str, Any]) -> bool:
                theirs = PersonName(**who.get("name", {"family": ""}))
                return who.get("date_of_birth") == born and looks == hashes.looks(
                    Called((), theirs.family, theirs.given, born)
                )

            return (looks[0] if looks else NOBODY), named
        stream = hashes.stream(sought)
        return (
            stream,
            lambda who: stream in {hashes.stream(Identifier(**i)) for i in who.get("identifiers", ())},
        )

    def _look(self, reader: Reader, child: UUID, question: str, known_at: datetime | None = None) -> Look:
        with self.noting(reader, question, child):
            return Look(self._records, self._policy(), reader, child, known_at)

    @contextmanager
    def noting(self, reader: Reader, question: str, sought: UUID, *, unknown: bool = True) -> Iterator[None]:
        """Record a look that is refused, before it is answered: alike whatever it was refused for.

        `sought`: the record's id, or the keyed hash of who was looked for (`place_of`). To a barred person
        it is as if there were no record. `unknown`: also where it is for the child's sake.
        """
        try:
            yield
        except NotAllowed as refused:
            self._refused(reader, question, sought, refused)
            refused.noted = True
            raise
        except UnknownChild as hidden:
            if unknown:
                self._refused(reader, question, sought, hidden)
            none = UnknownChild()
            none.noted = True
            raise none from None

    def note(self, reader: Reader, question: str, sought: UUID, bar: UnknownChild | None = None) -> None:
        """Record that somebody was refused as a whole, where no look was: an act, a desk, a report.

        `bar`: what was raised, where the record is barred to them: that they came is told.
        """
        self._refused(reader, question, sought, bar)

    def called(self, reader: Reader, children: Sequence[UUID]) -> dict[UUID, Found]:
        """Who each child is to this reader, known by its record: for the lines of a worklist.

        Of one that is not theirs there is nothing. Raises NotAllowed as `chronology` does.
        """
        found: dict[UUID, Found] = {}

        def tell(child: UUID) -> Telling:
            view = Look(self._records, self._policy(), reader, child, None)
            found[child] = Found(view.root, view.shared().who)
            return self._telling(reader, view, encode(found[child]), "find")

        self._tell_of(children, tell)
        return found

    def archived(self, reader: Reader, child: UUID) -> Archived | None:
        """What is said beside an answer where a closed case is not read for this purpose any more.

        Nothing of the record is shown by it, and so nothing is recorded. Raises as `chronology` does.
        """
        return Look(self._records, self._policy(), reader, child, None).archived()

    def shown_less(self, reader: Reader, child: UUID, roles: Iterable[str]) -> list[str]:
        """Of these roles, those who would be shown less of it for this purpose: closed, or a part reviewed.

        Nothing of the record is shown by it, and so nothing is recorded. Raises as `chronology` does.
        """
        return Look(self._records, self._policy(), reader, child, None).shown_less(roles)

    def as_seen(self, reader: Reader, child: UUID) -> bytes:
        """A digest of what this reader would be shown now: it differs where something changed for them.

        Nothing is shown, so nothing is recorded. What changed where they may not read changes nothing here.
        Raises as `chronology` does.
        """
        return Look(self._records, self._policy(), reader, child, None).shared().digest()

    def _record(
        self, reader: Reader, view: "Look", shown: bytes, question: str, *, drawn: bool = False
    ) -> None:
        """Nothing is shown unless this is recorded (decision 1). `drawn`: from the projections too."""
        self.disclosures.record(*self._telling(reader, view, shown, question, drawn=drawn))

    def _telling(
        self, reader: Reader, view: "Look", shown: bytes, question: str, *, drawn: bool = False
    ) -> Telling:
        """What is to be recorded of it: under which policy, on which record, and what."""
        disclosed = Disclosed(
            reader=reader.by,
            purpose=reader.purpose,
            basis=view.policy.purposes[reader.purpose],
            policy=view.policy.name,
            question=question,
            scopes=tuple(sorted(view.read)),
            version=view.version,
            known_at=view.known_at,
            digest=hashlib.sha256(shown).digest(),
            drawn_at=view.now,
            glass=view.glass,
            stood_on=self._stood_on(view, drawn=drawn),
        )
        return view.policy, view.root, disclosed

    @cached_property
    def _rules(self) -> str:
        return rules(self._raised.settings, self._raised.packs)

    def _stood_on(self, view: "Look", *, drawn: bool) -> StoodOn:
        raised, last = self._raised, self._records.archive.rows.max_notification_id()
        if not drawn:
            return StoodOn(programs(), beside=view.beside, recorded=last)
        return StoodOn(programs(), self._rules, view.beside, raised.feeds(), last, raised.drawn_to())
