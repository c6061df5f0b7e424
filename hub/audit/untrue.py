"""What is no longer true of a child, and who had been shown it while it seemed so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.domain.child import By, Child, Disclosed, RecordJoinedInto, RecordParted
from hub.domain.chronology import Standing
from hub.domain.entry import Entry
from hub.patterns.flags import Flag
from hub.patterns.life import State, Why
from hub.records import Records
from hub.sharing.policy import Policy
from schemas.catalogue import home_scope_of


class Shown(msgspec.Struct, frozen=True):
    """One showing of it: to whom, when, for which purpose, at which question."""

    reader: By
    at: datetime
    purpose: str
    question: str


JOINING = "joining"


class Untrue(msgspec.Struct, frozen=True):
    """One thing that is no longer so.

    `what`: an entry `corrected`, `withdrawn` or `of-another-child`; a `joining` of two records, undone; a
    `flag` whose evidence fell away. It stood from `since` until `until`; `shown` are the showings in between
    to readers whose scopes held it. Told again to nobody by the hub: that is for a person.
    """

    what: str
    id: UUID
    since: datetime
    until: datetime
    shown: tuple[Shown, ...]


def no_longer_true(records: Records, policy: Policy, flags: Iterable[Flag], child: UUID) -> list[Untrue]:
    """All of it, the latest first. Raises UnknownChild where there is no record."""
    people = records.person(child)
    seen = _Seen(people, policy)
    parted = [one.record for one in records.parted(people)]
    scopes = {str(k.entry.id): _scope(k.entry) for c in (*people, *parted) for k in c.entries.values()}
    found = [
        *_entries(records, people, seen),
        *_joinings(records, people, policy),
        *_flags(flags, scopes, seen),
    ]
    return sorted(found, key=lambda one: (one.until, one.what, one.id.bytes), reverse=True)


class _Seen:
    """Who was shown what of some records, and when."""

    def __init__(self, people: Sequence[Child], policy: Policy) -> None:
        self._disclosures = [one for child in people for one in child.disclosures]
        self._coordinators = {name for name, role in policy.roles.items() if role.coordinates}

    def between(self, since: datetime, until: datetime, scope: str | None = None) -> tuple[Shown, ...]:
        """Showings of the record while it stood, to whoever read this scope (None: any)."""
        return tuple(
            _shown(at, d)
            for at, d in self._disclosures
            if since <= (d.known_at or at) and since <= at < until and (scope is None or scope in d.scopes)
        )

    def flagged(self, since: datetime, until: datetime, scopes: set[str]) -> tuple[Shown, ...]:
        """Showings of flags to the coordinator, and to whoever read any scope of two or more of its entries.

        A flag that was drawn again for a reader needs the evidence of two agencies at least.
        """
        return tuple(
            _shown(at, d)
            for at, d in self._disclosures
            if d.question == "flags"
            and since <= at < until
            and (d.reader.role in self._coordinators or len(scopes & set(d.scopes)) > 1)
        )


def _entries(records: Records, people: Sequence[Child], seen: _Seen) -> Iterator[Untrue]:
    for line in records.lines(people[0].id):
        if line.standing is not Standing.CURRENT and line.changed_by is not None:
            yield _entry(line.standing.value, line.entry, line.recorded_at, line.changed_by.recorded_at, seen)
    for child in people:
        for id_, until in child.split_off_at.items():
            kept = child.entries[id_]
            yield _entry("of-another-child", kept.entry, kept.recorded_at, until, seen)


def _entry(what: str, entry: Entry, since: datetime, until: datetime, seen: _Seen) -> Untrue:
    return Untrue(what, entry.id, since, until, seen.between(since, until, _scope(entry)))


def _joinings(records: Records, people: Sequence[Child], policy: Policy) -> Iterator[Untrue]:
    """Joinings undone, told on both records: while they were read as one, each was shown with the other."""
    for child in people:
        for other, (since, until) in child.parted.items():
            yield Untrue(JOINING, other, since, until, _Seen((child,), policy).between(since, until))
        since_of: dict[UUID, datetime] = {}
        for event in records.history(child.id):
            match event.body:
                case RecordJoinedInto(survivor=survivor):
                    since_of[survivor] = event.at
                case RecordParted(other=other) if other in since_of:
                    since = since_of.pop(other)
                    shown = _Seen((records.child(other),), policy).between(since, event.at)
                    yield Untrue(JOINING, other, since, event.at, shown)


def _flags(flags: Iterable[Flag], scopes: Mapping[str, str], seen: _Seen) -> Iterator[Untrue]:
    for flag in flags:
        raised: datetime | None = None
        of = {scopes[piece.entry] for piece in flag.firing.evidence if piece.entry in scopes}
        for turn in flag.turns:
            if turn.state is not State.WITHDRAWN:
                raised = raised or turn.at
                continue
            if turn.why is Why.CHANGED_AT_SOURCE and raised is not None:
                yield Untrue("flag", flag.id, raised, turn.at, seen.flagged(raised, turn.at, of))
            raised = None


def _scope(entry: Entry) -> str:
    return home_scope_of(entry.type, entry.agency).value


def _shown(at: datetime, disclosed: Disclosed) -> Shown:
    return Shown(disclosed.reader, at, disclosed.purpose, disclosed.question)
