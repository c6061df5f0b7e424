"""Why something was shown: one disclosure, and what the policy of then said of every scope."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.sealing import CannotUnseal
from hub.domain.child import Child, Disclosed
from hub.domain.chronology import chronology
from hub.errors import HubError, Refused
from hub.records import Records
from hub.records.reading import fold
from hub.sharing.archive import narrowed
from hub.sharing.disclosing import Disclosures
from hub.sharing.policy import Policy, Situation
from hub.sharing.relationship import how_related
from hub.sharing.standpoint import Stand, standpoint
from schemas.scope import Scope


class ScopeAnswer(msgspec.Struct, frozen=True):
    """What the policy said of one scope, and in which words."""

    scope: str
    tier: str
    reason: str


class Explained(msgspec.Struct, frozen=True):
    """One disclosure explained. `answers` are the policy's of then; empty: its text is not kept here."""

    recorded_at: datetime
    person: str
    role: str
    agency: str
    question: str
    purpose: str
    basis: str
    policy: str
    scopes: tuple[str, ...]
    answers: tuple[ScopeAnswer, ...]


class Shown(NamedTuple):
    """A disclosure as it stands in a record: in which record, as which event, when."""

    record: UUID
    version: int
    at: datetime
    disclosed: Disclosed


ALTERED = frozenset({"wrong-key-or-place", "damaged", "unknown-version"})
"""Why something does not open that opened when it was stored."""


class Altered(HubError):
    """A stored event is not what was put there; the text names its place in the record."""

    status, title = 500, "The store was altered"


def _closed(child: Child, said: Disclosed, policy: Policy, at: datetime) -> int:
    """How many steps the archive had narrowed the case by for this reader then."""
    stands = standpoint(policy, Stand(said.reader.role, said.purpose, True, False, False), at)
    found = narrowed(
        policy,
        said.reader,
        said.purpose,
        [child],
        lambda: chronology([child]),
        lambda entry: stands.tier(entry.type, entry.agency),
        at,
    )
    return found.step if found else 0


def disclosures_of(records: Records, record: UUID) -> Iterator[Shown]:
    """Every disclosure that stands in one record, in order. Raises Altered, naming the event."""
    last = 0
    try:
        for event in records.archive.stream(record):
            last = event.originator_version
            if isinstance(event.body, Disclosed):
                yield Shown(record, last, event.at, event.body)
    except CannotUnseal as cannot:
        if cannot.reason not in ALTERED:
            raise
        told = f"event {last + 1} of record {record} is not what was put there; 'hub verify' says more"
        raise Altered(told) from None


def disclosure_at(records: Records, child: UUID, version: int) -> Shown:
    """The disclosure that is this event of a child's record. Raises Refused where it is none, Altered."""
    for shown in disclosures_of(records, child):
        if shown.version == version:
            return shown
    raise Refused("that event of the record is not a disclosure; 'hub history' numbers them")


def disclosure_to(records: Records, child: UUID, person: str, at: datetime) -> Shown:
    """The last disclosure of a child to a person by a moment. Raises Refused where there is none, Altered."""
    found = [
        shown
        for record in records.person(child)
        for shown in disclosures_of(records, record.id)
        if shown.disclosed.reader.person == person and shown.at <= at
    ]
    if not found:
        raise Refused("this person had been shown nothing of this child by then")
    return max(found, key=lambda shown: (shown.at, shown.version))


def explain(records: Records, disclosures: Disclosures, shown: Shown) -> Explained:
    """Explain a disclosure by the policy of then and the relationship of then."""
    said = shown.disclosed
    policy = disclosures.policy(said.policy)
    answers: list[ScopeAnswer] = []
    if policy is not None:
        before = [
            event for event in records.history(shown.record) if event.originator_version < shown.version
        ]
        child = fold(Child(shown.record), before)
        knows = how_related([child], said.reader, shown.at, policy) != ""
        closed = _closed(child, said, policy, shown.at) if knows else 0
        for scope in Scope:
            asked = Situation(said.reader.role, said.purpose, scope.value, knows, closed=closed)
            answer = policy.answer(asked)
            answers.append(ScopeAnswer(scope.value, answer.tier.value, answer.reason))
    return Explained(
        shown.at,
        said.reader.person,
        said.reader.role,
        said.reader.agency,
        said.question,
        said.purpose,
        said.basis,
        said.policy,
        said.scopes,
        tuple(answers),
    )
