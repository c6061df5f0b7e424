"""What one person prepares and another approves: exports of a record, handed out as they were prepared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

import msgspec

from hub.audit.past import Past
from hub.domain.by import By, same_person
from hub.errors import Conflict, NotAllowed, Refused, UnknownChild
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.relationship import bar_of
from hub.store.effects import Effects

KEEPERS = frozenset({"information-governance-lead", "caldicott-guardian"})
"""Who prepares, and who approves: two persons. Their roles read no record otherwise."""
WAITS, APPROVED, REFUSED = "waits", "approved", "refused"
"""How a request stands."""
NONE_WAITS = "no export of this id waits for a second person"
ATTEMPTS = 10


class Prepared(Protocol):
    """An event: an export was drawn from one child's records at these versions, and this is its digest."""

    @property
    def request(self) -> UUID:
        """The request's id."""

    @property
    def child(self) -> UUID:
        """Of whom."""

    @property
    def drawn_at(self) -> datetime:
        """When it was drawn."""

    @property
    def versions(self) -> tuple[tuple[UUID, int], ...]:
        """The records it was drawn from, each at its version."""

    @property
    def by(self) -> By:
        """Who prepared it."""

    @property
    def digest(self) -> bytes:
        """Of the export, byte for byte."""


P = TypeVar("P", bound=Prepared)


class Redaction(msgspec.Struct, frozen=True):
    """Something that is left out of an entry, and on which ground. `what` is a kind, never the words."""

    what: str
    ground: str


class CannotBeDrawn(Refused):
    """An export cannot be drawn as it was prepared: erased, closed or moved since, or by other rules.

    Which of it is not said: who reads this may not be told what was closed since.
    """

    def __init__(self) -> None:
        super().__init__(
            "it can no longer be drawn as it was prepared (erased, closed or moved since, or other rules):"
            " prepare it again"
        )


class Request(NamedTuple, Generic[P]):
    """A request as it stands: prepared, and perhaps ended, by approving or refusing (`state`)."""

    prepared_at: datetime
    prepared: P
    ended: Any = None
    state: str = WAITS


class Requests(Generic[P]):
    """The requests of one kind, in a stream of their own: how each stands, and who may say what of it."""

    def __init__(
        self, what: str, stream: UUID, prepared: type[P], approved: type[Any], refused: type[Any]
    ) -> None:
        """`what`: what it is called where somebody may not. The types are the events of the three acts."""
        self.stream = stream
        self._what, self._prepared, self._approved, self._refused = what, prepared, approved, refused

    def may(self, by: By) -> None:
        """Raise NotAllowed for who does not answer for information governance."""
        if by.role not in KEEPERS:
            raise NotAllowed(f"{self._what} is for whoever answers for information governance")

    def all(self, records: Records) -> dict[UUID, Request[P]]:
        """Every request there was, and how it stands."""
        return self._standing(records)[0]

    def _standing(self, records: Records) -> tuple[dict[UUID, Request[P]], int]:
        """The same, with how far the stream was read."""
        found: dict[UUID, Request[P]] = {}
        version = 0
        for event in records.archive.stream(self.stream):
            version = event.originator_version
            body = event.body
            if isinstance(body, self._prepared):
                found[body.request] = Request(event.at, body)
            elif isinstance(body, self._approved | self._refused):
                state = APPROVED if isinstance(body, self._approved) else REFUSED
                if found[body.request].state != APPROVED:  # refused at the same moment: it was handed out
                    found[body.request] = found[body.request]._replace(ended=body, state=state)
        return found, version

    def listed(self, records: Records, by: By) -> list[Request[P]]:
        """The same, the newest first, but for a record that is barred to this person. Raises NotAllowed."""
        self.may(by)
        found = reversed(self.all(records).values())
        return [each for each in found if not is_barred(records, each.prepared, by)]

    def waiting(self, records: Records, by: By, request: UUID) -> P:
        """A request that waits for a second person. Raises NotAllowed; Refused for none."""
        self.may(by)
        found = self.all(records).get(request)
        if found is None or found.state != WAITS or is_barred(records, found.prepared, by):
            raise Refused(NONE_WAITS)
        return found.prepared

    def to_approve(self, records: Records, by: By, request: UUID) -> P:
        """The same, for a second person. Raises Refused too by the person who prepared it."""
        prepared = self.waiting(records, by, request)
        if same_person(prepared.by, by, accounts_of(records, by)):
            raise Refused("a second person approves: not the one who prepared it")
        return prepared

    def readable(self, records: Records, by: By, request: UUID) -> Request[P]:
        """One that waits, or was handed out. Raises NotAllowed; UnknownChild for any other."""
        found = next((each for each in self.listed(records, by) if each.prepared.request == request), None)
        if found is None or found.state == REFUSED:
            raise UnknownChild
        return found

    def refuse(
        self,
        records: Records,
        by: By,
        request: UUID,
        reason: str,
        also: Mapping[UUID, Sequence[Any]] | None = None,
    ) -> None:
        """Record that it is not handed out, and why, and `also` that. Raises NotAllowed, Refused."""
        self.waiting(records, by, request)
        if not reason.strip():
            raise Refused("a reason is needed")
        refused = self._refused(request=request, by=by, reason=reason)
        ends = {self.stream: [refused], **(also or {})}
        self.end(records, request, lambda still: records.record({}, Effects(unmoved=still), ends))

    def end(self, records: Records, request: UUID, record: Callable[[Mapping[UUID, int]], None]) -> None:
        """Let `record` record how it ended, told what must not have moved; again where others recorded first.

        Of two who end it at once, one does. Raises Refused for the other; Conflict.
        """
        for _ in range(ATTEMPTS):
            found, version = self._standing(records)
            if found[request].state != WAITS:
                raise Refused(NONE_WAITS)
            try:
                record({self.stream: version})
            except Conflict:
                continue
            return
        raise Conflict("exports are being settled by others; try again")


def as_they_stood(records: Records, prepared: Prepared) -> Past:
    """The records it was drawn from, as they were then."""
    return Past(records, prepared.drawn_at, dict(prepared.versions))


def same_as_prepared(drawn: bytes, prepared: Prepared, *, open_still: bool) -> None:
    """Raise CannotBeDrawn where what is drawn, by its digest, is not what was prepared.

    And where it is not `open_still`: something of it was sealed, shielded, not shared or found to be another
    child's since. What is closed now is handed out no more, whenever it was prepared.
    """
    if drawn != prepared.digest or not open_still:
        raise CannotBeDrawn


def counted(redactions: Iterable[Redaction]) -> dict[str, int]:
    """How often each ground was one to leave something out."""
    counts: dict[str, int] = {}
    for ground in sorted(each.ground for each in redactions):
        counts[ground] = counts.get(ground, 0) + 1
    return counts


def is_barred(records: Records, prepared: Prepared, by: By) -> bool:
    """Whether a record it was drawn from is barred to this person, also one that was parted from it since."""
    mine = accounts_of(records, by)
    return any(bar_of(records.person(record), by, mine) is not None for record, _ in prepared.versions)
