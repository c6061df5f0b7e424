"""Draws what an adapter said as lines a person can read, correct and extend."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from adapters.format import Finding, Format, Sender
from schemas.case_event import CaseEvent, field_marks

READ_AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SHARED_BY_ALL = set(CaseEvent.model_fields)


def sender(
    organisation: str = "Testshire", *, read_at: datetime = READ_AT, settings: Path | None = None
) -> Sender:
    return Sender(organisation, "invented-system", read_at, settings)


def said(
    form: Format, raw: bytes, who: Sender | None = None, *, name: str | None = None
) -> list[CaseEvent | Finding]:
    """All that an adapter says of the bytes; `name` is the file's, where the format reads it."""
    file = BytesIO(raw)
    if name is not None:
        file.name = name
    return list(form.translate(file, who or sender()))


def events(things: Iterable[CaseEvent | Finding]) -> list[CaseEvent]:
    return [thing for thing in things if not isinstance(thing, Finding)]


def findings(things: Iterable[CaseEvent | Finding]) -> list[Finding]:
    return [thing for thing in things if isinstance(thing, Finding)]


def drawn(things: Iterable[CaseEvent | Finding]) -> str:
    """One line each: an event's day (..its end), type and signals; a finding's weight, place, code, field."""
    return "\n".join(_finding(thing) if isinstance(thing, Finding) else _event(thing) for thing in things)


def table(text: str) -> str:
    """A drawn table as it stands in a test: without its indentation and blank lines."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def counted(things: Iterable[CaseEvent | Finding]) -> dict[str, int]:
    """How many of each type of event and of each refusal or warning, by code and field."""
    return dict(
        Counter(
            f"{'refused' if thing.refused else 'warning'} {thing.code} {thing.field or ''}".rstrip()
            if isinstance(thing, Finding)
            else thing.type.split(".")[1]
            for thing in things
        )
    )


def _finding(finding: Finding) -> str:
    weight = "refused" if finding.refused else "warning"
    return " ".join(filter(None, (weight, finding.place, finding.code, finding.field)))


def _event(event: CaseEvent) -> str:
    day = f"{event.occurred_at:%Y-%m-%d}"
    if event.ended_at:
        day += f"..{event.ended_at:%Y-%m-%d}"
    marks = field_marks(type(event))
    signals = [
        f"{name}={_value(getattr(event, name))}"
        for name in type(event).model_fields
        if name not in SHARED_BY_ALL and marks[name].signal and getattr(event, name) not in (None, ())
    ]
    ongoing = ["ongoing"] if event.ongoing else []
    return " ".join([day, event.type.split(".")[1], *ongoing, *signals])


def _value(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, tuple) else str(value)
