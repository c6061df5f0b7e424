"""Practitioners in the archive: a stream for each (issuer, subject), under a keyed hash of the two."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from hub.domain.child import By
from hub.domain.practitioner import (
    AnyPractitionerEvent,
    OnePerson,
    Practitioner,
    RoleGranted,
    SignedIn,
    TwoPersons,
    depart,
    evolve_practitioner,
    grant,
    one_person,
    two_persons,
    withdraw,
)
from hub.errors import Refused
from hub.identity.term import check_term
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.policy import Policy
from hub.store.mapper import PRACTITIONER

Decide = Callable[[Practitioner], Sequence[AnyPractitionerEvent]]


class Practitioners:
    """Who may act as what. Another process's changes are seen at the next question: nothing goes stale."""

    def __init__(self, records: Records, policy: Policy) -> None:
        self._records, self._policy = records, policy
        self._known: dict[UUID, Practitioner] = {}

    def of(self, issuer: str, subject: str) -> Practitioner:
        """Who an issuer's subject is; nobody yet: without a role."""
        return self.standing(self._stream(issuer, subject))

    def standing(self, id_: UUID) -> Practitioner:
        """A practitioner as they stand now. Only what came since the last look is read."""
        known = self._known.get(id_) or Practitioner(id_)
        for event in self._records.archive.stream(id_, after=known.version):
            evolve_practitioner(known, event.body, event.at)
        if known.version:
            self._known[id_] = known
        return known

    def everyone(self) -> list[Practitioner]:
        """Every practitioner there ever was, oldest first."""
        return [self.standing(id_) for id_ in self._records.archive.rows.streams_of(PRACTITIONER)]

    def has(self, who: By) -> bool:
        """Whether somebody of this name may act in this role now: then what is given to them reaches them."""
        held = (each.grants.get(who.role) for each in self.everyone() if each.person == who.person)
        now = self._records.clock()
        return any(
            grant is not None and grant.agency == who.agency and (grant.until is None or now < grant.until)
            for grant in held
        )

    def grant(
        self, issuer: str, subject: str, role: str, agency: str, until: datetime | None, by: By, reason: str
    ) -> Practitioner:
        """Let an agency's practitioner act in a role. Raises Refused for another agency's role, or too long.

        `agency` is the one the issuer is bound to: what the police's provider says of somebody can never
        make a health practitioner of them (security.md 5.1).
        """
        row = self._policy.roles.get(role)
        if row is None:
            raise Refused(f"no such role; there are: {', '.join(self._policy.roles)}")
        if row.agency != agency:
            raise Refused(f"{role} is a role of {row.agency.value}; this provider vouches for {agency} only")
        given = RoleGranted(
            issuer=issuer, subject=subject, role=role, agency=agency, until=until, by=by, reason=reason
        )
        now = self._records.clock()
        check_term(role, row, until, now)
        mine = accounts_of(self._records, by)
        return self._act(self._stream(issuer, subject), lambda known: grant(known, given, now, mine))

    def withdraw(self, id_: UUID, role: str, by: By, reason: str) -> Practitioner:
        """Take a role back. Raises Refused."""
        return self._act(id_, lambda known: withdraw(known, role, by, reason))

    def depart(self, id_: UUID, by: By, reason: str) -> Practitioner:
        """Let a practitioner leave: their sessions end at once, wherever they are. Raises Refused."""
        return self._act(id_, lambda known: depart(known, by, reason))

    def called_alike(self, who: Practitioner) -> list[Practitioner]:
        """Other accounts that a provider calls as it does this one, and of which nobody said whose they are.

        By the name before the @ of an address, whichever its letters: the hub knows no other name of anybody.
        """
        name, mine = _name_in(who.subject), accounts_of(self._records, By(who.person, "", ""))
        return [
            each
            for each in self.everyone()
            if each.id != who.id and each.person not in mine and _name_in(each.subject) == name
        ]

    def one_person(self, one: UUID, other: UUID, by: By, reason: str) -> None:
        """Say that two accounts are one person's: nowhere one the other's second person. Raises Refused."""
        self._record_of_two(
            one, other, lambda each, of: one_person(each, OnePerson(other=of, by=by, reason=reason))
        )

    def two_persons(self, one: UUID, other: UUID, by: By, reason: str) -> None:
        """Undo it: they are two persons' from now on. Raises Refused, of one's own accounts too."""
        mine = accounts_of(self._records, by)
        self._record_of_two(
            one, other, lambda each, of: two_persons(each, TwoPersons(other=of, by=by, reason=reason), mine)
        )

    def signed_in(self, id_: UUID, role: str, at: str) -> Practitioner:
        """Record that they signed in."""
        return self._act(id_, lambda _: [SignedIn(role=role, at=at)])

    def _act(self, id_: UUID, decide: Decide) -> Practitioner:
        known = self.standing(id_)
        self._records.record({id_: (known.version, decide(known))})
        return self.standing(id_)

    def _record_of_two(
        self, one: UUID, other: UUID, decide: Callable[[Practitioner, str], Sequence[AnyPractitionerEvent]]
    ) -> None:
        """Record it with both, or with neither."""
        first, second = self.standing(one), self.standing(other)
        pairs = ((first, second.person), (second, first.person))
        self._records.record({each.id: (each.version, decide(each, of)) for each, of in pairs})

    def _stream(self, issuer: str, subject: str) -> UUID:
        # The scheme is that of adults named in records; the prefix keeps the two from ever meeting.
        text = f"practitioner\x1f{issuer}\x1f{subject}"
        return UUID(bytes=self._records.index.index("person", text)[:16])


def _name_in(subject: str) -> str:
    return subject.partition("@")[0].strip().casefold()
