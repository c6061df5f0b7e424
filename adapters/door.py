"""The publishing side's door: what a file holds past the refusals, and a report of what became of it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from adapters.format import Finding, Format, Sender, Untranslatable
from schemas.case_event import CaseEvent
from schemas.images import holds_image, is_image
from schemas.naming import another_child_in
from schemas.wire import encode

SHOWN = 200
"""Findings a report holds; the spool keeps them all."""

Progress = Callable[[int], None]
"""Is told how many bytes of the file have been read."""


@dataclass(slots=True)
class Report:
    """What became of one file. Counts and findings, never a value.

    `events` were taken and spooled; `sent` reached the bus, with what was waiting before and the heartbeat;
    `unchanged` were said before in the same words; `unreadable` names why nothing was taken; `unavailable`
    why the bus has not got it yet.
    """

    format: str
    sha256: str
    events: int = 0
    sent: int = 0
    refused: int = 0
    warnings: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unreadable: Finding | None = None
    unavailable: str | None = None

    def count(self, what: Finding | CaseEvent | None) -> None:
        """Add one thing the file held."""
        if isinstance(what, Finding):
            self.codes[what.code] = self.codes.get(what.code, 0) + 1
            self.refused += what.refused
            self.warnings += not what.refused
            if len(self.findings) < SHOWN:
                self.findings.append(what)
        else:
            self.events += what is not None
            self.unchanged += what is None

    def nothing_taken(self, finding: Finding) -> None:
        """The file cannot be read to its end: what was counted of it so far does not count."""
        self.events = self.unchanged = self.withdrawn = 0
        self.unreadable = finding
        self.count(finding)


def rehearse(format_: Format, file: BinaryIO, sender: Sender, progress: Progress) -> Report:
    """Read a file and say what would become of it; nothing is sealed, kept or sent."""
    report = Report(format_.name, digest(file))
    try:
        for what in checked(format_, file, sender):
            report.count(what)
            progress(file.tell())
    except Untranslatable as error:
        report.nothing_taken(error.finding)
    return report


def checked(format_: Format, file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """What a format makes of a file, past the door: another agency's events and pictures become findings.

    Where the format makes nothing of it, a warning says so. Raises Untranslatable.
    """
    if is_image(file.read(32)):
        raise Untranslatable(Finding("document", "image-refused"))
    file.seek(0)
    silent = True
    for what in format_.translate(file, sender):
        silent = False
        if isinstance(what, Finding):
            yield what
        else:
            yield _refusal(format_, what) or what
    if silent:
        yield Finding("document", "nothing-said", refused=False)


def digest(file: BinaryIO) -> str:
    """SHA-256 of the file, which is then at its start again."""
    sha = hashlib.sha256()
    for chunk in iter(lambda: file.read(1 << 20), b""):
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()


def _refusal(format_: Format, event: CaseEvent) -> Finding | None:
    place = event.source.place if event.source else "document"
    if event.agency != format_.agency:
        return Finding(place, "agency-of-another-format", "agency")
    body = encode(event)
    named = another_child_in(event, body)
    if named is not None:
        return Finding(place, "names-another-child", named)
    if holds_image(body.decode()):
        texts = ((name, str(value)) for name, value in event.model_dump(mode="json").items())
        return Finding(place, "image-refused", next((n for n, text in texts if holds_image(text)), None))
    return None
