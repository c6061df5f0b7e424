"""A named person says whether entries near in time tell of one incident, or of two (patterns.md 3.1)."""

from collections.abc import Collection
from uuid import UUID

import msgspec

from hub.domain.child import one_incident, two_incidents
from hub.domain.entry import Envelope
from hub.errors import Refused, UnknownChild
from hub.patterns.proposed import Proposal, proposal_id
from hub.records import Records
from hub.sharing.deeds import sealed_reason
from hub.sharing.look import Reader
from hub.sharing.share import Share

TWO = 2


class Judged(msgspec.Struct, frozen=True):
    """The proposal that was decided, and so is open no longer. Flags are drawn again soon after."""

    proposal: UUID


class IncidentWork:
    """What coordinators say of what the hub proposes as one incident. Each word is an event of the child.

    Both acts raise NotAllowed for who is no coordinator; UnknownChild alike for no child, one that is not
    theirs, and a proposal that is not open to them, or is another since an entry came or went.
    """

    def __init__(self, records: Records, share: Share) -> None:
        self._records, self._share = records, share

    def one(self, reader: Reader, child: UUID, proposal: UUID, reason: str = "") -> Judged:
        """Say that the entries tell of one incident; a reason may be given."""
        found, root = self._open(reader, child, proposal)
        entries = tuple(fact.entry for fact in found.facts)
        why = self._why(root, entries, reader, reason) if reason.strip() else None
        self._records.act(root, lambda _: one_incident(entries, reader.by, why))
        return Judged(proposal)

    def two(
        self, reader: Reader, child: UUID, proposal: UUID, others: Collection[UUID], reason: str
    ) -> Judged:
        """Say that `others` of the entries tell of another incident than the rest, and why.

        Where there are two entries and none is named, they are two incidents. What is left together is a
        proposal of its own. Raises Refused where all are named, or one that is not of it, or for no reason.
        """
        found, root = self._open(reader, child, proposal)
        entries = tuple(fact.entry for fact in found.facts)
        apart = frozenset(others or (entries[1:] if len(entries) == TWO else ()))
        if not apart <= frozenset(entries):
            raise Refused("an entry that is not one of those: name the entries of the other incident")
        these = tuple(entry for entry in entries if entry not in apart)
        those = tuple(entry for entry in entries if entry in apart)
        why = self._why(root, entries, reader, reason)
        self._records.act(root, lambda _: two_incidents(these, those, reader.by, why))
        return Judged(proposal)

    # ------------------------------------------------------------

    def _open(self, reader: Reader, child: UUID, proposal: UUID) -> tuple[Proposal, UUID]:
        for found in self._share.proposals(reader, child):
            if found.id == proposal:
                return found, self._records.person(child)[0].id
        raise UnknownChild("nothing is proposed under this id, or no longer")

    def _why(self, root: UUID, entries: tuple[UUID, ...], reader: Reader, reason: str) -> Envelope:
        return sealed_reason(self._records.keys, root, proposal_id(root, entries), reader.by, reason)
