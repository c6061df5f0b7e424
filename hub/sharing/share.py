"""Shows a child's record to a reader: decided by policy, opened as far as permitted, recorded first."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.confidentiality.sealing import CannotUnseal
from hub.domain.calendar import LONDON
from hub.domain.child import By, Disclosed, Kept
from hub.domain.chronology import Line, Standing
from hub.domain.entry import Entry
from hub.domain.knowledge import Known, known_at
from hub.domain.timeline import Timeline
from hub.errors import NotAllowed, UnknownChild
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.flags import Flag
from hub.patterns.flags import flags as draw_flags
from hub.protocol.obligation import Situation as Pathed
from hub.protocol.pathway import pathway
from hub.protocol.worklist import Item, item
from hub.records import Records
from hub.records.reading import Opener, known_by
from hub.sharing.drawing import reviews_of
from hub.sharing.flagging import Raised, SharedFlag, released, shown
from hub.sharing.policy import Answer, Policy, Situation, Tier
from hub.sharing.relationship import allocated, related
from hub.sharing.view import Change, Found, Gap, SharedChronology, ShownEntry, Withheld, encode
from schemas.case_event import Identifier, field_marks
from schemas.catalogue import TYPE_BY_NAME, home_scope_of
from schemas.scope import SIGNALS, Scope
from schemas.vocabulary import Agency

WHO = ("name", "date_of_birth", "identifiers", "characteristics", "postcode", "address")
OTHER_CHILD = Scope.OTHER_CHILD.value
_decode = msgspec.json.Decoder().decode
NOBODY = UUID(int=2**128 - 1)
"""No child has this id. Asked about where nobody was found, so that both are refused alike."""


class Reader(NamedTuple):
    """Who asks, in which role, and for which purpose."""

    by: By
    purpose: str


class Share:
    """Answers one reader's question about one child, and records that it did."""

    def __init__(self, records: Records, policy: Callable[[], Policy], raised: Raised) -> None:
        self._records, self._policy, self._raised = records, policy, raised

    def chronology(self, reader: Reader, child: UUID, known_at: datetime | None = None) -> SharedChronology:
        """The chronology as this reader may see it, now or as it was known at a moment.

        Raises NotAllowed with the policy's reason where role or purpose give no right to ask; UnknownChild
        alike for a child that does not exist, is not this reader's, or shows them nothing.
        """
        view = _Look(self._records, self._policy(), reader, child, known_at)
        shared = view.shared()
        self._record(reader, view, encode(shared), "chronology")
        return shared

    def flags(self, reader: Reader, child: UUID) -> tuple[SharedFlag, ...]:
        """The flags on a child that this reader may see.

        To the coordinator as they were raised; to others drawn again from what they may read, and those
        that were released to their role (patterns.md 3.1, point 9). Raises as `chronology` does.
        """
        policy = self._policy()
        view = _Look(self._records, policy, reader, child, None)
        raised = self._raised.flags(view.root)
        if policy.roles[reader.by.role].coordinates:
            found = [shown(f, self._raised.settings, view.sight, policy) for f in raised]
        else:
            drawn = self._drawn_again(view)
            found = [shown(f, self._raised.settings, view.sight, policy) for f in drawn]
            found += released(raised, reader.by.role)
        answer = tuple(sorted(found, key=lambda f: (-f.severity, f.raised_at, f.id)))
        self._record(reader, view, encode(answer), "flags")
        return answer

    def due(self, reader: Reader, child: UUID) -> tuple[Item, ...]:
        """What the protocol asks for on a child, as far as this reader may see what it stands on.

        Raises as `chronology` does.
        """
        policy = self._policy()
        view = _Look(self._records, policy, reader, child, None)
        if policy.roles[reader.by.role].coordinates:
            answer = tuple(self._raised.worklist(view.root))
        else:
            facts = known_at(view.known_again(), view.now)
            timeline = Timeline(facts, view.now, self._raised.feeds())
            answer = tuple(item(due) for due in pathway(Pathed(timeline, self._raised.pack)).dues)
        self._record(reader, view, encode(answer), "due")
        return answer

    def _drawn_again(self, view: "_Look") -> list[Flag]:
        return draw_flags(
            [child.id for child in view.people],
            view.known_again(),
            now=view.now,
            feeds=self._raised.feeds(),
            reviews=reviews_of(view.people),
            settings=self._raised.settings,
            patterns=[rule for rule in CATALOGUE if not rule.crosses],
        ).flags

    def find(self, reader: Reader, identifier: Identifier) -> Found:
        """The child an identifier stands for, as far as this reader may know them.

        Only an identifier that this reader may read of the child finds the child: one that stands in an
        entry hidden from them would otherwise shine through. Raises as `chronology` does, and UnknownChild
        alike where the identifier is nobody's.
        """
        identities = self._records.identities
        identities.forget()  # another process may have moved it to another child meanwhile
        stream = identities.stream(identifier)
        claimed = identities.look_up([stream]).get(stream)
        child = claimed.child if claimed else None
        view = _Look(self._records, self._policy(), reader, child or NOBODY, None)
        found = Found(view.root, view.shared().who)
        if stream not in {identities.stream(Identifier(**i)) for i in found.who.get("identifiers", ())}:
            raise UnknownChild
        self._record(reader, view, encode(found), "find")
        return found

    def _record(self, reader: Reader, view: "_Look", shown: bytes, question: str) -> None:
        """Nothing is shown unless this is recorded (decision 1)."""
        disclosed = Disclosed(
            reader=reader.by,
            purpose=reader.purpose,
            basis=view.policy.purposes[reader.purpose],
            policy=view.policy.name,
            question=question,
            scopes=tuple(sorted(view.read)),
            version=view.version,
            known_at=view.known_at,
            digest=hashlib.sha256(shown).digest(),
        )
        self._records.append(view.root, [disclosed], expected=view.version)


class _Look:
    """One reader looking at one child under one policy."""

    def __init__(
        self, records: Records, policy: Policy, reader: Reader, child: UUID, known_at: datetime | None
    ) -> None:
        self._records, self.policy, self._reader, self.known_at = records, policy, reader, known_at
        self.now = records.clock()
        self._may_ask()
        standing = records.person(child)
        self.root, self.version = standing[0].id, standing[0].version
        self._related = related(standing, reader.by, self.now, policy.relationship)
        self.people = standing if known_at is None else records.person(child, known_at)
        self._answers: dict[tuple[str, bool], Answer] = {}
        self._tiers: dict[tuple[str, str], Tier] = {}
        self._sights: dict[str, tuple[Tier, bool]] = {}
        self.read = {s.value for s in Scope if self.answer(s).tier is Tier.READ}
        self.known = {s.value for s in Scope if self.answer(s).tier is Tier.KNOWS}
        if not self.read:
            raise UnknownChild
        self._openers = {c.id: Opener(records.keys, c.id, self.read) for c in self.people}

    def sight(self, entry: str) -> tuple[Tier, bool]:
        """What this reader gets of an entry, and whether it is a restricted one."""
        if not self._sights:
            for line in self._records.lines(self.root, self.known_at):
                tier = self._tier(line.entry.type, line.entry.agency)
                self._sights[str(line.entry.id)] = tier, line.entry.restricted
        return self._sights.get(entry, (Tier.NOTHING, True))

    def known_again(self) -> list[Known]:
        """The history a rule may see on this reader's behalf: entries and signals of scopes they read."""
        openers = {c.id: Opener(self._records.keys, c.id, (SIGNALS,)) for c in self.people}
        lines = self._records.lines(self.root, self.known_at)
        readable = [x for x in lines if self._tier(x.entry.type, x.entry.agency) is Tier.READ]
        return known_by(readable, lambda line, entry: self._signals(openers[line.record], entry))

    def _signals(self, opener: Opener, entry: Entry) -> Mapping[str, Any]:
        signals = opener.fields(entry, SIGNALS)
        marks = field_marks(TYPE_BY_NAME[signals.get("type", entry.type)])
        return {
            name: value
            for name, value in signals.items()
            if name == "type" or not isinstance(marks[name].scope, Scope) or marks[name].scope in self.read
        }

    def _may_ask(self) -> None:
        role = self.policy.roles.get(self._reader.by.role)
        if role is None or role.agency != self._reader.by.agency:
            raise NotAllowed("No such role at this agency")
        if self._reader.purpose not in role.purposes:
            raise NotAllowed("Your role may not look for this purpose")

    def answer(self, scope: str, *, works_with_other: bool = False) -> Answer:
        """What the policy says of a scope for this reader and child."""
        at = (scope, works_with_other)
        if at not in self._answers:
            reader = self._reader
            self._answers[at] = self.policy.answer(
                Situation(reader.by.role, reader.purpose, scope, self._related, works_with_other)
            )
        return self._answers[at]

    def shared(self) -> SharedChronology:
        """Everything this reader may see of the child, in the order it happened."""
        # A gap stands at the beginning of its day: its place among the day's entries would say its hour.
        lines = tuple(sorted(self._lines(), key=_shown_at))
        return SharedChronology(
            child=self.root,
            role=self._reader.by.role,
            purpose=self._reader.purpose,
            basis=self.policy.purposes[self._reader.purpose],
            policy=self.policy.name,
            as_at=self.now,
            who=_who([line for line in lines if isinstance(line, ShownEntry)]),
            lines=lines,
            known_at=self.known_at,
        )

    def _lines(self) -> Iterable[ShownEntry | Gap]:
        for line in self._records.lines(self.root, self.known_at):
            tier = self._tier(line.entry.type, line.entry.agency)
            if tier is Tier.READ:
                yield self._shown(line)
            elif tier is Tier.KNOWS and not line.entry.restricted and line.standing is Standing.CURRENT:
                agency = Agency(line.entry.agency)
                yield Gap(_day(line.entry.occurred_at), agency.value, self.policy.contacts[agency])

    def _tier(self, type_: str, agency: str) -> Tier:
        """What this reader gets of entries of a type."""
        tier = self._tiers.get((type_, agency))
        if tier is None:
            tier = self._tiers[type_, agency] = self.answer(home_scope_of(type_, agency)).tier
        return tier

    def _shown(self, line: Line) -> ShownEntry:
        entry, completed, changed = line.entry, line.completed_by, line.changed_by
        ending: dict[str, msgspec.Raw] = {}
        more: tuple[Withheld, ...] = ()
        erased = False
        try:
            fields, withheld = self._fields(line.record, entry)
            if completed is not None:
                ending, more = self._fields(line.record, completed.entry)
        except CannotUnseal:
            fields, withheld, ending, more, erased = {}, (), {}, (), True
        return ShownEntry(
            entry.id,
            entry.agency,
            _true_type(entry, fields) if entry.restricted else entry.type,
            entry.occurred_at,
            entry.precision,
            line.recorded_at,
            msgspec.Raw(entry.open),
            fields,
            ended_at=completed.entry.ended_at if completed else entry.ended_at,
            ongoing=entry.ongoing and completed is None,
            learned_at=entry.learned_at,
            standing=line.standing.value,
            change=_change(line.standing, changed) if changed else None,
            ending=ending,
            withheld=(*withheld, *(w for w in more if w not in withheld)) if more else withheld,
            erased=erased,
        )

    def _fields(self, record: UUID, entry: Entry) -> tuple[dict[str, msgspec.Raw], tuple[Withheld, ...]]:
        opened, shut = self._openers[record].open(entry)
        fields = {scope: msgspec.Raw(body) for scope, body in opened.items()}
        if OTHER_CHILD in opened and self._works_with_other(fields[OTHER_CHILD]):
            del fields[OTHER_CHILD]
        # What of this entry the policy lets the reader know of, and whom to ring.
        known = [scope for scope in shut if scope in self.known]
        return fields, tuple(self._withheld(scope, entry.agency) for scope in known) if known else ()

    def _withheld(self, scope: str, agency: str) -> Withheld:
        return Withheld(scope, agency, self.policy.contacts[Agency(agency)])

    def _works_with_other(self, body: msgspec.Raw) -> bool:
        """True where the reader also works with a child whom this entry names (rule 2)."""
        others = [UUID(hex=link["child"]) for link in _decode(body).get("children", ())]
        rule = self.policy.relationship
        return any(
            allocated(self._records.person(other), self._reader.by, self.now, rule)
            and self.answer(Scope.OTHER_CHILD, works_with_other=True).tier is not Tier.READ
            for other in others
        )


def _who(lines: Sequence[ShownEntry]) -> dict[str, Any]:
    """Who the child is, as the entries this reader may read say it; the latest word on each field stands."""
    who: dict[str, Any] = {}
    identifiers: dict[tuple[str, str], Mapping[str, str]] = {}
    for raw in _last_said(lines):
        said = _decode(raw)
        for identifier in said.pop("identifiers", ()):
            identifiers[identifier["system"], identifier["value"]] = identifier
        who.update({name: value for name, value in said.items() if name in WHO})
    return {**who, "identifiers": [identifiers[key] for key in sorted(identifiers)]} if identifiers else who


def _last_said(lines: Sequence[ShownEntry]) -> Iterable[bytes]:
    """What standing entries say of who and where, each once, in the order of its last saying."""
    said: dict[bytes, None] = {}
    for line in reversed(lines):
        if line.standing == Standing.CURRENT:
            for scope in (Scope.IDENTITY.value, Scope.WHEREABOUTS.value):
                raw = line.fields.get(scope)
                if raw is not None:
                    said[bytes(raw)] = None
    return reversed(said)


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


def _shown_at(line: ShownEntry | Gap) -> datetime:
    return line.occurred_at
