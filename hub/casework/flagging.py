"""A named person acts on a flag: acknowledges, takes in hand, decides, disagrees, renews, releases."""

from collections.abc import Callable, Iterable
from uuid import UUID

import msgspec

from hub.domain.child import (
    By,
    Child,
    FlagDecision,
    FlagOwned,
    FlagReviewed,
    acknowledge_flag,
    disagree_with_flag,
    end_release,
    own_flag,
    release_flag,
    renew_flag,
    review_flag,
)
from hub.domain.entry import Envelope
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.patterns.flags import Flag
from hub.records import Records
from hub.sharing.deeds import owners, sealed_reason
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.share import Share

Events = Iterable[object]


class Done(msgspec.Struct, frozen=True):
    """What came of it; `new` is false where it had been so before. Flags are drawn again soon after."""

    flag: UUID
    new: bool


class FlagWork:
    """What people do about flags. Each act is an event of the child, as the reader who acts sees the flag.

    Whoever is shown a flag in full may acknowledge it, take it in hand, and disagree. To decide and to renew
    are the coordinator's and the owner's; to give it to another and to release it, the coordinator's. Who
    sees one that stands on what is kept from the coordinator may release its words to them. All raise
    NotAllowed, Refused, and UnknownChild alike for no child, one that is not theirs, and a flag that
    they do not see.
    """

    def __init__(
        self,
        records: Records,
        policy: Callable[[], Policy],
        share: Share,
        there: Callable[[By], bool],
    ) -> None:
        """`there`: whether somebody of this name acts in this role here."""
        self._records, self._policy, self._share, self._there = records, policy, share, there

    def acknowledge(self, reader: Reader, child: UUID, flag: UUID) -> Done:
        """Record that this person has seen the flag."""
        self._seen(reader, child, flag)
        return self._act(child, flag, lambda record: acknowledge_flag(record, flag, reader.by))

    def own(self, reader: Reader, child: UUID, flag: UUID, owner: By | None = None) -> Done:
        """Take the flag in hand, or (the coordinator) give it to a named person."""
        since = self._settled(child, flag)
        self._seen(reader, child, flag)
        if owner is not None and owner != reader.by:
            self._only_coordinators(reader, "give a flag to another")
            self._policy().check_known(owner)
            if not self._there(owner):
                raise Refused("nobody of this name may act in that role: it would wait for nobody")
        given = owner or reader.by
        return self._act(child, flag, lambda record: own_flag(record, flag, given, reader.by), since)

    def review(self, reader: Reader, child: UUID, flag: UUID, decision: FlagDecision, reason: str) -> Done:
        """Decide about what stands under the flag as this person sees it, with a reason.

        Evidence they do not see is not decided: where there is some, the flag stays open for the coordinator.
        """
        since = self._settled(child, flag)
        found = self._seen(reader, child, flag)
        root = self._decides(reader, child, flag)
        if not found.standing:
            raise Refused("the flag no longer stands: there is nothing to decide")
        evidence = tuple(UUID(piece.entry) for piece in found.firing.evidence)
        why = self._reason(root, flag, reader, reason)
        return self._act(child, flag, lambda _: review_flag(flag, decision, evidence, reader.by, why), since)

    def disagree(self, reader: Reader, child: UUID, flag: UUID, reason: str) -> Done:
        """Say that one does not agree with the flag, or with what was decided about it."""
        self._seen(reader, child, flag)
        why = self._reason(self._records.person(child)[0].id, flag, reader, reason)
        return self._act(child, flag, lambda _: disagree_with_flag(flag, reader.by, why))

    def renew(self, reader: Reader, child: UUID, flag: UUID, reason: str) -> Done:
        """Let the flag stand for another term. Raises Refused for one that does not stand."""
        found = self._seen(reader, child, flag)
        root = self._decides(reader, child, flag)
        if not found.standing:
            raise Refused("the flag does not stand: only new evidence opens it again")
        why = self._reason(root, flag, reader, reason)
        return self._act(child, flag, lambda _: renew_flag(flag, reader.by, why))

    def release(self, reader: Reader, child: UUID, flag: UUID, roles: tuple[str, ...], reason: str) -> Done:
        """Let roles see the flag's fixed words, and nothing of what stands behind (security.md 3.6)."""
        found, known = self._seen(reader, child, flag), self._policy().roles
        if not roles or not all(role in known and known[role].coordinates for role in roles):
            self._only_coordinators(reader, "release a flag to others than coordinators")
        if any(role not in known for role in roles):
            raise Refused(f"no such role; there are: {', '.join(known)}")
        why = self._reason(self._records.person(child)[0].id, flag, reader, reason)
        return self._act(child, flag, lambda _: release_flag(flag, found.pattern, roles, reader.by, why))

    def take_back(self, reader: Reader, child: UUID, flag: UUID, reason: str) -> Done:
        """End a release: those it was released to see its words no longer."""
        self._seen(reader, child, flag)
        self._only_coordinators(reader, "take a release back")
        why = self._reason(self._records.person(child)[0].id, flag, reader, reason)
        return self._act(child, flag, lambda record: end_release(record, flag, reader.by, why))

    # ------------------------------------------------------------

    def _seen(self, reader: Reader, child: UUID, flag: UUID) -> Flag:
        for found in self._share.seen(reader, child):
            if found.id == flag:
                return found
        raise UnknownChild("no flag under this id")

    def _act(
        self, child: UUID, flag: UUID, decide: Callable[[Child], Events], since: int | None = None
    ) -> Done:
        """`since`: how often it was decided whose the flag is, or what of it, when this person looked."""
        before = self._records.person(child)[0]

        def decided(record: Child) -> list[object]:
            if since is not None and _settled(record, flag) != since:
                raise Refused(
                    "somebody else took this flag in hand, or decided about it, just now; look again"
                )
            return list(decide(record))

        after = self._records.act(before.id, decided)
        return Done(flag, new=after.version != before.version)

    def _settled(self, child: UUID, flag: UUID) -> int:
        return _settled(self._records.person(child)[0], flag)

    def _decides(self, reader: Reader, child: UUID, flag: UUID) -> UUID:
        people = self._records.person(child)
        if not self._coordinates(reader) and owners(people, flag)[-1:] != [reader.by]:
            raise NotAllowed("Only the coordinator, or who has the flag in hand, may decide about it")
        return people[0].id

    def _only_coordinators(self, reader: Reader, what: str) -> None:
        if not self._coordinates(reader):
            raise NotAllowed(f"Only the coordinator may {what}")

    def _coordinates(self, reader: Reader) -> bool:
        return self._policy().roles[reader.by.role].coordinates

    def _reason(self, child: UUID, flag: UUID, reader: Reader, reason: str) -> Envelope:
        return sealed_reason(self._records.keys, child, flag, reader.by, reason)


def _settled(record: Child, flag: UUID) -> int:
    acts = (act for _, act in record.flags.get(flag, ()))
    return sum(isinstance(act, FlagOwned | FlagReviewed) for act in acts)
