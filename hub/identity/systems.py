"""Partners' systems in the archive: a stream for each name."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from hub.domain.child import By
from hub.domain.system import AnySystemEvent, System, SystemAdmitted, admit, dismiss, evolve_system
from hub.errors import Refused
from hub.identity.term import check_term
from hub.records import Records
from hub.records.roles import stream_of_system
from hub.sharing.policy import Policy
from hub.store.mapper import SYSTEM

Decide = Callable[[System], Sequence[AnySystemEvent]]


class Systems:
    """Which systems may read as what. Another process's changes are seen at the next question."""

    def __init__(self, records: Records, policy: Policy) -> None:
        self._records, self._policy = records, policy
        self._known: dict[UUID, System] = {}

    def named(self, name: str) -> System:
        """A system as it stands now; never admitted: without an admission."""
        return self._standing(stream_of_system(self._records.index, name))

    def everything(self) -> list[System]:
        """Every system there ever was, oldest first."""
        return [self._standing(id_) for id_ in self._records.archive.rows.streams_of(SYSTEM)]

    def admit(
        self,
        name: str,
        role: str,
        key: str,
        certificate: bytes,
        until: datetime | None,
        by: By,
        reason: str,
    ) -> System:
        """Let a system read as a role. Raises Refused for no such role, or one given for too long."""
        row = self._policy.roles.get(role)
        if row is None:
            raise Refused(f"no such role; there are: {', '.join(self._policy.roles)}")
        admitted = SystemAdmitted(
            name=name,
            agency=row.agency.value,
            role=role,
            key=key,
            certificate=certificate,
            until=until,
            by=by,
            reason=reason,
        )
        now = self._records.clock()
        check_term(role, row, until, now)
        return self._act(name, lambda _: admit(admitted, now))

    def dismiss(self, name: str, by: By, reason: str) -> System:
        """Let a system do nothing any more. Raises Refused."""
        return self._act(name, lambda known: dismiss(known, by, reason))

    def _act(self, name: str, decide: Decide) -> System:
        known = self.named(name)
        self._records.record({known.id: (known.version, decide(known))})
        return self.named(name)

    def _standing(self, id_: UUID) -> System:
        known = self._known.get(id_) or System(id_)
        for event in self._records.archive.stream(id_, after=known.version):
            evolve_system(known, event.body, event.at)
        if known.version:
            self._known[id_] = known
        return known
