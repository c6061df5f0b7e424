"""The auditor's questions about what was shown: who may ask, and that they asked is recorded first."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from hub.audit.circumstances import Circumstances
from hub.audit.covering import Covered, CoveredLine, cover, uncovered_for
from hub.audit.explaining import Shown, disclosure_at, disclosure_to
from hub.audit.inspection import may_ask, record_inspection
from hub.audit.looks import Looked, all_looks, looks_at
from hub.audit.past import Drawing, Past
from hub.audit.replaying import SAYS, Replayed, Verdict, replay
from hub.audit.unusual import Signs, Unusual, unusual
from hub.domain.feed import Inspected
from hub.records import Records
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.share import Share
from hub.sharing.view import SharedChronology
from hub.store.mapper import HUB

INSPECTIONS = uuid5(HUB, "inspections")
"""The stream of what auditors were told of several children at once."""


class ShownAgain(msgspec.Struct, frozen=True, omit_defaults=True):
    """One disclosure drawn again: to whom, for what, whether it is what was shown.

    `covered` is for auditors, who read no record; `words` for a reader of the child, as far as they read it.
    """

    record: UUID
    version: int
    recorded_at: datetime
    person: str
    role: str
    agency: str
    question: str
    purpose: str
    policy: str
    verdict: Verdict
    says: str
    digest: str
    drawn_digest: str
    drawn_at: datetime | None = None
    known_at: datetime | None = None
    glass: UUID | None = None
    covered: Covered | None = None
    words: SharedChronology | None = None


class Hall(NamedTuple):
    """What the auditor's questions are asked of."""

    records: Records
    share: Share
    drawing: Drawing
    policy: Policy


def shown_at(hall: Hall, reader: Reader, child: UUID, version: int) -> ShownAgain:
    """What event `version` of a record showed, covered, for an auditor.

    Raises NotAllowed for any other role, Refused where that event is no disclosure, Altered.
    """
    return _covered(hall, reader, lambda: disclosure_at(hall.records, child, version))


def shown_to(hall: Hall, reader: Reader, child: UUID, person: str, at: datetime) -> ShownAgain:
    """The last that a person was shown of a child by a moment, for an auditor. Raises as `shown_at`."""
    return _covered(hall, reader, lambda: disclosure_to(hall.records, child, person, at))


def in_words(hall: Hall, reader: Reader, child: UUID, version: int) -> ShownAgain:
    """A chronology as it was shown, in its words, for who may read the child: as far as they read it now.

    That they look is recorded first, as a look at the chronology. Raises as `Share.chronology` does; Refused
    where that event is no disclosure.
    """
    now = hall.share.chronology(reader, child)
    found = replay(
        hall.records, hall.drawing, hall.share.disclosures, disclosure_at(hall.records, child, version)
    )
    words = uncovered_for(found.answer, now) if isinstance(found.answer, SharedChronology) else None
    return msgspec.structs.replace(_told(found), words=words)


def stood_at(hall: Hall, reader: Reader, child: UUID, at: datetime, version: int) -> tuple[CoveredLine, ...]:
    """The record as it stood after its event `version`, covered, for an auditor.

    Records read with it are as they stood `at` that moment. Raises NotAllowed, UnknownChild.
    """
    may_ask(hall.policy, reader)
    people = hall.records.person(child)
    exact = {people[0].id: version} if len(people) == 1 else None
    lines = Past(hall.records, at, exact).lines(child)
    stood = tuple(
        CoveredLine(
            line.entry.occurred_at,
            line.entry.agency,
            line.entry.type,
            line.entry.id,
            line.recorded_at,
            str(line.standing),
        )
        for line in lines
    )
    record_inspection(hall.records, hall.policy, reader, child, "stood", msgspec.json.encode(stood))
    return stood


def who_saw(hall: Hall, reader: Reader, child: UUID) -> list[Looked]:
    """Every look at a child, in order, for an auditor. Raises NotAllowed, UnknownChild."""
    may_ask(hall.policy, reader)
    found = looks_at(hall.records, hall.share.disclosures, child, hall.policy)
    record_inspection(hall.records, hall.policy, reader, child, "who-saw", msgspec.json.encode(found))
    return found


def seen_by(hall: Hall, reader: Reader, person: str, since: datetime, until: datetime) -> list[Looked]:
    """Everything a person saw from one moment until another, in order, for an auditor. Raises NotAllowed."""
    may_ask(hall.policy, reader)
    found = _looks(hall, since, until, person)
    _record(hall, reader, "seen-by", person, found)
    return found


def unusual_access(
    hall: Hall, reader: Reader, signs: Signs, since: datetime, until: datetime, person: str | None = None
) -> list[Unusual]:
    """What is unusual among the looks of a person, or of everybody, for an auditor. Raises NotAllowed.

    The report is for a person to look into; nothing follows from it by itself.
    """
    may_ask(hall.policy, reader)
    looks = _looks(hall, since, until, person)
    found = unusual(looks, signs, hall.policy, Circumstances(hall.records))
    _record(hall, reader, "unusual-access", person or "", found)
    return found


def _looks(hall: Hall, since: datetime, until: datetime, person: str | None) -> list[Looked]:
    return all_looks(hall.records, hall.share.disclosures, hall.policy, since, until, person)


def _record(hall: Hall, reader: Reader, question: str, about: str, told: object) -> None:
    """Record that an auditor was told this, before they are: in the hub's own stream of inspections."""
    digest = sha256(msgspec.json.encode(told)).digest()
    inspected = Inspected(by=reader.by, question=question, about=about, digest=digest)
    hall.records.record({}, appended={INSPECTIONS: [inspected]})


def _covered(hall: Hall, reader: Reader, of: Callable[[], Shown]) -> ShownAgain:
    may_ask(hall.policy, reader)
    shown = of()
    found = replay(hall.records, hall.drawing, hall.share.disclosures, shown)
    covered = None if found.answer is None else cover(found.answer)
    told = msgspec.structs.replace(_told(found), covered=covered)
    record_inspection(hall.records, hall.policy, reader, shown.record, "shown", msgspec.json.encode(told))
    return told


def _told(found: Replayed) -> ShownAgain:
    said = found.shown.disclosed
    return ShownAgain(
        found.shown.record,
        found.shown.version,
        found.shown.at,
        said.reader.person,
        said.reader.role,
        said.reader.agency,
        said.question,
        said.purpose,
        said.policy,
        found.verdict,
        SAYS[found.verdict],
        found.kept,
        found.drawn,
        said.drawn_at,
        said.known_at,
        said.glass,
    )
