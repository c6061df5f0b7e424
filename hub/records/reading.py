"""Reading a record back: fold a stream, follow joined records, open signals for the rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

import msgspec

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import CannotUnseal, Opening
from hub.domain.child import Child, Kept, Resealed, evolve
from hub.domain.chronology import Line, Standing, chronology
from hub.domain.entry import MARK, Entry
from hub.domain.incident import judged, judged_facts, said_of
from hub.domain.knowledge import Known
from hub.domain.question import AnswersResealed
from hub.domain.sealed_again import sealed_again
from hub.domain.strand import key_owner
from hub.domain.timeline import Fact, Facts, Tie
from hub.store.mapper import StreamEvent
from schemas.catalogue import TYPE_BY_NAME
from schemas.incidents import ANY, sorts_told
from schemas.scope import SIGNALS

T = TypeVar("T")


class Eyes(Protocol):
    """For whom a child is read: which of the entries there are for them, and what of their signals.

    `records` are all that are read as the child: what closes an entry may stand on another than it does.
    """

    def sees(self, records: Sequence[Child], entry: Entry) -> bool:
        """Whether the entry exists for them."""

    def signals(self, records: Sequence[Child], signals: Mapping[str, Any]) -> Mapping[str, Any]:
        """What they have of an entry's signals."""


class All:
    """Everything there is: for who decides nothing by it, and shows it to nobody."""

    def sees(self, records: Sequence[Child], entry: Entry) -> bool:  # noqa: ARG002
        """Every entry exists."""
        return True

    def signals(self, _records: Sequence[Child], signals: Mapping[str, Any]) -> Mapping[str, Any]:
        """All of them."""
        return signals


class Unrestricted(All):
    """Everything whose processing is not restricted: for counts and trials, which protect no child."""

    def sees(self, records: Sequence[Child], entry: Entry) -> bool:
        """Whether the entry is not restricted (UK GDPR art. 18)."""
        return not any(entry.id in record.restrictions for record in records)


ALL = All()
UNRESTRICTED = Unrestricted()
_json: Callable[[bytes], Mapping[str, Any]] = msgspec.json.Decoder().decode
_TIED = ("incident", "first_teller", "children", "people", "places", "type")


def fold(child: Child, events: Iterable[StreamEvent], known_at: datetime | None = None) -> Child:
    """Bring a record forward by its events, or as far as they were known at a moment."""
    for _, _, at, body in events:
        if known_at is None or at <= known_at:
            evolve(child, body, at)
    return child


def as_sealed_now(events: Sequence[StreamEvent]) -> Sequence[StreamEvent]:
    """A whole stream with every envelope as it is sealed now: what is read of the past opens with these.

    What was sealed again says what it said (decision 74): only the keys that open it are others.
    """
    again: dict[bytes, bytes] = {}
    for event in reversed(events):  # what was sealed again twice is read as it was sealed last
        if isinstance(event.body, Resealed | AnswersResealed):
            again |= {was: again.get(newer[:MARK], newer) for was, newer in event.body.envelopes}
    if not again:
        return events
    return [event._replace(body=sealed_again(event.body, again)) for event in events]


class Opener(Generic[T]):
    """Opens entries of one record in some scopes and no others, fetching its keys once."""

    def __init__(
        self,
        keys: KeyRing,
        record: UUID,
        scopes: Iterable[str],
        as_: Callable[[bytes], T],
        *,
        remember: bool = True,
    ) -> None:
        """Open in these scopes; each body is handed over `as_` that: decoded, or as it is.

        `remember=False`: keys that this alone had opened stay in no memory.
        """
        wanted = frozenset(scopes)

        def of(strand: str) -> Opening[T]:
            owner = key_owner(record, strand)
            found = keys.for_opening_all(owner, wanted, remember=remember)
            return Opening(owner, found, wanted, as_)

        self._of = cache(of)

    def open(self, entry: Entry) -> tuple[dict[str, T], list[str]]:
        """Open the entry's envelopes in these scopes, by scope; and name the scopes left shut.

        One whose key was destroyed, or withdrawn, is in neither. Raises CannotUnseal where one is not what
        was sealed.
        """
        return self._of(entry.strand).open(entry.id, entry.type, entry.envelopes)

    def opening(self, strand: str) -> Opening[T]:
        """What opens envelopes of a strand, for whoever opens very many."""
        return self._of(strand)


def signals_of(opener: Opener[Mapping[str, Any]], entry: Entry) -> Mapping[str, Any]:
    """The entry's signals; none where it has none. Raises as `Opener.open`, and where they are erased."""
    found = opener.open(entry)[0].get(SIGNALS)
    if found is None and any(envelope.scope == SIGNALS for envelope in entry.envelopes):
        raise CannotUnseal("key-missing")
    return found or {}


def signal_openers(records: Iterable[Child], keys: KeyRing) -> dict[UUID, Opener[Mapping[str, Any]]]:
    """One opener of signals for each record."""
    return {child.id: Opener(keys, child.id, (SIGNALS,), _json) for child in records}


def facts_of(records: Iterable[Child], keys: KeyRing, eyes: Eyes = ALL) -> Facts:
    """What the rules may see of a child: the standing entries' times, types and signals."""
    records = tuple(records)
    signals = _signals_by(records, keys, eyes)
    facts = (
        fact
        for line in _seen(records, eyes)
        if line.standing is Standing.CURRENT
        for fact in _fact(line, signals)
    )
    return Facts(judged_facts(facts, said_of(records)))


def _seen(records: Sequence[Child], eyes: Eyes) -> Iterable[Line]:
    return _seen_of(records, chronology(records), eyes)


def _seen_of(records: Sequence[Child], lines: Iterable[Line], eyes: Eyes) -> Iterable[Line]:
    for line in lines:
        if eyes.sees(records, line.entry):
            ending = line.completed_by
            there = ending is None or eyes.sees(records, ending.entry)
            yield line if there else line._replace(completed_by=None)


def _signals_by(records: Sequence[Child], keys: KeyRing, eyes: Eyes) -> "Signals":
    openers = signal_openers(records, keys)

    def signals(line: Line, entry: Entry) -> Mapping[str, Any]:
        return eyes.signals(records, signals_of(openers[line.record], entry))

    return signals


def _fact(line: Line, said: "Signals") -> Iterable[Fact]:
    try:
        signals = said(line, line.entry)
        ending = said(line, line.completed_by.entry) if line.completed_by else {}
    except CannotUnseal:  # an erased entry has no signals left: no rule may see it
        return
    yield fact_of(line, signals, ending)


def fact_of(line: Line, signals: Mapping[str, Any], ending: Mapping[str, Any]) -> Fact:
    """One line as a rule sees it; the event that ended an episode adds its signals."""
    entry = line.entry
    merged = {**signals, **ending}
    recorded = line.recorded_at
    if line.completed_by:
        recorded = max(recorded, _recorded(line.completed_by))
    kind = TYPE_BY_NAME[signals.get("type", entry.type)]
    return Fact(
        entry=entry.id,
        kind=kind,
        family=entry.agency,
        at=entry.occurred_at,
        recorded_at=recorded,
        ended_at=line.ended_at,
        ongoing=line.ongoing,
        signals={name: value for name, value in merged.items() if name not in _TIED},
        incident=merged.get("incident"),
        teller=merged.get("first_teller"),
        children=_ties(merged, "children"),
        people=_ties(merged, "people"),
        places=_ties(merged, "places"),
        sorts=sorts_told(kind, merged) or ANY,
    )


def _recorded(kept: Kept) -> datetime:
    return kept.recorded_at


def _ties(signals: Mapping[str, Any], name: str) -> tuple[Tie, ...]:
    return tuple(Tie(relation, hashed) for relation, hashed in signals.get(name, ()))


class Parted(NamedTuple):
    """A record that was once read with a child's, and from when until when; or an entry that was moved to it.

    `people`: all records that it is read with now: what closes it stands on any of them.
    """

    record: Child
    since: datetime
    until: datetime
    people: tuple[Child, ...] = ()
    entry: UUID | None = None

    @property
    def read_as(self) -> tuple[Child, ...]:
        """The records of the child whose it is now."""
        return self.people or (self.record,)

    def lines(self) -> Iterable[Line]:
        """What was read as the other child's. Of an entry that was moved, as it stood there: by itself."""
        if self.entry is None:
            return chronology((self.record,))
        kept = self.record.entries.get(self.entry)  # None: erased where it went
        line = kept and Line(self.record.id, kept.entry, self.since, Standing.CURRENT, None, None)
        return (line,) if line else ()


def known_of(
    records: Iterable[Child], keys: KeyRing, parted: Iterable[Parted] = (), eyes: Eyes = ALL
) -> list[Known]:
    """What the hub knew of a child, and from when until when: the history of what rules may see.

    What was found to be another child's is known until it was: records and entries that `parted` names. What
    closes these where they stand now closes that past.
    """
    records = tuple(records)
    signals = _signals_by(records, keys, eyes)
    found = [known for line in _seen(records, eyes) for known in _known(line, signals)]
    for one in parted:
        openers = signal_openers((one.record,), keys)

        def theirs(line: Line, entry: Entry, of: Parted = one, openers: Any = openers) -> Mapping[str, Any]:
            return eyes.signals(of.read_as, signals_of(openers[line.record], entry))

        known = (k for line in _seen_of(one.read_as, one.lines(), eyes) for k in _known(line, theirs))
        found += _within(known, one.since, one.until)
    return judged(found, said_of(records))


def known_while_one(one: Parted, known: Iterable[Known], records: Iterable[Child]) -> list[Known]:
    """Of what somebody knows of a record, what was known of these while it was read with them."""
    theirs = (each for each in known if each.fact.entry in one.record.entries)
    return judged(list(_within(theirs, one.since, one.until)), said_of(records))


def _within(known: Iterable[Known], since: datetime, until: datetime) -> Iterable[Known]:
    """What was known between two moments, as known from the first on and until the second at most."""
    for one in known:
        start, end = max(one.since, since), min(one.until or until, until)
        if start < end:
            yield one._replace(since=start, until=end)


Signals = Callable[[Line, Entry], Mapping[str, Any]]
"""How the signals of an entry are come by."""


def known_by(lines: Iterable[Line], signals: Signals) -> list[Known]:
    """The same, of some lines, with the signals a reader may see."""
    return [known for line in lines for known in _known(line, signals)]


def _known(line: Line, signals: Signals) -> Iterable[Known]:
    ending, changed = line.completed_by, line.changed_by
    until = changed.recorded_at if changed else None
    try:
        beginning = signals(line, line.entry)
        said = signals(line, ending.entry) if ending else {}
    except CannotUnseal:  # an erased entry has no signals left: no rule may see it
        return
    if ending is None or ending.entry is line.entry:
        yield Known(fact_of(line, beginning, {}), line.recorded_at, until)
        return
    ended_from = max(ending.recorded_at, line.recorded_at)
    if line.recorded_at < ended_from:
        yield Known(fact_of(line._replace(completed_by=None), beginning, {}), line.recorded_at, ended_from)
    if until is None or until > ended_from:
        yield Known(fact_of(line, beginning, said), ended_from, until)
