"""What a native format is to the publisher: a pure function from bytes to case events and findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends the file: what the native format itself does not say.

    `read_at` is when the file was read or the question asked (a query answer is "X said Y at T").
    `settings` names a file of local maps (column map, code vocabulary), where the format takes one.
    """

    organisation: str
    system: str
    read_at: datetime
    settings: Path | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a record, said without its value.

    `refused`: no event was made of this record; otherwise it was taken with this warning.
    `code` is a closed, lower-case, hyphenated word (or a DfE rule, `cin:1510`); `place` is a line,
    an XPath or a segment; `field` is the sender's field name.
    """

    place: str
    code: str
    field: str | None = None
    refused: bool = True


class Untranslatable(Exception):
    """The file as a whole cannot be read in this format: nothing of it was taken."""

    def __init__(self, finding: Finding) -> None:
        """Keep the finding; the text never carries input."""
        field = f" ({finding.field})" if finding.field else ""
        super().__init__(f"{finding.place}: {finding.code}{field}")
        self.finding = finding


SourceKind = Literal["message", "snapshot", "answer"]


@dataclass(frozen=True, slots=True)
class Format:
    """One native format of one agency, as `hub-publish --list` shows it.

    `kind` says how repeats are read: a `message` is one happening; a `snapshot` restates everything, so
    the publisher sends differences only; an `answer` is the state at the time asked (formats.md 1.0).
    `edition` reads from the start of a snapshot what it restates whole (a census's reference date, as ISO
    text, later ones greater; "" where it cannot tell). Only between files of one edition does a record that
    is gone mean that it was taken back.
    """

    name: str
    agency: Agency
    kind: SourceKind
    about: str
    sample: Path
    translate: Callable[[BinaryIO, Sender], Iterator[CaseEvent | Finding]]
    edition: Callable[[BinaryIO], str] | None = None
