"""The projections: flags and the protocol's worklist of each child, drawn whenever its record changes."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID, uuid5

import msgspec

from hub.confidentiality.blind_index import BlindIndex
from hub.confidentiality.keys import KeyRing
from hub.domain.child import Child
from hub.domain.knowledge import Known
from hub.domain.timeline import Facts, Timeline
from hub.follow import Drawn, Looking
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.elsewhere import ITSELF, Elsewhere, OthersFact
from hub.patterns.firing import SingleSourceNote, Untold
from hub.patterns.flags import Flag, Watch
from hub.patterns.replay import Reviews
from hub.patterns.settings import Settings
from hub.protocol.answers_wanted import answers_wanted
from hub.protocol.corrections import corrections, next_look
from hub.protocol.packs import Packs, judged_by
from hub.protocol.part_reviews import next_look as next_review
from hub.protocol.part_reviews import part_reviews
from hub.protocol.pathway import pathway
from hub.protocol.strategy_meeting import ends
from hub.protocol.worklist import Item, item
from hub.records.entries import child_tie
from hub.records.reading import Parted, facts_of, known_while_one
from hub.sharing.considered import Considered, considered
from hub.sharing.front_door import FrontDoor
from hub.sharing.watching import Watches
from schemas.vocabulary import LinkRelation

INVOLVED = frozenset((LinkRelation.SAME_INCIDENT.value, LinkRelation.POTENTIALLY_INVOLVED.value))
Less = Mapping[UUID, Sequence[Known]]
"""What somebody may know of other children, by the first of their records.

Of those alone of whom it is less than the front door sees.
"""
NOTHING_LESS: Less = MappingProxyType({})
_encode = msgspec.json.Encoder().encode


class Rest(msgspec.Struct, frozen=True):
    """What the rules say of a child beside flags: one agency's own alarms, and what could not be told."""

    notes: tuple[SingleSourceNote, ...] = ()
    untold: tuple[Untold, ...] = ()


class FlagsProjection:
    """All flags of every child, as the front door may see them. One row a flag, one for the rest.

    What was drawn of a child lately is remembered, so that one more entry costs the same however many there
    are; forgotten, it is drawn from the record alone and is the same.
    """

    name = "flags"

    def __init__(
        self,
        keys: KeyRing,
        index: BlindIndex,
        settings: Settings,
        door: FrontDoor,
        less: Less = NOTHING_LESS,
    ) -> None:
        self._index, self._settings, self._less = index, settings, less
        self._watches, self._door = Watches(keys, settings, CATALOGUE, door), door
        self.version = f"11.{door.mark}"

    def draw(self, looking: Looking) -> Drawn:
        """Draw one child's flags from its whole history."""
        records = looking.records
        root = records[0].id
        apart, known = self._once_theirs(looking)
        watch = self._watches.of(records, apart)
        if known:
            watch.learn(known)
        keys = watch.keys()
        found = watch.flags(looking.now, looking.feeds, reviews_of(records), self._elsewhere(keys, looking))
        rows = {flag.id: _encode(flag) for flag in found.flags}
        if found.notes or found.untold:
            rows[rest_id(root)] = _encode(Rest(tuple(found.notes), tuple(found.untold)))
        ids = (*(child.id for child in records), *(one.record.id for one in looking.parted))
        ties = {*keys, *(child_tie(self._index, id_) for id_ in ids)}
        return Drawn(rows, found.look_at, sorted(ties), sorted(found.awaits))

    def _once_theirs(self, looking: Looking) -> tuple[tuple[Parted, ...], list[Known]]:
        """What was once read with the child's as the front door sees it; and what is known by who knows less.

        Of a record it is what they know of it, with how things ended; of an entry, itself or nothing.
        """
        apart: list[Parted] = []
        known: list[Known] = []
        for one in looking.parted:
            less = self._less.get(one.read_as[0].id)
            if self._door.shut(one.read_as):
                continue
            if less is None or any(each.fact.entry == one.entry for each in less):
                apart.append(one)
            elif one.entry is None:
                known += known_while_one(one, less, looking.records)
        return tuple(apart), known

    def _elsewhere(self, keys: Iterable[str], looking: Looking) -> Elsewhere:
        """What other children's records say under these keys, as far as the front door sees them.

        Whoever may know less of one of them is shown what is drawn from that (`less`).
        """
        by_key: dict[str, tuple[OthersFact, ...]] = {}
        for key in sorted(keys):
            found: list[OthersFact] = []
            for other, records in looking.tied([key]).items():
                if self._door.shut(records):
                    continue
                child = child_tie(self._index, other)
                itself = any(key == child_tie(self._index, record.id) for record in records)
                watch = self._watch(records)
                found.extend(OthersFact(child, fact) for fact in watch.offered(ITSELF if itself else key))
            by_key[key] = tuple(found)
        return Elsewhere(by_key)

    def _watch(self, records: tuple[Child, ...]) -> Watch:
        less = self._less.get(records[0].id)
        if less is None:
            return self._watches.of(records)
        watch = Watch([child.id for child in records], self._settings, CATALOGUE)
        watch.learn(less)
        return watch


class WorklistProjection:
    """What the protocol asks for on every child, as the front door may see it, in one row a child.

    Beside it, in a row of their own, the corrections asked for, whoever may see the entry: it says whose turn
    it is, and is shown to nobody as it stands; in another, the shares that were considered, for counting.
    """

    name = "worklist"

    def __init__(self, keys: KeyRing, index: BlindIndex, packs: Packs, door: FrontDoor) -> None:
        self._keys, self._index, self._packs, self._door = keys, index, packs, door
        self.version = f"12.{door.mark}"

    def draw(self, looking: Looking) -> Drawn:
        """Draw one child's pathway, with what it needs to know of the other children in its incidents."""
        root = looking.records[0].id
        facts = facts_of(looking.records, self._keys, self._door)
        others = {t.hashed for fact in facts for t in fact.children if t.relation in INVOLVED}
        linked = {
            hashed: self._known_of(records)
            for hashed in others
            for other, records in looking.tied([own_tie(hashed)]).items()
            if child_tie(self._index, other) == hashed
        }
        timeline = Timeline(facts, looking.now, looking.feeds)
        found = pathway(judged_by(self._packs, timeline, linked))
        ties = [own_tie(child_tie(self._index, root)), *map(own_tie, sorted(others))]
        pack = self._packs.at(looking.now)
        parts = part_reviews(looking.records, facts, pack, looking.now)
        items = [*(item(due) for due in found.dues), *parts]
        rows = {worklist_id(root): _encode(items)} if items else {}
        wanted = [one for _, one in answers_wanted(looking.records, pack, looking.now)]
        asked = [*corrections(looking.records, pack, looking.now), *wanted]
        if asked:
            rows[corrections_id(root)] = _encode(asked)
        shares = considered(looking.records, facts, self._door, self._keys)
        if shares:
            rows[shares_id(root)] = _encode(shares)
        over = (at for each in (facts, *linked.values()) for at in ends(each) if at > looking.now)
        moments = (found.look_at, next_look(asked, looking.now), next_review(parts, looking.now), *over)
        return Drawn(rows, min((at for at in moments if at is not None), default=None), ties)

    def _known_of(self, records: tuple[Child, ...]) -> Facts:
        """What every coordinator may know of another child: of a record closed as a whole, nothing."""
        return Facts(()) if self._door.shut(records) else facts_of(records, self._keys, self._door)


def flag_of(row: bytes) -> Flag:
    """Read a drawn flag back."""
    return msgspec.json.decode(row, type=Flag)


def flags_of(rows: Mapping[UUID, bytes], child: UUID) -> list[Flag]:
    """Read back the flags that were drawn of a child."""
    return [flag_of(row) for id_, row in rows.items() if id_ != rest_id(child)]


def rest_of(rows: Mapping[UUID, bytes], child: UUID) -> Rest:
    """Read back what was drawn beside them."""
    row = rows.get(rest_id(child))
    return Rest() if row is None else msgspec.json.decode(row, type=Rest)


def shares_of(rows: Mapping[UUID, bytes], child: UUID) -> list[Considered]:
    """Read back the shares that were considered on a child."""
    row = rows.get(shares_id(child))
    return [] if row is None else msgspec.json.decode(row, type=list[Considered])


def items_of(row: bytes) -> list[Item]:
    """Read a drawn worklist back."""
    return msgspec.json.decode(row, type=list[Item])


def rest_id(child: UUID) -> UUID:
    """The row of what is said beside flags."""
    return uuid5(child, "beside flags")


def worklist_id(child: UUID) -> UUID:
    """The row of a child's worklist."""
    return uuid5(child, "worklist")


def corrections_id(child: UUID) -> UUID:
    """The row of the corrections that are asked for on a child."""
    return uuid5(child, "corrections")


def shares_id(child: UUID) -> UUID:
    """The row of the shares that were considered on a child."""
    return uuid5(child, "shares considered")


def reviews_of(records: Sequence[Child]) -> Reviews:
    """What people did about flags, on all records read as this child."""
    found: dict[UUID, list] = {}  # type: ignore[type-arg]
    for child in records:
        for flag, acts in child.flags.items():
            found.setdefault(flag, []).extend(acts)
    return found


def own_tie(hashed: str) -> str:
    """The tie by which a child's worklist is drawn again when another's changes."""
    return f"child:{hashed}"
