"""One reader's look at one child under one policy: what they get of each entry, opened and no further."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.sealing import CannotUnseal, Opening
from hub.domain.by import Accounts, By
from hub.domain.calendar import LONDON
from hub.domain.child import Child, Kept
from hub.domain.chronology import Line, Standing, chronology
from hub.domain.entry import Entry, Envelope
from hub.domain.incident import judged, said_of
from hub.domain.knowledge import Known
from hub.domain.refusal import Rule
from hub.domain.strand import HAS_HARMED, WHOLE, key_owner
from hub.errors import NotAllowed, UnknownChild
from hub.records import Records
from hub.records.reading import Opener, known_by, signal_openers, signals_of
from hub.records.roles import accounts_of
from hub.sharing.archive import Narrowing, narrowed
from hub.sharing.decision import Decision
from hub.sharing.front_door import WHERE, FrontDoor, without_where
from hub.sharing.glass import glass_of
from hub.sharing.part import REVIEWED, known_without_part, out_of_view, without_part
from hub.sharing.policy import Policy, Tier
from hub.sharing.reasons import opened_reason
from hub.sharing.relationship import (
    OWN_ACTS,
    address_shut,
    agreed,
    allocated,
    apart,
    bar_of,
    barred,
    beside_own_acts,
    how_related,
    shut_entries,
)
from hub.sharing.standpoint import WHEREABOUTS, Stand, standpoint
from hub.sharing.view import (
    Archived,
    Change,
    Dispute,
    Gap,
    Lifted,
    Restriction,
    SharedChronology,
    ShownEntry,
    Withheld,
    encode,
)
from schemas.case_event import AGENCY_SCOPE, field_marks
from schemas.catalogue import TYPE_BY_NAME
from schemas.scope import Scope
from schemas.vocabulary import Agency

WHO = ("name", "date_of_birth", "identifiers", "characteristics", "postcode", "address")
FOUND_BY = ("name", "date_of_birth", "identifiers")
"""By what a child is found: of an entry that is not read, whose it is can be said still."""
IDENTITY = Scope.IDENTITY.value
OTHER_CHILD, THIRD_PARTY = Scope.OTHER_CHILD.value, Scope.THIRD_PARTY.value
CURRENT = Standing.CURRENT.value
_SAYS = {standing: standing.value for standing in Standing}  # an enum's value takes its time to tell
_decode = msgspec.json.Decoder().decode


class Reader(NamedTuple):
    """Who asks, in which role, and for which purpose."""

    by: By
    purpose: str


class AsIf(NamedTuple):
    """What is supposed of a reader who asks to come near a record, to know whether it would help.

    `under`: the glass they are about to break. `related`: that they worked with the child. `strands`: on
    which strands they would be let near.
    """

    under: UUID | None = None
    related: bool = False
    strands: tuple[str, ...] = ()


class Hidden(UnknownChild):
    """There is a record, and to this reader there is none. `rule` stands with the refused look alone."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule


class MayNotAsk(NotAllowed):
    """Role or purpose give no right to ask, whatever the child."""

    def __init__(self, rule: Rule, words: str) -> None:
        super().__init__(words)
        self.rule = rule


class Gone(NamedTuple):
    """What of an entry opens for nobody: something erased, and scopes their holder has shut for now."""

    erased: bool
    withdrawn: frozenset[str]


NOTHING_SAID = msgspec.Raw(b"{}")
NOTHING_GONE = Gone(erased=False, withdrawn=frozenset())
ALL_GONE = Gone(erased=True, withdrawn=frozenset())


class Look:
    """One reader looking at one child under one policy."""

    def __init__(
        self,
        records: Records,
        policy: Policy,
        reader: Reader,
        child: UUID,
        known_at: datetime | None,
        *,
        as_if: AsIf = AsIf(),  # noqa: B008 — immutable
    ) -> None:
        self._records, self.policy, self._reader, self.known_at = records, policy, reader, known_at
        self.now = records.clock()
        self._may_ask()
        accounts = accounts_of(records, reader.by)  # asked before: there being no record costs the same
        standing = records.person(child)
        self.root, self.version = standing[0].id, standing[0].version
        _open_to(standing, reader.by, accounts)
        self.beside = tuple([(child.id, child.version) for child in standing[1:]])
        tie = how_related(standing, reader.by, self.now, policy)
        self.works_with = tie not in ("", OWN_ACTS)
        near = self.works_with or as_if.related
        glass = glass_of(records, standing, reader.by, reader.purpose, self.now)
        broken = None if near else glass
        self.glass = broken.broken.glass if broken else as_if.under
        self.shut = shut_entries(standing, reader.by) | apart(
            standing, reader.by, self.now, policy, glass=glass, supposed=as_if.strands
        )
        self.own_alone = tie == OWN_ACTS and not near and self.glass is None
        """Whether what they recorded themself is all there is of the child for this reader (decision 92)."""
        if self.own_alone:
            self.shut |= beside_own_acts(standing, reader.by)
        self._related = near or self.own_alone
        self._address_shut = address_shut(standing, reader.by)
        self._standing = standing
        self._sights: dict[str, tuple[Tier, bool]] = {}
        shut, under = self._address_shut, self.glass is not None
        stand = Stand(reader.by.role, reader.purpose, self._related, shut, under)
        self._whole = self._stands = standpoint(policy, stand, self.now)
        if not any(self._whole.reads.values()):
            raise Hidden(Rule.ROW if self._related or under else Rule.RELATIONSHIP)
        self.narrowing = self._narrowed(reader.by) if near else None
        """How far the case has narrowed for this reader, where that takes something from them."""
        if self.narrowing is not None:
            self._stands = standpoint(policy, stand._replace(closed=self.narrowing.step), self.now)
        self._reads, self._knows = self._stands.reads, self._stands.knows
        self.read = frozenset[str]().union(*self._reads.values())
        self.known = frozenset[str]().union(*self._knows.values())
        self.people = (
            standing if known_at is None else self._as_known(standing, records.person(child, known_at))
        )
        self.disputed = {id_: (each.id, *said) for each in self.people for id_, said in each.disputed.items()}
        # As they stand now, whatever moment is asked about: what is restricted today is not read today.
        self.restrictions = {
            id_: (each.id, said) for each in standing for id_, said in each.restrictions.items()
        }
        self.lifted = {id_: (each.id, said) for each in self.people for id_, said in each.lifted.items()}
        self.unread = (
            frozenset[UUID]() if policy.reads_restricted(reader.purpose) else frozenset(self.restrictions)
        )
        """Entries that are named and not read: their processing is restricted, and this purpose is not one
        for which they are still read (art. 18(2), decision 86)."""
        self.partless = self._partless(reader.by)
        """A review took out of this reader's view that the child is said to have harmed (decision 90)."""
        if self.partless:
            self.shut |= self._of_type(REVIEWED)
        self._openings: dict[UUID, Mapping[str, Opening[msgspec.Raw]]] = {}
        self._keys_of: dict[UUID, frozenset[str]] = {}

    def _as_known(self, standing: Sequence[Child], then: Sequence[Child]) -> tuple[Child, ...]:
        """The records of then that are this child's still.

        What has turned out to be another child's, by a parting or entries split off, is not read by asking
        for the past: who may see it, and from whom it is barred, stands with that child now.
        """
        here = {child.id for child in standing}
        self.shut |= {id_ for child in then if child.id not in here for id_ in child.entries}
        self.shut |= {id_ for child in standing for id_ in child.split_off}
        return tuple(child for child in then if child.id in here)

    @cached_property
    def _lines(self) -> tuple[Line, ...]:
        """What stands on the records that this look was decided on, and not on what came to them since."""
        now = self.known_at is None
        return self._records.lines_of(self.people) if now else chronology(self.people)

    def knows_all(self, door: FrontDoor) -> bool:
        """Whether this reader knows of all this front door sees: agreements end, and are for purposes."""
        return self._whole.knows_all(door.seen, door.mark)

    @property
    def role(self) -> str:
        """As what they look."""
        return self._reader.by.role

    def sight(self, entry: str) -> tuple[Tier, bool]:
        """What this reader gets of an entry, and whether it is a restricted one."""
        if not self._sights:
            for line in self._lines:
                tier = self._tier_of(line.entry)
                self._sights[str(line.entry.id)] = tier, line.entry.restricted
        return self._sights.get(entry, (Tier.NOTHING, True))

    def unseen(self) -> frozenset[str]:
        """Agencies whose own records this reader may not read, whatever there is of them.

        It follows from the policy alone: were it drawn from what is there, it would tell what is there.
        """
        return frozenset(a.value for a, own in AGENCY_SCOPE.items() if own.value not in self._reads[a])

    def hears(self, feeds: Mapping[str, datetime]) -> Mapping[str, datetime]:
        """The agencies whose silence this reader can tell: those whose own records they read."""
        unseen = self.unseen()
        return {agency: at for agency, at in feeds.items() if agency not in unseen}

    def known_again(self, *, told: bool = False) -> list[Known]:
        """The history a rule may see on this reader's behalf: entries and signals of scopes they read.

        `told`: and of entries they know of; then their signals, whatever scope these are read in.
        """
        openers = signal_openers(self.people, self._records.keys)
        tiers = (Tier.READ, Tier.KNOWS) if told else (Tier.READ,)
        mine = [
            x for x in self._lines if self._tier_of(x.entry) in tiers[: 1 if x.entry.restricted else None]
        ]
        if self.unread:  # what may only be known of is not theirs to know more of: not that it is restricted
            mine = [
                x for x in mine if x.entry.id not in self.unread or self._tier_of(x.entry) is not Tier.READ
            ]
        mine = [self._of_theirs(line) for line in mine] if self.shut else mine
        found = known_by(mine, lambda line, entry: self._signals(openers[line.record], entry, told=told))
        if self.partless:
            found = known_without_part(found, self._standing)
        return judged(found, said_of(self.people))

    def _signals(self, opener: Opener[Mapping[str, Any]], entry: Entry, *, told: bool) -> Mapping[str, Any]:
        signals = signals_of(opener, entry)
        if self._address_shut:
            signals = without_where(signals)
        if told:
            return signals
        reads = self._reads[entry.agency]
        scopes = _scopes_of(signals.get("type", entry.type))
        return {name: value for name, value in signals.items() if scopes.get(name) in (None, *reads)}

    @property
    def as_one(self) -> frozenset[UUID]:
        """The records that are read as this child."""
        return frozenset((self.root, *(beside for beside, _ in self.beside)))

    def _may_ask(self) -> None:
        self.policy.check_in_force(self.now)
        role = self.policy.role_at(self._reader.by.role, self._reader.by.agency)
        if role is None:
            raise MayNotAsk(Rule.ROLE, "No such role at this agency")
        if self._reader.purpose not in role.purposes:
            raise MayNotAsk(Rule.PURPOSE, "Your role may not look for this purpose")

    def decision(
        self, scope: str, provider: str, type_: str | None = None, *, works_with_other: bool = False
    ) -> Decision:
        """What policy and agreements say of a scope of an agency's words, for this reader and child."""
        return self._stands.decision(scope, provider, type_, works_with_other=works_with_other)

    def shared(self) -> SharedChronology:
        """Everything this reader may see of the child, in the order it happened."""
        entries, gaps = self._entries_and_gaps()
        who = who_is(entries) if self.narrowing is None else who_is([*self._still_found_by(), *entries])
        lines: Sequence[ShownEntry | Gap] = entries
        if gaps:
            # A gap stands at the beginning of its day, before its entries and by agency alone: any other
            # place would say its hour.
            by_agency = sorted(gaps, key=attrgetter("agency"))
            lines = sorted([*by_agency, *entries], key=attrgetter("occurred_at"))
        return SharedChronology(
            child=self.root,
            role=self._reader.by.role,
            purpose=self._reader.purpose,
            basis=self.policy.purposes[self._reader.purpose],
            policy=self.policy.name,
            as_at=self.now,
            who=who,
            lines=tuple(lines),
            known_at=self.known_at,
            policy_document=str(self.policy.document(self._reader.purpose) or ""),
            archived=self.archived(),
        )

    def _entries_and_gaps(self) -> tuple[list[ShownEntry], list[Gap]]:
        shut, tiers, tier_of, unread = self.shut, self._stands.tiers, self._stands.tier, self.unread
        entries: list[ShownEntry] = []
        gaps: list[Gap] = []
        for line in self._lines:
            entry = line.entry
            if shut and entry.id in shut:
                continue
            tier = tiers.get((entry.type, entry.agency)) or tier_of(entry.type, entry.agency)
            if tier is Tier.READ:
                entries.append(self._named(line) if unread and entry.id in unread else self._shown(line))
            elif tier is Tier.KNOWS and not entry.restricted and line.standing is Standing.CURRENT:
                agency = Agency(entry.agency)
                gaps.append(Gap(_day(entry.occurred_at), agency.value, self.policy.contacts[agency]))
        return entries, gaps

    def _tier_of(self, entry: Entry) -> Tier:
        return Tier.NOTHING if entry.id in self.shut else self._stands.tier(entry.type, entry.agency)

    def shown_less(self, roles: Iterable[str]) -> list[str]:
        """Of these roles, those for whom more of it left the view for this purpose than for this reader."""
        if self.narrowing is not None or self.partless:
            return []
        return [role for role in roles if self._left_the_view(role)]

    def _left_the_view(self, role: str) -> bool:
        somebody = By("", role, self.policy.roles[role].agency.value)
        return self._narrowed(somebody) is not None or self._partless(somebody)

    def _narrowed(self, by: By) -> Narrowing | None:
        lines = partial(self._records.lines_of, self._standing)
        purpose = self._reader.purpose
        return narrowed(self.policy, by, purpose, self._standing, lines, self._before, self.now)

    def _partless(self, by: By) -> bool:
        lines = partial(self._records.lines_of, self._standing)
        purpose = self._reader.purpose
        return out_of_view(self.policy, by, purpose, self._standing, lines, self._before, self.now)

    def _before(self, entry: Entry) -> Tier:
        """What they would get of an entry, had the case not narrowed."""
        return Tier.NOTHING if entry.id in self.shut else self._whole.tier(entry.type, entry.agency)

    def _of_type(self, type_: str) -> frozenset[UUID]:
        kept = (kept.entry for child in self._standing for kept in child.entries.values())
        return frozenset(entry.id for entry in kept if entry.type == type_)

    def archived(self) -> Archived | None:
        """What this reader is told, where a closed case is not read for their purpose any more."""
        found, archive = self.narrowing, self.policy.archive
        if found is None or archive is None:
            return None
        role = self.policy.roles[self.role]
        # For a child who may be at risk now: those that protect one, and not those that look back.
        protect = filter(self.policy.reads_restricted, role.purposes)
        reads = (p for p in protect if self.policy.reads_closed(self.role, p, found.step))
        own = archive.steps[found.step - 1].own_words
        door = next((r.agency for r in self.policy.roles.values() if r.coordinates), role.agency)
        return Archived(found.closed_on, own, tuple(sorted(reads)), self.policy.contacts[door])

    def _still_found_by(self) -> Iterable[ShownEntry]:
        """By what the child is found, of entries that are read no more: whose it is can be said still."""
        opener = cache(lambda record: Opener(self._records.keys, record, (IDENTITY,), msgspec.Raw))
        for line in self._lines:
            entry = line.entry
            reads = self._whole.tier(entry.type, entry.agency) is Tier.READ
            if not reads or entry.id in self.shut or IDENTITY not in self._whole.reads[entry.agency]:
                continue
            try:
                who = _found_by(opener(line.record).open(entry)[0].get(IDENTITY))
            except CannotUnseal:
                continue
            if who:
                at = entry.occurred_at, entry.precision, line.recorded_at
                says = _SAYS[line.standing]
                yield ShownEntry(entry.id, entry.agency, entry.type, *at, NOTHING_SAID, who, standing=says)

    def _of_theirs(self, line: Line) -> Line:
        """The line, without an ending that is closed to this reader."""
        ending = line.completed_by
        return (
            line if ending is None or ending.entry.id not in self.shut else line._replace(completed_by=None)
        )

    def _shown(self, line: Line) -> ShownEntry:
        record, entry, recorded_at, standing, changed, completed = (
            self._of_theirs(line) if self.shut else line
        )
        ending: dict[str, msgspec.Raw] = {}
        more: tuple[Withheld, ...] = ()
        try:
            fields, withheld, gone = self._fields(record, entry)
            if completed is not None:
                ending, more, also = self._fields(record, completed.entry)
                gone = Gone(gone.erased or also.erased, gone.withdrawn | also.withdrawn)
        except CannotUnseal:
            fields, withheld, ending, more, gone = {}, (), {}, (), ALL_GONE
        if self.partless:
            fields, ending = without_part(fields), without_part(ending)
        # By place: by name it costs four times as much, and every line comes this way.
        return ShownEntry(
            entry.id,
            entry.agency,
            _true_type(entry, fields) if entry.restricted else entry.type,
            entry.occurred_at,
            entry.precision,
            recorded_at,
            msgspec.Raw(entry.open),
            fields,
            completed.entry.ended_at if completed else entry.ended_at,
            entry.ongoing and completed is None,
            entry.learned_at,
            _SAYS[standing],
            _change(standing, changed) if changed else None,
            ending,
            (*withheld, *(w for w in more if w not in withheld)) if more else withheld,
            gone.erased,
            tuple(sorted(gone.withdrawn)) if gone.withdrawn else (),
            WHOLE if self.partless and entry.strand == HAS_HARMED else entry.strand,
            self._dispute(entry.id) if self.disputed else None,
            self._restriction(entry) if self.restrictions else None,
            self._lifted(entry.id) if self.lifted else None,
        )

    def _named(self, line: Line) -> ShownEntry:
        """An entry that is not read for this purpose: that it is there, whose, when, and why it is not."""
        record, entry, recorded_at, standing, changed, _ = line
        try:
            said = self._fields(record, entry)[0].get(IDENTITY)
        except CannotUnseal:
            said = None
        return ShownEntry(
            entry.id,
            entry.agency,
            entry.type,
            entry.occurred_at,
            entry.precision,
            recorded_at,
            NOTHING_SAID,
            _found_by(said),
            standing=_SAYS[standing],
            change=Change(standing.value, changed.recorded_at) if changed else None,
            strand=WHOLE if self.partless and entry.strand == HAS_HARMED else entry.strand,
            dispute=self._dispute(entry.id) if self.disputed else None,
            restriction=self._restriction(entry),
        )

    def _restriction(self, entry: Entry) -> Restriction | None:
        found = self.restrictions.get(entry.id)
        if found is None:
            return None
        record, said = found
        unread, purposes = entry.id in self.unread, self.policy.roles[self.role].purposes
        return Restriction(
            said.since,
            said.ground.value,
            said.by.agency,
            self.policy.contacts[Agency(entry.agency)],
            self._why(record, said.by, said.entry, said.reason),
            unread,
            tuple(sorted(filter(self.policy.reads_restricted, purposes))) if unread else (),
        )

    def _lifted(self, entry: UUID) -> Lifted | None:
        found = self.lifted.get(entry)
        if found is None:
            return None
        record, (was, until, said) = found
        why, told = (self._why(record, said.by, entry, each) for each in (said.reason, said.told))
        return Lifted(was.since, until, was.ground.value, said.by.agency, why, told)

    def _why(self, record: UUID, by: By, entry: UUID, reason: Envelope) -> str:
        """What somebody wrote about an entry; empty where it is another agency's and not read."""
        if not self.reads_why(by, reason):
            return ""
        return opened_reason(self._records.keys, record, entry, reason, remember=self.glass is None)

    def reads_why(self, by: By, reason: Envelope) -> bool:
        """Whether this reader reads a reason that somebody wrote: words of that person's agency."""
        return reason.scope in self._reads.get(by.agency, ())

    def _dispute(self, entry: UUID) -> Dispute | None:
        found = self.disputed.get(entry)
        if found is None:
            return None
        record, at, event = found
        return Dispute(at, event.by.agency, self._why(record, event.by, entry, event.reason))

    def _fields(
        self, record: UUID, entry: Entry
    ) -> tuple[dict[str, msgspec.Raw], tuple[Withheld, ...], Gone]:
        """What is opened of an entry, what is withheld, and what of it cannot be opened by anyone."""
        agency = entry.agency
        owner = key_owner(record, entry.strand) if entry.strand else record
        opening = (self._openings.get(owner) or self._of(record, entry.strand))[agency]
        fields, shut = opening.open(entry.id, entry.type, entry.envelopes)
        gone = NOTHING_GONE
        if len(fields) + len(shut) < len(entry.envelopes):
            gone = self._gone(owner, {e.scope for e in entry.envelopes}.difference(fields, shut))
        if OTHER_CHILD in fields and self._works_with_other(fields[OTHER_CHILD], agency):
            del fields[OTHER_CHILD]
        if self._address_shut and THIRD_PARTY in fields:
            _strike_places(fields)
        # What of this entry the policy lets the reader know of, and whom to ring.
        known = self._knows[agency]
        if known.isdisjoint(shut):
            return fields, (), gone
        return fields, tuple([self._withheld(s, agency) for s in shut if s in known]), gone

    def _gone(self, record: UUID, scopes: AbstractSet[str]) -> Gone:
        """Scopes this reader would read, and that open for nobody: withdrawn by their holder, or erased."""
        standing = self._keys_of.get(record)
        if standing is None:
            keys = self._records.keys.standing(record)
            standing = self._keys_of[record] = frozenset(key.scope for key in keys if not key.destroyed_at)
        withdrawn = standing & scopes & self._records.keys.withdrawn
        return Gone(withdrawn != scopes, withdrawn)

    def _of(self, record: UUID, strand: str) -> Mapping[str, Opening[msgspec.Raw]]:
        """What opens each agency's entries of a strand; shared by agencies whose words are read alike.

        What broken glass opens is not kept: each look unwraps its keys anew (security.md 2.3).
        """
        keys, remember = self._records.keys, self.glass is None
        alike = {
            reads: Opener(keys, record, reads, msgspec.Raw, remember=remember).opening(strand)
            for reads in set(self._reads.values())
        }
        found = self._openings[key_owner(record, strand)] = {
            agency: alike[reads] for agency, reads in self._reads.items()
        }
        return found

    def _withheld(self, scope: str, agency: str) -> Withheld:
        return Withheld(scope, agency, self.policy.contacts[Agency(agency)])

    def _works_with_other(self, body: msgspec.Raw, provider: str) -> bool:
        """True where the reader also works with a child whom this entry names (rule 2)."""
        linked = [UUID(hex=link["child"]) for link in _decode(body).get("children", ())]
        rule = self.policy.relationship
        return any(
            allocated(other, self._reader.by, self.now, rule)
            and not agreed(self._standing, (each.id for each in other), self.now)
            and self.decision(OTHER_CHILD, provider, works_with_other=True).tier is not Tier.READ
            for other in map(self._records.person, linked)
        )


OURS = "hub"
"""What people record here names the child by the record's own id, which no agency holds."""


def who_is(lines: Sequence[ShownEntry]) -> dict[str, Any]:
    """Who the child is, as the entries this reader may read say it; the latest word on each field stands."""
    who: dict[str, Any] = {}
    identifiers: dict[tuple[str, str], Mapping[str, str]] = {}
    for raw in _last_said(lines):
        said = _decode(raw)
        for identifier in said.pop("identifiers", ()):
            if identifier["system"] != OURS:
                identifiers[identifier["system"], identifier["value"]] = identifier
        who.update({name: value for name, value in said.items() if name in WHO})
    return {**who, "identifiers": [identifiers[key] for key in sorted(identifiers)]} if identifiers else who


def _found_by(said: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    """By what a child is found, of what an entry says of who they are; empty where it says nothing such."""
    known = {name: value for name, value in _decode(said).items() if name in FOUND_BY} if said else {}
    return {IDENTITY: msgspec.Raw(encode(known))} if known else {}


def _last_said(lines: Sequence[ShownEntry]) -> Iterable[bytes]:
    """What standing entries say of who and where, each once, in the order of its last saying."""
    said: dict[bytes, None] = {}
    later: dict[str, tuple[msgspec.Raw | None, msgspec.Raw | None]] = {}
    for line in reversed(lines):
        if line.standing != CURRENT:
            continue
        fields = line.fields
        who = fields.get(IDENTITY), fields.get(WHEREABOUTS)
        if later.get(line.agency) != who:
            later[line.agency] = who
            for raw in who:
                if raw is not None:
                    said.setdefault(bytes(raw))
    return reversed(said)


@cache
def _scopes_of(type_: str) -> Mapping[str, Scope]:
    """The fields of a type that are read in a scope of their own, whatever the type's."""
    marks = field_marks(TYPE_BY_NAME[type_])
    return {name: mark.scope for name, mark in marks.items() if isinstance(mark.scope, Scope)}


def _strike_places(fields: dict[str, msgspec.Raw]) -> None:
    """Leave out the places where the child lives, is placed or schooled, as if they had not been said."""
    said = _decode(fields[THIRD_PARTY])
    kept = [place for place in said.pop("places", ()) if place["kind"] not in WHERE]
    left = {**said, "places": kept} if kept else said
    if left:
        fields[THIRD_PARTY] = msgspec.Raw(encode(left))
    else:
        del fields[THIRD_PARTY]


def _true_type(entry: Entry, fields: Mapping[str, msgspec.Raw]) -> str:
    for raw in fields.values():
        type_ = _decode(raw).get("type")
        if type_:
            return str(type_)
    return entry.type


def _change(standing: Standing, changed: Kept) -> Change:
    said = _decode(changed.entry.open)
    return Change(standing.value, changed.recorded_at, said.get("reason"))


def _day(at: datetime) -> datetime:
    return at.astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0)


def _open_to(standing: tuple[Child, ...], reader: By, accounts: Accounts) -> None:
    """Raise Barred where a record is barred to this person; Hidden where it is sealed, or not shared."""
    bar = bar_of(standing, reader, accounts)
    if bar is not None:
        raise bar
    if barred(standing, reader):
        raise Hidden(Rule.CLOSED)
