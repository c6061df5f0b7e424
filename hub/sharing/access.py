"""What people do about access: break the glass, review it, close and reopen, ask and answer; with reasons."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn
from uuid import UUID, uuid5

import msgspec

from hub.domain.access import (
    AccessAnswered,
    AccessAsked,
    AccessClosed,
    AccessReopened,
    AnyAccessEvent,
    Closing,
    GlassBroken,
    GlassReviewed,
    GlassReviewGiven,
    Interest,
    answer_request,
    ask,
    break_glass,
    close,
    give_review,
    reopen,
    review_glass,
)
from hub.domain.access_desk import Brought, Settled, Waits
from hub.domain.by import Accounts
from hub.domain.calendar import add_working_days
from hub.domain.child import By, Child
from hub.domain.strand import Opens
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.records import Records
from hub.records.roles import NO_LONGER, accounts_of, held_since
from hub.sharing.access_desk import ANSWERERS, DESK, Desk
from hub.sharing.access_view import Taken
from hub.sharing.deeds import sealed_reason
from hub.sharing.glass import glass_of, over_of
from hub.sharing.lead_agency import guardians_of
from hub.sharing.look import AsIf, Reader
from hub.sharing.mash import Mash
from hub.sharing.policy import Policy
from hub.sharing.relationship import closes
from hub.sharing.share import Share, Sought
from hub.telling.matter import Matter, decided
from hub.telling.settings import Kind, TellingSettings
from schemas.vocabulary import Agency

ANSWER_WORKING_DAYS = 2
"""Within so many days somebody answers a request [P]."""
MOST_DAYS = 28
"""A request is granted for at most so long: then it is asked again."""


class Opened(msgspec.Struct, frozen=True):
    """The glass is broken: which record opens, until when, and by when who looks at why."""

    child: UUID
    glass: UUID
    until: datetime
    review_by: datetime
    guardians: tuple[str, ...]


class Gates:
    """Acts about access to a child's record. Every reason is sealed under the child's own key."""

    def __init__(
        self,
        records: Records,
        policy: Callable[[], Policy],
        share: Share,
        whom: TellingSettings,
        new_id: Callable[[], UUID],
        there: Callable[[By], bool],
    ) -> None:
        """`there`: whether somebody of this name acts in this role here."""
        self._records, self._policy, self._share, self._there = records, policy, share, there
        self._whom, self._new_id = whom, new_id
        self.desk = Desk(records, policy, share.disclosures)
        self.mash = Mash(records, policy, share, self.desk, whom, new_id)

    # ------------------------------------------------------------ the glass

    def break_glass(self, reader: Reader, sought: Sought, reason: str, opens: Opens) -> Opened:
        """Let a practitioner look without a relationship; its guardians are told in the same transaction.

        What they name is opened to them, and nothing of a strand they do not name.

        Raises NotAllowed for a role or purpose that may not, and a role they no longer have; Refused for too
        short a reason or where the record opens without; UnknownChild alike for no record, one that is closed
        to them, and one of which the glass opens nothing.
        """
        policy, now = self._policy(), self._records.clock()
        rule = policy.break_glass
        if reader.by.role not in rule.roles:
            self._refuse(reader, sought, "break-glass", "Your role may not break the glass")
        grant = held_since(self._records, reader.by)
        if grant is None:
            self._refuse(reader, sought, "break-glass", NO_LONGER)
        if len(reason.strip()) < rule.reason_length:
            raise Refused(f"write the reason in at least {rule.reason_length} characters")
        id_ = self._new_id()
        as_if = AsIf(under=id_, strands=opens.strands)
        view = self._share.meant(reader, sought, as_if, "break-glass")
        if view.works_with:
            raise Refused("you or your agency work with this child: the record opens without it")
        lead, guardians = guardians_of(view.people, policy, reader.by.agency, now)
        broken = GlassBroken(
            glass=id_,
            reader=reader.by,
            purpose=reader.purpose,
            until=now + timedelta(hours=rule.hours),
            review_by=add_working_days(now, rule.review_working_days),
            guardian=guardians[0],
            reason=sealed_reason(self._records.keys, view.root, id_, reader.by, reason),
            lead=lead,
            guardians=guardians,
            strands=opens.strands,
            grant=grant,
        )
        told: dict[UUID, tuple[int, list[Any]]] = {}
        for guardian in guardians:
            to, due = (guardian, *ANSWERERS), broken.review_by
            told |= self._told(Kind.GLASS_BROKEN, id_, view.root, to, due, urgent=True)
        self._records.act(
            view.root,
            lambda c: break_glass(c.access, broken, now, over_of(self._records, c, reader.by)),
            told,
            self._brought(Waits.REVIEW, id_, view.root, reader, broken.review_by),
            view.as_one,
        )
        return self._open(view.root, reader)

    def give_review(self, by: By, glass: UUID, to: By) -> None:
        """Give a review to a named person, who is told. Raises NotAllowed, Refused, UnknownChild."""
        record = self.desk.held(by, glass, Waits.REVIEW)
        self._policy().check_known(to)
        if to.role not in self.desk.reviewers:
            raise Refused(f"a review is for one of these roles: {', '.join(sorted(self.desk.reviewers))}")
        if not self._there(to):
            raise Refused("nobody of this name may act in that role: it would wait for nobody")
        given = GlassReviewGiven(glass=glass, to=to, by=by)
        due = record.access.glass[glass].broken.review_by
        version = f"{to.person}@{self._records.clock().isoformat()}"
        told = self._told(Kind.GLASS_GIVEN, glass, record.id, (to.person, to.role), due, version=version)
        theirs = accounts_of(self._records, to)
        self._records.act(record.id, lambda c: give_review(c.access, given, theirs), told)

    def review(self, by: By, glass: UUID, reason: str, *, justified: bool) -> None:
        """Review a breaking, as its named reviewer. One that was not justified closes at once.

        Raises NotAllowed; Refused for one's own, or again; UnknownChild.
        """
        record = self.desk.held(by, glass, Waits.REVIEW)
        sealed = sealed_reason(self._records.keys, record.id, glass, by, reason)
        reviewed = GlassReviewed(glass=glass, justified=justified, by=by, reason=sealed)
        mine = accounts_of(self._records, by)
        self._records.act(record.id, lambda c: review_glass(c.access, reviewed, mine), {}, _settled(glass))

    # ------------------------------------------------------------ restrictions

    def close(
        self,
        by: By,
        child: UUID,
        what: Closing,
        reason: str,
        *,
        named: Sequence[By] = (),
        agency: str = "",
        entries: Sequence[UUID] = (),
        interest: Interest | None = None,
    ) -> UUID:
        """Seal, shield, bar, or decide not to share; tells its id.

        Raises NotAllowed, Refused, UnknownChild.
        """
        people, id_ = self.desk.governed(by, child), self._new_id()
        root = people[0].id
        for each in named:
            self._policy().check_known(each)
        if agency:
            known_agency(agency)
        closed = AccessClosed(
            restriction=id_,
            what=what,
            named=tuple(named),
            agency=agency,
            entries=tuple(entries),
            interest=interest.value if interest else "",
            by=by,
            reason=sealed_reason(self._records.keys, root, id_, by, reason),
        )

        def decided(record: Child) -> list[AnyAccessEvent]:
            standing = self._records.person(root)
            here = {id_ for each in standing for id_ in each.entries if id_ not in each.split_off}
            if not here.issuperset(entries):
                raise Refused("no such entry on this record")
            return close(record.access, closed)

        self._records.act(root, decided, as_one={each.id for each in people})
        return id_

    def reopen(self, by: By, child: UUID, restriction: UUID, reason: str) -> None:
        """Lift a restriction. Raises NotAllowed, Refused, UnknownChild.

        Nobody who reads records lifts what is closed to themselves: a second person does.
        """
        people = self.desk.governed(by, child)
        holding = [c for c in people if restriction in c.access.closed] or people[:1]
        found = holding[0].access.closed.get(restriction)
        if found is not None and self._policy().roles[by.role].reads and closes(found.closed, by):
            raise Refused("this is closed to you: somebody else lifts it")
        mine = accounts_of(self._records, by)
        for one in holding:  # two, where it was carried from one to the other before they were read as one
            sealed = sealed_reason(self._records.keys, one.id, restriction, by, reason)
            reopened = AccessReopened(restriction=restriction, by=by, reason=sealed)
            self._records.act(one.id, partial(_lifted, reopened, mine))

    # ------------------------------------------------------------ requests

    def ask(self, reader: Reader, sought: Sought, reason: str, opens: Opens) -> Taken:
        """Ask to see a record. Unknown and closed records are taken alike, and nobody can tell them apart.

        Asked again the same way before it was to be answered, it is the same request, whatever became of it.

        Raises NotAllowed for a role or purpose that may not; Refused for no reason, or where the record is
        open to them already.
        """
        policy, now, id_ = self._policy(), self._records.clock(), self._new_id()
        role = policy.roles.get(reader.by.role)
        if role is not None and not role.reads:
            self._refuse(reader, sought, "ask", "Your role may not look for this purpose")
        if not reason.strip():
            raise Refused("a reason is needed")
        key = uuid5(self._share.place_of(sought), opens)
        waits = self.desk.asked_before(reader, key, now)
        if waits is not None:
            return Taken(waits.item, waits.due)
        due = add_working_days(now, ANSWER_WORKING_DAYS)
        try:
            view = self._share.meant(reader, sought, AsIf(related=True, strands=opens.strands), "ask")
        except UnknownChild:
            brought = self._brought(Waits.REQUEST, id_, None, reader, due, sought=key)
            self._records.record({}, appended=brought)
            return Taken(id_, due)
        if view.works_with:
            raise Refused("you or your agency work with this child: the record opens without asking")
        asked = AccessAsked(
            request=id_,
            reader=reader.by,
            purpose=reader.purpose,
            answer_by=due,
            reason=sealed_reason(self._records.keys, view.root, id_, reader.by, reason),
            strands=opens.strands,
        )
        coordinators = tuple(name for name, role in policy.roles.items() if role.coordinates)
        self._records.act(
            view.root,
            lambda c: ask(c.access, asked),
            self._told(Kind.ACCESS_ASKED, id_, view.root, (*coordinators, *ANSWERERS), due),
            self._brought(Waits.REQUEST, id_, view.root, reader, due, sought=key),
            view.as_one,
        )
        return Taken(id_, due)

    def answer(self, by: By, request: UUID, reason: str, days: int | None) -> None:
        """Grant a request for so many days, or refuse it (None). Who asked is told that it was granted.

        A refusal is not told to them: it looks like a request for no record. Raises NotAllowed; Refused also
        to grant what somebody asked in a role that they have no longer; UnknownChild.
        """
        record = self.desk.held(by, request, Waits.REQUEST)
        if days is not None and not 0 < days <= MOST_DAYS:
            raise Refused(f"a request is granted for 1 to {MOST_DAYS} days")
        asker = record.access.requests[request].who
        if days is not None and not self._share.here(asker):
            raise Refused("who asked has this role no longer; given it anew, they ask again")
        until = None if days is None else self._records.clock() + timedelta(days=days)
        sealed = sealed_reason(self._records.keys, record.id, request, by, reason)
        answered = AccessAnswered(request=request, until=until, by=by, reason=sealed)
        told = {} if days is None else self._told(Kind.ACCESS_GRANTED, request, record.id, (asker.person,))
        mine, done = accounts_of(self._records, by), _settled(request)
        self._records.act(record.id, lambda c: answer_request(c.access, answered, mine), told, done)

    # ------------------------------------------------------------

    def _open(self, root: UUID, reader: Reader) -> Opened:
        """The breaking under which the reader looks: the one just made, or one that was open before.

        Raises NotAllowed where their role was withdrawn meanwhile: it stands, is reviewed, and opens nothing.
        """
        now, people = self._records.clock(), (self._records.child(root),)
        found = glass_of(self._records, people, reader.by, reader.purpose, now)
        if found is None:
            raise NotAllowed(NO_LONGER)
        broken = found.broken
        return Opened(
            root, broken.glass, broken.until, broken.review_by, broken.guardians or (broken.guardian,)
        )

    def _refuse(self, reader: Reader, sought: Sought, question: str, words: str) -> NoReturn:
        """Raise NotAllowed, once it stands recorded who tried."""
        with self._share.noting(reader, question, self._share.place_of(sought)):
            raise NotAllowed(words)

    def _told(
        self,
        kind: Kind,
        subject: UUID,
        child: UUID,
        to: tuple[str, ...],
        due: datetime | None = None,
        *,
        version: str = "1",
        urgent: bool = False,
    ) -> Mapping[UUID, tuple[int, list[Any]]]:
        matter = Matter(kind, subject, version, child, to, self._records.clock(), due, urgent)
        return decided(matter, self._whom)

    def _brought(
        self,
        what: Waits,
        item: UUID,
        child: UUID | None,
        reader: Reader,
        due: datetime,
        *,
        sought: UUID | None = None,
    ) -> Mapping[UUID, Sequence[Any]]:
        who, purpose = reader
        brought = Brought(item=item, what=what, child=child, who=who, purpose=purpose, due=due, sought=sought)
        return {DESK: [brought]}


def _lifted(reopened: AccessReopened, accounts: Accounts, record: Child) -> Sequence[Any]:
    return reopen(record.access, reopened, accounts)


def _settled(item: UUID) -> Mapping[UUID, Sequence[Any]]:
    return {DESK: [Settled(item=item)]}


def known_agency(named: str) -> None:
    """Raise Refused where there is no such agency."""
    if named not in set(Agency):
        raise Refused(f"no such agency; there are: {', '.join(Agency)}")
