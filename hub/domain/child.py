"""The child: an aggregate rebuilt from what agencies said, what people decided, and who was shown what."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from hub.domain.access import EVOLVE_ACCESS, Access, AnyAccessEvent, said_of_two
from hub.domain.by import Accounts, same_person
from hub.domain.by import By as By  # noqa: PLC0414 — named here by all who read and write records
from hub.domain.by import ChildEvent as ChildEvent  # noqa: PLC0414
from hub.domain.entry import Entry, Envelope, Relation
from hub.domain.entry import Kept as Kept  # noqa: PLC0414 — named here by all who read records
from hub.domain.growing import Growing
from hub.domain.sealed_again import sealed_again
from hub.domain.strand import WHOLE
from hub.errors import Refused


class FlagDecision(StrEnum):
    """What a person decided about a flag (patterns.md: its life)."""

    ACTED_ON = "acted-on"
    HELD_BY_PLAN = "known-and-held-by-a-plan"
    NOT_A_CONCERN = "not-a-concern"


class RestrictionGround(StrEnum):
    """Why the processing of an entry is restricted (UK GDPR art. 18(1)(a) to (d))."""

    ACCURACY = "accuracy-contested"
    UNLAWFUL = "unlawful"
    CLAIM = "needed-for-a-legal-claim"
    OBJECTION = "objection-pending"


# ------------------------------------------------------------------ events


class Registered(ChildEvent, frozen=True, tag="registered"):
    """The hub opened a record of this child, and why (`first-event`, `linked-by-another`, `provisional`).

    `known_as`: the identifiers another child's event named them by, sealed under their own identity.
    """

    because: str
    known_as: Envelope | None = None


class EntryRecorded(ChildEvent, frozen=True, tag="recorded"):
    """An agency's case event was taken into this child's record, or a person's act (`by`) was."""

    entry: Entry
    by: By | None = None


class EntryCorrected(ChildEvent, frozen=True, tag="corrected"):
    """The agency said an earlier entry again, differently; both stay."""

    entry: Entry
    by: By | None = None


class EpisodeCompleted(ChildEvent, frozen=True, tag="completed"):
    """An ongoing episode came to its end."""

    entry: Entry
    by: By | None = None


class EntryWithdrawn(ChildEvent, frozen=True, tag="withdrawn"):
    """The agency took an earlier entry back; it stays, struck through."""

    entry: Entry
    by: By | None = None


class ChildLinked(ChildEvent, frozen=True, tag="linked"):
    """An entry names another child; the pointer is sealed, only the entry's id is said here."""

    entry: UUID
    pointer: Envelope


class RecordJoined(ChildEvent, frozen=True, tag="joined"):
    """A person confirmed that another record is of this same child; it is now read with this one."""

    other: UUID
    question: UUID | None
    by: By
    reason: Envelope


class RecordJoinedInto(ChildEvent, frozen=True, tag="joined-into"):
    """The counterpart of RecordJoined on the other record."""

    survivor: UUID
    question: UUID | None
    by: By


class RecordParted(ChildEvent, frozen=True, tag="parted"):
    """A joining was undone; each record is read on its own again. Stands on both records."""

    other: UUID
    by: By
    reason: Envelope


class EntriesSplitOff(ChildEvent, frozen=True, tag="split-off"):
    """Entries were found to be another child's; they are read there, re-sealed under that child's keys."""

    entries: tuple[UUID, ...]
    to: UUID
    by: By
    reason: Envelope


class EntrySplitIn(ChildEvent, frozen=True, tag="split-in"):
    """An entry that had stood on another child's record."""

    entry: Entry
    origin: UUID
    first_recorded_at: datetime
    by: By | None = None
    """Whose act it is; of before that went with it, nobody's."""


class PractitionerAllocated(ChildEvent, frozen=True, tag="allocated"):
    """A practitioner works with this child until `until` (None: until ended).

    `since`: not before then (None: at once).
    """

    practitioner: By
    until: datetime | None
    by: By
    since: datetime | None = None
    strand: str = WHOLE
    """The strand they work on, and not on the other; WHOLE: on all that is kept of the child."""


class AllocationEnded(ChildEvent, frozen=True, tag="allocation-ended"):
    """The practitioner no longer works with this child, or on this strand."""

    practitioner: By
    by: By
    strand: str = WHOLE


class FlagAcknowledged(ChildEvent, frozen=True, tag="flag-acknowledged"):
    """A named person has seen the flag."""

    flag: UUID
    by: By


class FlagReviewed(ChildEvent, frozen=True, tag="flag-reviewed"):
    """A named person decided about the flag, and said why. `evidence` is what stood under it then."""

    flag: UUID
    decision: FlagDecision
    evidence: tuple[UUID, ...]
    by: By
    reason: Envelope


class FlagReleased(ChildEvent, frozen=True, tag="flag-released"):
    """The coordinator lets named roles see the flag in the rule's fixed words (security.md 3.6)."""

    flag: UUID
    roles: tuple[str, ...]
    by: By
    reason: Envelope
    pattern: str = ""
    """The rule whose words may be seen. Releases of before it was said here (0.1) show nothing any more."""


class FlagReleaseEnded(ChildEvent, frozen=True, tag="flag-release-ended"):
    """The coordinator took a release back: its words are seen no longer by those it was released to."""

    flag: UUID
    by: By
    reason: Envelope


class FlagOwned(ChildEvent, frozen=True, tag="flag-owned"):
    """A named person has the flag in hand from now on; `by` gave it to them, or took it."""

    flag: UUID
    owner: By
    by: By


class FlagDisagreed(ChildEvent, frozen=True, tag="flag-disagreed"):
    """A named person does not agree with the flag, or with what was decided about it, and said why."""

    flag: UUID
    by: By
    reason: Envelope


class FlagRenewed(ChildEvent, frozen=True, tag="flag-renewed"):
    """A named person found that the flag still matters: it stands for another term, and said why."""

    flag: UUID
    by: By
    reason: Envelope


class OneIncident(ChildEvent, frozen=True, tag="one-incident"):
    """A named person said that entries near in time tell of one incident (patterns.md 3.1, point 2)."""

    entries: tuple[UUID, ...]
    by: By
    reason: Envelope | None = None


class TwoIncidents(ChildEvent, frozen=True, tag="two-incidents"):
    """A named person said that none of `entries` tells of an incident that one of `others` tells of."""

    entries: tuple[UUID, ...]
    others: tuple[UUID, ...]
    by: By
    reason: Envelope


class StoodOn(msgspec.Struct, frozen=True, array_like=True):
    """What an answer was drawn from, beside the record itself: enough to draw it again (decision 51).

    `programs` is a digest of the code that drew it, `rules` of the partnership's numbers and procedures;
    `beside` the versions of records read with this one; `heard` when each agency was last heard.
    `recorded` is the store's last position then, `drawn` that of the last event the projections had drawn.
    """

    programs: str
    rules: str = ""
    beside: tuple[tuple[UUID, int], ...] = ()
    heard: Mapping[str, datetime] = {}
    recorded: int | None = None
    drawn: int | None = None


class Disclosed(ChildEvent, frozen=True, tag="disclosed"):
    """The record was shown, recorded before it was shown (decision 1; DPA 2018 s.62 for police).

    `version` is the record's version that was shown, `digest` of what was shown; `policy` the version
    of the rules; `known_at` the moment asked about, where it was not now; `drawn_at` when it was drawn;
    `glass` under which breaking, where there was no relationship; `stood_on` what else it was drawn from.
    """

    reader: By
    purpose: str
    basis: str
    policy: str
    question: str
    scopes: tuple[str, ...]
    version: int
    known_at: datetime | None
    digest: bytes
    drawn_at: datetime | None = None
    glass: UUID | None = None
    stood_on: StoodOn | None = None
    asked: Mapping[str, str] = {}
    """What was asked beside the child, for who draws it again: of which event, of which moment."""


class KeysDestroyed(ChildEvent, frozen=True, tag="keys-destroyed"):
    """What was sealed in these scopes (None: everything, this record's own past too) can be read by nobody.

    The erasure's reason stands in the hub's own stream of disposals.
    """

    erasure: UUID
    scopes: tuple[str, ...] | None
    authority: str
    asked_by: By
    confirmed_by: By


class EntryDisputed(ChildEvent, frozen=True, tag="entry-disputed"):
    """Somebody says that an entry is not right: the child, a parent, another agency; `by` recorded it.

    The entry stands, and the rules go on seeing it: who reads it, or a flag that rests on it, sees the mark.
    `since` goes with the entry where it is split off to another record (None: from now on).
    """

    entry: UUID
    by: By
    reason: Envelope
    since: datetime | None = None


class DisputeSettled(ChildEvent, frozen=True, tag="dispute-settled"):
    """The agency whose entry it is answered: it stands as it is, or was corrected, and why."""

    entry: UUID
    by: By
    reason: Envelope


class ProcessingRestricted(ChildEvent, frozen=True, tag="processing-restricted"):
    """The processing of an entry is restricted (UK GDPR art. 18): kept and named, read to protect a child.

    `by` decided it. `since` goes with the entry where it is split off to another record (decision 86).
    """

    entry: UUID
    ground: RestrictionGround
    since: datetime
    by: By
    reason: Envelope


class RestrictionLifted(ChildEvent, frozen=True, tag="restriction-lifted"):
    """The restriction has ended, why, and who was told of it before (art. 18(3)), or why nobody was."""

    entry: UUID
    by: By
    reason: Envelope
    told: Envelope


class RestrictionKept(ChildEvent, frozen=True, tag="restriction-kept"):
    """The agency that restricted the processing of an entry looked again: it is still needed, and why."""

    entry: UUID
    by: By
    reason: Envelope


class AnswersWanted(ChildEvent, frozen=True, tag="answers-wanted"):
    """A copy of the record was prepared: each of these agencies is to say whether its words may go out."""

    request: UUID
    agencies: tuple[str, ...]
    due: date
    by: By


class AnswerHeard(ChildEvent, frozen=True, tag="answer-heard"):
    """One of them said so; what, stands with the request. `by` recorded it."""

    request: UUID
    agency: str
    by: By


class AnswersNoLongerWanted(ChildEvent, frozen=True, tag="answers-no-longer-wanted"):
    """The copy was handed out, or is not."""

    request: UUID
    by: By


class PartShown(ChildEvent, frozen=True, tag="part-shown"):
    """A review by people said until when the part is shown that this child had, as one who has harmed.

    `until`: the last day, in London; None: no longer. `entry` is the act that says so, and why.
    """

    entry: UUID
    until: date | None
    by: By


class KeysRenewed(ChildEvent, frozen=True, tag="keys-renewed"):
    """On suspicion that somebody has them, what is sealed in these scopes is from now on under new keys.

    The reason names no one who is not an official.
    """

    scopes: tuple[str, ...]
    reason: str
    by: By


class Resealed(ChildEvent, frozen=True, tag="resealed"):
    """What older keys of the child had sealed is sealed again under newer ones; it says what it said.

    `envelopes`: by the mark of each envelope that was, the one that is read in its place from now on, also of
    the past (decision 74). The reason names no one who is not an official.
    """

    scopes: tuple[str, ...]
    envelopes: tuple[tuple[bytes, bytes], ...]
    reason: str
    by: By


class Erased(ChildEvent, frozen=True, tag="erased"):
    """Stands where an event was whose key is destroyed: only that there was one is left. Never stored."""


ERASED_AT = datetime.min.replace(tzinfo=UTC)
"""When an erased event was recorded: nobody can say any more."""


AnyChildEvent = (
    Registered
    | EntryRecorded
    | EntryCorrected
    | EpisodeCompleted
    | EntryWithdrawn
    | ChildLinked
    | RecordJoined
    | RecordJoinedInto
    | RecordParted
    | EntriesSplitOff
    | EntrySplitIn
    | PractitionerAllocated
    | AllocationEnded
    | FlagAcknowledged
    | FlagReviewed
    | FlagReleased
    | FlagReleaseEnded
    | FlagOwned
    | FlagDisagreed
    | FlagRenewed
    | OneIncident
    | TwoIncidents
    | Disclosed
    | KeysDestroyed
    | KeysRenewed
    | Resealed
    | EntryDisputed
    | DisputeSettled
    | ProcessingRestricted
    | RestrictionLifted
    | RestrictionKept
    | PartShown
    | AnswersWanted
    | AnswerHeard
    | AnswersNoLongerWanted
    | AnyAccessEvent
)

FlagAct = (
    FlagAcknowledged
    | FlagReviewed
    | FlagReleased
    | FlagReleaseEnded
    | FlagOwned
    | FlagDisagreed
    | FlagRenewed
)
"""What people do about a flag."""

IncidentAct = OneIncident | TwoIncidents
"""What people say of entries near in time: the latest word on two entries holds."""

EntryEvent = EntryRecorded | EntryCorrected | EpisodeCompleted | EntryWithdrawn

ENTRY_EVENTS: dict[Relation, type[EntryEvent]] = {
    Relation.NEW: EntryRecorded,
    Relation.CORRECTS: EntryCorrected,
    Relation.COMPLETES: EpisodeCompleted,
    Relation.WITHDRAWS: EntryWithdrawn,
}


# ------------------------------------------------------------------ state


COPIED = (
    *("entries", "sources", "links", "joined", "joined_at", "parted"),
    *("split_off", "split_off_at", "came_from", "allocations", "worked", "begins", "allocated_at", "strands"),
    *("disputed", "answered", "restrictions", "looked_at", "lifted", "wanted"),
)

BARE = frozenset(("sources", "disclosures", "erasures"))
"""What may be long and holds no envelope."""


@dataclass(slots=True)
class Child:
    """A child's record as it stands after its events. It holds sealed bytes only."""

    id: UUID
    version: int = 0
    told: int = 0
    """How many events have changed what rules see of the chronology: being shown does not."""
    registered_at: datetime | None = None
    known_as: Envelope | None = None
    entries: Growing[UUID, Kept] = field(default_factory=Growing)
    sources: Growing[bytes, bytes] = field(default_factory=Growing)
    links: list[ChildLinked] = field(default_factory=list)
    joined: set[UUID] = field(default_factory=set)
    joined_into: UUID | None = None
    parted: dict[UUID, tuple[datetime, datetime]] = field(default_factory=dict)
    """Records that were once read with this one and no longer are: from when until when, the last time."""
    joined_at: dict[UUID, datetime] = field(default_factory=dict)
    split_off: dict[UUID, UUID] = field(default_factory=dict)
    split_off_at: dict[UUID, datetime] = field(default_factory=dict)
    came_from: dict[UUID, datetime] = field(default_factory=dict)
    """Records from which entries were moved to this one, and when the last time."""
    allocations: dict[By, PractitionerAllocated] = field(default_factory=dict)
    worked: dict[By, datetime | None] = field(default_factory=dict)
    """Who works or worked with the child, and until when (None: no end set)."""
    begins: dict[By, datetime] = field(default_factory=dict)
    """From when, where that is not at once."""
    allocated_at: dict[By, datetime] = field(default_factory=dict)
    """When it was said, the last time."""
    strands: dict[By, frozenset[str]] = field(default_factory=dict)
    """On which strands they work or worked."""
    stranded: bool = False
    """Whether any entry is of a strand."""
    restricted: bool = False
    """Whether any entry is of a restricted type."""
    access: Access = field(default_factory=Access)
    flags: dict[UUID, list[tuple[datetime, ChildEvent]]] = field(default_factory=dict)
    incidents: list[tuple[datetime, IncidentAct]] = field(default_factory=list)
    """What people said of entries near in time, in the order they said it."""
    disclosures: list[tuple[datetime, Disclosed]] = field(default_factory=list)
    erasures: list[tuple[datetime, KeysDestroyed]] = field(default_factory=list)
    disputed: dict[UUID, tuple[datetime, EntryDisputed]] = field(default_factory=dict)
    """Entries of which somebody says that they are not right, and since when."""
    answered: dict[UUID, tuple[datetime, datetime]] = field(default_factory=dict)
    """Entries that were disputed and whose agency answered: since when, and when; the last time."""
    restrictions: dict[UUID, ProcessingRestricted] = field(default_factory=dict)
    """Entries whose processing is restricted (art. 18); `restricted` above is of types, another matter."""
    part_shown: tuple[datetime, PartShown] | None = None
    """What the last review said of the part the child had, as one who has harmed, and when."""
    looked_at: dict[UUID, datetime] = field(default_factory=dict)
    """When it was last said of a restriction that stands that it is still needed."""
    wanted: dict[UUID, tuple[datetime, date, frozenset[str]]] = field(default_factory=dict)
    """Of copies that are prepared: since when, until which day, and which agencies have not answered yet."""
    lifted: dict[UUID, tuple[ProcessingRestricted, datetime, RestrictionLifted]] = field(default_factory=dict)
    """Entries whose processing was restricted, when that was lifted, and how; the last time."""

    def copy(self) -> "Child":
        """Copy the state, so that events can be folded into the copy while others read this one."""
        copied = copy(self)
        for name in COPIED:
            setattr(copied, name, copy(getattr(self, name)))
        copied.flags = {flag: list(events) for flag, events in self.flags.items()}
        copied.incidents = list(self.incidents)
        copied.disclosures = list(self.disclosures)
        copied.erasures = list(self.erasures)
        copied.access = self.access.copy()
        return copied


def last_review(records: Iterable[Child]) -> tuple[datetime, PartShown] | None:
    """What the last review said of the part that a child had, on all records read as this child, and when."""
    found = [child.part_shown for child in records if child.part_shown is not None]
    return max(found, key=lambda one: one[0], default=None)


def restrictions_of(records: Iterable[Child]) -> frozenset[UUID]:
    """The entries of these records whose processing is restricted."""
    return frozenset(entry for child in records for entry in child.restrictions)


# ------------------------------------------------------------------ decide


def take(child: Child, entry: Entry) -> list[AnyChildEvent]:
    """Take an entry in, once. A resend changes nothing.

    Raises Refused where the same source event came before with other content.
    """
    known = child.sources.get(entry.source)
    if known is not None:
        if known != entry.digest:
            raise Refused("conflicting-resend")
        return []
    return [*([] if child.version else [Registered(because="first-event")]), entry_event(entry)]


def entry_event(entry: Entry, by: By | None = None) -> EntryEvent:
    """The event that takes this entry in: recorded, corrected, completed or withdrawn.

    `by` is the person whose act it is; agencies' events have none.
    """
    kind = EntryRecorded if entry.relation is Relation.NEW else ENTRY_EVENTS[entry.relation]
    return kind(entry=entry, by=by)


def join(child: Child, other: Child, question: UUID | None, by: By, reason: Envelope) -> list[AnyChildEvent]:
    """Read `other` with this record from now on. Raises Refused where either is joined already."""
    if other.id == child.id or other.joined_into or child.joined_into:
        raise Refused("records-already-joined")
    return [RecordJoined(other=other.id, question=question, by=by, reason=reason)]


def joined_with(child: Child, other: UUID) -> bool:
    """Whether a record says that it is read as one with the other. An erased one says it no more."""
    return other in child.joined or child.joined_into == other


def part(child: Child, other: UUID, by: By, reason: Envelope) -> list[AnyChildEvent]:
    """Undo a joining. Raises Refused where the two are not joined."""
    if not joined_with(child, other):
        raise Refused("records-not-joined")
    return [RecordParted(other=other, by=by, reason=reason)]


def split_off(
    child: Child, entries: tuple[UUID, ...], to: UUID, by: By, reason: Envelope
) -> list[AnyChildEvent]:
    """Send entries to the record they belong to. Raises Refused for an entry that is not here."""
    if not entries or any(e not in child.entries or e in child.split_off for e in entries):
        raise Refused("entry-not-on-this-record")
    return [EntriesSplitOff(entries=entries, to=to, by=by, reason=reason)]


def show_part(child: Child, said: PartShown) -> list[AnyChildEvent]:
    """Record until when a part is shown; twice by one act changes nothing."""
    return [] if child.part_shown is not None and child.part_shown[1] == said else [said]


def dispute(child: Child, disputed: EntryDisputed) -> list[AnyChildEvent]:
    """Mark an entry as disputed; while it is, again changes nothing. Raises Refused for one not here."""
    if disputed.entry not in child.entries or disputed.entry in child.split_off:
        raise Refused("entry-not-on-this-record")
    return [] if disputed.entry in child.disputed else [disputed]


def settle_dispute(child: Child, settled: DisputeSettled, accounts: Accounts = ()) -> list[AnyChildEvent]:
    """Take the mark off. Raises Refused where there is none, or by who recorded it."""
    found = child.disputed.get(settled.entry)
    if found is None:
        raise Refused("this entry is not disputed")
    if same_person(found[1].by, settled.by, accounts):
        raise Refused("nobody settles what they disputed themselves: a second person does")
    return [settled]


def restrict(child: Child, said: ProcessingRestricted) -> list[AnyChildEvent]:
    """Restrict the processing of an entry; while it is, again changes nothing. Raises Refused for none."""
    if said.entry not in child.entries or said.entry in child.split_off:
        raise Refused("entry-not-on-this-record")
    return [] if said.entry in child.restrictions else [said]


def keep_restriction(child: Child, kept: RestrictionKept) -> list[AnyChildEvent]:
    """Record that a restriction is still needed. Raises Refused where there is none."""
    if kept.entry not in child.restrictions:
        raise Refused("the processing of this entry is not restricted")
    return [kept]


def lift_restriction(child: Child, lifted: RestrictionLifted, accounts: Accounts = ()) -> list[AnyChildEvent]:
    """Lift a restriction. Raises Refused where there is none, or by who decided on it."""
    found = child.restrictions.get(lifted.entry)
    if found is None:
        raise Refused("the processing of this entry is not restricted")
    if same_person(found.by, lifted.by, accounts):
        raise Refused("nobody lifts what they restricted themselves: a second person does")
    return [lifted]


def allocate(
    child: Child,
    practitioner: By,
    until: datetime | None,
    by: By,
    since: datetime | None = None,
    strand: str = WHOLE,
) -> list[AnyChildEvent]:
    """Record that a practitioner works with this child, or on one strand; saying it twice changes nothing.

    Raises Refused where it would end before it begins.
    """
    if until is not None and since is not None and until <= since:
        raise Refused("ends-before-it-begins")
    standing = child.allocations.get(practitioner)
    same = standing is not None and (standing.until, standing.since) == (until, since)
    if same and strand in child.strands[practitioner]:
        return []
    return [PractitionerAllocated(practitioner=practitioner, until=until, by=by, since=since, strand=strand)]


def end_allocation(child: Child, practitioner: By, by: By, strand: str = WHOLE) -> list[AnyChildEvent]:
    """Record that the work ended, all of it or on one strand. Raises Refused where there is no such work."""
    if practitioner not in child.allocations or strand not in (WHOLE, *child.strands[practitioner]):
        raise Refused("not-allocated")
    return [AllocationEnded(practitioner=practitioner, by=by, strand=strand)]


def acknowledge_flag(child: Child, flag: UUID, by: By) -> list[AnyChildEvent]:
    """Record that a named person has seen the flag; twice by the same person changes nothing."""
    seen = any(isinstance(e, FlagAcknowledged) and e.by == by for _, e in child.flags.get(flag, ()))
    return [] if seen else [FlagAcknowledged(flag=flag, by=by)]


def review_flag(
    flag: UUID, decision: FlagDecision, evidence: tuple[UUID, ...], by: By, reason: Envelope
) -> list[AnyChildEvent]:
    """Record what a person decided about a flag; they may decide again."""
    return [FlagReviewed(flag=flag, decision=decision, evidence=evidence, by=by, reason=reason)]


def own_flag(child: Child, flag: UUID, owner: By, by: By) -> list[AnyChildEvent]:
    """Record who has the flag in hand; saying it twice changes nothing."""
    owners = [e.owner for _, e in child.flags.get(flag, ()) if isinstance(e, FlagOwned)]
    return [] if owners[-1:] == [owner] else [FlagOwned(flag=flag, owner=owner, by=by)]


def disagree_with_flag(flag: UUID, by: By, reason: Envelope) -> list[AnyChildEvent]:
    """Record that somebody does not agree; they may say it again, in other words."""
    return [FlagDisagreed(flag=flag, by=by, reason=reason)]


def renew_flag(flag: UUID, by: By, reason: Envelope) -> list[AnyChildEvent]:
    """Record that the flag still matters."""
    return [FlagRenewed(flag=flag, by=by, reason=reason)]


def release_flag(
    flag: UUID, pattern: str, roles: tuple[str, ...], by: By, reason: Envelope
) -> list[AnyChildEvent]:
    """Record to which roles the flag's fixed words may be shown. Raises Refused where none is named."""
    if not roles:
        raise Refused("to which roles?")
    return [FlagReleased(flag=flag, roles=roles, by=by, reason=reason, pattern=pattern)]


def end_release(child: Child, flag: UUID, by: By, reason: Envelope) -> list[AnyChildEvent]:
    """Record that a release is taken back. Raises Refused where the flag is not released."""
    acts = [e for _, e in child.flags.get(flag, ()) if isinstance(e, FlagReleased | FlagReleaseEnded)]
    if not acts or isinstance(acts[-1], FlagReleaseEnded):
        raise Refused("the flag is not released to anybody")
    return [FlagReleaseEnded(flag=flag, by=by, reason=reason)]


def one_incident(entries: tuple[UUID, ...], by: By, reason: Envelope | None) -> list[AnyChildEvent]:
    """Record that entries tell of one incident. Raises Refused for fewer than two."""
    if len(set(entries)) < 2:  # noqa: PLR2004 — one entry is one incident, whoever says so
        raise Refused("one incident of which entries? name two at least")
    return [OneIncident(entries=entries, by=by, reason=reason)]


def two_incidents(
    entries: tuple[UUID, ...], others: tuple[UUID, ...], by: By, reason: Envelope
) -> list[AnyChildEvent]:
    """Record that entries tell of another incident than others. Raises Refused where an entry is in both."""
    if not entries or not others or set(entries) & set(others):
        raise Refused("which entries tell of the other incident? some, and not all")
    return [TwoIncidents(entries=entries, others=others, by=by, reason=reason)]


# ------------------------------------------------------------------ evolve


def evolve(child: Child, event: Any, at: datetime) -> None:
    """Change the state by one event that happened. Never decides; an event is never refused here."""
    child.version += 1
    changes = EVOLVE_ACCESS.get(type(event))
    if changes is not None:
        changes(child.access, event, at)
    else:
        _EVOLVE[type(event)](child, event, at)


def _registered(child: Child, event: Registered, at: datetime) -> None:
    child.registered_at, child.known_as = at, event.known_as


def _entry(child: Child, event: EntryEvent, at: datetime) -> None:
    child.told += 1
    entry = event.entry
    child.entries[entry.id] = Kept(entry, at, event.by)
    child.sources[entry.source] = entry.digest
    child.stranded = child.stranded or entry.strand != WHOLE
    child.restricted = child.restricted or entry.restricted


def _linked(child: Child, event: ChildLinked, _: datetime) -> None:
    child.links.append(event)


def _joined(child: Child, event: RecordJoined, at: datetime) -> None:
    child.joined.add(event.other)
    child.joined_at[event.other] = at


def _joined_into(child: Child, event: RecordJoinedInto, _: datetime) -> None:
    child.joined_into = event.survivor


def _parted(child: Child, event: RecordParted, at: datetime) -> None:
    if event.other in child.joined:
        since = child.joined_at[event.other]
        child.parted[event.other] = (since, at)
        said_of_two(child.access, since, at)
    child.joined.discard(event.other)
    if child.joined_into == event.other:
        child.joined_into = None


def _split_off(child: Child, event: EntriesSplitOff, at: datetime) -> None:
    child.told += 1
    child.split_off.update(dict.fromkeys(event.entries, event.to))
    child.split_off_at.update(dict.fromkeys(event.entries, at))
    for entry in event.entries:
        child.restrictions.pop(entry, None)
        child.disputed.pop(entry, None)


def _split_in(child: Child, event: EntrySplitIn, at: datetime) -> None:
    child.told += 1
    child.split_off.pop(event.entry.id, None)
    child.split_off_at.pop(event.entry.id, None)
    child.came_from[event.origin] = at
    child.entries[event.entry.id] = Kept(event.entry, at, event.by)
    child.sources[event.entry.source] = event.entry.digest
    child.stranded = child.stranded or event.entry.strand != WHOLE
    child.restricted = child.restricted or event.entry.restricted


def _allocated(child: Child, event: PractitionerAllocated, at: datetime) -> None:
    before = child.strands[event.practitioner] if event.practitioner in child.allocations else frozenset()
    child.strands[event.practitioner] = before | {event.strand}
    child.allocations[event.practitioner] = event
    child.worked[event.practitioner] = event.until
    child.allocated_at[event.practitioner] = at
    if event.since is not None:
        child.begins[event.practitioner] = event.since
    else:
        child.begins.pop(event.practitioner, None)


def _allocation_ended(child: Child, event: AllocationEnded, at: datetime) -> None:
    left = child.strands.get(event.practitioner, frozenset()) - {event.strand}
    if event.strand != WHOLE and left:
        child.strands[event.practitioner] = left
        return
    child.allocations.pop(event.practitioner, None)
    child.worked[event.practitioner] = at


def _flag(child: Child, event: FlagAct, at: datetime) -> None:
    child.flags.setdefault(event.flag, []).append((at, event))


def _incident(child: Child, event: IncidentAct, at: datetime) -> None:
    child.told += 1
    child.incidents.append((at, event))


def _disclosed(child: Child, event: Disclosed, at: datetime) -> None:
    child.disclosures.append((at, event))


def _erased(_child: Child, _event: Erased, _at: datetime) -> None:
    """Nothing is left of it but its place."""


def _entry_disputed(child: Child, event: EntryDisputed, at: datetime) -> None:
    child.disputed[event.entry] = (event.since or at, event)


def _dispute_settled(child: Child, event: DisputeSettled, at: datetime) -> None:
    found = child.disputed.pop(event.entry, None)
    if found is not None:
        child.answered[event.entry] = found[0], at


def _restricted(child: Child, event: ProcessingRestricted, _: datetime) -> None:
    child.restrictions[event.entry] = event
    child.looked_at.pop(event.entry, None)


def _restriction_kept(child: Child, event: RestrictionKept, at: datetime) -> None:
    child.looked_at[event.entry] = at


def _restriction_lifted(child: Child, event: RestrictionLifted, at: datetime) -> None:
    found = child.restrictions.pop(event.entry, None)
    if found is not None:
        child.lifted[event.entry] = found, at, event


def _part_shown(child: Child, event: PartShown, at: datetime) -> None:
    child.part_shown = at, event


def _answers_wanted(child: Child, event: AnswersWanted, at: datetime) -> None:
    child.wanted[event.request] = at, event.due, frozenset(event.agencies)


def _answer_heard(child: Child, event: AnswerHeard, _: datetime) -> None:
    if event.request in child.wanted:
        since, due, agencies = child.wanted[event.request]
        child.wanted[event.request] = since, due, agencies - {event.agency}


def _no_longer_wanted(child: Child, event: AnswersNoLongerWanted, _: datetime) -> None:
    child.wanted.pop(event.request, None)


def _keys_renewed(_child: Child, _event: KeysRenewed, _at: datetime) -> None:
    """Which keys seal changes nothing that is known of the child."""


def _resealed(child: Child, event: Resealed, _: datetime) -> None:
    child.told += 1
    again = dict(event.envelopes)
    for name in (each.name for each in fields(child)):
        if name not in BARE:
            setattr(child, name, sealed_again(getattr(child, name), again))


def _keys_destroyed(child: Child, event: KeysDestroyed, at: datetime) -> None:
    """Forget what a rebuild could not read any more: both ways lead to the same state."""
    child.told += 1
    if event.scopes is None:
        bare = Child(child.id, child.version, child.told)
        for name in ("registered_at", "entries", "sources", "links", "joined", "joined_into", "split_off"):
            setattr(child, name, getattr(bare, name))
        child.known_as = child.part_shown = None
        child.disputed, child.answered, child.restrictions, child.lifted = {}, {}, {}, {}
        child.looked_at, child.wanted, child.came_from = {}, {}, {}
        for name in (
            "allocations",
            "worked",
            "allocated_at",
            "strands",
            "stranded",
            "restricted",
            "flags",
            "incidents",
        ):
            setattr(child, name, getattr(bare, name))
        child.disclosures, child.erasures = bare.disclosures, bare.erasures
    child.erasures.append((at, event))


_EVOLVE: dict[type, Callable[[Child, Any, datetime], None]] = {
    Registered: _registered,
    EntryRecorded: _entry,
    EntryCorrected: _entry,
    EpisodeCompleted: _entry,
    EntryWithdrawn: _entry,
    ChildLinked: _linked,
    RecordJoined: _joined,
    RecordJoinedInto: _joined_into,
    RecordParted: _parted,
    EntriesSplitOff: _split_off,
    EntrySplitIn: _split_in,
    PractitionerAllocated: _allocated,
    AllocationEnded: _allocation_ended,
    FlagAcknowledged: _flag,
    FlagReviewed: _flag,
    FlagReleased: _flag,
    FlagReleaseEnded: _flag,
    FlagOwned: _flag,
    FlagDisagreed: _flag,
    FlagRenewed: _flag,
    OneIncident: _incident,
    TwoIncidents: _incident,
    Disclosed: _disclosed,
    KeysDestroyed: _keys_destroyed,
    KeysRenewed: _keys_renewed,
    Resealed: _resealed,
    EntryDisputed: _entry_disputed,
    DisputeSettled: _dispute_settled,
    ProcessingRestricted: _restricted,
    RestrictionLifted: _restriction_lifted,
    RestrictionKept: _restriction_kept,
    PartShown: _part_shown,
    AnswersWanted: _answers_wanted,
    AnswerHeard: _answer_heard,
    AnswersNoLongerWanted: _no_longer_wanted,
    Erased: _erased,
}
