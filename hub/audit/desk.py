"""The auditor's questions about what was shown: who may ask, and that they asked is recorded first."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from hub.audit.circumstances import Circumstances
from hub.audit.covering import CoveredLine, uncovered_for
from hub.audit.explaining import Shown, disclosure_at, disclosure_to
from hub.audit.inspection import may_ask, may_ask_of, record_inspection
from hub.audit.inspections import Hall, Told, ToldAgain, again, every, told
from hub.audit.looks import Looked, all_looks, looks_at
from hub.audit.replaying import ShownAgain, as_it_stood, replay, shown_again, stood_again, told_of
from hub.audit.unusual import Signs, Unusual, unusual
from hub.audit.unwraps import Hashed, Unwraps, compare, without_barred
from hub.sharing.look import Reader
from hub.sharing.view import SharedChronology


def shown_at(hall: Hall, reader: Reader, child: UUID, version: int) -> ShownAgain:
    """What event `version` of a record showed, covered, for an auditor.

    Raises NotAllowed for any other role, UnknownChild, Refused where that event is no disclosure, Altered.
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
    return msgspec.structs.replace(told_of(found), words=words)


def stood_at(hall: Hall, reader: Reader, child: UUID, at: datetime, version: int) -> tuple[CoveredLine, ...]:
    """The record as it stood after its event `version`, covered, for an auditor.

    Records read with it are as they stood `at` that moment. Raises NotAllowed, UnknownChild.
    """
    may_ask_of(hall.records, hall.policy, reader, child)
    then = as_it_stood(hall.records, child, at, version).person(child)
    may_ask_of(hall.records, hall.policy, reader, *(record.id for record in then))
    stood = stood_again(hall.records, child, at, version)
    asked = {"at": at.isoformat(), "version": str(version)}
    record_inspection(hall.records, hall.policy, reader, child, "stood", msgspec.json.encode(stood), asked)
    return stood


def who_saw(hall: Hall, reader: Reader, child: UUID) -> list[Looked]:
    """Every look at a child, in order, for an auditor. Raises NotAllowed, UnknownChild."""
    may_ask_of(hall.records, hall.policy, reader, child)
    found = looks_at(hall.records, hall.share.disclosures, child, hall.policy)
    record_inspection(hall.records, hall.policy, reader, child, "who-saw", msgspec.json.encode(found))
    return found


def seen_by(hall: Hall, reader: Reader, person: str, since: datetime, until: datetime) -> list[Looked]:
    """Everything a person saw from one moment until another, in order, for an auditor. Raises NotAllowed."""
    may_ask(hall.policy, reader)
    asked = _span(since, until)
    return told(hall, reader, "seen-by", person, asked, lambda: _looks(hall, reader, since, until, person))


def unusual_access(
    hall: Hall, reader: Reader, signs: Signs, since: datetime, until: datetime, person: str | None = None
) -> list[Unusual]:
    """What is unusual among the looks of a person, or of everybody, for an auditor. Raises NotAllowed.

    The report is for a person to look into; nothing follows from it by itself.
    """
    may_ask(hall.policy, reader)

    def ask() -> list[Unusual]:
        looks = _looks(hall, reader, since, until, person)
        return unusual(looks, signs, hall.policy, Circumstances(hall.records))

    asked = {**_span(since, until), "signs": signs.model_dump_json(by_alias=True)}
    return told(hall, reader, "unusual-access", person or "", asked, ask)


def unwrapped(
    hall: Hall,
    reader: Reader,
    log: Callable[[], Iterable[bytes]],
    paths: Mapping[str, str],
    hashed: Hashed | None = None,
) -> Unwraps:
    """What a key service unwrapped, by its log, beside what was recorded, for an auditor.

    No record is named that is barred to them. Raises NotAllowed; Refused as `compare`. Nothing follows from
    it by itself.
    """
    may_ask(hall.policy, reader)

    def ask() -> Unwraps:
        return without_barred(hall.records, reader.by, compare(hall.records, log(), paths, hashed))

    return told(hall, reader, "unwrapped", "", {}, ask)


def inspections(hall: Hall, reader: Reader) -> list[Told]:
    """What auditors were told of several children at once, in order, for an auditor. Raises NotAllowed."""
    may_ask(hall.policy, reader)
    return told(hall, reader, "inspections", "", {}, lambda: every(hall.records))


def inspected(hall: Hall, reader: Reader, number: int) -> ToldAgain:
    """One of these drawn again, compared with its digest, for an auditor. Raises NotAllowed, Refused."""
    may_ask(hall.policy, reader)
    asked = {"number": str(number)}

    def ask() -> ToldAgain:
        return again(hall.records, hall.share.disclosures, number, reader.by)

    return told(hall, reader, "inspected", "", asked, ask)


def _looks(hall: Hall, reader: Reader, since: datetime, until: datetime, person: str | None) -> list[Looked]:
    return all_looks(hall.records, hall.share.disclosures, hall.policy, reader.by, since, until, person)


def _span(since: datetime, until: datetime) -> dict[str, str]:
    return {"since": since.isoformat(), "until": until.isoformat()}


def _covered(hall: Hall, reader: Reader, of: Callable[[], Shown]) -> ShownAgain:
    may_ask(hall.policy, reader)
    shown = of()  # first: where the record was damaged, it is named by its place
    beside = shown.disclosed.stood_on.beside if shown.disclosed.stood_on else ()
    may_ask_of(hall.records, hall.policy, reader, shown.record, *(record for record, _ in beside))
    found = shown_again(hall.records, hall.drawing, hall.share.disclosures, shown)
    asked = {"version": str(shown.version)}
    encoded = msgspec.json.encode(found)
    record_inspection(hall.records, hall.policy, reader, shown.record, "shown", encoded, asked)
    return found
