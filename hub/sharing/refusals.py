"""Refused looks: one path for a record there is not, one that is another's, and one that is barred.

Each is one event in one stream, recorded before the answer; of a bar the same event says so. What follows for
those who answer for bars is found by the teller later, so that it costs whoever asks nothing (decision 62).
"""

from uuid import UUID

from hub.domain.calendar import LONDON
from hub.domain.refusal import NO_BAR, LookRefused, Rule, refusals_of
from hub.errors import NotAllowed, UnknownChild
from hub.records import Records
from hub.sharing.look import Hidden, MayNotAsk, Reader
from hub.sharing.relationship import Barred
from hub.store.mapper import REFUSED, StreamEvent
from hub.telling.matter import Matter
from hub.telling.settings import Kind

ALERTED = ("information-governance-lead", "caldicott-guardian")
"""Who is told that somebody came against a bar, the first the settings know (field.md: conflict block)."""
PAGE = 1000


class Refusals:
    """Records refused looks, and reads them back."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def note(
        self, reader: Reader, question: str, sought: UUID, why: NotAllowed | UnknownChild | None = None
    ) -> None:
        """Record one, with the rule that refused it: `why`, or None where no look was.

        It stands with the record that is barred, else with what was asked about.
        """
        bar = why if isinstance(why, Barred) else None
        place = bar.record if bar else sought
        refused = LookRefused(
            reader=reader.by,
            purpose=reader.purpose,
            question=question,
            sought=place,
            bar=bar.restriction if bar else NO_BAR,
            rule=_rule_of(why),
        )
        self._records.append(refusals_of(place), [refused])


class BarsMet:
    """Bars that somebody came against, for the teller: once a day for each person and bar."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._read: dict[UUID, int] = {}
        self._position: int | None = None
        self._waiting: list[Matter] = []

    def until(self, _now: object) -> list[Matter]:
        """What came about since it was settled last; at first all there ever was, which is told once."""
        rows = self._records.archive.rows
        if self._position is None:
            self._position = rows.max_notification_id() or 0
            self._look(rows.streams_of(REFUSED))
        while page := rows.rows_after(self._position, PAGE):
            self._look(dict.fromkeys(UUID(bytes=row.stream) for row in page if row.topic == REFUSED))
            self._position = page[-1].position
        return self._waiting

    def settled(self) -> None:
        """What `until` told last is recorded as to be told."""
        self._waiting = []

    def _look(self, streams: "list[UUID] | dict[UUID, None]") -> None:
        for stream in streams:
            for event in self._records.archive.stream(stream, after=self._read.get(stream)):
                self._read[stream] = event.originator_version
                if event.body.bar != NO_BAR:
                    self._waiting.append(_matter(event))


def _rule_of(why: NotAllowed | UnknownChild | None) -> Rule:
    match why:
        case Barred():
            return Rule.BARRED
        case Hidden() | MayNotAsk():
            return why.rule
        case UnknownChild():
            return Rule.NO_RECORD
    return Rule.ACT


def _matter(event: StreamEvent) -> Matter:
    refused: LookRefused = event.body
    version = f"{refused.reader.person}@{event.at.astimezone(LONDON).date()}"
    return Matter(Kind.BAR_MET, refused.bar, version, refused.sought, ALERTED, event.at)
