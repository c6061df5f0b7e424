"""What waits for a second person, as each may see it: reviews, requests, one's own, and what is closed."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID, uuid5

from hub.domain.access import (
    Access,
    AgencyInvolved,
    Glass,
    LetIn,
    MashQuestion,
    MeetingConvened,
    OtherChildAgreed,
    Request,
    Restriction,
    answer_of,
    why_of,
)
from hub.domain.access_desk import AccessDesk, Brought, Item, Waits, evolve_desk
from hub.domain.child import By, Child, Disclosed
from hub.domain.entry import Envelope
from hub.domain.strand import opened_by
from hub.errors import NotAllowed, UnknownChild
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.access_view import AccessWaiting, Brief, Closed, LetNear, MashTold, Mine, Seen
from hub.sharing.disclosing import Disclosures
from hub.sharing.glass import as_it_stands, glass_of
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.reasons import opened_reason
from hub.sharing.relationship import bar_of, barred, related
from hub.sharing.view import encode
from hub.store.mapper import HUB
from hub.telling.matter import Matter
from hub.telling.settings import Kind

DESK = uuid5(HUB, "access desk")
ANSWERERS = ("information-governance-lead", "caldicott-guardian")
"""Who answers requests, reviews, closes and reopens, beside the coordinator and the policy's guardian."""
NOT_YOURS = "This is for the guardian and whoever answers for information governance"
LOOKS_ON = frozenset({"auditor"})
"""Who sees what is open and overdue, and settles nothing."""


class Desk:
    """Reads what waits. Nobody is shown anything of a record that is barred to them."""

    def __init__(self, records: Records, policy: Callable[[], Policy], disclosures: Disclosures) -> None:
        self._records, self._policy, self._disclosures = records, policy, disclosures
        self._read = AccessDesk()

    @property
    def reviewers(self) -> frozenset[str]:
        """The roles that review at all: the policy's guardians, and who answers for information governance.

        Which breaking is whose: `_is_for`.
        """
        return frozenset({*self._policy().break_glass.all_guardians, *ANSWERERS})

    def waiting(self, by: By, what: Waits, *, settled: bool = False) -> list[AccessWaiting]:
        """What waits, the longest due first; `settled`: what no longer does, too. Raises NotAllowed."""
        self._may(by, what, looks_on=True)
        found = [
            w
            for item in self._items(settled=settled)
            if item.brought.what is what
            for w in self._on(item, by)
            if by.role in LOOKS_ON or self._is_for(item, by)
        ]
        return sorted(found, key=lambda w: (w.settled_by is not None, w.due, w.item))

    def mine(self, by: By) -> list[Mine]:
        """A person's own breakings and requests, the newest first.

        A request that was refused looks like one for no record: it waits until it was to be answered, and is
        not granted from then on.
        """
        now = self._records.clock()
        own = [item for item in self._items(settled=True) if item.brought.who == by]
        return [self._mine(item, now) for item in reversed(own)]

    def asked_before(self, reader: Reader, sought: UUID, now: datetime) -> Brought | None:
        """The request this reader made in the same words, while it may still be answered.

        One that was granted and is over, as they are told, is none.
        """
        for item in self._items(settled=True):
            brought = item.brought
            same = (brought.who, brought.purpose, brought.sought) == (reader.by, reader.purpose, sought)
            if same and now <= brought.due and self._mine(item, now).state != "over":
                return brought
        return None

    def brief(self, reader: Reader, item: UUID) -> Brief:
        """What is needed to settle it, reason and all; that it was shown is recorded first.

        Raises NotAllowed, UnknownChild.
        """
        found = self._of(reader.by, item)
        if found is None or found.brought.child is None:
            raise UnknownChild
        waiting = next(iter(self._on(found, reader.by)), None)
        if waiting is None or not (reader.by.role in LOOKS_ON or self._is_for(found, reader.by)):
            raise UnknownChild
        record = self._records.child(found.brought.child)
        sealed = _reason_of(record.access, item)
        said = self._opened(record.id, item, sealed)
        asked = record.access.questions.get(item)
        answer, kept = self._answer(record, asked)
        brief = Brief(waiting, said, tuple(self._seen(record, item)), answer, kept)
        self._record(reader, record, encode(brief), f"access-{found.brought.what}")
        return brief

    def told(self, by: By, item: UUID) -> MashTold:
        """What the MASH told this person on their question; recorded first. What was decided is not said.

        Raises NotAllowed where their role may no longer look for what they asked for; UnknownChild for any
        question but their own, where the record was closed to them since, and where it was answered of two
        records that were taken for one child's then (decision 103).
        """
        found = self._desk().items.get(item)
        if found is None or found.brought.who != by or found.brought.what is not Waits.QUESTION:
            raise UnknownChild
        child, purpose, policy = found.brought.child, found.brought.purpose, self._policy()
        policy.check_in_force(self._records.clock())
        if purpose not in policy.roles[by.role].purposes:
            raise NotAllowed("Your role may not look for this purpose")
        if child is None or self._barred(child, by):
            raise UnknownChild
        record = self._records.child(child)
        asked = record.access.questions.get(item)
        if asked is None:  # erased
            raise UnknownChild
        if asked.parted_at and asked.answered_at and asked.answered_at <= asked.parted_at:
            raise UnknownChild  # it was answered of two children's records, and is one child's no more
        told = MashTold(
            item=item,
            purpose=purpose,
            at=asked.at,
            due=asked.asked.answer_by,
            question=self._opened(record.id, item, asked.asked.words),
            answered_at=asked.answered_at,
            answered_by=asked.answered.by if asked.answered else None,
            answer=self._answer(record, asked)[0],
        )
        self._record(Reader(by, purpose), record, encode(told), "mash-told")
        return told

    def _answer(self, record: Child, asked: MashQuestion | None) -> tuple[str, str]:
        """What whoever asked was told, and why it was decided so; empty where there is no answer."""
        if asked is None or asked.answered is None:
            return "", ""
        id_, answered = asked.asked.question, asked.answered
        return (
            self._opened(record.id, answer_of(id_), answered.words),
            self._opened(record.id, why_of(id_), answered.reason),
        )

    def restrictions(self, reader: Reader, child: UUID) -> tuple[Closed, ...]:
        """What of a record is closed, to whom and why; recorded first. Raises NotAllowed, UnknownChild."""
        people = self.governed(reader.by, child, looks_on=True)
        once: dict[UUID, Closed] = {}
        for record in people:
            for id_, held in record.access.closed.items():
                once.setdefault(id_, self._closed(record.id, held))
        found = tuple(once.values())
        self._record(reader, people[0], encode(found), "restrictions")
        return found

    def _closed(self, record: UUID, held: Restriction) -> Closed:
        closed = held.closed
        return Closed(
            restriction=closed.restriction,
            what=closed.what.value,
            at=held.at,
            by=closed.by,
            reason=self._opened(record, closed.restriction, closed.reason),
            named=closed.named,
            agency=closed.agency,
            entries=closed.entries,
            interest=closed.interest,
        )

    def near(self, reader: Reader, child: UUID) -> tuple[LetNear, ...]:
        """What lets whom near a record now, and why; recorded first. Raises NotAllowed, UnknownChild."""
        people, now = self.governed(reader.by, child, looks_on=True), self._records.clock()
        found = tuple(
            self._near(record, event)
            for record in people
            for event in record.access.let_in
            if _still(record.access, event, now)
        )
        self._record(reader, people[0], encode(found), "let-in")
        return found

    def _near(self, record: Child, event: LetIn) -> LetNear:
        about = event.other if isinstance(event, OtherChildAgreed) else record.id
        reason = "" if event.reason is None else self._opened(record.id, about, event.reason)
        match event:
            case AgencyInvolved():
                opens = opened_by(event.strands)
                return LetNear("agency", event.by, event.until, reason, agency=event.agency, opens=opens)
            case MeetingConvened():
                opens = opened_by(event.strands)
                who, meeting = event.members, event.meeting
                return LetNear(
                    "meeting", event.by, event.until, reason, members=who, opens=opens, meeting=meeting
                )
            case OtherChildAgreed():
                return LetNear("other-child", event.by, event.until, reason, other=event.other)

    def governed(self, by: By, child: UUID, *, looks_on: bool = False) -> tuple[Child, ...]:
        """The records of a child whose restrictions this person keeps. Raises NotAllowed, UnknownChild."""
        self._may(by, Waits.REQUEST, looks_on=looks_on)
        people = self._records.person(child)
        bar = bar_of(people, by, accounts_of(self._records, by))
        if bar is not None:
            raise bar
        return people

    def held(self, by: By, item: UUID, what: Waits) -> Child:
        """The record that holds what this person would settle. Raises NotAllowed, UnknownChild."""
        self._may(by, what)
        found = self._of(by, item)
        if found is None or found.brought.what is not what or found.brought.child is None:
            raise UnknownChild
        mine, people = accounts_of(self._records, by), self._records.person(found.brought.child)
        if bar_of(people, by, mine) is not None or not self._is_for(found, by):
            raise UnknownChild
        return self._records.child(found.brought.child)

    # ------------------------------------------------------------ what is overdue, for the teller

    def until(self, now: datetime) -> list[Matter]:
        """What waits beyond its time and is to be told again."""
        kinds = {
            Waits.REVIEW: Kind.GLASS_UNREVIEWED,
            Waits.REQUEST: Kind.ACCESS_UNANSWERED,
            Waits.QUESTION: Kind.MASH_UNANSWERED,
        }
        return [
            Matter(kinds[b.what], b.item, b.due.isoformat(), b.child, to, b.due, b.due)
            for b in (item.brought for item in self._items(settled=False))
            if b.child is not None and b.due < now
            for to in self._to(self._found(b.child, b))
        ]

    def settled(self) -> None:
        """What `until` told last is recorded; it is worked out again each time."""

    def _to(self, found: Glass | Request | MashQuestion | None) -> Iterator[tuple[str, ...]]:
        """Who is told that it is late: for each, the names it may go to. Nobody of what is erased."""
        if isinstance(found, Glass):
            reviewer = (found.reviewer.person,) if found.reviewer else ()
            for guardian in self._guardians(found):
                yield (*reviewer, guardian, *ANSWERERS)
        elif found is not None:
            coordinators = tuple(name for name, role in self._policy().roles.items() if role.coordinates)
            yield (*coordinators, *ANSWERERS)

    def _guardians(self, glass: Glass) -> tuple[str, ...]:
        """The roles that are to look at a breaking; of one of before that was said: the policy's own."""
        return glass.broken.guardians or (self._policy().break_glass.guardian,)

    def _is_for(self, item: Item, by: By) -> bool:
        """Whether it is for this person to settle, by their role.

        A breaking is for its guardians and whom one of them gave it to; once the review is late, or where it
        was never said whose it is, for everyone who reviews. A request is for everyone who answers; so is a
        question, but for a coordinator to whom the record is closed.
        """
        brought = item.brought
        if brought.what is Waits.QUESTION and brought.child is not None:
            return by.role in ANSWERERS or not self._barred(brought.child, by)
        glass = self._records.child(brought.child).access.glass.get(brought.item) if brought.child else None
        if glass is None or not glass.broken.guardians or brought.due < self._records.clock():
            return True
        given = glass.reviewer is not None and glass.reviewer.person == by.person
        return given or by.role in glass.broken.guardians

    # ------------------------------------------------------------

    def _barred(self, child: UUID, by: By) -> bool:
        return barred(self._records.person(child), by, accounts_of(self._records, by))

    def _desk(self) -> AccessDesk:
        for event in self._records.archive.stream(DESK, after=self._read.version):
            evolve_desk(self._read, event.body, event.at)
        return self._read

    def _of(self, by: By, item: UUID) -> Item | None:
        """One that waits, or waited, of a kind this person sees. Raises NotAllowed for who sees none."""
        kinds = [what for what in Waits if self.sees(by, what)]
        if not kinds:
            raise NotAllowed(NOT_YOURS)
        found = self._desk().items.get(item)
        return found if found is not None and found.brought.what in kinds else None

    def _items(self, *, settled: bool) -> list[Item]:
        desk = self._desk()
        return list(desk.items.values()) if settled else [desk.items[id_] for id_ in desk.waiting]

    def _on(self, item: Item, by: By) -> Iterator[AccessWaiting]:
        brought = item.brought
        if (
            brought.child is None
            or bar_of(self._records.person(brought.child), by, accounts_of(self._records, by)) is not None
        ):
            return
        found = self._found(brought.child, brought)
        if found is None:  # erased
            return
        done = found.reviewed if isinstance(found, Glass) else found.answered
        glass = found if isinstance(found, Glass) else None
        asked = found if isinstance(found, Request) else None
        yield AccessWaiting(
            item=brought.item,
            what=brought.what,
            child=brought.child,
            who=brought.who,
            purpose=brought.purpose,
            at=item.at,
            due=brought.due,
            overdue=done is None and brought.due < self._records.clock(),
            until=found.until,
            reviewer=glass.reviewer if glass else None,
            lead=glass.broken.lead if glass else "",
            guardians=self._guardians(glass) if glass else (),
            opens=opened_by(glass.broken.strands if glass else asked.asked.strands if asked else ()),
            settled_by=done.by if done else None,
            outcome=found.outcome,
        )

    def _mine(self, item: Item, now: datetime) -> Mine:
        brought = item.brought
        found = self._found(brought.child, brought) if brought.child else None
        if isinstance(found, MashQuestion):
            state = "answered" if found.settled else "waits"
            return Mine(brought.item, brought.what, brought.purpose, item.at, state, brought.due)
        until = found.until if found is not None else None
        is_open = until is not None and now < until
        state = _state(brought, until, now)
        child = brought.child if is_open else None
        return Mine(brought.item, brought.what, brought.purpose, item.at, state, brought.due, until, child)

    def _found(self, child: UUID, brought: Brought) -> Glass | Request | MashQuestion | None:
        """The breaking, the request or the question as it stands; None where it is erased."""
        access = self._records.child(child).access
        if brought.what is Waits.QUESTION:
            return access.questions.get(brought.item)
        if brought.what is Waits.REQUEST:
            return access.requests.get(brought.item)
        glass = access.glass.get(brought.item)
        return None if glass is None else as_it_stands(self._records, glass)

    def _seen(self, record: Child, glass: UUID) -> Iterator[Seen]:
        for person in self._records.person(record.id):
            for at, shown in person.disclosures:
                if shown.glass == glass:
                    yield Seen(at, shown.question, shown.scopes)

    def _opened(self, child: UUID, item: UUID, sealed: Envelope) -> str:
        return opened_reason(self._records.keys, child, item, sealed)

    def _record(self, reader: Reader, record: Child, shown: bytes, question: str) -> None:
        policy = self._policy()
        disclosed = Disclosed(
            reader=reader.by,
            purpose=reader.purpose,
            basis=policy.purposes[reader.purpose],
            policy=policy.name,
            question=question,
            scopes=(),
            version=record.version,
            known_at=None,
            digest=hashlib.sha256(shown).digest(),
            drawn_at=self._records.clock(),
        )
        self._disclosures.record(policy, record.id, disclosed)

    def under(self, reader: Reader, child: UUID) -> datetime | None:
        """Until when this reader looks under broken glass; None where they do not."""
        people, now = self._records.person(child), self._records.clock()
        glass = glass_of(self._records, people, reader.by, reader.purpose, now)
        if glass is None or related(people, reader.by, now, self._policy()):
            return None
        return glass.until

    def keeps(self, by: By) -> bool:
        """Whether this person closes and lifts, not only looks on."""
        return self.sees(by, Waits.REQUEST, looks_on=False)

    def sees(self, by: By, what: Waits, *, looks_on: bool = True) -> bool:
        """Whether this person may see what of this kind waits, at all; or, not only looking on, settle it."""
        try:
            self._may(by, what, looks_on=looks_on)
        except NotAllowed:
            return False
        return True

    def _may(self, by: By, what: Waits, *, looks_on: bool = False) -> None:
        role = self._policy().role_at(by.role, by.agency)
        if role is None:
            raise NotAllowed(NOT_YOURS)
        settles = by.role in self.reviewers or (role.coordinates and what is not Waits.REVIEW)
        if not (settles or (looks_on and by.role in LOOKS_ON)):
            raise NotAllowed(NOT_YOURS)


def _still(access: Access, event: LetIn, now: datetime) -> bool:
    """Whether it holds: it has not run out, and nothing was said since that takes its place."""
    match event:
        case AgencyInvolved():
            standing = access.agencies[event.agency], access.agency_strands[event.agency]
            if standing != (event.until, event.strands):
                return False
        case OtherChildAgreed():
            if access.agreed[event.other] != event.until:
                return False
    return event.until is None or now <= event.until


def _state(brought: Brought, until: datetime | None, now: datetime) -> str:
    """How it stands for whoever it is of. A refusal is not told before no request could be granted."""
    if until is not None and until <= now:
        return "over"
    if until is not None:
        return "open"
    return "waits" if now <= brought.due else "not-granted"


def _reason_of(access: Access, item: UUID) -> Envelope:
    if item in access.glass:
        return access.glass[item].broken.reason
    if item in access.questions:
        return access.questions[item].asked.words
    return access.requests[item].asked.reason
