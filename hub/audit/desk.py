"""The auditor's questions about what was shown: who may ask, and that they asked is recorded first."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from hub.audit.covering import Covered, cover, uncovered_for
from hub.audit.explaining import Shown, disclosure_at, disclosure_to
from hub.audit.inspection import may_ask, record_inspection
from hub.audit.past import Drawing
from hub.audit.replaying import SAYS, Replayed, Verdict, replay
from hub.records import Records
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.share import Share
from hub.sharing.view import SharedChronology


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
