"""An entry that somebody says is not right is marked, for all who read it, until its own agency answers.

Right to rectification (UK GDPR art. 16): the hub changes no agency's words. The agency corrects them in its
own system, or says why they stand.
"""

from collections.abc import Callable
from uuid import UUID

from hub.domain.child import Child, DisputeSettled, EntryDisputed, dispute, settle_dispute
from hub.errors import NotAllowed, UnknownChild
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.deeds import sealed_reason
from hub.sharing.look import Look, Reader
from hub.sharing.policy import Policy, Tier


class Disputes:
    """Marks entries, and takes marks off. Both are for who may read the entry; nothing is shown by it."""

    def __init__(self, records: Records, policy: Callable[[], Policy]) -> None:
        self._records, self._policy = records, policy

    def dispute(self, reader: Reader, child: UUID, entry: UUID, reason: str) -> None:
        """Record that the child, a parent or another agency says that an entry is not right, and what.

        Raises NotAllowed, Refused without a reason; UnknownChild alike for no such child or entry.
        """
        holder = record_read(self._records, self._policy(), reader, child, entry)
        why = sealed_reason(self._records.keys, holder.id, entry, reader.by, reason)
        said = EntryDisputed(entry=entry, by=reader.by, reason=why)
        self._records.act(holder.id, lambda c: dispute(c, said))

    def settle(self, reader: Reader, child: UUID, entry: UUID, reason: str) -> None:
        """Record the answer of the agency whose entry it is. Raises as `dispute`, and for one's own mark."""
        holder = record_read(self._records, self._policy(), reader, child, entry)
        if holder.entries[entry].entry.agency != reader.by.agency:
            raise NotAllowed("the agency whose entry it is answers")
        why = sealed_reason(self._records.keys, holder.id, entry, reader.by, reason)
        said = DisputeSettled(entry=entry, by=reader.by, reason=why)
        mine = accounts_of(self._records, reader.by)
        self._records.act(holder.id, lambda c: settle_dispute(c, said, mine))


def record_read(records: Records, policy: Policy, reader: Reader, child: UUID, entry: UUID) -> Child:
    """The record that holds an entry which this reader's role reads. Nothing is shown by it.

    Raises NotAllowed; UnknownChild alike for no such child or entry.
    """
    view = Look(records, policy, reader, child, None)
    if view.sight(str(entry))[0] is not Tier.READ:
        raise UnknownChild("no such entry that is yours to read")
    return next(record for record in view.people if entry in record.entries)
