"""A child's story shown to an auditor: who may ask, and that they asked is recorded first."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

import msgspec

from hub.audit.history import Happening, history_of
from hub.audit.untrue import JOINING, Untrue, no_longer_true
from hub.domain.child import Disclosed, StoodOn
from hub.errors import NotAllowed
from hub.patterns.flags import Flag
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.disclosing import Disclosures
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.programs import programs
from hub.sharing.relationship import bar_of

AUDITORS = frozenset({"auditor"})
PURPOSE = "audit"


def story_for(records: Records, policy: Policy, reader: Reader, child: UUID) -> list[Happening]:
    """The story of a child, without its content, for an auditor.

    That the auditor was shown it stands in the record before it is shown, and so in the next story. Raises
    NotAllowed for any other role or purpose, whatever the child; UnknownChild where there is no record, or it
    is barred to them. Of another record that is barred to them it says nothing.
    """
    may_ask_of(records, policy, reader, child)
    accounts = accounts_of(records, reader.by)

    def barred(other: UUID) -> bool:
        return bar_of(records.person(other), reader.by, accounts) is not None

    story = history_of(records, child, barred)
    record_inspection(records, policy, reader, child, "history", msgspec.json.encode(story))
    return story


def untrue_for(
    records: Records,
    policy: Policy,
    reader: Reader,
    child: UUID,
    flags: Callable[[UUID], Sequence[Flag]],
) -> list[Untrue]:
    """What is no longer true of a child and who had been shown it, for an auditor. Raises as `story_for`.

    That it was read with a record that is barred to them is left out, as that record is of their lists.
    """
    may_ask_of(records, policy, reader, child)
    accounts = accounts_of(records, reader.by)
    found = [
        one
        for one in no_longer_true(records, policy, flags(records.person(child)[0].id), child)
        if one.what != JOINING or bar_of(records.person(one.id), reader.by, accounts) is None
    ]
    record_inspection(records, policy, reader, child, "no-longer-true", msgspec.json.encode(found))
    return found


def record_inspection(
    records: Records,
    policy: Policy,
    reader: Reader,
    child: UUID,
    question: str,
    told: bytes,
    asked: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Record in a child's record what an auditor was told of it, before they are."""
    people = records.person(child)
    record, beside = people[0], tuple((other.id, other.version) for other in people[1:])
    shown = Disclosed(
        reader=reader.by,
        purpose=reader.purpose,
        basis=policy.purposes[reader.purpose],
        policy=policy.name,
        question=question,
        scopes=(),
        version=record.version,
        known_at=None,
        digest=hashlib.sha256(told).digest(),
        drawn_at=records.clock(),
        stood_on=StoodOn(programs(), beside=beside, recorded=records.archive.rows.max_notification_id()),
        asked=dict(asked),
    )
    Disclosures(records).record(policy, record.id, shown)


def may_ask(policy: Policy, reader: Reader) -> None:
    """Raise NotAllowed for whoever is no auditor, or looks for another purpose."""
    role = policy.role_at(reader.by.role, reader.by.agency)
    if role is None:
        raise NotAllowed("No such role at this agency")
    if reader.by.role not in AUDITORS or reader.purpose != PURPOSE or PURPOSE not in role.purposes:
        raise NotAllowed("Only an auditor may replay a child's story, and only for audit")


def may_ask_of(records: Records, policy: Policy, reader: Reader, *children: UUID) -> None:
    """Raise NotAllowed likewise; UnknownChild for no record, and for one that is barred to this auditor."""
    may_ask(policy, reader)
    accounts = accounts_of(records, reader.by)
    for child in children:
        bar = bar_of(records.person(child), reader.by, accounts)
        if bar is not None:
            raise bar
