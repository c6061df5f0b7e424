"""Case events as a system of a partner posts them: one a line, in the words of schemas/published."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.format import Finding, Format, Sender
from schemas.case_event import CaseEvent
from schemas.catalogue import InvalidEvent, UnknownType, UnknownVersion, parse_event
from schemas.vocabulary import Agency

MAX_LINE = 1_000_000


def format_of(agency: Agency) -> Format:
    """The format in which an agency's own systems post. It takes the way of every native format."""
    return Format(
        name=f"{agency.value}.case-events",
        agency=agency,
        kind="message",
        about="Case events as a partner's system posts them by HTTP: JSON, one a line",
        sample=Path(__file__).with_name("case_events.sample.ndjson"),
        translate=translate,
    )


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """Read posted events; a bad one is named by its line, and the rest goes on.

    A system speaks for itself: an event that names another system is refused.
    """
    for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        if len(line) > MAX_LINE:
            yield Finding(place, "too-long")
            return
        yield _event(line, place, sender.system)


def _event(line: bytes, place: str, system: str) -> CaseEvent | Finding:
    try:
        event = parse_event(line)
    except UnknownType:
        return Finding(place, "unknown-type", "type")
    except UnknownVersion:
        return Finding(place, "unknown-version", "type")
    except InvalidEvent as wrong:
        field, code = wrong.findings[0]
        return Finding(place, code, field or None)
    if event.system != system:
        return Finding(place, "system-of-another", "system")
    return event
