"""The processing of one entry is restricted while something about it is open (UK GDPR art. 18; decision 86).

The entry is kept and named. It is read for the purposes that the policy names, on a ground of art. 18(2): to
protect a child is one, so the front door's rules and worklists go on seeing it, and a flag says that it is.
"""

from collections.abc import Callable
from uuid import UUID

from hub.casework.disputing import record_read
from hub.domain.child import (
    ProcessingRestricted,
    RestrictionGround,
    RestrictionKept,
    RestrictionLifted,
    keep_restriction,
    lift_restriction,
    restrict,
)
from hub.errors import NotAllowed, Refused
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.deeds import sealed_reason
from hub.sharing.look import Reader
from hub.sharing.policy import Policy


class Restrictions:
    """Restricts entries and lifts it. Both are for who reads the entry by role; nothing is shown by it."""

    def __init__(self, records: Records, policy: Callable[[], Policy]) -> None:
        self._records, self._policy = records, policy

    def restrict(
        self, reader: Reader, child: UUID, entry: UUID, ground: RestrictionGround, reason: str
    ) -> None:
        """Restrict the processing of an entry from now on: on which ground, who asks for it, and why.

        Raises NotAllowed, Refused without a reason; UnknownChild alike for no such child or entry.
        """
        holder = record_read(self._records, self._policy(), reader, child, entry)
        why = sealed_reason(self._records.keys, holder.id, entry, reader.by, reason)
        since = self._records.clock()
        said = ProcessingRestricted(entry=entry, ground=ground, since=since, by=reader.by, reason=why)
        self._records.act(holder.id, lambda c: restrict(c, said))

    def keep(self, reader: Reader, child: UUID, entry: UUID, reason: str) -> None:
        """Record that it is still needed, for the agency that set it, and why; its worklist asks again later.

        Raises as `restrict`, and NotAllowed for another agency.
        """
        holder = record_read(self._records, self._policy(), reader, child, entry)
        found = holder.restrictions.get(entry)
        if found is not None and found.by.agency != reader.by.agency:
            raise NotAllowed("the agency that restricted the processing says whether it is still needed")
        why = sealed_reason(self._records.keys, holder.id, entry, reader.by, reason)
        kept = RestrictionKept(entry=entry, by=reader.by, reason=why)
        self._records.act(holder.id, lambda c: keep_restriction(c, kept))

    def lift(self, reader: Reader, child: UUID, entry: UUID, reason: str, told: str) -> None:
        """Lift it, for the agency whose entry it is, never one's own: why, and who was told before.

        `told` says who was told, when and how, or why nobody was (art. 18(3)). Raises as `restrict`.
        """
        holder = record_read(self._records, self._policy(), reader, child, entry)
        if holder.entries[entry].entry.agency != reader.by.agency:
            raise NotAllowed("the agency whose entry it is lifts the restriction")
        if not told.strip():
            raise Refused("say who was told before it is lifted, or why nobody was")
        why, words = (
            sealed_reason(self._records.keys, holder.id, entry, reader.by, said) for said in (reason, told)
        )
        lifted = RestrictionLifted(entry=entry, by=reader.by, reason=why, told=words)
        mine = accounts_of(self._records, reader.by)
        self._records.act(holder.id, lambda c: lift_restriction(c, lifted, mine))
