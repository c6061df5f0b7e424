"""Whether a reader works with a child; and what of the record is closed to them whatever they are."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from hub.domain.access import AccessClosed, Closing, Glass, MeetingConvened, Request
from hub.domain.by import Accounts, By, same_person
from hub.domain.calendar import LONDON
from hub.domain.child import Child, Kept
from hub.domain.entry import Entry, Relation
from hub.domain.strand import STRANDS, WHOLE
from hub.errors import UnknownChild
from hub.sharing.policy import Policy, Relationship, Role, Tier
from schemas.catalogue import home_scope_of

DAYS_A_MONTH = 30.44


class Barred(UnknownChild):
    """The record is barred to this person. To them it looks like every record there is not.

    `record` holds the bar.
    """

    def __init__(self, record: UUID, restriction: UUID) -> None:
        super().__init__()
        self.record, self.restriction = record, restriction


OWN_ACTS = "own-acts"
"""What ties a reader to a child of whom their agency holds nothing but what they recorded here themself."""


def related(records: Iterable[Child], reader: By, now: datetime, policy: Policy) -> bool:
    """True where the reader is allocated, in a meeting, or let in; or their agency works with the child.

    An agency works with a child of whom it holds an entry; one that this reader may not even know of makes
    no difference to them, nor does one they recorded themself (decision 92).
    """
    return how_related(records, reader, now, policy) not in ("", OWN_ACTS)


def how_related(records: Iterable[Child], reader: By, now: datetime, policy: Policy) -> str:
    """What makes the reader one who works with the child, the nearest first; empty: nothing does."""
    records = tuple(records)
    rule, shut = policy.relationship, shut_entries(records, reader)
    ties = {
        "allocated": lambda child: _allocated(child, reader, now, rule),
        "let-in": lambda child: _let_in(child, reader, now),
        "agency-involved": lambda child: _agency(child, reader, now, rule),
        "agency-entry": lambda child: any(True for _ in _held(child, reader, now, policy, shut)),
        OWN_ACTS: lambda child: any(True for _ in _own(child, reader, now, policy, shut)),
    }
    return next((name for name, holds in ties.items() if any(map(holds, records))), "")


def allocated(records: Iterable[Child], reader: By, now: datetime, rule: Relationship) -> bool:
    """True where the reader themself is allocated to the child, or was within the days of grace."""
    return any(_allocated(child, reader, now, rule) for child in records)


def goes_on(records: Iterable[Child], reader: By, closed_on: date, now: datetime) -> bool:
    """True where the reader still works with a child whose case was closed on that day in London.

    They were let in, their agency was said to, or they are allocated, until a day that lies ahead; or they
    were allocated since. An allocation of before the closing that has no end may be forgotten: not by it.
    """
    return any(
        _let_in(child, reader, now)
        or _ahead(child.access.agencies.get(reader.agency), now)
        or any(
            child.allocated_at[by].astimezone(LONDON).date() >= closed_on if until is None else now <= until
            for by, until in child.worked.items()
            if (by.person, by.agency) == (reader.person, reader.agency) and child.begins.get(by, now) <= now
        )
        for child in records
    )


def _ahead(until: datetime | None, now: datetime) -> bool:
    return until is not None and now <= until


def barred(records: Iterable[Child], reader: By, accounts: Accounts = ()) -> bool:
    """True where the record is closed to this person: their own, a relative's, or sealed to others."""
    return any(not closed.entries and closes(closed, reader, accounts) for closed in _closings(records, ALL))


def bar_of(records: Iterable[Child], reader: By, accounts: Accounts) -> Barred | None:
    """The bar that keeps this person away for an interest of their own, in whichever of their `accounts`."""
    for child in records:
        for restriction in child.access.closed.values():
            closed = restriction.closed
            if closed.what is Closing.BARRED and closes(closed, reader, accounts):
                return Barred(child.id, closed.restriction)
    return None


def shut_entries(records: Iterable[Child], reader: By) -> frozenset[UUID]:
    """Entries that do not exist for this reader: sealed to others, or not shared with their agency."""
    closings = (closed for closed in _closings(records, ALL) if closes(closed, reader))
    return frozenset(entry for closed in closings for entry in closed.entries)


def apart(
    records: Iterable[Child],
    reader: By,
    now: datetime,
    policy: Policy,
    *,
    glass: Glass | None = None,
    supposed: Sequence[str] = (),
) -> frozenset[UUID]:
    """Entries of a strand on which this reader does not work: for them there are none such (L12, L86; R4).

    Who is allocated to a strand works on that one; to the child, on both. Others work where their agency
    does: on the strands that are named of it, and those in which it holds entries; with the child as such
    where neither says. To that comes what a meeting, a grant, or the `glass` they look under names,
    and no more (decision 78). A role may cover both by policy. What somebody recorded themself is there for
    them, and opens no strand (decision 92). `supposed`: strands of a door that is not open yet.
    """
    stranded = [child for child in records if child.stranded]
    if not stranded or policy.roles[reader.role].both_strands:
        return frozenset()
    opened = frozenset(supposed).union(glass.broken.strands if glass else ())
    mine = _strands(tuple(records), reader, now, policy, opened)
    return frozenset(
        id_
        for child in stranded
        for id_, kept in child.entries.items()
        if kept.entry.strand != WHOLE and kept.entry.strand not in mine
        if policy.relationship.own_acts or not _is_own(kept, reader)
    )


def _strands(
    records: tuple[Child, ...],
    reader: By,
    now: datetime,
    policy: Policy,
    opened: frozenset[str],
) -> frozenset[str]:
    rule, shut = policy.relationship, shut_entries(records, reader)
    named = opened.union(*_named_strands(records, reader, now))
    assigned = frozenset[str]().union(*(_assigned(child, reader, now, rule) for child in records))
    if not assigned:
        said = frozenset[str]().union(*(_agencys(child, reader, now, rule) for child in records))
        held = {k.entry.strand for child in records for k in _held(child, reader, now, policy, shut)}
        if said or held or not named or any(_agency(child, reader, now, rule) for child in records):
            own = {k.entry.strand for child in records for k in _own(child, reader, now, policy, shut)}
            stranded = said | (held - {WHOLE}) or own - {WHOLE}  # an own act narrows, and adds to nothing
            assigned = frozenset(stranded or (WHOLE,))
    return frozenset(STRANDS) if WHOLE in assigned else assigned | named


def _named_strands(records: tuple[Child, ...], reader: By, now: datetime) -> Iterable[tuple[str, ...]]:
    """The strands that are named by what others let this reader near by now."""
    for child in records:
        for meeting in child.access.meetings:
            if _meets(meeting, reader, now):
                yield meeting.strands
        for request in child.access.requests.values():
            if _granted(request, reader, now):
                yield request.asked.strands


def _assigned(child: Child, reader: By, now: datetime, rule: Relationship) -> frozenset[str]:
    """The strands on which this person themself works, or did within the days of grace."""
    return frozenset[str]().union(
        *(child.strands.get(by, frozenset((WHOLE,))) for by in _working(child, reader, now, rule))
    )


def address_shut(records: Iterable[Child], reader: By) -> bool:
    """True where the child's address is shielded, and this reader is not named on the shield."""
    return any(not _named(closed, reader) for closed in _closings(records, {Closing.ADDRESS}))


def agreed(records: Iterable[Child], others: Iterable[UUID], now: datetime) -> bool:
    """True where a strategy meeting agreed that who the other child is may be known, and it still holds.

    `others`: all records of the other child, whichever of them the meeting named.
    """
    named = frozenset(others)
    return any(
        now <= until for child in records for id_, until in child.access.agreed.items() if id_ in named
    )


ALL = frozenset({Closing.SEALED, Closing.NOT_SHARED, Closing.BARRED})


def _closings(records: Iterable[Child], what: Iterable[Closing]) -> Iterable[AccessClosed]:
    wanted = frozenset(what)
    for child in records:
        for restriction in child.access.closed.values():
            if restriction.closed.what in wanted:
                yield restriction.closed


def closes(closed: AccessClosed, reader: By, accounts: Accounts = ()) -> bool:
    """True where it is this person to whom it closes: a bar, in each of their accounts (decision 109)."""
    if closed.what is Closing.NOT_SHARED:
        return closed.agency == reader.agency
    if closed.what is Closing.BARRED:
        return any(same_person(who, reader, accounts) for who in closed.named)
    return not _named(closed, reader)


def _named(closed: AccessClosed, reader: By) -> bool:
    return (reader.person, reader.agency) in {(by.person, by.agency) for by in closed.named}


def _allocated(child: Child, reader: By, now: datetime, rule: Relationship) -> bool:
    return any(True for _ in _working(child, reader, now, rule))


def _working(child: Child, reader: By, now: datetime, rule: Relationship) -> Iterable[By]:
    grace = timedelta(days=rule.grace_days)
    return (
        practitioner
        for practitioner, until in child.worked.items()
        if practitioner.person == reader.person
        and practitioner.agency == reader.agency
        and (until is None or now <= until + grace)
        and child.begins.get(practitioner, now) <= now
    )


def _let_in(child: Child, reader: By, now: datetime) -> bool:
    return any(_meets(meeting, reader, now) for meeting in child.access.meetings) or any(
        _granted(request, reader, now) for request in child.access.requests.values()
    )


def _meets(meeting: MeetingConvened, reader: By, now: datetime) -> bool:
    who = (reader.person, reader.agency)
    return now <= meeting.until and who in {(by.person, by.agency) for by in meeting.members}


def _granted(request: Request, reader: By, now: datetime) -> bool:
    return request.asked.reader == reader and request.until is not None and now <= request.until


def _agency(child: Child, reader: By, now: datetime, rule: Relationship) -> bool:
    if reader.agency not in child.access.agencies:
        return False
    until = child.access.agencies[reader.agency]
    return until is None or now <= until + timedelta(days=rule.grace_days)


def _agencys(child: Child, reader: By, now: datetime, rule: Relationship) -> tuple[str, ...]:
    """The strands on which it was said that the reader's agency works, while it does."""
    works = _agency(child, reader, now, rule)
    return child.access.agency_strands.get(reader.agency, ()) if works else ()


def beside_own_acts(records: Iterable[Child], reader: By) -> frozenset[UUID]:
    """Every entry but what this person recorded themself: what there is not, for whom that alone ties."""
    return frozenset(
        id_ for child in records for id_, kept in child.entries.items() if not _is_own(kept, reader)
    )


def _held(child: Child, reader: By, now: datetime, policy: Policy, shut: frozenset[UUID]) -> Iterable[Kept]:
    """What the reader's agency holds of the child, as far as it exists for them, and is not long past.

    Nobody lets themselves in by an act of their own, but who takes what comes to the front door.
    """
    role = policy.roles.get(reader.role)
    count = policy.relationship.own_acts or (role is not None and role.coordinates)
    return (k for k in _of_agency(child, reader, now, policy, shut) if count or not _is_own(k, reader))


def _own(child: Child, reader: By, now: datetime, policy: Policy, shut: frozenset[UUID]) -> Iterable[Kept]:
    return (kept for kept in _of_agency(child, reader, now, policy, shut) if _is_own(kept, reader))


def _is_own(kept: Kept, reader: By) -> bool:
    return kept.by is not None and same_person(kept.by, reader)


def _of_agency(
    child: Child, reader: By, now: datetime, policy: Policy, shut: frozenset[UUID]
) -> Iterable[Kept]:
    role = policy.roles.get(reader.role)
    since = now - timedelta(days=policy.relationship.agency_months * DAYS_A_MONTH)
    return (
        kept
        for kept in child.entries.values()
        if kept.entry.agency == reader.agency
        and max(kept.entry.occurred_at, kept.recorded_at) >= since
        and kept.entry.id not in shut
        and kept.entry.id not in child.split_off
        and _exists(kept.entry, role)
    )


def _exists(entry: Entry, role: Role | None) -> bool:
    """Whether there is such an entry for this role. A withdrawal is none of its own."""
    if role is None or entry.relation is Relation.WITHDRAWS:
        return False
    tier = role.tier(home_scope_of(entry.type, entry.agency), entry.type)
    return tier is Tier.READ if entry.restricted else tier is not Tier.NOTHING
