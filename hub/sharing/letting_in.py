"""Who is let near a child by a named person's word: an agency, a meeting; and that a name may be known."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hub.domain.access import (
    Access,
    AgencyInvolved,
    AgencyInvolvementEnded,
    MeetingConvened,
    MeetingEnded,
    OtherChildAgreed,
    OtherChildAgreementEnded,
    convene,
    end_agreement,
    end_involvement,
    end_meeting,
    involve,
)
from hub.domain.by import By
from hub.domain.child import Child
from hub.domain.strand import Opens
from hub.errors import Refused
from hub.records import Records
from hub.records.roles import accounts_of, further_roles
from hub.sharing.access import MOST_DAYS, known_agency
from hub.sharing.access_desk import Desk
from hub.sharing.deeds import sealed_reason
from hub.sharing.policy import Policy
from hub.sharing.relationship import allocated

MOST_INVOLVED = 366
"""Days: an agency's involvement is said for at most so long, then again: each relationship ends [P]."""


class LettingIn:
    """Acts that let somebody near, of those who answer requests: each names its end, and has a reason.

    Nobody lets themselves in. What is said is kept, reason and all, under the child's own key.
    """

    def __init__(self, records: Records, policy: Callable[[], Policy], desk: Desk) -> None:
        self._records, self._policy, self._desk = records, policy, desk

    def involve(self, by: By, child: UUID, agency: str, opens: Opens, days: int, reason: str) -> None:
        """Say that an agency works with the child, on which strand, for so many days from now.

        Raises NotAllowed; Refused for no such agency or too long, and for one's own where one's role reads;
        UnknownChild.
        """
        people = self._desk.governed(by, child)
        root = people[0].id
        known_agency(agency)
        _within(days, MOST_INVOLVED)
        policy = self._policy()
        mine = [(by.role, by.agency), *((one.role, one.agency) for one in further_roles(self._records, by))]
        roles = [policy.role_at(*each) for each in mine if each[1] == agency]
        if any(row is not None and row.reads for row in roles):
            raise Refused("nobody lets themselves in: another agency says that yours works with the child")
        now = self._records.clock()
        involved = AgencyInvolved(
            agency=agency,
            until=now + timedelta(days=days),
            by=by,
            strands=opens.strands,
            reason=sealed_reason(self._records.keys, root, root, by, reason),
        )
        self._records.act(root, lambda c: involve(c.access, involved, now), as_one=_ids(people))

    def end_involvement(self, by: By, child: UUID, agency: str, reason: str) -> None:
        """Say that an agency's work with the child has ended. Raises NotAllowed, Refused, UnknownChild."""
        holds, now = self._holding(by, child, lambda access: agency in access.agencies)
        known_agency(agency)
        sealed = sealed_reason(self._records.keys, holds, holds, by, reason)
        ended = AgencyInvolvementEnded(agency=agency, by=by, reason=sealed)
        self._records.act(holds, lambda c: end_involvement(c.access, ended, now))

    def convene(
        self, by: By, child: UUID, members: Sequence[By], opens: Opens, days: int, reason: str
    ) -> None:
        """Let the members of a meeting prepare it and follow it up, on the strand named, for so many days.

        Raises NotAllowed; Refused for no members, oneself among them, no such role, too long; UnknownChild.
        """
        people, now = self._desk.governed(by, child), self._records.clock()
        root = people[0].id
        _within(days, MOST_DAYS)
        for member in members:
            self._policy().check_known(member)
        convened = MeetingConvened(
            members=tuple(members),
            until=now + timedelta(days=days),
            by=by,
            strands=opens.strands,
            reason=sealed_reason(self._records.keys, root, root, by, reason),
            meeting=uuid4(),
        )
        mine = accounts_of(self._records, by)
        self._records.act(root, lambda _: convene(convened, now, mine), as_one=_ids(people))

    def end_meeting(self, by: By, child: UUID, meeting: UUID, reason: str) -> None:
        """Let a meeting's members near no more, at once. Raises NotAllowed, Refused, UnknownChild."""
        holds, now = self._holding(by, child, lambda a: any(m.meeting == meeting for m in a.meetings))
        sealed = sealed_reason(self._records.keys, holds, meeting, by, reason)
        ended = MeetingEnded(meeting=meeting, by=by, reason=sealed)
        self._records.act(holds, lambda c: end_meeting(c.access, ended, now))

    def agree_other_child(self, by: By, child: UUID, other: UUID, days: int, reason: str) -> None:
        """Record that a strategy meeting agreed that who works with both may know who the other child is.

        Raises NotAllowed; Refused for too long, the same child, or one who works with the other child
        themself; UnknownChild.
        """
        people, others = self._desk.governed(by, child), self._desk.governed(by, other)
        _within(days, MOST_DAYS)
        if {c.id for c in people} & {c.id for c in others}:
            raise Refused("name another child than this one")
        now, rule = self._records.clock(), self._policy().relationship
        if allocated(people, by, now, rule) and allocated(others, by, now, rule):
            raise Refused("nobody who works with both records it for themselves")
        root = people[0].id
        agreed = OtherChildAgreed(
            other=others[0].id,
            until=now + timedelta(days=days),
            by=by,
            reason=sealed_reason(self._records.keys, root, others[0].id, by, reason),
        )
        self._records.act(root, lambda _: [agreed], as_one=_ids(people))

    def end_agreement(self, by: By, child: UUID, other: UUID, reason: str) -> None:
        """Say that who the other child is may be known no more, at once. `other`: as it was agreed.

        Raises NotAllowed, Refused, UnknownChild.
        """
        holds, now = self._holding(by, child, lambda access: other in access.agreed)
        sealed = sealed_reason(self._records.keys, holds, other, by, reason)
        ended = OtherChildAgreementEnded(other=other, by=by, reason=sealed)
        self._records.act(holds, lambda c: end_agreement(c.access, ended, now))

    def _holding(self, by: By, child: UUID, holds: Callable[[Access], bool]) -> tuple[UUID, datetime]:
        """Which of a child's joined records holds what is ended, the leading one where none does; and now."""
        people = self._desk.governed(by, child)
        return next((c for c in people if holds(c.access)), people[0]).id, self._records.clock()


def _within(days: int, most: int) -> None:
    if not 0 < days <= most:
        raise Refused(f"say for how long: 1 to {most} days")


def _ids(people: Sequence[Child]) -> frozenset[UUID]:
    return frozenset(each.id for each in people)
