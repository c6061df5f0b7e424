"""Why something was shown: one disclosure, and what the policy of then said of every scope."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from hub.domain.child import Child, Disclosed
from hub.errors import Refused
from hub.records import Records
from hub.records.reading import fold
from hub.sharing.disclosing import Disclosures
from hub.sharing.policy import Situation
from hub.sharing.relationship import related
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


def disclosure_at(records: Records, child: UUID, version: int) -> Shown:
    """The disclosure that is this event of a child's record. Raises Refused where it is none."""
    for event in records.history(child):
        if event.originator_version == version and isinstance(event.body, Disclosed):
            return Shown(child, version, event.at, event.body)
    raise Refused("that event of the record is not a disclosure; 'hub history' numbers them")


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
        knows = related([child], said.reader, shown.at, policy.relationship)
        for scope in Scope:
            answer = policy.answer(Situation(said.reader.role, said.purpose, scope.value, knows))
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
