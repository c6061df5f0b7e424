"""Which lines of a chronology are looked at: by agency, theme, period and significance, a page at a time."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from hub.domain.calendar import LONDON
from hub.domain.strand import WHOLE, Strand
from hub.errors import Refused
from hub.sharing.view import Gap, ShownEntry
from hub.web.themes import Theme, theme_of
from schemas.vocabulary import Agency, Significance

DEFAULT = Significance.NOTABLE.value

Line = ShownEntry | Gap


class Selection(NamedTuple):
    """What to look at; nothing said means all of it. Both days are included."""

    agency: Agency | None = None
    since: date | None = None
    until: date | None = None
    significance: Significance | None = None
    theme: Theme | None = None
    strand: Strand | None = None

    def of(self, lines: Iterable[Line]) -> list[Line]:
        """The lines that are looked at, in their order.

        An entry counts on every day it went on, and on every day it may have been where the time is known
        to the month or year only. An entry that may only be known of has no significance, theme or strand to
        go by: it stays, rather than be taken for unimportant. A strand's chronology is its own entries with
        those of neither strand.
        """
        return list(lines) if self == Selection() else [line for line in lines if self._holds(line)]

    def _holds(self, line: Line) -> bool:
        if self.agency is not None and line.agency != self.agency:
            return False
        first, last = days_of(line)
        if self.until is not None and first > self.until:
            return False
        if self.since is not None and last < self.since:
            return False
        if isinstance(line, Gap):
            return True
        apart = self.strand is not None and line.strand not in (WHOLE, self.strand)
        if apart or (self.theme is not None and theme_of(line.type) != self.theme):
            return False
        return self.significance is None or significance_of(line) == self.significance


def significance_of(entry: ShownEntry) -> str:
    """How much the sender said the entry matters."""
    said: dict[str, str] = msgspec.json.decode(entry.open)
    return said.get("significance", DEFAULT)


def days_of(line: Line) -> tuple[date, date]:
    """The first and the last day, in London, on which a line may have been true."""
    first = line.occurred_at.astimezone(LONDON).date()
    if isinstance(line, Gap):
        return first, first
    if line.ongoing:
        return first, date.max
    last = _end_of(first, line.precision)
    if line.ended_at is not None:
        last = max(last, line.ended_at.astimezone(LONDON).date())
    return first, last


def _end_of(day: date, precision: str) -> date:
    if precision == "year":
        return date(day.year, 12, 31)
    if precision == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return day


class Cursor(NamedTuple):
    """Where the next page begins: the moment the first page was drawn at, and how many lines came before.

    All pages show the record as known at one moment, so that nothing recorded meanwhile moves a line from
    one page to another. `question` is a digest of what was asked, `before` one of which lines came before:
    what is closed, or opened, to the reader meanwhile would move them too.
    """

    known_at: datetime
    offset: int
    question: str
    before: str


def question_of(*parts: object) -> str:
    """A digest of what was asked, so that a cursor goes on with its own question only."""
    return hashlib.sha256(msgspec.json.encode([str(part) for part in parts])).hexdigest()[:16]


def to_text(cursor: Cursor) -> str:
    """A cursor as it travels. It says nothing the reader was not shown, and gives no right to anything."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def from_text(text: str, question: str) -> Cursor:
    """Read a cursor that was given out for this question. Raises Refused."""
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text.encode()), type=Cursor)
    except (ValueError, msgspec.DecodeError):
        raise Refused("the cursor is not one the hub gave out") from None
    if cursor.question != question or cursor.offset < 1 or cursor.known_at.tzinfo is None:
        raise Refused("the cursor belongs to another question; ask again without it")
    return cursor


def page_of(
    lines: Sequence[Line], after: Cursor | None, limit: int
) -> tuple[Sequence[Line], tuple[int, str] | None]:
    """So many lines from there, and where the next page begins, after which lines; None at the end.

    Raises Refused where the lines before it are others by now: one would be passed over, and nothing say so.
    """
    begin = after.offset if after else 0
    if after and after.before != _which(lines[:begin]):
        raise Refused("the cursor is of before something was closed or opened to you; ask again without it")
    end = begin + limit
    return lines[begin:end], (end, _which(lines[:end])) if end < len(lines) else None


def _which(lines: Sequence[Line]) -> str:
    return question_of(*(line.id if isinstance(line, ShownEntry) else line for line in lines))
