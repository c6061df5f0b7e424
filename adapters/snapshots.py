"""What a restated snapshot says anew: only what differs from the last reading is sent (formats.md 1.0).

- Unchanged: nothing is sent.
- Changed: the same natural key, suffixed `#2`, `#3` …, correcting what was said before.
- Vanished: withdrawn, and only where the format says which *edition* the file restates (a census's reference
  date). A record is vanished when the last file that held it was of the same edition, its child is in this
  file, and no refused finding stands in that child's record, or outside every record. Otherwise silence
  is not a withdrawal: next year's census leaves out what ended this year.
- A file of an earlier edition does not overrule what a later one said.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from adapters.format import Finding
from schemas.case_event import CaseEvent, Identifier, SourceRecord, Withdrawal, WithdrawalReason
from schemas.vocabulary import Agency

Hash = Callable[..., bytes]
"""A keyed hash of a purpose and parts (`schemas.wire.Outgoing.hash`)."""

_LONGEST = 280


@dataclass(frozen=True, slots=True)
class Known:
    """What was last said under one natural key. All hashes are keyed; `said_as` is kept sealed.

    `said_as` is the source event id last used; `edition` that of the last file that held the record
    (empty: the format tells none); `child` is empty for what can never vanish.
    """

    key: bytes
    child: bytes
    digest: bytes
    version: int
    edition: str
    withdrawn: bool
    said_as: str = field(repr=False)


class Difference(NamedTuple):
    """One record of the reading: what to send of it, if anything, and what is known from now on.

    `known` are the records it is about: itself, and what it takes back.
    """

    event: CaseEvent | None
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """Who restates what, when: what a vanished record's withdrawal says. `of` is the format's own word."""

    of: str
    agency: Agency
    system: str
    organisation: str
    read_at: datetime
    sha256: str


def differences(
    previous: Mapping[bytes, Known], said: Iterable[CaseEvent | Finding], hash_: Hash, edition: Edition
) -> Iterator[Finding | Difference]:
    """Compare a reading with the last one; findings pass through. Previous is not changed."""
    reading = _Reading(previous, hash_, edition)
    for what in said:
        if isinstance(what, Finding):
            reading.doubt(what)
            yield what
        else:
            yield reading.compare(what)
    yield from reading.vanished()


class _Reading:
    """One reading under way: what this file has said so far."""

    def __init__(self, previous: Mapping[bytes, Known], hash_: Hash, edition: Edition) -> None:
        self._previous, self._hash, self._edition = previous, hash_, edition
        self._now: dict[bytes, Known] = {}
        self._children: dict[bytes, tuple[Identifier, ...]] = {}
        self._records: dict[bytes, set[str | None]] = {}
        self._doubtful: set[str | None] = set()

    def compare(self, event: CaseEvent) -> Difference:
        """What to send of one event."""
        key, of = self._key(event.source_event_id), self._edition.of
        child = self._present(event)
        before = self._known(key)
        said = event.model_copy(update=self._targets(event))
        ended = self._taken_back(event)
        if before is not None and of and of < before.edition:
            return self._learn(None, before, *ended)
        digest = self._digest(said)
        if before is not None and before.digest == digest and not before.withdrawn:
            return self._learn(None, replace(before, edition=of), *ended)
        version = before.version + 1 if before else 1
        known = Known(key, child, digest, version, of, False, _versioned(event.source_event_id, version))
        changed = {"source_event_id": known.said_as}
        if before is not None and not before.withdrawn and not isinstance(event, Withdrawal):
            changed["corrects"] = before.said_as
        return self._learn(said.model_copy(update=changed), known, *ended)

    def doubt(self, finding: Finding) -> None:
        """A refused record may be one that was said before: it is not vanished."""
        if finding.refused:
            self._doubtful.add(record_of(finding.place))

    def vanished(self) -> Iterator[Difference]:
        """Withdrawals of what this edition no longer says of the children in it."""
        if not self._edition.of or None in self._doubtful:
            return
        for key, known in self._previous.items():
            if key in self._now or known.withdrawn or known.edition != self._edition.of:
                continue
            if known.child in self._children and not self._doubtful & self._records[known.child]:
                gone = self._withdrawal(known, self._children[known.child])
                yield Difference(gone, (replace(known, withdrawn=True),))

    # ------------------------------------------------------------

    def _known(self, key: bytes) -> Known | None:
        return self._now.get(key) or self._previous.get(key)

    def _learn(self, event: CaseEvent | None, *known: Known) -> Difference:
        self._now.update((k.key, k) for k in known)
        return Difference(event, known)

    def _key(self, source_event_id: str) -> bytes:
        return self._hash("record", source_event_id)[:16]

    def _digest(self, event: CaseEvent) -> bytes:
        """What was said, not where it stood; a withdrawal is no other one because it was read later."""
        apart = {"source", "occurred_at"} if isinstance(event, Withdrawal) else {"source"}
        return self._hash("content", event.model_dump_json(exclude=apart, exclude_defaults=True))

    def _present(self, event: CaseEvent) -> bytes:
        if isinstance(event, Withdrawal):
            return b""
        first = event.identifiers[0]
        child = self._hash("child", first.system, first.value)[:16]
        self._children.setdefault(child, event.identifiers)
        place = record_of(event.source.place) if event.source else None
        self._records.setdefault(child, set()).add(place)
        return child

    def _targets(self, event: CaseEvent) -> dict[str, str]:
        """What the event points at by natural key, as it was last said."""
        fields = ("corrects", "completes", "withdraws")
        said = {name: value for name in fields if isinstance(value := getattr(event, name, None), str)}
        known = {name: self._known(self._key(value)) for name, value in said.items()}
        return {name: found.said_as for name, found in known.items() if found is not None}

    def _taken_back(self, event: CaseEvent) -> tuple[Known, ...]:
        """The sender's own withdrawal ends what it withdraws; said again later, it is said anew."""
        target = self._known(self._key(event.withdraws)) if isinstance(event, Withdrawal) else None
        return (replace(target, withdrawn=True),) if target is not None else ()

    def _withdrawal(self, known: Known, identifiers: tuple[Identifier, ...]) -> Withdrawal:
        edition = self._edition
        return Withdrawal.model_validate(
            {
                "type": f"{edition.agency.value}.withdrawal.v1",
                "agency": edition.agency,
                "system": edition.system,
                "organisation": edition.organisation,
                "source_event_id": _suffixed(known.said_as, " withdrawn"),
                "withdraws": known.said_as,
                "reason": WithdrawalReason.PURGED_AT_SOURCE,
                "identifiers": identifiers,
                "occurred_at": edition.read_at,
                "source": SourceRecord(edition.sha256, "document"),
            }
        )


def record_of(place: str) -> str | None:
    """The record a place is in, up to its first index (`/Message/Children/Child[3]`, `/2`); None: in none."""
    parts = place.split("/")
    for count, part in enumerate(parts, 1):
        if part.isdigit() or part.endswith("]"):
            return "/".join(parts[:count])
    return None


def _versioned(source_event_id: str, version: int) -> str:
    return source_event_id if version == 1 else _suffixed(source_event_id, f"#{version}")


def _suffixed(source_event_id: str, suffix: str) -> str:
    """A key too long for a suffix is replaced by its hash, always the same."""
    if len(source_event_id) > _LONGEST:
        source_event_id = sha256(source_event_id.encode()).hexdigest()
    return source_event_id + suffix
