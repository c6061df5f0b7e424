"""What people do about access: break the glass, review it, close and reopen, ask and answer; with reasons."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hub.domain.access import (
    AccessAnswered,
    AccessAsked,
    AccessClosed,
    AccessReopened,
    Closing,
    Glass,
    GlassBroken,
    GlassReviewed,
    Interest,
    Request,
    answer_request,
    ask,
    break_glass,
    close,
    reopen,
    review_glass,
)
from hub.domain.calendar import add_working_days
from hub.domain.child import By
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.records import Records
from hub.sharing.deeds import sealed_reason
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.relationship import barred

ANSWER_WORKING_DAYS = 2
MOST_DAYS = 28
"""A request is granted for at most so long: then it is asked again."""
SAFEGUARDS = frozenset({"information-governance-lead", "caldicott-guardian"})
"""Who answers requests, closes and reopens, beside the coordinator."""


class OpenGlass(NamedTuple):
    """A breaking that nobody has reviewed yet."""

    child: UUID
    glass: Glass
    overdue: bool


class OpenRequest(NamedTuple):
    """A request that nobody has answered yet."""

    child: UUID
    request: Request
    overdue: bool


class Gates:
    """Acts about access to a child's record. Every reason is sealed under the child's own key."""

    def __init__(self, records: Records, policy: Callable[[], Policy], new_id: Callable[[], UUID]) -> None:
        self._records, self._policy, self._new_id = records, policy, new_id

    def break_glass(self, reader: Reader, child: UUID, reason: str) -> datetime:
        """Let a practitioner look without a relationship; tells until when.

        Raises NotAllowed for a role or purpose that may not, Refused for too short a reason, UnknownChild
        alike for no record and one that is closed to them.
        """
        policy, now = self._policy(), self._records.clock()
        policy.check_in_force(now)
        rule, role = policy.break_glass, policy.roles.get(reader.by.role)
        if role is None or role.agency != reader.by.agency or reader.by.role not in rule.roles:
            raise NotAllowed("Your role may not break the glass")
        if reader.purpose not in role.purposes:
            raise NotAllowed("Your role may not look for this purpose")
        if len(reason.strip()) < rule.reason_length:
            raise Refused(f"write the reason in at least {rule.reason_length} characters")
        people = self._records.person(child)
        if barred(people, reader.by):
            raise UnknownChild
        root, id_ = people[0].id, self._new_id()
        broken = GlassBroken(
            glass=id_,
            reader=reader.by,
            purpose=reader.purpose,
            until=now + timedelta(hours=rule.hours),
            review_by=add_working_days(now, rule.review_working_days),
            guardian=rule.guardian,
            reason=sealed_reason(self._records.keys, root, id_, reader.by, reason),
        )
        after = self._records.act(root, lambda c: break_glass(c.access, broken, now))
        return max(g.broken.until for g in after.access.glass.values() if g.broken.reader == reader.by)

    def review(self, by: By, child: UUID, glass: UUID, reason: str, *, justified: bool) -> None:
        """Review a breaking, as the guardian. Raises NotAllowed; Refused for one's own, or again."""
        root = self._records.person(child)[0].id
        found = self._records.child(root).access.glass.get(glass)
        if found is None or by.role not in {found.broken.guardian, *SAFEGUARDS}:
            raise NotAllowed("The review is the guardian's")
        sealed = sealed_reason(self._records.keys, root, glass, by, reason)
        reviewed = GlassReviewed(glass=glass, justified=justified, by=by, reason=sealed)
        self._records.act(root, lambda c: review_glass(c.access, reviewed))

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
        """Seal, shield, bar, or decide not to share; tells its id. Raises NotAllowed, Refused."""
        self._may(by)
        root, id_ = self._records.person(child)[0].id, self._new_id()
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
        self._records.act(root, lambda c: close(c.access, closed))
        return id_

    def reopen(self, by: By, child: UUID, restriction: UUID, reason: str) -> None:
        """Lift a restriction. Raises NotAllowed, Refused."""
        self._may(by)
        root = self._records.person(child)[0].id
        sealed = sealed_reason(self._records.keys, root, restriction, by, reason)
        reopened = AccessReopened(restriction=restriction, by=by, reason=sealed)
        self._records.act(root, lambda c: reopen(c.access, reopened))

    def ask(self, reader: Reader, child: UUID, reason: str) -> None:
        """Ask to see a record. Says nothing of whether there is one: unknown and barred are taken alike."""
        role = self._policy().roles.get(reader.by.role)
        if role is None or role.agency != reader.by.agency or reader.purpose not in role.purposes:
            raise NotAllowed("Your role may not look for this purpose")
        if not reason.strip():
            raise Refused("a reason is needed")
        try:
            people = self._records.person(child)
        except UnknownChild:
            return
        if barred(people, reader.by):
            return
        root, id_ = people[0].id, self._new_id()
        asked = AccessAsked(
            request=id_,
            reader=reader.by,
            purpose=reader.purpose,
            answer_by=add_working_days(self._records.clock(), ANSWER_WORKING_DAYS),
            reason=sealed_reason(self._records.keys, root, id_, reader.by, reason),
        )
        self._records.act(root, lambda c: ask(c.access, asked))

    def answer(self, by: By, child: UUID, request: UUID, reason: str, days: int | None) -> None:
        """Grant a request for so many days, or refuse it (None). Raises NotAllowed, Refused."""
        self._may(by)
        if days is not None and not 0 < days <= MOST_DAYS:
            raise Refused(f"a request is granted for 1 to {MOST_DAYS} days")
        root = self._records.person(child)[0].id
        until = None if days is None else self._records.clock() + timedelta(days=days)
        sealed = sealed_reason(self._records.keys, root, request, by, reason)
        answered = AccessAnswered(request=request, until=until, by=by, reason=sealed)
        self._records.act(root, lambda c: answer_request(c.access, answered))

    def open_glass(self, by: By) -> list[OpenGlass]:
        """Every breaking that is not reviewed, the longest due first; overdue ones are marked."""
        self._may(by)
        now = self._records.clock()
        found = [
            OpenGlass(id_, glass, now > glass.broken.review_by)
            for id_ in self._records.children()
            for glass in self._records.child(id_).access.glass.values()
            if glass.reviewed is None
        ]
        return sorted(found, key=lambda o: o.glass.broken.review_by)

    def open_requests(self, by: By) -> list[OpenRequest]:
        """Every request that nobody answered, the longest due first."""
        self._may(by)
        now = self._records.clock()
        found = [
            OpenRequest(id_, request, now > request.asked.answer_by)
            for id_ in self._records.children()
            for request in self._records.child(id_).access.requests.values()
            if request.answered is None
        ]
        return sorted(found, key=lambda o: o.request.asked.answer_by)

    def _may(self, by: By) -> None:
        role = self._policy().roles.get(by.role)
        if role is None or role.agency != by.agency or not (role.coordinates or by.role in SAFEGUARDS):
            raise NotAllowed("This is for the coordinator and whoever answers for information governance")
