"""A child's story shown to an auditor: who may ask, and that they asked is recorded first."""

import hashlib
from uuid import UUID

import msgspec

from hub.audit.history import Happening, history_of
from hub.domain.child import Disclosed
from hub.errors import NotAllowed
from hub.records import Records
from hub.sharing.disclosing import Disclosures
from hub.sharing.look import Reader
from hub.sharing.policy import Policy

AUDITORS = frozenset({"auditor"})
PURPOSE = "audit"


def story_for(records: Records, policy: Policy, reader: Reader, child: UUID) -> list[Happening]:
    """The story of a child, without its content, for an auditor.

    That the auditor was shown it stands in the record before it is shown, and so in the next story. Raises
    NotAllowed for any other role or purpose, whatever the child; UnknownChild where there is no record.
    """
    _may_ask(policy, reader)
    story = history_of(records, child)
    record = records.person(child)[0]
    shown = Disclosed(
        reader=reader.by,
        purpose=reader.purpose,
        basis=policy.purposes[reader.purpose],
        policy=policy.name,
        question="history",
        scopes=(),
        version=record.version,
        known_at=None,
        digest=hashlib.sha256(msgspec.json.encode(story)).digest(),
    )
    Disclosures(records).record(policy, record.id, shown)
    return story


def _may_ask(policy: Policy, reader: Reader) -> None:
    role = policy.roles.get(reader.by.role)
    if role is None or role.agency != reader.by.agency:
        raise NotAllowed("No such role at this agency")
    if reader.by.role not in AUDITORS or reader.purpose != PURPOSE or PURPOSE not in role.purposes:
        raise NotAllowed("Only an auditor may replay a child's story, and only for audit")
