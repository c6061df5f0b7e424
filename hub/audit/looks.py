"""Every look at a child's record, from the disclosures: who saw this child, and what this person saw."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

import msgspec

from hub.audit.past import Past
from hub.domain.access import BarMet
from hub.domain.by import By
from hub.domain.calendar import LONDON
from hub.domain.child import Child, Disclosed, evolve
from hub.domain.refusal import NO_BAR, LookRefused, refusals_of
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.disclosing import Disclosures
from hub.sharing.policy import Policy
from hub.sharing.relationship import bar_of, how_related

GLASS, READS_NOTHING, BARRED = "broken-glass", "reads-no-record", "barred"


class Looked(msgspec.Struct, frozen=True, omit_defaults=True):
    """One look: event `version` of `record`, by whom, at what, what for, and what opened the record to them.

    `tie` is the relationship as it was then: `allocated`, `let-in`, `agency-involved`, `agency-entry`;
    `broken-glass`, with the review's word in `review` (empty: not reviewed); `reads-no-record` for auditors;
    `barred` for one who was refused and shown nothing; empty: none.
    """

    record: UUID
    version: int
    at: datetime
    person: str
    role: str
    agency: str
    question: str
    purpose: str
    tie: str
    policy: str = ""
    known_at: datetime | None = None
    review: str = ""


def looks_at(records: Records, disclosures: Disclosures, child: UUID, policy: Policy) -> list[Looked]:
    """Who saw this child: every look at the records read as this child, in the order they were recorded.

    `policy` is today's; each look is judged by its own, where its text is kept. Raises UnknownChild.
    """
    found = [
        look for record in records.person(child) for look in _of(records, disclosures, record.id, policy)
    ]
    return sorted(found, key=lambda look: (look.at, look.version))


def all_looks(
    records: Records,
    disclosures: Disclosures,
    policy: Policy,
    by: By,
    since: datetime,
    until: datetime,
    person: str | None = None,
) -> list[Looked]:
    """What a person saw (None: everybody) from one moment until another, in order. Reads every record.

    But for those that are barred to whom it is told, `by`: to them there are none such.
    """
    mine = accounts_of(records, by)
    found = [
        look
        for record in records.children()
        if bar_of(records.person(record), by, mine) is None
        for look in _of(records, disclosures, record, policy)
        if since <= look.at < until and person in (None, look.person)
    ]
    return sorted(found, key=lambda look: (look.at, look.record, look.version))


def _of(records: Records, disclosures: Disclosures, record: UUID, policy: Policy) -> Iterable[Looked]:
    """The looks at one record. The record is folded along: each is judged as the record stood then."""
    reviews = {id_: _review(glass) for id_, glass in records.child(record).access.glass.items()}
    child = Child(record)
    for event in records.history(record):
        body, at, version = event.body, event.at, event.originator_version
        match body:
            case Disclosed():
                of = disclosures.policy(body.policy) or policy
                tie = _tie(records, child, body, at, version, of)
                yield Looked(
                    record,
                    version,
                    at,
                    *(body.reader.person, body.reader.role, body.reader.agency),
                    body.question,
                    body.purpose,
                    tie,
                    body.policy,
                    body.known_at,
                    reviews.get(body.glass, "") if body.glass else "",
                )
            case BarMet():  # of before refused looks stood beside the record
                by = body.reader
                yield Looked(record, version, at, by.person, by.role, by.agency, body.question, "", BARRED)
        evolve(child, body, at)
    yield from _barred(records, record)


def _barred(records: Records, record: UUID) -> Iterable[Looked]:
    """Who came against a bar of this record: the first time of each day."""
    noted = set[tuple[UUID, str, date]]()
    for event in records.history(refusals_of(record)):
        refused: LookRefused = event.body
        by, of = refused.reader, (refused.bar, refused.reader.person, event.at.astimezone(LONDON).date())
        if refused.bar != NO_BAR and of not in noted:
            noted.add(of)
            at, number = event.at, event.originator_version
            yield Looked(record, number, at, by.person, by.role, by.agency, refused.question, "", BARRED)


def _tie(records: Records, child: Child, said: Disclosed, at: datetime, version: int, policy: Policy) -> str:
    if said.glass is not None:
        return GLASS
    role = policy.roles.get(said.reader.role)
    if role is not None and not role.reads:
        return READS_NOTHING
    moment = said.drawn_at or at
    return how_related(_people(records, child, at, version), said.reader, moment, policy)


def _people(records: Records, child: Child, at: datetime, version: int) -> Iterator[Child]:
    """The records that were read as this child when event `version` was recorded."""
    if child.joined or child.joined_into:
        yield from Past(records, at, {child.id: version - 1}).person(child.id)
    else:
        yield child


def _review(glass: object) -> str:
    reviewed = getattr(glass, "reviewed", None)
    if reviewed is None:
        return ""
    return "justified" if reviewed.justified else "not-justified"
